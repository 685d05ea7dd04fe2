"""待办: the home of each role says what waits, until when, and leads there with one button."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from approval.models.departments import head_of, structure_on
from approval.models.people import OFFICES, Department
from approval.services.act import Act, Actor
from approval.services.desks import tasks_of
from approval.services.inbox import awaited_of
from approval.services.waiting import Waiting
from tests.app_fixtures import ZONE, World
from tests.month.test_6_payout import batch_of, pay_out
from tests.schema import create_schema
from tests.stages import TEAM, assess, cycle_of, score


def tasks(world: World, name: str) -> list[str]:
    return [task.text % task.params for task in tasks_of(world.act(name))]


def test_on_the_first_day_of_assessment_everybody_has_one_thing_to_do(world: World) -> None:
    page = world.sign_in("cs").get("/inbox")
    assert "填写并提交 2026年10月 自评" in page
    assert "截止" in page
    assert 'href="/my/2026-10"' in page
    assert tasks(world, "auditor") == []
    assert "现在没有等您处理的事" in world.sign_in("auditor").get("/inbox")


def test_the_root_leads_to_the_inbox(world: World) -> None:
    answer = world.sign_in("cs").client.get("/")
    assert (answer.status_code, answer.location) == (302, "/inbox")


def test_weeks_without_a_draw_and_open_samples_wait_for_the_supervisor(world: World) -> None:
    told = tasks(world, "lead")
    assert "2026-09-28 那一周有 4 人还没有抽样" in told
    assert not [one for one in told if "提交 马骏" in one]
    assess(world, "cs")
    score(world, "cs")
    world.session.commit()
    assert "2026-09-28 那一周有 3 人还没有抽样" in tasks(world, "lead")


def test_what_one_hands_on_is_listed_with_who_holds_it(world: World) -> None:
    assess(world, "cs")
    world.session.commit()
    page = world.sign_in("cs").get("/inbox?show=started")
    assert "2026年10月 自评已提交，等主管评分" in page
    assert "现在没有等您处理的事" in world.sign_in("cs").get("/inbox")
    score(world, "cs")
    world.session.commit()
    assert "等部门负责人复核" in world.sign_in("lead").get("/inbox?show=started")


def test_reviews_wait_for_the_head_and_the_heads_own_for_the_general_manager(closed: World) -> None:
    assert f"电商部 2026-10 有 {len(TEAM) - 1} 人等您复核" in tasks(closed, "head")
    assert "电商部 2026-10 有 1 人等您复核" in tasks(closed, "gm")
    assert not [one for one in tasks(closed, "other_head") if "等您复核" in one and "电商部" in one]
    assert not [one for one in tasks(closed, "cs") if "复核" in one]


def test_a_publication_that_is_over_waits_for_its_end(published: World) -> None:
    assert not [one for one in tasks(published, "hr") if "结束公示" in one]
    published.clock.go_to(date(2026, 11, 9))
    told = "电商部 2026-10 有 6 人公示期已满，可以结束公示"
    assert told in tasks(published, "hr")
    assert told in tasks(published, "head")


def test_the_split_waits_for_the_head(ended: World) -> None:
    assert "设计 电商部 2026-10 奖金分配方案" in tasks(ended, "head")


def test_a_submitted_split_waits_for_the_general_manager(submitted: World) -> None:
    assert "批准 电商部 2026-10 奖金分配" in tasks(submitted, "gm")
    held = [task.text % task.params for task in awaited_of(submitted.act("head"))]
    assert "电商部 2026-10 奖金分配已提交，等总经理批准" in held


def test_the_money_goes_from_desk_to_desk(prepared: World) -> None:
    number = batch_of(prepared).number
    assert f"签发发放批次 {number}" in tasks(prepared, "gm")
    held = [task.text % task.params for task in awaited_of(prepared.act("finance"))]
    assert f"发放批次 {number} 等总经理签发" in held
    pay_out(prepared)
    assert "签收 2026-10 工资条" in tasks(prepared, "cs")
    assert not [one for one in tasks(prepared, "finance") if number in one]


def test_attendance_and_figures_that_lack_wait_for_those_who_bring_them(world: World) -> None:
    assert "电商部 2026-10 还缺 6 人的考勤" in tasks(world, "hr")
    figures = [one for one in tasks(world, "data") if "业务数据" in one]
    assert figures
    assert figures == [one for one in tasks(world, "hr") if "业务数据" in one]
    world.clock.go_to(date(2026, 10, 20))
    assert not [one for one in tasks(world, "hr") if "还缺" in one]


def test_done_things_are_listed_by_name_once(submitted: World) -> None:
    page = submitted.sign_in("head").get("/inbox?show=done")
    assert "提交分配方案" in page
    assert "电商部 2026年10月" in page
    assert f"/bonus-pools/{cycle_of(submitted).id}" in page


def test_letters_are_read_when_their_reader_says_so(published: World) -> None:
    own = published.sign_in("cs")
    assert "考核结果已公示" in own.get("/inbox")
    assert "全部标为已读" in own.text
    assert "全部标为已读" not in own.post("/inbox/read")
    assert "考核结果已公示" in own.text


@pytest.mark.parametrize("name", ["cs", "lead", "head", "gm", "hr", "finance", "data", "auditor"])
def test_every_link_of_every_desk_leads_somewhere(closed: World, name: str) -> None:
    browser = closed.sign_in(name)
    for task in (*tasks_of(closed.act(name)), *awaited_of(closed.act(name))):
        assert browser.get(task.link)


@pytest.mark.parametrize("stage", ["world", "closed", "published", "ended", "submitted", "prepared"])
def test_an_inbox_costs_at_most_eight_statements_for_everybody_at_every_step(
    stage: str, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(stage)
    world.clock.go_to(date(2026, 11, 9))
    asked = {}
    for name in ("cs", "lead", "head", "gm", "hr", "finance", "data", "auditor"):
        browser = world.sign_in(name)
        world.session.expire_all()
        asked[name] = world.statements(lambda browser=browser: browser.get("/inbox"))  # type: ignore[misc]
    assert max(asked.values()) <= 8, asked


def test_every_office_is_asked_on_postgresql_too(fresh_postgres_url: str) -> None:
    engine = create_engine(fresh_postgres_url)
    create_schema(engine)
    for office in (None, *OFFICES):
        offices = frozenset() if office is None else frozenset({office})
        with Session(engine) as session:
            actor = Actor(1, offices, frozenset({1}) if office == "department_head" else frozenset())
            assert Waiting(Act(session, actor, datetime(2026, 11, 9, 10, tzinfo=ZONE))).rows == {}, office
    engine.dispose()


def test_all_heads_at_once_are_the_heads_one_by_one(world: World) -> None:
    today = date(2026, 11, 2)
    units, structure = world.session.scalars(select(Department)).all(), structure_on(world.session, today)
    at_once = {one.id: structure.head(one.id) for one in units}
    assert at_once == {one.id: head_of(world.session, one.id, today) for one in units}
    assert set(at_once.values()) == {None, world.employee("head").id, world.employee("other_head").id}
