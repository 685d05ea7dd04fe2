"""公示记录: where and when a department's results were posted on each channel that its policies name (R104)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, Base, Instant
from approval.models.cycle import Cycle
from approval.models.people import Employee


class PublicationPosting(Base):
    """One posting on one channel; it holds for every month published before it was kept. Rows are only added.

    `in_app`: the product's own page is the channel; else `place` says where it was posted.
    """

    __tablename__ = "publication_posting"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    channel: Mapped[str] = mapped_column(String(80))
    posted_on: Mapped[date] = mapped_column(Date)
    in_app: Mapped[bool] = mapped_column()
    place: Mapped[str] = mapped_column(String(200), default="")
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kept_at: Mapped[datetime] = mapped_column(Instant)
    cycle: Mapped[Cycle] = relationship()
    kept_by: Mapped[Employee] = relationship()
    __table_args__ = (
        CheckConstraint("channel <> ''", name="channel_named"),
        CheckConstraint("in_app OR place <> ''", name="place_named"),
    )
