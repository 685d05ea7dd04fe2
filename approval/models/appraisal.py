"""考核单: one employee in one cycle; his self-assessment and KPI scores by round; the pay result computed from it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.base import BIG, FIGURE, MONTH_SCORE, SCORE, Base, Instant, Stateful, one_of
from approval.models.cycle import Cycle
from approval.models.people import Department, Employee, Position
from approval.models.policy import FrozenPolicy, PolicyVersion
from workflows import appraisal as table

CLOSED_STATES = (table.DEPARTMENT_REVIEW, *table.REVIEWED)


class Appraisal(Stateful, Base):
    """The assignment (department, position, supervisor) and the policy are frozen at opening (rules.md 5.3, M day 1).

    `supervisor_id` scores; `self_score`, `supervisor_score`, `score` are of the present round, on 0..100 with two places,
    or with as many as six where the policy does not round (A-34).
    """

    __tablename__ = "appraisal"
    stream_name = "appraisal"
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    grade: Mapped[str] = mapped_column(String(20), default="")
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    frozen_policy_id: Mapped[int] = mapped_column(ForeignKey("frozen_policy.id"))
    round: Mapped[int] = mapped_column(default=1)
    self_score: Mapped[Decimal | None] = mapped_column(MONTH_SCORE)
    supervisor_score: Mapped[Decimal | None] = mapped_column(MONTH_SCORE)
    score: Mapped[Decimal | None] = mapped_column(MONTH_SCORE)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    publication_ends_on: Mapped[date | None] = mapped_column(Date)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    cycle: Mapped[Cycle] = relationship()
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])
    supervisor: Mapped[Employee] = relationship(foreign_keys=[supervisor_id])
    department: Mapped[Department] = relationship()
    position: Mapped[Position] = relationship()
    policy_version: Mapped[PolicyVersion] = relationship()
    frozen_policy: Mapped[FrozenPolicy] = relationship()
    __table_args__ = (
        one_of("state", table.LABELS),
        CheckConstraint("supervisor_id <> employee_id", name="not_own_scorer"),
        CheckConstraint("reviewed_by_id IS NULL OR reviewed_by_id <> employee_id", name="not_own_reviewer"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100000000", name="score_in_range"),
        CheckConstraint("self_score IS NULL OR self_score BETWEEN 0 AND 100000000", name="self_score_in_range"),
        CheckConstraint(
            "supervisor_score IS NULL OR supervisor_score BETWEEN 0 AND 100000000", name="supervisor_score_in_range"
        ),
        CheckConstraint(
            "state NOT IN ('department_review', 'publication', 'split_approval', 'payout', 'paid', 'concluded') "
            "OR score IS NOT NULL",
            name="scored_before_review",
        ),
        CheckConstraint(
            "state NOT IN ('publication', 'split_approval', 'payout', 'paid', 'concluded') "
            "OR reviewed_by_id IS NOT NULL",
            name="reviewed_before_publication",
        ),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_when"),
        Index(
            "uq_appraisal_one_open",
            "cycle_id",
            "employee_id",
            unique=True,
            sqlite_where=text("state <> 'cancelled'"),
            postgresql_where=text("state <> 'cancelled'"),
        ),
    )


class SelfAssessment(Base):
    """自评 of one round: the summary, the month-end self-appraisal where no KPI table is scored, and when it was submitted."""

    __tablename__ = "self_assessment"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    self_score: Mapped[Decimal | None] = mapped_column(SCORE)
    summary: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("appraisal_id", "round"),
        CheckConstraint("self_score IS NULL OR self_score BETWEEN 0 AND 10000", name="self_score_in_range"),
    )


class AppraisalSegment(Base):
    """调岗: a part of the month in one post, its policy frozen; `actual` days are asked where somebody missed one."""

    __tablename__ = "appraisal_segment"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    grade: Mapped[str] = mapped_column(String(20), default="")
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    frozen_policy_id: Mapped[int] = mapped_column(ForeignKey("frozen_policy.id"))
    scheduled: Mapped[Decimal] = mapped_column(FIGURE)
    actual: Mapped[Decimal | None] = mapped_column(FIGURE)
    department: Mapped[Department] = relationship()
    position: Mapped[Position] = relationship()
    policy_version: Mapped[PolicyVersion] = relationship()
    frozen_policy: Mapped[FrozenPolicy] = relationship()
    __table_args__ = (
        UniqueConstraint("appraisal_id", "from_on"),
        CheckConstraint("to_on >= from_on", name="to_after_from"),
        CheckConstraint("actual IS NULL OR actual >= 0", name="actual_not_negative"),
    )


class KpiScore(Base):
    """指标评分: points out of max for one KPI item, by the employee (`self`) or the supervisor, in one round."""

    __tablename__ = "kpi_score"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    rater: Mapped[str] = mapped_column(String(12))
    item: Mapped[str] = mapped_column(String(40))
    points: Mapped[Decimal | None] = mapped_column(SCORE)
    note: Mapped[str] = mapped_column(Text, default="")
    __table_args__ = (
        UniqueConstraint("appraisal_id", "round", "rater", "item"),
        one_of("rater", ("self", "supervisor")),
        CheckConstraint("points IS NULL OR points BETWEEN 0 AND 10000", name="points_in_range"),
    )


class KpiCount(Base):
    """指标计数: one count of the month's work as it stood when a round's scores were closed, and the row that brought it.

    Insert only: what is imported later does not change what a closed score was computed from (R135, R146, R154).
    """

    __tablename__ = "kpi_count"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    code: Mapped[str] = mapped_column(String(40))
    quantity: Mapped[Decimal] = mapped_column(FIGURE)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    row_number: Mapped[int | None] = mapped_column()
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    counted_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        UniqueConstraint("appraisal_id", "round", "code"),
        CheckConstraint("quantity >= 0", name="not_negative"),
    )


class Evidence(Base):
    """A file that backs a KPI item, a pool amount or a reward; kept in the database, served as a download only."""

    __tablename__ = "evidence"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    stream: Mapped[str] = mapped_column(String(60), index=True)
    item: Mapped[str] = mapped_column(String(40), default="")
    round: Mapped[int] = mapped_column(default=1)
    filename: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class PayResult(Base):
    """What a month comes to: the evaluator's result and its inputs as canonical JSON, insert only."""

    __tablename__ = "pay_result"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    round: Mapped[int] = mapped_column()
    computed_at: Mapped[datetime] = mapped_column(Instant)
    policy_fingerprint: Mapped[str] = mapped_column(String(64))
    inputs: Mapped[str] = mapped_column(Text)
    lines: Mapped[str] = mapped_column(Text)
    total_fen: Mapped[int] = mapped_column(BigInteger)
    appraisal: Mapped[Appraisal] = relationship()
