"""一对一反馈: the talk about a reviewed result between its person and his supervisor or head (R115)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.appraisal import Appraisal
from approval.models.base import Base, Chained, Instant
from approval.models.people import Employee


class Feedback(Chained, Base):
    """One talk about one round of a result: what was discussed and agreed; the employee confirms it or comments on it."""

    __tablename__ = "feedback"
    stream_name = "feedback"
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    held_on: Mapped[date] = mapped_column(Date)
    discussed: Mapped[str] = mapped_column(Text)
    agreed: Mapped[str] = mapped_column(Text)
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kept_at: Mapped[datetime] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(Text, default="")
    commented_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    appraisal: Mapped[Appraisal] = relationship()
    kept_by: Mapped[Employee] = relationship()
    __table_args__ = (
        UniqueConstraint("appraisal_id", "round"),
        CheckConstraint("discussed <> '' AND agreed <> ''", name="says_something"),
        CheckConstraint("(comment = '') = (commented_at IS NULL)", name="commented_when"),
    )
