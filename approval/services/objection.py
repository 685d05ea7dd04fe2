"""An objection to a published result: raised by the employee, decided by someone who did not score (R104)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from approval.models.appraisal import Appraisal
from approval.models.departments import structure_on
from approval.models.objection import Objection
from approval.models.people import holders
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.facts import general_manager, reviewer_of
from approval.services.outbox import leave_letter
from approval.services.sight import relations
from approval.services.step import start, take_step
from workflows.engine import Offer
from workflows.objection import WORKFLOW, ObjectionFacts


def objection_facts(act: Act, objection: Objection) -> ObjectionFacts:
    """Gather what the objection's guards ask."""
    appraisal = objection.appraisal
    return ObjectionFacts(
        actor=act.actor.employee_id,
        subject=appraisal.employee_id,
        scorer=appraisal.supervisor_id,
        decider=decider_of(act, appraisal),
        is_hr=act.actor.holds("hr"),
    )


def decider_of(act: Act, appraisal: Appraisal) -> int | None:
    """Who answers objections to a month: its reviewer, or the general manager where the reviewer scored it himself.

    None where both scored it or are its subject: then HR answers.
    """
    asked = (reviewer_of(act, appraisal), general_manager(act))
    return decider_among(asked, (appraisal.supervisor_id, appraisal.employee_id))


def decider_among(asked: Sequence[int | None], barred: Sequence[int]) -> int | None:
    """The first of the reviewer and the general manager who neither scored a month nor is its subject."""
    return next((one for one in asked if one is not None and one not in barred), None)


@dataclass(frozen=True)
class Listed:
    """An objection in a list: how the actor stands to its month, whether he decides it, whether it waits for him."""

    objection: Objection
    relations: frozenset[str]
    decides: bool
    waits: bool


def listed(act: Act) -> list[Listed]:
    """Every objection, the newest first, with what says whether the actor may read and answer it; four statements."""
    month = joinedload(Objection.appraisal)
    loads = (month.joinedload(one) for one in (Appraisal.employee, Appraisal.department, Appraisal.cycle))
    rows = act.session.scalars(select(Objection).options(*loads).order_by(Objection.id.desc())).all()
    structure, chief, me = structure_on(act.session, act.today), general_manager(act), act.actor
    headed, found = structure.within(me.headed), []
    for one in rows:
        of = one.appraisal
        head = structure.head(of.department_id)
        reviewer = chief if head == of.employee_id else head
        decider = decider_among((reviewer, chief), (of.supervisor_id, of.employee_id))
        facts = ObjectionFacts(me.employee_id, of.employee_id, of.supervisor_id, decider, me.holds("hr"))
        decides = decider is not None and decider == me.employee_id
        found.append(Listed(one, relations(act, of, headed), decides, bool(WORKFLOW.offers(one.state, facts))))
    return found


def told_of(act: Act, appraisal: Appraisal) -> list[int | None]:
    """Who hears of a new objection: its decider, else HR."""
    decider = decider_of(act, appraisal)
    return [decider] if decider else [one.id for one in act.session.scalars(holders("hr", act.today))]


def offers(act: Act, objection: Objection) -> dict[str, Offer]:
    """The buttons of this actor on an objection."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(objection.state, objection_facts(act, objection))}


def raise_objection(act: Act, appraisal: Appraisal, grounds: str) -> Objection:
    """Object to one's own published result, within the days of publication, with grounds; one open objection at a time."""
    if act.actor.employee_id != appraisal.employee_id:
        raise Refused("只能对自己的考核结果提出异议", fault="not own")
    if appraisal.state != "publication":
        raise Refused("现在不在公示期，不能提出异议；公示结束后请联系人事", fault="not in publication")
    if appraisal.publication_ends_on is None or act.today > appraisal.publication_ends_on:
        raise Refused("公示期已经结束，不能再提出异议；请联系人事", fault="publication over")
    if not grounds.strip():
        raise Refused("请写明异议的理由", fault="grounds missing")
    waiting = select(Objection).where(Objection.appraisal_id == appraisal.id, Objection.state == "raised")
    if act.session.scalars(waiting).first() is not None:
        raise Refused("您已有一个待处理的异议", fault="already raised")
    objection = Objection(
        appraisal_id=appraisal.id,
        round=appraisal.round,
        raised_by_id=act.person,
        raised_at=act.at,
        grounds=grounds.strip(),
    )
    start(act, objection, WORKFLOW, body={"appraisal": appraisal.stream, "grounds": grounds})
    subject = "%(name)s 对 %(period)s 考核结果提出异议"
    params = {"name": appraisal.employee.name, "period": appraisal.cycle.period}
    leave_letter(act, told_of(act, appraisal), subject, f"/objections/{objection.id}", **params)
    return objection


def decide_objection(act: Act, objection: Objection, trigger: str, reason: str) -> None:
    """Answer an objection, `uphold` or `reject`, with a reason that the employee reads."""
    changes = {"decided_by_id": act.actor.employee_id, "decided_at": act.at, "decision": reason.strip()}
    take_step(act, objection, WORKFLOW, trigger, objection_facts(act, objection), reason=reason, changes=changes)
    subject = "您对 %(period)s 考核结果的异议已有答复"
    link = f"/objections/{objection.id}"
    leave_letter(act, [objection.raised_by_id], subject, link, period=objection.appraisal.cycle.period)
