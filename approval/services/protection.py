"""特别保护: HR flags that the law protects a person (LCL art. 42); everybody else learns that, never why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from approval.models.people import Employee, in_force
from approval.models.protection import GROUNDS, ProtectedState
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed


@dataclass(frozen=True)
class Protection:
    """What HR says: which ground of the law, from when, until when if that is known."""

    ground: str
    from_on: date
    to_on: date | None = None
    note: str = ""


def is_protected(act: Act, employee_id: int) -> bool:
    """Whether the law protects a person's employment today."""
    span = in_force(act.today, ProtectedState.from_on, ProtectedState.to_on)
    query = select(ProtectedState.id).where(ProtectedState.employee_id == employee_id, span)
    return act.session.scalars(query).first() is not None


def protected_states(act: Act, employee: Employee) -> Sequence[ProtectedState]:
    """Every state of a person, the newest first; whoever asks must be allowed to know the ground."""
    query = select(ProtectedState).where(ProtectedState.employee_id == employee.id)
    return act.session.scalars(query.order_by(ProtectedState.from_on.desc(), ProtectedState.id.desc())).all()


def flag_protection(act: Act, employee: Employee, told: Protection) -> ProtectedState:
    """Flag a protected state; the person's chain says who flagged one and for which days, not the ground."""
    _must_be_hr(act, employee)
    if told.ground not in GROUNDS:
        raise Refused("没有这一种情形，请刷新页面", fault="unknown ground")
    if told.to_on is not None and told.to_on < told.from_on:
        raise Refused("结束日期不能早于开始日期", fault="ends before it begins")
    row = ProtectedState(employee_id=employee.id, ground=told.ground, note=told.note.strip(), kept_at=act.at)
    row.from_on, row.to_on, row.kept_by_id = told.from_on, told.to_on, act.person
    act.session.add(row)
    act.session.flush()
    body = {"state": row.id, "from_on": row.from_on.isoformat(), "to_on": _text(row.to_on)}
    keep_record(act, employee, "employee:flag_protection", body=body)
    return row


def end_protection(act: Act, employee: Employee, row: ProtectedState, day: date) -> None:
    """Say on which day a state ended, or that it ends on another day than was said."""
    _must_be_hr(act, employee)
    if day < row.from_on:
        raise Refused("结束日期不能早于开始日期", fault="ends before it begins")
    body = {"state": row.id, "to_on": [_text(row.to_on), day.isoformat()]}
    row.to_on = day
    act.session.flush()
    keep_record(act, employee, "employee:end_protection", body=body)


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _must_be_hr(act: Act, employee: Employee) -> None:
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以登记特别保护情形")])
    if act.actor.employee_id == employee.id:
        raise NotAllowed([No("不能登记关于自己的情形，请另一位人事登记")])
