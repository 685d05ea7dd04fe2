"""The pages of a batch beyond the story: who reads them, what they compare, what is not there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from approval.models.audit import AuditEntry
from approval.models.payout import PayoutBatch, Payslip
from approval.services import payout
from tests.app_fixtures import World
from tests.month.test_6_payout import batch_of, page_of, pay_out, sign_off, slip_of


@pytest.mark.parametrize("name", ["finance", "gm", "hr", "auditor"])
def test_the_offices_read_a_batch(prepared: World, name: str) -> None:
    browser = prepared.sign_in(name)
    assert batch_of(prepared).number in browser.get("/payouts")
    assert "马骏" in browser.get(page_of(prepared))


@pytest.mark.parametrize("name", ["head", "lead", "cs", "data"])
def test_nobody_else_sees_an_amount(prepared: World, name: str) -> None:
    browser = prepared.sign_in(name)
    browser.get("/payouts", status=403)
    assert "财务" in browser.get(page_of(prepared), status=403)
    browser.get(page_of(prepared) + "/file.csv", status=403)
    for verb in ("sign_off", "send_back", "void", "export", "pay"):
        browser.post(f"{page_of(prepared)}/{verb}", status=403)


def test_each_office_has_its_own_buttons_only(prepared: World) -> None:
    gm, finance = prepared.sign_in("gm"), prepared.sign_in("finance")
    assert 'name="password"' in gm.get(page_of(prepared))
    assert "/void" not in gm.text
    assert "/void" in finance.get(page_of(prepared))
    assert 'name="password"' not in finance.text
    hr = prepared.sign_in("hr").get(page_of(prepared))
    assert "等总经理签发" in hr
    assert "<form class" not in hr.split('class="k-act')[1]
    sign_off(prepared, gm)
    gm.post(page_of(prepared) + "/export", status=403)
    finance.post(page_of(prepared) + "/sign_off", status=403)


def test_an_unknown_batch_is_not_found(prepared: World) -> None:
    finance = prepared.sign_in("finance")
    assert "没有找到" in finance.get("/payouts/999", status=404)
    finance.post("/payouts/999/export", status=404)
    finance.post("/payouts/prepare/999", status=404)
    finance.get(page_of(prepared) + "/file.pdf", status=404)


def test_a_line_stands_beside_last_month(prepared: World) -> None:
    slip, number = slip_of(prepared, "cs"), prepared.numbers["cs"]
    assert "没有上期数据" in prepared.sign_in("gm").get(page_of(prepared))
    prepared.fresh()
    before = Payslip(appraisal_id=slip.appraisal_id, pay_result_id=slip.pay_result_id, employee_id=slip.employee_id)
    before.period, before.total_fen = "2026-09", slip.total_fen - 12_345
    before.payee_name, before.payee_department = slip.payee_name, slip.payee_department
    before.batch_id = _older_batch(prepared)
    prepared.session.add(before)
    prepared.session.commit()
    page = prepared.sign_in("gm").get(page_of(prepared))
    assert "+¥123.45" in page
    assert number in page


def _older_batch(world: World) -> int:
    """A voided batch of old, for a payslip of the month before to belong to; the newest stays the newest."""
    batch = batch_of(world)
    older = PayoutBatch(id=-1, cycle_id=batch.cycle_id, number="B-old", total_fen=0, fingerprint="", state="voided")
    older.prepared_by_id, older.prepared_at = batch.prepared_by_id, batch.prepared_at
    world.session.add(older)
    world.session.flush()
    return older.id


def test_who_took_the_file_is_on_record(prepared: World) -> None:
    sign_off(prepared, prepared.sign_in("gm"))
    prepared.sign_in("finance").post(page_of(prepared) + "/export")
    auditor = prepared.sign_in("auditor").client.get(page_of(prepared) + "/file.csv")
    assert auditor.status_code == 200
    assert "attachment" in auditor.headers["Content-Disposition"]
    prepared.fresh()
    entry = prepared.session.scalars(select(AuditEntry).where(AuditEntry.action == "payout:download")).one()
    assert entry.actor_id == prepared.employee("auditor").id


def test_the_page_tells_the_outcome_line_by_line(prepared: World) -> None:
    pay_out(prepared, cs="账号已销户")
    page = prepared.sign_in("finance").get(page_of(prepared))
    assert "账号已销户" in page
    assert "已发放，不再改动" in page
    assert "冯岚" in page
    assert "孙国栋" in page


def test_the_number_of_statements_does_not_grow_with_the_lines(prepared: World) -> None:
    act, batch = prepared.act("finance"), batch_of(prepared)
    assert len(payout.payslips_of(act, batch)) == 6
    prepared.session.expire_all()
    statements = prepared.statements(lambda: [one.employee.name for one in payout.payslips_of(act, batch)])
    assert statements <= 2
