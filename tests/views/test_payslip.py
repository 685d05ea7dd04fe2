"""工资条: why the pay is this number; for its owner, and on record for whoever else looks."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from approval.models.audit import AuditEntry
from approval.rules.money import display
from approval.services import pay
from tests.app_fixtures import World
from tests.month.test_6_payout import pay_out, slip_of
from tests.stages import TEAM


@pytest.fixture
def paid(prepared: World) -> World:
    """9 November: everybody is paid."""
    pay_out(prepared)
    return prepared


def looks(world: World) -> list[AuditEntry]:
    world.fresh()
    return list(world.session.scalars(select(AuditEntry).where(AuditEntry.stream == "payslip_views")))


def test_the_lines_sum_to_the_total_and_each_unfolds_to_its_rule(paid: World) -> None:
    for name in TEAM:
        slip = slip_of(paid, name)
        page = paid.sign_in(name).get(f"/my/payslips/{slip.id}")
        lines = pay.stored(slip.pay_result).lines
        assert sum(line.amount_fen for line in lines) == slip.total_fen
        for line in lines:
            assert line.zh in page
            assert display(line.amount_fen) in page
        assert display(slip.total_fen) in page
        assert "税前" in page
        assert slip.pay_result.policy_fingerprint[:16] in page
        assert re.search(r"依据 公司自定" if name == "head" else r"依据 .*R\d{3}", page)


def test_the_share_of_the_pool_is_a_line_of_its_own(paid: World) -> None:
    slip = slip_of(paid, "cs")
    assert "奖金池份额" in paid.sign_in("cs").get(f"/my/payslips/{slip.id}")


def test_the_source_of_each_figure_is_named(paid: World) -> None:
    page = paid.sign_in("cs").get(f"/my/payslips/{slip_of(paid, 'cs').id}")
    assert "手工录入" in page
    assert "本期考核单的绩效分数" in page


def test_the_number_is_worked_out_again_on_each_look(paid: World) -> None:
    slip = slip_of(paid, "cs")
    assert "与发放金额一致" in paid.sign_in("cs").get(f"/my/payslips/{slip.id}")
    paid.fresh()
    paid.session.execute(text("DROP TRIGGER pay_result_no_update"))
    paid.session.execute(
        text(
            f"UPDATE pay_result SET inputs = replace(inputs, '\"18.00\"', '\"17.00\"') WHERE id = {slip.pay_result_id}"
        )
    )
    paid.session.commit()
    page = paid.sign_in("cs").get(f"/my/payslips/{slip.id}")
    assert "重新计算的结果与保存的不一致" in page
    assert "acknowledge" not in page


@pytest.mark.parametrize("name", ["cs2", "lead", "head", "other_head", "data"])
def test_the_payslip_of_another_does_not_exist(paid: World, name: str) -> None:
    slip = slip_of(paid, "cs")
    browser = paid.sign_in(name)
    assert "没有找到" in browser.get(f"/my/payslips/{slip.id}", status=404)
    browser.post(f"/my/payslips/{slip.id}/acknowledge", status=404)
    browser.get("/my/payslips/99999", status=404)
    assert looks(paid) == []


@pytest.mark.parametrize("name", ["finance", "hr", "gm", "auditor"])
def test_an_office_may_look_and_the_look_is_on_record(paid: World, name: str) -> None:
    slip = slip_of(paid, "cs")
    browser = paid.sign_in(name)
    assert "马骏" in browser.get(f"/my/payslips/{slip.id}")
    assert "签收只表示收到" not in browser.text
    assert [entry.actor_id for entry in looks(paid)] == [paid.employee(name).id]
    browser.post(f"/my/payslips/{slip.id}/acknowledge", status=409)


def test_ones_own_look_is_kept_with_the_payslip_and_only_the_first(paid: World) -> None:
    slip = slip_of(paid, "cs")
    own = paid.sign_in("cs")
    own.get(f"/my/payslips/{slip.id}")
    seen = slip_of(paid, "cs").seen_at
    assert seen is not None
    paid.clock.go_to(paid.clock.now().date(), hour=18)
    own.get(f"/my/payslips/{slip.id}")
    assert slip_of(paid, "cs").seen_at == seen
    assert looks(paid) == []


def test_a_receipt_is_given_once_and_shown(paid: World) -> None:
    slip = slip_of(paid, "cs")
    own = paid.sign_in("cs")
    own.post(f"/my/payslips/{slip.id}/acknowledge", {"once": "one press"})
    own.post(f"/my/payslips/{slip.id}/acknowledge", {"once": "one press"})
    assert "已于 11月9日 10:00 签收" in own.get(f"/my/payslips/{slip.id}")
    assert "已于 11月9日 10:00 签收" in own.get("/my/payslips")


def test_before_the_money_moves_there_is_no_payslip_to_read(prepared: World) -> None:
    slip = slip_of(prepared, "cs")
    own = prepared.sign_in("cs")
    assert "还没有工资条" in own.get("/my/payslips")
    own.get(f"/my/payslips/{slip.id}", status=404)
    prepared.sign_in("finance").get(f"/my/payslips/{slip.id}")


def test_a_payslip_unfolds_down_to_the_samples_that_the_score_came_from(prepared: World) -> None:
    number = slip_of(prepared, "cs").id
    page = prepared.sign_in("gm").get(f"/my/payslips/{number}")
    assert "怎么来的" in page
    assert "抽样凭证" in page
    assert page.count("cs-") >= 3, "the codes of the samples"
    finance = prepared.sign_in("finance").get(f"/my/payslips/{number}")
    assert "抽样凭证" not in finance
