"""The departments as they hang under each other: the line up, what is within, who heads which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from approval.models.people import Department, Office, in_force


def department_line(session: Session, department: Department) -> tuple[Department, ...]:
    """The department and its parents, innermost first."""
    line = [department]
    while (parent_id := line[-1].parent_id) is not None:
        parent = session.get_one(Department, parent_id)
        if parent in line:
            break
        line.append(parent)
    return tuple(line)


def departments_within(session: Session, *roots: int) -> frozenset[int]:
    """The ids of departments and of all that hang under them."""
    rows = session.execute(select(Department.id, Department.parent_id)).all() if roots else ()
    within = set(roots)
    while found := {row.id for row in rows if row.parent_id in within} - within:
        within |= found
    return frozenset(within)


def head_of(session: Session, department_id: int, day: date) -> int | None:
    """The employee who heads a department on a day, looked for up the line of parents; None where vacant."""
    department = session.get_one(Department, department_id)
    for one in department_line(session, department):
        head = session.scalars(
            select(Office.employee_id).where(
                Office.office == "department_head",
                Office.department_id == one.id,
                in_force(day, Office.from_on, Office.to_on),
            )
        ).first()
        if head is not None:
            return head
    return None


@dataclass(frozen=True)
class Structure:
    """All departments of a day by id: their names, what each hangs under, who heads it; kept for one page only."""

    names: Mapping[int, str]
    above: Mapping[int, int | None]
    heads: Mapping[int, int]

    def line(self, department_id: int) -> list[int]:
        """A department and those above it, innermost first."""
        line: list[int] = []
        at: int | None = department_id
        while at is not None and at not in line:
            line.append(at)
            at = self.above.get(at)
        return line

    def names_of(self, department_id: int) -> list[str]:
        """The names of the line."""
        return [self.names[one] for one in self.line(department_id)]

    def head(self, department_id: int) -> int | None:
        """Who heads a department, looked for up its line as `head_of` does; None where vacant."""
        return next((self.heads[one] for one in self.line(department_id) if one in self.heads), None)

    def within(self, roots: Iterable[int]) -> frozenset[int]:
        """The departments and all that hang under them."""
        tops = frozenset(roots)
        return frozenset(one for one in self.above if tops.intersection(self.line(one)))


def structure_on(session: Session, day: date) -> Structure:
    """The departments with their heads of a day, in one statement."""
    heads = and_(
        Office.department_id == Department.id,
        Office.office == "department_head",
        in_force(day, Office.from_on, Office.to_on),
    )
    query = select(Department.id, Department.name, Department.parent_id, Office.employee_id).outerjoin(Office, heads)
    rows = session.execute(query.order_by(Department.id, Office.id.desc())).all()
    names, above = {one.id: one.name for one in rows}, {one.id: one.parent_id for one in rows}
    return Structure(names, above, {one.id: one.employee_id for one in rows if one.employee_id is not None})
