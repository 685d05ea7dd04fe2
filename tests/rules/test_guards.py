"""What the law bounds: deductions, minimum wage, and the ceiling that warns."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.explanation import PayResult
from approval.rules.guards import (
    Ceiling,
    Deduction,
    MinimumWage,
    commission_cap,
    least_pay,
    loss_deduction,
    minimum_wage,
)
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, load, read_shipped, shipped_text
from approval.rules.refusal import Refused

MINIMUM = 236_000
FEN = st.integers(0, 10**9)


def test_a_loss_below_a_fifth_of_the_wage_is_deducted_at_once() -> None:
    assert loss_deduction(500_000, 60_000, MINIMUM) == Deduction(60_000, 0)


def test_more_than_a_fifth_is_carried_over() -> None:
    assert loss_deduction(500_000, 150_000, MINIMUM) == Deduction(100_000, 50_000)


def test_the_wage_never_falls_below_the_minimum() -> None:
    assert loss_deduction(250_000, 80_000, MINIMUM) == Deduction(14_000, 66_000)


def test_from_a_wage_at_or_below_the_minimum_nothing_is_deducted() -> None:
    assert loss_deduction(MINIMUM, 10_000, MINIMUM) == Deduction(0, 10_000)
    assert loss_deduction(MINIMUM - 1, 10_000, MINIMUM) == Deduction(0, 10_000)


def test_a_fifth_is_cut_down_to_the_fen_and_never_rounded_up() -> None:
    assert loss_deduction(333_333, 100_000, MINIMUM) == Deduction(66_666, 33_334)


@pytest.mark.parametrize(("figures", "name"), [((-1, 0, 0), "wage"), ((0, -1, 0), "loss"), ((0, 0, -1), "minimum")])
def test_a_negative_figure_is_refused(figures: tuple[int, int, int], name: str) -> None:
    with pytest.raises(Refused) as refused:
        loss_deduction(*figures)
    assert refused.value.fault == f"negative {name} amount"


@given(FEN, FEN, FEN)
def test_no_fen_of_a_loss_is_forgotten_or_taken_twice(wage: int, loss: int, minimum: int) -> None:
    found = loss_deduction(wage, loss, minimum)
    assert found.now_fen + found.carry_fen == loss
    assert 0 <= 5 * found.now_fen <= wage
    assert found.now_fen == 0 or wage - found.now_fen >= minimum


@pytest.mark.parametrize(
    ("total", "excluded", "expected"),
    [
        (171_000, 0, MinimumWage(171_000, True, 65_000)),
        (MINIMUM, 0, MinimumWage(MINIMUM, False, 0)),
        (MINIMUM - 1, 0, MinimumWage(MINIMUM - 1, True, 1)),
        (260_000, 30_000, MinimumWage(230_000, True, 6_000)),
    ],
)
def test_pay_without_overtime_and_heat_allowances_is_held_against_the_minimum(
    total: int, excluded: int, expected: MinimumWage
) -> None:
    assert minimum_wage(total, excluded, MINIMUM) == expected


@pytest.mark.parametrize(
    ("commission", "profit", "expected"),
    [
        (100_000, 2_000_000, Ceiling(100_000, False)),
        (100_001, 2_000_000, Ceiling(100_000, True)),
        (200_000, 3_000_000, Ceiling(150_000, True)),
        (1, 10, Ceiling(1, True)),
        (0, -500, Ceiling(0, False)),
        (1, -500, Ceiling(0, True)),
    ],
)
def test_a_commission_above_a_twentieth_of_the_profit_is_flagged(
    commission: int, profit: int, expected: Ceiling
) -> None:
    assert commission_cap(commission, profit) == expected


def test_what_a_month_of_full_attendance_pays_without_a_point() -> None:
    assert least_pay(read_shipped("d08-customer-service")) == 500_00 // 2
    assert least_pay(read_shipped("d09-marketing")) == 1800_00 // 2
    assert least_pay(read_shipped("d08-shipping-supervisor")) == 0
    assert least_pay(read_shipped("d17-c1")) is None, "base pay is set by person"
    assert least_pay(read_shipped("d14-quarterly-category")) is None, "it pays nothing"


@pytest.mark.parametrize(("excluded", "minimum", "name"), [(-1, 0, "excluded"), (0, -1, "minimum")])
def test_a_negative_figure_is_not_held_against_the_minimum(excluded: int, minimum: int, name: str) -> None:
    with pytest.raises(Refused) as refused:
        minimum_wage(100, excluded, minimum)
    assert refused.value.fault == f"negative {name}"


OVERTIME = """
[[components]]
code = "overtime"
zh = "加班费"
factors = [{ const = "900" }]
outside_minimum = %s
"""


def with_overtime(outside: str) -> Policy:
    return load(shipped_text("d08-customer-service") + OVERTIME % outside)


def test_overtime_pays_but_is_not_held_against_the_minimum_wage() -> None:
    figures = ("scheduled", "actual", "score", "sales", "neutral_fixed", "negative_fixed", "rewards")
    inputs = dict(zip(figures, map(Decimal, (22, 22, 90, 0, 0, 0, 0)), strict=True))
    marked = evaluate(with_overtime("true"), {}, inputs)
    plain = evaluate(with_overtime("false"), {}, inputs)
    assert (marked.total_fen, marked.outside_minimum_fen) == (600_00 + 900_00, 900_00)
    assert (plain.total_fen, plain.outside_minimum_fen) == (1500_00, 0)
    assert PayResult.from_json(marked.to_json()) == marked
    assert '"outside_minimum":true' in marked.to_json()
    assert "outside_minimum" not in plain.to_json(), "results kept before there was a mark are still the same bytes"
    assert least_pay(with_overtime("true")) == 250_00
    assert least_pay(with_overtime("false")) == 1150_00
