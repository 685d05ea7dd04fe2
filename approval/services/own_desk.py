"""What waits for everybody: his own month, his payslip, targets, talks, policies to read and to countersign."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from approval.models.payout import Payslip
from approval.services.countersign import being_countersigned
from approval.services.feedback import to_answer
from approval.services.notice import to_read
from approval.services.rulebook import is_from_months
from approval.services.signatures import seats_of, wrote
from approval.services.target import own_targets
from approval.services.waiting import Task, Waiting


def own(waits: Waiting) -> Iterator[Task]:
    act, kinds = waits.act, waits.kinds
    for one in waits.own_months if "own month" in kinds else ():
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
    for slip in act.session.scalars(unread) if "payslip" in kinds else ():
        yield Task("签收 %(period)s 工资条", f"/my/payslips/{slip.id}", "查看", params={"period": slip.period})
    for personal in own_targets(act) if "own target" in kinds else ():
        if personal.confirmed_at is None:
            params = {"year": str(personal.target.year), "name": personal.target.name}
            yield Task("确认您的 %(year)s 年“%(name)s”目标", "/targets", "确认", params=params)
    for kept in to_answer(act) if "talk to answer" in kinds else ():
        params = {"period": kept.appraisal.cycle.period}
        yield Task("确认 %(period)s 的一对一反馈", f"/feedback/{kept.appraisal_id}", "确认", params=params)
    for version in to_read(act) if "policy to read" in kinds else ():
        link = f"/policies/{version.code}/{version.number}"
        yield Task("阅读并确认方案“%(name)s”", link, "查看", params={"name": version.name})


def countersigner(waits: Waiting) -> Iterator[Task]:
    """What waits for the actor's countersignature, and the objections that he has to deal with."""
    act = waits.act
    for version in being_countersigned(act) if "countersigning" in waits.kinds else ():
        seats, params = seats_of(act, version), {"name": version.name}
        link = f"/policies/{version.code}/{version.number}#countersigning"
        if any(act.actor.employee_id in one.holders and not one.kind for one in seats) and not wrote(act, version):
            yield Task("会签方案“%(name)s”", link, "会签", params=params)
        mine = act.actor.employee_id in (version.author_id, version.reviewed_by_id)
        if mine and any(one.objected for one in seats):
            yield Task("方案“%(name)s”会签有异议，请退回修改或答复", link, "处理", params=params)
