"""A policy written from blank in a real Chromium, at desk and phone width, by the department's head."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.app_fixtures import World
from tests.browser.house import Person, served, sign_in
from tests.browser.test_policy_edit import RUN


@pytest.fixture(params=[1440, 390])
def head(request: pytest.FixtureRequest, world: World, browser: Browser) -> Iterator[Person]:
    """The head of the shipping department at his browser."""
    world.session.commit()
    with served(world.app) as address:
        person = sign_in(browser, address, "D0020", int(request.param))
        yield person
        person.context.close()
        assert person.complaints == []


def test_a_head_begins_from_blank_adds_lines_and_saves(head: Person, axe_source: str) -> None:
    page = head.page
    page.on("dialog", lambda dialog: dialog.accept())
    head.go("/policies")
    head.unfold("起草方案")
    head.press("从空白开始")
    page.get_by_label("方案名称").fill("发货部新方案")
    page.get_by_label("发货部").check()
    page.get_by_label("仓储发货员").check()
    page.evaluate(axe_source)
    assert page.evaluate(RUN) == []
    head.fits()
    head.shot("head-policy-blank")
    head.press("建立草稿")
    head.sees("草稿已建立")
    head.fits()
    head.unfold("加一个档位")
    page.locator("[name='scale-zh']").fill("绩效系数")
    for name, value in {"below_0": "60", "value_0": "0", "last": "1"}.items():
        page.locator(f"[name='scale-{name}']").fill(value)
    head.press("加上：新的档位")
    head.unfold("标准 × 绩效系数")
    head.fits()
    head.shot("head-policy-lines-form")
    page.locator("[name='new-scored-zh']").fill("绩效奖")
    page.locator("[name='new-scored-value']").fill("500")
    head.press("加上：标准 × 绩效系数")
    head.sees("绩效奖标准 500 × 绩效系数（按绩效分数）")
    page.locator("[name='add/0']").select_option("const")
    page.locator("[name='const/0']").fill("1.1")
    head.press("加因子", nth=0)
    head.sees("基本工资 × 实际出勤天数 ÷ 应出勤天数（最多 1） × 1.1")
    faults = page.locator("#faults")
    page.get_by_label("全公司").check()
    expect(faults).to_contain_text("部门负责人只能起草自己部门的方案")
    page.get_by_label("全公司").uncheck()
    expect(faults).not_to_contain_text("必须改")
    for code, value in {"p.base": "3000", "i.scheduled": "20", "i.actual": "20", "i.score": "90"}.items():
        page.locator(f"[name='{code}']").fill(value)
    expect(page.locator("#result")).to_contain_text("¥3,800.00")
    page.evaluate(axe_source)
    assert page.evaluate(RUN) == []
    head.fits()
    head.shot("head-policy-lines")
    head.press("保存草稿")
    head.sees("草稿已保存")
    head.sees("依据 公司自定")
    head.fits()
    head.shot("head-policy-lines-draft")
