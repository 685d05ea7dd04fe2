"""台账: what a payslip owes line by line, what was paid of it, and counter-entries; never changed, only added to."""

from __future__ import annotations

from sqlalchemy import select

from approval.models.payout import LedgerEntry, PayoutBatch, Payslip
from approval.rules.pay import PayResult as Computed
from approval.services.act import Act


def book_lines(act: Act, slip: Payslip) -> None:
    """Book each line: an expense owed to the employee; a deduction the other way round."""
    due = f"pay_due:{slip.employee.number}"
    for line in Computed.from_json(slip.pay_result.lines).lines:
        if line.amount_fen:
            expense = f"expense:{line.code}"
            debit, credit = (expense, due) if line.amount_fen > 0 else (due, expense)
            book(act, slip, line.code, debit, credit, abs(line.amount_fen))


def book(act: Act, slip: Payslip, component: str, debit: str, credit: str, amount_fen: int) -> None:
    """Book one entry for a payslip, from an account to another."""
    entry = LedgerEntry(batch_id=slip.batch_id, payslip_id=slip.id, component=component, amount_fen=amount_fen)
    entry.debit_account, entry.credit_account, entry.created_at = debit, credit, act.at
    act.session.add(entry)


def reverse(act: Act, slip: Payslip) -> None:
    """Book the counter-entry of everything booked for a payslip, each at most once."""
    booked = act.session.scalars(
        select(LedgerEntry).where(LedgerEntry.payslip_id == slip.id, LedgerEntry.reverses_id.is_(None))
    ).all()
    for entry in booked:
        counter = LedgerEntry(batch_id=slip.batch_id, payslip_id=slip.id, component=entry.component)
        counter.debit_account, counter.credit_account = entry.credit_account, entry.debit_account
        counter.amount_fen, counter.reverses_id, counter.created_at = entry.amount_fen, entry.id, act.at
        act.session.add(counter)
    act.session.flush()


def balances(act: Act, batch: PayoutBatch) -> dict[str, int]:
    """The ledger of a batch by account, debits minus credits: expenses owed and paid; they sum to zero."""
    total: dict[str, int] = {}
    for entry in act.session.scalars(select(LedgerEntry).where(LedgerEntry.batch_id == batch.id)):
        total[entry.debit_account] = total.get(entry.debit_account, 0) + entry.amount_fen
        total[entry.credit_account] = total.get(entry.credit_account, 0) - entry.amount_fen
    return total
