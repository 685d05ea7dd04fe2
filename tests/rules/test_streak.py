"""Streaks of months: what counts, what breaks a run, and that only a month which itself hits gives advice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.calendar import next_period
from approval.rules.refusal import Refused
from approval.rules.streak import Streak, hit, streak

BELOW_65 = ("lt", Decimal(65))
SCORES = st.lists(st.none() | st.integers(0, 100).map(Decimal), max_size=24)


def months(*scores: str | int | Decimal | None, first: str = "2024-01") -> list[tuple[str, Decimal | None]]:
    """The scores of months that follow each other."""
    told: list[tuple[str, Decimal | None]] = []
    for score in scores:
        told.append((first, None if score is None else Decimal(score)))
        first = next_period(first)
    return told


def test_two_low_months_in_a_row_fire() -> None:
    assert streak(months("64.99", "64.99"), BELOW_65, 2) == Streak(2, True)


def test_the_edge_itself_is_not_below_it() -> None:
    assert streak(months("64.99", "65"), BELOW_65, 2) == Streak(0, False)


def test_a_run_goes_on_across_the_year_end() -> None:
    assert streak(months(60, 60, first="2023-12"), BELOW_65, 2).fires


def test_a_good_month_breaks_the_run() -> None:
    assert streak(months(60, 70, 60), BELOW_65, 2) == Streak(1, False)


def test_a_longer_run_keeps_firing() -> None:
    assert streak(months(60, 60, 60), BELOW_65, 2) == Streak(3, True)


def test_a_month_without_a_score_breaks_the_run_in_favour_of_the_employee() -> None:
    assert streak(months(59, None, 59, 59), BELOW_65, 3) == Streak(2, False)


def test_where_the_policy_says_so_a_month_without_a_score_is_passed_over() -> None:
    assert streak(months(59, None, 59, 59), BELOW_65, 3, gap="skip") == Streak(3, True)


def test_nothing_fires_in_a_month_without_a_score() -> None:
    assert streak(months(59, 59, 59, None), BELOW_65, 3, gap="skip") == Streak(3, False)
    assert streak(months(59, 59, 59, None), BELOW_65, 3) == Streak(0, False)


def test_cumulative_months_need_not_follow_each_other() -> None:
    assert streak(months(60, 70, 60), BELOW_65, 2, mode="cumulative") == Streak(2, True)


def test_a_good_month_never_fires_however_bad_the_year_was() -> None:
    assert streak(months(60, 60, 70), BELOW_65, 2, mode="cumulative") == Streak(2, False)


def test_a_low_month_of_more_than_a_year_ago_is_forgotten() -> None:
    thirteen = months(60, *[70] * 11, 60)
    assert streak(thirteen, BELOW_65, 2, mode="cumulative") == Streak(1, False)
    assert streak(thirteen, BELOW_65, 2, mode="cumulative", window=13) == Streak(2, True)


def test_three_excellent_months_fire_and_exactly_ninety_is_not_above_it() -> None:
    above_90 = ("gt", Decimal(90))
    assert streak(months("90.01", "95", "91"), above_90, 3) == Streak(3, True)
    assert streak(months("90.01", "90", "91"), above_90, 3) == Streak(1, False)


@pytest.mark.parametrize(
    ("name", "below", "at", "above"),
    [("lt", True, False, False), ("le", True, True, False), ("gt", False, False, True), ("ge", False, True, True)],
)
def test_each_question_has_its_own_edge(name: str, below: bool, at: bool, above: bool) -> None:
    asked = [hit(Decimal(score), (name, Decimal(70))) for score in ("69.99", "70", "70.01")]
    assert asked == [below, at, above]


def test_no_months_are_no_streak() -> None:
    assert streak([], BELOW_65, 2) == Streak(0, False)


@pytest.mark.parametrize("periods", [("2024-01", "2024-03"), ("2024-02", "2024-01"), ("2024-01", "2024-01")])
def test_months_with_a_hole_out_of_order_or_twice_are_refused(periods: tuple[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        streak([(period, Decimal(60)) for period in periods], BELOW_65, 2)
    assert refused.value.fault == "months must be contiguous; give null for a month without a score"


@pytest.mark.parametrize(("run", "window"), [(0, 12), (-1, 12), (2, 0)])
def test_a_run_of_no_months_is_refused(run: int, window: int) -> None:
    with pytest.raises(Refused) as refused:
        streak(months(60), BELOW_65, run, window=window)
    assert refused.value.fault == "run must be above 0"


@pytest.mark.parametrize(
    ("name", "mode", "gap"),
    [("below", "consecutive", "break"), ("lt", "cumulatve", "break"), ("lt", "consecutive", "ignore")],
)
def test_a_rule_that_nobody_knows_is_refused_and_not_read_as_another(name: str, mode: str, gap: str) -> None:
    with pytest.raises(Refused) as refused:
        streak(months(60), (name, Decimal(65)), 1, mode=mode, gap=gap)
    assert refused.value.fault == "unknown streak rule"


@given(SCORES, st.integers(1, 6), st.sampled_from(["consecutive", "cumulative"]), st.sampled_from(["break", "skip"]))
def test_what_fires_has_its_count_of_low_months_the_last_among_them(
    scores: list[Decimal | None], run: int, mode: str, gap: str
) -> None:
    found = streak(months(*scores), BELOW_65, run, mode=mode, gap=gap)
    low = [score for score in scores if score is not None and score < 65]
    assert found.count <= len(low)
    if found.fires:
        assert found.count >= run
        assert scores[-1] is not None
        assert scores[-1] < 65


@given(SCORES, st.integers(1, 6))
def test_passing_over_gaps_never_shortens_a_run(scores: list[Decimal | None], run: int) -> None:
    broken, skipped = (streak(months(*scores), BELOW_65, run, gap=gap).count for gap in ("break", "skip"))
    assert broken <= skipped
