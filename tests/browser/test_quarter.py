"""A quarter with its bonus, a quarter of classes, and the year's pool in a real Chromium, from the opening to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.payout import Payslip
from approval.services import people
from approval.services.act import Act, Actor
from approval.services.audit import verify
from tests.app_fixtures import FIRST, STAFF, ZONE, World, publish_shipped
from tests.browser.house import Person, served, sign_in
from tests.browser.test_month import House, approve, export_and_pay, prepare, sign_off
from tests.quarter.test_quarter_and_year import JANUARY, of, publish_quarterly
from tests.stages import TEAM

AFTER = date(2027, 1, 11)
REASON = "十一月虚构 37 笔客户好评，已由本人承认"


class Quarter(House):
    """The house with everybody of the small company known by name."""

    def enter(self, name: str) -> Person:
        self.people.append(sign_in(self.browser, self.address, STAFF[name][0], self.width))
        return self.people[-1]


@pytest.fixture(params=[1440, 390])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@contextmanager
def housed(world: World, browser: Browser, width: int) -> Iterator[Quarter]:
    hr = Act(world.session, Actor(None, frozenset({"hr", "admin"})), world.clock.now())
    people.appoint(hr, world.employee("data"), "performance_admin", FIRST)
    world.session.commit()
    world.clock.go_to(JANUARY)
    with served(world.app) as address:
        house = Quarter(browser, address, width)
        yield house
        told = [one for person in house.people for one in person.complaints]
        assert [one for one in told if not one.endswith("(UNPROCESSABLE ENTITY)")] == []
        for person in house.people:
            person.context.close()


def early(world: World) -> Act:
    return Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))


def cycle_id(world: World, period: str) -> int:
    world.fresh()
    found = world.session.scalars(select(Cycle).where(Cycle.period == period)).one().id
    world.session.commit()
    return found


def open_and_compile(house: Quarter, period: str, name: str) -> None:
    """HR opens the period; the performance administrator compiles it from his inbox."""
    hr = house.enter("hr")
    hr.go("/cycles")
    hr.page.locator("select[name=department]").select_option(label="电商部")
    hr.page.locator("input[name=period]").fill(period)
    hr.press("开启")
    hr.sees("已开启：新建 6 张考核单")
    hr.sees("所用的方案")
    hr.shot(f"{name}-1-cycle")
    compiler = house.enter("data")
    compiler.press("汇总")
    compiler.press("汇总月度得分")
    compiler.sees("已汇总 6 人")
    compiler.sees("6 人等部门负责人复核")
    compiler.fits()


def review(house: Quarter, world: World, period: str, name: str) -> None:
    head = house.enter("head")
    head.press("复核")
    head.shot(f"{name}-2-review")
    for box in head.page.locator("input[name=appraisal]:visible").all():
        if box.is_enabled():
            box.check()
    head.press("通过勾选的人")
    head.sees("已通过")
    chief = house.enter("gm")
    chief.go(f"/appraisals/{of(world, 'head', period).id}")
    world.session.commit()
    chief.press("通过")
    world.fresh()
    assert {of(world, one, period).state for one in TEAM} == {"publication"}
    world.session.commit()
    head.go(f"/publications/{cycle_id(world, period)}")
    head.page.locator("input[name=place_0]").fill("三楼公告栏")
    head.page.locator("input[name=in_app_1]").check()
    head.press("登记公示")
    head.sees("公示已登记")
    head.fits()


def end_publication(house: Quarter, world: World, period: str, name: str) -> Person:
    world.clock.go_to(AFTER)
    hr = house.enter("hr")
    hr.go("/inbox")
    hr.page.locator(f"main a[href='/publications/{cycle_id(world, period)}']").first.click()
    hr.page.wait_for_load_state()
    hr.shot(f"{name}-3-publication")
    hr.page.locator("main button:visible", has_text="结束到期的").click()
    hr.page.wait_for_load_state()
    hr.sees("已结束 6 人的公示")
    return hr


def pay_out(house: Quarter) -> None:
    chief, finance = house.enter("gm"), house.enter("finance")
    prepare(finance)
    sign_off(chief)
    export_and_pay(finance)


def test_a_quarters_bonus_and_one_that_is_void(published: World, browser: Browser, width: int) -> None:
    publish_quarterly(published)
    with housed(published, browser, width) as house:
        open_and_compile(house, "2026-Q4", "q13")
        review(house, published, "2026-Q4", "q13")
        void(house, published)
        hr = end_publication(house, published, "2026-Q4", "q13")
        hr.go(f"/cycles/{cycle_id(published, '2026-Q4')}")
        hr.sees("最迟发放日")
        hr.sees("评定于")
        hr.shot("q13-4-cycle")
        head = house.enter("head")
        head.press("办理")
        head.unfold("没有奖金池，进入发放")
        head.shot("q13-5-without-pool")
        head.press("确认进入发放")
        head.sees("已算出 6 人的工资")
        pay_out(house)
        cs = house.enter("cs")
        cs.go("/inbox")
        cs.shot("q13-7-inbox")
        cs.go("/my/payslips")
        cs.page.locator("main a[href^='/my/payslips/']").first.click()
        cs.page.wait_for_load_state()
        cs.page.locator("details.k-expl summary").first.click()
        cs.sees("奖金已因违规取消")
        cs.sees(REASON)
        cs.shot("q13-7-payslip")
        cs.fits()
    published.fresh()
    slips = published.session.scalars(select(Payslip)).all()
    assert {one.employee.number: one.total_fen > 0 for one in slips} == {STAFF[n][0]: n != "cs" for n in TEAM}
    assert list(verify(published.session)) == []


def void(house: Quarter, world: World) -> None:
    """The head enters what he found, the general manager hears of it and confirms."""
    number = of(world, "cs", "2026-Q4").id
    world.session.commit()
    head, chief = house.enter("head"), house.enter("gm")
    head.go(f"/appraisals/{number}")
    head.press("发现操纵评估结果？取消这份奖金")
    head.page.locator("textarea[name=reason]:visible").fill(REASON)
    head.press("录入，交另一位同事确认")
    head.sees("请填写这一项")
    head.sees(REASON)
    head.page.locator("input[name=evidence]:visible").fill("稽核报告 2027-03")
    head.shot("q13-void-1-enter")
    head.press("录入，交另一位同事确认")
    head.sees("已录入")
    head.shot("q13-void-2-entered")
    cs = house.enter("cs")
    cs.go(f"/appraisals/{number}")
    cs.sees("奖金拟因违规取消")
    cs.shot("q13-void-3-employee")
    chief.go("/inbox")
    chief.shot("q13-void-4-inbox")
    chief.go(f"/appraisals/{number}/bonus-void")
    chief.unfold("取消奖金")
    chief.shot("q13-void-5-confirm")
    chief.press("确认取消奖金")
    chief.sees("奖金已取消")
    chief.fits()


def test_a_quarter_of_classes_is_concluded_without_money(published: World, browser: Browser, width: int) -> None:
    publish_shipped(early(published), ("d14-quarterly-category",))
    with housed(published, browser, width) as house:
        open_and_compile(house, "2026-Q4", "q14")
        review(house, published, "2026-Q4", "q14")
        hr = end_publication(house, published, "2026-Q4", "q14")
        hr.sees("没有要发放的金额，已结案")
        hr.go(f"/cycles/{cycle_id(published, '2026-Q4')}")
        hr.sees("已结案")
        hr.shot("q14-4-cycle")
        cs = house.enter("cs")
        cs.go("/inbox")
        cs.shot("q14-5-inbox")
        cs.go(f"/appraisals/{of(published, 'cs', '2026-Q4').id}")
        published.session.commit()
        cs.sees("已结案")
        cs.shot("q14-5-appraisal")
        finance = house.enter("finance")
        finance.go("/payouts")
        assert "2026年第四季度" not in finance.page.locator("main").inner_text()
    assert published.session.scalars(select(Payslip)).all() == []


def test_a_year_from_its_opening_to_the_last_fen_of_the_pool(published: World, browser: Browser, width: int) -> None:
    with housed(published, browser, width) as house:
        open_and_compile(house, "2026", "y")
        review(house, published, "2026", "y")
        end_publication(house, published, "2026", "y")
        head = house.enter("head")
        head.press("办理")
        opening = f"form[action='/bonus-pools/open/{cycle_id(published, '2026')}'] button"
        head.page.locator(opening).click()
        head.page.wait_for_load_state()
        for part, share in (("A", "30"), ("B", "45"), ("C", "25")):
            head.page.locator(f"input[name=part_{part}]").fill(share)
        head.page.locator("[name=basis]:visible").fill("2026 年度目标完成表")
        head.press("保存完成率")
        head.press("按得分")
        head.sees("负责人本人")
        head.shot("y-4-split")
        head.press("提交总经理批准")
        chief = house.enter("gm")
        approve(chief)
        chief.shot("y-5-approved")
        pay_out(house)
        cs = house.enter("cs")
        cs.go("/my/payslips")
        cs.page.locator("main a[href^='/my/payslips/']").first.click()
        cs.page.wait_for_load_state()
        cs.page.locator("details.k-expl summary").first.click()
        cs.sees("团队奖是奖励给整个电商部全体人员的")
        cs.shot("y-7-payslip")
    published.fresh()
    assert sum(one.total_fen for one in published.session.scalars(select(Payslip))) == 11_200_000
    assert published.session.scalars(select(BonusPool)).one().state == "paid"
    assert list(verify(published.session)) == []
