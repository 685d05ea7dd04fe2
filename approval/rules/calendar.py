"""Periods, weeks, working days and the month's deadlines (rules.md 5.3)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from approval.rules.refusal import Refused

_PERIOD = re.compile(r"(2[0-9]{3})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
MONTH, QUARTER, YEAR = "month", "quarter", "year"
FRIDAY = 4


@dataclass(frozen=True)
class Week:
    """A sampling week, Monday to Sunday; it belongs to the month of its Friday."""

    monday: date
    sunday: date
    label: str


def _read(period: str) -> re.Match[str]:
    found = _PERIOD.fullmatch(period)
    if found is None:
        text = "“%(period)s”不是月份、季度或年度；请写成 2026-10、2026-Q4 或 2026"
        raise Refused(text, fault="not a period", period=period[:20])
    return found


def kind_of(period: str) -> str:
    """What a period is: a month (2026-10), a quarter (2026-Q4) or a year (2026) (A-23)."""
    found = _read(period)
    return MONTH if found[2] else QUARTER if found[3] else YEAR


def period_bounds(period: str) -> tuple[date, date]:
    """The first and last day of a period such as 2026-10, 2026-Q4 or 2026."""
    found = _read(period)
    year = int(found[1])
    first, last = (
        (int(found[2]),) * 2 if found[2] else (int(found[3]) * 3 - 2, int(found[3]) * 3) if found[3] else (1, 12)
    )
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def period_of(day: date, kind: str = MONTH) -> str:
    """The period of a kind that a day lies in."""
    names = {MONTH: f"{day:%Y-%m}", QUARTER: f"{day.year}-Q{(day.month + 2) // 3}", YEAR: str(day.year)}
    return names[kind]


def months_within(period: str) -> tuple[str, ...]:
    """The months of a period, in order; a month is its own."""
    first, last = period_bounds(period)
    return tuple(f"{first.year}-{month:02d}" for month in range(first.month, last.month + 1))


def previous_period(period: str) -> str:
    """The period before, of the same kind."""
    return period_of(period_bounds(period)[0] - timedelta(days=1), kind_of(period))


def next_period(period: str) -> str:
    """The period after, of the same kind."""
    return period_of(period_bounds(period)[1] + timedelta(days=1), kind_of(period))


def weeks_of_month(year: int, month: int) -> tuple[Week, ...]:
    """The weeks whose Friday lies in the month, with their ISO number as label."""
    first, last = period_bounds(f"{year}-{month:02d}")
    friday = first + timedelta(days=(FRIDAY - first.weekday()) % 7)
    weeks = []
    while friday <= last:
        weeks.append(week_of_day(friday))
        friday += timedelta(days=7)
    return tuple(weeks)


def week_of_day(day: date) -> Week:
    """The week that a day lies in, from Monday to Sunday, with its ISO number as label."""
    monday = day - timedelta(days=day.weekday())
    return Week(monday, monday + timedelta(days=6), f"第{monday.isocalendar().week}周")


def one_month_after(day: date) -> date:
    """The same day of the next month, or its last day (R103, A-42)."""
    return months_after(day, 1)


def months_after(day: date, count: int) -> date:
    """The same day so many months later, or that month's last day (R103, A-42)."""
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    if year > date.max.year:
        raise Refused("日期超出范围：%(day)s", fault="date out of range", day=day)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class WorkingDays:
    """Monday to Friday, but for the dated exceptions: holidays and working weekend days."""

    def __init__(self, exceptions: Mapping[date, bool]) -> None:
        self._exceptions = dict(exceptions)

    def is_working_day(self, day: date) -> bool:
        return self._exceptions.get(day, day.weekday() < 5)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def on_or_before(self, day: date) -> date:
        """The day itself if it is worked, else the last one before: wages are paid early, never late."""
        while not self.is_working_day(day):
            day -= timedelta(days=1)
        return day

    def count(self, first: date, last: date) -> int:
        """Working days from first to last, both included."""
        return sum(self.is_working_day(first + timedelta(days=n)) for n in range((last - first).days + 1))


@dataclass(frozen=True)
class Deadlines:
    """When each step of a month is due."""

    self_assessment: date
    scores: date
    review: date
    approval: date
    payday: date


def deadlines(period: str, days: WorkingDays) -> Deadlines:
    """When the steps of a period are due: a month as in `month_deadlines`.

    A quarter or a year is compiled by working day 10, reviewed by 12, approved by 16, and paid within one month of its
    end, early where that day is not worked (R103, A-42; rules.md 5.3).
    """
    if kind_of(period) == MONTH:
        return month_deadlines(period, days)
    last = period_bounds(period)[1]
    nth = {n: days.add_working_days(last, n) for n in (10, 12, 16)}
    payday = max(days.on_or_before(one_month_after(last)), days.add_working_days(nth[16], 1))
    return Deadlines(nth[10], nth[10], nth[12], nth[16], payday)


def due_after(closed_on: date, months: int, days: int, working: WorkingDays) -> date:
    """The last day for what is due so many months and days after an evaluation was closed: the corresponding day, early
    where it is not worked, never before the closing itself (R103, A-42)."""
    last = months_after(closed_on, months) + timedelta(days=days)
    return max(working.on_or_before(last), closed_on)


def month_deadlines(period: str, days: WorkingDays) -> Deadlines:
    """Working days 2, 3, 5 and 9 of the month after, and the 15th as payday (a proposal of rules.md 5.3).

    Where holidays push the approval beyond it, payday is the working day after the approval.
    """
    last = period_bounds(period)[1]
    nth = {n: days.add_working_days(last, n) for n in (2, 3, 5, 9)}
    payday = max(days.on_or_before(last + timedelta(days=15)), days.add_working_days(nth[9], 1))
    return Deadlines(nth[2], nth[3], nth[5], nth[9], payday)
