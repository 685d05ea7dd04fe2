"""Policies as data: versions of a company's rules, and the frozen form that a cycle runs under."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from approval.models.base import BIG, Base, Instant, Stateful, one_of
from workflows import policy as table


class PolicyVersion(Stateful, Base):
    """One version of one policy: its TOML source as written, the readings chosen, and who published it."""

    __tablename__ = "policy_version"
    stream_name = "policy"
    code: Mapped[str] = mapped_column(String(60), index=True)
    number: Mapped[int] = mapped_column()
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    source: Mapped[str] = mapped_column(Text)
    choices: Mapped[str] = mapped_column(Text, default="{}")
    fingerprint: Mapped[str] = mapped_column(String(64))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("code", "number"),
        one_of("state", table.LABELS),
        CheckConstraint("(state IN ('published', 'superseded')) = (published_at IS NOT NULL)", name="published_when"),
        CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="to_after_from"),
    )


class PolicyConsultation(Base):
    """民主协商: how a version was discussed with the staff before it began (Labor Contract Law art. 4); rows are only added."""

    __tablename__ = "policy_consultation"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), index=True)
    held_on: Mapped[date] = mapped_column(Date)
    with_whom: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(Text)
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kept_at: Mapped[datetime] = mapped_column(Instant)


class PolicyAcknowledgement(Base):
    """知悉: an employee says that he has read a published version; once."""

    __tablename__ = "policy_acknowledgement"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("version_id", "employee_id"),)


class FrozenPolicy(Base):
    """A policy as a cycle runs it: canonical JSON with the readings applied, named by its SHA-256; never changed."""

    __tablename__ = "frozen_policy"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


def begun_within(session: Session, first: date, last: date) -> Sequence[PolicyVersion]:
    """Every version that came into force after the first of these days and by the last, of each policy the earliest last."""
    return session.scalars(
        select(PolicyVersion)
        .where(
            PolicyVersion.state.in_((table.PUBLISHED, table.SUPERSEDED)),
            PolicyVersion.effective_from > first,
            PolicyVersion.effective_from <= last,
        )
        .order_by(PolicyVersion.code, PolicyVersion.effective_from.desc(), PolicyVersion.published_at, PolicyVersion.id)
    ).all()


def published_on(session: Session, day: date) -> Sequence[PolicyVersion]:
    """Every version in force on a day, those published later behind those that they replaced before these ever began."""
    return session.scalars(
        select(PolicyVersion)
        .where(
            PolicyVersion.state.in_((table.PUBLISHED, table.SUPERSEDED)),
            PolicyVersion.effective_from <= day,
            (PolicyVersion.effective_to.is_(None)) | (PolicyVersion.effective_to >= day),
        )
        .order_by(PolicyVersion.code, PolicyVersion.published_at, PolicyVersion.id)
    ).all()
