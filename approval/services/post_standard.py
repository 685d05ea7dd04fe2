"""The table of posts (R012): what a position and grade is paid by a figure; set, ended, or voided as a mistake."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from approval.models.appraisal import Appraisal, PayResult
from approval.models.audit import AuditEntry
from approval.models.cycle import Cycle
from approval.models.figures import ImportBatch
from approval.models.people import Employment, Position, in_force
from approval.models.post_standard import PostStandard, in_table
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.equal_pay import READERS
from approval.services.step import keep_note
from workflows.appraisal import CANCELLED
from workflows.engine import No, NotAllowed

__all__ = [
    "READERS",
    "SUPERSEDED",
    "Wanted",
    "end_post_standard",
    "holds_post",
    "months_paid_by",
    "post_standards",
    "set_post_standard",
    "setters_of",
    "void_post_standard",
]
STREAM = "post_standards"
OWN_POST = "不能设定自己的薪酬标准"
SUPERSEDED = "从同一天起改设了标准"  # why a row is voided when another takes its first day


@dataclass(frozen=True)
class Wanted:
    """What a row is to say: the position, its grade ("" for each), the figure's code and value, from which day."""

    position: Position
    grade: str
    code: str
    value: Decimal
    from_on: date


def post_standards(act: Act) -> Sequence[PostStandard]:
    """Every row by position, grade and figure, the newest first; of one first day what counts before what is voided."""
    query = select(PostStandard).join(Position, Position.id == PostStandard.position_id)
    order = (Position.code, PostStandard.grade, PostStandard.code, PostStandard.from_on.desc())
    of_a_day = (PostStandard.voided_at.is_not(None), PostStandard.id.desc())
    return act.session.scalars(query.order_by(*order, *of_a_day)).all()


def set_post_standard(act: Act, wanted: Wanted, batch: ImportBatch | None = None, row_number: int = 0) -> PostStandard:
    """Set a figure of a position and grade from a day on; the row before ends the day before. HR's verb, told in the chain.

    A row that began on the same day is voided as superseded and stays. Nobody sets the figure of the position and grade
    that he holds himself.
    """
    _must_be_hr(act, wanted.position, wanted.grade)
    if wanted.value < 0:
        raise Refused("薪酬标准不能为负数", fault="negative pay standard")
    same = _rows_of(wanted)
    now = in_force(wanted.from_on, PostStandard.from_on, PostStandard.to_on)
    current = act.session.scalars(same.where(now)).first()
    if current is not None and (current.from_on, current.value) == (wanted.from_on, wanted.value):
        row = current
    else:
        later = act.session.scalar(
            same.with_only_columns(func.min(PostStandard.from_on)).where(PostStandard.from_on > wanted.from_on)
        )
        row = _row_of(wanted, batch, row_number)
        row.to_on = later - timedelta(days=1) if later else None
        if current is not None:
            _give_way(act, current, row)
        act.session.add(row)
    act.session.flush()
    before = current.value if current else None
    keep_note(act, STREAM, "post_standard:set", body={**_told(row), "value": [before, wanted.value]})
    return row


def _rows_of(wanted: Wanted) -> Select[PostStandard]:
    return select(PostStandard).where(
        PostStandard.position_id == wanted.position.id,
        PostStandard.grade == wanted.grade,
        PostStandard.code == wanted.code,
        in_table(),
    )


def _row_of(wanted: Wanted, batch: ImportBatch | None, row_number: int) -> PostStandard:
    row = PostStandard(position_id=wanted.position.id, grade=wanted.grade, code=wanted.code, from_on=wanted.from_on)
    row.value = wanted.value
    row.import_id, row.row_number = (batch.id, row_number) if batch else (None, None)
    return row


def _give_way(act: Act, current: PostStandard, row: PostStandard) -> None:
    """End the row before, or void it where the new one begins on its first day; what HR ended stays ended."""
    if current.from_on < row.from_on:
        current.to_on = row.from_on - timedelta(days=1)
        return
    row.to_on = current.to_on
    current.voided_by_id, current.voided_at, current.void_reason = act.person, act.at, SUPERSEDED
    act.session.flush()  # the key is free for the new row only then


def end_post_standard(act: Act, row: PostStandard, to_on: date) -> None:
    """End a row with its last day; months that begin later no longer take it."""
    _must_be_hr(act, row.position, row.grade)
    _must_stand(row)
    if to_on < row.from_on:
        raise Refused("结束日期不能早于生效日期 %(day)s", fault="ended before begun", day=row.from_on)
    before, row.to_on = row.to_on, to_on
    act.session.flush()
    keep_note(act, STREAM, "post_standard:end", body={**_told(row), "to_on": [before, to_on]})


def void_post_standard(act: Act, row: PostStandard, reason: str) -> None:
    """Void a row that was a mistake, by somebody else than who set it: it stays, and no month takes it any more.

    The row that it had ended goes on. Refused where a kept month was paid by it: that one is only ended or superseded.
    """
    if not act.actor.holds("hr", "general_manager"):
        raise NotAllowed([No("只有人事或总经理可以作废薪酬标准")])
    if holds_post(act, row.position, row.grade):
        raise NotAllowed([No("不能作废自己岗位的薪酬标准，请由另一位同事处理")])
    _must_stand(row)
    if act.person in setters_of(act, row):
        raise NotAllowed([No("不能作废自己设定的标准，请由另一位人事或总经理作废")])
    if not reason.strip():
        raise Refused("请写明作废的理由", fault="reason missing")
    if used := months_paid_by(act, row):
        text = "%(periods)s 的工资已经用了这一行，不能作废；请结束它，或从新的日期起另设一行"
        raise Refused(text, fault="paid by it", periods="、".join(used))
    before = _ended_by(act, row)
    row.voided_by_id, row.voided_at, row.void_reason = act.person, act.at, reason.strip()
    if before is not None:
        before.to_on = row.to_on
    act.session.flush()
    body = {**_told(row), "value": row.value, "goes_on": before.from_on if before else None}
    keep_note(act, STREAM, "post_standard:void", reason=reason.strip(), body=body)


def _must_stand(row: PostStandard) -> None:
    if row.voided_at is not None:
        raise NotAllowed([No("这一行已经作废")])


def _told(row: PostStandard) -> dict[str, Any]:
    return {"position": row.position.code, "grade": row.grade, "code": row.code, "from_on": row.from_on}


def _said_of(act: Act, row: PostStandard, action: str) -> list[tuple[int | None, dict[str, Any]]]:
    """Who did something to a row since it stands, and what, as the chain tells it, the newest first."""
    wanted = {**_told(row), "from_on": row.from_on.isoformat()}
    found = []
    query = select(AuditEntry).where(AuditEntry.stream == STREAM).order_by(AuditEntry.seq.desc())
    for entry in act.session.scalars(query):
        body = json.loads(entry.record)["body"]
        if all(body.get(key) == value for key, value in wanted.items()):
            if entry.action == "post_standard:void":
                break
            found += [(entry.actor_id, body)] if entry.action == action else []
    return found


def setters_of(act: Act, row: PostStandard) -> set[int | None]:
    """Everybody who set a row to the value that it has; who set what it superseded is no longer among them."""
    setters: set[int | None] = set()
    for actor, body in _said_of(act, row, "post_standard:set"):
        setters.add(actor)
        before, value = body["value"]
        if before is None or Decimal(before) != Decimal(value):
            break
    return setters


def _ended_by(act: Act, row: PostStandard) -> PostStandard | None:
    """The row that ended only because this one began; one that HR ended on that day stays ended."""
    day = row.from_on - timedelta(days=1)
    query = select(PostStandard).where(
        PostStandard.position_id == row.position_id,
        PostStandard.grade == row.grade,
        PostStandard.code == row.code,
        PostStandard.to_on == day,
        in_table(),
    )
    found = act.session.scalars(query).first()
    if found is None:
        return None
    ended = _said_of(act, found, "post_standard:end")
    return None if any(body["to_on"][1] == day.isoformat() for _actor, body in ended) else found


def months_paid_by(act: Act, row: PostStandard) -> list[str]:
    """The periods of kept pay that took a row's figure, in order; a cancelled month was paid by nothing."""
    query = (
        select(PayResult.inputs, Cycle.period)
        .join(Appraisal, Appraisal.id == PayResult.appraisal_id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Appraisal.state != CANCELLED, PayResult.inputs.contains(f"/{row.from_on}, "))
    )
    source = f"post_standard:{row.position.name}/{row.grade}/{row.from_on}, "
    rows = act.session.execute(query)
    return sorted({period for inputs, period in rows if _took(json.loads(inputs), row.code, source)})


def _took(told: Any, code: str, source: str) -> bool:
    """Whether kept inputs, of the whole month or of a part of it, say that a figure came from there."""
    if isinstance(told, list):
        return any(_took(one, code, source) for one in told)
    if not isinstance(told, dict):
        return False
    own = told.get("param_sources")
    if isinstance(own, dict) and str(own.get(code, "")).startswith(source):
        return True
    return any(_took(one, code, source) for one in told.values())


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
