"""目标: a department's annual target by measure, broken down to people and months (R002, R071, R112)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, FIGURE, Base, Chained, Instant, one_of
from approval.models.people import Department, Employee

UNITS = {"money": "金额（元）", "count": "数量"}


class AnnualTarget(Chained, Base):
    """年度目标 of one department and measure; `measure` is the code of the figure that it is compared with.

    `amount` is in yuan or a count, as `unit` says; `basis` tells how it was agreed (R111).
    """

    __tablename__ = "annual_target"
    stream_name = "annual_target"
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    year: Mapped[int] = mapped_column()
    measure: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    unit: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Decimal] = mapped_column(FIGURE)
    basis: Mapped[str] = mapped_column(Text)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    set_at: Mapped[datetime] = mapped_column(Instant)
    department: Mapped[Department] = relationship()
    set_by: Mapped[Employee] = relationship()
    __table_args__ = (
        UniqueConstraint("department_id", "year", "measure"),
        one_of("unit", UNITS),
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("basis <> ''", name="has_basis"),
    )


class PersonalTarget(Chained, Base):
    """个人目标: one person's part of an annual target with his duties; what is changed is to be confirmed anew."""

    __tablename__ = "personal_target"
    stream_name = "personal_target"
    target_id: Mapped[int] = mapped_column(ForeignKey("annual_target.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    duties: Mapped[str] = mapped_column(Text, default="")
    set_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    set_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    target: Mapped[AnnualTarget] = relationship()
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    set_by: Mapped[Employee] = relationship(foreign_keys=[set_by_id])
    __table_args__ = (
        UniqueConstraint("target_id", "employee_id"),
        CheckConstraint("set_by_id <> employee_id", name="not_own"),
    )


class MonthTarget(Base):
    """月度分解: one month of a personal target, in the unit of the annual one, with the file that it came from."""

    __tablename__ = "month_target"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    personal_target_id: Mapped[int] = mapped_column(ForeignKey("personal_target.id"), index=True)
    period: Mapped[str] = mapped_column(String(7))
    value: Mapped[Decimal] = mapped_column(FIGURE)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    __table_args__ = (
        UniqueConstraint("personal_target_id", "period"),
        CheckConstraint("value >= 0", name="not_negative"),
    )


class WeekTarget(Base):
    """周计划: one week of a month of a personal target, by its Monday; the week belongs to the month of its Friday (R071)."""

    __tablename__ = "week_target"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    personal_target_id: Mapped[int] = mapped_column(ForeignKey("personal_target.id"), index=True)
    monday: Mapped[date] = mapped_column(Date)
    value: Mapped[Decimal] = mapped_column(FIGURE)
    __table_args__ = (
        UniqueConstraint("personal_target_id", "monday"),
        CheckConstraint("value >= 0", name="not_negative"),
    )
