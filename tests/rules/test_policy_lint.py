"""What stops a policy before it is published, and what is only pointed at."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.band_lint import SCORES, first_fall, first_gap, never_reached, printed_overlaps
from approval.rules.bands import band_texts, piece_value
from approval.rules.policy import chosen, load, read_shipped, shipped_codes, shipped_text
from approval.rules.policy_lint import Lint, band_lint, lints, unfilled
from approval.rules.refusal import Refused

C1 = shipped_text("d17-c1")
LADDER = C1[C1.index("pieces = [\n") : C1.index("[[components]]")]
TOP_BAND = LADDER.splitlines()[-2]


def found(text: str, **choices: str) -> set[tuple[str, str, str]]:
    """Severity, code and path of every finding on a policy as it is read and chosen."""
    policy = load(text)
    policy = chosen(policy, choices) if choices else policy
    return {(one.severity, one.code, one.path) for one in lints(policy)}


def spoilt(old: str, new: str, text: str = C1) -> set[tuple[str, str, str]]:
    assert old in text
    return found(text.replace(old, new, 1))


def test_the_shipped_policies_may_be_published_once_the_company_has_filled_what_is_not_printed() -> None:
    blocked = {
        code: {one.code for one in lints(chosen(read_shipped(code), {})) if one.severity == "block"}
        for code in shipped_codes()
    }
    assert {code: why for code, why in blocked.items() if why} == {
        "d03-gradient-bonus": {"to_fill"},
        "d08-shipping-supervisor": {"to_fill"},
        "d13-quarterly-bonus": {"to_fill"},
        "d14-quarterly-category": {"to_fill"},
        "d15-planning-linear": {"to_fill"},
    }


def test_a_clean_policy_has_no_finding() -> None:
    assert found(C1) == set()


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('weight = "0.75"', 'weight = "0.70"', ("block", "weights", "appraisal.parts")),
        ("max = 40", "max = 30", ("block", "kpi_sum", "kpi")),
        ("max = 40", "assumed = true, max = 40", ("warn", "assumed", "kpi.plan")),
        (
            "human_decision = true",
            "human_decision = false",
            ("block", "human_decision", "streaks.three_months_below_60"),
        ),
        (TOP_BAND, "", ("block", "gap", "scales.bonus_rate")),
        ('{ value = "1"', '{ gt = "80", value = "1"', ("block", "gap", "scales.bonus_rate")),
        (
            '{ lt = "70", value = "0.4"',
            '{ lt = "50", value = "0.4"',
            ("warn", "never_reached", "scales.bonus_rate"),
        ),
        ('{ lt = "70", value = "0.4"', '{ lt = "70", value = "0.9"', ("warn", "not_monotone", "scales.bonus_rate")),
        (
            LADDER,
            'pieces = [{ ge = "0", le = "60", value = "0" }, { ge = "60", le = "100", value = "1" }]\n',
            ("block", "overlap", "scales.bonus_rate"),
        ),
        (
            'factors = [{ param = "base" }, { ratio',
            'factors = [{ param = "base" }, { scale = "bonus_rate" }, { ratio',
            ("warn", "base_times_coefficient", "components.base"),
        ),
        ('factors = [{ input = "special" }]', 'factors = [{ const = "0" }]', ("warn", "unused", "inputs.special")),
        ('factors = [{ param = "allowance" }]', 'factors = [{ const = "0" }]', ("warn", "unused", "params.allowance")),
        ("[appraisal.sampling]", "[process.sampling]", ("block", "no_sampling", "appraisal.parts.supervisor")),
    ],
)
def test_each_fault_is_found_where_it_is(old: str, new: str, finding: tuple[str, str, str]) -> None:
    assert finding in spoilt(old, new)


def test_indicators_must_weigh_one_too() -> None:
    told = spoilt('weight = "0.2"', 'weight = "0.3"', shipped_text("d14-quarterly-category"))
    assert ("block", "weights", "appraisal.indicators") in told


def test_a_supervisor_who_scores_by_a_table_needs_one() -> None:
    text = shipped_text("demo/finance-office")
    without = text[text.index("[policy]") :]
    assert ("block", "no_kpi", "appraisal.parts.supervisor") in found(without)


def test_a_coefficient_of_12_blocks_and_a_printed_ladder_that_falls_only_warns() -> None:
    supervisor = shipped_text("d08-shipping-supervisor")
    assert ("block", "not_monotone", "scales.coefficient") in found(supervisor, coefficient_12="12")
    assert ("warn", "not_monotone", "scales.bonus_rate") in found(C1, tiers="first_match")
    assert not {one for one in found(C1, tiers="shifted") if one[1] == "not_monotone"}


def test_the_literal_formula_above_90_is_seen_to_fall_there() -> None:
    policy = chosen(read_shipped("d15-planning-linear"), {"above_90": "literal"})
    (fall,) = [one for one in lints(policy) if one.code == "not_monotone"]
    assert str(fall) == "从 90 起数值反而下降，请确认读法"


def test_options_whose_readings_meet_are_found_before_anybody_chooses() -> None:
    other = '\n[options.extra]\nzh = "又一项"\ndefault = "a"\n[options.extra.choices.a]\n"kpi.plan.max" = 40\n'
    other += '[options.extra.choices.b]\n"components.base" = {}\n'
    (met,) = [one for one in lints(load(C1 + other)) if one.code == "colliding_patches"]
    assert (met.severity, met.params["one"], met.params["other"]) == ("block", "base_proration", "extra")


def test_figures_that_the_company_has_not_filled_in_block() -> None:
    policy = read_shipped("d01-ec-department")
    missing = list(unfilled(policy, {"base"}))
    assert [one.path for one in missing] == ["params.performance", "params.allowance", "params.commission_rate"]
    assert {one.severity for one in missing} == {"block"}
    assert "“绩效工资标准”由公司设定，适用的人还没有一个设定过" in str(missing[0])
    assert list(unfilled(policy, policy.params)) == []


def test_a_reading_that_cannot_be_chosen_is_found_before_anybody_chooses_it() -> None:
    broken = C1.replace(
        '[options.proposals.choices.manual]\n"kpi.proposals"', '[options.proposals.choices.manual]\n"kpi.proposal"'
    )
    (found,) = [one for one in lints(chosen(load(broken), {})) if one.severity == "block"]
    assert (found.code, found.path) == ("broken_reading", "options.proposals.choices.manual")
    assert "选项的路径不存在：kpi.proposal" in str(found)


def test_pay_that_is_called_base_pay_is_base_pay_whatever_its_code() -> None:
    text = shipped_text("d08-customer-service")
    renamed = text.replace('base = { value = "500"', 'salary = { value = "500"').replace(
        'param = "base"', 'param = "salary"'
    )
    assert [one.code for one in lints(chosen(load(renamed), {})) if one.code == "base_times_coefficient"]


def test_a_legal_caution_of_a_line_is_told_to_whoever_publishes() -> None:
    text = shipped_text("d08-customer-service")
    told = [one for one in lints(chosen(load(text), {})) if one.code == "caution"]
    assert [(one.severity, one.path) for one in told] == [
        ("warn", "components.neutral_reviews"),
        ("warn", "components.negative_reviews"),
    ]
    assert "服务补救：中评修改：按修改评价计奖容易被看作诱导用户评价" in str(told[0])
    with pytest.raises(Refused, match=r"components\.neutral_reviews\.caution 缺少 zh"):
        load(text.replace("caution = { zh", "caution = { word", 1))


def test_a_mark_on_a_scale_that_is_not_there_blocks() -> None:
    told = found(C1 + '\n[lint]\nnon_decreasing = ["scales.no_such"]\n')
    assert ("block", "unknown_reference", "lint.non_decreasing") in told


def test_a_finding_without_figures_speaks_too() -> None:
    assert str(Lint("warn", "x", "y", "百分之 100%")) == "百分之 100%"


@pytest.mark.parametrize(
    ("rows", "overlaps", "gaps", "rising"),
    [
        (
            [["80", None, "1"], ["60", "70", "0.8"], ["70", "80", "0.6"], ["60", "70", "0.4"], [None, "60", "0"]],
            ((2, 4),),
            (),
            False,
        ),
        ([[None, "65", "0.5"], ["70", None, "1"]], (), (Decimal(65),), True),
        ([[None, "65", "0.5"], ["65", "80", "1"], ["80", "95", "12"], ["95", None, "1.5"]], (), (), False),
        ([["60", None, "1"]], (), (Decimal(0),), True),
        ([[None, "60", "0"], ["60", "90", "1"]], (), (Decimal(90),), True),
    ],
)
def test_printed_rows_are_checked_as_printed(
    rows: list[list[str | None]], overlaps: tuple[Any, ...], gaps: tuple[Any, ...], rising: bool
) -> None:
    told = band_lint(rows)
    assert (told.overlaps, told.gaps_from, told.non_decreasing_first_match) == (overlaps, gaps, rising)


def test_a_row_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refused):
        band_lint([["x", None, "1"]])


def test_adjoining_bands_do_not_overlap() -> None:
    touching = [{"ge": "60", "lt": "70", "value": "1"}, {"ge": "70", "lt": "80", "value": "2"}]
    assert list(printed_overlaps(touching)) == []
    assert list(printed_overlaps([{**touching[0], "lt": "70.01"}, touching[1]])) == [(1, 2)]


@pytest.mark.parametrize(
    ("pieces", "texts"),
    [
        ([{"lt": "60"}, {"lt": "70"}, {}], ("< 60", "≥ 60 < 70", "≥ 70")),
        ([{"ge": "90"}, {"ge": "70"}, {}], ("≥ 90", "≥ 70 < 90", "< 70")),
        ([{"lt": "70"}, {"le": "90"}, {}], ("< 70", "≥ 70 ≤ 90", "> 90")),
        ([{"ge": "60", "lt": "70"}, {}], ("≥ 60 < 70", "")),
        ([{"gt": "90"}, {"gt": "70"}, {}], ("> 90", "> 70 ≤ 90", "≤ 70")),
        ([{"gt": "60", "le": "70"}, {}], ("> 60 ≤ 70", "")),
    ],
)
def test_a_band_is_told_with_both_edges(pieces: list[dict[str, str]], texts: tuple[str, ...]) -> None:
    assert band_texts(pieces) == texts


edges = st.integers(0, 100).map(str)
pieces = st.builds(
    lambda guards, worth: {**guards, **worth},
    st.dictionaries(st.sampled_from(["lt", "le", "gt", "ge"]), edges, max_size=2),
    st.one_of(
        st.builds(lambda value: {"value": str(value)}, st.integers(-2, 3)),
        st.builds(lambda a, b: {"slope": str(a), "intercept": str(b)}, st.integers(-1, 1), st.integers(-50, 50)),
    ),
)
GRID = [Fraction(n, 4) for n in range(401)]


@given(st.lists(pieces, min_size=1, max_size=5))
def test_the_findings_on_bands_agree_with_trying_every_quarter_point(bands: list[dict[str, str]]) -> None:
    worths: list[Fraction | None] = []
    reached = set()
    for point in GRID:
        try:
            value, piece = piece_value(bands, point)
        except Refused:
            worths.append(None)
        else:
            worths.append(value)
            reached.add(next(n for n, one in enumerate(bands, 1) if one is piece))
    known = [value for value in worths if value is not None]
    assert (first_gap(bands, SCORES) is None) == (None not in worths)
    assert set(never_reached(bands, SCORES)) == set(range(1, len(bands) + 1)) - reached
    assert (first_fall(bands, SCORES) is None) == (known == sorted(known))


@pytest.mark.parametrize(
    "factors",
    [
        '[{ input = "late" }, { const = "-20" }]',
        '[{ input = "late" }, { param = "fine" }]',
        '[{ input = "fine" }]',
        '[{ const = "1" }, { scale = "fine" }]',
        '[{ const = "100" }, { table = "fine", column = "rate" }]',
    ],
)
def test_a_fine_cannot_be_written_as_a_pay_line(factors: str) -> None:
    told = C1.replace("[inputs]", '[inputs]\nfine = { type = "money", zh = "罚款", signed = true }').replace(
        "[params]", '[params]\nfine = { value = "-20", zh = "罚款" }'
    )
    told += '[scales.fine]\ninput = "late"\npieces = [{ lt = "3", value = "0" }, { value = "-20" }]\n'
    told += '[tables.fine]\nkey = "late"\nrows = [{ lt = "3", rate = "0" }, { rate = "-0.2" }]\n'
    line = f'[[components]]\ncode = "fine"\nzh = "迟到罚款"\nrules = ["company"]\nfactors = {factors}\n'
    assert ("block", "deduction", "components.fine") in found(told + line)
    assert ("block", "deduction", "components.fine") not in found(told + line.replace(factors, '[{ const = "20" }]'))


def test_less_performance_pay_for_a_lower_score_and_rewards_of_either_sign_are_no_fine() -> None:
    for code in shipped_codes():
        assert "deduction" not in {one.code for one in lints(chosen(read_shipped(code), {}))}, code


def test_base_pay_times_a_coefficient_of_the_month_is_warned_of_too() -> None:
    task = chosen(read_shipped("d09-marketing"), {"coefficients": "task_only"})
    assert ("warn", "base_times_coefficient", "components.base") in {(o.severity, o.code, o.path) for o in lints(task)}


def test_more_months_than_the_window_has_are_never_there() -> None:
    text = shipped_text("d08-customer-service").replace("run = 2", "run = 13")
    assert "never_fires" not in {code for _how, code, _path in found(text)}, "in a row there is no window"
    assert ("block", "never_fires", "streaks.two_months_below_65") in found(text, streak_mode="cumulative")
