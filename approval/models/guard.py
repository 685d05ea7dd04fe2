"""What the law bounds (rules.md section 6): the minimum wage of each place, and the pay results that fall below it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.appraisal import PayResult
from approval.models.base import BIG, Base, Chained, Instant
from approval.models.people import Employee


class MinimumWage(Base):
    """最低工资标准 of a place from a day on, in fen a month; `source` names the notice that set it."""

    __tablename__ = "minimum_wage"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    place: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date] = mapped_column(Date)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text, default="")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    __table_args__ = (UniqueConstraint("place", "from_on"), CheckConstraint("amount_fen > 0", name="positive"))


class LeaverDecision(Base):
    """Whether somebody whom the company let go before the cutoff keeps his part of a pool: HR decides (Guiding Case 183)."""

    __tablename__ = "leaver_decision"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("bonus_pool.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    keeps: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    decided_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("pool_id", "employee_id"),
        CheckConstraint("reason <> ''", name="decided_why"),
        CheckConstraint("decided_by_id <> employee_id", name="not_own_case"),
    )


class WageFlag(Chained, Base):
    """A pay result below the minimum wage: never topped up by itself; a batch waits until HR has decided with a reason."""

    __tablename__ = "wage_flag"
    stream_name = "wage_flag"
    pay_result_id: Mapped[int] = mapped_column(ForeignKey("pay_result.id"), unique=True)
    place: Mapped[str] = mapped_column(String(40))
    minimum_fen: Mapped[int] = mapped_column(BigInteger)
    counted_fen: Mapped[int] = mapped_column(BigInteger)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(Text, default="")
    pay_result: Mapped[PayResult] = relationship()
    decided_by: Mapped[Employee | None] = relationship()
    __table_args__ = (
        CheckConstraint("counted_fen < minimum_fen", name="below"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("decided_by_id IS NULL OR decision <> ''", name="decided_why"),
    )
