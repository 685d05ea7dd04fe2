"""团队奖金池 of one department and period, the versions of its split and the shares (R006–R010)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, FIGURE, Base, Instant, Stateful, one_of
from approval.models.cycle import Cycle
from approval.models.people import Employee
from workflows import bonus_pool as table

METHODS = {"score": "按得分", "coefficient_base": "按系数×基本工资", "equal": "平均", "by_hand": "手工"}


class BonusPool(Stateful, Base):
    """`pool_fen` × `rate` = `payable_fen`, the sum that a split must meet to the fen; null until entered with its basis."""

    __tablename__ = "bonus_pool"
    stream_name = "bonus_pool"
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), unique=True)
    name: Mapped[str] = mapped_column(String(80), default="月度团队奖金池")
    pool_fen: Mapped[int | None] = mapped_column(BigInteger)
    rate: Mapped[Decimal | None] = mapped_column(FIGURE)
    payable_fen: Mapped[int | None] = mapped_column(BigInteger)
    basis: Mapped[str] = mapped_column(Text, default="")
    amount_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    split_id: Mapped[int | None] = mapped_column(ForeignKey("pool_split.id", use_alter=True))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_fingerprint: Mapped[str | None] = mapped_column(String(64))
    return_reason: Mapped[str] = mapped_column(Text, default="")
    cycle: Mapped[Cycle] = relationship()
    split: Mapped[PoolSplit | None] = relationship(foreign_keys=[split_id])
    __table_args__ = (
        one_of("state", table.LABELS),
        CheckConstraint("pool_fen IS NULL OR pool_fen >= 0", name="pool_not_negative"),
        CheckConstraint("payable_fen IS NULL OR payable_fen >= 0", name="payable_not_negative"),
        CheckConstraint("(state IN ('approved', 'paid')) = (approved_by_id IS NOT NULL)", name="approved_by_someone"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_fingerprint IS NULL)", name="approved_version"),
        CheckConstraint("state = 'splitting' OR submitted_by_id IS NOT NULL", name="submitted_by_someone"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> submitted_by_id", name="four_eyes"),
        CheckConstraint(
            "state = 'splitting' OR (split_id IS NOT NULL AND payable_fen IS NOT NULL)", name="split_known"
        ),
    )


class PoolSplit(Base):
    """分配方案: one version of the proposal; `fingerprint` (SHA-256 of pool, number and shares) is set when submitted."""

    __tablename__ = "pool_split"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("bonus_pool.id"), index=True)
    number: Mapped[int] = mapped_column()
    method: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    drafted_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("pool_id", "number"), one_of("method", METHODS))


class PoolShare(Base):
    """份额 of one person in one version: the suggestion of the weights, the head's figure, and his reason if it strays."""

    __tablename__ = "pool_share"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    split_id: Mapped[int] = mapped_column(ForeignKey("pool_split.id"), index=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    weight: Mapped[Decimal] = mapped_column(FIGURE)
    suggested_fen: Mapped[int] = mapped_column(BigInteger)
    share_fen: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text, default="")
    employee: Mapped[Employee] = relationship()
    __table_args__ = (
        UniqueConstraint("split_id", "employee_id"),
        CheckConstraint("share_fen >= 0", name="not_negative"),
    )
