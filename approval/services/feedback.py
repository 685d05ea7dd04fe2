"""一对一反馈 after a review (R115): kept by the supervisor or the head, confirmed or commented on by the employee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from approval.models.appraisal import Appraisal
from approval.models.feedback import Feedback
from approval.rules.calendar import QUARTER, kind_of
from approval.rules.policy import Policy
from approval.rules.process import is_low
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.desk_rows import Row
from approval.services.facts import reviewer_of
from approval.services.outbox import leave_letter
from approval.services.process import holds_talks, policies_around, wanting_feedback
from approval.services.sight import visible_to
from approval.services.step import keep_record
from approval.services.waiting import Waiting
from workflows.appraisal import REVIEWED
from workflows.engine import No, NotAllowed


@dataclass(frozen=True)
class Talk:
    """One talk as its leader tells it: the day, what was discussed, what was agreed to improve."""

    held_on: date
    discussed: str
    agreed: str


def by_leader(act: Act, month: Appraisal) -> No | None:
    """Who keeps the talk: the month's supervisor, or who reviews it; never its own person."""
    person = act.actor.employee_id
    if person == month.employee_id:
        return No("反馈由主管或部门负责人登记，本人确认")
    allowed = person is not None and person in (month.supervisor_id, reviewer_of(act, month))
    return None if allowed else No("只有直接主管或部门负责人可以登记反馈")


def feedback_of(act: Act, month: Appraisal) -> Feedback | None:
    """The talk about the present round of a result, if it is kept."""
    query = select(Feedback).where(Feedback.appraisal_id == month.id, Feedback.round == month.round)
    return act.session.scalars(query).first()


def keep_feedback(act: Act, month: Appraisal, talk: Talk, seen: int = 0) -> Feedback:
    """Keep the talk about a reviewed result, or better it while the employee has not confirmed it.

    `seen` is the version that the writer had before him, 0 where there was none yet. It never holds up the pay.
    """
    if (no := by_leader(act, month)) is not None:
        raise NotAllowed([no])
    if month.state not in REVIEWED or month.reviewed_at is None:
        raise NotAllowed([No("复核通过以后才登记反馈")])
    if not month.reviewed_at.astimezone(act.zone).date() <= talk.held_on <= act.today:
        raise Refused("反馈日期须在复核之后，不晚于今天", fault="held outside")
    kept = feedback_of(act, month)
    if kept is not None and kept.confirmed_at is not None:
        raise NotAllowed([No("本人已经确认，反馈记录不再改动")])
    if kept is not None and kept.version != seen:
        raise NotAllowed([No("别人刚刚改过这份反馈记录；请刷新后再改")])
    changes: dict[str, Any] = {"held_on": talk.held_on, "discussed": talk.discussed, "agreed": talk.agreed}
    changes |= {"kept_by_id": act.person, "kept_at": act.at}
    if kept is None:
        kept = Feedback(appraisal_id=month.id, round=month.round, **changes)
        act.session.add(kept)
        act.session.flush()
        told = {"appraisal": month.stream, "round": month.round, "held_on": talk.held_on}
        keep_record(act, kept, "feedback:keep", body=told | {"discussed": talk.discussed, "agreed": talk.agreed})
    else:
        keep_record(act, kept, "feedback:change", changes=changes)
    subject = "%(period)s 的一对一反馈已登记，请确认或写下意见"
    leave_letter(act, [month.employee_id], subject, f"/feedback/{month.id}", period=month.cycle.period)
    return kept


def answer_feedback(act: Act, feedback: Feedback, comment: str = "", *, confirm: bool) -> None:
    """The employee confirms the talk, with or without a comment, or comments without confirming; his own alone."""
    month = feedback.appraisal
    if act.actor.employee_id != month.employee_id:
        raise NotAllowed([No("只有本人可以确认反馈")])
    if feedback.confirmed_at is not None:
        raise NotAllowed([No("您已经确认过这份反馈")])
    if not confirm and not comment.strip():
        raise Refused("请写下您的意见", fault="comment missing")
    changes: dict[str, Any] = {"comment": comment.strip(), "commented_at": act.at} if comment.strip() else {}
    changes |= {"confirmed_at": act.at} if confirm else {}
    keep_record(act, feedback, "feedback:confirm" if confirm else "feedback:comment", changes=changes)
    subject = "%(name)s 已确认 %(period)s 的一对一反馈" if confirm else "%(name)s 对 %(period)s 的一对一反馈有意见"
    params = {"name": month.employee.name, "period": month.cycle.period}
    leave_letter(act, [feedback.kept_by_id], subject, f"/feedback/{month.id}", **params)


def awaiting(act: Act, of: ColumnElement[bool]) -> list[Appraisal]:
    """The reviewed months under a condition whose process wants a talk and that have none of the present round."""
    kept = select(Feedback.id).where(Feedback.appraisal_id == Appraisal.id, Feedback.round == Appraisal.round)
    query = select(Appraisal).where(of, Appraisal.state.in_(REVIEWED), ~kept.exists())
    with_ = (Appraisal.cycle, Appraisal.frozen_policy, Appraisal.employee, Appraisal.department, Appraisal.position)
    loads = [joinedload(one) for one in with_]
    return wanting_feedback(act, act.session.scalars(query.options(*loads).order_by(Appraisal.id)).all())


def awaiting_among(waits: Waiting) -> list[Row]:
    """The reviewed months of the actor's people that still want their talk; quarters are asked about apart."""
    beside: dict[int, list[Policy]] = {}
    for one in waits.of("beside a talk"):
        beside.setdefault(one.id, []).append(waits.policy(one))
    rows = waits.of("talk to hold")
    quarters = [one.id for one in rows if kind_of(one.period) == QUARTER]
    also = {one.id for one in awaiting(waits.act, Appraisal.id.in_(quarters))} if quarters else set()
    return [one for one in rows if one.id in also or holds_talks((waits.policy(one), *beside.get(one.id, ())))]


def awaiting_seen(act: Act) -> list[Appraisal]:
    """The months without their talk that the actor may see."""
    return awaiting(act, visible_to(act, "feedback"))


def kept_seen(act: Act, limit: int = 100) -> Sequence[Feedback]:
    """The talks that the actor may see, the newest first."""
    query = select(Feedback).join(Appraisal, Appraisal.id == Feedback.appraisal_id)
    query = query.where(visible_to(act, "feedback")).order_by(Feedback.held_on.desc(), Feedback.id.desc())
    month = joinedload(Feedback.appraisal)
    query = query.options(month.joinedload(Appraisal.employee), month.joinedload(Appraisal.cycle))
    query = query.options(joinedload(Feedback.kept_by))
    return act.session.scalars(query.limit(limit)).all()


def suggests_training(act: Act, month: Appraisal) -> bool:
    """Say whether a result asks for training or coaching (R003)."""
    return month.score is not None and is_low(policies_around(act, [month])[month.id], month.score)
