"""审计记录: one chain of entries per thing, insert only, refused by trigger on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from approval.models.base import BIG, Base, Chained, Instant
from approval.models.people import Employee


class AuditEntry(Base):
    """`record` is the canonical JSON that was hashed, byte for byte; the other columns repeat it for searching.

    hash = SHA-256(0x00 ‖ record); record holds prev_hash, so each entry names the one before it.
    """

    __tablename__ = "audit_entry"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    stream: Mapped[str] = mapped_column(String(60))
    seq: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"), index=True)
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    action: Mapped[str] = mapped_column(String(60), index=True)
    from_state: Mapped[str] = mapped_column(String(32), default="")
    to_state: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    record: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    actor: Mapped[Employee | None] = relationship(foreign_keys=[actor_id])
    __table_args__ = (
        UniqueConstraint("stream", "seq"),
        CheckConstraint("seq > 0", name="seq_from_one"),
    )


class AuditStream(Chained, Base):
    """The head of a chain that belongs to no single row: sign-ins, exports, settings."""

    __tablename__ = "audit_stream"
    stream_name = "stream"
    name: Mapped[str] = mapped_column(String(60), unique=True)

    @property
    def stream(self) -> str:
        return self.name


def entries_of(session: Session, stream: str) -> Sequence[AuditEntry]:
    """The chain of one thing, oldest first."""
    return session.scalars(select(AuditEntry).where(AuditEntry.stream == stream).order_by(AuditEntry.seq)).all()
