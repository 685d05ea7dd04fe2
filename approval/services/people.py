"""People and their posts: engage, move, leave, appoint to an office. HR's verbs, each with an entry in the person's chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, or_, select

from approval.models.people import (
    OFFICES,
    Company,
    Department,
    Employee,
    Employment,
    Office,
    PayStandard,
    Position,
    employment_on,
    in_force,
)
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed


@dataclass(frozen=True)
class Post:
    """Where somebody works from a day on: ids of department, position and supervisor (None: still to be named)."""

    department_id: int
    position_id: int
    supervisor_id: int | None
    from_on: date
    grade: str = ""


def must_be_hr(act: Act) -> None:
    """Refuse everybody but HR (and the administrator who sets an empty system up)."""
    if not act.actor.holds("hr", "admin"):
        raise NotAllowed([No("只有人事可以维护人员")])


def add_department(act: Act, name: str, parent: Department | None = None, name_en: str = "") -> Department:
    """Add a department or a unit under one; the name is unique."""
    must_be_hr(act)
    found = act.session.scalars(select(Department).where(Department.name == name)).first()
    if found is None:
        found = Department(name=name, name_en=name_en, parent_id=parent.id if parent else None)
        act.session.add(found)
        act.session.flush()
    return found


def add_position(act: Act, code: str, name: str, name_en: str = "") -> Position:
    """Add a position with its code; the code is unique."""
    must_be_hr(act)
    found = act.session.scalars(select(Position).where(Position.code == code)).first()
    if found is None:
        found = Position(code=code, name=name, name_en=name_en)
        act.session.add(found)
        act.session.flush()
    return found


def engage(act: Act, number: str, name: str, joined_on: date, pinyin: str = "") -> Employee:
    """Take a person on under an employee number that nobody has had."""
    must_be_hr(act)
    if act.session.scalars(select(Employee).where(Employee.number == number)).first() is not None:
        raise Refused("工号 %(number)s 已经有人使用", fault="number taken", number=number)
    employee = Employee(number=number, name=name, pinyin=pinyin, joined_on=joined_on)
    act.session.add(employee)
    act.session.flush()
    keep_record(act, employee, "employee:engage", body={"number": number, "name": name, "joined_on": joined_on})
    return employee


def assign(act: Act, employee: Employee, post: Post) -> Employment:
    """Give an employee a post from a day on; the one before ends the day before. Nobody supervises himself."""
    must_be_hr(act)
    if post.supervisor_id == employee.id:
        raise Refused("%(name)s 不能做自己的直接主管", fault="own supervisor", name=employee.name)
    current = employment_on(act.session, employee.id, post.from_on)
    if current is not None and current.from_on == post.from_on:
        _change(current, post)
        act.session.flush()
        keep_record(act, employee, "employee:correct_post", body=post.__dict__)
        return current
    if current is not None:
        current.to_on = post.from_on - timedelta(days=1)
    fresh = Employment(employee_id=employee.id, from_on=post.from_on)
    _change(fresh, post)
    act.session.add(fresh)
    act.session.flush()
    keep_record(act, employee, "employee:assign", body=post.__dict__)
    return fresh


def _change(row: Employment, post: Post) -> None:
    row.department_id, row.position_id, row.grade = post.department_id, post.position_id, post.grade
    row.supervisor_id = post.supervisor_id


def leave(act: Act, employee: Employee, left_on: date, reason: str) -> None:
    """Record that somebody leaves, with the reason; his history stays (R090)."""
    must_be_hr(act)
    if left_on < employee.joined_on:
        raise Refused("离职日期不能早于入职日期", fault="left before joined")
    changes = {"left_on": left_on, "left_reason": reason}
    keep_record(act, employee, "employee:leave", reason=reason, changes=changes)


def appoint(act: Act, employee: Employee, office: str, from_on: date, department: Department | None = None) -> Office:
    """Give an office from a day on; a department has one head, the general manager is one person: the holder before ends."""
    must_be_hr(act)
    if office not in OFFICES:
        raise Refused("没有职务“%(office)s”", fault="unknown office", office=office)
    if (office == "department_head") != (department is not None):
        raise Refused("部门负责人须指明部门，其他职务不分部门", fault="department needed")
    if office in ("department_head", "general_manager"):
        _end_holders(act, office, from_on, department, but=employee.id)
    for held in act.session.scalars(_held(office, from_on, department).where(Office.employee_id == employee.id)):
        return held
    row = Office(employee_id=employee.id, office=office, from_on=from_on)
    row.department_id = department.id if department else None
    act.session.add(row)
    act.session.flush()
    body = {"office": office, "from_on": from_on, "department": department.name if department else ""}
    keep_record(act, employee, "employee:appoint", body=body)
    return row


def _held(office: str, day: date, department: Department | None) -> Select[Office]:
    query = select(Office).where(Office.office == office, in_force(day, Office.from_on, Office.to_on))
    return query.where(Office.department_id == department.id) if department else query


def _end_holders(act: Act, office: str, day: date, department: Department | None, but: int) -> None:
    for held in act.session.scalars(_held(office, day, department).where(Office.employee_id != but)).all():
        held.to_on = day - timedelta(days=1)
        keep_record(act, held.employee, "employee:end_office", body={"office": office, "to_on": held.to_on})


def end_office(act: Act, office: Office, last_day: date) -> None:
    """End an office with its last day."""
    must_be_hr(act)
    office.to_on = last_day
    act.session.flush()
    keep_record(act, office.employee, "employee:end_office", body={"office": office.office, "to_on": last_day})


def set_pay_standard(act: Act, employee: Employee, code: str, value: Decimal, from_on: date) -> PayStandard:
    """Set a figure of the policy for an employee from a day on (in the policy's unit); the one before ends the day before."""
    if not act.actor.holds("hr", "admin"):
        raise NotAllowed([No("只有人事可以设定薪酬标准")])
    if act.actor.employee_id == employee.id:
        raise NotAllowed([No("不能设定自己的薪酬标准")])
    query = select(PayStandard).where(PayStandard.employee_id == employee.id, PayStandard.code == code)
    current = act.session.scalars(query.where(in_force(from_on, PayStandard.from_on, PayStandard.to_on))).first()
    before = current.value if current else None
    if current is not None and current.from_on == from_on:
        current.value = value
        row = current
    else:
        if current is not None:
            current.to_on = from_on - timedelta(days=1)
        row = PayStandard(employee_id=employee.id, code=code, value=value, from_on=from_on)
        act.session.add(row)
    act.session.flush()
    body = {"code": code, "value": [before, value], "from_on": from_on}
    keep_record(act, employee, "employee:set_pay_standard", body=body)
    return row


def found_company(act: Act, name: str, name_en: str = "") -> Company:
    """Name the company of this installation; the first time only."""
    company = act.session.scalars(select(Company)).first()
    if company is None:
        company = Company(name=name, name_en=name_en)
        act.session.add(company)
        act.session.flush()
    return company


def search(act: Act, text: str, limit: int = 30) -> Sequence[Employee]:
    """Find people by name, number, pinyin or its initials."""
    wanted = text.strip()
    like = f"%{wanted.lower().replace('%', '').replace('_', '')}%"
    query = select(Employee).order_by(Employee.number).limit(limit)
    if wanted:
        joined = like.replace(" ", "")
        query = query.where(
            or_(
                Employee.name.like(like),
                Employee.number.ilike(like),
                Employee.pinyin.ilike(like),
                Employee.pinyin.ilike(joined),
            )
        )
    return act.session.scalars(query).all()
