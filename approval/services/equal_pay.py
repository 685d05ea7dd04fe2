"""Whether equal grades are paid equally, and what everybody's base is: told, never changed (R013, R020)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select

from approval.models.people import Employee, Employment, PayStandard, Position, in_force
from approval.models.post_standard import PostStandard, in_table
from approval.services.act import Act

READERS = ("hr", "finance", "general_manager", "auditor")  # the offices that see what everybody is paid


@dataclass(frozen=True)
class Unequal:
    """Somebody whose own figure is not what the table says for his position and grade (R013)."""

    employee: Employee
    position: Position
    grade: str
    code: str
    own: Decimal
    table: Decimal


def unequal_pay(act: Act) -> Iterator[Unequal]:
    """Everybody of today whose own figure differs from the table's for his position and grade: told, never changed (R013)."""
    query = (
        select(Employee, Position, Employment.grade, PayStandard, PostStandard)
        .join(Employment, Employment.employee_id == Employee.id)
        .join(Position, Position.id == Employment.position_id)
        .join(PayStandard, PayStandard.employee_id == Employee.id)
        .join(PostStandard, PostStandard.position_id == Position.id)
        .where(
            PostStandard.code == PayStandard.code,
            in_table(),
            or_(PostStandard.grade == Employment.grade, PostStandard.grade == ""),
            or_(Employee.left_on.is_(None), Employee.left_on >= act.today),
            *(in_force(act.today, one.from_on, one.to_on) for one in (Employment, PayStandard, PostStandard)),
        )
        .order_by(Employee.number, PayStandard.code, PostStandard.grade.desc())
    )
    seen = set[tuple[int, str]]()
    for employee, position, grade, own, row in act.session.execute(query):
        if (employee.id, own.code) not in seen:
            seen.add((employee.id, own.code))
            if own.value != row.value:
                yield Unequal(employee, position, grade, own.code, own.value, row.value)


def same_grade_apart(act: Act, code: str = "base") -> dict[tuple[str, str], list[tuple[Employee, Decimal]]]:
    """People of one position and grade whose own base differs, by (position, grade): told, never changed (R013)."""
    query = (
        select(Position.name, Employment.grade, Employee, PayStandard.value)
        .join(Employment, Employment.position_id == Position.id)
        .join(Employee, Employee.id == Employment.employee_id)
        .join(PayStandard, PayStandard.employee_id == Employee.id)
        .where(
            PayStandard.code == code,
            or_(Employee.left_on.is_(None), Employee.left_on >= act.today),
            *(in_force(act.today, one.from_on, one.to_on) for one in (Employment, PayStandard)),
        )
        .order_by(Position.code, Employment.grade, Employee.number)
    )
    found: dict[tuple[str, str], list[tuple[Employee, Decimal]]] = {}
    for name, grade, employee, value in act.session.execute(query):
        found.setdefault((name, grade), []).append((employee, value))
    return {post: rows for post, rows in found.items() if len({value for _one, value in rows}) > 1}


@dataclass(frozen=True)
class BasePay:
    """Somebody's own base pay standard of today, in yuan, in his position."""

    employee: Employee
    position: Position
    grade: str
    base: Decimal


def base_pay_of_all(act: Act) -> list[BasePay]:
    """Everybody of today with a base pay standard of his own, by number: what reference ranges are held against (R020)."""
    query = (
        select(Employee, Position, Employment.grade, PayStandard.value)
        .join(Employment, Employment.employee_id == Employee.id)
        .join(Position, Position.id == Employment.position_id)
        .join(PayStandard, PayStandard.employee_id == Employee.id)
        .where(
            PayStandard.code == "base",
            or_(Employee.left_on.is_(None), Employee.left_on >= act.today),
            *(in_force(act.today, one.from_on, one.to_on) for one in (Employment, PayStandard)),
        )
        .order_by(Employee.number)
    )
    return [BasePay(*row) for row in act.session.execute(query)]
