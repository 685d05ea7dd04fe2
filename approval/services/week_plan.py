"""周计划: the month of a personal target broken down to its weeks, each week in the month of its Friday (R071)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from approval.models.target import PersonalTarget, WeekTarget
from approval.rules.calendar import Week, weeks_of_month
from approval.rules.process import gap
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.outbox import leave_letter
from approval.services.step import keep_record
from approval.services.target import by_planner_of, months_of, must_be_seen, must_fit
from workflows.engine import NotAllowed


@dataclass(frozen=True)
class WeekPlan:
    """A month with its target and its weeks; `gap` is what the weeks miss of the month, to the fen or the piece."""

    period: str
    whole: Decimal
    weeks: Sequence[Week]
    values: Mapping[date, Decimal]

    @property
    def given(self) -> Decimal:
        return sum(self.values.values(), Decimal(0))

    @property
    def gap(self) -> Decimal:
        return gap(self.whole, self.values.values())


def week_plans(act: Act, personal: PersonalTarget) -> list[WeekPlan]:
    """The months of a personal target that are set, each with its weeks, in order."""
    query = select(WeekTarget).where(WeekTarget.personal_target_id == personal.id)
    kept = {one.monday: one.value for one in act.session.scalars(query)}
    found = []
    for month in months_of(act, personal):
        weeks = weeks_of(month.period)
        values = {week.monday: kept[week.monday] for week in weeks if week.monday in kept}
        found.append(WeekPlan(month.period, month.value, weeks, values))
    return found


def weeks_of(period: str) -> Sequence[Week]:
    """The weeks whose Friday lies in a month."""
    return weeks_of_month(int(period[:4]), int(period[5:7]))


def week_plan(act: Act, personal: PersonalTarget, period: str) -> WeekPlan:
    """One month with its weeks; refused where the month has no target yet."""
    found = next((one for one in week_plans(act, personal) if one.period == period), None)
    if found is None:
        raise Refused("%(period)s 还没有月度目标；请先分解到月份", fault="no month", period=period[:7])
    return found


def set_weeks(act: Act, personal: PersonalTarget, period: str, weeks: Mapping[date, Decimal | None], seen: int) -> None:
    """Plan the weeks of a month; an empty week is not planned. That they miss the month is told, never a block.

    `seen` is the version of the personal target that was on the page.
    """
    if (no := by_planner_of(act, personal.target, personal.employee_id)) is not None:
        raise NotAllowed([no])
    must_be_seen(personal.version, seen)
    plan = week_plan(act, personal, period)
    known = {week.monday for week in plan.weeks}
    for monday, value in weeks.items():
        if monday not in known:
            raise Refused("%(day)s 那一周不属于 %(period)s", fault="other month", day=monday.isoformat(), period=period)
        if value is not None:
            must_fit(personal.target.unit, value, least=Decimal(0))
    moved = {day: [plan.values.get(day), value] for day, value in weeks.items() if plan.values.get(day) != value}
    if not moved:
        return
    _keep(act, personal, weeks)
    body = {"period": period, "weeks": {day.isoformat(): both for day, both in moved.items()}}
    keep_record(act, personal, "personal_target:plan_weeks", changes={}, body=body)
    leave_letter(act, [personal.employee_id], "您 %(period)s 的周计划已制定，请查看", "/targets", period=period)


def _keep(act: Act, personal: PersonalTarget, weeks: Mapping[date, Decimal | None]) -> None:
    query = select(WeekTarget).where(WeekTarget.personal_target_id == personal.id)
    rows = {one.monday: one for one in act.session.scalars(query)}
    for monday, value in weeks.items():
        row = rows.get(monday)
        if value is None and row is not None:
            act.session.delete(row)
        elif value is not None:
            row = row or WeekTarget(personal_target_id=personal.id, monday=monday)
            row.value = value
            act.session.add(row)
    act.session.flush()
