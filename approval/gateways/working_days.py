"""The seed of the company's working-day calendar: the published holidays of a year, from the chinesecalendar package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from approval.rules.refusal import Refused


@dataclass(frozen=True)
class Exceptional:
    """A day that differs from Monday to Friday: worked or not, and the holiday's Chinese name."""

    day: date
    works: bool
    name: str


def exceptional_days(year: int) -> list[Exceptional]:
    """Every exception of a year; a year that the package does not know yet is refused, never guessed."""
    day, found = date(year, 1, 1), []
    while day.year == year:
        try:
            off, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:
            text = "%(year)s 年的节假日安排还没有发布或尚未收录；请在工作日历中手工录入"
            raise Refused(text, fault="unknown year", year=year) from None
        if off == (day.weekday() < 5):
            found.append(Exceptional(day, not off, _chinese(name)))
        day += timedelta(days=1)
    return found


def _chinese(name: str | None) -> str:
    known = {one.value: one.chinese for one in chinese_calendar.Holiday}
    return str(known.get(name or "", ""))
