"""取消奖金: a bonus is voided for manipulation (R107): entered with evidence, confirmed by another, told to its owner (R106)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.beside import BonusVoid
from approval.models.people import holders
from approval.rules.beside import voids_bonus
from approval.rules.calendar import MONTH, kind_of
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.beside import supplements_of, void_of
from approval.services.facts import general_manager, reviewer_of
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_in, policy_of, runs_components
from approval.services.step import keep_record, start, take_step
from workflows.appraisal import CANCELLED, COMPUTED
from workflows.bonus_void import WORKFLOW, BonusVoidFacts, refusals
from workflows.engine import No, NotAllowed, Offer


def bonus_void_facts(act: Act, appraisal: Appraisal, void: BonusVoid | None) -> BonusVoidFacts:
    """Gather what the guards ask, as of now."""
    policies = [policy_of(appraisal), *(policy_in(one.frozen_policy) for one in supplements_of(act, appraisal))]
    pays = runs_components(appraisal) and any(one.pays for one in policies)
    return BonusVoidFacts(
        actor=act.actor.employee_id,
        subject=appraisal.employee_id,
        reviewer=reviewer_of(act, appraisal),
        entered_by=void.entered_by_id if void else None,
        is_hr=act.actor.holds("hr"),
        is_general_manager=act.actor.holds("general_manager"),
        of_a_bonus=kind_of(appraisal.cycle.period) != MONTH and pays,
        policy_voids=any(voids_bonus(one) for one in policies),
        is_computed=appraisal.state in COMPUTED,
        is_cancelled=appraisal.state == CANCELLED,
        is_entered_already=void is not None,
    )


def why_not(act: Act, appraisal: Appraisal) -> tuple[No, ...]:
    """Why the actor may not enter a void for a period; empty where he may."""
    return refusals(bonus_void_facts(act, appraisal, void_of(act, appraisal)))


def voids_of(act: Act, appraisal: Appraisal) -> Sequence[BonusVoid]:
    """Every voiding of a period's bonus, dropped ones too, the newest first."""
    query = select(BonusVoid).where(BonusVoid.appraisal_id == appraisal.id).order_by(BonusVoid.id.desc())
    return act.session.scalars(query).all()


def offers(act: Act, void: BonusVoid) -> dict[str, Offer]:
    """The buttons of this actor on a voiding."""
    facts = bonus_void_facts(act, void.appraisal, void)
    return {offer.trigger: offer for offer in WORKFLOW.offers(void.state, facts)}


def enter_void(act: Act, appraisal: Appraisal, reason: str, evidence: str) -> BonusVoid:
    """Enter that a bonus shall be void, with the violation and its evidence; nothing counts before a second person confirms.

    Its owner is told at once, so that he can be heard (R106); until it is decided his bonus is not computed.
    """
    no = why_not(act, appraisal)
    if no:
        raise NotAllowed(no)
    if not reason.strip() or not evidence.strip():
        raise Refused("请写明违规的事实和证据", fault="reason or evidence missing")
    void = BonusVoid(appraisal_id=appraisal.id, reason=reason.strip(), evidence=evidence.strip())
    void.entered_by_id, void.entered_at, void.decision = act.person, act.at, ""
    start(act, void, WORKFLOW, body={"appraisal": appraisal.stream, "reason": reason, "evidence": evidence})
    keep_record(act, appraisal, "appraisal:enter_void", reason=reason, body={"void": void.stream})
    subject = "您 %(period)s 的奖金拟因违规取消：%(reason)s。确认之前您可以向人事说明"
    _write_to(act, void, [appraisal.employee_id], subject)
    _write_to(act, void, seconds(act, void), "%(name)s %(period)s 的奖金拟因违规取消，等待您确认或撤销")
    return void


def seconds(act: Act, void: BonusVoid) -> list[int | None]:
    """Who may confirm a voiding: the general manager and HR, but who entered it and whom it is about."""
    people = [general_manager(act), *(one.id for one in act.session.scalars(holders("hr", act.today)))]
    barred = (void.entered_by_id, void.appraisal.employee_id)
    return [one for one in dict.fromkeys(people) if one is not None and one not in barred]


def confirm_void(act: Act, void: BonusVoid) -> None:
    """Confirm a voiding that somebody else entered: the lines of the bonus become zero, with the reason (R107).

    What was decided on its own stays: rewards and penalties, the share of a pool, the lines of policies that void nothing.
    """
    facts = bonus_void_facts(act, void.appraisal, void)
    take_step(act, void, WORKFLOW, "confirm", facts, changes=_decided(act))
    keep_record(act, void.appraisal, "appraisal:void_bonus", reason=void.reason, body={"void": void.stream})
    subject = "您 %(period)s 的奖金已因违规取消：%(reason)s。如有不同意见请联系人事"
    _write_to(act, void, [void.appraisal.employee_id], subject)


def drop_void(act: Act, void: BonusVoid, reason: str) -> None:
    """Take a voiding back that nobody has confirmed, with the reason; the bonus stays as it was."""
    facts = bonus_void_facts(act, void.appraisal, void)
    changes = _decided(act) | {"decision": reason.strip()}
    take_step(act, void, WORKFLOW, "drop", facts, reason=reason, changes=changes)
    keep_record(act, void.appraisal, "appraisal:drop_void", reason=reason, body={"void": void.stream})
    subject = "您 %(period)s 的奖金不再取消：%(decision)s"
    _write_to(act, void, [void.appraisal.employee_id], subject)


def _decided(act: Act) -> dict[str, object]:
    return {"decided_by_id": act.actor.employee_id, "decided_at": act.at}


def _write_to(act: Act, void: BonusVoid, to: Sequence[int | None], subject: str) -> None:
    month = void.appraisal
    told = {"name": month.employee.name, "period": month.cycle.period}
    told |= {"reason": void.reason, "decision": void.decision}
    named = {key: value for key, value in told.items() if f"%({key})s" in subject}
    leave_letter(act, to, subject, f"/appraisals/{month.id}/bonus-void", **named)
