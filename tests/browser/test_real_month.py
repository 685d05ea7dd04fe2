"""A department's own Excel files, brought in through the pages of an empty system, to the last payslip and to the fen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from approval.app import create_app
from approval.cli import FOUNDER, begin
from approval.config import Settings
from approval.db import db
from approval.migrations import upgrade
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import Employee
from approval.models.sampling import Sample
from approval.services import appraisal, bonus_pool, pay, pool_split, publication, sampling
from approval.services.act import Act, actor_of
from approval.services.audit import verify
from approval.services.facts import reviewer_of, weeks_of
from approval.services.rulebook import policy_of, scores_by_sampling
from tests.app_fixtures import ZONE, TestClock
from tests.browser.house import Person, served, sign_in
from tests.real_month.by_hand import FOLDER, Month, shares
from tests.real_month.make import PERIOD, pick

NEW_PASSWORD = "a long new password"
POLICIES = (
    "d01-ec-department",
    "d04-chief-designer-m1",
    "d08-customer-service",
    "d08-shipping-supervisor",
    "d09-marketing",
    "d17-c1",
    "d17-c2",
    "d17-y1",
    "demo/department-head",
    "demo/finance-office",
    "demo/shipping-staff",
)
# Nobody sets his own: the second HR person types these on the page.
OWN_STANDARDS = {"base": "6000", "performance": "1000"}
POOLS = {"电商部": ("18000", "95", 1_710_000), "发货部": ("6000", "100", 600_000)}


class Department:
    """The empty system, its clock, and who holds which one-time password."""

    def __init__(self, browser: Browser, address: str, clock: TestClock, first: str) -> None:
        self.browser, self.address, self.clock = browser, address, clock
        self.passwords = {"H0001": first}
        self.people: list[Person] = []

    @property
    def session(self) -> Session:
        return db.session  # type: ignore[return-value]

    def enter(self, number: str) -> Person:
        """Sign in; on the first time the page asks for a new password before anything else."""
        person = sign_in(self.browser, self.address, number, 1440, self.passwords[number])
        if "/password" in person.page.url:
            person.page.get_by_label("原密码").fill(self.passwords[number])
            person.page.get_by_label("新密码").fill(NEW_PASSWORD)
            person.press("保存新密码")
            self.passwords[number] = NEW_PASSWORD
        self.people.append(person)
        return person

    def act(self, number: str) -> Act:
        employee = self.session.scalars(select(Employee).where(Employee.number == number)).one()
        moment = self.clock.now()
        return Act(self.session, actor_of(self.session, employee.id, moment.astimezone(ZONE).date()), moment)

    def months(self) -> list[Appraisal]:
        """Every month as the pages have left it: a new transaction, for the old one sees the old database."""
        self.session.commit()
        return list(self.session.scalars(select(Appraisal).order_by(Appraisal.id)))


@pytest.fixture
def department(browser: Browser, tmp_path: Path) -> Iterator[Department]:
    clock = TestClock(datetime(2026, 9, 28, 9, tzinfo=ZONE))
    app = create_app(Settings(f"sqlite:///{tmp_path / 'empty.db'}", "x" * 40, tmp_path), clock)
    with app.app_context():
        upgrade(db.engine)
        first = begin(Act(db.session, FOUNDER, clock.now()), "XX科技", "H0001", "何静")  # type: ignore[arg-type]
        db.session.commit()
        with served(app) as address:
            told = Department(browser, address, clock, first)
            yield told
            for person in told.people:
                person.context.close()
        db.session.remove()
        db.engine.dispose()


def bring_in(person: Person, code: str, name: str) -> None:
    """Choose a file, look at the preview, write it."""
    person.go("/imports")
    person.page.locator(f"#file-{code}").set_input_files(next(FOLDER.glob(f"{name}-*.xlsx")))
    person.page.locator(f"form[action$='/imports/{code}'] button[type=submit]").click()
    person.page.wait_for_load_state()
    person.sees("核对后写入")
    person.page.locator("main button:visible", has_text="写入").last.click()
    person.page.wait_for_load_state()
    person.sees("已写入")


def test_every_payslip_of_the_files_is_the_one_calculated_by_hand(department: Department) -> None:
    set_up(department)
    open_october(department)
    bring_the_month(department)
    live_the_month(department)
    weeks = scores_given(department)
    split_and_approve(department)
    pay_out(department)
    compare(department, weeks)
    assert list(verify(department.session)) == []
    assert [one for person in department.people for one in person.complaints] == []


def set_up(department: Department) -> None:
    hr = department.enter("H0001")
    for code, name in (("departments", "01"), ("positions", "02"), ("people", "03")):
        bring_in(hr, code, name)
    for cell in hr.page.locator("[data-password]").all():
        department.passwords[cell.get_attribute("data-password") or ""] = cell.inner_text()
    assert len(department.passwords) == 28
    bring_in(hr, "offices", "04")
    bring_in(hr, "pay_standards", "05")
    for number in ("E1051", "E1052"):
        set_standard(hr, number, "commission_rate", "0.002")
    department.session.commit()
    second = department.enter("D0008")
    for code, value in OWN_STANDARDS.items():
        set_standard(second, "H0001", code, value)


def set_standard(person: Person, number: str, code: str, value: str) -> None:
    person.go(f"/people/{number}")
    person.unfold("设定薪酬标准")
    form = person.page.locator("form[action$='/pay-standard']")
    form.locator("[name=code]").select_option(code)
    form.locator("[name=value]").fill(value)
    form.locator("[name=from_on]").fill("2026-09-01")
    form.get_by_role("button", name="保存标准").click()
    person.page.wait_for_load_state()
    person.sees("薪酬标准已设定")


def open_october(department: Department) -> None:
    publish_policies(department)
    department.clock.go_to(date(2026, 10, 1))
    hr = department.enter("H0001")
    for name in ("电商部", "发货部", "财务行政部"):
        hr.go("/cycles")
        hr.page.locator("select[name=department]").select_option(label=name)
        hr.page.locator("input[name=period]").fill(PERIOD)
        hr.press("开启")
        hr.sees("0 人需要补全资料")
    assert len(department.months()) == 25


def bring_the_month(department: Department) -> None:
    department.clock.go_to(date(2026, 11, 2))
    hr, clerk, office = (department.enter(number) for number in ("H0001", "D0009", "G0002"))
    bring_in(hr, "attendance", "06")
    for code, name in (("sales", "07"), ("collections", "08"), ("counts", "09"), ("factors", "10")):
        bring_in(clerk, code, name)
    bring_in(hr, "rewards", "11")
    for code, name in (("service_records", "12"), ("work_items", "13")):
        bring_in(clerk, code, name)
    for code, name in (("kpi_scores", "14"), ("self_scores", "15")):
        bring_in(office, code, name)
    hr.go("/minimum-wages")
    hr.page.get_by_label("奖惩表里的扣款").select_option("yes")
    hr.page.get_by_label("理由和法律依据").fill("员工手册第 12 条，经职工代表讨论")
    hr.page.locator("form:has(select[name=allowed]) button").click()
    hr.sees("奖惩表允许扣款")
    finance = department.enter("F0001")
    finance.go("/imports")
    while finance.page.locator("main form[action*='/rewards/'] button:visible").count():
        finance.page.locator("main form[action*='/rewards/'] button:visible").first.click()
        finance.page.wait_for_load_state()


def number_of(department: Department, employee_id: int | None) -> str:
    return department.session.get_one(Employee, employee_id).number


def live_the_month(department: Department) -> None:
    """Everybody submits what was brought in for him; supervisors draw, score and close; reviewers pass."""
    for month in department.months():
        own = department.act(month.employee.number)
        appraisal.submit(own, month)
        scorer = department.act(number_of(department, month.supervisor_id))
        if scores_by_sampling(policy_of(month)):
            for week in weeks_of(scorer, month):
                sampling.draw_sample(scorer, month, week.week, sampling.record_seed(scorer, month, week.week))
            for sample in department.session.scalars(select(Sample).where(Sample.appraisal_id == month.id)):
                sampling.score_sample(scorer, month, sample, sample_score(sample), "见评语")
        appraisal.close_scores(scorer, month)
        appraisal.pass_review(department.act(number_of(department, reviewer_of(own, month))), month)
    hr = department.act("H0001")
    for cycle in {month.cycle_id: month.cycle for month in department.months()}.values():
        channels = publication.channels_in(hr, cycle)
        if channels:
            told = [publication.Posting(one.name, hr.today, "三楼公告栏") for one in channels]
            publication.keep_postings(hr, cycle, told)
    department.clock.go_to(date(2026, 11, 9))
    for month in department.months():
        if month.state == "publication":
            who = "D0008" if month.employee.number == "H0001" else "H0001"
            appraisal.end_publication(department.act(who), month)
    department.session.commit()


def sample_score(sample: Sample) -> Decimal:
    return Decimal(pick(55, 100, "score", sample.work_item.code))


def scores_given(department: Department) -> dict[str, list[list[Decimal]]]:
    """The sample scores by employee number and week, as they were given."""
    found = {}
    for month in department.months():
        weeks = weeks_of(department.act("H0001"), month) if scores_by_sampling(policy_of(month)) else ()
        found[month.employee.number] = [[sample_score(one) for one in week.samples] for week in weeks]
    return found


def split_and_approve(department: Department) -> None:
    for name, (amount, percent, payable) in POOLS.items():
        department.session.commit()
        cycle = next(c for c in department.session.scalars(select(Cycle)) if c.department.name == name)
        head = "D0012" if name == "电商部" else "D0020"
        pool = bonus_pool.open_pool(department.act(head), cycle)
        rate = Decimal(percent) / 100
        bonus_pool.enter_amount(department.act(head), pool, int(amount) * 100, rate, "经营例会纪要")
        pool_split.propose_split(department.act(head), pool, "score")
        department.session.commit()
        proposer = department.enter(head)
        proposer.go(f"/bonus-pools/{pool.id}")
        proposer.press("提交总经理批准")
        manager = department.enter("G0001")
        manager.go(f"/approvals/{pool.id}")
        for box in manager.page.locator("main input[type=checkbox]:visible").all():
            box.check()
        manager.unfold("批准")
        manager.press("确认批准")
        department.session.commit()
        assert department.session.get_one(BonusPool, pool.id).payable_fen == payable
    for month in department.months():
        if month.state == "split_approval":
            pay.release(department.act("H0001"), month)
    department.session.commit()


def pay_out(department: Department) -> None:
    finance, manager = department.enter("F0001"), department.enter("G0001")
    for _ in range(3):
        finance.go("/payouts")
        finance.unfold("制单")
        finance.press("确认制单")
    department.session.commit()
    for batch in department.session.scalars(select(PayoutBatch.id)).all():
        manager.go(f"/payouts/{batch}")
        manager.page.get_by_label("您的登录密码").fill(NEW_PASSWORD)
        manager.press("签发")
        finance.go(f"/payouts/{batch}")
        finance.press("导出")
        finance.unfold("登记发放结果")
        finance.press("确认登记")
        finance.sees("已发放")


def compare(department: Department, weeks: dict[str, list[list[Decimal]]]) -> None:
    files = Month()
    files.standards["H0001"] = {code: Fraction(value) for code, value in OWN_STANDARDS.items()}
    scores = {number: files.score(number, given) for number, given in weeks.items()}
    units = {"发货部": "发货部", "财务行政部": ""}
    pools: dict[str, dict[str, Fraction]] = {"电商部": {}, "发货部": {}}
    for number, score in scores.items():
        pool = units.get(files.people[number]["部门"], "电商部")
        if pool:
            pools[pool][number] = score
    given = {n: s for name, weights in pools.items() for n, s in shares(POOLS[name][2], weights).items()}
    department.session.commit()
    slips = {one.employee.number: one for one in department.session.scalars(select(Payslip))}
    assert slips.keys() == scores.keys()
    expected = {number: files.pay(number, scores[number], given.get(number, 0)) for number in scores}
    assert {number: slip.total_fen for number, slip in slips.items()} == expected
    assert {slip.line_state for slip in slips.values()} == {"paid"}


def publish_policies(department: Department) -> None:
    """Drafted by HR, every term read, reviewed and published by the general manager: each on the policy's own page."""
    hr, manager = department.enter("H0001"), department.enter("G0001")
    for code in POLICIES:
        hr.go("/policies")
        hr.unfold("起草方案")
        hr.page.locator("select[name=shipped]").select_option(code)
        hr.page.locator("input[name=effective_from]").fill("2026-09-28")
        hr.press("建立草稿")
        hr.sees("草稿已建立")
        confirm_figures(hr)
        for term in range(hr.page.locator("form.k-option").count()):
            hr.press("选定这一读法", nth=term)
            hr.sees("读法已选定")
        manager.go(hr.page.url.removeprefix(department.address))
        manager.press("通过")
        manager.unfold("发布")
        official = manager.page.get_by_label("我确认：本公司的正式文件就是这样规定的")
        if official.count():
            official.check()
        manager.press("确认发布")
        manager.sees("方案已发布")


def confirm_figures(hr: Person) -> None:
    """What the source does not print is ticked off as the company's own."""
    draft = hr.page.url.removeprefix(hr.address)
    hr.go(f"{draft}/figures")
    ticks = hr.page.locator(".k-ticks input[type=checkbox]")
    if not ticks.count():
        hr.go(draft)
        return
    for tick in ticks.all():
        tick.check()
    hr.press("保存草稿")
    hr.sees("草稿已保存")
