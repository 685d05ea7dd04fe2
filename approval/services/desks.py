"""What waits on each desk: one task a thing to do, until when, and the one page where it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.countersign import SIGNED
from approval.models.cycle import Cycle, LeftOut
from approval.models.figures import RewardPenalty
from approval.models.objection import Objection
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import heads_by_department
from approval.models.policy import PolicyVersion
from approval.models.sampling import Draw, Sample
from approval.rules.calendar import MONTH, kind_of
from approval.services.act import Act
from approval.services.bonus_void import voids_to_decide
from approval.services.countersign import being_countersigned
from approval.services.facts import general_manager
from approval.services.feedback import awaiting, to_answer
from approval.services.figures import missing_attendance
from approval.services.gaps import missing_figures, undrawn_weeks
from approval.services.guard import undecided
from approval.services.means import waiting_for_means
from approval.services.notice import to_read
from approval.services.objection import told_of
from approval.services.publication import unposted_cycles
from approval.services.rulebook import is_from_months
from approval.services.signatures import seats_of, wrote
from approval.services.suggestion import leavers_to_decide
from approval.services.target import own_targets, uneven
from workflows.appraisal import SETTLED


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
    people = (
        _own,
        _countersigner,
        _scorer,
        _talks,
        _reviewer,
        _objections,
        _head,
        _publisher,
        _planner,
        _general_manager,
    )
    desks = (*people, _hr, _compiler, _figures, _finance)
    found = [task for desk in desks for task in desk(act)]
    return sorted(found, key=lambda task: (task.due or date.max, task.link))


def own_months(act: Act) -> Sequence[Appraisal]:
    """The actor's own months of a year, the newest first."""
    query = select(Appraisal).where(Appraisal.employee_id == act.actor.employee_id)
    query = query.options(joinedload(Appraisal.cycle), joinedload(Appraisal.frozen_policy))
    return act.session.scalars(query.order_by(Appraisal.id.desc()).limit(12)).all()


def _own(act: Act) -> Iterator[Task]:
    for one in own_months(act):
        period = one.cycle.period
        if is_from_months(one):
            continue
        if one.state == "self_assessment":
            text = "填写并提交 %(period)s 自评" if one.round == 1 else "%(period)s 自评被退回，请修改后提交"
            due = one.cycle.self_assessment_due
            yield Task(text, f"/my/{period}", "填写自评", due, {"period": period})
    unread = select(Payslip).where(
        Payslip.employee_id == act.actor.employee_id, Payslip.line_state == "paid", Payslip.receipt_at.is_(None)
    )
    for slip in act.session.scalars(unread):
        yield Task("签收 %(period)s 工资条", f"/my/payslips/{slip.id}", "查看", params={"period": slip.period})
    for personal in own_targets(act):
        if personal.confirmed_at is None:
            params = {"year": str(personal.target.year), "name": personal.target.name}
            yield Task("确认您的 %(year)s 年“%(name)s”目标", "/targets", "确认", params=params)
    for kept in to_answer(act):
        params = {"period": kept.appraisal.cycle.period}
        yield Task("确认 %(period)s 的一对一反馈", f"/feedback/{kept.appraisal_id}", "确认", params=params)
    for version in to_read(act):
        link = f"/policies/{version.code}/{version.number}"
        yield Task("阅读并确认方案“%(name)s”", link, "查看", params={"name": version.name})


def _countersigner(act: Act) -> Iterator[Task]:
    """What waits for the actor's countersignature, and the objections that he has to deal with."""
    for version in being_countersigned(act):
        seats, params = seats_of(act, version), {"name": version.name}
        link = f"/policies/{version.code}/{version.number}#countersigning"
        if any(act.actor.employee_id in one.holders and not one.kind for one in seats) and not wrote(act, version):
            yield Task("会签方案“%(name)s”", link, "会签", params=params)
        mine = act.actor.employee_id in (version.author_id, version.reviewed_by_id)
        if mine and any(one.objected for one in seats):
            yield Task("方案“%(name)s”会签有异议，请退回修改或答复", link, "处理", params=params)


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
    for day, (people, cycle) in undrawn_weeks(act).items():
        params = {"monday": day, "n": people}
        yield Task("%(monday)s 那一周有 %(n)s 人还没有抽样", f"/samples/{day}", "抽样", cycle.scores_due, params)
    open_ = select(Sample.appraisal_id).where(Sample.score.is_(None), Sample.voided_at.is_(None))
    ready = select(Appraisal).where(
        Appraisal.supervisor_id == person, Appraisal.state == "sampling", Appraisal.id.not_in(open_)
    )
    for one in act.session.scalars(ready.options(joinedload(Appraisal.employee), joinedload(Appraisal.cycle))):
        if is_from_months(one):
            continue
        params = {"name": one.employee.name, "period": one.cycle.period}
        text = "提交 %(name)s %(period)s 的评分"
        yield Task(text, f"/appraisals/{one.id}", "评分", one.cycle.scores_due, params)


def _talks(act: Act) -> Iterator[Task]:
    """Talks that the supervisor still owes (R115); they hold up nothing."""
    for one in awaiting(act, Appraisal.supervisor_id == act.actor.employee_id):
        params = {"name": one.employee.name, "period": one.cycle.period}
        yield Task("与 %(name)s 谈 %(period)s 的考核结果并登记反馈", f"/feedback/{one.id}", "登记", params=params)


def _decides(act: Act) -> bool:
    """Nobody but heads and the general manager reviews: everybody else is spared the question."""
    return bool(act.actor.headed) or act.actor.holds("general_manager")


def _reviewer(act: Act) -> Iterator[Task]:
    if not _decides(act):
        return
    waiting = select(Appraisal.cycle_id, Appraisal.department_id, Appraisal.employee_id)
    rows = act.session.execute(waiting.where(Appraisal.state == "department_review")).all()
    heads = heads_by_department(act.session, act.today) if rows else {}
    chief = general_manager(act)
    counts: Counter[int] = Counter()
    for row in rows:
        head = heads[row.department_id]
        counts[row.cycle_id] += act.actor.employee_id == (chief if head == row.employee_id else head)
    for cycle_id, count in (+counts).items():
        cycle = act.session.get_one(Cycle, cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        link = f"/departments/{cycle.department_id}/{cycle.period}"
        yield Task("%(department)s %(period)s 有 %(n)s 人等您复核", link, "复核", cycle.review_due, params)


def _objections(act: Act) -> Iterator[Task]:
    if not (_decides(act) or act.actor.holds("hr")):
        return
    for objection in act.session.scalars(select(Objection).where(Objection.state == "raised")):
        if act.actor.employee_id in told_of(act, objection.appraisal):
            params = {"name": objection.appraisal.employee.name}
            yield Task("处理 %(name)s 的异议", f"/objections/{objection.id}", "处理", params=params)


def _head(act: Act) -> Iterator[Task]:
    if not act.actor.headed:
        return
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
    yield from _over(act, Cycle.department_id.in_(act.actor.headed))
    yield from _without_pool(act, Cycle.department_id.in_(act.actor.headed))


def _without_pool(act: Act, of: Any) -> Iterator[Task]:
    """Periods whose publication has ended and that nobody has given a pool, or sent on without one."""
    query = (
        select(Appraisal.cycle_id, func.count())
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(of, Appraisal.state == "split_approval", Cycle.id.not_in(select(BonusPool.cycle_id)))
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in act.session.execute(query):
        cycle = act.session.get_one(Cycle, cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        text = "%(department)s %(period)s 有 %(n)s 人公示已结束：请建立奖金池，或不设奖金池直接进入发放"
        yield Task(text, "/bonus-pools", "办理", cycle.approval_due, params)


def _over(act: Act, of: Any) -> Iterator[Task]:
    ended = (
        select(Appraisal.cycle_id, func.count())
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(of, Appraisal.state == "publication", Appraisal.publication_ends_on < act.today)
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in act.session.execute(ended):
        cycle = act.session.get_one(Cycle, cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        text = "%(department)s %(period)s 有 %(n)s 人公示期已满，可以结束公示"
        yield Task(text, f"/publications/{cycle_id}", "结束公示", params=params)


def _planner(act: Act) -> Iterator[Task]:
    """Annual targets that the person-months do not make up (R002): told, never a block."""
    if not _decides(act):
        return
    for one in uneven(act):
        params = {"department": one.department.name, "year": str(one.year), "name": one.name}
        text = "%(department)s %(year)s 年“%(name)s”目标与各人各月之和不等"
        yield Task(text, f"/targets/{one.id}", "查看", params=params, hot=False)


def _publisher(act: Act) -> Iterator[Task]:
    """Results that are not yet posted on every channel that their policies name (R104)."""
    if not (act.actor.headed or act.actor.holds("hr")):
        return
    for cycle, channels in unposted_cycles(act):
        params = {"department": cycle.department.name, "period": cycle.period, "channels": "、".join(channels)}
        text = "%(department)s %(period)s 的公示还没有登记：%(channels)s"
        yield Task(text, f"/publications/{cycle.id}#channels", "登记", params=params)


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
    if not act.actor.holds("hr"):
        yield from _voids(act)
    for version in act.session.scalars(select(PolicyVersion).where(PolicyVersion.state == "reviewed")):
        if any(one.kind != SIGNED for one in seats_of(act, version)):
            continue
        link = f"/policies/{version.code}/{version.number}"
        yield Task("发布方案“%(name)s”", link, "查看", params={"name": version.name})


def _voids(act: Act) -> Iterator[Task]:
    for void in voids_to_decide(act):
        params = {"name": void.appraisal.employee.name, "period": void.appraisal.cycle.period}
        link = f"/appraisals/{void.appraisal_id}/bonus-void"
        yield Task("确认或撤销：%(name)s %(period)s 的奖金拟因违规取消", link, "处理", params=params)


def _hr(act: Act) -> Iterator[Task]:
    if not act.actor.holds("hr"):
        return
    yield from _over(act, Cycle.id > 0)
    for cycle_id, count in act.session.execute(select(LeftOut.cycle_id, func.count()).group_by(LeftOut.cycle_id)):
        yield Task("有 %(n)s 人没有考核单，请补全后再次开启", f"/cycles/{cycle_id}", "处理", params={"n": count})
    for cycle in _open_cycles(act):
        if kind_of(cycle.period) == MONTH and cycle.last_on < act.today and (missing := missing_attendance(act, cycle)):
            params = {"department": cycle.department.name, "period": cycle.period, "n": len(missing)}
            yield Task("%(department)s %(period)s 还缺 %(n)s 人的考勤", "/imports", "导入", cycle.scores_due, params)
    for pool in act.session.scalars(select(BonusPool).where(BonusPool.state == "splitting")):
        if leavers := leavers_to_decide(act, pool):
            params = {"names": "、".join(one.employee.name for one in leavers), "period": pool.cycle.period}
            yield Task(
                "%(period)s 奖金分配：请决定 %(names)s 是否参加", f"/bonus-pools/{pool.id}", "处理", params=params
            )
    yield from _voids(act)
    if flags := undecided(act.session):
        yield Task("有 %(n)s 人的工资低于最低工资，请写明处理意见", "/payouts", "处理", params={"n": flags})
    proposed = act.session.scalar(select(func.count()).select_from(Advice).where(Advice.state == "proposed"))
    if proposed:
        yield Task("有 %(n)s 条建议等您决定", "/advice", "处理", params={"n": proposed})


def _compiler(act: Act) -> Iterator[Task]:
    """The performance administrator compiles what a quarter or a year comes to, once it is over (R114)."""
    if not act.actor.holds("hr", "performance_admin"):
        return
    for cycle in _open_cycles(act):
        if kind_of(cycle.period) != MONTH and cycle.last_on < act.today and (waiting := waiting_for_means(act, cycle)):
            params = {"department": cycle.department.name, "period": cycle.period, "n": len(waiting)}
            text = "%(department)s %(period)s 有 %(n)s 人的月度得分等您汇总"
            yield Task(text, f"/cycles/{cycle.id}", "汇总", cycle.scores_due, params)


def _figures(act: Act) -> Iterator[Task]:
    if not act.actor.holds("data", "hr"):
        return
    for cycle in _open_cycles(act):
        if cycle.last_on < act.today and (count := missing_figures(act, cycle)):
            params = {"department": cycle.department.name, "period": cycle.period, "n": count}
            yield Task(
                "%(department)s %(period)s 还缺 %(n)s 人的业务数据", "/imports", "导入", cycle.scores_due, params
            )


def _open_cycles(act: Act) -> Sequence[Cycle]:
    open_ = select(Appraisal.cycle_id).where(Appraisal.state.not_in(SETTLED))
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
