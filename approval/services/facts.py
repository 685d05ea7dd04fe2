"""The facts of one month for the guards of its table: gathered here, once, for buttons and steps alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from approval.models.appraisal import Appraisal, KpiScore, PayResult, SelfAssessment
from approval.models.beside import AppraisalSupplement
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.departments import head_of
from approval.models.figures import RewardPenalty
from approval.models.objection import Objection
from approval.models.payout import Payslip
from approval.models.people import holders
from approval.models.publication import PublicationPosting
from approval.models.sampling import Draw, Sample
from approval.rules.calendar import MONTH, Week, kind_of, months_within, weeks_of_month
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.kpi_count import governed, uncounted
from approval.services.rulebook import (
    assesses_by_kpi,
    channels_of,
    is_from_months,
    policy_in,
    policy_of,
    scores_by_sampling,
)
from workflows.appraisal import REVIEWED, AppraisalFacts


def general_manager(act: Act) -> int | None:
    """The general manager of today; None where the seat is vacant."""
    found = act.session.scalars(holders("general_manager", act.today)).first()
    return found.id if found else None


def reviewer_of(act: Act, appraisal: Appraisal) -> int | None:
    """Who reviews a month: the department's head, or for the head's own month the general manager; None where vacant."""
    head = head_of(act.session, appraisal.department_id, act.today)
    return general_manager(act) if head == appraisal.employee_id else head


def kpi_scores(act: Act, appraisal: Appraisal, rater: str, round_: int | None = None) -> dict[str, KpiScore]:
    """The KPI scores of one rater in a round (the present one by default), by item."""
    found = select(KpiScore).where(
        KpiScore.appraisal_id == appraisal.id,
        KpiScore.round == (round_ or appraisal.round),
        KpiScore.rater == rater,
    )
    return {score.item: score for score in act.session.scalars(found)}


def self_assessment(act: Act, appraisal: Appraisal, round_: int | None = None) -> SelfAssessment | None:
    """The self-assessment of a round (the present one by default)."""
    found = select(SelfAssessment).where(
        SelfAssessment.appraisal_id == appraisal.id, SelfAssessment.round == (round_ or appraisal.round)
    )
    return act.session.scalars(found).first()


@dataclass(frozen=True)
class WeekOfSamples:
    """One week of the month: its draw if there is one, and its samples that count (void ones left out)."""

    week: Week
    draw: Draw | None
    samples: tuple[Sample, ...]

    @property
    def drawn(self) -> bool:
        return self.draw is not None and self.draw.drawn_at is not None

    @property
    def scored(self) -> int:
        return sum(sample.score is not None for sample in self.samples)

    @property
    def complete(self) -> bool:
        """Drawn, and every sample scored: from then on the employee sees the week's scores."""
        return self.drawn and self.scored == len(self.samples)


def weeks_of(act: Act, appraisal: Appraisal) -> tuple[WeekOfSamples, ...]:
    """The sampling weeks of a month, each with its draw and samples in the order drawn."""
    if kind_of(appraisal.cycle.period) != MONTH:
        return ()
    year, month = appraisal.cycle.first_on.year, appraisal.cycle.first_on.month
    draws = {d.monday: d for d in act.session.scalars(select(Draw).where(Draw.appraisal_id == appraisal.id))}
    live = (
        select(Sample).where(Sample.appraisal_id == appraisal.id, Sample.voided_at.is_(None)).order_by(Sample.position)
    )
    samples = act.session.scalars(live).all()
    return tuple(
        WeekOfSamples(
            week,
            draw := draws.get(week.monday),
            tuple(one for one in samples if draw is not None and one.draw_id == draw.id),
        )
        for week in weeks_of_month(year, month)
    )


def months_behind(act: Act, appraisal: Appraisal, *, reviewed: bool = True) -> Sequence[Appraisal]:
    """The person's months within a quarter or year: those that are reviewed, or those still open; in order."""
    state = Appraisal.state.in_(REVIEWED) if reviewed else Appraisal.state.not_in((*REVIEWED, "cancelled"))
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Appraisal.employee_id == appraisal.employee_id, state)
        .where(Cycle.period.in_(months_within(appraisal.cycle.period)))
        .order_by(Cycle.period)
        .options(joinedload(Appraisal.cycle))
    )
    return act.session.scalars(query).all()


def _missing_self_items(act: Act, appraisal: Appraisal) -> tuple[str, ...]:
    policy = policy_of(appraisal)
    if assesses_by_kpi(policy):
        given, counted = kpi_scores(act, appraisal, "self"), governed(act, appraisal)
        asked = [item for item in policy.kpi if item.code not in counted]
        return tuple(item.zh for item in asked if item.code not in given or given[item.code].points is None)
    kept = self_assessment(act, appraisal)
    return () if kept is not None and kept.self_score is not None else ("月末自我鉴定",)


def _unscored(act: Act, appraisal: Appraisal) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Samples without a score, KPI items without the supervisor's points (measured ones are counted), undrawn weeks."""
    policy = policy_of(appraisal)
    if not scores_by_sampling(policy):
        given = kpi_scores(act, appraisal, "supervisor")
        asked = [item for item in policy.kpi if item.measure is None]
        return 0, tuple(i.zh for i in asked if i.code not in given or given[i.code].points is None), ()
    weeks = weeks_of(act, appraisal)
    undrawn = tuple(one.week.label for one in weeks if not one.drawn)
    return sum(1 for one in weeks for sample in one.samples if sample.score is None), (), undrawn


def _open_months(act: Act, appraisal: Appraisal) -> tuple[str, ...]:
    return tuple(one.cycle.period for one in months_behind(act, appraisal, reviewed=False))


def open_objections(act: Act, appraisal: Appraisal) -> Sequence[Objection]:
    """Objections to a month that nobody has answered yet."""
    found = select(Objection).where(Objection.appraisal_id == appraisal.id, Objection.state == "raised")
    return act.session.scalars(found).all()


def pool_of(act: Act, appraisal: Appraisal) -> BonusPool | None:
    """The bonus pool of the month's cycle, if the department has one."""
    return act.session.scalars(select(BonusPool).where(BonusPool.cycle_id == appraisal.cycle_id)).first()


def needs_pool(appraisal: Appraisal) -> bool:
    """Say whether a period comes to the share of a pool alone: a year under the pool of a monthly policy (R006, R009)."""
    return comes_to_a_pool_alone(policy_of(appraisal), appraisal.cycle.period)


def comes_to_a_pool_alone(policy: Policy, period: str) -> bool:
    """Say whether a policy pays nothing in a period but the share of a pool (R006, R009)."""
    kind = kind_of(period)
    return policy.cycle != kind and any(pool["period"] == kind for pool in policy.pools)


def pays_something(act: Act, appraisal: Appraisal) -> bool:
    """Say whether a period comes to money: a pay line of its policies, a pool that its policy has, a reward or penalty;
    a quarter may end with its class alone (R118)."""
    policy, kind = policy_of(appraisal), kind_of(appraisal.cycle.period)
    if (policy.cycle == kind and policy.pays) or any(pool["period"] == kind for pool in policy.pools):
        return True
    added = select(AppraisalSupplement).where(AppraisalSupplement.appraisal_id == appraisal.id)
    if any(policy_in(one.frozen_policy).pays for one in act.session.scalars(added)):
        return True
    rewards = select(RewardPenalty.id).where(RewardPenalty.employee_id == appraisal.employee_id)
    return act.session.scalars(rewards.where(RewardPenalty.period == appraisal.cycle.period)).first() is not None


def _live_payslip(act: Act, appraisal: Appraisal) -> Payslip | None:
    return act.session.scalars(
        select(Payslip).where(Payslip.appraisal_id == appraisal.id, Payslip.live.is_(True))
    ).first()


def postings_of(act: Act, cycle_id: int) -> Sequence[PublicationPosting]:
    """Where the results of a cycle were posted, the oldest first."""
    query = select(PublicationPosting).where(PublicationPosting.cycle_id == cycle_id)
    return act.session.scalars(query.order_by(PublicationPosting.id)).all()


def unposted_channels(act: Act, appraisal: Appraisal) -> tuple[str, ...]:
    """The channels of a published month's policy on which nothing was posted since its publication (R104)."""
    since = appraisal.published_at
    if since is None or not (named := channels_of(appraisal)):
        return ()
    posted = {one.channel for one in postings_of(act, appraisal.cycle_id) if one.kept_at >= since}
    return tuple(name for name in named if name not in posted)


def appraisal_facts(act: Act, appraisal: Appraisal) -> AppraisalFacts:
    """Gather what the appraisal's guards ask, as of now."""
    samples, items, weeks = _unscored(act, appraisal)
    pool, payslip = pool_of(act, appraisal), _live_payslip(act, appraisal)
    results = select(func.count()).select_from(PayResult).where(PayResult.appraisal_id == appraisal.id)
    ends_on = appraisal.publication_ends_on
    compiled = is_from_months(appraisal)
    return AppraisalFacts(
        actor=act.actor.employee_id,
        subject=appraisal.employee_id,
        scorer=appraisal.supervisor_id,
        reviewer=reviewer_of(act, appraisal),
        is_general_manager=act.actor.holds("general_manager"),
        is_hr=act.actor.holds("hr"),
        is_performance_admin=act.actor.holds("performance_admin"),
        from_months=compiled,
        months_known=len([one for one in months_behind(act, appraisal) if one.score is not None]) if compiled else 0,
        open_months=_open_months(act, appraisal) if compiled else (),
        missing_self_items=_missing_self_items(act, appraisal),
        unscored_samples=samples,
        unscored_items=items,
        undrawn_weeks=weeks,
        uncounted_items=uncounted(act, appraisal) if not compiled else (),
        has_score=appraisal.score is not None,
        unposted_channels=unposted_channels(act, appraisal) if appraisal.state == "publication" else (),
        publication_ended=ends_on is not None and act.today > ends_on,
        open_objections=len(open_objections(act, appraisal)),
        pool_approved_by=pool.approved_by_id if pool else None,
        pool_required=pool is not None or needs_pool(appraisal),
        pays_something=pays_something(act, appraisal),
        has_pay_result=bool(act.session.scalar(results)),
        batch_signed_off_by=payslip.batch.signed_off_by_id if payslip else None,
        batch_paid=payslip is not None and payslip.line_state == "paid",
        has_live_payslip=payslip is not None,
    )
