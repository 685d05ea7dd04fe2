"""A draft's text is edited on its page: checked while typed, saved under a lock, never lost; and how it is made known."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from approval.models.policy import PolicyVersion
from approval.rules.policy import shipped_text
from approval.services import policy
from tests.app_fixtures import Browser, World
from tests.crawl import CHINESE, spoken
from tests.views.test_policy import DRAFT, drafted, hidden, read_every_term, words

TEXT = shipped_text("d08-customer-service")
EDIT, CHECK = f"{DRAFT}/edit", f"{DRAFT}/check"
FIGURES = {"p.base": "500", "i.scheduled": "22", "i.actual": "22", "i.score": "85", "i.sales": "10000"}
FIGURES |= {"i.neutral_fixed": "3", "i.negative_fixed": "1", "i.rewards": "-50"}


def told(browser: Browser, source: str, **more: str) -> dict[str, str]:
    return {"version": hidden(browser.get(EDIT), "version"), "source": source, "effective_from": "2026-12-01", **more}


def kept(world: World) -> PolicyVersion:
    world.fresh()
    return world.session.query(PolicyVersion).filter_by(code="customer-service", number=2).one()


def checked(browser: Browser, source: str, **more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(browser.post(CHECK, {"source": source, **more}, status=200))
    return found


def test_the_text_is_shown_with_its_checks_and_an_example(world: World) -> None:
    page = html.unescape(drafted(world).get(EDIT))
    assert TEXT.strip() in page
    assert "底薪乘以绩效系数有法律风险" in page
    assert 'name="i.score"' in page
    assert 'href="/policies/customer-service/2/edit"' in world.sign_in("hr").get(DRAFT)


def test_a_changed_text_is_saved_and_is_the_policy_from_then_on(world: World) -> None:
    browser = drafted(world)
    page = browser.post(EDIT, told(browser, TEXT.replace('value = "500"', 'value = "800"').replace("\n", "\r\n")))
    assert "草稿已保存" in page
    assert "底薪 800 × 绩效系数" in words(page)
    assert kept(world).source == TEXT.replace('value = "500"', 'value = "800"')
    assert "修改方案原文" in words(page)


def test_a_fault_brings_the_text_back_with_its_line_and_stores_nothing(world: World) -> None:
    browser = drafted(world)
    broken = TEXT.replace('by = "employee"', 'by = "nobody"')
    page = html.unescape(browser.post(EDIT, told(browser, broken), status=422))
    line = broken[: broken.index('by = "nobody"')].count("\n") + 1
    assert f"第 {line} 行：policy.toml：appraisal.parts[0] 应为以下之一：employee / supervisor" in page
    assert 'by = "nobody"' in page
    assert kept(world).source == TEXT


def test_a_bad_day_and_a_bad_text_are_both_told_and_nothing_typed_is_lost(world: World) -> None:
    browser = drafted(world)
    sent = told(browser, TEXT + "\n# 我的话\n", effective_from="2026-13-01")
    page = browser.post(EDIT, sent, status=422)
    assert "请填写日期" in page
    assert "# 我的话" in page
    assert 'value="2026-13-01"' in page


def test_without_a_script_the_button_checks_and_stores_nothing(world: World) -> None:
    browser = drafted(world)
    more = {"check": "1", **FIGURES}
    page = browser.post(EDIT, told(browser, TEXT.replace('value = "500"', 'value = "600"'), **more), status=200)
    assert "¥920.00" in words(page), "600 × 1.2 + 200 + 30 + 20 − 50"
    assert kept(world).source == TEXT


def test_whoever_was_slower_gets_his_text_back_beside_the_newer_one(world: World) -> None:
    gm, hr = drafted(world), world.sign_in("hr")
    late = told(gm, TEXT + "\n# 总经理写的\n")
    hr.post(EDIT, told(hr, TEXT + "\n# 人事写的\n"))
    page = gm.post(EDIT, late, status=409)
    assert "别人刚刚改过" in page
    assert "# 总经理写的" in page
    assert "# 人事写的" in page
    assert "总经理" not in kept(world).source
    gm.post(EDIT, {**late, "version": hidden(page, "version")})
    assert "# 总经理写的" in kept(world).source


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "٣"])
def test_a_lost_version_is_a_conflict_and_no_crash(world: World, version: str) -> None:
    browser = drafted(world)
    assert "别人刚刚改过" in browser.post(EDIT, {**told(browser, TEXT), "version": version}, status=409)


def test_a_check_names_every_fault_with_path_and_line(world: World) -> None:
    browser = drafted(world)
    found = checked(
        browser, TEXT.replace('weight = "0.25"', 'weight = "0.35"').replace("objection_days", "objection_day")
    )
    assert found["blocked"] is True
    faults = html.unescape(found["faults"])
    assert "评分权重之和是 1.10，必须等于 1" in faults
    assert "publication.objection_day" in faults
    last = TEXT[: TEXT.index("objection_days")].count("\n") + 1
    assert f'data-line="{last}"' in faults


def test_a_check_of_broken_toml_leads_to_the_line(world: World) -> None:
    found = checked(drafted(world), TEXT.replace('cycle = "month"', "cycle = month"))
    line = TEXT[: TEXT.index('cycle = "month"')].count("\n") + 1
    assert f'data-line="{line}"' in found["faults"]
    assert "文字要放在引号里" in html.unescape(found["faults"])
    assert (found["boxes"].strip(), found["result"].strip()) == ("", "")


def test_a_check_works_the_example_on_the_text_as_typed(world: World) -> None:
    browser = drafted(world)
    assert "¥800.00" in checked(browser, TEXT, **FIGURES)["result"]
    assert "¥1,040.00" in checked(browser, TEXT.replace('value = "500"', 'value = "700"'), **FIGURES)["result"]
    assert "缺少“实际出勤天数”" in checked(browser, TEXT, **{**FIGURES, "i.actual": ""})["result"]
    assert kept(world).source == TEXT
    assert kept(world).version == 1


def test_a_check_uses_the_readings_chosen_so_far(world: World) -> None:
    browser = drafted(world)
    version = hidden(browser.get(DRAFT), "version")
    browser.post(f"{DRAFT}/readings", {"version": version, "option": "base_proration", "choice": "none"})
    half = {**FIGURES, "i.actual": "11"}
    assert "¥800.00" in checked(browser, TEXT, **half)["result"]
    assert "¥500.00" in checked(browser, TEXT.replace("base_proration", "proration"), **half)["result"]


@pytest.mark.parametrize("text", ["", "\x00", "[" * 2000, "a" * 250_000, "]]>&<script>", "a = 1979-05-27T07:32:00Z"])
def test_no_text_breaks_the_check_or_the_page(world: World, text: str) -> None:
    browser = drafted(world)
    assert checked(browser, text)["blocked"] is True
    page = browser.post(EDIT, told(browser, text), status=422)
    assert "<script>" not in page
    assert kept(world).source == TEXT


def test_what_is_no_draft_any_more_is_not_edited(world: World) -> None:
    hr = world.sign_in("hr")
    service = "/policies/customer-service/1"
    assert "只有草稿可以改" in hr.get(f"{service}/edit", status=409)
    assert "只有草稿可以改" in hr.post(f"{service}/edit", {"source": TEXT, "version": "1"}, status=409)
    hr.post(f"{service}/check", {"source": TEXT}, status=409)


def test_who_makes_no_policies_neither_edits_nor_checks(world: World) -> None:
    drafted(world)
    for name in ("cs", "lead", "auditor"):
        browser = world.sign_in(name)
        assert "只对以下职务开放" in browser.get(EDIT, status=403)
        browser.post(EDIT, {"source": TEXT}, status=403)
        browser.post(CHECK, {"source": TEXT}, status=403)


def test_a_talk_is_kept_on_the_page_and_a_bad_one_comes_back(world: World) -> None:
    drafted(world)
    hr = world.sign_in("hr")
    assert "没有协商记录" in hr.get(DRAFT)
    talk = {"held_on": "2026-11-30", "with_whom": "工会代表", "outcome": "建议缩短抽查间隔"}
    page = hr.post(f"{DRAFT}/consultations", talk, status=422)
    assert "不能晚于今天" in page
    assert "建议缩短抽查间隔" in page
    page = hr.post(f"{DRAFT}/consultations", {**talk, "held_on": "2026-11-01"})
    assert "协商记录已登记" in page
    assert "2026-11-01 工会代表 建议缩短抽查间隔" in words(page)
    assert "请填写这一项" in hr.post(f"{DRAFT}/consultations", {"held_on": "2026-11-01"}, status=422)
    world.sign_in("gm").post(f"{DRAFT}/consultations", talk, status=403)


def test_the_general_manager_is_warned_before_publishing_without_a_talk(world: World) -> None:
    gm, hr = drafted(world), world.sign_in("hr")
    read_every_term(gm)
    assert "孙国栋 于 11月2日 10:00 读过并选定" in words(gm.get(DRAFT))
    hr.post(f"{DRAFT}/review", {"fingerprint": hidden(hr.get(DRAFT), "fingerprint")})
    warning = "还没有民主协商记录"
    assert warning in gm.get(DRAFT)
    hr.post(f"{DRAFT}/consultations", {"held_on": "2026-11-01", "with_whom": "工会", "outcome": "无异议"})
    assert warning not in gm.get(DRAFT)
    assert "已发布" in words(
        gm.post(f"{DRAFT}/publish", {"official": "y", "fingerprint": hidden(gm.get(DRAFT), "fingerprint")})
    )


def test_an_employee_confirms_that_he_has_read_it_and_hr_sees_who_has_not(world: World) -> None:
    gm, hr, cs = drafted(world), world.sign_in("hr"), world.sign_in("cs")
    read_every_term(gm)
    seen = {"fingerprint": hidden(hr.get(DRAFT), "fingerprint")}
    hr.post(f"{DRAFT}/review", seen)
    gm.post(f"{DRAFT}/publish", {**seen, "official": "y"})
    assert "阅读并确认方案“客服专员薪酬”" in cs.get("/inbox")
    assert "我已阅读" in cs.get(DRAFT)
    assert "还有 2 人没有确认" in hr.get(DRAFT)
    page = cs.post(f"{DRAFT}/acknowledge")
    assert "您在 11月2日" in words(page)
    assert "我已阅读" not in page
    cs.post(f"{DRAFT}/acknowledge", status=409)
    page = words(world.sign_in("auditor").get(DRAFT))
    assert "1/2 还有 1 人没有确认： 陈思远 E1041" in " ".join(page.replace("1/2 1/2", "1/2").split())
    assert "没有确认" not in cs.get(DRAFT)
    assert "确认已阅读方案" in cs.get("/inbox?show=done")
    world.sign_in("copy").post(f"{DRAFT}/acknowledge", status=409)


def test_findings_and_what_stops_a_draft_name_things_in_the_readers_language(world: World) -> None:
    policy.draft_policy(world.act("gm"), shipped_text("d13-quarterly-bonus"))
    world.session.commit()
    browser = world.sign_in("hr")
    browser.post("/language", {"locale": "en", "back": "/policies"})
    lines = [one for one in spoken(browser.get("/policies/quarterly-bonus/1")) if "not printed by the source;" in one]
    assert [one for one in lines if "must be mended first" in one], "why it cannot be reviewed"
    assert [one for one in lines if "must be mended first" not in one], "the findings themselves"
    assert not [one for one in lines if CHINESE.search(one)]
    service = spoken(browser.get("/policies/customer-service/1"))
    assert [one for one in service if one.startswith("Service recovery") and "Paying for changed reviews" in one]
