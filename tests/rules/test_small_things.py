"""Small things that decide: an edge, a default name, a place in a broken file, a kind of term."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from approval.rules.band_lint import band_lint, printed_overlaps
from approval.rules.calendar import WorkingDays, deadlines
from approval.rules.fairness import strays
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, load, read, read_shipped, shipped_text
from approval.rules.policy_lines import line_of
from approval.rules.policy_lint import lints
from approval.rules.policy_parts import NAMES
from approval.rules.ratings import Ratings
from approval.rules.refusal import Refused
from approval.rules.table import clean_text
from tests.rules.test_replay import month, total, under

C1 = shipped_text("d17-c1")
MONTH = {"scheduled": "22", "actual": "21", "late": 0, "early": 0, "leave": 0, "absent_days": "0", "special": "0"}


def test_a_share_strays_from_a_tenth_on_and_not_before() -> None:
    assert [strays(share, 10_000) for share in (9_000, 9_001, 10_000, 10_950, 10_999, 11_000)] == [
        *(True, False, False),
        *(False, False, True),
    ]


def test_the_best_score_needs_a_band_as_well() -> None:
    bands = [("0", "60", "0"), ("60", "100", "1")]
    assert band_lint(bands).gaps_from == (Decimal(100),)
    assert band_lint([*bands, ("100", None, "2")]).gaps_from == ()


@pytest.mark.parametrize("code", sorted(NAMES))
def test_a_figure_without_a_name_has_its_usual_one(code: str) -> None:
    kind = "score" if code == "score" else "count"
    text = C1.replace("[inputs]\n", f'[inputs]\n{code} = {{ type = "{kind}" }}\n', 1)
    for line in C1.splitlines():
        if line.startswith(f"{code} = {{ type"):
            text = C1.replace(line, f'{code} = {{ type = "{kind}" }}')
    if code == "base":
        policy = load(
            C1.replace('base = { per = ["employee"], zh = "基本工资", en = "Base pay" }', 'base = { value = "1" }')
        )
        assert (policy.params[code].zh, policy.params[code].en) == NAMES[code] == ("基本工资", "Base pay")
        return
    told = load(text).inputs[code]
    assert (told.zh, told.en) == NAMES[code]
    assert told.zh != code


def test_a_line_carries_its_rules_its_sentence_and_the_kinds_of_its_factors() -> None:
    result = evaluate(read_shipped("d17-c1"), {"base": Decimal(3000)}, {**MONTH, "score": "65"})
    told = {line.code: (line.rules, [term.kind for term in line.terms]) for line in result.lines}
    assert told == {
        "base": (("R138", "R015"), ["param", "ratio"]),
        "full_attendance": (("R139",), ["param", "const"]),
        "performance_bonus": (("R138", "R140"), ["param", "scale"]),
        "allowance": (("R138",), ["param"]),
        "special_reward": (("R138",), ["input"]),
    }
    bonus = result.line("performance_bonus")
    assert bonus is not None
    assert (bonus.terms[1].code, bonus.terms[1].zh, bonus.terms[1].en) == ("bonus_rate", "绩效奖比例", "Bonus rate")
    assert bonus.quote == "绩效60~70分=40%绩效奖"


def test_the_commission_carries_the_kinds_of_its_factors() -> None:
    records = [{"amount": "1000", "kind": "normal", "margin": None}]
    policy, given = read_shipped("d17-y1"), {"partners": "4", "collections": records, "score": "80"}
    figures = {code: value for code, value in {**MONTH, **given}.items() if code in policy.inputs}
    line = evaluate(policy, {"base": Decimal(3000)}, figures).line("commission_normal")
    assert line is not None
    assert [(one.kind, one.zh, one.en) for one in line.terms] == [
        ("rows", "回款明细", "Collections"),
        ("table", "提成比例", "Commission rate"),
    ]
    assert line.terms[1].detail.zh == "月团购合作家数 4，档位 > 3 ≤ 5"


@pytest.mark.parametrize(
    ("broken", "line", "column"),
    [('a = "', 1, 6), ("a = 1\nb = [1,", 2, 8), ("a = 1\n\n= 2", 3, 1), ("a = 1\na = 2", 2, 6)],
)
def test_a_broken_file_is_named_with_line_and_column(broken: str, line: int, column: int) -> None:
    with pytest.raises(Refused) as refused:
        load(broken, "pay.toml")
    assert (refused.value.params["line"], refused.value.params["column"]) == (line, column)


IDLE = {
    'params]\nspare = { value = "1" }': ("[params]", "params.spare"),
    'inputs]\nspare = { type = "count" }': ("[inputs]", "inputs.spare"),
    'scales.spare]\ninput = "score"\npieces = [{ value = "1" }]\n[scales.bonus_rate]': (
        "[scales.bonus_rate]",
        "scales.spare",
    ),
    'tables.spare]\nkey = "late"\nrows = [{ one = "1" }]\n[scales.bonus_rate]': ("[scales.bonus_rate]", "tables.spare"),
}


@pytest.mark.parametrize("more", IDLE)
def test_what_no_line_asks_for_is_told(more: str) -> None:
    place, path = IDLE[more]
    found = [one for one in lints(load(C1.replace(place, f"[{more}", 1))) if one.code == "unused"]
    assert [(one.path, str(one)) for one in found] == [(path, f"所选读法下没有用到 {path}")]


@pytest.mark.parametrize(
    "code", ["d17-c1", "d17-y1", "d08-customer-service", "d01-ec-department", "d15-planning-linear"]
)
def test_nothing_that_a_shipped_policy_collects_is_idle(code: str) -> None:
    assert [str(one) for one in lints(read_shipped(code)) if one.code == "unused"] == []


def test_a_scale_that_is_named_and_not_there_is_told_by_its_name() -> None:
    text = C1 + '\n[lint]\nnon_decreasing = ["scales.nothing"]\n'
    assert "引用的 scales.nothing 不存在" in {str(one) for one in lints(load(text))}


def covered(positions: list[str], departments: list[str]) -> Policy:
    text = C1.replace('positions = ["C-1"]', f"positions = {positions}".replace("'", '"'))
    return load(text.replace('departments = ["策划部"]', f"departments = {departments}".replace("'", '"')))


def test_a_named_position_goes_before_all_and_an_inner_department_before_an_outer_one() -> None:
    line = ["策划部", "电商部"]
    widths = [
        covered(["C-1"], ["策划部"]).breadth(line),
        covered(["C-1"], ["电商部"]).breadth(line),
        covered(["C-1"], ["*"]).breadth(line),
        covered(["*"], ["策划部"]).breadth(line),
        covered(["*"], ["*"]).breadth(line),
    ]
    assert widths == [(False, 0), (False, 1), (False, 2), (True, 0), (True, 2)]


def test_a_replay_pays_by_the_score_that_the_other_reading_gives() -> None:
    ratings = Ratings({}, Decimal(90), [[Decimal(60)], [Decimal(90), Decimal(90), Decimal(88)]])
    told = replace(month("d08-customer-service", score="78.50"), ratings=ratings)
    other = under("d08-customer-service", sample_aggregate="mean_of_samples")
    assert total(told, other) - total(told, told.policy) == 100_00, "84 points: 500 × 1.2 instead of 500 × 1.0"


def test_an_exact_third_is_told_as_a_fraction() -> None:
    result = evaluate(
        read_shipped("d17-c1"), {"base": Decimal(3000)}, {**MONTH, "actual": "1", "scheduled": "3", "score": "0"}
    )
    base: Any = result.line("base")
    assert (base.terms[1].value, base.terms[1].shown, base.amount_fen) == ("1/3", "1/3", 100_000)
    assert Fraction(base.terms[1].value) == Fraction(1, 3)


def test_a_sampling_plan_has_its_own_numbers() -> None:
    plan = load(C1.replace("min = 3, target = 5", "min = 4, target = 7")).sampling
    assert plan is not None
    assert (plan.minimum, plan.target, plan.aggregate) == (4, 7, "mean_of_weeks")
    bare = load(C1.replace("per_period = { min = 3, target = 5 }\n", "")).sampling
    assert bare is not None
    assert (bare.minimum, bare.target) == (3, 5)


TEXT = """[policy]
code = "x"
[appraisal]
parts = [
  { code = "self", weight = "0.25" },
  { code = "supervisor", weight = "0.75" },
]
indicators = [
  { code = "sales", weight = "0.5" },
]
[[components]]
code = "base"
factors = [
  { param = "base" },
]
[[components]]
code = "bonus"
{ odd }
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("policy", 1),
        ("policy.code", 2),
        ("appraisal.parts", 4),
        ("appraisal.parts[0]", 5),
        ("appraisal.parts.self", 5),
        ("appraisal.parts.supervisor.weight", 6),
        ("appraisal.indicators[0]", 9),
        ("appraisal.indicators.sales", 9),
        ("components[0]", 11),
        ("components.base.factors[0]", 14),
        ("components.bonus", 17),
        ("components[1].factors", 16),
        ("streaks", None),
    ],
)
def test_a_path_leads_to_its_line(path: str, line: int | None) -> None:
    assert line_of(TEXT, path) == line


def test_a_version_ends_on_its_last_day_or_is_open() -> None:
    head = 'effective_from = "2023-01-01"\n'
    assert load(C1).effective_to is None
    assert load(C1.replace(head, head + 'effective_to = "2026-12-31"\n')).effective_to == date(2026, 12, 31)


def test_a_record_left_out_is_named_by_its_row_in_both_languages() -> None:
    records = [
        {"amount": "1000", "kind": "normal", "margin": "0.5"},
        {"amount": "1000", "kind": "normal", "margin": "0.09"},
    ]
    policy = read_shipped("d17-y1")
    figures = {**MONTH, "partners": "4", "collections": records, "score": "80"}
    known = {code: value for code, value in figures.items() if code in policy.inputs}
    (note,) = evaluate(policy, {"base": Decimal(3000)}, known).notes
    assert note.zh == "回款明细第 2 条：利润率 0.09 不满足 ≥ 0.10，不计提成"
    assert note.en == "Collections row 2: margin 0.09 is not ≥ 0.10: no commission"
    assert (note.input, note.row) == ("collections", 1)


def test_a_count_begins_at_nothing() -> None:
    y1 = shipped_text("d17-y1")
    text = y1.replace('{ le = "3", normal', '{ ge = "1", le = "3", normal')
    text = text.replace('{ le = "5"', '{ gt = "3", le = "5"').replace(
        '{ normal = "0.020"', '{ gt = "5", normal = "0.020"'
    )
    assert {(one.code, one.path) for one in lints(load(text)) if one.severity == "block"} == {("gap", "tables.rate")}


def test_plain_text_keeps_its_words_and_loses_its_blanks() -> None:
    assert clean_text("  甲商贸 ") == "甲商贸"
    assert clean_text("a\tb\r\nc\u200b") == "a b\nc"


def test_payday_is_the_fifteenth_or_the_working_day_before() -> None:
    days = WorkingDays({})
    assert deadlines("2026-08", days).payday == date(2026, 9, 15)
    assert deadlines("2026-07", days).payday == date(2026, 8, 14), (
        "the 15th is a Saturday, the tenth working day the 14th"
    )


def test_the_figures_with_a_usual_name() -> None:
    days = {"scheduled", "actual", "late", "early", "leave", "absent_days"}
    counts = {"pages", "articles", "proposals", "copies", "activities"}
    assert NAMES.keys() == days | counts | {"score", "base"}


def test_printed_bands_that_overlap_are_named_by_their_places() -> None:
    bands = [{"lt": "50", "value": "0"}, {"ge": "60", "lt": "80", "value": "1"}, {"ge": "70", "lt": "90", "value": "2"}]
    assert list(printed_overlaps(bands)) == [(2, 3)]


def test_a_marginal_table_needs_records_to_rank() -> None:
    raw: Any = deepcopy(dict(read_shipped("d17-y1").raw))
    raw["tables"]["rate"]["mode"] = "marginal"
    assert read(raw, "y1.toml").tables["rate"]["by"] == "partner"
    raw["components"][-1]["factors"] = [{"param": "base"}, {"table": "rate", "column": "normal"}]
    with pytest.raises(Refused, match="前一个因子须是 rows"):
        read(raw, "y1.toml")
    raw["components"][-1]["factors"] = [{"table": "rate", "column": "normal"}]
    with pytest.raises(Refused, match="前一个因子须是 rows"):
        read(raw, "y1.toml")


def test_a_figure_that_the_company_fills_says_by_whom() -> None:
    params = read_shipped("d01-ec-department").params
    assert (params["base"].per, params["base"].value) == (("position", "grade"), None)
    assert read_shipped("d17-c1").params["bonus"].per == ()
