"""Periods, sampling weeks, working days and the days on which the steps of a month are due."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.calendar import (
    Deadlines,
    WorkingDays,
    deadlines,
    kind_of,
    month_deadlines,
    months_within,
    next_period,
    one_month_after,
    period_bounds,
    period_of,
    previous_period,
    weeks_of_month,
)
from approval.rules.refusal import Refused

PERIODS = st.dates(date(2000, 1, 1), date(2199, 12, 31)).map(lambda day: day.strftime("%Y-%m"))
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
NATIONAL_DAY_2025 = {date(2025, 10, n): False for n in range(1, 9)} | {
    date(2025, 9, 28): True,
    date(2025, 10, 11): True,
}
EXCEPTIONS = st.dictionaries(DAYS, st.booleans(), max_size=30)


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        (date(2024, 3, 31), date(2024, 4, 30)),
        (date(2023, 1, 31), date(2023, 2, 28)),
        (date(2024, 1, 30), date(2024, 2, 29)),
        (date(2024, 10, 8), date(2024, 11, 8)),
        (date(2024, 12, 31), date(2025, 1, 31)),
    ],
)
def test_one_month_after_is_the_same_day_or_the_last_of_the_month(day: date, deadline: date) -> None:
    assert one_month_after(day) == deadline


def test_a_period_knows_its_first_and_last_day() -> None:
    assert period_bounds("2026-10") == (date(2026, 10, 1), date(2026, 10, 31))
    assert period_bounds("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-13", "2026-Q0", "2026-Q5", "26", "2026-00", "2026-1", "26-10", "2026/10", "2026-10-01"),
        *("1999-12", "9999-12", "2026-10\n", "２０２６-10"),
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        period_bounds(text)
    assert refused.value.fault == "not a period"


def test_the_year_turns_after_december() -> None:
    assert next_period("2025-12") == "2026-01"
    assert previous_period("2026-01") == "2025-12"


@given(PERIODS)
def test_the_month_before_the_next_month_is_this_month(period: str) -> None:
    assert previous_period(next_period(period)) == period
    assert period_bounds(next_period(period))[0] == period_bounds(period)[1] + timedelta(days=1)


def test_a_week_belongs_to_the_month_of_its_friday() -> None:
    october = weeks_of_month(2026, 10)
    assert [week.monday for week in october] == [date(2026, 9, 28)] + [date(2026, 10, n) for n in (5, 12, 19, 26)]
    assert weeks_of_month(2026, 11)[0].monday == date(2026, 11, 2)


def test_a_week_over_the_year_end_keeps_its_number() -> None:
    first = weeks_of_month(2027, 1)[0]
    assert (first.monday, first.sunday, first.label) == (date(2026, 12, 28), date(2027, 1, 3), "第53周")


@given(st.integers(2020, 2040))
def test_the_weeks_of_twelve_months_cover_each_friday_of_the_year_once(year: int) -> None:
    weeks = [week for month in range(1, 13) for week in weeks_of_month(year, month)]
    mondays = [week.monday for week in weeks]
    assert {later - former for former, later in pairwise(mondays)} == {timedelta(days=7)}
    assert (mondays[0] + timedelta(days=4)).year == (mondays[-1] + timedelta(days=4)).year == year
    assert (mondays[0] - timedelta(days=3)).year == (mondays[-1] + timedelta(days=11)).year - 2
    assert all(week.sunday - week.monday == timedelta(days=6) and week.monday.weekday() == 0 for week in weeks)


def test_weekends_and_holidays_are_off_and_make_up_days_are_worked() -> None:
    days = WorkingDays(NATIONAL_DAY_2025)
    assert days.is_working_day(date(2025, 9, 30))
    assert not days.is_working_day(date(2025, 10, 1))
    assert days.is_working_day(date(2025, 10, 11))  # a Saturday
    assert not days.is_working_day(date(2025, 10, 12))


def test_working_days_are_counted_over_the_holidays() -> None:
    days = WorkingDays(NATIONAL_DAY_2025)
    assert days.add_working_days(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert days.add_working_days(date(2025, 9, 30), 3) == date(2025, 10, 11)
    assert days.add_working_days(date(2025, 9, 30), 0) == date(2025, 9, 30)
    assert days.count(date(2025, 10, 1), date(2025, 10, 31)) == 18


def test_later_changes_of_the_table_do_not_reach_a_calendar_already_made() -> None:
    told = dict(NATIONAL_DAY_2025)
    days = WorkingDays(told)
    told[date(2025, 10, 9)] = False
    assert days.is_working_day(date(2025, 10, 9))


@given(DAYS, st.integers(1, 40), EXCEPTIONS)
def test_the_nth_working_day_is_worked_and_has_n_behind_it(day: date, count: int, exceptions: dict[date, bool]) -> None:
    days = WorkingDays(exceptions)
    found = days.add_working_days(day, count)
    assert days.is_working_day(found)
    assert days.count(day + timedelta(days=1), found) == count


@given(DAYS, EXCEPTIONS)
def test_wages_are_paid_on_the_day_or_before_and_never_after(day: date, exceptions: dict[date, bool]) -> None:
    days = WorkingDays(exceptions)
    paid = days.on_or_before(day)
    assert paid <= day
    assert days.is_working_day(paid)
    assert paid == day or days.count(paid + timedelta(days=1), day) == 0


def test_the_steps_of_an_ordinary_month_are_due_on_working_days_of_the_next() -> None:
    """November 2026 begins on a Sunday and has no holidays; the 15th is a Sunday, so wages come on Friday the 13th."""
    due = month_deadlines("2026-10", WorkingDays({}))
    assert due == Deadlines(
        self_assessment=date(2026, 11, 3),
        scores=date(2026, 11, 4),
        review=date(2026, 11, 6),
        approval=date(2026, 11, 12),
        payday=date(2026, 11, 13),
    )


def test_where_holidays_push_the_approval_back_payday_follows_it() -> None:
    due = month_deadlines("2025-09", WorkingDays(NATIONAL_DAY_2025))
    assert due.self_assessment == date(2025, 10, 10)
    assert due.approval == date(2025, 10, 20)
    assert due.payday == date(2025, 10, 21)


@given(PERIODS, EXCEPTIONS)
def test_the_steps_are_due_in_their_order(period: str, exceptions: dict[date, bool]) -> None:
    due = month_deadlines(period, WorkingDays(exceptions))
    steps = [period_bounds(period)[1], due.self_assessment, due.scores, due.review, due.approval, due.payday]
    assert steps == sorted(set(steps))


@pytest.mark.parametrize(
    ("period", "kind", "first", "last", "before", "after", "months"),
    [
        ("2026-10", "month", date(2026, 10, 1), date(2026, 10, 31), "2026-09", "2026-11", ("2026-10",)),
        (
            "2026-Q1",
            "quarter",
            date(2026, 1, 1),
            date(2026, 3, 31),
            "2025-Q4",
            "2026-Q2",
            ("2026-01", "2026-02", "2026-03"),
        ),
        (
            "2026-Q4",
            "quarter",
            date(2026, 10, 1),
            date(2026, 12, 31),
            "2026-Q3",
            "2027-Q1",
            ("2026-10", "2026-11", "2026-12"),
        ),
        (
            "2024",
            "year",
            date(2024, 1, 1),
            date(2024, 12, 31),
            "2023",
            "2025",
            tuple(f"2024-{m:02d}" for m in range(1, 13)),
        ),
    ],
)
def test_months_quarters_and_years_know_their_days_and_neighbours(
    period: str, kind: str, first: date, last: date, before: str, after: str, months: tuple[str, ...]
) -> None:
    assert kind_of(period) == kind
    assert period_bounds(period) == (first, last)
    assert (previous_period(period), next_period(period)) == (before, after)
    assert months_within(period) == months
    assert {period_of(first, kind), period_of(last, kind)} == {period}


def test_a_quarter_is_compiled_reviewed_approved_and_paid_within_a_month() -> None:
    due = deadlines("2026-Q3", WorkingDays({}))
    assert (due.scores, due.review, due.approval) == (date(2026, 10, 14), date(2026, 10, 16), date(2026, 10, 22))
    assert due.payday == date(2026, 10, 30)
    assert deadlines("2026-10", WorkingDays({})) == month_deadlines("2026-10", WorkingDays({}))
    assert deadlines("2026", WorkingDays({})).payday == date(2027, 1, 29)
