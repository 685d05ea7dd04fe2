"""The steps of one employee's month up to its publication: submit, withdraw, score, close, review, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from approval.models.appraisal import Appraisal, KpiScore, SelfAssessment
from approval.models.sampling import SampleRound
from approval.rules import score as scoring
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.facts import appraisal_facts, kpi_scores, reviewer_of, self_assessment, weeks_of
from approval.services.kpi_count import counted_told, keep_counts
from approval.services.outbox import leave_letter
from approval.services.payday import close_evaluation, working_days
from approval.services.rulebook import policy_of
from approval.services.score import month_score, self_total, supervisor_total
from approval.services.self_assessment import draft_of
from approval.services.step import Conflict, take_step
from workflows.appraisal import (
    CONCLUDED,
    SELF_ASSESSMENT,
    WORKFLOW,
    AppraisalFacts,
    nothing_to_pay,
)
from workflows.engine import Offer


def offers(act: Act, appraisal: Appraisal) -> dict[str, Offer]:
    """The buttons of this actor on a month, by trigger."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(appraisal.state, appraisal_facts(act, appraisal))}


def submit(act: Act, appraisal: Appraisal, seen: str | None = None) -> None:
    """Hand the self-assessment to the supervisor (R074); a missing item refuses, it is never a zero.

    `seen` is the token of the draft that was read before submitting: Conflict where another one is kept by now.
    """
    act.session.refresh(appraisal, with_for_update=True)
    if seen is not None and draft_of(act, appraisal).token != seen:
        raise Conflict(appraisal.stream)
    score = self_total(act, appraisal)
    body = {"round": appraisal.round, "items": _given(act, appraisal, "self")}
    changes = {"submitted_at": act.at, "self_score": score}
    take_step(act, appraisal, WORKFLOW, "submit", appraisal_facts(act, appraisal), changes=changes, body=body)
    kept = self_assessment(act, appraisal)
    if kept is not None:
        kept.submitted_at = act.at
    _write_to(act, appraisal, appraisal.supervisor_id, "%(name)s 提交了 %(period)s 自评")


def withdraw(act: Act, appraisal: Appraisal) -> None:
    """Take one's own submission back while the supervisor has not closed."""
    changes = {"submitted_at": None, "self_score": None}
    take_step(act, appraisal, WORKFLOW, "withdraw", appraisal_facts(act, appraisal), changes=changes)
    kept = self_assessment(act, appraisal)
    if kept is not None:
        kept.submitted_at = None


def return_to_employee(act: Act, appraisal: Appraisal, reason: str) -> None:
    """Send a month back to its employee with a reason: a new round starts from copies, the old one stays."""
    _back(act, appraisal, "return_to_employee", reason)
    _write_to(act, appraisal, appraisal.employee_id, "您的 %(period)s 自评被退回，请修改后重新提交")


def return_to_supervisor(act: Act, appraisal: Appraisal, reason: str) -> None:
    """Send a month back to the supervisor with a reason: a new round starts from copies, the old one stays."""
    _back(act, appraisal, "return_to_supervisor", reason)
    _write_to(act, appraisal, appraisal.supervisor_id, "%(name)s 的 %(period)s 评分被退回，请复核后重新提交")


def reopen_after_objection(act: Act, appraisal: Appraisal, decider: int, reason: str) -> None:
    """Start a new round because an objection was upheld by `decider`."""
    _back(act, appraisal, "uphold_objection", reason, decider=decider)
    _write_to(act, appraisal, appraisal.supervisor_id, "%(name)s 的 %(period)s 异议成立，请重新评分")


def _back(act: Act, appraisal: Appraisal, trigger: str, reason: str, decider: int | None = None) -> None:
    facts = appraisal_facts(act, appraisal)
    if decider is not None:
        facts = replace(facts, objection_upheld_by=decider)
    old = appraisal.round
    changes: dict[str, Any] = {
        "round": old + 1,
        "supervisor_score": None,
        "score": None,
        "closed_at": None,
        "reviewed_by_id": None,
        "reviewed_at": None,
        "published_at": None,
        "publication_ends_on": None,
    }
    if trigger == "return_to_employee":
        changes |= {"self_score": None, "submitted_at": None}
    take_step(act, appraisal, WORKFLOW, trigger, facts, reason=reason, changes=changes)
    _copy_round(act, appraisal, old)


def _copy_round(act: Act, appraisal: Appraisal, old: int) -> None:
    """Start the new round from what was given in the old one; the old rows are not touched again."""
    for rater in ("self", "supervisor"):
        for score in kpi_scores(act, appraisal, rater, old).values():
            copy = KpiScore(appraisal_id=appraisal.id, round=appraisal.round, rater=rater, item=score.item)
            copy.points, copy.note = score.points, score.note
            act.session.add(copy)
    kept = self_assessment(act, appraisal, old)
    if kept is not None:
        again = SelfAssessment(appraisal_id=appraisal.id, round=appraisal.round, saved_at=act.at)
        again.self_score, again.summary = kept.self_score, kept.summary
        again.submitted_at = kept.submitted_at if appraisal.state != SELF_ASSESSMENT else None
        act.session.add(again)
    act.session.flush()


def _given(act: Act, appraisal: Appraisal, rater: str) -> Mapping[str, Decimal | None]:
    return {item: score.points for item, score in kpi_scores(act, appraisal, rater).items()}


def close_scores(act: Act, appraisal: Appraisal) -> None:
    """Close the supervisor's part and compute the month's score (R073, R074); refused while anything is unscored."""
    facts = appraisal_facts(act, appraisal)
    WORKFLOW.decide(appraisal.state, "close_scores", facts)
    theirs, score = supervisor_total(act, appraisal), month_score(act, appraisal)
    if theirs is None or score is None:
        raise Refused("这个月没有任何抽查样本，主管评分算不出来；请先导入记录并抽样", fault="no samples")
    changes = {
        "supervisor_score": scoring.rounded(theirs, max(2, policy_of(appraisal).score_places)),
        "score": score,
        "closed_at": act.at,
        "self_score": self_total(act, appraisal),
    }
    body = {
        "round": appraisal.round,
        "items": _given(act, appraisal, "supervisor"),
        "samples": _samples(act, appraisal),
        "counted": counted_told(act, appraisal, {one: _given(act, appraisal, one) for one in ("self", "supervisor")}),
    }
    keep_counts(act, appraisal)
    take_step(act, appraisal, WORKFLOW, "close_scores", facts, changes=changes, body=body)
    _keep_sample_round(act, appraisal)
    _write_to(act, appraisal, reviewer_of(act, appraisal), "%(name)s 的 %(period)s 评分已提交，等待审核")


def _samples(act: Act, appraisal: Appraisal) -> dict[str, Any]:
    return {one.work_item.code: one.score for week in weeks_of(act, appraisal) for one in week.samples}


def _keep_sample_round(act: Act, appraisal: Appraisal) -> None:
    for week in weeks_of(act, appraisal):
        for sample in week.samples:
            row = SampleRound(appraisal_id=appraisal.id, round=appraisal.round, sample_id=sample.id)
            if sample.score is None:
                raise Refused("还有抽查样本没有评分", fault="unscored sample")
            row.score, row.note = sample.score, sample.note
            act.session.add(row)
    act.session.flush()


def pass_review(act: Act, appraisal: Appraisal) -> None:
    """Pass a month: it is published for the days of its policy (R104); with 0 days publication ends at once."""
    facts = appraisal_facts(act, appraisal)
    days = policy_of(appraisal).objection_days
    ends_on = working_days(act).add_working_days(act.today, days) if days else act.today
    changes = {
        "reviewed_by_id": act.actor.employee_id,
        "reviewed_at": act.at,
        "published_at": act.at,
        "publication_ends_on": ends_on,
    }
    take_step(act, appraisal, WORKFLOW, "pass_review", facts, changes=changes, body={"publication_days": days})
    if days == 0:
        facts = replace(appraisal_facts(act, appraisal), publication_ended=True, unposted_channels=())
        _end(act, appraisal, facts, {"publication_days": 0})
    _write_to(act, appraisal, appraisal.employee_id, "您的 %(period)s 考核结果已公示，可以查看或提出异议")


def end_publication(act: Act, appraisal: Appraisal) -> None:
    """End the publication of a month after its last day, with every objection answered; what pays nothing is concluded."""
    _end(act, appraisal, appraisal_facts(act, appraisal))


def ending(facts: AppraisalFacts) -> str:
    """The step that ends a publication: on to the money, or to the end where there is none to pay (R118)."""
    return "end_publication" if nothing_to_pay(facts) else "conclude"


def ending_offer(act: Act, appraisal: Appraisal) -> Offer | None:
    """The button of this actor that ends a publication; None where it is not his to end."""
    facts = appraisal_facts(act, appraisal)
    return WORKFLOW.offer(appraisal.state, ending(facts), facts)


def _end(act: Act, appraisal: Appraisal, facts: AppraisalFacts, body: Mapping[str, Any] | None = None) -> None:
    take_step(act, appraisal, WORKFLOW, ending(facts), facts, body=body)
    close_evaluation(act, appraisal.cycle)
    if appraisal.state == CONCLUDED:
        _write_to(act, appraisal, appraisal.employee_id, "您的 %(period)s 考核已结案，这一期没有要发放的金额")


def pays_nothing(act: Act, appraisal: Appraisal) -> bool:
    """Say whether a period comes to its class alone, without any pay, pool or reward (R118)."""
    return nothing_to_pay(appraisal_facts(act, appraisal)) is None


def conclude(act: Act, appraisal: Appraisal) -> None:
    """End a period in which nothing is left to pay after its publication (R118)."""
    take_step(act, appraisal, WORKFLOW, "conclude", appraisal_facts(act, appraisal))
    _write_to(act, appraisal, appraisal.employee_id, "您的 %(period)s 考核已结案，这一期没有要发放的金额")


def cancel(act: Act, appraisal: Appraisal, reason: str) -> None:
    """Void a month before it is paid, with a reason; a new one may be opened for the same person."""
    take_step(act, appraisal, WORKFLOW, "cancel", appraisal_facts(act, appraisal), reason=reason)
    if appraisal.cycle.evaluation_closed_on is None:
        close_evaluation(act, appraisal.cycle)


def _write_to(act: Act, appraisal: Appraisal, to: int | None, subject: str) -> None:
    link = f"/appraisals/{appraisal.id}"
    leave_letter(act, [to], subject, link, name=appraisal.employee.name, period=appraisal.cycle.period)
