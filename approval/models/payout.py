"""发放批次, 工资条 and the ledger: paid once, reversed only by a counter-entry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from approval.models.appraisal import Appraisal, PayResult
from approval.models.base import BIG, Base, Chained, Instant, Stateful, one_of
from approval.models.cycle import Cycle
from approval.models.people import Employee
from workflows import payout as table

LINE_STATES = {
    "due": "待发",
    "sent": "已导出",
    "paid": "已发",
    "failed": "失败",
    "reversed": "已冲正",
    "void": "已作废",
}


class PayoutBatch(Stateful, Base):
    """One payment of one cycle; `fingerprint` is the SHA-256 of its lines, what the general manager signs."""

    __tablename__ = "payout_batch"
    stream_name = "payout"
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    total_fen: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(String(64))
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    signed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    signed_off_at: Mapped[datetime | None] = mapped_column(Instant)
    exported_at: Mapped[datetime | None] = mapped_column(Instant)
    export_sha256: Mapped[str | None] = mapped_column(String(64))
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    return_reason: Mapped[str] = mapped_column(Text, default="")
    cycle: Mapped[Cycle] = relationship()
    __table_args__ = (
        one_of("state", table.LABELS),
        CheckConstraint(
            "(state IN ('signed_off', 'exported', 'paid')) = (signed_off_by_id IS NOT NULL)", name="signed_by_someone"
        ),
        CheckConstraint("(state IN ('exported', 'paid')) = (export_sha256 IS NOT NULL)", name="exported_once"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_when"),
        CheckConstraint("signed_off_by_id IS NULL OR signed_off_by_id <> prepared_by_id", name="four_eyes"),
    )


class Payslip(Chained, Base):
    """工资条: one employee, period and kind; `live` payslips are unique, so nobody is paid twice.

    `payee_…` are as they were at the issue: a later change of name leaves the payment file as it was signed.
    """

    __tablename__ = "payslip"
    stream_name = "payslip"
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    appraisal_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    pay_result_id: Mapped[int] = mapped_column(ForeignKey("pay_result.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    payee_name: Mapped[str] = mapped_column(String(80))
    payee_department: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(12), default="month")
    total_fen: Mapped[int] = mapped_column(BigInteger)
    line_state: Mapped[str] = mapped_column(String(10), default="due")
    live: Mapped[bool] = mapped_column(default=True)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    failure: Mapped[str] = mapped_column(Text, default="")
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    receipt_at: Mapped[datetime | None] = mapped_column(Instant)
    batch: Mapped[PayoutBatch] = relationship()
    appraisal: Mapped[Appraisal] = relationship()
    pay_result: Mapped[PayResult] = relationship()
    employee: Mapped[Employee] = relationship()
    __table_args__ = (
        one_of("line_state", LINE_STATES),
        one_of("kind", ("month", "quarter", "year")),
        UniqueConstraint("batch_id", "employee_id"),
        CheckConstraint("(line_state = 'paid') = (paid_at IS NOT NULL)", name="paid_when"),
        CheckConstraint("receipt_at IS NULL OR paid_at IS NOT NULL", name="receipt_after_pay"),
        CheckConstraint("total_fen >= 0", name="not_negative"),
        Index(
            "uq_payslip_paid_once",
            "employee_id",
            "period",
            "kind",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )


class LedgerEntry(Base):
    """One double entry in fen, insert only: `pay_due:E1`, `expense:base`, `pool:7`, `paid:bank`; a reversal names its entry."""

    __tablename__ = "ledger_entry"
    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    payslip_id: Mapped[int] = mapped_column(ForeignKey("payslip.id"), index=True)
    component: Mapped[str] = mapped_column(String(60))
    debit_account: Mapped[str] = mapped_column(String(80))
    credit_account: Mapped[str] = mapped_column(String(80))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="above_zero"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
    )
