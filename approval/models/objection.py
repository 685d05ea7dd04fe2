"""异议: an employee's objection to his published result, and its answer by somebody who did not score."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.appraisal import Appraisal
from approval.models.base import Base, Instant, Stateful, one_of
from workflows import objection as table


class Objection(Stateful, Base):
    __tablename__ = "objection"
    stream_name = "objection"
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    grounds: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(Text, default="")
    appraisal: Mapped[Appraisal] = relationship()
    __table_args__ = (
        one_of("state", table.LABELS),
        CheckConstraint("(state = 'raised') = (decided_by_id IS NULL)", name="decided_by_someone"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> raised_by_id", name="not_own"),
        CheckConstraint("grounds <> ''", name="has_grounds"),
        Index(
            "uq_objection_one_open",
            "appraisal_id",
            unique=True,
            sqlite_where=text("state = 'raised'"),
            postgresql_where=text("state = 'raised'"),
        ),
    )
