"""特别保护: a state in which the law protects a person's employment (LCL art. 42); the ground is for HR alone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, Base, Instant, one_of
from approval.models.people import Employee

GROUNDS = {
    "health_check": "接触职业病危害，离岗前没有做健康检查，或在诊断、观察期",
    "work_injury": "患职业病或因工负伤，丧失或部分丧失劳动能力",
    "illness": "患病或非因工负伤，在医疗期内",
    "pregnancy": "孕期、产期、哺乳期",
    "near_retirement": "连续工作满十五年，距法定退休年龄不足五年",
    "other": "法律、行政法规规定的其他情形",
}


class ProtectedState(Base):
    """One protected state of a person, dated; who flagged it is in the person's chain, the ground is not."""

    __tablename__ = "protected_state"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    ground: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date | None] = mapped_column(Date)
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kept_at: Mapped[datetime] = mapped_column(Instant)
    kept_by: Mapped[Employee] = relationship(foreign_keys=[kept_by_id])
    __table_args__ = (
        one_of("ground", GROUNDS),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="to_after_from"),
    )
