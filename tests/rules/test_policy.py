"""A policy as data: read strictly, its readings chosen, frozen and thawed without a change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from approval.rules.policy import (
    Policy,
    canonical,
    chosen,
    fingerprint,
    load,
    policy_in_force,
    read_shipped,
    shipped_codes,
    shipped_text,
    thaw,
)
from approval.rules.refusal import Refused

HAN = re.compile("[\u4e00-\u9fff]")
SOURCE = Path(__file__).parent / "source.txt"
RULE_LINES = [line.split() for line in (SOURCE.parent / "rule_lines.txt").read_text(encoding="utf-8").splitlines()]
C1 = shipped_text("d17-c1")


def refusal(text: str, choices: dict[str, str] | None = None) -> str:
    with pytest.raises(Refused) as refused:
        chosen(load(text, "pay.toml"), choices or {})
    return str(refused.value)


def every_reading(policy: Policy) -> Iterator[dict[str, str]]:
    """Every two readings of different options together, the others as they are by default: no two options meet."""
    defaults = {option.code: option.default for option in policy.options}
    yield defaults
    for one, other in combinations(policy.options, 2):
        for first, second in product(one.choices, other.choices):
            yield {**defaults, one.code: first, other.code: second}


def leaves(told: Any) -> Iterator[Any]:
    if isinstance(told, dict):
        told = list(told.values())
    if isinstance(told, list | tuple):
        for one in told:
            yield from leaves(one)
    else:
        yield told


def named(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Everything that a page may print: where it stands, its Chinese and its English name."""
    yield from ((one.code, one.zh, one.en) for one in policy.params.values())
    yield from ((one.code, one.zh, one.en) for one in policy.inputs.values())
    yield from ((one.code, one.zh, one.en) for one in policy.kpi)
    yield from ((one.code, one.zh, one.en) for one in policy.streaks)
    yield from ((one.code, one.zh, one.en) for one in policy.options)
    for option in policy.options:
        yield from ((f"{option.code}.{one.code}", one.zh, one.en) for one in option.readings)
    plain = [*policy.components, *policy.pools, *policy.raw.get("appraisal", {}).get("parts", ())]
    plain += [*policy.scales.values(), *policy.tables.values()]
    plain += [piece for rating in policy.ratings.values() for piece in rating["pieces"]]
    yield from ((str(one)[:60], one.get("zh", ""), one.get("en", "")) for one in plain)


@pytest.mark.parametrize("code", shipped_codes())
def test_every_shipped_policy_names_its_parts_in_both_languages(code: str) -> None:
    for where, zh, en in named(read_shipped(code)):
        assert HAN.search(zh), where
        assert en, where
        assert not HAN.search(en), where


@pytest.mark.parametrize("code", shipped_codes())
def test_every_line_names_its_rules_and_a_source_line_quotes_its_sentence(code: str) -> None:
    policy = read_shipped(code)
    for component in policy.components:
        assert component["rules"]
        assert policy.source["doc"] == "company" or HAN.search(component["quote"])


def cited(told: Any) -> Iterator[tuple[list[str], str]]:
    """Every quote of a policy, readings included, with the rules named beside it."""
    if isinstance(told, dict):
        if "quote" in told:
            yield told.get("rules", []), told["quote"]
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            yield from cited(one)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("code", shipped_codes())
def test_every_quote_stands_in_the_source_word_for_word(code: str) -> None:
    source = bare(SOURCE.read_text(encoding="utf-8"))
    assert [quote for _rules, quote in cited(read_shipped(code).raw) if bare(quote) not in source] == []


@pytest.mark.parametrize("code", shipped_codes())
def test_every_quote_beside_rules_stands_in_the_lines_of_those_rules(code: str) -> None:
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    known = {rule: range(int(first) - 1, int(last)) for rule, first, last in RULE_LINES}
    for rules, quote in cited(read_shipped(code).raw):
        spans = [known[rule] for rule in rules]
        every = sorted({place for span in spans for place in span})
        told = [bare("".join(lines[place] for place in span)) for span in (*spans, every)]
        assert not rules or any(bare(quote) in one for one in told), f"{rules}: {quote}"


@pytest.mark.parametrize("code", shipped_codes())
def test_applying_the_default_readings_changes_nothing(code: str) -> None:
    policy = read_shipped(code)
    assert canonical(chosen(policy, {})) == canonical(policy)


@pytest.mark.parametrize("code", shipped_codes())
def test_every_two_readings_can_be_applied_together_frozen_and_thawed(code: str) -> None:
    policy = read_shipped(code)
    for choices in every_reading(policy):
        read = chosen(policy, choices)
        assert {option.code: option.default for option in read.options} == choices
        thawed = thaw(canonical(read))
        assert fingerprint(thawed) == fingerprint(read)
        assert chosen(thawed, {}).raw == read.raw


@pytest.mark.parametrize("code", shipped_codes())
def test_no_policy_holds_a_float_not_even_one_written_without_quotes(code: str) -> None:
    assert not any(isinstance(one, float) for one in leaves(read_shipped(code).raw))
    bare = load(C1.replace('value = "0.4"', "value = 0.4"))
    assert bare.scales["bonus_rate"]["pieces"][1]["value"] == "0.4"


def test_different_readings_have_different_fingerprints() -> None:
    policy = read_shipped("d17-c1")
    readings = [{one.code: choice} for one in policy.options for choice in one.choices]
    prints = {fingerprint(chosen(policy, choices)) for choices in readings}
    assert len(prints) == 1 + sum(len(one.choices) - 1 for one in policy.options)
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in prints)


def test_canonical_json_is_sorted_and_says_chinese_as_it_is() -> None:
    body = canonical(read_shipped("d17-c1"))
    told = json.loads(body)
    assert body == json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert "全勤奖金".encode() in body


def test_choosing_leaves_the_policy_that_was_read_as_it_was() -> None:
    policy = read_shipped("d17-c1")
    before = canonical(policy)
    chosen(policy, {"tiers": "shifted"})
    assert canonical(policy) == before


def test_a_policy_tells_its_parts() -> None:
    policy = read_shipped("d08-customer-service")
    assert (policy.code, policy.version, policy.cycle) == ("customer-service", 1, "month")
    assert [(part.by, str(part.weight), part.source) for part in policy.parts] == [
        ("employee", "0.25", "kpi"),
        ("supervisor", "0.75", "sampling"),
    ]
    assert policy.sampling is not None
    assert (policy.sampling.minimum, policy.sampling.target) == (3, 5)
    assert policy.inputs["rewards"].signed
    assert policy.inputs["rewards"].evidence
    assert policy.warnings[0]["of"] == "commission"
    assert policy.objection_days == 3


def test_a_reading_bears_its_name_in_both_languages_and_its_code_where_it_has_none() -> None:
    text = shipped_text("d17-c1")
    (tiers,) = (one for one in load(text).options if one.code == "tiers")
    assert (tiers.readings[2].zh, tiers.readings[2].en) == (
        "照印刷顺序取第一条：60–70 分 80%，70–80 分 60%",
        "First printed row that fits: 60–70 80%, 70–80 60%",
    )
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("names.first_match"))
    (tiers,) = (one for one in load(bare).options if one.code == "tiers")
    assert (tiers.readings[2].zh, tiers.readings[2].en) == ("first_match", "first_match")


def test_a_streak_tells_its_window_and_an_option_its_readings_and_quote() -> None:
    policy = read_shipped("d08-customer-service")
    assert (policy.streaks[0].run, policy.streaks[0].window, policy.streaks[0].mode) == (2, 12, "consecutive")
    option = next(one for one in policy.options if one.code == "streak_mode")
    assert option.doc == "A-04"
    assert option.quote == "二个月低于65分抄退"
    assert [one.code for one in option.readings] == ["consecutive", "cumulative"]


def test_the_pools_of_the_department_are_a_monthly_and_a_yearly_one() -> None:
    assert [(pool["code"], pool["period"]) for pool in read_shipped("d01-ec-department").pools] == [
        ("team_month", "month"),
        ("annual_team", "year"),
    ]


def test_the_scope_takes_both_names_of_the_department_and_leaves_its_head_out() -> None:
    policy = read_shipped("d01-ec-department")
    assert policy.covers(["电商部"], ["运营"])
    assert policy.covers(["客服组", "电子商务部"], ["运营"])
    assert not policy.covers(["电商部"], ["部长"])
    assert not policy.covers(["设计部"], ["运营"])
    copywriters = read_shipped("d17-c1")
    assert copywriters.covers(["策划部"], ["C-1", "文案策划"])
    assert not copywriters.covers(["策划部"], ["C-2", "文案实习"])


def test_demo_policies_say_that_they_are_the_companys_own() -> None:
    own = [code for code in shipped_codes() if code.startswith("demo/")]
    assert own == ["demo/department-head", "demo/finance-office", "demo/shipping-staff"]
    assert {read_shipped(code).source["doc"] for code in own} == {"company"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[policy]", "[polici]", "不认识 polici 这一节"),
        ('code = "planning-C-1"\n', "", "policy 缺少 code"),
        ('cycle = "month"', 'cycle = "week"', "policy.cycle 应为以下之一：month / quarter / year"),
        ('effective_from = "2023-01-01"', 'effective_from = "2023-13-01"', "policy.effective_from 应为日期"),
        ('effective_from = "2023-01-01"', "effective_from = 0", "policy.effective_from 应为日期"),
        ('departments = ["策划部"]', "departments = []", "scope 缺少 departments"),
        ('weight = "0.75"', 'weight = "3/4"', "appraisal.parts[1] 的“3/4”不是数字"),
        ('by = "supervisor"', 'by = "boss"', "appraisal.parts[1] 应为以下之一：employee / supervisor"),
        ("max = 40", "max = 0", "kpi.plan 的满分须大于 0"),
        ('code = "training"', 'code = "plan"', "kpi[2] 的 code“plan”重复"),
        ('bonus = { value = "300",', "bonus = {", "params.bonus 须写明 value（统一数值）或 per（由公司逐人填写）之一"),
        ('special = { type = "money"', 'special = { type = "cash"', "inputs.special 应为以下之一"),
        (
            '{ param = "allowance" }',
            '{ param = "alowance" }',
            "components.allowance.factors[0] 引用的 params.alowance 不存在",
        ),
        ('{ scale = "bonus_rate" }', '{ scale = "rate" }', "引用的 scales.rate 不存在"),
        ('{ const = "0.1" }', '{ const = "0,1" }', "components.full_attendance.factors[1] 的“0,1”不是数字"),
        ('{ const = "0.1" }', '{ constant = "0.1" }', "components.full_attendance.factors[1] 须是 param、"),
        ('input = "score"\npieces', 'input = "points"\npieces', "scales.bonus_rate 引用的 inputs.points 不存在"),
        ('{ lt = "60"', '{ lte = "60"', "scales.bonus_rate.pieces[0] 不认识 lte"),
        ('value = "0.4"', 'slope = "0.4"', "scales.bonus_rate.pieces[1] 须写明 value，或 slope 和 intercept"),
        ("\nunless = ", "\nunles = ", "components.full_attendance 不认识 unles"),
        (
            'sum = ["absent_days"], ge',
            'sum = ["absent_days"], gte',
            "components.full_attendance.unless.any[1] 不认识 gte",
        ),
        ('sum = ["absent_days"], ge = "1"', 'sum = ["absent_days"]', "unless.any[1] 须写明 lt、le、gt、ge 之一"),
        ('sum = ["absent_days"]', 'sum = ["days_absent"]', "unless.any[1] 引用的 inputs.days_absent 不存在"),
        ('[[components]]\ncode = "allowance"', '[[component]]\ncode = "allowance"', "不认识 component 这一节"),
        ("money = { places = 2", "money = { places = 0", "rounding.money 只支持四舍五入：金额到分"),
        ('when = "line"', 'when = "total"', "rounding.money 只支持逐项舍入"),
        ('test = { lt = "60" }', "test = { }", "streaks[0] 缺少 test"),
        ('default = "monotone"', 'default = "best"', "options.tiers 应为以下之一：monotone"),
        ("run = 3", "run = 0", "streaks.three_months_below_60 的 run 须大于 0"),
        ("format = 1", "format = 1 =", "不是正确的 TOML"),
        (
            'factors = [{ param = "allowance" }]',
            'factors = ["allowance"]',
            "components.allowance.factors[0] 应为一张表",
        ),
        ("run = 3", 'run = "many"', "的“many”不是数字"),
        ("late = {", 'late = "count"\nlater = {', "inputs.late：这里应为一张表，例如"),
    ],
)
def test_a_fault_in_a_file_is_named_by_file_path_and_remedy(old: str, new: str, said: str) -> None:
    assert old in C1
    text = C1.replace(old, new, 1)
    told = refusal(text)
    assert told.startswith("pay.toml")
    assert said in told


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('rows = "collections"', 'rows = "partners"', "的“partners”不是明细"),
        ('{ table = "rate", column = "normal" }', '{ table = "rate", column = "fat" }', "的列“fat”不是每一行都有"),
        ('eq = "normal"', "eq = []", "where[0].eq 应为文字，写在引号里"),
        ('field = "margin", ge = "0.10"', 'field = "margin"', "须写明 lt、le、gt、ge 之一"),
        ('key = "partners"', 'key = "collections"', "tables.rate 不能把明细“collections”当作一个数"),
        ('le = "3", normal = "0.010"', 'le = "3", normal = "1%"', "tables.rate.rows[0] 的“1%”不是数字"),
    ],
)
def test_faults_in_tables_and_records_are_named_too(old: str, new: str, said: str) -> None:
    text = shipped_text("d17-y1")
    assert old in text
    assert said in refusal(text.replace(old, new, 1))


def test_a_date_without_quotes_is_a_date_and_freezes_as_text() -> None:
    policy = load(C1.replace('effective_from = "2023-01-01"', "effective_from = 2023-01-01"))
    assert policy.effective_from == date(2023, 1, 1)
    assert fingerprint(policy) == fingerprint(load(C1))


def test_an_unknown_option_or_reading_is_refused() -> None:
    assert "没有选项“tier”" in refusal(C1, {"tier": "monotone"})
    assert "没有读法“best”" in refusal(C1, {"tiers": "best"})


@pytest.mark.parametrize(
    "path",
    ["scales.bonus_rate.pieces", "scales.bonus_rate", "scales.bonus_rate.pieces.first", "components.base.factors"],
)
def test_two_readings_that_meet_in_one_place_are_refused(path: str) -> None:
    other = f'\n[options.extra]\nzh = "又一项"\ndefault = "a"\n[options.extra.choices.a]\n"{path}" = []\n'
    assert "两个选项改动同一处" in refusal(C1 + other)


@pytest.mark.parametrize("path", ["scales.no_such.pieces", "components.no_such.factors", "kpi.no_such.max"])
def test_a_reading_that_changes_what_is_not_there_is_refused(path: str) -> None:
    other = f'\n[options.extra]\nzh = "又一项"\ndefault = "a"\n[options.extra.choices.a]\n"{path}" = []\n'
    assert "选项的路径不存在" in refusal(C1 + other)


def test_a_reading_cannot_break_the_policy() -> None:
    other = '\n[options.extra]\nzh = "又一项"\ndefault = "a"\n[options.extra.choices.a]\n"kpi.plan.max" = "many"\n'
    assert "kpi.plan 的“many”不是数字" in refusal(C1 + other)


def test_a_policy_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(Refused, match="no-such"):
        read_shipped("no-such")
    with pytest.raises(Refused):
        shipped_text("../../pyproject")


VERSIONS = [
    (1, date(2023, 1, 1), date(2023, 12, 31), "published"),
    (2, date(2024, 1, 1), None, "published"),
    (3, date(2024, 7, 1), None, "draft"),
]


@pytest.mark.parametrize(("day", "number"), [(date(2023, 12, 31), 1), (date(2024, 1, 1), 2), (date(2024, 7, 1), 2)])
def test_the_published_version_of_the_day_is_in_force(day: date, number: int) -> None:
    assert policy_in_force(VERSIONS, day) == number


@pytest.mark.parametrize(
    ("versions", "fault"),
    [
        (VERSIONS[2:], "no published version in force"),
        ([*VERSIONS, (4, date(2024, 2, 1), None, "published")], "more than one published version in force"),
    ],
)
def test_a_day_without_exactly_one_version_is_refused(versions: list[Any], fault: str) -> None:
    with pytest.raises(Refused) as refused:
        policy_in_force(versions, date(2024, 7, 15))
    assert refused.value.fault == fault
