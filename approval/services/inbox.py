"""What waits for a person: one task a thing to do, until when, and the one page where it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle, LeftOut
from approval.models.figures import RewardPenalty
from approval.models.objection import Objection
from approval.models.outbox import OutboxMessage
from approval.models.payout import PayoutBatch, Payslip
from approval.models.policy import PolicyVersion
from approval.models.sampling import Draw, Sample
from approval.services.act import Act
from approval.services.facts import reviewer_of
from approval.services.objection import decider_of
from approval.services.sheets import missing_attendance


@dataclass(frozen=True)
class Task:
    """One thing to do: a Chinese msgid with its params, the day it is due, the page, and the verb on the button."""

    text: str
    link: str
    button: str
    due: date | None = None
    params: dict[str, Any] = field(default_factory=dict)
    hot: bool = True


def tasks_of(act: Act) -> list[Task]:
    """Everything that waits for the actor, the most urgent first."""
    found = [*_own(act), *_scorer(act), *_reviewer(act), *_head(act), *_general_manager(act), *_hr(act), *_finance(act)]
    return sorted(found, key=lambda task: (task.due or date.max, task.link))


def awaited_of(act: Act) -> list[Task]:
    """What the actor has handed on and others now hold."""
    held = {
        "sampling": "%(period)s 自评已提交，等主管评分",
        "department_review": "%(period)s 评分已提交，等部门负责人审核",
        "publication": "%(period)s 结果公示中",
        "split_approval": "%(period)s 等总经理批准奖金分配",
        "payout": "%(period)s 等财务发放",
    }
    return [
        Task(held[one.state], f"/my/{one.cycle.period}", "查看", params={"period": one.cycle.period}, hot=False)
        for one in _own_months(act)
        if one.state in held
    ]


def _own_months(act: Act) -> Sequence[Appraisal]:
    query = select(Appraisal).where(Appraisal.employee_id == act.actor.employee_id).order_by(Appraisal.id.desc())
    return act.session.scalars(query.limit(12)).all()


def _own(act: Act) -> Iterator[Task]:
    for one in _own_months(act):
        period = one.cycle.period
        if one.state == "self_assessment":
            text = "填写并提交 %(period)s 自评" if one.round == 1 else "%(period)s 自评被退回，请修改后提交"
            due = one.cycle.self_assessment_due
            yield Task(text, f"/my/{period}", "填写自评", due, {"period": period})
    unread = select(Payslip).where(
        Payslip.employee_id == act.actor.employee_id, Payslip.line_state == "paid", Payslip.receipt_at.is_(None)
    )
    for slip in act.session.scalars(unread):
        yield Task("签收 %(period)s 工资条", f"/my/payslips/{slip.id}", "查看", params={"period": slip.period})


def _scorer(act: Act) -> Iterator[Task]:
    person = act.actor.employee_id
    waiting = (
        select(Draw.monday, func.count(), func.min(Appraisal.cycle_id))
        .join(Sample, Sample.draw_id == Draw.id)
        .join(Appraisal, Appraisal.id == Draw.appraisal_id)
        .where(
            Appraisal.supervisor_id == person,
            Appraisal.state.in_(("self_assessment", "sampling")),
            Sample.score.is_(None),
            Sample.voided_at.is_(None),
        )
        .group_by(Draw.monday)
    )
    for monday, count, cycle_id in act.session.execute(waiting):
        due = act.session.get_one(Cycle, cycle_id).scores_due
        text = "%(monday)s 那一周还有 %(n)s 个样本没有评分"
        yield Task(text, f"/samples/{monday}", "评分", due, {"monday": monday, "n": count})
    ready = select(Appraisal).where(Appraisal.supervisor_id == person, Appraisal.state == "sampling")
    for one in act.session.scalars(ready):
        params = {"name": one.employee.name, "period": one.cycle.period}
        text = "提交 %(name)s %(period)s 的评分"
        yield Task(text, f"/appraisals/{one.id}", "评分", one.cycle.scores_due, params)


def _reviewer(act: Act) -> Iterator[Task]:
    counts: dict[int, int] = {}
    cycles: dict[int, Cycle] = {}
    for one in act.session.scalars(select(Appraisal).where(Appraisal.state == "department_review")):
        if reviewer_of(act, one) == act.actor.employee_id:
            counts[one.cycle_id] = counts.get(one.cycle_id, 0) + 1
            cycles[one.cycle_id] = one.cycle
    for cycle_id, count in counts.items():
        cycle = cycles[cycle_id]
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        link = f"/departments/{cycle.department_id}/{cycle.period}"
        yield Task("%(department)s %(period)s 有 %(n)s 人等您复核", link, "复核", cycle.review_due, params)
    for objection in act.session.scalars(select(Objection).where(Objection.state == "raised")):
        if decider_of(act, objection.appraisal) == act.actor.employee_id:
            params = {"name": objection.appraisal.employee.name}
            yield Task("处理 %(name)s 的异议", f"/objections/{objection.id}", "处理", params=params)


def _head(act: Act) -> Iterator[Task]:
    pools = (
        select(BonusPool).join(Cycle).where(BonusPool.state == "splitting", Cycle.department_id.in_(act.actor.headed))
    )
    for pool in act.session.scalars(pools):
        text = (
            "%(department)s %(period)s 奖金分配被退回，请修改后提交"
            if pool.return_reason
            else "设计 %(department)s %(period)s 奖金分配方案"
        )
        params = {"department": pool.cycle.department.name, "period": pool.cycle.period}
        yield Task(text, f"/bonus-pools/{pool.id}", "分配", pool.cycle.approval_due, params)
    yield from _over(act, Cycle.department_id.in_(act.actor.headed)) if act.actor.headed else ()


def _over(act: Act, of: Any) -> Iterator[Task]:
    ended = (
        select(Appraisal.cycle_id, func.count())
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(of, Appraisal.state == "publication", Appraisal.publication_ends_on < act.today)
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in act.session.execute(ended):
        cycle = act.session.get_one(Cycle, cycle_id)
        params = {"department": cycle.department.name, "n": count}
        yield Task(
            "%(department)s 有 %(n)s 人公示期已满，可以结束公示", f"/publications/{cycle_id}", "结束公示", params=params
        )


def _general_manager(act: Act) -> Iterator[Task]:
    if not act.actor.holds("general_manager"):
        return
    for pool in act.session.scalars(select(BonusPool).where(BonusPool.state == "submitted")):
        params = {"department": pool.cycle.department.name, "period": pool.cycle.period}
        text = "批准 %(department)s %(period)s 奖金分配"
        yield Task(text, f"/approvals/{pool.id}", "处理", pool.cycle.approval_due, params)
    for batch in act.session.scalars(select(PayoutBatch).where(PayoutBatch.state == "prepared")):
        yield Task(
            "签发发放批次 %(number)s", f"/payouts/{batch.id}", "签发", batch.cycle.payday, {"number": batch.number}
        )
    for version in act.session.scalars(select(PolicyVersion).where(PolicyVersion.state == "reviewed")):
        link = f"/policies/{version.code}/{version.number}"
        yield Task("发布方案“%(name)s”", link, "查看", params={"name": version.name})


def _hr(act: Act) -> Iterator[Task]:
    if not act.actor.holds("hr"):
        return
    yield from _over(act, Cycle.id > 0)
    for cycle_id, count in act.session.execute(select(LeftOut.cycle_id, func.count()).group_by(LeftOut.cycle_id)):
        yield Task("有 %(n)s 人没有考核单，请补全后再次开启", f"/cycles/{cycle_id}", "处理", params={"n": count})
    for cycle in _open_cycles(act):
        if cycle.last_on < act.today and (missing := missing_attendance(act, cycle)):
            params = {"department": cycle.department.name, "period": cycle.period, "n": len(missing)}
            yield Task("%(department)s %(period)s 还缺 %(n)s 人的考勤", "/imports", "导入", cycle.scores_due, params)
    proposed = act.session.scalar(select(func.count()).select_from(Advice).where(Advice.state == "proposed"))
    if proposed:
        yield Task("有 %(n)s 条建议等您决定", "/advice", "处理", params={"n": proposed})


def _open_cycles(act: Act) -> Sequence[Cycle]:
    open_ = select(Appraisal.cycle_id).where(Appraisal.state.not_in(("payout", "paid", "cancelled")))
    return act.session.scalars(select(Cycle).where(Cycle.id.in_(open_)).order_by(Cycle.id)).all()


def _finance(act: Act) -> Iterator[Task]:
    if not act.actor.holds("finance"):
        return
    paid = select(Payslip.appraisal_id).where(Payslip.live.is_(True))
    waiting = (
        select(Appraisal.cycle_id, func.count())
        .where(Appraisal.state == "payout", Appraisal.id.not_in(paid))
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in act.session.execute(waiting):
        cycle = act.session.get_one(Cycle, cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        yield Task("%(department)s %(period)s 有 %(n)s 人等待制单", "/payouts", "制单", cycle.payday, params)
    steps = {
        "signed_off": ("导出发放批次 %(number)s", "导出"),
        "exported": ("登记发放批次 %(number)s 的发放结果", "处理"),
    }
    for batch in act.session.scalars(select(PayoutBatch).where(PayoutBatch.state.in_(steps))):
        text, verb = steps[batch.state]
        yield Task(text, f"/payouts/{batch.id}", verb, batch.cycle.payday, {"number": batch.number})
    unconfirmed = (
        select(func.count())
        .select_from(RewardPenalty)
        .where(RewardPenalty.confirmed_by_id.is_(None), RewardPenalty.entered_by_id != act.actor.employee_id)
    )
    lone = act.session.scalar(unconfirmed)
    if lone:
        yield Task("有 %(n)s 笔奖惩等第二人确认", "/imports", "确认", params={"n": lone})


def letters_of(act: Act, limit: int = 20) -> Sequence[OutboxMessage]:
    """The newest letters to the actor, unread ones first."""
    query = select(OutboxMessage).where(OutboxMessage.employee_id == act.actor.employee_id)
    order = (OutboxMessage.read_at.is_not(None), OutboxMessage.id.desc())
    return act.session.scalars(query.order_by(*order).limit(limit)).all()


def read_letters(act: Act) -> None:
    """Mark the actor's letters as read."""
    for letter in act.session.scalars(
        select(OutboxMessage).where(OutboxMessage.employee_id == act.actor.employee_id, OutboxMessage.read_at.is_(None))
    ):
        letter.read_at = act.at
