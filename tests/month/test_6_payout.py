"""Chapter 6: finance prepares, the general manager signs what he saw, the bank is paid once, everybody acknowledges."""

from __future__ import annotations

import hashlib
import io
import re
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from approval.models.payout import LedgerEntry, PayoutBatch, Payslip
from approval.rules.money import display, in_words
from approval.services import ledger, payout
from approval.services.audit import verify
from tests.app_fixtures import PASSWORD, Browser, World
from tests.stages import TEAM, cycle_of, pool_of


def batch_of(world: World) -> PayoutBatch:
    """The newest batch, fresh from the database."""
    world.fresh()
    query = select(PayoutBatch).order_by(PayoutBatch.id.desc())
    return world.session.scalars(query).first() or pytest.fail("there is no batch")


def page_of(world: World) -> str:
    return f"/payouts/{batch_of(world).id}"


def slip_of(world: World, name: str) -> Payslip:
    """The person's newest payslip, fresh from the database."""
    world.fresh()
    query = select(Payslip).where(Payslip.employee_id == world.employee(name).id).order_by(Payslip.id.desc())
    return world.session.scalars(query).first() or pytest.fail(f"{name} has no payslip")


def sign_off(world: World, gm: Browser, status: int = 303, **more: str) -> str:
    """The general manager reads the page and signs what it shows, with his password."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', gm.get(page_of(world)))
    assert found is not None
    return gm.post(page_of(world) + "/sign_off", {"seen": found[1], "password": PASSWORD, **more}, status=status)


def pay_out(world: World, **failed: str) -> None:
    """Signed, exported and paid, but for the named who failed with a reason."""
    sign_off(world, world.sign_in("gm"))
    finance = world.sign_in("finance")
    finance.post(page_of(world) + "/export")
    slips = {str(slip_of(world, name).id): why for name, why in failed.items()}
    whys = {f"why-{slip}": why for slip, why in slips.items()}
    finance.post(page_of(world) + "/pay", {"failed": list(slips), **whys})


def ledger_sums(world: World, batch: PayoutBatch) -> tuple[int, int, int]:
    """The ledger of a batch: the sum over all accounts, what was paid by the bank, what is still owed."""
    balances = ledger.balances(world.act("finance"), batch)
    owed = sum(fen for account, fen in balances.items() if account.startswith("pay_due:"))
    return sum(balances.values()), -balances.get("paid:bank", 0), owed


def test_six_months_wait_for_finance_and_one_button_makes_their_batch(payable: World) -> None:
    finance = payable.sign_in("finance")
    assert "电商部 2026年10月" in finance.get("/payouts")
    assert "等待制单" in finance.get("/inbox")
    page = finance.post(f"/payouts/prepare/{cycle_of(payable).id}")
    batch = batch_of(payable)
    assert batch.state == "prepared"
    assert display(batch.total_fen) in page
    assert in_words(batch.total_fen) in page
    assert "没有设定当地最低工资" in page
    assert batch.total_fen == sum(slip_of(payable, name).total_fen for name in TEAM)
    assert f"签发发放批次 {batch.number}" in payable.sign_in("gm").get("/inbox")


def test_a_repeated_click_prepares_one_batch_and_a_second_try_finds_nothing_left(payable: World) -> None:
    finance, path = payable.sign_in("finance"), f"/payouts/prepare/{cycle_of(payable).id}"
    finance.post(path, {"once": "one press"})
    finance.post(path, {"once": "one press"})
    payable.fresh()
    assert payable.session.scalar(select(func.count()).select_from(PayoutBatch)) == 1
    assert "没有待发放的考核单" in finance.post(path, status=422)


def test_the_month_ends_in_money_and_every_receipt(prepared: World) -> None:
    before = batch_of(prepared)
    assert "已签发" in sign_off(prepared, prepared.sign_in("gm"))
    assert ledger_sums(prepared, before) == (0, 0, -before.total_fen)
    finance = prepared.sign_in("finance")
    assert "已导出" in finance.post(page_of(prepared) + "/export")
    assert "已登记发放结果" in finance.post(page_of(prepared) + "/pay")
    batch = batch_of(prepared)
    assert ledger_sums(prepared, batch) == (0, batch.total_fen, 0)
    assert {prepared.month(name).state for name in TEAM} == {"paid"}
    assert pool_of(prepared).state == "paid"
    for name in TEAM:
        own, slip = prepared.sign_in(name), slip_of(prepared, name)
        assert "签收 2026年10月 工资条" in own.get("/inbox")
        assert display(slip.total_fen) in own.get(f"/my/payslips/{slip.id}")
        assert "已签收" in own.post(f"/my/payslips/{slip.id}/acknowledge")
    prepared.fresh()
    assert list(verify(prepared.session)) == []


def test_finance_does_not_sign_and_the_preparer_neither(prepared: World) -> None:
    prepared.sign_in("finance").post(
        page_of(prepared) + "/sign_off", {"seen": batch_of(prepared).fingerprint, "password": PASSWORD}, status=403
    )
    batch = batch_of(prepared)
    batch.prepared_by_id = prepared.employee("gm").id
    prepared.session.commit()
    gm = prepared.sign_in("gm")
    assert "制单人不能签发自己的批次" in gm.get(page_of(prepared))
    page = gm.post(page_of(prepared) + "/sign_off", {"seen": batch.fingerprint, "password": PASSWORD}, status=409)
    assert "制单人不能签发自己的批次" in page
    assert batch_of(prepared).state == "prepared"


def test_the_general_manager_does_not_sign_his_own_pay(prepared: World) -> None:
    slip = slip_of(prepared, "cs")
    slip.employee_id = prepared.employee("gm").id
    prepared.session.commit()
    gm = prepared.sign_in("gm")
    assert "批次里有您本人的工资条" in gm.get(page_of(prepared))
    seen = {"seen": batch_of(prepared).fingerprint, "password": PASSWORD}
    assert "批次里有您本人的工资条" in gm.post(page_of(prepared) + "/sign_off", seen, status=409)


def test_a_batch_that_was_not_the_one_seen_is_refused(prepared: World) -> None:
    gm = prepared.sign_in("gm")
    old = {"seen": "0" * 64, "password": PASSWORD}
    assert "您看到的不是最新内容" in gm.post(page_of(prepared) + "/sign_off", old, status=409)
    assert batch_of(prepared).state == "prepared"


def test_two_amounts_swapped_behind_the_pages_are_found_though_the_sum_is_right(prepared: World) -> None:
    one, other = slip_of(prepared, "cs"), slip_of(prepared, "cs2")
    one.total_fen, other.total_fen = other.total_fen, one.total_fen
    prepared.session.commit()
    gm = prepared.sign_in("gm")
    assert "批次已有改动" in gm.get(page_of(prepared))
    seen = {"seen": batch_of(prepared).fingerprint, "password": PASSWORD}
    assert "批次已有改动" in gm.post(page_of(prepared) + "/sign_off", seen, status=409)


def test_a_batch_changed_after_the_signature_is_neither_exported_nor_paid(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    slip_of(prepared, "cs").payee_name = "别人"
    prepared.session.commit()
    page = prepared.sign_in("finance").post(page_of(prepared) + "/export", status=409)
    assert "批次内容与签发时不一致" in page
    assert batch_of(prepared).state == "signed_off"


def test_a_signature_needs_the_password_again_and_a_wrong_one_signs_nothing(prepared: World) -> None:
    gm = prepared.sign_in("gm")
    assert "密码不对，没有签发" in sign_off(prepared, gm, status=422, password="wrong password")
    assert "请填写这一项" in sign_off(prepared, gm, status=422, password="")
    assert batch_of(prepared).state == "prepared"


def test_a_returned_batch_is_void_and_its_months_wait_again(prepared: World) -> None:
    gm, finance = prepared.sign_in("gm"), prepared.sign_in("finance")
    assert "请写明理由" in gm.post(page_of(prepared) + "/send_back", status=409)
    gm.post(page_of(prepared) + "/send_back", {"reason": "马骏的出勤还在核对"})
    assert batch_of(prepared).state == "voided"
    assert "马骏的出勤还在核对" in finance.get(page_of(prepared))
    finance.post(f"/payouts/prepare/{cycle_of(prepared).id}")
    assert batch_of(prepared).number.endswith("-2")
    assert batch_of(prepared).state == "prepared"
    finance.post(page_of(prepared) + "/void", {"reason": "发薪日改期"})
    assert batch_of(prepared).state == "voided"
    assert slip_of(prepared, "cs").line_state == "void"


def test_the_payment_file_is_the_same_bytes_whenever_it_is_taken(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    finance = prepared.sign_in("finance")
    finance.get(page_of(prepared) + "/file.xlsx", status=404)
    finance.post(page_of(prepared) + "/export")
    path = page_of(prepared)
    first = finance.client.get(path + "/file.xlsx").get_data()
    table = finance.client.get(path + "/file.csv").get_data()
    prepared.fresh()
    prepared.employee("cs").name = "马骏改名"
    prepared.session.commit()
    prepared.clock.pass_days(40)
    assert "已导出" in prepared.sign_in("finance").post(path + "/export")
    again = prepared.sign_in("finance").client
    assert again.get(path + "/file.xlsx").get_data() == first
    assert again.get(path + "/file.csv").get_data() == table
    assert hashlib.sha256(first).hexdigest() == batch_of(prepared).export_sha256


def test_the_file_pays_exactly_the_lines_and_holds_no_formula(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    finance = prepared.sign_in("finance")
    finance.post(page_of(prepared) + "/export")
    batch = batch_of(prepared)
    data = finance.client.get(page_of(prepared) + "/file.xlsx").get_data()
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2, values_only=True))  # type: ignore[union-attr]
    assert sum(int(Decimal(str(row[4])).scaleb(2)) for row in rows) == batch.total_fen
    assert {row[1] for row in rows} == {prepared.numbers[name] for name in TEAM}
    assert not [cell for row in rows for cell in row if str(cell).startswith("=")]
    table = finance.client.get(page_of(prepared) + "/file.csv").get_data().decode("utf-8-sig")
    assert len(table.splitlines()) == len(TEAM) + 1


def test_a_file_that_is_no_longer_the_exported_one_is_not_handed_out(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    finance = prepared.sign_in("finance")
    finance.post(page_of(prepared) + "/export")
    slip_of(prepared, "cs").total_fen += 1
    prepared.session.commit()
    assert "付款文件与导出时的不一致" in finance.get(page_of(prepared) + "/file.xlsx", status=422)


def test_paid_once_by_the_button_by_the_state_and_by_the_database(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    finance = prepared.sign_in("finance")
    finance.post(page_of(prepared) + "/export")
    finance.post(page_of(prepared) + "/pay", {"once": "one press"})
    prepared.fresh()
    booked = prepared.session.scalar(select(func.count()).select_from(LedgerEntry))
    finance.post(page_of(prepared) + "/pay", {"once": "one press"})
    finance.post(page_of(prepared) + "/pay", {"once": "another press"}, status=409)
    prepared.fresh()
    assert prepared.session.scalar(select(func.count()).select_from(LedgerEntry)) == booked
    slip = slip_of(prepared, "cs")
    columns = [c.name for c in Payslip.__table__.columns if c.name not in ("id", "batch_id")]
    listed = ", ".join(columns)
    again = text(f"INSERT INTO payslip (batch_id, {listed}) SELECT 999, {listed} FROM payslip WHERE id = {slip.id}")
    with pytest.raises(IntegrityError, match="employee_id"):
        prepared.session.execute(again)
    prepared.session.rollback()


def test_a_failed_line_is_reversed_and_goes_into_a_new_batch(prepared: World) -> None:
    pay_out(prepared, cs="账号已销户")
    first = batch_of(prepared)
    failed = slip_of(prepared, "cs")
    assert (failed.line_state, failed.live, failed.failure) == ("failed", False, "账号已销户")
    assert ledger_sums(prepared, first) == (0, first.total_fen - failed.total_fen, 0)
    assert prepared.month("cs").state == "payout"
    assert pool_of(prepared).state == "approved"
    prepared.sign_in("finance").post(f"/payouts/prepare/{cycle_of(prepared).id}")
    second = batch_of(prepared)
    assert second.total_fen == failed.total_fen
    pay_out(prepared)
    assert ledger_sums(prepared, batch_of(prepared)) == (0, failed.total_fen, 0)
    assert slip_of(prepared, "cs").line_state == "paid"
    assert {prepared.month(name).state for name in TEAM} == {"paid"}
    assert pool_of(prepared).state == "paid"
    prepared.fresh()
    assert list(verify(prepared.session)) == []


def test_a_failure_without_its_reason_or_a_reason_without_its_tick_pays_nobody(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    finance = prepared.sign_in("finance")
    finance.post(page_of(prepared) + "/export")
    slip = slip_of(prepared, "cs").id
    page = finance.post(page_of(prepared) + "/pay", {"failed": [str(slip)]}, status=422)
    assert "马骏 发放失败，请写明原因" in page
    assert f'value="{slip}" checked' in page
    page = finance.post(page_of(prepared) + "/pay", {f"why-{slip}": "账号已销户"}, status=422)
    assert "却没有勾选" in page
    assert 'value="账号已销户"' in page
    finance.post(page_of(prepared) + "/pay", {"failed": ["99999"]}, status=404)
    assert batch_of(prepared).state == "exported"
    assert slip_of(prepared, "cs").line_state == "sent"


def test_the_ledger_says_line_by_line_what_the_payslips_say(prepared: World) -> None:
    pay_out(prepared)
    batch = batch_of(prepared)
    act = prepared.act("finance")
    balances = ledger.balances(act, batch)
    expenses = sum(fen for account, fen in balances.items() if account.startswith("expense:"))
    exported = sum(row.amount_fen for row in payout.export_rows(act, batch))
    lines = sum(slip.total_fen for slip in payout.payslips_of(act, batch))
    assert expenses == lines == exported == batch.total_fen
