"""The next version of a policy written in boxes in a real Chromium, at desk and phone width, by the department's head."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.app_fixtures import World
from tests.browser.house import Person, served, sign_in
from tests.browser.test_policy_edit import RUN

OLD, NEW = "/policies/planning-C-1/1", "/policies/planning-C-1/2"


@pytest.fixture(params=[1440, 390])
def head(request: pytest.FixtureRequest, world: World, browser: Browser) -> Iterator[Person]:
    """The head of the department at his browser."""
    world.session.commit()
    with served(world.app) as address:
        person = sign_in(browser, address, "D0012", int(request.param))
        yield person
        person.context.close()
        assert person.complaints == []


def test_a_head_drafts_adds_a_band_sees_the_check_and_saves(head: Person, axe_source: str) -> None:
    head.go(OLD)
    head.press("起草下一版")
    faults, page = head.page.locator("#faults"), head.page
    expect(faults).not_to_contain_text("必须改")
    page.get_by_label("绩效奖金", exact=True).fill("350")
    page.locator("[name='f/appraisal/parts/0/weight']").fill("30%")
    expect(faults).to_contain_text("评分权重之和是 1.05，必须等于 1")
    page.locator("[name='f/appraisal/parts/1/weight']").fill("70%")
    expect(faults).not_to_contain_text("必须改")
    page.evaluate(axe_source)
    assert page.evaluate(RUN) == []
    head.fits()
    head.press("加一档", nth=2)
    expect(faults).to_contain_text("第 4 档永远轮不到")
    assert page.get_by_label("绩效奖金", exact=True).input_value() == "350"
    bounds = page.locator("[name$='/3/upper'][name^='f/']")
    bounds.fill("90")
    page.locator("[name$='/3/value']").fill("0.8")
    expect(faults).not_to_contain_text("永远轮不到")
    head.fits()
    head.shot("head-policy-figures")
    page.on("dialog", lambda dialog: dialog.accept())
    head.press("保存草稿")
    head.sees("草稿已保存")
    head.sees("公司自定")
    head.sees("绩效奖金 350")
    head.go(NEW)
    head.shot("head-policy-draft")
