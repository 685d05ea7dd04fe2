"""Messages that leave after the commit, and the keys that make a repeated button one effect."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from approval.models.base import BIG, Base, Instant


class OutboxMessage(Base):
    """One letter to one employee, written with the step that causes it and sent by the worker after the commit.

    Until `next_try_at` a worker holds it, or waits before it tries again.
    """

    __tablename__ = "outbox_message"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    params: Mapped[str] = mapped_column(Text, default="{}")
    link: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str] = mapped_column(Text, default="")
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "ix_outbox_message_unsent",
            "id",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )


class IdempotencyKey(Base):
    """A form's key, issued when the page was rendered: its first answer is given again, a different body is refused."""

    __tablename__ = "idempotency_key"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
