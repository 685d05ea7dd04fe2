"""People and their posts: engage, move, leave, appoint to an office. HR's verbs, each with an entry in the person's chain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from approval.models.people import (
    LEFT_BY,
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
from approval.services.sight import headed_by
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed

NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{0,19}")
SEES_ALL = ("hr", "general_manager", "gm_office", "auditor", "finance", "admin")
SEES_PAY_STANDARDS = ("hr", "finance", "general_manager", "auditor")


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
    if NUMBER.fullmatch(number) is None:
        fault = "malformed number"
        raise Refused("工号只能用大写字母、数字和连字符，最多 20 位：%(number)s", fault=fault, number=number[:40])
    if act.session.scalars(select(Employee).where(Employee.number == number)).first() is not None:
        raise Refused("工号 %(number)s 已经有人使用", fault="number taken", number=number)
    employee = Employee(number=number, name=name, pinyin=pinyin, joined_on=joined_on)
    act.session.add(employee)
    act.session.flush()
    keep_record(act, employee, "employee:engage", body={"number": number, "name": name, "joined_on": joined_on})
    return employee


def correct(act: Act, employee: Employee, name: str, pinyin: str) -> None:
    """Correct how a person is written and found; the number stays."""
    must_be_hr(act)
    changes = {"name": name, "pinyin": pinyin}
    if (employee.name, employee.pinyin) != (name, pinyin):
        keep_record(act, employee, "employee:correct", changes=changes)


def correct_joining(act: Act, employee: Employee, joined_on: date) -> None:
    """Correct the day on which somebody joined."""
    must_be_hr(act)
    if employee.joined_on != joined_on:
        keep_record(act, employee, "employee:correct_joining", changes={"joined_on": joined_on})


def assign(act: Act, employee: Employee, post: Post) -> Employment:
    """Give an employee a post from a day on; the one before ends the day before, one planned for later stays.

    Nobody supervises himself, and no post begins before its holder has joined.
    """
    must_be_hr(act)
    if post.supervisor_id == employee.id:
        raise Refused("%(name)s 不能做自己的直接主管", fault="own supervisor", name=employee.name)
    if post.from_on < employee.joined_on:
        raise Refused("任职不能早于入职日期 %(day)s", fault="post before joining", day=employee.joined_on)
    current = employment_on(act.session, employee.id, post.from_on)
    if current is not None and current.from_on == post.from_on:
        _change(current, post)
        act.session.flush()
        keep_record(act, employee, "employee:correct_post", body=post.__dict__)
        return current
    if current is not None:
        current.to_on = post.from_on - timedelta(days=1)
    later = select(func.min(Employment.from_on)).where(Employment.employee_id == employee.id)
    fresh = Employment(employee_id=employee.id, from_on=post.from_on)
    fresh.to_on = _day_before(act.session.scalar(later.where(Employment.from_on > post.from_on)))
    _change(fresh, post)
    act.session.add(fresh)
    act.session.flush()
    keep_record(act, employee, "employee:assign", body=post.__dict__)
    return fresh


def _day_before(day: date | None) -> date | None:
    """The last day of what ends when something else begins."""
    return None if day is None else day - timedelta(days=1)


def _change(row: Employment, post: Post) -> None:
    row.department_id, row.position_id, row.grade = post.department_id, post.position_id, post.grade
    row.supervisor_id = post.supervisor_id


def leave(act: Act, employee: Employee, left_on: date, reason: str, left_by: str = "own") -> None:
    """Record that somebody leaves, who ended it and why; his offices end with that day, his history stays (R090)."""
    must_be_hr(act)
    if left_by not in LEFT_BY:
        raise Refused("请选择由谁提出离职", fault="unknown side")
    if left_on < employee.joined_on:
        raise Refused("离职日期不能早于入职日期", fault="left before joined")
    changes = {"left_on": left_on, "left_reason": reason, "left_by": left_by}
    keep_record(act, employee, "employee:leave", reason=reason, changes=changes)
    held = select(Office).where(Office.employee_id == employee.id, Office.from_on <= left_on)
    for office in act.session.scalars(held.where(or_(Office.to_on.is_(None), Office.to_on > left_on))).all():
        end_office(act, office, left_on)


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
    if office in ("department_head", "general_manager"):
        row.to_on = _day_before(_next_holder(act, row))
    act.session.add(row)
    act.session.flush()
    body = {"office": office, "from_on": from_on, "department": department.name if department else ""}
    keep_record(act, employee, "employee:appoint", body=body)
    return row


def _held(office: str, day: date, department: Department | None) -> Select[Office]:
    query = select(Office).where(Office.office == office, in_force(day, Office.from_on, Office.to_on))
    return query.where(Office.department_id == department.id) if department else query


def _next_holder(act: Act, row: Office) -> date | None:
    """The day from which somebody else is appointed already."""
    query = select(func.min(Office.from_on)).where(Office.office == row.office, Office.from_on > row.from_on)
    if row.department_id is not None:
        query = query.where(Office.department_id == row.department_id)
    return act.session.scalar(query)


def _end_holders(act: Act, office: str, day: date, department: Department | None, but: int) -> None:
    for held in act.session.scalars(_held(office, day, department).where(Office.employee_id != but)).all():
        held.to_on = day - timedelta(days=1)
        keep_record(act, held.employee, "employee:end_office", body={"office": office, "to_on": held.to_on})


def end_office(act: Act, office: Office, last_day: date) -> None:
    """End an office with its last day."""
    must_be_hr(act)
    if last_day < office.from_on:
        raise Refused("职务的结束日期不能早于开始日期 %(day)s", fault="ended before begun", day=office.from_on)
    office.to_on = last_day
    act.session.flush()
    keep_record(act, office.employee, "employee:end_office", body={"office": office.office, "to_on": last_day})


def set_pay_standard(act: Act, employee: Employee, code: str, value: Decimal, from_on: date) -> PayStandard:
    """Set a figure of the policy for an employee from a day on (in the policy's unit); the one before ends the day before."""
    if not act.actor.holds("hr", "admin"):
        raise NotAllowed([No("只有人事可以设定薪酬标准")])
    if act.actor.employee_id == employee.id:
        raise NotAllowed([No("不能设定自己的薪酬标准")])
    if value < 0:
        raise Refused("薪酬标准不能为负数", fault="negative pay standard")
    query = select(PayStandard).where(PayStandard.employee_id == employee.id, PayStandard.code == code)
    current = act.session.scalars(query.where(in_force(from_on, PayStandard.from_on, PayStandard.to_on))).first()
    before = current.value if current else None
    if current is not None and current.from_on == from_on:
        current.value = value
        row = current
    else:
        if current is not None:
            current.to_on = from_on - timedelta(days=1)
        later = select(func.min(PayStandard.from_on)).where(PayStandard.from_on > from_on)
        later = later.where(PayStandard.employee_id == employee.id, PayStandard.code == code)
        row = PayStandard(employee_id=employee.id, code=code, value=value, from_on=from_on)
        row.to_on = _day_before(act.session.scalar(later))
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


def visible_people(act: Act) -> ColumnElement[bool]:
    """SQL condition on Employee: all for the offices that keep people, else one's own scope (headed, supervised, oneself)."""
    if act.actor.holds(*SEES_ALL):
        return true()
    now = in_force(act.today, Employment.from_on, Employment.to_on)
    mine = or_(Employment.supervisor_id == act.actor.employee_id, Employment.department_id.in_(headed_by(act)))
    scope = select(Employment.employee_id).where(now, mine)
    return or_(Employee.id == act.actor.employee_id, Employee.id.in_(scope))


def sees_pay_standards(act: Act, employee: Employee) -> bool:
    """Say whether the actor may see a person's pay standards: his own, or by office."""
    return act.actor.employee_id == employee.id or act.actor.holds(*SEES_PAY_STANDARDS)


def search(act: Act, text: str, limit: int = 30, after: str = "") -> Sequence[Employee]:
    """Find people that the actor may see by name, number, pinyin or its initials; by number, beyond `after`."""
    query = select(Employee).where(visible_people(act), Employee.number > after).order_by(Employee.number).limit(limit)
    wanted = "".join(text.split()).lower().translate({ord(mark): None for mark in "%_\\"})
    if text.strip():
        joined = func.replace(func.lower(Employee.pinyin), " ", "")
        name = func.replace(func.lower(Employee.name), " ", "")
        matches = [name.like(f"%{wanted}%"), func.lower(Employee.number).like(f"%{wanted}%")]
        if wanted.isascii() and wanted.isalpha():
            matches += [joined.like(f"%{wanted}%"), joined.like("%".join(wanted) + "%")]
        query = query.where(or_(*matches) if wanted else Employee.id < 0)
    return act.session.scalars(query).all()
