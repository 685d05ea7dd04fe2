"""What a month's attendance says: its own days, those of the year so far, and how much of the month was in post."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select, type_coerce

from approval.models.appraisal import Appraisal
from approval.models.figures import Attendance
from approval.models.people import WorkingDayException
from approval.rules.calendar import WorkingDays
from approval.rules.explanation import REWARDS, SHARE_INPUT
from approval.services.act import Act

DAYS = ("scheduled", "actual", "late", "early", "leave", "absent_days")
OF_THE_YEAR = ("scheduled_year", "actual_year", "actual_year_by_month")
IN_POST = ("days_of_month", "days_in_post", "days_out_of_post")
# What records of their own say: an imported figure under such a name never counts.
RECORDED = frozenset(("score", SHARE_INPUT, "collections", *REWARDS, *DAYS, *OF_THE_YEAR, *IN_POST))


def attendance_of(act: Act, appraisal: Appraisal) -> Attendance | None:
    """The month's attendance of a person."""
    query = select(Attendance).where(Attendance.employee_id == appraisal.employee_id)
    return act.session.scalars(query.where(Attendance.period == appraisal.cycle.period)).first()


def attended(row: Attendance) -> Decimal:
    """The days that count as attended: those worked and statutory leave, which may never cut pay (section 6)."""
    return max(row.actual, min(row.actual + row.statutory, row.scheduled))


def attendance_known(act: Act, appraisal: Appraisal, source: str, row: Attendance) -> dict[str, tuple[Any, str]]:
    """The month's days, the year's up to it (A-12: 月度或者年度出勤比例) and the part of the month in post (A-44)."""
    known: dict[str, tuple[Any, str]] = {name: (Decimal(getattr(row, name)), source) for name in DAYS}
    if row.statutory:
        known["actual"] = (attended(row), f"{source}, statutory:{row.statutory}")
    for name, total in zip(OF_THE_YEAR, _year(act, row), strict=True):
        known[name] = (total, f"attendance:{row.period[:4]}")
    for name, days in zip(IN_POST, _in_post(act, appraisal, row), strict=True):
        known[name] = (days, "employment")
    return known


def _year(act: Act, row: Attendance) -> tuple[Decimal, Decimal, Decimal]:
    """The days of the year up to a month: scheduled, attended at most as many in all, attended at most as many each month.

    A-12 prints neither: days worked beyond the schedule of one month make up for another by the first reading alone.
    """
    there = Attendance.actual + Attendance.statutory
    most = case((there < Attendance.scheduled, there), else_=Attendance.scheduled)
    sums = [func.sum(type_coerce(one, Attendance.scheduled.type)) for one in (Attendance.scheduled, there, most)]
    query = select(*sums).where(
        Attendance.employee_id == row.employee_id, Attendance.period.between(f"{row.period[:4]}-01", row.period)
    )
    scheduled, in_all, by_month = map(Decimal, act.session.execute(query).one())
    return scheduled, min(scheduled, in_all), by_month


def _in_post(act: Act, appraisal: Appraisal, row: Attendance) -> tuple[Decimal, Decimal, Decimal]:
    """The scheduled days of the month, those between joining and leaving, and the others."""
    person, cycle = appraisal.employee, appraisal.cycle
    first, last = max(cycle.first_on, person.joined_on), min(cycle.last_on, person.left_on or cycle.last_on)
    if (first, last) == (cycle.first_on, cycle.last_on):
        return row.scheduled, row.scheduled, Decimal(0)
    days = WorkingDays({one.day: one.works for one in act.session.scalars(select(WorkingDayException))})
    whole, there = Decimal(days.count(cycle.first_on, cycle.last_on)), Decimal(days.count(first, last))
    return whole, there, whole - there
