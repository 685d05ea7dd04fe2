"""Company, departments, positions, employees with dated assignments (任职), offices and accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from approval.models.base import BIG, FIGURE, Base, Chained, Instant, one_of

OFFICES = {
    "department_head": "部门负责人",
    "general_manager": "总经理",
    "gm_office": "总经办",
    "hr": "人事",
    "finance": "财务",
    "auditor": "审计",
    "performance_admin": "绩效管理员",
    "data": "数据专员",
    "admin": "系统管理员",
}


class Company(Base):
    """The one company of this installation; `demo_started_at` is set in a demo, whose clock starts at `demo_day`."""

    __tablename__ = "company"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    fines_allowed: Mapped[bool] = mapped_column(Boolean, default=False)
    demo_day: Mapped[date | None] = mapped_column(Date)
    demo_started_at: Mapped[datetime | None] = mapped_column(Instant)


class Department(Base):
    """部门 or a unit under one; `place` is where it works, which says what minimum wage holds."""

    __tablename__ = "department"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    name_en: Mapped[str] = mapped_column(String(80), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    place: Mapped[str] = mapped_column(String(40), default="")
    parent: Mapped[Department | None] = relationship(remote_side="Department.id")


class Position(Base):
    __tablename__ = "position"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")


LEFT_BY = {"own": "本人提出", "company": "公司提出", "agreed": "协商一致", "expired": "合同到期"}


class Employee(Chained, Base):
    """A person; `number` (工号) is the name that stays. `pinyin` is for search, corrected by HR."""

    __tablename__ = "employee"
    stream_name = "employee"
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    pinyin: Mapped[str] = mapped_column(String(160), default="")
    joined_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    left_reason: Mapped[str] = mapped_column(Text, default="")
    left_by: Mapped[str] = mapped_column(String(10), default="")
    __table_args__ = (
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="left_after_joined"),
        CheckConstraint("(left_on IS NULL) = (left_by = '')", name="left_by_somebody"),
    )


class Employment(Base):
    """任职: one dated assignment to department, position, grade and supervisor; `to_on` is its last day."""

    __tablename__ = "employment"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    grade: Mapped[str] = mapped_column(String(20), default="")
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    supervisor: Mapped[Employee | None] = relationship(foreign_keys=[supervisor_id])
    department: Mapped[Department] = relationship()
    position: Mapped[Position] = relationship()
    __table_args__ = (
        UniqueConstraint("employee_id", "from_on"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="to_after_from"),
        CheckConstraint("supervisor_id IS NULL OR supervisor_id <> employee_id", name="not_own_supervisor"),
    )


class Office(Base):
    """A right held by a person for a time; a department head holds it for one department."""

    __tablename__ = "office"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    office: Mapped[str] = mapped_column(String(24))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    employee: Mapped[Employee] = relationship()
    __table_args__ = (
        one_of("office", OFFICES),
        CheckConstraint("(office = 'department_head') = (department_id IS NOT NULL)", name="head_has_department"),
    )


class PayStandard(Base):
    """A figure of a policy that the company fills per employee (基本工资 and the like), dated; value in the policy's unit."""

    __tablename__ = "pay_standard"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    value: Mapped[Decimal] = mapped_column(FIGURE)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    __table_args__ = (UniqueConstraint("employee_id", "code", "from_on"),)


class Account(Chained, Base):
    """How a person signs in; the password is an argon2 hash, `locale` the language of his pages."""

    __tablename__ = "account"
    stream_name = "account"
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    employee: Mapped[Employee] = relationship()


class UserSession(Base):
    """One signed-in browser: revocable, bounded in idle and absolute time; only the token's SHA-256 is kept."""

    __tablename__ = "user_session"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")
    account: Mapped[Account] = relationship()


class SignInAttempt(Base):
    """One try to sign in, for the throttle by account name and by address."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    account_name: Mapped[str] = mapped_column(String(40), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    succeeded: Mapped[bool] = mapped_column(Boolean)


class WorkingDayException(Base):
    """A dated exception from Monday to Friday: a holiday, or a working weekend day (调休); editable by HR."""

    __tablename__ = "working_day_exception"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str] = mapped_column(String(60), default="")


def in_force(day: date | ColumnElement[date], from_on: Any, to_on: Any) -> ColumnElement[bool]:
    """SQL condition: the dated row holds on `day`."""
    return and_(from_on <= day, or_(to_on.is_(None), to_on >= day))


def employment_on(session: Session, employee_id: int, day: date) -> Employment | None:
    """The assignment of one person on a day, or None."""
    found = select(Employment).where(
        Employment.employee_id == employee_id, in_force(day, Employment.from_on, Employment.to_on)
    )
    return session.scalars(found).first()


def employments_on(session: Session, people: Collection[int], day: date) -> dict[int, Employment]:
    """The assignments of several people on a day by the person's id, each with its department, position and supervisor."""
    found = select(Employment).where(
        Employment.employee_id.in_(people), in_force(day, Employment.from_on, Employment.to_on)
    )
    loads = (joinedload(one) for one in (Employment.department, Employment.position, Employment.supervisor))
    return {one.employee_id: one for one in session.scalars(found.options(*loads))}


def offices_on(session: Session, employee_id: int, day: date) -> Sequence[Office]:
    """The offices that one person holds on a day."""
    return session.scalars(
        select(Office).where(Office.employee_id == employee_id, in_force(day, Office.from_on, Office.to_on))
    ).all()


def holders(office: str, day: date) -> Select[Employee]:
    """Query of the people who hold a company-wide office on a day."""
    return (
        select(Employee)
        .join(Office, Office.employee_id == Employee.id)
        .where(Office.office == office, in_force(day, Office.from_on, Office.to_on))
        .order_by(Employee.number)
    )


Index("ix_office_in_force", Office.office, Office.department_id)


def accounts_by_role(session: Session, day: date) -> list[tuple[str, list[tuple[Employee, str]]]]:
    """Everybody with an account, grouped by office for the demo's sign-in page: (role, [(employee, post)])."""
    offices: dict[int, str] = {}
    for office in session.scalars(select(Office).where(in_force(day, Office.from_on, Office.to_on))):
        offices.setdefault(office.employee_id, office.office)
    supervisors = set(session.scalars(select(Employment.supervisor_id)))
    groups: dict[str, list[tuple[Employee, str]]] = {}
    for account in session.scalars(select(Account).join(Employee).order_by(Employee.number)):
        post = employment_on(session, account.employee_id, day)
        role = OFFICES.get(offices.get(account.employee_id, ""), "")
        role = role or ("主管" if account.employee_id in supervisors else "员工")
        groups.setdefault(role, []).append((account.employee, post.position.name if post else ""))
    order = [*OFFICES.values(), "主管", "员工"]
    return sorted(groups.items(), key=lambda group: order.index(group[0]))
