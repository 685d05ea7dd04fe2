"""A policy's text in a real Chromium: checked while it is typed, a fault's line one press away, at desk and phone width."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, expect

from approval.rules.policy import shipped_text
from approval.services import policy
from tests.app_fixtures import World
from tests.browser.house import Person, served, sign_in

TEXT = shipped_text("d08-customer-service")
READERS = (("gm", "G0001", 1440), ("hr", "H0001", 390), ("cs", "E1043", 390))
DRAFT = "/policies/customer-service/2"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + " " + v.nodes[0].html.slice(0, 120))"""


@pytest.fixture(params=[1440, 390])
def author(request: pytest.FixtureRequest, world: World, browser: Browser) -> Iterator[Person]:
    """The general manager at a draft of the service policy; HR has kept no talk and chosen no reading."""
    policy.draft_policy(world.act("hr"), TEXT, {}, date(2026, 12, 1))
    world.session.commit()
    with served(world.app) as address:
        person = sign_in(browser, address, "G0001", int(request.param))
        yield person
        person.context.close()
        assert person.complaints == []


def test_the_text_is_checked_while_it_is_typed_and_its_fault_found(author: Person, axe_source: str) -> None:
    author.go(f"{DRAFT}/edit")
    source, faults = author.page.locator("#source"), author.page.locator("#faults")
    source.fill(TEXT.replace("objection_days = 3", "objection_day = 3"))
    expect(faults).to_contain_text("没有这一项；可以写：channels、content、person、objection_days")
    link = faults.locator("a[data-line]").first
    line = int(link.get_attribute("data-line") or 0)
    link.click()
    picked = source.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert (picked, line) == ("objection_day = 3", TEXT[: TEXT.index("objection_days")].count("\n") + 1)
    expect(author.page.locator("[data-cursor]")).to_have_text(f"光标在第 {line} 行")
    author.fits()
    author.page.evaluate(axe_source)
    assert author.page.evaluate(RUN) == []
    author.shot("gm-policy-edit")


def test_the_example_follows_the_text_and_its_figures_stay(author: Person) -> None:
    author.go(f"{DRAFT}/edit")
    figures = {"actual": "22", "scheduled": "22", "score": "85", "sales": "10000"}
    for code, value in (figures | {"neutral_fixed": "3", "negative_fixed": "1", "rewards": "-50"}).items():
        author.page.locator(f"[name='i.{code}']").fill(value)
    result = author.page.locator("#result")
    expect(result).to_contain_text("¥800.00")
    author.page.locator("#source").fill(TEXT.replace('value = "500"', 'value = "600"'))
    expect(result).to_contain_text("¥920.00")
    assert author.page.locator("[name='i.score']").input_value() == "85"
    author.page.on("dialog", lambda dialog: dialog.accept())
    author.press("保存草稿")
    author.sees("草稿已保存")
    author.sees("底薪 600")


def test_the_page_of_a_draft_asks_for_every_reading_and_fits(author: Person, axe_source: str) -> None:
    author.go(DRAFT)
    author.sees("还有 6 项条款没有选定读法")
    author.press("选定这一读法")
    author.sees("孙国栋 于 11月2日")
    author.sees("还有 5 项条款没有选定读法")
    author.page.evaluate(axe_source)
    assert author.page.evaluate(RUN) == []
    author.fits()
    author.shot("gm-policy-draft")


def test_a_talk_is_kept_the_publisher_is_warned_and_readers_are_counted(
    world: World, browser: Browser, axe_source: str
) -> None:
    version = policy.draft_policy(world.act("gm"), TEXT, policy.default_readings(TEXT), date(2026, 12, 1))
    policy.review_policy(world.act("hr"), version)
    world.session.commit()
    with served(world.app) as address:
        people = {name: sign_in(browser, address, number, width) for name, number, width in READERS}
        gm, hr, cs = people["gm"], people["hr"], people["cs"]
        gm.go(DRAFT)
        gm.unfold("发布")
        gm.sees("还没有民主协商记录")
        gm.shot("gm-policy-publish")
        hr.go(DRAFT)
        hr.unfold("登记协商记录")
        hr.page.locator("[name=held_on]").fill("2026-11-01")
        hr.page.locator("[name=with_whom]").fill("职工代表 3 人")
        hr.page.locator("[name=outcome]").fill("建议公示期延长到 5 天，已采纳")
        hr.press("登记")
        hr.sees("协商记录已登记")
        gm.go(DRAFT)
        gm.unfold("发布")
        gm.page.get_by_label("我确认：本公司的正式文件就是这样规定的").check()
        gm.press("确认发布")
        gm.sees("方案已发布")
        cs.go("/inbox")
        cs.sees("阅读并确认方案“客服专员薪酬”")
        cs.go(DRAFT)
        cs.shot("employee-policy-to-read")
        cs.press("我已阅读")
        cs.sees("您在 11月2日")
        hr.go(DRAFT)
        hr.sees("还有 1 人没有确认")
        hr.shot("hr-policy-readers")
        for person in people.values():
            person.fits()
            person.page.evaluate(axe_source)
            assert person.page.evaluate(RUN) == []
            person.context.close()
            assert person.complaints == []
