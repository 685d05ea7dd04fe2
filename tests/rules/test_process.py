"""What stands around the score: whose score asks for training (R003), targets broken down and how far they are reached."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.policy import Policy, chosen, read_shipped
from approval.rules.process import Reached, gap, is_low, reached, spread


def low(code: str, score: str) -> bool:
    return is_low([chosen(read_shipped(code), {})], Decimal(score))


@pytest.mark.parametrize(
    ("code", "edge", "below"),
    [
        ("d08-customer-service", "65", "64.99"),  # two such months: advice (R066)
        ("d17-c1", "60", "59.99"),  # three such months (R141)
        ("d15-planning-linear", "70", "69.99"),  # the poor of three ratings (R127)
        ("d14-quarterly-category", "70", "69.99"),  # the lower two of four classes (R119, R120)
    ],
)
def test_a_score_below_the_lowest_class_or_the_streak_asks_for_training(code: str, edge: str, below: str) -> None:
    assert low(code, below)
    assert not low(code, edge)


def test_a_high_streak_and_a_policy_without_either_ask_for_nothing() -> None:
    assert not low("d15-planning-linear", "95"), "three excellent months are an award (R130)"
    assert not low("d17-y1", "0"), "Y-1 has no such rule (A-41)"
    assert not is_low([], Decimal(0))


def test_a_class_between_two_open_ends_counts_among_the_classes() -> None:
    pieces = [
        {"le": "60", "label": "d"},
        {"gt": "60", "lt": "70", "label": "c"},
        {"ge": "70", "lt": "90", "label": "b"},
        {"ge": "90", "label": "a"},
    ]
    classes = chosen(read_shipped("d14-quarterly-category"), {})
    policy = Policy({**classes.raw, "ratings": {"class": {"input": "score", "pieces": pieces}}})
    assert [is_low([policy], Decimal(score)) for score in ("60", "65", "70", "95")] == [True, True, False, False]


def test_a_quarters_target_is_held_against_the_months_that_have_a_figure() -> None:
    targets = {"2026-07": Decimal(100), "2026-08": Decimal(200), "2026-10": Decimal(999)}
    found = reached("2026-Q3", targets, {"2026-07": Decimal(90), "2026-09": Decimal(60)})
    assert found == Reached(Decimal(300), Decimal(150), 2, 3)
    assert (found.rate, found.complete) == (Fraction(1, 2), False)
    months = {f"2026-0{month}": Decimal(110) for month in (7, 8, 9)}
    whole = reached("2026-Q3", targets, months, Decimal(600))
    assert (whole.target, whole.rate, whole.complete) == (Decimal(600), Fraction(330, 600), True)


def test_a_missing_figure_is_never_nought_and_a_target_of_nought_has_no_rate() -> None:
    nothing = reached("2026-07", {"2026-07": Decimal(100)}, {})
    assert (nothing.actual, nothing.rate, nothing.known) == (None, None, 0)
    assert reached("2026-07", {}, {"2026-07": Decimal(5)}).rate is None


def test_what_the_parts_miss_of_the_annual_target_is_told_with_its_sign() -> None:
    assert gap(Decimal(100), [Decimal(60), Decimal(30)]) == 10
    assert gap(Decimal(100), [Decimal(60), Decimal(50)]) == -10


@given(st.integers(0, 10**9), st.sampled_from([1, 3, 4, 12]), st.integers(0, 2))
def test_a_target_spread_over_months_sums_to_itself_and_no_month_differs_by_more_than_a_unit(
    units: int, months: int, places: int
) -> None:
    unit = Decimal(1).scaleb(-places)
    parts = spread(units * unit, months, places)
    assert sum(parts, Decimal(0)) == units * unit
    assert len(parts) == months
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] in (0, unit)
