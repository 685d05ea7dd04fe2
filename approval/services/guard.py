"""What the law bounds: the minimum wage of each place, pay below it, fines; flags for a human, never a silent change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from approval.models.appraisal import PayResult
from approval.models.departments import department_line
from approval.models.guard import MinimumWage, WageFlag
from approval.models.payout import Payslip
from approval.models.people import Company, Department
from approval.rules import guards as rule
from approval.rules.calendar import MONTH, kind_of
from approval.rules.explanation import PayResult as Computed
from approval.rules.money import display
from approval.rules.policy import Policy
from approval.rules.policy_lint import Lint
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.step import keep_note, keep_record
from workflows.engine import No, NotAllowed

STREAM = "minimum_wages"


def _must_be_hr(act: Act) -> None:
    if not act.actor.holds("hr"):
        raise NotAllowed([No("只有人事可以维护法定提示")])


def minimum_wages(session: Session) -> Sequence[MinimumWage]:
    """Every standard, by place, the newest first."""
    return session.scalars(select(MinimumWage).order_by(MinimumWage.place, MinimumWage.from_on.desc())).all()


def add_minimum_wage(act: Act, place: str, from_on: date, amount_fen: int, source: str) -> MinimumWage:
    """Add the standard of a place from a day on, with the notice that sets it; an earlier one is never edited."""
    _must_be_hr(act)
    if amount_fen <= 0:
        raise Refused("最低工资必须大于 0", fault="minimum not positive")
    there = select(MinimumWage).where(MinimumWage.place == place, MinimumWage.from_on == from_on)
    if act.session.scalars(there).first() is not None:
        raise Refused("%(place)s 从 %(day)s 起的标准已经有了；变更请填写新的生效日期", place=place, day=from_on)
    row = MinimumWage(place=place, from_on=from_on, amount_fen=amount_fen, source=source)
    row.added_by_id = act.actor.employee_id
    act.session.add(row)
    act.session.flush()
    told = {"place": place, "from_on": from_on, "amount_fen": amount_fen, "source": source}
    keep_note(act, STREAM, "guard:add_minimum_wage", body=told)
    return row


def set_place(act: Act, department: Department, place: str) -> None:
    """Say where a department works; a unit without a place has that of the department above."""
    _must_be_hr(act)
    before, department.place = department.place, place
    act.session.flush()
    keep_note(act, STREAM, "guard:set_place", body={"department": department.name, "place": [before, place]})


def allow_fines(act: Act, company: Company, allowed: bool, reason: str) -> None:
    """Switch deductions in the rewards sheet on or off; off from the start (Guangdong bars fines, section 6)."""
    _must_be_hr(act)
    if not reason.strip():
        raise Refused("请写明理由", fault="reason missing")
    before, company.fines_allowed = company.fines_allowed, allowed
    act.session.flush()
    keep_note(act, STREAM, "guard:allow_fines", reason=reason, body={"allowed": [before, allowed]})


def fines_allowed(session: Session) -> bool:
    """Whether the company has switched deductions on."""
    company = session.scalars(select(Company)).first()
    return company is not None and company.fines_allowed


def place_of(session: Session, department: Department) -> str:
    """Where a department works: its own place, else that of the nearest one above; empty where none is set."""
    return next((one.place for one in department_line(session, department) if one.place), "")


def minimum_of(session: Session, department: Department, day: date) -> MinimumWage | None:
    """The standard in force for a department on a day; None where its place or the standard is not set."""
    query = select(MinimumWage).where(MinimumWage.place == place_of(session, department), MinimumWage.from_on <= day)
    return session.scalars(query.order_by(MinimumWage.from_on.desc())).first()


def minimums_in_scope(session: Session, policy: Policy, day: date) -> tuple[list[MinimumWage], list[str]]:
    """The standards of the departments that a policy names, each place once, and the departments that have none."""
    wanted, found, bare = set(policy.raw["scope"]["departments"]), dict[str, MinimumWage](), list[str]()
    in_force = select(MinimumWage).where(MinimumWage.from_on <= day).order_by(MinimumWage.from_on)
    standards = {one.place: one for one in session.scalars(in_force)}
    for one in session.scalars(select(Department).order_by(Department.id)).all():
        line = department_line(session, one)
        if not {"*", *(unit.name for unit in line)} & wanted:
            continue
        standard = standards.get(next((unit.place for unit in line if unit.place), ""))
        if standard is None:
            bare.append(one.name)
        else:
            found[standard.place] = standard
    return list(found.values()), bare


def wage_lints(session: Session, policy: Policy, day: date) -> list[Lint]:
    """What a policy of monthly pay says about minimum wages: none known, or one that it can fall below (section 6)."""
    if not policy.pays or policy.cycle != MONTH:
        return []
    standards, bare = minimums_in_scope(session, policy, day)
    found = []
    if bare:
        text = "还没有登记最低工资，无法核对：%(names)s"
        found.append(Lint("warn", "no_minimum_wage", "scope.departments", text, {"names": "、".join(bare)}))
    least = rule.least_pay(policy)
    for one in standards:
        if least is not None and least < one.amount_fen:
            told = {"place": one.place, "sum": display(least), "minimum": display(one.amount_fen)}
            text = "满勤、0 分、没有其他收入时应发 %(sum)s，低于%(place)s最低工资 %(minimum)s"
            found.append(Lint("warn", "below_minimum_wage", "components", text, told))
    return found


def flag_pay(act: Act, results: Iterable[PayResult]) -> Sequence[WageFlag]:
    """Flag every month's pay below the minimum of its place, once a result; nothing is topped up."""
    of_months = [one for one in results if kind_of(one.appraisal.cycle.period) == MONTH]
    flagged = select(WageFlag.pay_result_id).where(WageFlag.pay_result_id.in_([one.id for one in of_months]))
    known, standards, found = set(act.session.scalars(flagged)), dict[tuple[int, date], MinimumWage | None](), []
    for result in of_months:
        month = result.appraisal
        place = (month.department_id, month.cycle.last_on)
        if place not in standards:
            standards[place] = minimum_of(act.session, month.department, month.cycle.last_on)
        standard = standards[place]
        if standard is None or result.id in known:
            continue
        outside_fen = Computed.from_json(result.lines).outside_minimum_fen
        checked = rule.minimum_wage(result.total_fen, outside_fen, standard.amount_fen)
        if checked.below:
            flag = WageFlag(pay_result_id=result.id, place=standard.place)
            flag.minimum_fen, flag.counted_fen = standard.amount_fen, checked.counted_fen
            act.session.add(flag)
            act.session.flush()
            keep_record(act, flag, "guard:flag", body={"employee": month.employee.number, "gap_fen": checked.gap_fen})
            found.append(flag)
    return found


def flags_on(act: Act, slips: Iterable[Payslip]) -> Sequence[WageFlag]:
    """The flags of a batch's payslips, by employee number."""
    query = select(WageFlag).where(WageFlag.pay_result_id.in_([one.pay_result_id for one in slips]))
    flags = act.session.scalars(query.options(joinedload(WageFlag.pay_result))).all()
    return sorted(flags, key=lambda one: one.pay_result.appraisal.employee.number)


def undecided(session: Session) -> int:
    """How many flags on live payslips wait for HR."""
    live = select(Payslip.pay_result_id).where(Payslip.live.is_(True))
    query = select(WageFlag.id).where(WageFlag.decided_by_id.is_(None), WageFlag.pay_result_id.in_(live))
    return len(session.scalars(query).all())


def decide_flag(act: Act, flag: WageFlag, decision: str) -> None:
    """Say in writing why pay below the minimum may go out (leave, part of a month), before the batch is signed."""
    _must_be_hr(act)
    if act.actor.employee_id == flag.pay_result.appraisal.employee_id:
        raise NotAllowed([No("不能处理自己的最低工资提示")])
    if flag.decided_by_id is not None:
        raise NotAllowed([No("这条提示已经处理过")])
    if not decision.strip():
        raise Refused("请写明理由", fault="reason missing")
    changes = {"decided_by_id": act.actor.employee_id, "decided_at": act.at, "decision": decision.strip()}
    keep_record(act, flag, "guard:decide", reason=decision, changes=changes)


def over_the_cap(wage_fen: int, deduction_fen: int, minimum_fen: int) -> int:
    """What of a deduction has to wait: beyond 20 % of the month's wage, or below the minimum (art. 16); 0 where it fits."""
    return rule.loss_deduction(max(0, wage_fen), deduction_fen, minimum_fen).carry_fen
