"""Opening a month: one appraisal for each eligible employee under the policy in force on its first day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, delete, or_, select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle, LeftOut
from approval.models.departments import departments_within
from approval.models.outbox import OutboxMessage
from approval.models.people import Department, Employee, Employment
from approval.models.policy import PolicyVersion
from approval.rules import policy as rule
from approval.rules.calendar import MONTH, deadlines, kind_of, period_bounds
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.beside import follow_plans
from approval.services.facts import reviewer_of
from approval.services.outbox import leave_letter
from approval.services.payday import working_days
from approval.services.rulebook import freeze, is_from_months, policies_for, policies_in
from approval.services.segments import follow_posts
from approval.services.step import keep_record, start
from workflows.appraisal import CANCELLED, DEPARTMENT_REVIEW, SAMPLING, SELF_ASSESSMENT, WORKFLOW
from workflows.engine import No, NotAllowed

EARLIEST = timedelta(days=31)  # before the month begins: 2062-10 is a slip of the finger, not a plan
REMINDER = "催办：%(name)s %(period)s 的考核等您处理"
BETWEEN_REMINDERS = timedelta(hours=4)


@dataclass(frozen=True)
class Opening:
    """What an opening did: how many months it created, and who was left out and why."""

    cycle: Cycle
    created: int
    left_out: Sequence[LeftOut]


def open_cycle(act: Act, department: Department, period: str) -> Opening:
    """Open a period for a department and its units; opening again creates only what is missing.

    The policy in force on the period's first day is frozen (rules.md section 3), in a quarter or a year else the first
    that began within it; people without a policy or a
    supervisor are listed with the remedy. HR's verb.
    """
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以开启考核周期")])
    if period_bounds(period)[0] > act.today + EARLIEST:
        raise Refused("%(period)s 还太早；最早在月初前 31 天开启", fault="too early", period=period)
    cycle = _cycle(act, department, period)
    act.session.execute(delete(LeftOut).where(LeftOut.cycle_id == cycle.id))
    versions = policies_in(act.session, period)
    created = sum(_open_one(act, cycle, employment, versions) for employment in _assignments(act, cycle))
    left_out = act.session.scalars(select(LeftOut).where(LeftOut.cycle_id == cycle.id)).all()
    body = {"period": period, "created": created, "left_out": [one.employee.number for one in left_out]}
    keep_record(act, cycle, "cycle:open", body=body)
    return Opening(cycle, created, left_out)


def _cycle(act: Act, department: Department, period: str) -> Cycle:
    found = select(Cycle).where(Cycle.department_id == department.id, Cycle.period == period)
    cycle = act.session.scalars(found).first()
    if cycle is not None:
        return cycle
    first, last = period_bounds(period)
    due = deadlines(period, working_days(act))
    cycle = Cycle(department_id=department.id, period=period, first_on=first, last_on=last, opened_at=act.at)
    cycle.self_assessment_due, cycle.scores_due, cycle.review_due = due.self_assessment, due.scores, due.review
    cycle.approval_due, cycle.payday = due.approval, due.payday
    act.session.add(cycle)
    act.session.flush()
    return cycle


def _assignments(act: Act, cycle: Cycle) -> Iterator[Employment]:
    """One assignment a person: the one in force on the first day, else the first one in the period."""
    query = (
        select(Employment)
        .join(Employee, Employee.id == Employment.employee_id)
        .where(
            Employment.from_on <= cycle.last_on,
            or_(Employment.to_on.is_(None), Employment.to_on >= cycle.first_on),
            or_(Employee.left_on.is_(None), Employee.left_on >= cycle.first_on),
        )
        .order_by(Employee.number, Employment.from_on)
    )
    within, seen = departments_within(act.session, cycle.department_id), set()
    for employment in act.session.scalars(query).all():
        if employment.employee_id in seen:
            continue
        seen.add(employment.employee_id)
        if employment.department_id in within:
            yield employment


def _open_one(
    act: Act, cycle: Cycle, employment: Employment, versions: Sequence[tuple[PolicyVersion, rule.Policy]]
) -> int:
    if act.session.scalars(_months(employment, cycle)).first() is not None:
        return 0
    fitting = policies_for(act, employment, versions, cycle.period)
    reason = _why_not(employment, fitting, cycle)
    if reason is not None:
        _leave_out(act, cycle, employment, reason)
        return 0
    version, policy = fitting[0]
    appraisal = Appraisal(
        cycle_id=cycle.id,
        employee_id=employment.employee_id,
        department_id=employment.department_id,
        position_id=employment.position_id,
        grade=employment.grade,
        supervisor_id=employment.supervisor_id,
        policy_version_id=version.id,
        frozen_policy_id=freeze(act, policy).id,
    )
    body = {
        "policy": f"{version.code}/{version.number}",
        "fingerprint": rule.fingerprint(policy),
        "period": cycle.period,
    } | began_later(version, cycle)
    start(act, appraisal, WORKFLOW, body=body)
    follow_plans(act, appraisal, fitting)
    follow_posts(act, appraisal)
    if is_from_months(appraisal):
        return 1
    link = f"/my/{cycle.period}"
    leave_letter(
        act, [employment.employee_id], "%(period)s 考核已开启，请在截止日前完成自评", link, period=cycle.period
    )
    return 1


def began_later(version: PolicyVersion, cycle: Cycle) -> dict[str, str]:
    """What the chain tells of a version that was not in force yet on the period's first day."""
    late = version.effective_from > cycle.first_on
    return {"began_later": version.effective_from.isoformat()} if late else {}


def _months(employment: Employment, cycle: Cycle) -> Select[int]:
    """A person's months of a period in any cycle: where a unit and the department above are opened both, one is paid."""
    return (
        select(Appraisal.id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Appraisal.employee_id == employment.employee_id, Cycle.period == cycle.period)
        .where(Appraisal.state != CANCELLED)
    )


def _why_not(
    employment: Employment, fitting: Sequence[tuple[PolicyVersion, rule.Policy]], cycle: Cycle
) -> tuple[str, dict[str, str]] | None:
    day = cycle.first_on.isoformat()
    params = {"position": employment.position.name, "department": employment.department.name, "day": day}
    if fitting and fitting[0][1].adds and kind_of(cycle.period) == MONTH:
        text = "%(day)s 适用于%(department)s“%(position)s”的只有加发的奖金方案；请发布这个岗位的月度方案后再次开启"
        return text, params
    if not fitting and kind_of(cycle.period) != MONTH:
        text = "%(period)s 没有适用于%(department)s“%(position)s”的已发布方案；请发布方案后再次开启"
        return text, params | {"period": cycle.period}
    if not fitting:
        return "%(day)s 没有适用于%(department)s“%(position)s”的已发布方案；请发布方案后再次开启", params
    if employment.supervisor_id is None:
        return "任职记录里没有直接主管；请在人员页补上主管后再次开启", params
    return None


def _leave_out(act: Act, cycle: Cycle, employment: Employment, why: tuple[str, dict[str, str]]) -> None:
    row = LeftOut(cycle_id=cycle.id, employee_id=employment.employee_id, reason=why[0])
    row.params = json.dumps(why[1], ensure_ascii=False)
    act.session.add(row)
    act.session.flush()


def department_named(act: Act, name: str) -> Department:
    """Find a department by its name; Refused with what would be right."""
    found = act.session.scalars(select(Department).where(Department.name == name)).first()
    if found is None:
        raise Refused("没有部门“%(name)s”；请检查部门名称", fault="unknown department", name=name)
    return found


def holder_of(act: Act, month: Appraisal) -> int | None:
    """The one person whose turn it is in a month; None where it waits for nobody alone, or the seat is vacant."""
    if month.state in (SELF_ASSESSMENT, SAMPLING) and is_from_months(month):
        return None
    if month.state == SELF_ASSESSMENT:
        return month.employee_id
    if month.state == SAMPLING:
        return month.supervisor_id
    return reviewer_of(act, month) if month.state == DEPARTMENT_REVIEW else None


def remind(act: Act, month: Appraisal) -> None:
    """Write to the holder of a month's step; at most once in four hours about one page (ux.md 2.3)."""
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以催办")])
    holder = holder_of(act, month)
    if holder is None:
        raise NotAllowed([No("这一步没有可以催办的人")])
    link = _page_of(month)
    before = select(OutboxMessage.id).where(
        OutboxMessage.employee_id == holder,
        OutboxMessage.link == link,
        OutboxMessage.subject == REMINDER,
        OutboxMessage.created_at > act.at - BETWEEN_REMINDERS,
    )
    if act.session.scalars(before).first() is not None:
        raise NotAllowed([No("4 小时内已经催办过，没有重复发送")])
    leave_letter(act, [holder], REMINDER, link, name=month.employee.name, period=month.cycle.period)
    keep_record(act, month.cycle, "cycle:remind", body={"appraisal": month.id, "step": month.state, "holder": holder})


def _page_of(month: Appraisal) -> str:
    if month.state == SELF_ASSESSMENT:
        return f"/my/{month.cycle.period}"
    if month.state == SAMPLING:
        return f"/appraisals/{month.id}"
    return f"/departments/{month.cycle.department_id}/{month.cycle.period}"
