"""Pay lines changed without a policy's text: each text loads, says what it should, and elsewhere stands as it stood."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from approval.rules.pay import evaluate
from approval.rules.pay_line_forms import (
    FIGURE,
    FORM_OF,
    FORMS,
    RATE,
    SCALE,
    STANDARD,
    Given,
    LineForm,
    NewLine,
    figure,
    known_figures,
    known_standards,
    standard,
)
from approval.rules.pay_lines_text import LinesText
from approval.rules.policy import Policy, chosen, load, shipped_codes, shipped_text
from approval.rules.policy_blank import BY_ITEMS, SCORED_BY, Blank, blank_text
from approval.rules.policy_lint import lints
from approval.rules.policy_uses import idle
from approval.rules.refusal import Refused

C1 = shipped_text("d17-c1")
FULL_ATTENDANCE = 1
Readings = dict[str, str]


def kept(text: LinesText) -> Policy:
    """The policy as it would be kept."""
    policy = load(text.text)
    known = {one.code for one in policy.options}
    return chosen(policy, {option: one for option, one in (text.choices | text.own).items() if option in known})


def blocks(policy: Policy) -> set[tuple[str, str]]:
    return {(one.code, one.path) for one in lints(policy) if one.severity == "block"}


def lost(before: str, after: str) -> list[str]:
    """The lines of a text that are not in the other."""
    told = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in told if line.startswith("- ")]


def new_line(form: LineForm, scale: str = "") -> NewLine:
    parts = {
        STANDARD: Given("", standard("新标准", "New standard", "5")),
        RATE: Given("", standard("新比例", "New rate", "0.1", "fraction")),
        FIGURE: Given("", figure("新数据", "New figure", form.types[0], "data_department"))
        if form.types
        else Given(""),
        SCALE: Given(scale),
    }
    return NewLine(form, "新的一项", "New line", {kind: parts[kind] for kind in form.asks if kind in parts})


def readings_of(policy: Policy, line: str) -> Iterator[Readings]:
    """The readings of every option that says something of the factors of a line, one by one; the defaults first."""
    yield {}
    for code, option in policy.raw.get("options", {}).items():
        if any(name.startswith(f"components.{line}.factors") for one in option["choices"].values() for name in one):
            yield from ({code: reading} for reading in option["choices"] if reading != option["default"])


@pytest.mark.parametrize("code", shipped_codes())
def test_lines_of_every_form_come_to_every_shipped_policy_and_nothing_else_moves(code: str) -> None:
    text = shipped_text(code)
    before, changed = chosen(load(text), {}), LinesText(text, {}, mark="7")
    scale = changed.add_scale("系数", "", [("60", "0")], "1")
    added = []
    for form in FORMS:
        paid = [line for line in before.components if any(one.get("input") in form.takes for one in line["factors"])]
        if paid:
            with pytest.raises(Refused, match=f"“{paid[0]['zh']}”已经发放这笔金额；同一笔钱不能发两次"):
                changed.add_line(new_line(form))
        else:
            added.append(changed.add_line(new_line(form, scale)))
    policy = kept(changed)
    assert [one["code"] for one in policy.components] == [*(one["code"] for one in before.components), *added]
    assert added == [f"line7_{number + 1}" for number in range(len(added))]
    assert all(one["rules"] == ["company"] for one in policy.components[len(before.components) :])
    assert {key: policy.scales[scale][key] for key in ("zh", "input")} == {"zh": "系数", "input": "score"}
    assert lost(text, changed.text) == []
    assert {what for what, _path in blocks(policy) - blocks(before)} <= {"no_parts"}, "the lint says who must score"


SEVERAL_LINES = [code for code in shipped_codes() if len(load(shipped_text(code)).components) > 1]


@pytest.mark.parametrize("code", SEVERAL_LINES)
def test_every_line_of_every_shipped_policy_can_go_and_no_reading_dangles(code: str) -> None:
    text = shipped_text(code)
    before = chosen(load(text), {})
    for place, line in enumerate(before.components):
        changed = LinesText(text, {})
        changed.drop_line(place)
        policy = kept(changed)
        assert line["code"] not in {one["code"] for one in policy.components}
        assert f"components.{line['code']}." not in changed.text
        assert blocks(policy) <= blocks(before)
        assert idle(policy.raw) == idle(before.raw), "what only this line asked for is gone too"


def dropped(text: str, readings: Readings, line: int, place: int) -> LinesText | None:
    """The text without a factor; None where it has to stay."""
    changed = LinesText(text, readings)
    try:
        changed.drop_factor(line, place)
    except Refused as refused:
        if refused.fault in ("last factor", "unknown place", "no amount to round", "records of a table"):
            return None
        raise
    return changed


@pytest.mark.parametrize("code", shipped_codes())
def test_every_factor_can_go_under_every_reading_of_its_line(code: str) -> None:
    text = shipped_text(code)
    raw = load(text)
    for line, component in enumerate(raw.components):
        for readings in readings_of(raw, component["code"]):
            factors = chosen(raw, readings).components[line]["factors"]
            for place, gone in enumerate(factors):
                changed = dropped(text, readings, line, place)
                if changed is not None:
                    now = kept(changed).components[line]
                    left = [one for one in factors if "off" not in one and one is not gone]
                    assert [one for one in now["factors"] if "off" not in one] == left
                    assert "company" in (*now["rules"], *changed.own.values())


@pytest.mark.parametrize("code", shipped_codes())
def test_no_factor_that_goes_leaves_a_broken_reading_behind(code: str) -> None:
    text = shipped_text(code)
    before = chosen(load(text), {})
    for line, component in enumerate(before.components):
        changed = dropped(text, {}, line, len(component["factors"]) - 1)
        if changed is not None:
            assert blocks(kept(changed)) <= blocks(before)


def test_a_changed_list_of_factors_becomes_the_companys_own_reading() -> None:
    changed = LinesText(C1, {"base_proration": "attendance"})
    changed.add_factor(0, {"const": "1.1"})
    assert changed.own == {"base_proration": "company"}
    own, source = kept(changed), chosen(load(changed.text), {"base_proration": "attendance"})
    assert own.components[0]["factors"][-1] == {"const": "1.1"}
    assert own.components[0]["rules"] == ["R138", "R015", "company"]
    assert (source.components[0]["factors"], source.components[0]["rules"]) == (
        chosen(load(C1), {}).components[0]["factors"],
        ["R138", "R015"],
    ), "the reading of the source is as it was"


def test_a_factor_that_a_reading_puts_is_switched_off_in_the_companys_own_reading() -> None:
    changed = LinesText(shipped_text("d09-marketing"), {})
    policy = kept(changed)
    base = policy.components[0]["factors"]
    place = next(at for at, one in enumerate(base) if one.get("code") == "days")
    changed.drop_factor(0, place)
    assert kept(changed).components[0]["factors"][place] == {"code": "days", "off": True}
    assert changed.own == {"base_proration": "company"}


def test_a_line_takes_the_readings_that_are_about_it_alone_and_leaves_the_others() -> None:
    changed = LinesText(C1, {})
    changed.drop_line(FULL_ATTENDANCE)
    policy = kept(changed)
    before = {one.code for one in load(C1).options}
    assert before - {one.code for one in policy.options} == {"full_attendance", "absence_one_day", "fa_base"}
    assert "days_in_post" not in changed.text, "nor what only another reading of it brought"


def test_the_condition_of_a_line_goes_with_the_readings_about_it() -> None:
    changed = LinesText(C1, {})
    changed.drop_guard(FULL_ATTENDANCE, "unless")
    policy = kept(changed)
    assert "unless" not in policy.components[FULL_ATTENDANCE]
    assert {"full_attendance", "absence_one_day"}.isdisjoint(one.code for one in policy.options)
    assert "fa_base" in {one.code for one in policy.options}, "it is about the factors too"
    assert "late" not in policy.inputs
    with pytest.raises(Refused, match="没有这一处"):
        changed.drop_guard(FULL_ATTENDANCE, "unless")


def test_a_part_in_use_stays_and_one_that_is_idle_goes_with_its_mark() -> None:
    changed = LinesText(shipped_text("demo/department-head"), {})
    with pytest.raises(Refused, match="还有条款用到它"):
        changed.drop_part("scales", "factor")
    with pytest.raises(Refused, match="还有条款用到它"):
        changed.drop_part("inputs", "score")
    place = next(at for at, one in enumerate(kept(changed).components) if one["code"] == "performance")
    changed.drop_factor(place, 1)
    assert idle(changed.raw) == [("scales", "factor")]
    changed.drop_part("scales", "factor")
    assert "scales.factor" not in changed.text
    assert kept(changed).scales == {}


def test_a_warning_about_a_line_goes_with_it() -> None:
    text = shipped_text("d01-ec-department")
    line = next(at for at, one in enumerate(load(text).components) if one["code"] == "commission")
    warned = (
        text + '\n[[warnings]]\ncode = "much"\nof = "commission"\ngt = { input = "product_profit", times = "0.05" }\n'
    )
    changed = LinesText(warned, {})
    changed.drop_line(line)
    assert not any(one.get("code") == "much" for one in kept(changed).warnings)


def test_the_last_line_and_the_last_factor_stay() -> None:
    changed = LinesText(blank_text(BLANK), {})
    with pytest.raises(Refused, match="至少保留一项工资"):
        changed.drop_line(0)
    changed.drop_factor(0, 1)
    with pytest.raises(Refused, match="至少要有一个因子"):
        changed.drop_factor(0, 0)
    with pytest.raises(Refused, match="没有这一处"):
        changed.drop_line(9)


def test_names_and_scope_change_and_the_order_of_what_stays_is_kept() -> None:
    changed = LinesText(shipped_text("d01-ec-department"), {})
    changed.put_names(("policy", "name"), "新名称", "")
    changed.put_scope("departments", ["发货部", "电子商务部", "电商部"])
    changed.put_scope("exclude_positions", [])
    policy = kept(changed)
    assert (policy.zh, policy.en) == ("新名称", "新名称")
    assert policy.raw["scope"] == {"departments": ["电商部", "电子商务部", "发货部"], "positions": ["*"]}


@pytest.mark.parametrize("code", shipped_codes())
def test_what_was_not_changed_stays_to_the_letter(code: str) -> None:
    text = shipped_text(code)
    same, raw = LinesText(text, {}), load(text).raw
    same.put_names(("policy", "name"), raw["policy"]["name"]["zh"], raw["policy"]["name"].get("en", ""))
    for key in ("departments", "positions", "exclude_positions"):
        same.put_scope(key, list(reversed(raw["scope"].get(key, []))))
    for place, line in enumerate(raw.get("components", ())):
        same.put_names(("components", place), line.get("zh", ""), line.get("en", ""))
    assert (same.text, same.own) == (text, {})


def test_codes_bear_the_mark_of_their_draft_and_are_never_given_twice() -> None:
    changed = LinesText(C1, {}, mark="12")
    codes = [changed.add_line(new_line(FORM_OF["counted"])) for _ in range(3)]
    assert codes == ["line12_1", "line12_2", "line12_3"]
    policy = kept(changed)
    assert {"std12_1", "std12_2", "std12_3"} <= policy.params.keys()
    assert {"fig12_1", "fig12_2", "fig12_3"} <= policy.inputs.keys()


def test_a_part_that_another_policy_has_comes_with_what_that_one_says_of_it() -> None:
    raws = [load(shipped_text(code)).raw for code in ("d08-customer-service", "d17-c1")]
    assert known_standards(raws).keys() == {"base"}
    figures = known_figures(raws)
    assert {"neutral_fixed", "sales", "late"} <= figures.keys()
    assert {"score", "rewards", "special", "team_share"}.isdisjoint(figures)
    changed = LinesText(blank_text(BLANK), {}, mark="1")
    parts = {FIGURE: Given("neutral_fixed", figures["neutral_fixed"]), STANDARD: Given("base")}
    changed.add_line(NewLine(FORM_OF["counted"], "奖", "", parts))
    assert kept(changed).inputs["neutral_fixed"].evidence is True


def test_the_records_that_a_table_reads_stay_before_it_and_other_records_may_go() -> None:
    text = shipped_text("d17-y1")
    lines = load(text).components
    place = next(at for at, line in enumerate(lines) if any("rows" in one for one in line["factors"]))
    at = next(at for at, one in enumerate(lines[place]["factors"]) if "rows" in one)
    with pytest.raises(Refused, match="请先去掉档位表"):
        LinesText(text, {}).drop_factor(place, at)
    changed = LinesText(text, {})
    changed.drop_factor(place, at + 1)
    changed.add_factor(place, {"const": "0.01"})
    changed.drop_factor(place, at)
    assert kept(changed).components[place]["factors"] == [{"const": "0.01"}]


def test_a_new_line_pays_what_its_form_says_to_the_fen() -> None:
    changed = LinesText(blank_text(BLANK), {}, mark="1")
    scale = changed.add_scale("系数", "", [("60", "0"), ("80", "0.6")], "1")
    changed.add_line(new_line(FORM_OF["counted"]))
    changed.add_line(new_line(FORM_OF["scored_attended"], scale))
    params = {"base": Decimal(3000)}
    inputs = {"scheduled": Decimal(20), "actual": Decimal(19), "score": Decimal(70), "fig1_1": Decimal(3)}
    lines = [line.amount_fen for line in evaluate(kept(changed), params, inputs).lines]
    assert lines == [285_000, 1_500, 285]


BLANK = Blank("policy-1", "新方案", "", ["*"], ["*"], date(2026, 12, 1), "items")


@pytest.mark.parametrize("by", SCORED_BY)
@pytest.mark.parametrize("base", [None, "3000"])
def test_a_policy_from_blank_has_no_fault(by: str, base: str | None) -> None:
    policy = load(blank_text(Blank("policy-1", "新方案", "New", ["发货部"], ["*"], date(2026, 12, 1), by, base)))
    assert lints(policy) == ()
    assert [(one["zh"], one["by"]) for one in policy.raw["appraisal"]["parts"]] == [
        ("自评", "employee"),
        ("主管评分" if by == BY_ITEMS else "抽查打分", "supervisor"),
    ]
    assert policy.effective_from == date(2026, 12, 1)


def test_a_constant_brings_no_attendance_and_the_ratio_brings_both_its_days() -> None:
    text = shipped_text("d03-gradient-bonus")
    changed = LinesText(text, {})
    changed.add_factor(0, {"const": "0.5"})
    assert not {"actual", "scheduled"} & load(changed.text).inputs.keys()
    changed.add_factor(0, {"ratio": ["actual", "scheduled"], "max": "1"})
    assert {"actual", "scheduled"} <= load(changed.text).inputs.keys()


def test_a_line_takes_its_warning_along_and_the_warnings_of_others_stay() -> None:
    text = shipped_text("d08-customer-service")
    other = '[[warnings]]\ncode = "more"\nof = "base"\ngt = { input = "product_profit", times = "0.9" }\n\n'
    both = text.replace("[[warnings]]", f"{other}[[warnings]]", 1)
    places = {line["code"]: place for place, line in enumerate(load(both).components)}
    for dropped, left in (("commission", ["more"]), ("base", ["commission"])):
        changed = LinesText(both, {})
        changed.drop_line(places[dropped])
        assert [one["of"] if left != ["more"] else one["code"] for one in load(changed.text).warnings] == left
    changed = LinesText(text, {})
    changed.drop_line(places["commission"])
    assert "warnings" not in load(changed.text).raw


def test_a_sampled_policy_from_blank_draws_three_to_five_a_week() -> None:
    told = Blank("policy-1", "新方案", "New", ["发货部"], ["*"], date(2026, 12, 1), "customers")
    plan = load(blank_text(told)).sampling
    assert plan is not None
    assert (plan.minimum, plan.target, plan.population) == (3, 5, "customers")


def test_every_figure_that_nothing_names_is_idle_but_the_score() -> None:
    raw = {
        "params": {"used": {}, "spare": {}},
        "inputs": {"rows": {}, "actual": {}, "scheduled": {}, "late": {}, "key": {}, "score": {}, "unasked": {}},
        "components": [
            {"factors": [{"param": "used"}, {"rows": "rows"}, {"ratio": ["actual", "scheduled"]}]},
            {"unless": {"sum": ["late"]}, "tables": [{"key": "key"}]},
        ],
    }
    assert idle(raw) == [("params", "spare"), ("inputs", "unasked")]
