"""What the month's pay is computed from beside the score: attendance, sales, counts, collections, rewards; and imports."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, DAYS, FIGURE, Base, Chained, Instant, one_of
from approval.models.people import Employee


class ImportBatch(Chained, Base):
    """One file taken in, whole or not at all; its SHA-256 and who brought it."""

    __tablename__ = "import_batch"
    stream_name = "import"
    sheet: Mapped[str] = mapped_column(String(30))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    rows: Mapped[int] = mapped_column()
    imported_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    imported_at: Mapped[datetime | None] = mapped_column(Instant)
    imported_by: Mapped[Employee] = relationship()


class Attendance(Base):
    """考勤 of one employee and month: days with two places, events as counts; `statutory` days of leave count as attended."""

    __tablename__ = "attendance"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    period: Mapped[str] = mapped_column(String(7), index=True)
    scheduled: Mapped[Decimal] = mapped_column(DAYS)
    actual: Mapped[Decimal] = mapped_column(DAYS)
    late: Mapped[int] = mapped_column(default=0)
    early: Mapped[int] = mapped_column(default=0)
    leave: Mapped[int] = mapped_column(default=0)
    absent_days: Mapped[Decimal] = mapped_column(DAYS)
    statutory: Mapped[Decimal] = mapped_column(DAYS, default=Decimal(0))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    __table_args__ = (
        UniqueConstraint("employee_id", "period"),
        CheckConstraint("scheduled > 0 AND scheduled <= 3100", name="scheduled_in_month"),
        CheckConstraint("actual >= 0 AND actual <= 3100", name="actual_in_month"),
        CheckConstraint(
            "late >= 0 AND early >= 0 AND leave >= 0 AND absent_days >= 0 AND statutory >= 0", name="not_negative"
        ),
    )


class Figure(Base):
    """One named figure of an employee and month (sales, counts, task coefficient, profit share), with where it came from.

    `evidence` names the document behind it, where its policy asks for one.
    """

    __tablename__ = "figure"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    period: Mapped[str] = mapped_column(String(7), index=True)
    code: Mapped[str] = mapped_column(String(40))
    value: Mapped[Decimal] = mapped_column(FIGURE)
    evidence: Mapped[str] = mapped_column(String(200), default="")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    __table_args__ = (UniqueConstraint("employee_id", "period", "code"),)


class Collection(Base):
    """回款: money collected from one customer in a month; `kind` is normal or high profit, `margin` may be unknown (A-17)."""

    __tablename__ = "collection"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    period: Mapped[str] = mapped_column(String(7), index=True)
    customer: Mapped[str] = mapped_column(String(120), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    margin: Mapped[Decimal | None] = mapped_column(FIGURE)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    __table_args__ = (one_of("kind", ("normal", "high")), CheckConstraint("amount_fen >= 0", name="not_negative"))


class RewardPenalty(Base):
    """奖惩: a signed amount with its reason and evidence; a second person confirms it before it counts."""

    __tablename__ = "reward_penalty"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    period: Mapped[str] = mapped_column(String(7), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(String(200), default="")
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", name="not_zero"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> entered_by_id", name="two_people"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> employee_id", name="not_own"),
    )
