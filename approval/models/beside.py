"""What stands beside a month's own policy: bonus policies that add lines, and a bonus that was voided for a violation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.appraisal import Appraisal
from approval.models.base import BIG, Base, Instant, Stateful, one_of
from approval.models.people import Employee
from approval.models.policy import FrozenPolicy, PolicyVersion
from workflows import bonus_void as table


class AppraisalSupplement(Base):
    """加发: a bonus policy whose lines are added to the month beside its own policy's, frozen at the opening."""

    __tablename__ = "appraisal_supplement"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    frozen_policy_id: Mapped[int] = mapped_column(ForeignKey("frozen_policy.id"))
    policy_version: Mapped[PolicyVersion] = relationship()
    frozen_policy: Mapped[FrozenPolicy] = relationship()
    __table_args__ = (UniqueConstraint("appraisal_id", "policy_version_id"),)


class BonusVoid(Stateful, Base):
    """取消奖金: a quarter's or year's bonus is void for a violation (R107), once a second person has confirmed it."""

    __tablename__ = "bonus_void"
    stream_name = "bonus_void"
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"))
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(String(200))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    entered_at: Mapped[datetime] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(Text, default="")
    appraisal: Mapped[Appraisal] = relationship()
    entered_by: Mapped[Employee] = relationship(foreign_keys=[entered_by_id])
    decided_by: Mapped[Employee | None] = relationship(foreign_keys=[decided_by_id])
    __table_args__ = (
        one_of("state", table.LABELS),
        CheckConstraint("reason <> '' AND evidence <> ''", name="has_reason"),
        CheckConstraint("state <> 'confirmed' OR decided_by_id <> entered_by_id", name="two_people"),
        CheckConstraint("(state = 'entered') = (decided_by_id IS NULL)", name="decided_by_someone"),
        CheckConstraint("state <> 'dropped' OR decision <> ''", name="dropped_for_a_reason"),
        Index(
            "uq_bonus_void_one",
            "appraisal_id",
            unique=True,
            sqlite_where=text("state <> 'dropped'"),
            postgresql_where=text("state <> 'dropped'"),
        ),
    )
