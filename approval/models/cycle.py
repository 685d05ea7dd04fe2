"""A period of appraisal of one department (and the units under it)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, Base, Chained, Instant
from approval.models.people import Department, Employee


class Cycle(Chained, Base):
    """考核周期: `period` is "2026-10"; deadlines are dates of the company's working calendar, fixed at opening.

    Of a quarter or a year the evaluation closes with the last publication; its payday then follows from the policy (R103).
    """

    __tablename__ = "cycle"
    stream_name = "cycle"
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    period: Mapped[str] = mapped_column(String(7), index=True)
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    self_assessment_due: Mapped[date] = mapped_column(Date)
    scores_due: Mapped[date] = mapped_column(Date)
    review_due: Mapped[date] = mapped_column(Date)
    approval_due: Mapped[date] = mapped_column(Date)
    payday: Mapped[date] = mapped_column(Date)
    evaluation_closed_on: Mapped[date | None] = mapped_column(Date)
    department: Mapped[Department] = relationship()
    __table_args__ = (UniqueConstraint("department_id", "period"),)


class LeftOut(Base):
    """A person whom the opening could not give an appraisal, with why and the remedy; cleared when he gets one."""

    __tablename__ = "left_out"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    reason: Mapped[str] = mapped_column(Text)
    params: Mapped[str] = mapped_column(Text, default="{}")
    employee: Mapped[Employee] = relationship()
    __table_args__ = (UniqueConstraint("cycle_id", "employee_id"),)
