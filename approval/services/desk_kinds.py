"""The kinds of things that may wait on a desk: what is asked of the database for each, and of whom it is asked at all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, true

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement, BonusVoid
from approval.models.bonus_pool import BonusPool
from approval.models.countersign import PolicyCountersigner
from approval.models.cycle import Cycle, LeftOut
from approval.models.feedback import Feedback
from approval.models.figures import Attendance, Figure, RewardPenalty
from approval.models.guard import LeaverDecision, WageFlag
from approval.models.objection import Objection
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import Department, Employee, Office, in_force
from approval.models.policy import PolicyAcknowledgement, PolicyVersion
from approval.models.publication import PublicationPosting
from approval.models.sampling import Draw, Sample
from approval.models.target import AnnualTarget, MonthTarget, PersonalTarget
from approval.services.act import Act
from approval.services.desk_rows import Rows, of_cycle, of_month, of_months, row
from workflows.appraisal import CANCELLED, PAYOUT, PUBLICATION, REVIEWED, SAMPLING, SELF_ASSESSMENT, SETTLED

HELD = ("sampling", "department_review", "publication", "split_approval", "payout")  # of whom others hold the month
SCORING = (SELF_ASSESSMENT, SAMPLING)


def kinds_for(act: Act) -> Iterator[Rows]:
    """What is asked for one actor, a query a kind."""
    offices = act.actor.offices
    yield from _own(act)
    yield from _policies(act)
    yield from _team(act)
    if act.actor.headed or offices & {"general_manager", "hr"}:
        yield from _results(act)
    if act.actor.headed or "general_manager" in offices:
        yield from _reviews(act)
        yield _uneven(act)
    if act.actor.headed:
        yield from _pools(act)
    if "general_manager" in offices:
        yield from _chief()
    if offices & {"general_manager", "hr"}:
        yield _voids(act)
    if "hr" in offices:
        yield from _hr(act)
    if offices & {"hr", "data", "performance_admin"}:
        yield from _gaps(act)
    if "finance" in offices:
        yield from _finance(act)


def _own(act: Act) -> Iterator[Rows]:
    me = act.actor.employee_id
    own = Appraisal.employee_id == me
    states = Appraisal.state.in_({SELF_ASSESSMENT, *HELD})
    yield of_month("own month", Cycle.self_assessment_due, n=Appraisal.round).where(own, states)
    unread = (Payslip.line_state == "paid", Payslip.receipt_at.is_(None))
    yield row("payslip", Payslip.id, period=Payslip.period).where(Payslip.employee_id == me, *unread)
    target = row("own target", PersonalTarget.id, n=AnnualTarget.year, name=AnnualTarget.name)
    target = target.join(AnnualTarget, AnnualTarget.id == PersonalTarget.target_id)
    yield target.where(PersonalTarget.employee_id == me, PersonalTarget.confirmed_at.is_(None))
    silent = (Feedback.confirmed_at.is_(None), Feedback.commented_at.is_(None))
    yield of_month("talk to answer").join(Feedback, _present(Feedback)).where(own, *silent)
    pool = of_cycle("split handed in", BonusPool.id, BonusPool.cycle_id)
    yield pool.where(BonusPool.submitted_by_id == me, BonusPool.state == "submitted")
    batch = row("batch handed in", PayoutBatch.id, name=PayoutBatch.number)
    yield batch.where(PayoutBatch.prepared_by_id == me, PayoutBatch.state == "prepared")


def _present(talk: type[Feedback]) -> ColumnElement[bool]:
    """The talk about the present round of a result."""
    return and_(talk.appraisal_id == Appraisal.id, talk.round == Appraisal.round)


def _policies(act: Act) -> Iterator[Rows]:
    """Versions that everybody whom they are for reads, and those that go round to be countersigned."""
    read = select(PolicyAcknowledgement.version_id).where(PolicyAcknowledgement.employee_id == act.actor.employee_id)
    lasts = or_(PolicyVersion.effective_to.is_(None), PolicyVersion.effective_to >= act.today)
    version = row("policy to read", PolicyVersion.id).where(PolicyVersion.state == "published", lasts)
    yield version.where(PolicyVersion.id.not_in(read))
    named = select(PolicyCountersigner.id).where(PolicyCountersigner.version_id == PolicyVersion.id)
    yield row("countersigning", PolicyVersion.id).where(PolicyVersion.state == "reviewed", named.exists())


def _team(act: Act) -> Iterator[Rows]:
    """Weeks, scores and talks of the people of a supervisor."""
    mine = Appraisal.supervisor_id == act.actor.employee_id
    scoring = (mine, Appraisal.state.in_(SCORING))
    yield of_month("month to score", Cycle.scores_due).where(*scoring)
    unscored = func.count(Sample.id).filter(Sample.score.is_(None), Sample.voided_at.is_(None))
    weeks = row("week", Draw.appraisal_id, day=Draw.monday, n=unscored).select_from(Draw)
    weeks = weeks.join(Appraisal, Appraisal.id == Draw.appraisal_id).outerjoin(Sample, Sample.draw_id == Draw.id)
    yield weeks.where(*scoring).group_by(Draw.id)
    yield of_months("scores handed in").where(mine, Appraisal.state == "department_review")
    talked = select(Feedback.id).where(_present(Feedback)).exists()
    wanting = (mine, Appraisal.state.in_(REVIEWED), ~talked)
    yield of_month("talk to hold").where(*wanting)
    yield _beside("beside a talk").where(*wanting)


def _beside(kind: str) -> Rows:
    """The policies that stand beside an appraisal's own."""
    query = row(kind, Appraisal.id, policy_id=AppraisalSupplement.frozen_policy_id).select_from(AppraisalSupplement)
    return query.join(Appraisal, Appraisal.id == AppraisalSupplement.appraisal_id)


def _results(act: Act) -> Iterator[Rows]:
    """Publications and the objections to what was published."""
    told = {"employee_id": Appraisal.employee_id, "supervisor_id": Appraisal.supervisor_id}
    objection = row("objection", Objection.id, name=Employee.name, department_id=Appraisal.department_id, **told)
    objection = objection.join(Appraisal, Appraisal.id == Objection.appraisal_id)
    yield objection.join(Employee, Employee.id == Appraisal.employee_id).where(Objection.state == "raised")
    chief = row("general manager", Employee.id, name=Employee.number).join(Office, Office.employee_id == Employee.id)
    in_office = in_force(act.today, Office.from_on, Office.to_on)
    yield chief.where(Office.office == "general_manager", in_office)
    public = Appraisal.state == PUBLICATION
    if not act.actor.headed and not act.actor.holds("hr"):
        return
    of = true() if act.actor.holds("hr") else Cycle.department_id.in_(act.actor.headed)
    yield of_months("publication over").where(of, public, Appraisal.publication_ends_on < act.today)
    since = func.max(Appraisal.published_at)
    by = Appraisal.frozen_policy_id
    yield of_months("publication", None, by, policy_id=by, at=since).where(public, Appraisal.published_at.is_not(None))
    last, channel = func.max(PublicationPosting.kept_at), PublicationPosting.channel
    running = select(Appraisal.id).where(Appraisal.cycle_id == PublicationPosting.cycle_id, public).exists()
    posting = row("posting", PublicationPosting.cycle_id, name=channel, at=last).where(running)
    yield posting.group_by(PublicationPosting.cycle_id, channel)


def _reviews(act: Act) -> Iterator[Rows]:
    """Months to review; `id` is the cycle's department, `department_id` the months' own. A head's are told one by one."""
    heads = select(Office.employee_id).where(
        Office.office == "department_head", in_force(act.today, Office.from_on, Office.to_on)
    )
    waits, led = Appraisal.state == "department_review", Appraisal.employee_id.in_(heads)
    of, due, unit, person = Cycle.department_id, Cycle.review_due, Appraisal.department_id, Appraisal.employee_id
    yield of_months("review", due, unit, of=of, department_id=unit).where(waits, ~led)
    one_by_one = of_months("review", due, unit, person, of=of, department_id=unit, employee_id=person)
    yield one_by_one.where(waits, led)


def _uneven(act: Act) -> Rows:
    """Targets that the person-months do not make up (R002)."""
    parts = select(func.coalesce(func.sum(MonthTarget.value), 0)).join(PersonalTarget)
    parts = parts.where(PersonalTarget.target_id == AnnualTarget.id)
    told = {"n": AnnualTarget.year, "name": AnnualTarget.name, "department": Department.name}
    target = row("uneven target", AnnualTarget.id, department_id=AnnualTarget.department_id, **told)
    target = target.join(Department, Department.id == AnnualTarget.department_id)
    return target.where(AnnualTarget.year >= act.today.year, AnnualTarget.amount != parts.scalar_subquery())


def _pools(act: Act) -> Iterator[Rows]:
    """Pools that a head has to split, and periods that have none yet."""
    of = Cycle.department_id.in_(act.actor.headed)
    pool = of_cycle("pool to split", BonusPool.id, BonusPool.cycle_id, Cycle.approval_due, name=BonusPool.return_reason)
    yield pool.where(of, BonusPool.state == "splitting")
    bare = Cycle.id.not_in(select(BonusPool.cycle_id))
    yield of_months("without a pool", Cycle.approval_due).where(of, Appraisal.state == "split_approval", bare)


def _chief() -> Iterator[Rows]:
    """What the general manager approves, signs and publishes."""
    split = of_cycle("split to approve", BonusPool.id, BonusPool.cycle_id, Cycle.approval_due)
    yield split.where(BonusPool.state == "submitted")
    batch = of_cycle("batch to sign", PayoutBatch.id, PayoutBatch.cycle_id, Cycle.payday, name=PayoutBatch.number)
    yield batch.where(PayoutBatch.state == "prepared")
    told = {"n": PolicyVersion.number, "name": PolicyVersion.name, "code": PolicyVersion.code}
    yield row("policy to publish", PolicyVersion.id, **told).where(PolicyVersion.state == "reviewed")


def _voids(act: Act) -> Rows:
    """Voidings of a bonus that somebody else entered, of somebody else (R107)."""
    me = act.actor.employee_id
    void = of_month("bonus void").join(BonusVoid, BonusVoid.appraisal_id == Appraisal.id)
    return void.where(BonusVoid.state == "entered", BonusVoid.entered_by_id != me, Appraisal.employee_id != me)


def _hr(act: Act) -> Iterator[Rows]:
    """People left out, leavers in a pool, attendance, wages below the minimum, advice."""
    yield row("left out", LeftOut.cycle_id, n=func.count()).group_by(LeftOut.cycle_id)
    done = select(LeaverDecision.id).where(
        LeaverDecision.pool_id == BonusPool.id, LeaverDecision.employee_id == Appraisal.employee_id
    )
    told = {"code": Employee.number, "n": BonusPool.id}
    leaver = of_month("leaver", Employee.left_on, **told).join(BonusPool, BonusPool.cycle_id == Cycle.id)
    leaver = leaver.where(BonusPool.state == "splitting", Appraisal.state != CANCELLED, ~done.exists())
    yield leaver.where(Employee.left_by == "company")
    there = select(Attendance.id).where(
        Attendance.employee_id == Appraisal.employee_id, Attendance.period == Cycle.period
    )
    missing = (Appraisal.state != CANCELLED, ~there.exists())
    yield of_months("attendance", Cycle.scores_due).where(_is_over(act), *missing)
    live = select(Payslip.pay_result_id).where(Payslip.live.is_(True))
    flag = row("wage flag", func.min(WageFlag.id), n=func.count())
    yield flag.where(WageFlag.decided_by_id.is_(None), WageFlag.pay_result_id.in_(live))
    yield row("advice", func.min(Advice.id), n=func.count()).where(Advice.state == "proposed")


def _is_over(act: Act) -> ColumnElement[bool]:
    """The cycle's last day has passed, and not all of its appraisals are settled."""
    month = Appraisal.__table__.alias()
    runs = select(month.c.id).where(month.c.cycle_id == Cycle.id, month.c.state.not_in(SETTLED))
    return and_(Cycle.last_on < act.today, runs.exists())


def _gaps(act: Act) -> Iterator[Rows]:
    """The open months of cycles that are over, with what is brought in of the figures that their policies need."""
    open_ = (Cycle.last_on < act.today, Appraisal.state.not_in(SETTLED))
    yield of_month("open month", Cycle.scores_due, n=literal(1)).where(*open_)
    if not act.actor.holds("hr", "data"):
        return
    yield _beside("beside an open month").join(Cycle, Cycle.id == Appraisal.cycle_id).where(*open_)
    figure = row("figure", Appraisal.id, code=Figure.code).select_from(Appraisal)
    figure = figure.join(Cycle, Cycle.id == Appraisal.cycle_id)
    there = and_(Figure.employee_id == Appraisal.employee_id, Figure.period == Cycle.period)
    yield figure.join(Figure, there).where(*open_)


def _finance(act: Act) -> Iterator[Rows]:
    """Months to pay, batches to export and to book, rewards that a second person confirms."""
    paid = select(Payslip.appraisal_id).where(Payslip.live.is_(True))
    yield of_months("month to pay", Cycle.payday).where(Appraisal.state == PAYOUT, Appraisal.id.not_in(paid))
    told = {"name": PayoutBatch.number, "state": PayoutBatch.state}
    batch = of_cycle("batch to pay", PayoutBatch.id, PayoutBatch.cycle_id, Cycle.payday, **told)
    yield batch.where(PayoutBatch.state.in_(("signed_off", "exported")))
    reward = row("reward", func.min(RewardPenalty.id), n=func.count())
    mine = RewardPenalty.entered_by_id == act.actor.employee_id
    yield reward.where(RewardPenalty.confirmed_by_id.is_(None), ~mine)
