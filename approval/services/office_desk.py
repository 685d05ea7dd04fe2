"""What waits for the offices: general manager, HR, performance administrator, data, finance."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from approval.models.advice import Advice
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.countersign import SIGNED
from approval.models.cycle import Cycle, LeftOut
from approval.models.figures import RewardPenalty
from approval.models.payout import PayoutBatch, Payslip
from approval.models.policy import PolicyVersion
from approval.rules.calendar import MONTH, kind_of
from approval.services.bonus_void import voids_to_decide
from approval.services.figures import missing_attendance
from approval.services.gaps import missing_figures
from approval.services.guard import undecided
from approval.services.means import waiting_for_means
from approval.services.signatures import seats_of
from approval.services.suggestion import leavers_to_decide
from approval.services.team_desk import over
from approval.services.waiting import Task, Waiting


def general_manager(waits: Waiting) -> Iterator[Task]:
    if not waits.act.actor.holds("general_manager"):
        return
    yield from _splits(waits)
    yield from _batches_to_sign(waits)
    if not waits.act.actor.holds("hr"):
        yield from _voids(waits)
    yield from _policies(waits)


def _splits(waits: Waiting) -> Iterator[Task]:
    query = select(BonusPool).where(BonusPool.state == "submitted")
    query = query.options(joinedload(BonusPool.cycle).joinedload(Cycle.department))
    for pool in waits.act.session.scalars(query) if "split to approve" in waits.kinds else ():
        params = {"department": pool.cycle.department.name, "period": pool.cycle.period}
        text = "批准 %(department)s %(period)s 奖金分配"
        yield Task(text, f"/approvals/{pool.id}", "处理", pool.cycle.approval_due, params)


def _batches_to_sign(waits: Waiting) -> Iterator[Task]:
    query = select(PayoutBatch).where(PayoutBatch.state == "prepared").options(joinedload(PayoutBatch.cycle))
    for batch in waits.act.session.scalars(query) if "batch to sign" in waits.kinds else ():
        params = {"number": batch.number}
        yield Task("签发发放批次 %(number)s", f"/payouts/{batch.id}", "签发", batch.cycle.payday, params)


def _policies(waits: Waiting) -> Iterator[Task]:
    query = select(PolicyVersion).where(PolicyVersion.state == "reviewed")
    for version in waits.act.session.scalars(query) if "policy to publish" in waits.kinds else ():
        if any(one.kind != SIGNED for one in seats_of(waits.act, version)):
            continue
        link = f"/policies/{version.code}/{version.number}"
        yield Task("发布方案“%(name)s”", link, "查看", params={"name": version.name})


def _voids(waits: Waiting) -> Iterator[Task]:
    for void in voids_to_decide(waits.act) if "bonus void" in waits.kinds else ():
        params = {"name": void.appraisal.employee.name, "period": void.appraisal.cycle.period}
        link = f"/appraisals/{void.appraisal_id}/bonus-void"
        yield Task("确认或撤销：%(name)s %(period)s 的奖金拟因违规取消", link, "处理", params=params)


def hr(waits: Waiting) -> Iterator[Task]:
    if not waits.act.actor.holds("hr"):
        return
    yield from over(waits, Cycle.id > 0)
    yield from _left_out(waits)
    yield from _attendance(waits)
    yield from _leavers(waits)
    yield from _voids(waits)
    if "wage flag" in waits.kinds and (flags := undecided(waits.act.session)):
        yield Task("有 %(n)s 人的工资低于最低工资，请写明处理意见", "/payouts", "处理", params={"n": flags})
    proposed = select(func.count()).select_from(Advice).where(Advice.state == "proposed")
    if "advice" in waits.kinds and (count := waits.act.session.scalar(proposed)):
        yield Task("有 %(n)s 条建议等您决定", "/advice", "处理", params={"n": count})


def _left_out(waits: Waiting) -> Iterator[Task]:
    query = select(LeftOut.cycle_id, func.count()).group_by(LeftOut.cycle_id)
    for cycle_id, count in waits.act.session.execute(query) if "left out" in waits.kinds else ():
        yield Task("有 %(n)s 人没有考核单，请补全后再次开启", f"/cycles/{cycle_id}", "处理", params={"n": count})


def _over_cycles(waits: Waiting) -> list[Cycle]:
    """The open cycles whose last day has passed."""
    open_ = waits.open_cycles if "open cycle" in waits.kinds else []
    return [one for one in open_ if one.last_on < waits.act.today]


def _attendance(waits: Waiting) -> Iterator[Task]:
    months = [one for one in _over_cycles(waits) if kind_of(one.period) == MONTH]
    missing = missing_attendance(waits.act, months)
    for cycle in months:
        if people := missing.get(cycle.id):
            params = {"department": cycle.department.name, "period": cycle.period, "n": len(people)}
            yield Task("%(department)s %(period)s 还缺 %(n)s 人的考勤", "/imports", "导入", cycle.scores_due, params)


def _leavers(waits: Waiting) -> Iterator[Task]:
    query = select(BonusPool).where(BonusPool.state == "splitting").options(joinedload(BonusPool.cycle))
    for pool in waits.act.session.scalars(query) if "pool" in waits.kinds else ():
        if leavers := leavers_to_decide(waits.act, pool):
            params = {"names": "、".join(one.employee.name for one in leavers), "period": pool.cycle.period}
            text = "%(period)s 奖金分配：请决定 %(names)s 是否参加"
            yield Task(text, f"/bonus-pools/{pool.id}", "处理", params=params)


def compiler(waits: Waiting) -> Iterator[Task]:
    """The performance administrator compiles what a quarter or a year comes to, once it is over (R114)."""
    if not waits.act.actor.holds("hr", "performance_admin"):
        return
    for cycle in _over_cycles(waits):
        if kind_of(cycle.period) != MONTH and (waiting := waiting_for_means(waits.act, cycle)):
            params = {"department": cycle.department.name, "period": cycle.period, "n": len(waiting)}
            text = "%(department)s %(period)s 有 %(n)s 人的月度得分等您汇总"
            yield Task(text, f"/cycles/{cycle.id}", "汇总", cycle.scores_due, params)


def figures(waits: Waiting) -> Iterator[Task]:
    if not waits.act.actor.holds("data", "hr"):
        return
    cycles = _over_cycles(waits)
    missing = missing_figures(waits.act, cycles)
    for cycle in cycles:
        if count := missing.get(cycle.id, 0):
            params = {"department": cycle.department.name, "period": cycle.period, "n": count}
            text = "%(department)s %(period)s 还缺 %(n)s 人的业务数据"
            yield Task(text, "/imports", "导入", cycle.scores_due, params)


def finance(waits: Waiting) -> Iterator[Task]:
    if not waits.act.actor.holds("finance"):
        return
    yield from _months_to_pay(waits)
    yield from _batches_to_pay(waits)
    unconfirmed = (
        select(func.count())
        .select_from(RewardPenalty)
        .where(RewardPenalty.confirmed_by_id.is_(None), RewardPenalty.entered_by_id != waits.act.actor.employee_id)
    )
    if "reward" in waits.kinds and (lone := waits.act.session.scalar(unconfirmed)):
        yield Task("有 %(n)s 笔奖惩等第二人确认", "/imports", "确认", params={"n": lone})


def _months_to_pay(waits: Waiting) -> Iterator[Task]:
    paid = select(Payslip.appraisal_id).where(Payslip.live.is_(True))
    query = (
        select(Appraisal.cycle_id, func.count())
        .where(Appraisal.state == "payout", Appraisal.id.not_in(paid))
        .group_by(Appraisal.cycle_id)
    )
    for cycle_id, count in waits.act.session.execute(query) if "month to pay" in waits.kinds else ():
        cycle = waits.cycle(cycle_id)
        params = {"department": cycle.department.name, "period": cycle.period, "n": count}
        yield Task("%(department)s %(period)s 有 %(n)s 人等待制单", "/payouts", "制单", cycle.payday, params)


def _batches_to_pay(waits: Waiting) -> Iterator[Task]:
    steps = {
        "signed_off": ("导出发放批次 %(number)s", "导出"),
        "exported": ("登记发放批次 %(number)s 的发放结果", "处理"),
    }
    query = select(PayoutBatch).where(PayoutBatch.state.in_(steps)).options(joinedload(PayoutBatch.cycle))
    for batch in waits.act.session.scalars(query) if "batch to pay" in waits.kinds else ():
        text, verb = steps[batch.state]
        yield Task(text, f"/payouts/{batch.id}", verb, batch.cycle.payday, {"number": batch.number})
