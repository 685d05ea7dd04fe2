"""Streaks of months become advice for a human: with the scores as evidence, never a change of employment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from approval.models.advice import KINDS, Advice, MonthFlag
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.rules.bands import piece_of
from approval.rules.calendar import MONTH, QUARTER, kind_of, months_within, previous_period
from approval.rules.policy_parts import StreakRule
from approval.rules.streak import hit, streak
from approval.services.act import Act
from approval.services.advice_evidence import REVIEWED, Proof, evidence_of, items_of, keep_evidence, missing_evidence
from approval.services.rulebook import policy_of, quarterly_policies
from approval.services.step import start, take_step
from workflows.advice import TAKEN, WORKFLOW, AdviceFacts
from workflows.engine import Offer

__all__ = [
    "Proof",
    "advice_facts",
    "completes",
    "decide_advice",
    "evidence_of",
    "flag_month",
    "flags_of",
    "keep_evidence",
    "months_before",
    "offers",
    "propose_advice",
]
WINDOW = 12
AWARD = "year_end_award_advice"
HIT = ("ge", Decimal(1))


def months_before(
    act: Act, appraisal: Appraisal, count: int = WINDOW, *, upto: Decimal | None = None
) -> list[tuple[str, Decimal | None]]:
    """The scores of the last months up to this one, oldest first; None for a month without a reviewed score (A-33)."""
    scores: dict[str, Decimal | None] = {one.cycle.period: one.score for one in _reviewed(act, appraisal)}
    if upto is not None:
        scores[appraisal.cycle.period] = upto
    return _in_a_row(appraisal.cycle.period, scores, count)


def _reviewed(act: Act, appraisal: Appraisal) -> Sequence[Appraisal]:
    """The person's months that have a reviewed score."""
    query = select(Appraisal).where(Appraisal.employee_id == appraisal.employee_id, Appraisal.state.in_(REVIEWED))
    return act.session.scalars(query.options(joinedload(Appraisal.cycle))).all()


def _in_a_row(period: str, known: Mapping[str, Decimal | None], count: int) -> list[tuple[str, Decimal | None]]:
    months = []
    for _ in range(count):
        months.append((period, known.get(period)))
        period = previous_period(period)
    while len(months) > 1 and months[-1][1] is None:
        months.pop()
    return months[::-1]


def completes(act: Act, appraisal: Appraisal, rule: StreakRule, upto: Decimal | None = None) -> bool:
    """Say whether a month completes a streak; every month counts by the rule of its own frozen policy, never by today's."""
    hits: dict[str, Decimal | None] = {}
    for one in _reviewed(act, appraisal):
        own = next((other for other in policy_of(one).streaks if other.code == rule.code), rule)
        hits[one.cycle.period] = None if one.score is None else Decimal(hit(one.score, own.test))
    if upto is not None:
        hits[appraisal.cycle.period] = Decimal(hit(upto, rule.test))
    months = _in_a_row(appraisal.cycle.period, hits, _looked_back(rule))
    return streak(months, HIT, rule.run, mode=rule.mode, gap=rule.gap, window=rule.window).fires


def _looked_back(rule: StreakRule) -> int:
    return max(WINDOW, rule.window, rule.run)


def propose_advice(act: Act, appraisal: Appraisal) -> Sequence[Advice]:
    """Look at every streak of the month's policy, and propose what fires; the same month proposes each once."""
    if kind_of(appraisal.cycle.period) != MONTH:
        return []
    proposed = []
    for one in policy_of(appraisal).streaks:
        if completes(act, appraisal, one) and one.action in KINDS and not _proposed(act, appraisal, one.code):
            months = months_before(act, appraisal, _looked_back(one))
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


def flag_month(act: Act, appraisal: Appraisal) -> Sequence[MonthFlag]:
    """Keep what a reviewed month counts as: the class of each rating (R118, R127), and the streaks that it completes.

    A quarter has the classes of every quarterly policy in force for the department, also of one that pays nothing.
    """
    score = appraisal.score
    flags = [_class_of(code, rating, score) for code, rating in _ratings(act, appraisal).items() if score is not None]
    if kind_of(appraisal.cycle.period) == MONTH:
        for one in policy_of(appraisal).streaks:
            if completes(act, appraisal, one, upto=score):
                flags.append(MonthFlag(kind="streak", code=one.code, label=one.zh, label_en=one.en))
    for flag in flags:
        flag.appraisal_id, flag.round, flag.at = appraisal.id, appraisal.round, act.at
        act.session.add(flag)
    act.session.flush()
    return flags


def _class_of(code: str, rating: Mapping[str, Any], score: Decimal | None) -> MonthFlag:
    piece = piece_of(rating["pieces"], Fraction(score or 0))
    zh, label = piece.get("zh", piece["label"]), piece["label"]
    return MonthFlag(kind="rating", code=code, label=zh, label_en=piece.get("en", label))


def _ratings(act: Act, appraisal: Appraisal) -> dict[str, Mapping[str, Any]]:
    """The ratings by score that hold for a month: its policy's own, and in a quarter those beside it."""
    policies = [policy_of(appraisal)]
    if kind_of(appraisal.cycle.period) == QUARTER:
        policies += quarterly_policies(act, appraisal)
    found: dict[str, Mapping[str, Any]] = {}
    for policy in policies:
        found |= {code: one for code, one in policy.ratings.items() if one["input"] == "score" and code not in found}
    return found


def flags_of(act: Act, appraisal: Appraisal) -> Sequence[MonthFlag]:
    """The flags of the present round, in the order in which they were kept."""
    query = select(MonthFlag).where(MonthFlag.appraisal_id == appraisal.id, MonthFlag.round == appraisal.round)
    return act.session.scalars(query.order_by(MonthFlag.id)).all()


def awards_taken(act: Act, people: Sequence[int], period: str) -> Sequence[Advice]:
    """The year-end award advice of a period's months that somebody has taken (R130): facts for a human, nothing is paid."""
    query = (
        select(Advice)
        .join(Appraisal, Appraisal.id == Advice.appraisal_id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Advice.kind == AWARD, Advice.state == TAKEN, Advice.employee_id.in_(people))
        .where(Cycle.period.in_(months_within(period)))
        .order_by(Advice.id)
        .options(joinedload(Advice.employee))
    )
    return act.session.scalars(query).all()


def _proposed(act: Act, appraisal: Appraisal, code: str) -> bool:
    query = select(Advice.id).where(Advice.appraisal_id == appraisal.id, Advice.streak == code)
    return act.session.scalars(query).first() is not None


def advice_facts(act: Act, advice: Advice) -> AdviceFacts:
    """Gather what the advice's guards ask."""
    names = items_of(act, advice)
    return AdviceFacts(
        actor=act.actor.employee_id,
        subject=advice.employee_id,
        is_hr=act.actor.holds("hr"),
        is_general_manager=act.actor.holds("general_manager"),
        evidence_missing=tuple(names[item] for item in missing_evidence(act, advice)),
    )


def offers(act: Act, advice: Advice) -> dict[str, Offer]:
    """The buttons of this actor on an advice."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(advice.state, advice_facts(act, advice))}


def decide_advice(act: Act, advice: Advice, trigger: str, reason: str) -> None:
    """`take` or `drop` an advice, by a human with a reason; nothing else follows from it by itself."""
    changes = {"decided_by_id": act.actor.employee_id, "decided_at": act.at, "decision": reason.strip()}
    take_step(act, advice, WORKFLOW, trigger, advice_facts(act, advice), reason=reason, changes=changes)
