"""The evidence behind an advice: what the law asks for first, in its order and dated (rules.md section 6, LCL arts. 40–43)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from approval.models.advice import EVIDENCE, PROTECTION, PROTECTION_NAME, Advice, AdviceEvidence
from approval.models.appraisal import CLOSED_STATES, Appraisal
from approval.models.coaching import CoachingRecord
from approval.rules.calendar import MONTH, kind_of, period_bounds
from approval.rules.policy_parts import StreakRule
from approval.rules.refusal import Refused
from approval.rules.streak import hit
from approval.services.act import Act
from approval.services.protection import is_protected
from approval.services.rulebook import policy_of
from approval.services.step import keep_record
from workflows.advice import PROPOSED
from workflows.engine import No, NotAllowed

REVIEWED = tuple(state for state in CLOSED_STATES if state != "department_review")
DATED = "dismissal_advice"  # the kind of advice whose evidence has days and an order
COACHED = {"talk": ("talk", "coaching"), "training": ("training", "transfer", "coaching")}


@dataclass(frozen=True)
class Proof:
    """What is put on record: words, the day, a record of training that is cited, the month whose score is meant."""

    note: str = ""
    held_on: date | None = None
    coaching_id: int | None = None
    appraisal_id: int | None = None


def rule_of(act: Act, advice: Advice) -> StreakRule:
    """The rule of the month's policy that the advice comes from."""
    policy = policy_of(act.session.get_one(Appraisal, advice.appraisal_id))
    return next(one for one in policy.streaks if one.code == advice.streak)


def evidence_of(act: Act, advice: Advice) -> Mapping[str, AdviceEvidence]:
    """What is on record for an advice, the newest by item."""
    query = select(AdviceEvidence).where(AdviceEvidence.advice_id == advice.id).order_by(AdviceEvidence.id)
    return {row.item: row for row in act.session.scalars(query)}


def items_of(act: Act, advice: Advice) -> dict[str, str]:
    """What must be on record before the advice is taken, by item: its name."""
    kept = evidence_of(act, advice)
    asks = advice.kind == DATED and (PROTECTION in kept or is_protected(act, advice.employee_id))
    return EVIDENCE[advice.kind] | ({PROTECTION: PROTECTION_NAME} if asks else {})


def missing_evidence(act: Act, advice: Advice) -> tuple[str, ...]:
    """The items without a record that proves them: none kept, one voided since, a score that has changed since."""
    kept = evidence_of(act, advice)
    return tuple(item for item in items_of(act, advice) if item not in kept or not _proves(act, advice, kept[item]))


def _proves(act: Act, advice: Advice, row: AdviceEvidence) -> bool:
    if row.coaching is not None and row.coaching.void is not None:
        return False
    if row.item != "second":
        return True
    return any(one.id == row.appraisal_id and is_below(act, advice, one) for one in months_after(act, advice))


def trained_until(act: Act, advice: Advice) -> date | None:
    """The last day of the training or the change of post on record; None while there is none."""
    row = evidence_of(act, advice).get("training")
    if row is None or (row.coaching is not None and row.coaching.void is not None):
        return None
    if row.coaching is not None:
        return row.coaching.ends_on or row.coaching.begins_on
    return row.held_on or row.kept_at.astimezone(act.zone).date()  # rows kept before days were asked for


def months_after(act: Act, advice: Advice) -> list[Appraisal]:
    """The person's reviewed months that began after the training or the change of post, oldest first."""
    trained = trained_until(act, advice)
    if trained is None:
        return []
    query = select(Appraisal).where(Appraisal.employee_id == advice.employee_id, Appraisal.state.in_(REVIEWED))
    months = act.session.scalars(query.options(joinedload(Appraisal.cycle))).all()
    found = [one for one in months if kind_of(one.cycle.period) == MONTH and one.cycle.first_on >= trained]
    return sorted(found, key=lambda one: one.cycle.period)


def is_below(act: Act, advice: Advice, month: Appraisal) -> bool:
    """Whether a month's score still counts for the streak, by the rule of the month's own policy where it has one."""
    rule = rule_of(act, advice)
    own = next((one for one in policy_of(month).streaks if one.code == rule.code), rule)
    return month.score is not None and hit(month.score, own.test)


def found_from(act: Act, advice: Advice) -> date:
    """The day after the first month of the run: what was done before it was no answer to it."""
    rule = rule_of(act, advice)
    counted = [period for period, score in json.loads(advice.months) if score and hit(Decimal(score), rule.test)]
    return period_bounds(counted[-rule.run :][0])[1] + timedelta(days=1)


def coaching_for(act: Act, advice: Advice, item: str) -> Sequence[CoachingRecord]:
    """The records of the person that an item may cite, the newest first."""
    query = select(CoachingRecord).where(
        CoachingRecord.employee_id == advice.employee_id,
        CoachingRecord.kind.in_(COACHED.get(item, ())),
        CoachingRecord.begins_on >= found_from(act, advice),
        ~CoachingRecord.void.has(),
    )
    return act.session.scalars(query.order_by(CoachingRecord.begins_on.desc(), CoachingRecord.id.desc())).all()


def keep_evidence(act: Act, advice: Advice, item: str, proof: Proof) -> AdviceEvidence:
    """Put on record what was done before the decision; a later record of the same item stands before the earlier one."""
    _must_keep(act, advice, item)
    row = AdviceEvidence(advice_id=advice.id, item=item, kept_by_id=act.person, kept_at=act.at, note=proof.note.strip())
    if advice.kind == DATED:
        _date(act, advice, row, proof)
    if not row.note:
        raise Refused("请写明做了什么、在哪一天", fault="note missing")
    act.session.add(row)
    act.session.flush()
    body: dict[str, Any] = {"item": item, "held_on": row.held_on.isoformat() if row.held_on else ""}
    cited = {"coaching": row.coaching_id, "month": row.appraisal_id}
    keep_record(act, advice, "advice:keep_evidence", reason=row.note, body=body | cited)
    return row


def _must_keep(act: Act, advice: Advice, item: str) -> None:
    if not act.actor.holds("hr", "general_manager"):
        raise NotAllowed([No("只有人事或总经理可以登记证据")])
    if item == PROTECTION and not act.actor.holds("hr"):
        raise NotAllowed([No("特别保护情形只由人事书面说明")])
    if act.actor.employee_id == advice.employee_id:
        raise NotAllowed([No("不能登记关于自己的证据")])
    if advice.state != PROPOSED or item not in items_of(act, advice):
        raise NotAllowed([No("这一项不需要登记，或建议已经决定")])


def _date(act: Act, advice: Advice, row: AdviceEvidence, proof: Proof) -> None:
    """The day of an item, its citation, and its place in the order."""
    row.held_on = proof.held_on
    if row.item == "second":
        _second(act, advice, row, proof)
    elif row.item in COACHED:
        _coached(act, advice, row, proof)
    elif row.item == "union":
        if not _is_on_record(act, advice, "second"):
            raise Refused("请先登记培训或调岗之后的再次考核，再通知工会", fault="out of order")
        _must_be_past(act, row)
    else:
        row.held_on = act.today


def _is_on_record(act: Act, advice: Advice, item: str) -> bool:
    return item in evidence_of(act, advice) and item not in missing_evidence(act, advice)


def _must_be_past(act: Act, row: AdviceEvidence) -> None:
    if row.held_on is None:
        raise Refused("请填写日期", fault="no day")
    if row.held_on > act.today:
        raise Refused("日期不能晚于今天", fault="in the future")


def _coached(act: Act, advice: Advice, row: AdviceEvidence, proof: Proof) -> None:
    """A talk that was held, a training or change of post that was arranged: after the first finding."""
    if proof.coaching_id is not None:
        cited = next((one for one in coaching_for(act, advice, row.item) if one.id == proof.coaching_id), None)
        if cited is None:
            raise Refused("没有这条培训与辅导记录，或者它早于第一次低分", fault="unknown record")
        row.coaching, row.held_on = cited, cited.begins_on
        row.note = row.note or f"{cited.content}（{cited.led_by}）"
    elif row.item == "talk":
        _must_be_past(act, row)
    elif row.held_on is None:
        raise Refused("请填写日期", fault="no day")
    first = found_from(act, advice)
    if row.held_on is not None and row.held_on < first:
        raise Refused("须在第一次低分之后，最早 %(day)s", fault="before the finding", day=first)


def _second(act: Act, advice: Advice, row: AdviceEvidence, proof: Proof) -> None:
    """The appraisal after the training: a reviewed month that began after it and is still below the bound."""
    trained = trained_until(act, advice)
    if trained is None:
        raise Refused("请先登记培训或调岗的安排", fault="out of order")
    month = next((one for one in months_after(act, advice) if one.id == proof.appraisal_id), None)
    if month is None:
        text = "请选一个已复核的月份；它必须在培训或调岗（%(day)s）之后开始"
        raise Refused(text, fault="no month", day=trained)
    if not is_below(act, advice, month):
        text = "%(period)s 得分 %(score)s，已经达到要求；再次考核合格，请不采纳这条建议"
        raise Refused(text, fault="above the bound", period=month.cycle.period, score=month.score)
    row.appraisal_id, row.held_on = month.id, month.cycle.last_on
    row.note = row.note or f"{month.cycle.period} {month.score}"
