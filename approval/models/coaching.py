"""培训与辅导: what was done for a person whose results fall behind (R003), and what of it was entered by mistake."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, Base, Instant, one_of
from approval.models.people import Employee

COACHING = {"talk": "面谈", "coaching": "辅导", "training": "培训", "transfer": "调岗"}


class CoachingRecord(Base):
    """One talk, coaching, training or change of post of a person: when, what, by whom; insert only."""

    __tablename__ = "coaching_record"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    begins_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text)
    led_by: Mapped[str] = mapped_column(String(80))
    material: Mapped[str] = mapped_column(String(200), default="")
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kept_at: Mapped[datetime] = mapped_column(Instant)
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    kept_by: Mapped[Employee] = relationship(foreign_keys=[kept_by_id])
    void: Mapped[CoachingVoid | None] = relationship(back_populates="record", uselist=False)
    __table_args__ = (
        one_of("kind", COACHING),
        CheckConstraint("content <> '' AND led_by <> ''", name="said"),
        CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="ends_after_begins"),
        CheckConstraint("kept_by_id <> employee_id", name="not_own"),
    )


class CoachingVoid(Base):
    """作废: a record that was entered by mistake, with the reason; both stay readable; insert only."""

    __tablename__ = "coaching_void"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("coaching_record.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    voided_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    voided_at: Mapped[datetime] = mapped_column(Instant)
    record: Mapped[CoachingRecord] = relationship(back_populates="void")
    voided_by: Mapped[Employee] = relationship()
    __table_args__ = (CheckConstraint("reason <> ''", name="has_reason"),)
