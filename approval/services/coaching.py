"""培训与辅导: a dated record of what was done for a person, by whoever reviews him or by HR (R003, R092)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from approval.models.coaching import COACHING, CoachingRecord, CoachingVoid
from approval.models.departments import head_of
from approval.models.people import Employee
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.outbox import leave_letter
from approval.services.sight import latest_post, relations_with
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed
from workflows.sight import HEAD

PLANNED = ("training", "transfer")  # may be put on record before they begin


@dataclass(frozen=True)
class Coaching:
    """What is put on record: what kind, from when until when, what, by whom, where the papers lie."""

    kind: str
    begins_on: date
    content: str
    led_by: str
    ends_on: date | None = None
    material: str = ""


def records_of(act: Act, employee: Employee) -> Sequence[CoachingRecord]:
    """A person's records, the newest first, those entered by mistake among them."""
    query = select(CoachingRecord).where(CoachingRecord.employee_id == employee.id)
    query = query.options(joinedload(CoachingRecord.kept_by), joinedload(CoachingRecord.void))
    return act.session.scalars(query.order_by(CoachingRecord.begins_on.desc(), CoachingRecord.id.desc())).all()


def may_keep(act: Act, employee: Employee) -> No | None:
    """HR, the head of the person's department, and for a head the general manager; nobody about himself."""
    if employee.id == act.actor.employee_id:
        return No("不能登记自己的培训与辅导")
    relations, post = relations_with(act, employee), latest_post(act, employee)
    is_head = post is not None and head_of(act.session, post.department_id, act.today) == employee.id
    if relations & {HEAD, "hr"} or ("general_manager" in relations and is_head):
        return None
    return No("只有本部门负责人和人事可以登记培训与辅导")


def keep_coaching(act: Act, employee: Employee, told: Coaching) -> CoachingRecord:
    """Put a talk, coaching, training or change of post on record; the person is told."""
    if (no := may_keep(act, employee)) is not None:
        raise NotAllowed([no])
    _must_fit(act, employee, told)
    row = CoachingRecord(employee_id=employee.id, kind=told.kind, begins_on=told.begins_on, ends_on=told.ends_on)
    row.content, row.led_by, row.material = told.content.strip(), told.led_by.strip(), told.material.strip()
    row.kept_by_id, row.kept_at = act.person, act.at
    act.session.add(row)
    act.session.flush()
    body = {"record": row.id, "kind": row.kind, "begins_on": row.begins_on.isoformat(), "content": row.content}
    keep_record(act, employee, "employee:keep_coaching", body=body | {"led_by": row.led_by, "material": row.material})
    leave_letter(act, [employee.id], "您有一条新的培训与辅导记录", f"/people/{employee.number}/coaching")
    return row


def _must_fit(act: Act, employee: Employee, told: Coaching) -> None:
    if told.kind not in COACHING:
        raise Refused("没有这一种记录，请刷新页面", fault="unknown kind")
    if not told.content.strip() or not told.led_by.strip():
        raise Refused("请写明做了什么、由谁做", fault="nothing said")
    if told.begins_on < employee.joined_on:
        raise Refused("日期早于入职日期 %(day)s", fault="before joining", day=employee.joined_on)
    if told.begins_on > act.today and told.kind not in PLANNED:
        raise Refused("面谈和辅导做完再登记，日期不能晚于今天", fault="in the future")
    if told.ends_on is not None and told.ends_on < told.begins_on:
        raise Refused("结束日期不能早于开始日期", fault="ends before it begins")


def void_coaching(act: Act, employee: Employee, record: CoachingRecord, reason: str) -> None:
    """Say that a record was entered by mistake, and why; it stays readable and proves nothing any more."""
    if (no := may_keep(act, employee)) is not None:
        raise NotAllowed([no])
    if record.void is not None:
        raise NotAllowed([No("这条记录已经作废")])
    if not reason.strip():
        raise NotAllowed([No("请写明理由")])
    row = CoachingVoid(record=record, reason=reason.strip(), voided_by_id=act.person, voided_at=act.at)
    act.session.add(row)
    act.session.flush()
    keep_record(act, employee, "employee:void_coaching", reason=reason, body={"record": record.id})
