"""会签: who must countersign a version of a policy, and what each of them has said to which text (R017)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, Base, Instant, one_of
from approval.models.people import Department, Employee

SIGNED = "signed"
OBJECTED = "objected"
OFFICES_THAT_SIGN = ("hr", "finance", "gm_office", "department_head")


class PolicyCountersigner(Base):
    """A seat at a version's countersigning: one person, or an office (a head's with its department).

    Named and taken away while the version is open; both are told in the version's chain.
    """

    __tablename__ = "policy_countersigner"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), index=True)
    seat: Mapped[str] = mapped_column(String(60))
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    office: Mapped[str] = mapped_column(String(24), default="")
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    named_at: Mapped[datetime] = mapped_column(Instant)
    employee: Mapped[Employee | None] = relationship(foreign_keys=[employee_id])
    department: Mapped[Department | None] = relationship()
    __table_args__ = (
        UniqueConstraint("version_id", "seat"),
        one_of("office", ("", *OFFICES_THAT_SIGN)),
        CheckConstraint("(employee_id IS NULL) = (office <> '')", name="person_or_office"),
        CheckConstraint("(office = 'department_head') = (department_id IS NOT NULL)", name="head_has_department"),
    )


class PolicySignature(Base):
    """What somebody said for a seat: signed or objected, with his remark, to the text of one fingerprint; insert only."""

    __tablename__ = "policy_signature"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"), index=True)
    seat: Mapped[str] = mapped_column(String(60))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))
    remark: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
    employee: Mapped[Employee] = relationship()
    __table_args__ = (
        one_of("kind", (SIGNED, OBJECTED)),
        CheckConstraint("kind = 'signed' OR remark <> ''", name="objects_with_a_reason"),
    )
