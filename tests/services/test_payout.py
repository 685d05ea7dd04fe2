"""Money at the service's door: what cannot be prepared, what a batch freezes, what the ledger allows."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from approval.gateways.bank_file import payment_csv, payment_file_sha256, payment_workbook
from approval.models.appraisal import PayResult
from approval.models.outbox import OutboxMessage
from approval.models.payout import LedgerEntry, PayoutBatch, Payslip
from approval.rules.refusal import Refused
from approval.services import ledger, payout
from tests.app_fixtures import World
from tests.stages import TEAM, cycle_of
from workflows.engine import NotAllowed


def batch_of(world: World) -> PayoutBatch:
    return world.session.scalars(select(PayoutBatch)).one()


def slip_of(world: World, name: str) -> Payslip:
    return world.session.scalars(select(Payslip).where(Payslip.employee_id == world.employee(name).id)).one()


def exported(world: World) -> PayoutBatch:
    """The batch signed and exported."""
    gm, batch = world.act("gm"), batch_of(world)
    payout.sign_off(gm, batch, batch.fingerprint)
    finance, rows = world.act("finance"), payout.export_rows(world.act("finance"), batch_of(world))
    batch = batch_of(world)
    payout.export_payout(finance, batch, payment_file_sha256(batch, batch.cycle.period, rows))
    return batch


@pytest.mark.parametrize("name", ["gm", "hr", "head", "cs", "auditor"])
def test_nobody_but_finance_prepares(payable: World, name: str) -> None:
    with pytest.raises(NotAllowed, match="只有财务可以制单"):
        payout.prepare_payout(payable.act(name), cycle_of(payable))


def test_a_person_more_in_a_batch_costs_four_statements_more(payable: World) -> None:
    act, cycle = payable.act("finance"), cycle_of(payable)
    people = len(payout.payable_months(act, cycle))
    payable.session.expire_all()
    units = 4
    assert payable.statements(lambda: payout.prepare_payout(act, cycle)) <= 4 * people + units + 14
    assert people == len(TEAM)
    payable.session.rollback()


def test_a_month_without_a_computed_result_is_never_paid(payable: World) -> None:
    for name in ("pay_result_no_delete", "pay_result_no_update"):
        payable.session.execute(text(f"DROP TRIGGER {name}"))
    payable.session.execute(delete(PayResult).where(PayResult.appraisal_id == payable.month("cs").id))
    with pytest.raises(Refused, match="马骏 的工资还没有计算"):
        payout.prepare_payout(payable.act("finance"), cycle_of(payable))
    payable.session.rollback()


def test_a_negative_result_is_not_paid_out(payable: World) -> None:
    payable.session.execute(text("DROP TRIGGER pay_result_no_update"))
    payable.session.execute(text(f"UPDATE pay_result SET total_fen = -1 WHERE appraisal_id = {payable.month('cs').id}"))
    with pytest.raises(Refused, match="负数"):
        payout.prepare_payout(payable.act("finance"), cycle_of(payable))
    payable.session.rollback()


def test_the_signature_books_what_is_owed_line_by_line(prepared: World) -> None:
    act, batch = prepared.act("gm"), batch_of(prepared)
    payout.sign_off(act, batch, batch.fingerprint)
    balances = ledger.balances(act, batch)
    for name in TEAM:
        slip = slip_of(prepared, name)
        assert balances[f"pay_due:{slip.employee.number}"] == -slip.total_fen
    assert sum(balances.values()) == 0


def test_the_second_export_must_be_the_same_file(prepared: World) -> None:
    batch = exported(prepared)
    with pytest.raises(Refused, match="与导出时的不一致"):
        payout.export_payout(prepared.act("finance"), batch_of(prepared), "f" * 64)
    assert batch.state == "exported"


def test_the_file_depends_on_nothing_but_the_batch(prepared: World) -> None:
    act, batch = prepared.act("finance"), batch_of(prepared)
    rows = payout.export_rows(act, batch)
    assert payment_workbook(batch, "2026-10", rows) == payment_workbook(batch, "2026-10", list(rows))
    assert payment_csv(batch, "2026-10", rows) != payment_csv(batch, "2026-11", rows)
    assert payment_file_sha256(batch, "2026-10", rows) != payment_file_sha256(batch, "2026-10", rows[1:])


def test_an_entry_is_reversed_at_most_once(prepared: World) -> None:
    batch = exported(prepared)
    slip = slip_of(prepared, "cs")
    payout.mark_paid(prepared.act("finance"), batch, {slip.id: "账号已销户"})
    counter = prepared.session.scalars(select(LedgerEntry).where(LedgerEntry.reverses_id.is_not(None))).first()
    assert counter is not None
    twice = LedgerEntry(batch_id=counter.batch_id, payslip_id=counter.payslip_id, component=counter.component)
    twice.debit_account, twice.credit_account = counter.debit_account, counter.credit_account
    twice.amount_fen, twice.reverses_id, twice.created_at = counter.amount_fen, counter.reverses_id, counter.created_at
    prepared.session.add(twice)
    with pytest.raises(IntegrityError):
        prepared.session.flush()
    prepared.session.rollback()


def test_everybody_may_have_failed_and_then_nothing_was_paid(prepared: World) -> None:
    batch = exported(prepared)
    failed = {slip.id: "银行系统维护" for slip in payout.payslips_of(prepared.act("finance"), batch)}
    payout.mark_paid(prepared.act("finance"), batch_of(prepared), failed)
    balances = ledger.balances(prepared.act("finance"), batch_of(prepared))
    assert set(balances.values()) == {0}
    assert {prepared.month(name).state for name in TEAM} == {"payout"}


def test_a_receipt_is_given_by_its_owner_for_what_was_paid(prepared: World) -> None:
    slip = slip_of(prepared, "cs")
    with pytest.raises(NotAllowed, match="还没有发放"):
        payout.acknowledge_payslip(prepared.act("cs"), slip)
    payout.mark_paid(prepared.act("finance"), exported(prepared), {})
    with pytest.raises(NotAllowed, match="只能签收自己的"):
        payout.acknowledge_payslip(prepared.act("cs2"), slip_of(prepared, "cs"))
    act = prepared.act("cs")
    payout.acknowledge_payslip(act, slip_of(prepared, "cs"))
    first = slip_of(prepared, "cs").audit_seq
    payout.acknowledge_payslip(act, slip_of(prepared, "cs"))
    assert slip_of(prepared, "cs").audit_seq == first


def test_each_step_writes_to_who_must_go_on(prepared: World) -> None:
    payout.mark_paid(prepared.act("finance"), exported(prepared), {})
    prepared.session.flush()
    told = {
        (prepared.session.get_one(type(prepared.employee("cs")), one.employee_id).number, one.subject)
        for one in prepared.session.scalars(select(OutboxMessage))
    }
    assert ("G0001", "%(department)s %(period)s 发放批次等待您签发") in told
    assert ("F0001", "发放批次 %(number)s 已签发，可以导出") in told
    assert ("E1043", "您的 %(period)s 工资条已发放，请签收") in told
