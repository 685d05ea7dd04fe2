"""The table of posts (R012): what a position and grade is paid by a figure, and where equal grades are paid unequally (R013)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, or_, select

from approval.models.figures import ImportBatch
from approval.models.people import Employee, Employment, PayStandard, Position, in_force
from approval.models.post_standard import PostStandard
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.step import keep_note
from workflows.engine import No, NotAllowed

STREAM = "post_standards"
OWN_POST = "不能设定自己的薪酬标准"
READERS = ("hr", "finance", "general_manager", "auditor")


@dataclass(frozen=True)
class Wanted:
    """What a row is to say: the position, its grade ("" for each), the figure's code and value, from which day."""

    position: Position
    grade: str
    code: str
    value: Decimal
    from_on: date


@dataclass(frozen=True)
class Unequal:
    """Somebody whose own figure is not what the table says for his position and grade (R013)."""

    employee: Employee
    position: Position
    grade: str
    code: str
    own: Decimal
    table: Decimal


def post_standards(act: Act) -> Sequence[PostStandard]:
    """Every row by position, grade and figure, the newest first."""
    query = select(PostStandard).join(Position, Position.id == PostStandard.position_id)
    order = (Position.code, PostStandard.grade, PostStandard.code, PostStandard.from_on.desc())
    return act.session.scalars(query.order_by(*order)).all()


def set_post_standard(act: Act, wanted: Wanted, batch: ImportBatch | None = None, row_number: int = 0) -> PostStandard:
    """Set a figure of a position and grade from a day on; the row before ends the day before. HR's verb, told in the chain.

    Nobody sets the figure of the position and grade that he holds himself.
    """
    _must_be_hr(act, wanted.position, wanted.grade)
    if wanted.value < 0:
        raise Refused("薪酬标准不能为负数", fault="negative pay standard")
    same = select(PostStandard).where(
        PostStandard.position_id == wanted.position.id,
        PostStandard.grade == wanted.grade,
        PostStandard.code == wanted.code,
    )
    now = in_force(wanted.from_on, PostStandard.from_on, PostStandard.to_on)
    current = act.session.scalars(same.where(now)).first()
    before = current.value if current else None
    if current is None or current.from_on != wanted.from_on:
        row = PostStandard(position_id=wanted.position.id, grade=wanted.grade, code=wanted.code, from_on=wanted.from_on)
        later = act.session.scalar(
            same.with_only_columns(func.min(PostStandard.from_on)).where(PostStandard.from_on > wanted.from_on)
        )
        row.to_on = later - timedelta(days=1) if later else None
        if current is not None:
            current.to_on = wanted.from_on - timedelta(days=1)
    else:
        row = current
    row.value = wanted.value
    row.import_id, row.row_number = (batch.id, row_number) if batch else (None, None)
    act.session.add(row)
    act.session.flush()
    told = {"position": wanted.position.code, "grade": wanted.grade, "code": wanted.code, "from_on": wanted.from_on}
    keep_note(act, STREAM, "post_standard:set", body={**told, "value": [before, wanted.value]})
    return row


def end_post_standard(act: Act, row: PostStandard, to_on: date) -> None:
    """End a row with its last day; months that begin later no longer take it."""
    _must_be_hr(act, row.position, row.grade)
    if to_on < row.from_on:
        raise Refused("结束日期不能早于生效日期 %(day)s", fault="ended before begun", day=row.from_on)
    before, row.to_on = row.to_on, to_on
    act.session.flush()
    told = {"position": row.position.code, "grade": row.grade, "code": row.code, "from_on": row.from_on}
    keep_note(act, STREAM, "post_standard:end", body={**told, "to_on": [before, to_on]})


def _must_be_hr(act: Act, position: Position, grade: str) -> None:
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以设定薪酬标准")])
    if holds_post(act, position, grade):
        raise NotAllowed([No(OWN_POST)])


def holds_post(act: Act, position: Position, grade: str) -> bool:
    """Whether the actor himself has this position and grade today."""
    held = select(Employment.id).where(
        Employment.employee_id == act.actor.employee_id,
        Employment.position_id == position.id,
        in_force(act.today, Employment.from_on, Employment.to_on),
    )
    held = held.where(Employment.grade == grade) if grade else held
    return act.session.scalars(held).first() is not None


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
