"""October in a real Chromium: employee, supervisor, head, general manager and finance, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from approval.models.payout import Payslip
from approval.models.sampling import WorkItem
from approval.services import appraisal, bonus_pool
from approval.services.audit import verify
from tests.app_fixtures import World
from tests.browser.house import Person, served, sign_in
from tests.stages import AFTER_PUBLICATION, TEAM, assess, bring_figures, cycle_of, score

OTHERS = tuple(name for name in TEAM if name != "cs")
NUMBERS = {"cs": "E1043", "lead": "S0207", "head": "D0012", "gm": "G0001", "finance": "F0001"}


@dataclass
class House:
    """The served pages, and everybody who has signed in."""

    browser: Browser
    address: str
    width: int
    people: list[Person] = field(default_factory=list)

    def enter(self, name: str) -> Person:
        self.people.append(sign_in(self.browser, self.address, NUMBERS[name], self.width))
        return self.people[-1]


@pytest.fixture(params=[1440, 390])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def house(world: World, browser: Browser, width: int) -> Iterator[House]:
    """The small company, everybody but 马骏 already through review, served to whoever signs in."""
    for name in OTHERS:
        assess(world, name)
        score(world, name)
        appraisal.pass_review(world.act("gm" if name == "head" else "head"), world.month(name))
    for name in TEAM:
        bring_figures(world, name)
    for day in (6, 7, 8, 13, 14, 15, 20, 21, 22, 27, 28, 29):
        item = WorkItem(employee_id=world.employee("cs").id, kind="customers", code=f"C-{day}", title="退换货咨询")
        item.happened_on = date(2026, 10, day)
        world.session.add(item)
    bonus_pool.open_pool(world.act("head"), cycle_of(world))
    world.session.commit()
    with served(world.app) as address:
        told = House(browser, address, width)
        yield told
        for person in told.people:
            person.context.close()


def test_a_month_from_self_assessment_to_receipt(house: House, world: World) -> None:
    assess_oneself(house.enter("cs"))
    draw_score_and_close(house.enter("lead"), world)
    pass_review(house.enter("head"), world)
    post_results(house.people[-1], world)
    world.clock.go_to(AFTER_PUBLICATION)
    end_publication_and_split(house.enter("head"), world)
    general_manager, finance = house.enter("gm"), house.enter("finance")
    approve(general_manager)
    prepare(finance)
    sign_off(general_manager)
    export_and_pay(finance)
    read_and_acknowledge(house.enter("cs"))
    world.fresh()
    assert {world.month(name).state for name in TEAM} == {"paid"}
    slip = world.session.scalars(select(Payslip).where(Payslip.employee_id == world.employee("cs").id)).one()
    assert slip.receipt_at is not None
    assert list(verify(world.session)) == []
    assert [one for person in house.people for one in person.complaints] == []


def assess_oneself(person: Person) -> None:
    person.go("/inbox")
    person.shot("1-employee-inbox")
    person.press("填写自评")
    person.page.locator("input[name=self_score]").fill("90")
    person.shot("1-self-assessment")
    person.press("提交")
    person.sees("请再看一遍")
    person.press("确认提交")
    person.sees("撤回")
    person.fits()


def draw_score_and_close(person: Person, world: World) -> None:
    for monday in ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"):
        person.go(f"/samples/{monday}")
        person.press("抽样")
        scores = person.page.locator("[data-score]:visible")
        for place in range(scores.count()):
            scores.nth(place).fill(str(84 + place))
        if monday == "2026-10-26":
            person.shot("2-samples")
        person.page.locator("[data-sheet-submit]").click()
        person.page.wait_for_load_state()
    person.go("/samples/2026-09-28")
    person.unfold("跳过这一周")
    person.page.locator("textarea[name=reason]:visible").fill("国庆假期，没有接待记录")
    person.page.locator("form.k-panel:visible").get_by_role("button", name="跳过这一周").click()
    person.page.wait_for_load_state()
    person.go(f"/appraisals/{world.month('cs').id}")
    person.shot("2-appraisal")
    person.press("提交评分")
    person.fits()
    assert world.month("cs").state == "department_review"


def pass_review(person: Person, world: World) -> None:
    person.go(f"/departments/{cycle_of(world).department_id}/2026-10")
    person.page.locator(f"input[name=appraisal][value='{world.month('cs').id}']").check()
    person.shot("3-review")
    person.press("通过勾选的人")
    person.sees("已通过 1 人")
    person.fits()


def post_results(person: Person, world: World) -> None:
    person.go("/inbox")
    person.sees("的公示还没有登记")
    person.go(f"/publications/{cycle_of(world).id}")
    person.page.locator("input[name=place_0]").fill("三楼公告栏")
    person.page.locator("input[name=in_app_1]").check()
    person.shot("4-posting")
    person.press("登记公示")
    person.sees("公示已登记")
    person.fits()


def end_publication_and_split(person: Person, world: World) -> None:
    cycle = cycle_of(world)
    person.go(f"/publications/{cycle.id}")
    person.shot("4-publication")
    person.page.locator("main button:visible", has_text="结束到期的").click()
    person.page.wait_for_load_state()
    world.fresh()
    waiting = world.month("head")
    if waiting.state == "publication":
        appraisal.end_publication(world.act("hr"), waiting)
        world.session.commit()
    person.go("/bonus-pools")
    person.press("打开")
    if not person.page.locator("input[name=amount]").is_visible():
        person.unfold("奖金池金额")
    person.page.locator("input[name=amount]").fill("18000")
    person.page.locator("input[name=rate]").fill("95")
    person.page.locator("[name=basis]").fill("经营例会纪要第 12 号")
    person.press("保存金额")
    person.press("按得分")
    person.sees("剩余未分")
    person.shot("5-split")
    person.press("提交总经理批准")
    person.fits()
    world.fresh()


def approve(person: Person) -> None:
    person.go("/inbox")
    person.press("处理")
    person.shot("5-approval")
    for box in person.page.locator("main input[type=checkbox]:visible").all():
        box.check()
    person.unfold("批准")
    person.press("确认批准")
    person.fits()


def prepare(person: Person) -> None:
    person.go("/inbox")
    person.press("制单")
    person.unfold("制单")
    person.press("确认制单")
    person.sees("等总经理签发")


def sign_off(person: Person) -> None:
    person.go("/inbox")
    person.press("签发")
    person.page.get_by_label("您的登录密码").fill("correct horse")
    person.shot("6-sign-off")
    person.press("签发")
    person.sees("已签发")
    person.fits()


def export_and_pay(person: Person) -> None:
    person.go("/inbox")
    person.press("导出")
    person.press("导出")
    person.sees("已导出")
    with person.page.expect_download() as told:
        person.page.get_by_role("link", name="付款文件 Excel").click()
    assert told.value.suggested_filename.endswith(".xlsx")
    person.unfold("登记发放结果")
    person.press("确认登记")
    person.sees("已发放")
    person.shot("6-batch")
    person.fits()


def read_and_acknowledge(person: Person) -> None:
    person.go("/inbox")
    person.press("查看")
    person.page.locator("details.k-expl summary").first.click()
    person.sees("500")
    person.shot("6-payslip")
    person.press("签收")
    person.sees("已签收")
    person.fits()
