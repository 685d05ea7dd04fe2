"""The quarter and the year: means of months, four classes, the bonus with its deadline, the annual pool A+B+C × 11.2万."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.advice import MonthFlag
from approval.models.appraisal import Appraisal, PayResult
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.people import PayStandard
from approval.services import appraisal, bonus_pool, cycle, pay, people, pool_split
from approval.services.act import Act, Actor
from approval.services.desks import tasks_of
from approval.services.rulebook import policy_of
from approval.services.self_assessment import Draft, ItemScore, save_self_assessment, score_items
from approval.services.suggestion import leavers_to_decide
from tests.app_fixtures import ZONE, World, publish_shipped
from tests.stages import TEAM, post_results
from workflows.engine import NotAllowed

JANUARY = date(2027, 1, 4)
OCTOBER = {"head": "85.00", "lead": "88.00", "cs": "68.25", "cs2": "94.50", "copy": "84.00", "ops": "78.00"}


def publish_quarterly(world: World) -> None:
    """Both quarterly policies in force since January, with everybody's bonus standard."""
    early = Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))
    set_standards(world)
    publish_shipped(early, ("d13-quarterly-bonus", "d14-quarterly-category"))
    world.session.commit()


def set_standards(world: World) -> None:
    """Everybody's bonus of a quarter: without one the policy is not published."""
    for name in TEAM:
        employee = world.employee(name)
        world.session.add(
            PayStandard(employee_id=employee.id, code="quarter_bonus", value=Decimal(3000), from_on=date(2026, 1, 1))
        )
    world.session.flush()


def open_period(world: World, period: str) -> Cycle:
    department = world.departments()["电商部"]
    opened = cycle.open_cycle(world.act("hr"), department, period).cycle
    world.session.commit()
    return opened


def of(world: World, name: str, period: str) -> Appraisal:
    world.fresh()
    query = select(Appraisal).join(Cycle).where(Cycle.period == period)
    return world.session.scalars(query.where(Appraisal.employee_id == world.employee(name).id)).one()


@pytest.fixture
def quarter(published: World) -> World:
    """4 January 2027: October is reviewed, the fourth quarter is opened, nothing is compiled."""
    publish_quarterly(published)
    published.clock.go_to(JANUARY)
    open_period(published, "2026-Q4")
    return published


def compile_all(world: World, period: str = "2026-Q4") -> str:
    opened = world.session.scalars(select(Cycle).where(Cycle.period == period)).one()
    return world.sign_in("hr").post(f"/cycles/{opened.id}/take-means")


def test_a_quarter_takes_the_mean_of_its_reviewed_months(quarter: World) -> None:
    before = of(quarter, "cs", "2026-10").score
    assert "已汇总" in compile_all(quarter)
    month = of(quarter, "cs", "2026-Q4")
    assert (month.state, month.score) == ("department_review", before)
    page = quarter.sign_in("cs").get(f"/appraisals/{month.id}")
    assert "各月得分" in page
    assert f"{before:.2f}" in page


def test_a_quarter_with_an_open_month_waits_and_says_for_which(quarter: World) -> None:
    quarter.session.execute(
        Appraisal.__table__.update()  # type: ignore[attr-defined]
        .where(Appraisal.id == of(quarter, "cs", "2026-10").id)
        .values(state="sampling", reviewed_by_id=None)
    )
    quarter.session.commit()
    page = compile_all(quarter)
    assert "这些月份还没有复核：2026-10" in page
    assert of(quarter, "cs", "2026-Q4").state == "self_assessment"
    assert of(quarter, "cs2", "2026-Q4").state == "department_review"


def test_who_has_no_reviewed_month_gets_no_zero(quarter: World) -> None:
    shipper = quarter.departments()["发货部"]
    early = Act(quarter.session, quarter.act("hr").actor, quarter.clock.now())
    assert cycle.open_cycle(early, shipper, "2026-Q4").created == 0  # no quarterly policy names 发货部
    people.assign(
        quarter.act("hr"),
        quarter.employee("shipper"),
        people.Post(
            quarter.departments()["客服部"].id,
            of(quarter, "cs", "2026-Q4").position_id,
            quarter.employee("lead").id,
            date(2026, 12, 1),
        ),
    )
    assert quarter.session.scalars(select(Appraisal).where(Appraisal.score == Decimal(0))).first() is None


def test_nobody_compiles_his_own_quarter_and_nobody_scores_one_by_hand(quarter: World) -> None:
    opened = quarter.session.scalars(select(Cycle).where(Cycle.period == "2026-Q4")).one()
    quarter.sign_in("head").post(f"/cycles/{opened.id}/take-means", status=403)
    cs = quarter.sign_in("cs")
    assert cs.client.get("/my/2026-Q4").status_code == 303
    answer = cs.client.post(
        "/my/2026-Q4/submit", data={"csrf_token": cs.token(), "version": of(quarter, "cs", "2026-Q4").version}
    )
    assert answer.status_code in (303, 409)
    assert of(quarter, "cs", "2026-Q4").state == "self_assessment"


def test_the_quarter_has_its_four_classes_published_and_its_bonus_paid_within_a_month(quarter: World) -> None:
    compile_all(quarter)
    for name in TEAM:
        month = of(quarter, name, "2026-Q4")
        quarter.sign_in("gm" if name == "head" else "head").post(
            f"/appraisals/{month.id}/pass_review", {"back": "/inbox"}
        )
    flags = {one.appraisal_id: one.label for one in quarter.session.scalars(select(MonthFlag))}
    month = of(quarter, "cs2", "2026-Q4")
    assert month.score is not None
    assert flags[month.id] == ("高绩效员工" if month.score >= 90 else "达标员工")
    opened = quarter.session.scalars(select(Cycle).where(Cycle.period == "2026-Q4")).one()
    assert opened.payday <= date(2027, 1, 31)
    assert flags[month.id] in quarter.sign_in("hr").get(f"/publications/{opened.id}")


def test_the_quarters_bonus_is_the_standard_times_the_score(quarter: World) -> None:
    compile_all(quarter)
    month = of(quarter, "cs", "2026-Q4")
    quarter.sign_in("head").post(f"/appraisals/{month.id}/pass_review", {"back": "/inbox"})
    post_results(quarter, month.cycle)
    quarter.clock.go_to(date(2027, 1, 15))
    appraisal.end_publication(quarter.act("hr"), of(quarter, "cs", "2026-Q4"))
    kept = pay.release(quarter.act("hr"), of(quarter, "cs", "2026-Q4"))
    quarter.session.commit()
    assert kept.total_fen == int(Decimal(3000) * (month.score or 0))
    assert quarter.session.scalars(select(PayResult)).one().total_fen == kept.total_fen


@pytest.fixture
def year(published: World) -> World:
    """4 January 2027: the year 2026 is opened for the department and its scores are compiled."""
    published.clock.go_to(JANUARY)
    opened = open_period(published, "2026")
    compile_all(published, "2026")
    bonus_pool.open_pool(published.act("head"), opened)
    published.session.commit()
    return published


def year_pool(world: World) -> BonusPool:
    world.fresh()
    return world.session.scalars(select(BonusPool)).one()


def test_the_annual_pool_is_a_plus_b_plus_c_times_the_policys_amount(year: World) -> None:
    pool = year_pool(year)
    head = year.sign_in("head")
    page = head.get(f"/bonus-pools/{pool.id}")
    assert "A 部分完成率" in page
    parts = {"part_A": "30", "part_B": "35", "part_C": "25", "basis": "年度报表第 3 号"}
    head.post(f"/bonus-pools/{pool.id}/completion", parts)
    pool = year_pool(year)
    assert (pool.pool_fen, pool.rate, pool.payable_fen) == (11_200_000, Decimal("0.9"), 10_080_000)
    missing = head.post(f"/bonus-pools/{pool.id}/completion", {**parts, "part_B": ""}, status=422)
    assert "没有填写不等于 0" in missing
    assert 'value="30"' in missing


def test_who_left_before_the_cutoff_has_no_share_and_the_sum_stays(year: World) -> None:
    people.leave(year.act("hr"), year.employee("cs"), date(2027, 1, 29), "个人原因")
    people.leave(year.act("hr"), year.employee("cs2"), date(2027, 1, 30), "个人原因")
    year.session.commit()
    pool = year_pool(year)
    parts = {"A": Decimal("0.3"), "B": Decimal("0.4"), "C": Decimal("0.3")}
    bonus_pool.enter_completion(year.act("head"), pool, parts, "年度报表第 3 号")
    split = pool_split.propose_split(year.act("head"), pool, "score")
    shares = {one.employee.number: one.share_fen for one in pool_split.shares_of(year.act("head"), split.id)}
    assert year.employee("cs").number not in shares
    assert year.employee("cs2").number in shares
    assert sum(shares.values()) == 11_200_000


def test_a_quarter_of_its_own_is_assessed_scored_and_reviewed(published: World) -> None:
    early = Act(published.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))
    set_standards(published)
    publish_shipped(early, ("d13-quarterly-bonus",), {"quarter_score": "own"})
    published.clock.go_to(JANUARY)
    open_period(published, "2026-Q4")
    month, cs, lead = of(published, "cs", "2026-Q4"), published.act("cs"), published.act("lead")
    items = policy_of(month).kpi
    draft = Draft(tuple(ItemScore(one.code, Decimal(20)) for one in items), None, "本季度小结")
    save_self_assessment(cs, month, draft)
    appraisal.submit(cs, month)
    score_items(lead, month, tuple(ItemScore(one.code, Decimal(24)) for one in items))
    appraisal.close_scores(lead, month)
    assert (month.self_score, month.supervisor_score, month.score) == (Decimal(80), Decimal(96), Decimal(92))
    appraisal.pass_review(published.act("head"), month)
    assert month.state == "publication"


def test_whom_the_company_let_go_waits_for_hr_and_the_split_with_him(year: World) -> None:
    people.leave(year.act("hr"), year.employee("cs"), date(2027, 1, 20), "部门裁撤", "company")
    pool, head, hr = year_pool(year), year.act("head"), year.act("hr")
    parts = {"A": Decimal("0.3"), "B": Decimal("0.4"), "C": Decimal("0.3")}
    bonus_pool.enter_completion(head, pool, parts, "年度报表第 3 号")
    pool_split.propose_split(head, pool, "equal")
    with pytest.raises(NotAllowed, match="公司提出离职的人是否参加分配，须由人事先写明决定：马骏"):
        bonus_pool.submit_split(head, pool)
    assert any("请决定 马骏 是否参加" in task.text % task.params for task in tasks_of(hr))
    year.session.commit()
    page = year.sign_in("hr").get(f"/bonus-pools/{pool.id}")
    assert "部门裁撤" in page
    assert "已决定" not in page
    told = {"employee": year.employee("cs").id, "keeps": "yes", "reason": ""}
    assert "请写明理由" in year.sign_in("hr").post(f"/bonus-pools/{pool.id}/leavers", told)
    year.sign_in("head").post(f"/bonus-pools/{pool.id}/leavers", {**told, "reason": "可以"}, status=403)
    kept = {**told, "reason": "已做满全年，非本人过错"}
    assert "决定已记录" in year.sign_in("hr").post(f"/bonus-pools/{pool.id}/leavers", kept)
    year.sign_in("hr").post(f"/bonus-pools/{pool.id}/leavers", kept, status=409)
    pool = year_pool(year)
    assert "马骏" in pool_split.outdated(year.act("head"), pool)
    split = pool_split.propose_split(year.act("head"), pool, "equal")
    shares = {one.employee.number for one in pool_split.shares_of(year.act("head"), split.id)}
    assert year.employee("cs").number in shares
    assert leavers_to_decide(year.act("hr"), pool) == []


def test_a_month_cannot_be_compiled_and_a_wrong_period_is_told(year: World) -> None:
    october = year.session.scalars(select(Cycle).where(Cycle.period == "2026-10")).first()
    assert october is not None
    hr = year.sign_in("hr")
    assert "已汇总 0 人" in hr.post(f"/cycles/{october.id}/take-means")
    again = hr.post("/cycles/open", {"department": october.department_id, "period": "2026-Q5"}, status=422)
    assert re.search("2026-Q4 或 2026", again)


def test_the_class_is_on_the_quarters_page_for_whom_it_concerns(quarter: World) -> None:
    compile_all(quarter)
    month = of(quarter, "cs", "2026-Q4")
    quarter.sign_in("head").post(f"/appraisals/{month.id}/pass_review", {"back": "/inbox"})
    quarter.fresh()
    label = quarter.session.scalars(select(MonthFlag).where(MonthFlag.appraisal_id == month.id)).one().label
    assert label in quarter.sign_in("cs").get(f"/appraisals/{month.id}")
    quarter.sign_in("cs2").get(f"/appraisals/{month.id}", status=404)
