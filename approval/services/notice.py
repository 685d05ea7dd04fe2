"""A policy is made properly: discussed with the staff before, read by everybody whom it is for after (LCL art. 4)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from approval.models.audit import AuditEntry
from approval.models.people import Employee
from approval.models.policy import PolicyAcknowledgement, PolicyConsultation, PolicyVersion
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.step import keep_record
from approval.services.versions import people_in_scope, policy_with_readings, post_of
from approval.services.waiting import Waiting
from workflows.engine import No, NotAllowed
from workflows.policy import DRAFT, PUBLISHED, REVIEWED


@dataclass(frozen=True)
class Consultation:
    """One talk with the staff about a policy: when, with whom, what came of it."""

    held_on: date
    with_whom: str
    outcome: str


@dataclass(frozen=True)
class Readers:
    """Who has read a version and when, and who in its scope has not yet."""

    read: Mapping[Employee, datetime]
    missing: Sequence[Employee]

    @property
    def total(self) -> int:
        return len(self.read) + len(self.missing)


def keep_consultation(act: Act, version: PolicyVersion, told: Consultation) -> None:
    """Keep how a version was discussed with the staff; HR's verb, before publication, rows are only added."""
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以登记协商记录")])
    if version.state not in (DRAFT, REVIEWED):
        raise NotAllowed([No("方案已发布，不再补记协商；请在新版本上登记")])
    if told.held_on > act.today:
        raise Refused("协商日期不能晚于今天", fault="held in the future")
    row = PolicyConsultation(version_id=version.id, held_on=told.held_on, kept_by_id=act.person, kept_at=act.at)
    row.with_whom, row.outcome = told.with_whom, told.outcome
    act.session.add(row)
    body = {"held_on": told.held_on.isoformat(), "with_whom": told.with_whom, "outcome": told.outcome}
    keep_record(act, version, "policy:keep_consultation", body=body)


def consultations_of(session: Session, version: PolicyVersion) -> Sequence[PolicyConsultation]:
    """How a version was discussed, the oldest first."""
    query = select(PolicyConsultation).where(PolicyConsultation.version_id == version.id)
    return session.scalars(query.order_by(PolicyConsultation.held_on, PolicyConsultation.id)).all()


@dataclass(frozen=True)
class Confirmed:
    """Who said at the publication that the company's own document rules so (R109), when, and which document."""

    who: str
    at: datetime
    words: str
    document: str


def document_confirmed(session: Session, version: PolicyVersion) -> Confirmed | None:
    """The confirmation of the company's own document, from the version's chain; None where there is none."""
    query = select(AuditEntry).where(AuditEntry.stream == version.stream, AuditEntry.action == "policy:publish")
    entry = session.scalars(query).first()
    body = json.loads(entry.record)["body"] if entry is not None else {}
    if entry is None or "official" not in body:
        return None
    return Confirmed(entry.actor.name if entry.actor else "", entry.at, body["official"], body["document"])


def acknowledge(act: Act, version: PolicyVersion) -> None:
    """Say that one has read a published version that is for one's own post: once, kept in one's own chain."""
    if version.state != PUBLISHED:
        raise NotAllowed([No("只有已发布的现行方案需要确认")])
    if not _is_for(act, version):
        raise NotAllowed([No("这个方案不适用于您的岗位，不需要确认")])
    if has_read(act, version):
        raise NotAllowed([No("您已经确认读过这个方案")])
    reader = act.session.get_one(Employee, act.person)
    body = {"policy": f"{version.code}/{version.number}", "fingerprint": version.fingerprint}
    keep_record(act, reader, "employee:acknowledge_policy", body=body)  # first: of two at once the second stops here
    act.session.add(PolicyAcknowledgement(version_id=version.id, employee_id=act.person, at=act.at))
    act.session.flush()


def has_read(act: Act, version: PolicyVersion) -> datetime | None:
    """When the actor said that he has read a version."""
    own = (
        PolicyAcknowledgement.version_id == version.id,
        PolicyAcknowledgement.employee_id == act.actor.employee_id,
    )
    return act.session.scalars(select(PolicyAcknowledgement.at).where(*own)).first()


def must_read(act: Act, version: PolicyVersion) -> bool:
    """Say whether the actor has still to say that he has read a version."""
    return version.state == PUBLISHED and _is_for(act, version) and has_read(act, version) is None


def _is_for(act: Act, version: PolicyVersion) -> bool:
    if act.actor.employee_id is None or (version.effective_to is not None and version.effective_to < act.today):
        return False
    post = post_of(act.session, act.person, max(act.today, version.effective_from))
    return post is not None and policy_with_readings(version).covers(*post)


def to_read(waits: Waiting) -> list[PolicyVersion]:
    """The published versions for the actor's own post that he has not yet said to have read."""
    unread = [waits.version(one) for one in waits.of("policy to read")]
    posts = [(waits.structure.names_of(one.department_id), (one.code, one.name)) for one in waits.of("post")]
    return [one for one in unread if any(policy_with_readings(one).covers(*post) for post in posts)]


def readers_of(act: Act, version: PolicyVersion) -> Readers:
    """Who in a version's scope has read it, and who has not; who read it and left since stays counted."""
    query = (
        select(Employee, PolicyAcknowledgement.at)
        .join(PolicyAcknowledgement, PolicyAcknowledgement.employee_id == Employee.id)
        .where(PolicyAcknowledgement.version_id == version.id)
        .order_by(PolicyAcknowledgement.at, Employee.number)
    )
    read = {row[0]: row[1] for row in act.session.execute(query)}
    missing = [one for one in people_in_scope(act.session, version, act.today) if one not in read]
    return Readers(read, missing if version.state == PUBLISHED else [])
