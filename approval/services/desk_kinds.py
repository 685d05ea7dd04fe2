"""The kinds of things that may wait on a desk: what is asked of the database for each, and of whom it is asked at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    RowMapping,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.beside import AppraisalSupplement, BonusVoid
from approval.models.bonus_pool import BonusPool
from approval.models.countersign import PolicyCountersigner, PolicySignature
from approval.models.cycle import Cycle, LeftOut
from approval.models.feedback import Feedback
from approval.models.figures import Attendance, Figure, RewardPenalty
from approval.models.guard import LeaverDecision, WageFlag
from approval.models.objection import Objection
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import Department, Employee, Employment, Office, Position, in_force
from approval.models.policy import PolicyAcknowledgement, PolicyVersion
from approval.models.publication import PublicationPosting
from approval.models.sampling import Draw, Sample
from approval.models.target import AnnualTarget, MonthTarget, PersonalTarget
from approval.services.act import Act
from approval.services.desk_rows import Rows, of_cycle, of_month, of_months, row
from workflows.appraisal import CANCELLED, PAYOUT, PUBLICATION, REVIEWED, SAMPLING, SELF_ASSESSMENT, SETTLED

HEAD = "department_head"
ME, TODAY, YEAR = bindparam("me", type_=Integer), bindparam("today", type_=Date), bindparam("year", type_=Integer)
HEADED = bindparam("headed", type_=Integer, expanding=True)
HELD = ("sampling", "department_review", "publication", "split_approval", "payout")  # of whom others hold the month
SCORING = (SELF_ASSESSMENT, SAMPLING)


def things_for(act: Act) -> Sequence[RowMapping]:
    """Everything that may wait for the actor, in one statement."""
    actor = act.actor
    offices = actor.offices - {HEAD} | ({HEAD} if actor.headed else set())
    told = {"me": actor.employee_id, "headed": sorted(actor.headed), "today": act.today, "year": act.today.year}
    return act.session.execute(_asked(offices), told).mappings().all()


@lru_cache(maxsize=64)
def _asked(offices: frozenset[str]) -> CompoundSelect[Any]:
    """What is asked for whoever holds these offices: one statement, built once."""
    return union_all(*_kinds(offices))


def _kinds(offices: frozenset[str]) -> Iterator[Rows]:
    yield from _own()
    yield from _policies()
    yield from _team()
    if offices & {HEAD, "general_manager", "hr"}:
        yield from _objections()
    if offices & {HEAD, "hr"}:
        yield from _publications(of=true() if "hr" in offices else Cycle.department_id.in_(HEADED))
    if offices & {HEAD, "general_manager"}:
        yield from _reviews()
        yield _uneven()
    if HEAD in offices:
        yield from _pools()
    if "general_manager" in offices:
        yield from _chief()
    if offices & {"general_manager", "hr"}:
        yield _voids()
    if "hr" in offices:
        yield from _hr()
    if offices & {"hr", "data", "performance_admin"}:
        yield _open_months()
    if offices & {"hr", "data"}:
        yield from _figures()
    if "finance" in offices:
        yield from _finance()


def _own() -> Iterator[Rows]:
    own = Appraisal.employee_id == ME
    states = Appraisal.state.in_({SELF_ASSESSMENT, *HELD})
    yield of_month("own month", Cycle.self_assessment_due, n=Appraisal.round).where(own, states)
    unread = (Payslip.line_state == "paid", Payslip.receipt_at.is_(None))
    yield row("payslip", Payslip.id, period=Payslip.period).where(Payslip.employee_id == ME, *unread)
    target = row("own target", PersonalTarget.id, n=AnnualTarget.year, name=AnnualTarget.name)
    target = target.join(AnnualTarget, AnnualTarget.id == PersonalTarget.target_id)
    yield target.where(PersonalTarget.employee_id == ME, PersonalTarget.confirmed_at.is_(None))
    silent = (Feedback.confirmed_at.is_(None), Feedback.commented_at.is_(None))
    yield of_month("talk to answer").join(Feedback, _present(Feedback)).where(own, *silent)
    pool = of_cycle("split handed in", BonusPool.id, BonusPool.cycle_id)
    yield pool.where(BonusPool.submitted_by_id == ME, BonusPool.state == "submitted")
    batch = row("batch handed in", PayoutBatch.id, name=PayoutBatch.number)
    yield batch.where(PayoutBatch.prepared_by_id == ME, PayoutBatch.state == "prepared")


def _present(talk: type[Feedback]) -> ColumnElement[bool]:
    """The talk about the present round of a result."""
    return and_(talk.appraisal_id == Appraisal.id, talk.round == Appraisal.round)


def _policies() -> Iterator[Rows]:
    """Versions that everybody whom they are for reads, and those that go round to be countersigned, with what was said."""
    read = select(PolicyAcknowledgement.version_id).where(PolicyAcknowledgement.employee_id == ME)
    lasts = or_(PolicyVersion.effective_to.is_(None), PolicyVersion.effective_to >= TODAY)
    version = row("policy to read", PolicyVersion.id).where(PolicyVersion.state == "published", lasts)
    yield version.where(PolicyVersion.id.not_in(read))
    post = row("post", Employment.id, department_id=Employment.department_id, code=Position.code, name=Position.name)
    post = post.join(Position, Position.id == Employment.position_id).where(Employment.employee_id == ME)
    yield post.where(in_force(TODAY, Employment.from_on, Employment.to_on))
    of = PolicyCountersigner.version_id
    told = {"employee_id": PolicyCountersigner.employee_id, "department_id": PolicyCountersigner.department_id}
    seat = row("seat", of, name=PolicyCountersigner.seat, code=PolicyCountersigner.office, **told)
    yield seat.join(PolicyVersion, PolicyVersion.id == of).where(PolicyVersion.state == "reviewed")
    of, word = PolicySignature.version_id, {"n": PolicySignature.id, "code": PolicySignature.fingerprint}
    said = row("signature", of, name=PolicySignature.seat, state=PolicySignature.kind, **word)
    yield said.join(PolicyVersion, PolicyVersion.id == of).where(PolicyVersion.state == "reviewed")


def _team() -> Iterator[Rows]:
    """Weeks, scores and talks of the people of a supervisor."""
    mine = Appraisal.supervisor_id == ME
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


def _objections() -> Iterator[Rows]:
    """Objections that nobody has answered, and who is the general manager: the one or the other decider."""
    told = {"employee_id": Appraisal.employee_id, "supervisor_id": Appraisal.supervisor_id}
    objection = row("objection", Objection.id, name=Employee.name, department_id=Appraisal.department_id, **told)
    objection = objection.join(Appraisal, Appraisal.id == Objection.appraisal_id)
    yield objection.join(Employee, Employee.id == Appraisal.employee_id).where(Objection.state == "raised")
    chief = row("general manager", Employee.id, name=Employee.number).join(Office, Office.employee_id == Employee.id)
    yield chief.where(Office.office == "general_manager", in_force(TODAY, Office.from_on, Office.to_on))


def _publications(of: ColumnElement[bool]) -> Iterator[Rows]:
    """Publications that are over, and those that run with what was posted of them; `at` is the last of each."""
    public = Appraisal.state == PUBLICATION
    yield of_months("publication over").where(of, public, Appraisal.publication_ends_on < TODAY)
    by, since = Appraisal.frozen_policy_id, func.max(Appraisal.published_at)
    yield of_months("publication", None, by, policy_id=by, at=since).where(public, Appraisal.published_at.is_not(None))
    last, channel = func.max(PublicationPosting.kept_at), PublicationPosting.channel
    running = select(Appraisal.id).where(Appraisal.cycle_id == PublicationPosting.cycle_id, public).exists()
    posting = row("posting", PublicationPosting.cycle_id, name=channel, at=last).where(running)
    yield posting.group_by(PublicationPosting.cycle_id, channel)


def _reviews() -> Iterator[Rows]:
    """Months to review; `id` is the cycle's department, `department_id` the months' own. A head's are told one by one."""
    heads = select(Office.employee_id).where(
        Office.office == "department_head", in_force(TODAY, Office.from_on, Office.to_on)
    )
    waits, led = Appraisal.state == "department_review", Appraisal.employee_id.in_(heads)
    of, due, unit, person = Cycle.department_id, Cycle.review_due, Appraisal.department_id, Appraisal.employee_id
    yield of_months("review", due, unit, of=of, department_id=unit).where(waits, ~led)
    one_by_one = of_months("review", due, unit, person, of=of, department_id=unit, employee_id=person)
    yield one_by_one.where(waits, led)


def _uneven() -> Rows:
    """Targets that the person-months do not make up (R002)."""
    parts = select(func.coalesce(func.sum(MonthTarget.value), 0)).join(PersonalTarget)
    parts = parts.where(PersonalTarget.target_id == AnnualTarget.id)
    told = {"n": AnnualTarget.year, "name": AnnualTarget.name, "department": Department.name}
    target = row("uneven target", AnnualTarget.id, department_id=AnnualTarget.department_id, **told)
    target = target.join(Department, Department.id == AnnualTarget.department_id)
    return target.where(AnnualTarget.year >= YEAR, AnnualTarget.amount != parts.scalar_subquery())


def _pools() -> Iterator[Rows]:
    """Pools that a head has to split, and periods that have none yet."""
    of = Cycle.department_id.in_(HEADED)
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


def _voids() -> Rows:
    """Voidings of a bonus that somebody else entered, of somebody else (R107)."""
    void = of_month("bonus void").join(BonusVoid, BonusVoid.appraisal_id == Appraisal.id)
    return void.where(BonusVoid.state == "entered", BonusVoid.entered_by_id != ME, Appraisal.employee_id != ME)


def _hr() -> Iterator[Rows]:
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
    yield of_months("attendance", Cycle.scores_due).where(_is_over(), *missing)
    live = select(Payslip.pay_result_id).where(Payslip.live.is_(True))
    flag = row("wage flag", func.min(WageFlag.id), n=func.count())
    yield flag.where(WageFlag.decided_by_id.is_(None), WageFlag.pay_result_id.in_(live))
    yield row("advice", func.min(Advice.id), n=func.count()).where(Advice.state == "proposed")


def _is_over() -> ColumnElement[bool]:
    """The cycle's last day has passed, and not all of its appraisals are settled."""
    month = Appraisal.__table__.alias()
    runs = select(month.c.id).where(month.c.cycle_id == Cycle.id, month.c.state.not_in(SETTLED))
    return and_(Cycle.last_on < TODAY, runs.exists())


def _open_months() -> Rows:
    """The open months of cycles that are over."""
    return of_month("open month", Cycle.scores_due, n=literal(1)).where(*_open())


def _open() -> tuple[ColumnElement[bool], ...]:
    return Cycle.last_on < TODAY, Appraisal.state.not_in(SETTLED)


def _figures() -> Iterator[Rows]:
    """What is brought in of the figures of the open months, and what stands beside their policies."""
    yield _beside("beside an open month").join(Cycle, Cycle.id == Appraisal.cycle_id).where(*_open())
    figure = row("figure", Appraisal.id, code=Figure.code).select_from(Appraisal)
    figure = figure.join(Cycle, Cycle.id == Appraisal.cycle_id)
    there = and_(Figure.employee_id == Appraisal.employee_id, Figure.period == Cycle.period)
    yield figure.join(Figure, there).where(*_open())


def _finance() -> Iterator[Rows]:
    """Months to pay, batches to export and to book, rewards that a second person confirms."""
    paid = select(Payslip.appraisal_id).where(Payslip.live.is_(True))
    yield of_months("month to pay", Cycle.payday).where(Appraisal.state == PAYOUT, Appraisal.id.not_in(paid))
    told = {"name": PayoutBatch.number, "state": PayoutBatch.state}
    batch = of_cycle("batch to pay", PayoutBatch.id, PayoutBatch.cycle_id, Cycle.payday, **told)
    yield batch.where(PayoutBatch.state.in_(("signed_off", "exported")))
    reward = row("reward", func.min(RewardPenalty.id), n=func.count())
    mine = RewardPenalty.entered_by_id == ME
    yield reward.where(RewardPenalty.confirmed_by_id.is_(None), ~mine)
