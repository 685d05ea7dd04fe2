"""Weekly random sampling (R073): what can be drawn, the recorded seed, the draw, and the scored samples."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, SCORE, Base, Instant, one_of
from approval.models.people import Employee

STAFF = "staff"
KINDS = {"customers": "客户接待记录", "work_items": "工作项", STAFF: "整周工作"}


class WorkItem(Base):
    """One customer's service record or one piece of work of an employee; customers' data arrive masked (PIPL).

    Where people are drawn (A-06, `staff`) one stands for the whole week of a drawn person.
    """

    __tablename__ = "work_item"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(40))
    happened_on: Mapped[date] = mapped_column(Date, index=True)
    title: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text, default="")
    first_answer_seconds: Mapped[int | None] = mapped_column()
    turns: Mapped[int | None] = mapped_column()
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    __table_args__ = (UniqueConstraint("employee_id", "code"), one_of("kind", KINDS))


class Draw(Base):
    """抽样 of one week for one appraisal: the seed is stored and committed before the population is drawn from.

    `drawn_at` is null between the two; `population_hash` names the list drawn from; `asked` is how many were wanted.
    Where people are drawn, the draws of a team's week bear one seed and one list, of employee numbers; `goes_first` are
    those who had not been drawn before the month's last draw.
    """

    __tablename__ = "draw"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    monday: Mapped[date] = mapped_column(Date)
    seed: Mapped[str] = mapped_column(String(64))
    seeded_at: Mapped[datetime] = mapped_column(Instant)
    drawn_at: Mapped[datetime | None] = mapped_column(Instant)
    method: Mapped[str] = mapped_column(String(40), default="")
    asked: Mapped[int] = mapped_column(default=0)
    population: Mapped[str] = mapped_column(Text, default="[]")
    population_hash: Mapped[str] = mapped_column(String(64), default="")
    goes_first: Mapped[str] = mapped_column(Text, default="[]")
    waived_reason: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (UniqueConstraint("appraisal_id", "monday"),)


class Sample(Base):
    """One drawn item and its score 0–100; a void sample keeps its reason and is replaced from the same order."""

    __tablename__ = "sample"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), index=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    work_item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    position: Mapped[int] = mapped_column()
    score: Mapped[Decimal | None] = mapped_column(SCORE)
    note: Mapped[str] = mapped_column(Text, default="")
    scored_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    scored_at: Mapped[datetime | None] = mapped_column(Instant)
    voided_at: Mapped[datetime | None] = mapped_column(Instant)
    void_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=0)
    draw: Mapped[Draw] = relationship()
    work_item: Mapped[WorkItem] = relationship()
    __table_args__ = (
        UniqueConstraint("draw_id", "work_item_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10000", name="score_in_range"),
        CheckConstraint("(score IS NULL) = (scored_by_id IS NULL)", name="scored_by_someone"),
        CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name="void_has_reason"),
    )


class SampleRound(Base):
    """What the samples of an appraisal came to when a round was closed: kept so that earlier rounds stay readable."""

    __tablename__ = "sample_round"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"))
    score: Mapped[Decimal] = mapped_column(SCORE)
    note: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (UniqueConstraint("appraisal_id", "round", "sample_id"),)
