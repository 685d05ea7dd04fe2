"""建议 out of a streak of months: with its scores as evidence; a human decides (R066, R079, R128, R130, R141)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, Base, Instant, Stateful, one_of
from approval.models.coaching import CoachingRecord
from approval.models.people import Employee
from workflows import advice as table

KINDS = {
    "warning": "提醒与辅导建议",
    "dismissal_advice": "面谈与培训建议",
    "year_end_award_advice": "年终奖励建议",
}


class Advice(Stateful, Base):
    __tablename__ = "advice"
    stream_name = "advice"
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"))
    streak: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40))
    months: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(Text, default="")
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    __table_args__ = (
        one_of("state", table.LABELS),
        UniqueConstraint("appraisal_id", "streak"),
        CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided_by_someone"),
    )


# What must be on record before the advice can be taken, in this order (rules.md section 6: LCL arts. 40, 42, 43).
EVIDENCE = {
    "warning": {"talk": "面谈记录", "goal": "改进目标和期限"},
    "dismissal_advice": {
        "talk": "面谈记录",
        "training": "培训或调岗的安排",
        "second": "培训或调岗之后的再次考核",
        "union": "通知工会的记录",
    },
    "year_end_award_advice": {"checked": "各月考核结果的核对"},
}
PROTECTION = "protection"  # beside those, where the law protects the person: HR's own statement
PROTECTION_NAME = "人事对特别保护情形的书面说明"


class AdviceEvidence(Base):
    """What was done before the decision, thing by thing; insert only, of several records of one thing the newest counts.

    `held_on` is the day of it (none in rows kept before days were asked for); `coaching_id` the record that is cited,
    `appraisal_id` the month whose score is meant by a second appraisal.
    """

    __tablename__ = "advice_evidence"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    advice_id: Mapped[int] = mapped_column(ForeignKey("advice.id"), index=True)
    item: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kept_at: Mapped[datetime] = mapped_column(Instant)
    held_on: Mapped[date | None] = mapped_column(Date)
    coaching_id: Mapped[int | None] = mapped_column(ForeignKey("coaching_record.id"))
    appraisal_id: Mapped[int | None] = mapped_column(ForeignKey("appraisal.id"))
    kept_by: Mapped[Employee] = relationship()
    coaching: Mapped[CoachingRecord | None] = relationship()
    __table_args__ = (CheckConstraint("note <> ''", name="said"),)


class MonthFlag(Base):
    """What a reviewed month counts as: the class of a rating (优秀/普通/差评), or a streak that it completes; a record."""

    __tablename__ = "month_flag"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(60))
    label_en: Mapped[str] = mapped_column(String(80), default="")
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("appraisal_id", "round", "code"), one_of("kind", ("rating", "streak")))
