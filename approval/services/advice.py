"""Streaks of months become advice for a human: with the scores as evidence, never a change of employment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from approval.models.advice import KINDS, Advice
from approval.models.appraisal import CLOSED_STATES, Appraisal
from approval.models.cycle import Cycle
from approval.rules.calendar import previous_period
from approval.rules.streak import streak
from approval.services.act import Act
from approval.services.rulebook import policy_of
from approval.services.step import start, take_step
from workflows.advice import WORKFLOW, AdviceFacts
from workflows.engine import Offer

WINDOW = 12
REVIEWED = tuple(state for state in CLOSED_STATES if state != "department_review")


def months_before(act: Act, appraisal: Appraisal, count: int = WINDOW) -> list[tuple[str, Decimal | None]]:
    """The scores of the last months up to this one, oldest first; None for a month without a reviewed score (A-33)."""
    query = (
        select(Cycle.period, Appraisal.score)
        .join(Appraisal, Appraisal.cycle_id == Cycle.id)
        .where(Appraisal.employee_id == appraisal.employee_id, Appraisal.state.in_(REVIEWED))
    )
    scores = {row.period: row.score for row in act.session.execute(query)}
    period, months = appraisal.cycle.period, []
    for _ in range(count):
        months.append((period, scores.get(period)))
        period = previous_period(period)
    while len(months) > 1 and months[-1][1] is None:
        months.pop()
    return months[::-1]


def propose_advice(act: Act, appraisal: Appraisal) -> Sequence[Advice]:
    """Look at every streak of the month's policy, and propose what fires; the same month proposes each once."""
    months = months_before(act, appraisal)
    proposed = []
    for one in policy_of(appraisal).streaks:
        found = streak(months, one.test, one.run, mode=one.mode, gap=one.gap)
        if found.fires and one.action in KINDS and not _proposed(act, appraisal, one.code):
            advice = Advice(
                employee_id=appraisal.employee_id,
                appraisal_id=appraisal.id,
                streak=one.code,
                kind=one.action,
                months=json.dumps([[period, None if s is None else str(s)] for period, s in months]),
                proposed_at=act.at,
            )
            start(act, advice, WORKFLOW, body={"streak": one.code, "months": months})
            proposed.append(advice)
    return proposed


def _proposed(act: Act, appraisal: Appraisal, code: str) -> bool:
    query = select(Advice.id).where(Advice.appraisal_id == appraisal.id, Advice.streak == code)
    return act.session.scalars(query).first() is not None


def advice_facts(act: Act, advice: Advice) -> AdviceFacts:
    """Gather what the advice's guards ask."""
    return AdviceFacts(
        actor=act.actor.employee_id,
        subject=advice.employee_id,
        is_hr=act.actor.holds("hr"),
        is_general_manager=act.actor.holds("general_manager"),
    )


def offers(act: Act, advice: Advice) -> dict[str, Offer]:
    """The buttons of this actor on an advice."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(advice.state, advice_facts(act, advice))}


def decide_advice(act: Act, advice: Advice, trigger: str, reason: str) -> None:
    """`take` or `drop` an advice, by a human with a reason; nothing else follows from it by itself."""
    changes = {"decided_by_id": act.actor.employee_id, "decided_at": act.at, "decision": reason.strip()}
    take_step(act, advice, WORKFLOW, trigger, advice_facts(act, advice), reason=reason, changes=changes)
