"""Figures of the month that a human has to see to: rewards that a second person confirms, attendance that has not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.figures import Attendance, RewardPenalty
from approval.models.people import Employee
from approval.rules.money import display
from approval.services.act import Act
from approval.services.beside import barred_from_adjusting
from approval.services.guard import fines_allowed
from approval.services.outbox import leave_letter
from approval.services.step import keep_record
from workflows.appraisal import COMPUTED
from workflows.engine import No, NotAllowed


def confirm_reward(act: Act, reward: RewardPenalty) -> None:
    """Confirm a reward or penalty that somebody else entered: only then does it count (four eyes)."""
    if not act.actor.holds("hr", "finance", "general_manager"):
        raise NotAllowed([No("只有人事、财务或总经理可以确认奖惩")])
    if reward.confirmed_by_id is not None:
        raise NotAllowed([No("这笔奖惩已经确认过")])
    if act.actor.employee_id == reward.entered_by_id:
        raise NotAllowed([No("录入人不能确认自己录入的奖惩，请由另一位同事确认")])
    if act.actor.employee_id == reward.employee_id:
        raise NotAllowed([No("不能确认给自己的奖惩")])
    if reward.amount_fen < 0 and not fines_allowed(act.session):
        raise NotAllowed([No("公司没有开启扣款：罚款须有法律依据；确需扣款请先由人事在“法定提示”里开启并写明依据")])
    barred = barred_from_adjusting(act, reward.employee_id, reward.period)
    if barred is not None:
        raise NotAllowed([No("方案“%(name)s”不允许调整，这笔奖惩不能计入；请写明理由作废", name=barred.zh)])
    if _paid(act, reward):
        raise NotAllowed([No("这个月的工资已经计算，这笔奖惩不能再计入；请作废后在下个月重新录入")])
    reward.confirmed_by_id, reward.confirmed_at = act.actor.employee_id, act.at
    act.session.flush()
    body = {"reward": reward.id, "amount_fen": reward.amount_fen, "reason": reward.reason, "period": reward.period}
    keep_record(act, reward.employee, "reward_penalty:confirm", body=body)
    subject = "您 %(period)s 的一笔奖惩已确认，计入当期工资：%(sum)s，%(reason)s"
    told = {"period": reward.period, "sum": display(reward.amount_fen), "reason": reward.reason}
    leave_letter(act, [reward.employee_id], subject, f"/my/{reward.period}", **told)


def _paid(act: Act, reward: RewardPenalty) -> bool:
    query = select(Appraisal.id).join(Cycle, Cycle.id == Appraisal.cycle_id)
    month = query.where(Appraisal.employee_id == reward.employee_id, Cycle.period == reward.period)
    return act.session.scalars(month.where(Appraisal.state.in_(COMPUTED))).first() is not None


def rewards_not_paid(act: Act) -> Sequence[RewardPenalty]:
    """Confirmed rewards and penalties that no computed month holds yet: they may still be voided."""
    query = select(RewardPenalty).where(RewardPenalty.confirmed_by_id.is_not(None)).order_by(RewardPenalty.id)
    computed = (
        select(Appraisal.id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(
            Appraisal.employee_id == RewardPenalty.employee_id,
            Cycle.period == RewardPenalty.period,
            Appraisal.state.in_(COMPUTED),
        )
    )
    return act.session.scalars(query.where(~computed.exists())).all()


def drop_reward(act: Act, reward: RewardPenalty, reason: str) -> None:
    """Void a reward or penalty with the reason, a confirmed one by somebody who did not enter it; it stays in the chain."""
    if not act.actor.holds("hr", "finance", "general_manager"):
        raise NotAllowed([No("只有人事、财务或总经理可以作废奖惩")])
    if act.actor.employee_id == reward.employee_id:
        raise NotAllowed([No("不能作废给自己的奖惩")])
    if reward.confirmed_by_id is not None and act.actor.employee_id == reward.entered_by_id:
        raise NotAllowed([No("已确认的奖惩须由录入人以外的同事作废")])
    if reward.confirmed_by_id is not None and _paid(act, reward):
        raise NotAllowed([No("这个月的工资已经计算，不能再作废；请用下一个月的奖惩调整")])
    if not reason.strip():
        raise NotAllowed([No("请写明理由")])
    told = {"reward": reward.id, "amount_fen": reward.amount_fen, "reason": reward.reason, "period": reward.period}
    told |= {"confirmed_by": reward.confirmed_by_id} if reward.confirmed_by_id is not None else {}
    keep_record(act, reward.employee, "reward_penalty:drop", reason=reason, body=told)
    act.session.delete(reward)
    act.session.flush()


def missing_attendance(act: Act, cycles: Sequence[Cycle]) -> Mapping[int, Sequence[Employee]]:
    """The people whose attendance has not been brought in, of each cycle by its id; a cycle that lacks nobody is not named."""
    there = select(Attendance.id).where(
        Attendance.employee_id == Appraisal.employee_id, Attendance.period == Cycle.period
    )
    query = (
        select(Appraisal.cycle_id, Employee)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .where(Appraisal.cycle_id.in_([one.id for one in cycles]), Appraisal.state != "cancelled", ~there.exists())
        .order_by(Employee.number)
    )
    found: dict[int, list[Employee]] = {}
    for cycle_id, employee in act.session.execute(query) if cycles else ():
        found.setdefault(cycle_id, []).append(employee)
    return found
