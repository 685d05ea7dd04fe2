"""Figures of a policy changed without its text: each stands in its place, and nothing else of the file moves."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.pay import piece_value
from approval.rules.policy import chosen, load, shipped_codes, shipped_text
from approval.rules.policy_figures import TEXT, Figure, Figures, figures
from approval.rules.policy_lint import lints
from approval.rules.policy_place import OWN, top
from approval.rules.policy_text import PolicyText
from approval.rules.refusal import Refused

C1 = shipped_text("d17-c1")
KPI = C1[C1.index("kpi = [") : C1.index("\n]\n", C1.index("kpi = [")) + 3]


def figures_in(text: str, **choices: str) -> Figures:
    return figures(load(text).raw, choices)


def named(found: Figures, zh: str, what: str = "") -> Figure:
    return next(one for one in found.each() if (one.of.zh, one.what) == (zh, what))


def rate(text: str, score: int, **choices: str) -> Decimal:
    scale = chosen(load(text), choices).scales["bonus_rate"]
    value, _piece = piece_value(scale["pieces"], Fraction(score))
    return Decimal(value.numerator) / value.denominator


@pytest.mark.parametrize("code", shipped_codes())
def test_every_figure_of_every_shipped_policy_can_be_changed_and_nothing_else_moves(code: str) -> None:
    changed = PolicyText(shipped_text(code))
    now = list(figures_in(changed.text).each())
    for place in range(len(now)):
        kept = [one.text for one in now]
        kept[place] = "七" if now[place].kind == TEXT else "7"
        changed.put(now[place].path, kept[place])
        now = list(figures_in(changed.text, **changed.own).each())
        assert [one.text for one in now] == kept


@pytest.mark.parametrize("code", shipped_codes())
def test_a_text_in_which_nothing_was_changed_stays_as_it_was_to_the_letter(code: str) -> None:
    text = shipped_text(code)
    unchanged = PolicyText(text)
    for one in figures_in(text).each():
        unchanged.put(one.path, one.text)
    assert (unchanged.text, unchanged.own) == (text, {})


def test_a_figure_inside_a_reading_becomes_the_companys_own_and_the_source_keeps_its_words() -> None:
    found = figures_in(C1, tiers="ladder90").ladders[0]
    changed = PolicyText(C1)
    changed.put((*found.rows[3].path, "lt"), "92")
    changed.put(found.rows[3].cells[0].path, "0.85")
    assert changed.own == {"tiers": OWN}
    assert [rate(changed.text, score, tiers=OWN) for score in (79, 91, 92)] == [Decimal("0.6"), Decimal("0.85"), 1]
    assert rate(changed.text, 91, tiers="ladder90") == 1, "the reading of the source is as it was"
    *others, own = next(one for one in load(changed.text).options if one.code == "tiers").readings
    assert (own.code, own.zh, own.en) == (OWN, "公司自定", "The company's own")
    assert tuple(others) == next(one for one in load(C1).options if one.code == "tiers").readings, "named as before"


def test_an_option_whose_readings_have_no_names_gets_one_for_the_companys_own() -> None:
    text = (Path(__file__).parent / "written" / "bare.toml").read_text(encoding="utf-8")
    changed = PolicyText(text)
    changed.put(named(figures_in(text, half="yes"), "own").path, "2")
    assert changed.own == {"half": OWN}
    (option,) = load(changed.text).options
    assert {one.code: (one.zh, one.en) for one in option.readings} == {
        "no": ("no", "no"),
        "yes": ("yes", "yes"),
        OWN: ("公司自定", "The company's own"),
    }


def test_a_second_change_goes_into_the_companys_own_figures() -> None:
    first = PolicyText(C1)
    first.put(figures_in(C1).ladders[0].rows[0].cells[0].path, "0.1")
    again = PolicyText(first.text, first.own)
    again.put(figures_in(first.text, **first.own).ladders[0].rows[1].cells[0].path, "0.5")
    assert [rate(again.text, score, tiers=OWN) for score in (59, 60, 70)] == [
        Decimal("0.1"),
        Decimal("0.5"),
        Decimal("0.6"),
    ]


def test_a_band_comes_behind_another_and_goes_and_the_last_one_stays() -> None:
    path = figures_in(C1).ladders[0].path
    changed = PolicyText(C1)
    changed.add_row(path, 0)
    rows = figures_in(changed.text, **changed.own).ladders[0].rows
    assert [row.upper for row in rows] == [("lt", "60"), ("lt", "60"), ("lt", "70"), ("lt", "80"), ("", "")]
    for _ in range(4):
        changed.drop_row(path, 0)
    with pytest.raises(Refused, match="至少保留一行"):
        changed.drop_row(path, 0)
    assert rate(changed.text, 10, tiers=OWN) == 1


def test_a_kpi_item_comes_with_one_point_and_goes_with_the_readings_about_it() -> None:
    changed = PolicyText(C1)
    changed.add_item(("kpi",), "新的指标")
    assert changed.text.count('code = "item7"') == 1
    changed.drop_item(("kpi",), 5)
    policy = load(changed.text)
    assert [one.code for one in policy.kpi] == ["plan", "innovation", "training", "summary", "pages", "item7"]
    assert "proposals" not in {one.code for one in policy.options}
    assert any(one.code == "kpi_sum" for one in lints(chosen(policy, {})))


def test_what_the_source_does_not_print_is_named_until_the_company_has_filled_it_in() -> None:
    text = shipped_text("d03-gradient-bonus")
    found = figures_in(text)
    assert [words.zh for _path, words in found.to_fill] == [
        "个人销售梯度",
        "客户满意度梯度",
        "团队销售梯度",
        "团队合作梯度",
    ]
    indicators = figures_in(shipped_text("d14-quarterly-category")).to_fill
    assert [words.zh for path, words in indicators if "indicators" in path][:2] == ["销售目标完成情况", "客户满意度"]
    changed = PolicyText(text)
    for path, _words in found.to_fill:
        changed.fill(path)
    assert figures_in(changed.text).to_fill == ()
    assert not any(one.code == "to_fill" for one in lints(chosen(load(changed.text), {})))


def test_a_whole_number_stays_a_number_and_a_text_a_text() -> None:
    changed = PolicyText(C1)
    changed.put(named(figures_in(C1), "每周抽查", "计划几条").path, "6")
    changed.put(named(figures_in(C1), "绩效奖金").path, "350.5")
    raw = tomllib.loads(changed.text)
    assert raw["appraisal"]["sampling"]["per_period"]["target"] == 6
    assert raw["params"]["bonus"]["value"] == "350.5"


@given(st.text(min_size=1, max_size=30))
def test_any_words_are_kept_as_typed(words: str) -> None:
    changed = PolicyText(KPI)
    changed.put(("kpi", 0, "zh"), words)
    assert tomllib.loads(changed.text)["kpi"][0]["zh"] == words


def test_a_place_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="没有这一处"):
        PolicyText(C1).put(("params", "nothing", "value"), "1")
    with pytest.raises(Refused, match="语法错误"):
        PolicyText("a = = 1")


def test_a_reading_without_names_gets_its_own_all_the_same() -> None:
    bare = "\n".join(
        line
        for line in C1.split("\n")
        if not line.startswith(("names.monotone", "names.ladder90", "names.f", "names.sh"))
    )
    changed = PolicyText(bare)
    changed.put(figures_in(bare).ladders[0].rows[0].cells[0].path, "0.1")
    option = next(one for one in load(changed.text).options if one.code == "tiers")
    assert {one.code: one.zh for one in option.readings}[OWN] == "公司自定"


def test_the_words_of_a_band_are_no_column_of_it() -> None:
    named_bands = C1.replace(
        'pieces = [\n  { lt = "60", value = "0",',
        'pieces = [\n  { lt = "60", value = "0", zh = "低", en = "Low", note = "档",',
        1,
    )
    plain = named_bands.replace("[options.tiers]", "[options.other]").replace("options.tiers.", "options.other.")
    (ladder,) = figures_in(plain.replace('"scales.bonus_rate.pieces"', '"params.bonus.value"')).ladders
    assert [one.zh for one in ladder.columns] == ["取值"]
    assert ladder.plain


def test_a_place_beyond_the_end_of_a_list_is_none() -> None:
    whole = top(load(C1).raw, {})
    kpi = whole.get("kpi")
    assert kpi is not None
    assert kpi.get(len(kpi.value)) is None
    assert kpi.get(len(kpi.value) - 1) is not None
    assert whole.within("kpi", 0, "nothing", "more") is None


def test_a_column_that_no_line_asks_for_is_called_by_its_key() -> None:
    text = shipped_text("d17-y1").replace('normal = "0.010", high', 'normal = "0.010", spare = "1", high')
    (ladder,) = [one for one in figures_in(text).ladders if one.of.zh == "提成比例"]
    assert [one.zh for one in ladder.columns] == ["普通产品提成", "spare", "高利润产品提成"]
    assert not ladder.plain, "a row of another make is not copied"


def test_the_bound_of_a_streak_is_among_the_figures() -> None:
    streaks = figures_in(shipped_text("d08-customer-service")).streaks
    assert "65" in {one.text for one in streaks if one.what == "得分"}
