"""The inbox beyond the tasks: what the actor has handed on, what he has done, and the letters to him."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from approval.models.audit import AuditEntry
from approval.models.outbox import OutboxMessage
from approval.services.act import Act
from approval.services.desk_rows import Row
from approval.services.waiting import Task, Waiting, task

RECENT = 200
SHOWN = 30
QUIET = ("account:sign_out", "account:choose_language", "sampling:record_seed", "payslip:see")


def awaited_of(act: Act, waits: Waiting | None = None) -> list[Task]:
    """What the actor has handed on and others now hold, with who holds it."""
    waits = waits or Waiting(act)
    return [*_own(waits), *_scored(waits), *_pools(waits), *_batches(waits)]


def _own(waits: Waiting) -> Iterator[Task]:
    held = {
        "sampling": "%(period)s 自评已提交，等主管评分",
        "department_review": "%(period)s 评分已提交，等部门负责人复核",
        "publication": "%(period)s 结果公示中",
        "split_approval": "%(period)s 等总经理批准奖金分配",
        "payout": "%(period)s 等财务发放",
    }
    for one in waits.of("own month"):
        if one.state in held:
            yield _held(one, held[one.state], "/my/{period}")


def _held(row: Row, text: str, link: str, **more: object) -> Task:
    return replace(task(row, text, link, "查看", hot=False, **more), due=None)


def _scored(waits: Waiting) -> Iterator[Task]:
    """The scores that the actor has handed in and nobody has reviewed yet."""
    for one in waits.of("scores handed in"):
        yield _held(one, "%(period)s 有 %(n)s 人的评分已提交，等部门负责人复核", "/team")


def _pools(waits: Waiting) -> Iterator[Task]:
    for one in waits.of("split handed in"):
        yield _held(one, "%(department)s %(period)s 奖金分配已提交，等总经理批准", "/bonus-pools/{id}")


def _batches(waits: Waiting) -> Iterator[Task]:
    for one in waits.of("batch handed in"):
        yield _held(one, "发放批次 %(number)s 等总经理签发", "/payouts/{id}", number=one.name)


@dataclass(frozen=True)
class Done:
    """What the actor did to one thing, how often, and when last."""

    action: str
    stream: str
    at: datetime
    times: int


def done_of(act: Act) -> list[Done]:
    """What the actor has done lately, the newest first; the same act on the same thing counts once, with its times."""
    query = (
        select(AuditEntry.action, AuditEntry.stream, AuditEntry.at)
        .where(AuditEntry.actor_id == act.actor.employee_id, AuditEntry.action.not_in(QUIET))
        .order_by(AuditEntry.id.desc())
        .limit(RECENT)
    )
    found: dict[tuple[str, str], Done] = {}
    for row in act.session.execute(query):
        key = (row.action, row.stream)
        seen = found.get(key, Done(*key, row.at, 0))
        found[key] = Done(*key, seen.at, seen.times + 1)
    return list(found.values())[:SHOWN]


def letters_of(act: Act, limit: int = 20) -> Sequence[OutboxMessage]:
    """The newest letters to the actor, unread ones first."""
    query = select(OutboxMessage).where(OutboxMessage.employee_id == act.actor.employee_id)
    order = (OutboxMessage.read_at.is_not(None), OutboxMessage.id.desc())
    return act.session.scalars(query.order_by(*order).limit(limit)).all()


def read_letters(act: Act) -> None:
    """Mark the actor's letters as read."""
    for letter in act.session.scalars(
        select(OutboxMessage).where(OutboxMessage.employee_id == act.actor.employee_id, OutboxMessage.read_at.is_(None))
    ):
        letter.read_at = act.at
