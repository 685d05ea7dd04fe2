"""A company that starts within the year: its quarter and its year are not empty, and everybody is told what was taken."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import LeftOut
from approval.models.policy import PolicyVersion
from approval.rules.policy import shipped_text
from approval.services import appraisal, bonus_pool, people, policy, pool_split
from approval.services.act import Act, Actor
from approval.services.appraisal import conclude
from approval.services.rulebook import policies_in
from tests.app_fixtures import ZONE, World
from tests.quarter.test_quarter_and_year import JANUARY, compile_all, of, open_period, publish_quarterly
from tests.stages import TEAM, post_results
from workflows.engine import NotAllowed


def begin_on(world: World, day: date, *codes: str) -> None:
    """Let policies have begun on a later day than they did."""
    query = select(PolicyVersion)
    for version in world.session.scalars(query.where(PolicyVersion.code.in_(codes)) if codes else query):
        version.effective_from = day
    world.session.commit()


@pytest.fixture
def young(published: World) -> World:
    """4 January 2027: every policy of the company began on 10 August 2026."""
    publish_quarterly(published)
    begin_on(published, date(2026, 8, 10))
    published.clock.go_to(JANUARY)
    return published


def test_a_year_takes_the_policies_that_began_within_it(young: World) -> None:
    opened = open_period(young, "2026")
    assert young.session.scalars(select(LeftOut).where(LeftOut.cycle_id == opened.id)).all() == []
    month = of(young, "cs", "2026")
    assert month.policy_version.code == "ec-department"
    start = select(AuditEntry).where(AuditEntry.stream == month.stream, AuditEntry.action == "appraisal:start")
    assert json.loads(young.session.scalars(start).one().record)["body"]["began_later"] == "2026-08-10"
    page = young.sign_in("hr").get(f"/cycles/{opened.id}")
    assert "2026-08-10 起执行" in page
    assert "取期内最先执行的一版" in page
    assert "晚于这一期的第一天" in young.sign_in("cs").get(f"/appraisals/{month.id}/log")


def test_a_quarter_takes_a_bonus_plan_that_began_within_it(young: World) -> None:
    begin_on(young, date(2026, 11, 1), "quarterly-bonus", "quarterly-category")
    open_period(young, "2026-Q4")
    assert of(young, "cs", "2026-Q4").policy_version.code == "quarterly-bonus"


def test_a_policy_that_begins_after_the_end_is_never_taken(young: World) -> None:
    begin_on(young, date(2027, 1, 1))
    opened = open_period(young, "2026")
    assert policies_in(young.session, "2026") == []
    left = young.session.scalars(select(LeftOut).where(LeftOut.cycle_id == opened.id)).all()
    assert len(left) == len(TEAM)
    assert "2026" in json.loads(left[0].params)["period"]


def test_a_month_keeps_to_the_policy_of_its_first_day(young: World) -> None:
    assert policies_in(young.session, "2026-08") == []
    assert policies_in(young.session, "2026-Q3") != []
    assert {version.code for version, _ in policies_in(young.session, "2026-09")} >= {"ec-department"}


def test_of_several_versions_the_first_one_counts(young: World) -> None:
    hr = young.employee("hr")
    later = Act(young.session, Actor(hr.id, frozenset({"hr"})), datetime(2026, 9, 1, 9, tzinfo=ZONE))
    text = shipped_text("d01-ec-department").replace("to_fill = true", 'note = "公司"')
    second = policy.draft_policy(later, text, {}, date(2026, 10, 1))
    second.state, second.published_at = "published", later.at
    young.session.commit()
    numbers = {one.number for one, _ in policies_in(young.session, "2026") if one.code == "ec-department"}
    assert numbers == {1}
    numbers = {one.number for one, _ in policies_in(young.session, "2026-Q4") if one.code == "ec-department"}
    assert numbers == {second.number}


def test_what_was_in_force_from_the_beginning_goes_before_what_began_later(published: World) -> None:
    publish_quarterly(published)
    begin_on(published, date(2026, 11, 1), "quarterly-category")
    published.clock.go_to(JANUARY)
    open_period(published, "2026-Q4")
    assert of(published, "cs", "2026-Q4").policy_version.code == "quarterly-bonus"


def test_who_joined_within_the_year_has_his_place_in_it(young: World) -> None:
    act = young.act("hr")
    fresh = people.engage(act, "E1099", "新同事", date(2026, 9, 1))
    desk, supervisor = of_post(young), young.employee("lead").id
    people.assign(act, fresh, people.Post(young.departments()["客服部"].id, desk, supervisor, date(2026, 9, 1)))
    young.session.commit()
    opened = open_period(young, "2026")
    assert fresh.id in {one.employee_id for one in cycle_months(young, opened.id)}


def of_post(world: World) -> int:
    return world.month("cs").position_id


def cycle_months(world: World, cycle_id: int) -> list[Appraisal]:
    return list(world.session.scalars(select(Appraisal).where(Appraisal.cycle_id == cycle_id)))


def split_of(world: World) -> dict[str, int]:
    """The year compiled, its pool of 112,000 split equally, by number."""
    opened = open_period(world, "2026")
    compile_all(world, "2026")
    bonus_pool.open_pool(world.act("head"), opened)
    world.session.commit()
    pool = world.session.scalars(select(BonusPool)).one()
    parts = {"A": Decimal("0.3"), "B": Decimal("0.4"), "C": Decimal("0.3")}
    bonus_pool.enter_completion(world.act("head"), pool, parts, "年度报表第 3 号")
    split = pool_split.propose_split(world.act("head"), pool, "equal")
    return {one.employee.number: one.share_fen for one in pool_split.shares_of(world.act("head"), split.id)}


def test_the_head_shares_in_the_annual_pool_which_is_for_everybody(young: World) -> None:
    shares = split_of(young)
    assert set(shares) == {young.employee(name).number for name in TEAM}
    assert sum(shares.values()) == 11_200_000
    pool = young.session.scalars(select(BonusPool)).one()
    young.session.commit()
    assert "负责人本人" in young.sign_in("gm").get(f"/bonus-pools/{pool.id}")


def test_a_pool_without_the_head_leaves_him_out_of_the_split(young: World) -> None:
    for version in young.session.scalars(select(PolicyVersion).where(PolicyVersion.code == "ec-department")):
        version.choices = json.dumps({**json.loads(version.choices), "head_shares": "no"})
    young.session.commit()
    shares = split_of(young)
    assert young.employee("head").number not in shares
    assert sum(shares.values()) == 11_200_000


def test_a_monthly_pay_policy_still_leaves_the_head_out_of_its_months(young: World) -> None:
    assert of(young, "head", "2026-10").policy_version.code != "ec-department"


def test_a_year_that_comes_to_its_pool_alone_is_never_sent_on_without_it(young: World) -> None:
    opened = open_period(young, "2026")
    compile_all(young, "2026")
    for name in TEAM:
        appraisal.pass_review(young.act("gm" if name == "head" else "head"), of(young, name, "2026"))
    post_results(young, opened)
    young.session.commit()
    young.clock.go_to(date(2027, 1, 11))
    for name in TEAM:
        appraisal.end_publication(young.act("hr"), of(young, name, "2026"))
    number = opened.id
    young.session.commit()
    assert f"/bonus-pools/without/{number}" not in young.sign_in("head").get("/bonus-pools")
    assert "总经理还没有批准奖金分配" in young.sign_in("head").post(f"/bonus-pools/without/{number}")
    assert of(young, "cs", "2026").state == "split_approval"


def test_a_year_with_a_pool_is_never_concluded_without_it(young: World) -> None:
    open_period(young, "2026")
    month = of(young, "cs", "2026")
    with pytest.raises(NotAllowed):
        conclude(young.act("hr"), month)
