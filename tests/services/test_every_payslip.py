"""Every payslip of the demo company, months and a quarter: computed again from what was kept, it is what was paid."""

from __future__ import annotations

import re

from sqlalchemy import func, select, text

from approval.demo_company import PASSWORD, TODAY
from approval.models.advice import Advice, AdviceEvidence
from approval.models.appraisal import PayResult
from approval.models.audit import AuditEntry
from approval.models.bonus_pool import BonusPool
from approval.models.coaching import CoachingRecord
from approval.models.countersign import PolicySignature
from approval.models.cycle import Cycle
from approval.models.feedback import Feedback
from approval.models.figures import ImportBatch
from approval.models.payout import Payslip
from approval.models.policy import PolicyVersion
from approval.models.post_standard import PostStandard
from approval.models.target import PersonalTarget
from approval.services import pay, recount
from approval.services.advice import evidence_of, offers
from approval.services.audit import verify
from tests.app_fixtures import World


def test_every_payslip_of_the_demo_is_recomputed_to_the_fen(company: World) -> None:
    slips = company.session.scalars(select(Payslip)).all()
    assert {slip.period for slip in slips} == {"2025", "2025-12", "2026-08", "2026-09", "2026-Q3"}
    for slip in slips:
        kept = pay.stored(slip.pay_result)
        assert pay.recomputed(slip.pay_result) == kept
        assert (
            sum(line.amount_fen for line in kept.lines) == kept.total_fen == slip.pay_result.total_fen == slip.total_fen
        )
    assert list(verify(company.session)) == []
    assert recount.results(company.session) >= len(slips)
    assert list(recount.recount(company.session)) == []


def test_every_imported_figure_of_the_demo_names_its_file_and_row(company: World) -> None:
    batches = {one.id: one for one in company.session.scalars(select(ImportBatch))}
    assert {one.sheet for one in batches.values()} >= {"people", "pay_standards", "attendance", "sales", "collections"}
    for slip in company.session.scalars(select(Payslip).where(Payslip.period.like("2026-0%"))):
        told = re.findall(r"import:(\d+)#(\d+)", slip.pay_result.inputs)
        assert told, slip.employee.number
        assert "by_hand" not in slip.pay_result.inputs
        assert all(1 < int(row) <= batches[int(batch)].rows + 1 for batch, row in told)
    assert "电商部考勤表-2026-09.xlsx" in company.sign_in("E1043", PASSWORD).get("/my/payslips/44")


def test_the_demo_has_a_living_example_of_what_a_company_does_beside_pay(company: World) -> None:
    company.fresh()
    for table in (PolicySignature, CoachingRecord, AdviceEvidence, Feedback, PersonalTarget, PostStandard):
        assert company.session.scalars(select(table.id)).first() is not None, table
    year = company.session.scalars(select(BonusPool).join(Cycle).where(Cycle.period == "2025")).one()
    assert (year.state, year.pool_fen, year.payable_fen) == ("paid", 11_200_000, 10_304_000)
    waiting = select(PolicyVersion.code).where(PolicyVersion.state == "reviewed")
    assert company.session.scalars(waiting).all() == ["operations-Y-1"]


def test_the_demo_lets_an_advice_be_decided_either_way_and_another_waits_for_its_second_appraisal(
    company: World,
) -> None:
    hr = company.act("H0001")
    rows = hr.session.scalars(select(Advice).order_by(Advice.id)).all()
    ways = {(one.employee.number, trigger): offer.allowed for one in rows for trigger, offer in offers(hr, one).items()}
    assert ways == {
        ("E1043", "take"): False,
        ("E1043", "drop"): True,
        ("E2003", "take"): True,
        ("E2003", "drop"): True,
    }
    assert [one.state for one in rows] == ["proposed", "proposed", "dropped"]
    assert all(proof.kept_at <= hr.at for one in rows for proof in evidence_of(hr, one).values())


def test_nothing_of_the_demo_lies_after_its_day_so_that_its_chains_go_on(company: World) -> None:
    last = company.session.scalar(select(func.max(AuditEntry.at)))
    assert last is not None
    assert last.date() <= TODAY
    agent = company.employee("E1043")
    query = select(Payslip.id).where(Payslip.period == "2026-Q3", Payslip.employee_id == agent.id)
    company.sign_in("E1043", PASSWORD).get(f"/my/payslips/{company.session.scalars(query).one()}")
    company.fresh()
    assert list(verify(company.session)) == []


def test_a_result_changed_behind_the_pages_is_said_loudly(company: World) -> None:
    slip = company.session.scalars(select(Payslip).where(Payslip.period == "2026-09")).first()
    assert slip is not None
    number, result, slip_number = slip.id, slip.pay_result_id, slip.employee.number
    auditor = company.sign_in("A0001", PASSWORD)
    assert "都精确到分、与保存的一致" in auditor.get("/audit/verify")
    assert "与发放金额一致" in auditor.get(f"/my/payslips/{number}")
    company.fresh()
    company.session.execute(text("DROP TRIGGER pay_result_no_update"))
    kept = company.session.get_one(PayResult, result).lines
    wrong = kept.replace('"amount_fen":', '"amount_fen":1', 1)
    company.session.execute(text("UPDATE pay_result SET lines = :lines WHERE id = :id"), {"lines": wrong, "id": result})
    company.session.commit()
    page = auditor.get(f"/my/payslips/{number}")
    assert "重新计算的结果与保存的不一致" in page
    assert "与发放金额一致" not in page
    company.fresh()
    assert [one.period for one in recount.recount(company.session)] == ["2026-09"]
    page = auditor.get("/audit/verify")
    assert "请先不要发放" in page
    assert f"<b>{slip_number} 2026年9月</b>" in page


def test_results_are_computed_again_page_by_page_to_the_last(company: World) -> None:
    first = recount.recount_page(company.session, 0, 5)
    assert (first.count, first.faults) == (5, ())
    seen, after = first.count, first.next
    while after is not None:
        page = recount.recount_page(company.session, after, 40)
        seen, after = seen + page.count, page.next
    assert seen == recount.results(company.session)


def test_a_sum_changed_behind_the_pages_is_counted_again_and_named(company: World) -> None:
    slip = company.session.scalars(select(Payslip).where(Payslip.period == "2026-08")).first()
    assert slip is not None
    number, total, result = slip.employee.number, slip.total_fen, slip.pay_result_id
    company.session.execute(text("DROP TRIGGER IF EXISTS pay_result_no_update"))
    company.session.execute(text("UPDATE pay_result SET total_fen = total_fen + 1 WHERE id = :id"), {"id": result})
    company.session.commit()
    (found,) = (one for one in recount.recount(company.session) if one.period == "2026-08")
    assert found.employee == number
    assert [one.text for one in found.faults if "计算时记录的合计" in one.text]
    assert (found.kept_fen, found.paid_fen, found.counted_fen) == (total + 1, total, total)
