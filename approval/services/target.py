"""目标: the annual target of a department, its breakdown to people and months, and each person's confirmation (R002, R112)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from approval.models.departments import head_of
from approval.models.figures import ImportBatch
from approval.models.people import Department, Employee
from approval.models.target import AnnualTarget, MonthTarget, PersonalTarget
from approval.rules.calendar import months_within
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.attendance import RECORDED
from approval.services.facts import general_manager
from approval.services.outbox import leave_letter
from approval.services.rulebook import policies_on
from approval.services.sight import Hidden, headed_by, relations_to
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed
from workflows.sight import HEAD, TABLE, may_see

PLACES = {"money": 2, "count": 0}


@dataclass(frozen=True)
class Goal:
    """What a department sets for a year: the measure by the code of its figure and its name, the sum, how it was agreed."""

    measure: str
    name: str
    unit: str
    amount: Decimal
    basis: str
    name_en: str = ""


@dataclass(frozen=True)
class Part:
    """A person's months, None where none is set, his duties, and why they are changed; with the file and rows they came from."""

    months: Mapping[str, Decimal | None]
    duties: str | None = None
    reason: str = ""
    batch: ImportBatch | None = None
    rows: Mapping[str, int] = field(default_factory=dict)


def by_planner(act: Act, department_id: int) -> No | None:
    """Who sets targets: the department's head (R002) and the general manager (R111)."""
    if act.actor.holds("general_manager") or HEAD in relations_to(act, None, department_id):
        return None
    return No("只有部门负责人或总经理可以制定目标")


def by_planner_of(act: Act, target: AnnualTarget, employee_id: int) -> No | None:
    """Who sets a person's part: the planner, never for himself."""
    return not_for_himself(act, employee_id) or by_planner(act, target.department_id)


def not_for_himself(act: Act, employee_id: int) -> No | None:
    """Nobody sets his own part."""
    own = act.actor.employee_id == employee_id
    return No("不能给自己定目标；部门负责人本人的目标由总经理制定") if own else None


def set_annual_target(act: Act, department: Department, year: int, goal: Goal) -> AnnualTarget:
    """Set a department's target of a year for a measure that it does not have yet."""
    _must(by_planner(act, department.id))
    must_fit(goal.unit, goal.amount)
    same = select(AnnualTarget).where(AnnualTarget.department_id == department.id, AnnualTarget.year == year)
    if act.session.scalars(same.where(AnnualTarget.measure == goal.measure)).first() is not None:
        raise Refused(
            "%(year)s 年已经有“%(name)s”的目标，请在那里修改", fault="already set", year=str(year), name=goal.name
        )
    target = AnnualTarget(department_id=department.id, year=year, measure=goal.measure, unit=goal.unit)
    target.name, target.name_en, target.amount, target.basis = goal.name, goal.name_en, goal.amount, goal.basis.strip()
    target.set_by_id, target.set_at = act.person, act.at
    act.session.add(target)
    act.session.flush()
    body = {"year": year, "measure": goal.measure, "amount": goal.amount, "basis": goal.basis.strip()}
    keep_record(act, target, "annual_target:set", body=body)
    return target


def change_annual_target(act: Act, target: AnnualTarget, amount: Decimal, reason: str, seen: int) -> None:
    """Change the sum of an annual target, with the reason; `seen` is the version that was on the page."""
    _must(by_planner(act, target.department_id))
    must_fit(target.unit, amount)
    must_be_seen(target.version, seen)
    if not reason.strip():
        raise Refused("请写明修改的理由", fault="reason missing")
    changes = {"amount": amount, "set_by_id": act.person, "set_at": act.at}
    keep_record(act, target, "annual_target:change", reason=reason, changes=changes)


def set_personal_target(
    act: Act, target: AnnualTarget, employee: Employee, part: Part, seen: int | None = None
) -> PersonalTarget:
    """Set what one person is to reach in each month and what he answers for (R112); he confirms it anew.

    Months left out stay as they are. The first setting needs no reason, a change does. `seen` is the version that was
    on the page, 0 where there was none.
    """
    _must(by_planner_of(act, target, employee.id))
    _check_months(target, part.months)
    kept = personal_target(act, target, employee.id)
    if seen is not None:
        must_be_seen(kept.version if kept else 0, seen)
    moved = _moved(act, kept, part.months)
    duties = (kept.duties if kept else "") if part.duties is None else part.duties.strip()
    if kept is not None and not moved and duties == kept.duties:
        return kept
    if kept is not None and not part.reason.strip():
        raise Refused("请写明修改的理由", fault="reason missing")
    action = "personal_target:change" if kept else "personal_target:set"
    if kept is None:
        kept = PersonalTarget(target_id=target.id, employee_id=employee.id, set_by_id=act.person, set_at=act.at)
        act.session.add(kept)
        act.session.flush()
    _keep_months(act, kept, part)
    changes = {"duties": duties, "confirmed_at": None, "set_by_id": act.person, "set_at": act.at}
    body = {"months": moved} | ({"import": part.batch.stream, "rows": dict(part.rows)} if part.batch else {})
    keep_record(act, kept, action, reason=part.reason, changes=changes, body=body)
    params = {"name": target.name, "year": str(target.year)}
    leave_letter(act, [employee.id], "您的 %(year)s 年“%(name)s”目标已制定，请确认", "/targets", **params)
    return kept


def _moved(
    act: Act, kept: PersonalTarget | None, months: Mapping[str, Decimal | None]
) -> dict[str, list[Decimal | None]]:
    """The months that change, before and after."""
    there = {one.period: one.value for one in months_of(act, kept)} if kept else {}
    return {period: [there.get(period), value] for period, value in months.items() if there.get(period) != value}


def _keep_months(act: Act, kept: PersonalTarget, part: Part) -> None:
    rows = {one.period: one for one in months_of(act, kept)}
    for period, value in part.months.items():
        row = rows.get(period)
        if value is None:
            if row is not None:
                act.session.delete(row)
        elif row is None or row.value != value:
            row = row or MonthTarget(personal_target_id=kept.id, period=period)
            row.value, row.row_number = value, part.rows.get(period)
            row.import_id = part.batch.id if part.batch else None
            act.session.add(row)
    act.session.flush()


def _check_months(target: AnnualTarget, months: Mapping[str, Decimal | None]) -> None:
    known = months_within(str(target.year))
    for period, value in months.items():
        if period not in known:
            raise Refused("%(period)s 不在 %(year)s 年", fault="other year", period=period, year=str(target.year))
        if value is not None:
            must_fit(target.unit, value, least=Decimal(0))


def must_fit(unit: str, value: Decimal, least: Decimal | None = None) -> None:
    if unit not in PLACES:
        raise Refused("单位须是金额或数量", fault="unknown unit")
    if value != round(value, PLACES[unit]):
        raise Refused("金额最多两位小数，数量须是整数", fault="too many places")
    if value < (Decimal(0) if least is None else least) or (least is None and value == 0):
        raise Refused("目标须大于 0", fault="not positive")


def _must(no: No | None) -> None:
    if no is not None:
        raise NotAllowed([no])


def must_be_seen(version: int, seen: int) -> None:
    if version != seen:
        raise NotAllowed([No("别人刚刚改过这个目标；请刷新后核对再改")])


def confirm_personal_target(act: Act, personal: PersonalTarget, seen: int) -> None:
    """The employee confirms his target as it was on his page, with who and when in its chain."""
    if act.actor.employee_id != personal.employee_id:
        raise NotAllowed([No("只有本人可以确认自己的目标")])
    must_be_seen(personal.version, seen)
    if personal.confirmed_at is not None:
        raise NotAllowed([No("您已经确认过这个目标")])
    keep_record(act, personal, "personal_target:confirm", changes={"confirmed_at": act.at})


def personal_target(act: Act, target: AnnualTarget, employee_id: int) -> PersonalTarget | None:
    """One person's part of an annual target, if it is set."""
    query = select(PersonalTarget).where(PersonalTarget.target_id == target.id)
    return act.session.scalars(query.where(PersonalTarget.employee_id == employee_id)).first()


def parts_of(act: Act, target: AnnualTarget) -> Sequence[PersonalTarget]:
    """Everybody's part of an annual target that is set."""
    return act.session.scalars(select(PersonalTarget).where(PersonalTarget.target_id == target.id)).all()


def months_of(act: Act, personal: PersonalTarget) -> Sequence[MonthTarget]:
    """The months of a personal target that are set, in order."""
    query = select(MonthTarget).where(MonthTarget.personal_target_id == personal.id)
    return act.session.scalars(query.order_by(MonthTarget.period)).all()


def own_targets(act: Act) -> Sequence[PersonalTarget]:
    """The actor's own targets, the newest year first."""
    query = select(PersonalTarget).join(AnnualTarget, AnnualTarget.id == PersonalTarget.target_id)
    query = query.where(PersonalTarget.employee_id == act.actor.employee_id)
    return act.session.scalars(query.order_by(AnnualTarget.year.desc(), AnnualTarget.id)).all()


def targets_seen(act: Act) -> Sequence[AnnualTarget]:
    """The annual targets that the actor may see whole: his departments', or all by office."""
    query = select(AnnualTarget).order_by(AnnualTarget.year.desc(), AnnualTarget.department_id, AnnualTarget.id)
    if not act.actor.offices & (TABLE["target"] - {HEAD}):
        query = query.where(AnnualTarget.department_id.in_(headed_by(act)))
    return act.session.scalars(query.options(joinedload(AnnualTarget.department))).all()


def find_target(act: Act, target_id: int) -> AnnualTarget:
    """Load an annual target that the actor may see whole; raises Hidden otherwise."""
    target = act.session.get(AnnualTarget, target_id)
    if target is None or not may_see("target", relations_to(act, None, target.department_id)):
        raise Hidden(f"annual target {target_id}")
    return target


def targets_for(act: Act, department_ids: Sequence[int], year: int, measure: str) -> AnnualTarget | None:
    """The annual target of a year by the code or the name of its measure, of the first of the departments that has one."""
    query = select(AnnualTarget).where(AnnualTarget.year == year, AnnualTarget.department_id.in_(department_ids))
    named = query.where(or_(AnnualTarget.measure == measure, AnnualTarget.name == measure))
    found = {one.department_id: one for one in act.session.scalars(named)}
    return next((found[one] for one in department_ids if one in found), None)


def planner_of(act: Act, target: AnnualTarget, employee_id: int) -> int | None:
    """Who sets one person's part: the head, or the general manager for the head himself."""
    head = head_of(act.session, target.department_id, act.today)
    return general_manager(act) if head == employee_id else head


def measures(act: Act) -> dict[str, tuple[str, str, str]]:
    """What a target may be measured by: the money and counts that policies in force ask for, by code with names and unit."""
    found: dict[str, tuple[str, str, str]] = {}
    for _version, policy in policies_on(act.session, act.today):
        for code, one in policy.inputs.items():
            if one.type in PLACES and code not in RECORDED:
                found.setdefault(code, (one.zh, one.en, one.type))
    return found
