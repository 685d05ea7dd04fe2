"""How far targets are reached (R110): person-months against the actual figures of the people in the department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select

from approval.models.departments import structure_on
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
    return breakdowns_of(act, [target])[0]


def breakdowns_of(act: Act, targets: Sequence[AnnualTarget]) -> list[Breakdown]:
    """The breakdown of each target; what they need is loaded together, however many they are."""
    posts, personal = _posts_by_target(act, targets), _personal(act, targets)
    months: dict[int, dict[str, Decimal]] = defaultdict(dict)
    owners = [one.id for parts in personal.values() for one in parts.values()]
    for row in act.session.scalars(select(MonthTarget).where(MonthTarget.personal_target_id.in_(owners))):
        months[row.personal_target_id][row.period] = row.value
    people = {person for one in targets for person in (*posts[one.id], *personal[one.id])}
    staff = act.session.scalars(select(Employee).where(Employee.id.in_(people)).order_by(Employee.number)).all()
    actuals = _actuals(act, targets, posts)
    found = []
    for target in targets:
        here, parts, figures = set(posts[target.id]), personal[target.id], actuals[target.id]
        lines = [
            PersonLine(one, part, dict(months[part.id]) if part else {}, figures.get(one.id, {}))
            for one in staff
            if one.id in here or one.id in parts
            for part in (parts.get(one.id),)
        ]
        found.append(Breakdown(target, lines))
    return found


def own_line(act: Act, personal: PersonalTarget) -> PersonLine:
    """One person's part with his figures, as he may see it himself."""
    query = select(MonthTarget).where(MonthTarget.personal_target_id == personal.id)
    months = {one.period: one.value for one in act.session.scalars(query)}
    target, person = personal.target, personal.employee_id
    posts = {one: here for one, here in _posts_by_target(act, [target])[target.id].items() if one == person}
    actuals = _actuals(act, [target], {target.id: posts})[target.id]
    return PersonLine(personal.employee, personal, months, actuals.get(person, {}))


def _personal(act: Act, targets: Sequence[AnnualTarget]) -> Mapping[int, Mapping[int, PersonalTarget]]:
    """The parts of each target by its id and the person's."""
    found: dict[int, dict[int, PersonalTarget]] = {one.id: {} for one in targets}
    for part in act.session.scalars(select(PersonalTarget).where(PersonalTarget.target_id.in_(found))):
        found[part.target_id][part.employee_id] = part
    return found


def _posts_by_target(act: Act, targets: Sequence[AnnualTarget]) -> Mapping[int, Mapping[int, set[str]]]:
    """Who is in a target's department in which months of its year, by the target's id."""
    structure = structure_on(act.session, act.today)
    by_year = {year: _employments(act, year) for year in {one.year for one in targets}}
    return {one.id: _posts(by_year[one.year], structure.within([one.department_id]), one.year) for one in targets}


def _employments(act: Act, year: int) -> Mapping[int, Sequence[Employment]]:
    """Everybody's posts of a year, in order."""
    first, last = period_bounds(str(year))
    inside = or_(Employment.to_on.is_(None), Employment.to_on >= first)
    query = select(Employment).where(Employment.from_on <= last, inside).order_by(Employment.from_on)
    by_person: dict[int, list[Employment]] = defaultdict(list)
    for one in act.session.scalars(query):
        by_person[one.employee_id].append(one)
    return by_person


def _posts(by_person: Mapping[int, Sequence[Employment]], within: frozenset[int], year: int) -> dict[int, set[str]]:
    """Who is in a department in which months of a year: by his post on the month's first day, else his first in it."""
    bounds = {month: period_bounds(month) for month in months_within(str(year))}
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


def _actuals(
    act: Act, targets: Sequence[AnnualTarget], posts: Mapping[int, Mapping[int, set[str]]]
) -> Mapping[int, Mapping[int, ByMonth]]:
    """The figures of each target's measure by person and month, of the months that he was in its department."""
    periods = {month for one in targets for month in months_within(str(one.year))}
    query = select(Figure).where(Figure.code.in_({one.measure for one in targets}), Figure.period.in_(periods))
    people = {person for here in posts.values() for person in here}
    figures = act.session.scalars(query.where(Figure.employee_id.in_(people))).all()
    found: dict[int, dict[int, dict[str, Decimal]]] = {one.id: defaultdict(dict) for one in targets}
    for target in targets:
        here = posts[target.id]
        for one in figures:
            if one.code == target.measure and one.period in here.get(one.employee_id, ()):
                found[target.id][one.employee_id][one.period] = one.value
    return found


def evidence_for(act: Act, department_id: int, year: int) -> list[Breakdown]:
    """What stands beside a completion rate of a department's year: its annual targets and how far each is reached."""
    query = select(AnnualTarget).where(AnnualTarget.department_id == department_id, AnnualTarget.year == year)
    return breakdowns_of(act, act.session.scalars(query.order_by(AnnualTarget.id)).all())
