"""How far targets are reached (R110): person-months against the actual figures of the people in the department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select

from approval.models.departments import departments_within
from approval.models.figures import Figure
from approval.models.people import Employee, Employment
from approval.models.target import AnnualTarget, MonthTarget, PersonalTarget
from approval.rules.calendar import months_within, period_bounds
from approval.rules.process import Reached, gap, reached
from approval.services.act import Act

ByMonth = Mapping[str, Decimal]


@dataclass(frozen=True)
class PersonLine:
    """One person of a breakdown: his part if it is set, his months, and his actual figures by month."""

    employee: Employee
    personal: PersonalTarget | None
    months: ByMonth
    actuals: ByMonth

    def reached(self, period: str) -> Reached:
        return reached(period, self.months, self.actuals)


@dataclass(frozen=True)
class Breakdown:
    """An annual target with everybody's part; `gap` is what the person-months miss of it (R002)."""

    target: AnnualTarget
    lines: Sequence[PersonLine]

    @property
    def months(self) -> dict[str, Decimal]:
        return _summed([line.months for line in self.lines])

    @property
    def actuals(self) -> dict[str, Decimal]:
        return _summed([line.actuals for line in self.lines])

    @property
    def given(self) -> Decimal:
        return sum(self.months.values(), Decimal(0))

    @property
    def gap(self) -> Decimal:
        return gap(self.target.amount, self.months.values())

    def reached(self, period: str) -> Reached:
        """A month or quarter against the person-months, the year against the annual target itself."""
        whole = self.target.amount if period == str(self.target.year) else None
        return reached(period, self.months, self.actuals, whole)

    @property
    def confirmed(self) -> int:
        return sum(line.personal is not None and line.personal.confirmed_at is not None for line in self.lines)


def _summed(parts: Sequence[ByMonth]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        for period, value in part.items():
            found[period] += value
    return dict(found)


def breakdown_of(act: Act, target: AnnualTarget) -> Breakdown:
    """Everybody who is in the department in the year or has a part of its target, by number."""
    posts = _posts(act, target)
    personal = {one.employee_id: one for one in _personal(act, target)}
    months: dict[int, dict[str, Decimal]] = defaultdict(dict)
    owners = {one.id: one.employee_id for one in personal.values()}
    for row in act.session.scalars(select(MonthTarget).where(MonthTarget.personal_target_id.in_(owners))):
        months[owners[row.personal_target_id]][row.period] = row.value
    people = set(posts) | set(personal)
    actuals = _actuals(act, target, posts)
    staff = act.session.scalars(select(Employee).where(Employee.id.in_(people)).order_by(Employee.number))
    lines = [PersonLine(one, personal.get(one.id), months[one.id], actuals.get(one.id, {})) for one in staff]
    return Breakdown(target, lines)


def own_line(act: Act, personal: PersonalTarget) -> PersonLine:
    """One person's part with his figures, as he may see it himself."""
    query = select(MonthTarget).where(MonthTarget.personal_target_id == personal.id)
    months = {one.period: one.value for one in act.session.scalars(query)}
    posts = {key: value for key, value in _posts(act, personal.target).items() if key == personal.employee_id}
    return PersonLine(
        personal.employee, personal, months, _actuals(act, personal.target, posts).get(personal.employee_id, {})
    )


def _personal(act: Act, target: AnnualTarget) -> Sequence[PersonalTarget]:
    return act.session.scalars(select(PersonalTarget).where(PersonalTarget.target_id == target.id)).all()


def _posts(act: Act, target: AnnualTarget) -> dict[int, set[str]]:
    """Who is in the department in which months of the year: by his post on the month's first day, else his first in it."""
    first, last = period_bounds(str(target.year))
    inside = or_(Employment.to_on.is_(None), Employment.to_on >= first)
    query = select(Employment).where(Employment.from_on <= last, inside).order_by(Employment.from_on)
    within = departments_within(act.session, target.department_id)
    by_person: dict[int, list[Employment]] = defaultdict(list)
    for one in act.session.scalars(query):
        by_person[one.employee_id].append(one)
    bounds = {month: period_bounds(month) for month in months_within(str(target.year))}
    found: dict[int, set[str]] = {}
    for person, posts in by_person.items():
        here = {month for month, days in bounds.items() if _post_in(posts, *days) in within}
        if here:
            found[person] = here
    return found


def _post_in(posts: Sequence[Employment], first: date, last: date) -> int | None:
    held = (one for one in posts if one.from_on <= last and (one.to_on is None or one.to_on >= first))
    found = next(held, None)
    return None if found is None else found.department_id


def _actuals(act: Act, target: AnnualTarget, posts: Mapping[int, set[str]]) -> dict[int, dict[str, Decimal]]:
    """The figures of a measure by person and month, of the months that he was in the department."""
    months = months_within(str(target.year))
    query = select(Figure).where(Figure.code == target.measure, Figure.period.in_(months))
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for one in act.session.scalars(query.where(Figure.employee_id.in_(posts))):
        if one.period in posts[one.employee_id]:
            found[one.employee_id][one.period] = one.value
    return found


def evidence_for(act: Act, department_id: int, year: int) -> list[Breakdown]:
    """What stands beside a completion rate of a department's year: its annual targets and how far each is reached."""
    query = select(AnnualTarget).where(AnnualTarget.department_id == department_id, AnnualTarget.year == year)
    return [breakdown_of(act, one) for one in act.session.scalars(query.order_by(AnnualTarget.id))]
