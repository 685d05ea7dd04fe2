"""The page and the API of the what-if: the offices that see pay ask, everything else is answered in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from approval.models.audit import AuditEntry
from approval.rules.policy import shipped_text
from tests.app_fixtures import Browser, World
from tests.views.test_policy import words

PAGE = "/policies/planning-C-1/1/what-if"
ASKED = f"{PAGE}?try=1&period=2026-10"
API = "/api/what-if?code=planning-C-1&period=2026-10"


def looks(world: World) -> list[AuditEntry]:
    world.fresh()
    return list(world.session.scalars(select(AuditEntry).where(AuditEntry.action == "what_if:look")))


def test_the_newest_finished_month_is_offered_and_nothing_is_asked_yet(payable: World) -> None:
    page = payable.sign_in("hr").get(PAGE)
    assert 'value="2026-10" checked' in page
    assert "每个部门" not in page
    assert looks(payable) == []


def test_a_reading_is_tried_with_its_cost_and_its_formula_and_the_look_is_noted(payable: World) -> None:
    page = words(payable.sign_in("hr").get(f"{ASKED}&reading.tiers=ladder90"))
    for told in ("林晓雨", "▼ −¥60.00", "≥ 80 → 1 ⇒ ≥ 80 < 90 → 0.8", "300.00 × 0.8 = 240.00", "换档 1 人次"):
        assert told in page, told
    (note,) = looks(payable)
    assert json.loads(note.record)["body"] == {
        "policy": "planning-C-1/1",
        "periods": ["2026-10"],
        "department": "",
        "readings": {"tiers": "ladder90"},
        "people": 1,
    }


def test_a_draft_is_tried_before_it_is_published(payable: World) -> None:
    gm = payable.sign_in("gm")
    source = shipped_text("d17-c1").replace('bonus = { value = "300"', 'bonus = { value = "400"')
    gm.post("/policies/new", {"source": source, "effective_from": "2026-12-01"})
    page = words(gm.get("/policies/planning-C-1/2/what-if?try=1&period=2026-10"))
    assert "▲ +¥100.00" in page
    assert "没有登记最低工资标准" in page


def test_whoever_asks_for_nothing_or_nonsense_reads_why_on_the_same_page(payable: World) -> None:
    hr = payable.sign_in("hr")
    for query, why in (
        ("try=1", "请至少选一个月份"),
        ("try=1&period=soon", "不是月份"),
        ("try=1&period=2026-10&department=月球部", "没有部门“月球部”"),
        ("try=1&period=2026-10&reading.tiers=upside", "没有读法“upside”"),
        ("try=1&period=2026-10&reading.sky=blue", "没有选项“sky”"),
    ):
        page = words(hr.get(f"{PAGE}?{query}", status=422))
        assert why in page
        assert "已结束的月份" in page
    assert looks(payable) == []
    hr.get("/policies/planning-C-1/9/what-if", status=404)
    hr.get(f"/policies/planning-C-1/{10**30}/what-if", status=404)


def test_a_policy_that_never_paid_says_that_there_is_nothing_to_replay(world: World) -> None:
    assert "还没有已结束的月份" in world.sign_in("auditor").get(PAGE)


def test_the_page_is_complete_in_english_numbers(payable: World) -> None:
    browser = payable.sign_in("auditor")
    browser.post("/language", {"locale": "en", "back": PAGE})
    page = words(browser.get(f"{ASKED}&reading.tiers=ladder90"))
    assert "Bonus rate ≥ 80 → 1 ⇒ ≥ 80 < 90 → 0.8" in page


@pytest.mark.parametrize("who", ["cs", "lead", "head", "data", "copy"])
def test_the_pay_of_others_is_not_tried_without_the_office(payable: World, who: str) -> None:
    browser = payable.sign_in(who)
    browser.get(ASKED, status=403)
    refused = asked(browser, API, 403)
    assert "人事" in refused["error"]["reasons"][0]
    assert looks(payable) == []


def asked(browser: Browser, path: str, status: int = 200) -> Any:
    answer = browser.client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/json"), answer.get_data(as_text=True)[:500]
    return answer.get_json()


def test_a_program_gets_the_same_answer_in_fen(payable: World) -> None:
    told = asked(payable.sign_in("finance"), f"{API}&version=1&reading=tiers=ladder90&department=策划部")
    assert (told["before_fen"], told["after_fen"], told["difference_fen"]) == (675_981, 669_981, -6_000)
    assert (told["version"], told["department"], told["periods"]) == (1, "策划部", ["2026-10"])
    assert told["readings"]["tiers"] == "ladder90"
    (month,) = told["people"][0]["months"]
    assert (month["score_before"], month["minimum_fen"], month["lines"][0]["code"]) == (
        "85.00",
        None,
        "performance_bonus",
    )
    assert month["tiers"][0]["after"] == {"zh": "≥ 80 < 90 → 0.8", "en": "≥ 80 < 90 → 0.8"}
    assert len(looks(payable)) == 1


def test_every_refusal_of_the_api_is_json_with_the_reason_in_words(payable: World) -> None:
    hr = payable.sign_in("hr")
    for query, status, why in (
        ("", 422, "方案代码"),
        ("code=planning-C-1", 422, "至少选一个月份"),
        ("code=planning-C-1&period=2026-10&version=1.5", 422, "不是整数"),
        ("code=planning-C-1&period=2026-10&version=²", 422, "不是整数"),
        ("code=planning-C-1&period=2026-10&version=99999999999999999999", 422, "不是整数"),
        ("code=planning-C-1&period=2026-10&version=77", 404, "没有这个方案版本"),
        ("code=%00&period=2026-10", 404, "没有这个方案版本"),
        ("code=planning-C-1&period=2026-13", 422, "不是月份"),
        ("code=planning-C-1&period=2026-10&reading=tiers", 422, "看不懂"),
        ("code=planning-C-1&period=2026-10&reading=tiers=%00", 422, "没有读法"),
        ("code=planning-C-1&period=2026-10&department=%00", 422, "没有部门"),
    ):
        told = asked(hr, f"/api/what-if?{query}", status)
        assert why in told["error"]["reasons"][0], query
    assert hr.client.post("/api/what-if").status_code in (400, 405)
    assert asked(Browser(payable.app.test_client()), API, 401)["error"]["reasons"] == ["请先登录。"]
