"""Stories of every kind of payslip: a month with a transfer, a bonus plan beside, records and adjustments; a quarter with a
void; a year with its pool; linear pay. Each is told once and copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.figures import Attendance, Figure, RewardPenalty
from approval.models.people import Account, PayStandard
from approval.models.policy import PolicyVersion
from approval.rules.table import Cell, Row, Table
from approval.services import (
    appraisal,
    beside,
    bonus_pool,
    bonus_void,
    cycle,
    figures,
    means,
    pay,
    payout,
    people,
    pool_split,
    segments,
    self_assessment,
    sheets,
)
from approval.services.act import Act, Actor
from approval.services.rulebook import policy_of
from approval.services.self_assessment import Draft, ItemScore
from approval.services.versions import policy_with_readings
from tests.app_fixtures import FIRST, PERIOD, ZONE, World, publish_shipped
from tests.quarter.test_quarter_and_year import publish_quarterly
from tests.services.test_beside import GROWTH, PLAN, STANDARDS, early
from tests.services.test_segments import move
from tests.stages import (
    AFTER_PUBLICATION,
    TEAM,
    approve_and_release,
    close_everything,
    end_everything,
    post_results,
    prepare_batch,
    propose_and_submit,
    publish_everything,
    world_at,
)
from tests.stages import _clock_on as clock_on
from tests.stages import _made as made

JANUARY = date(2027, 1, 4)
COLLECTIONS = (
    ("云客商贸", "5000", "普通", "20%"),
    ("远山电子", "6000.55", "普通", "8%"),
    ("远山电子", "3000", "普通", "30%"),
    ("南桥文创", "8000", "高利润", "40%"),
)


def bring_collections(world: World) -> None:
    heads = ("工号", "月份", "客户", "金额", "产品类型", "利润率")
    rows = tuple(Row(n, tuple(map(Cell, ("E1031", PERIOD, *one)))) for n, one in enumerate(COLLECTIONS, 2))
    act = world.act("data")
    checked = sheets.check_sheet(act, "collections", Table(heads, rows))
    assert [str(one) for one in checked.problems] == []
    sheets.take_in(act, sheets.keep_pending(act, checked, "十月回款.xlsx", b"rows"), checked)


def reward(world: World, name: str, fen: int, reason: str) -> None:
    row = RewardPenalty(employee_id=world.employee(name).id, period=PERIOD, amount_fen=fen, reason=reason)
    row.entered_by_id, row.evidence = world.employee("hr").id, "PZ-7"
    world.session.add(row)
    world.session.flush()
    figures.confirm_reward(world.act("finance"), row)


def plan_beside(world: World) -> None:
    """The bonus plan is added to the month of one service agent, and of whoever changes his post from now on."""
    for code, value in STANDARDS.items():
        for name in TEAM:
            person = world.employee(name).id
            world.session.add(PayStandard(employee_id=person, code=code, value=Decimal(value), from_on=FIRST))
    world.session.flush()
    publish_shipped(early(world), (PLAN,))
    version = world.session.scalars(select(PolicyVersion).where(PolicyVersion.code == "gradient-bonus")).one()
    beside.follow_plans(world.act("hr"), world.month("cs"), [(version, policy_with_readings(version))])
    for name, (code, grown) in product(("cs", "copy"), GROWTH.items()):
        world.session.add(Figure(employee_id=world.employee(name).id, period=PERIOD, code=code, value=Decimal(grown)))
    profit = Figure(employee_id=world.employee("cs").id, period=PERIOD, code="product_profit", value=Decimal(9000))
    world.session.add(profit)


def rich_month(world: World) -> None:
    """October with everything that a month can hold, its batch prepared."""
    plan_beside(world)
    move(world, "copy", "Y-1")
    bring_collections(world)
    close_everything(world)
    late = world.session.scalars(select(Attendance).where(Attendance.employee_id == world.employee("ops").id)).one()
    late.late = 3
    hr, month = world.act("hr"), world.month("copy")
    first, second = segments.segments_of(hr, month)
    segments.enter_days(hr, month, {first.id: Decimal(10), second.id: Decimal(8)})
    reward(world, "cs2", 10_000, "客户书面表扬")
    reward(world, "ops", 50_000, "大促支援")
    publish_everything(world)
    end_everything(world)
    propose_and_submit(world)
    approve_and_release(world)
    prepare_batch(world)


def open_in_january(world: World, period: str) -> Cycle:
    world.clock.go_to(JANUARY)
    return cycle.open_cycle(world.act("hr"), world.departments()["电商部"], period).cycle


def through_to_release(world: World, opened: Cycle, *, share: bool) -> None:
    for name in there(world, opened):
        means.take_means(world.act("hr"), of(world, name, opened))
        appraisal.pass_review(world.act("gm" if name == "head" else "head"), of(world, name, opened))
    post_results(world, opened)
    world.clock.go_to(date(2027, 1, 15))
    for name in there(world, opened):
        appraisal.end_publication(world.act("hr"), of(world, name, opened))
    if share:
        pool = bonus_pool.open_pool(world.act("head"), opened)
        parts = {"A": Decimal("0.3"), "B": Decimal("0.4"), "C": Decimal("0.21")}
        bonus_pool.enter_completion(world.act("head"), pool, parts, "年度报表第 3 号")
        pool_split.propose_split(world.act("head"), pool, "score")
        bonus_pool.submit_split(world.act("head"), pool)
        pool = world.session.scalars(select(BonusPool)).one()
        assert pool.split is not None
        bonus_pool.approve_split(world.act("gm"), pool, pool.split.fingerprint)


def there(world: World, opened: Cycle) -> list[str]:
    """Who has an appraisal in a period, by short name."""
    query = select(Appraisal.employee_id).where(Appraisal.cycle_id == opened.id)
    people_there = set(world.session.scalars(query))
    return [name for name in TEAM if world.employee(name).id in people_there]


def of(world: World, name: str, opened: Cycle) -> Appraisal:
    query = select(Appraisal).where(Appraisal.cycle_id == opened.id)
    return world.session.scalars(query.where(Appraisal.employee_id == world.employee(name).id)).one()


def finish(world: World, opened: Cycle) -> None:
    for name in there(world, opened):
        pay.release(world.act("gm" if name == "head" else "hr"), of(world, name, opened))
    payout.prepare_payout(world.act("finance"), opened)


def quarter_with_a_void(world: World) -> None:
    publish_quarterly(world)
    opened = open_in_january(world, "2026-Q4")
    through_to_release(world, opened, share=False)
    month = of(world, "cs2", opened)
    void = bonus_void.enter_void(world.act("hr"), month, "刷单虚增评分，调查结论第 4 号", "DC-4")
    bonus_void.confirm_void(world.act("gm"), void)
    finish(world, opened)


def year_with_its_pool(world: World) -> None:
    opened = open_in_january(world, "2026")
    through_to_release(world, opened, share=True)
    finish(world, opened)


def linear_month(world: World) -> None:
    """Two planners under D15: one above 90, one below 70."""
    act = Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))
    unit = people.add_department(act, "电子商务企划部")
    hash_ = world.session.scalars(select(Account.password_hash)).first() or ""
    post = world.month("copy").position_id
    for number, name in (("P0001", "方晴"), ("P0002", "唐力")):
        person = people.engage(act, number, name, FIRST)
        people.assign(act, person, people.Post(unit.id, post, world.employee("lead").id, FIRST))
        world.session.add(Account(employee_id=person.id, password_hash=hash_, must_change_password=False))
        people.set_pay_standard(act, person, "wage", Decimal("5321.00"), FIRST)
        world.numbers[number] = number
    people.appoint(act, world.employee("other_head"), "department_head", FIRST, unit)
    publish_shipped(act, ("d15-planning-linear",))
    october = Act(act.session, act.actor, datetime(2026, 10, 1, 9, tzinfo=ZONE))
    opened = cycle.open_cycle(october, unit, PERIOD).cycle
    for number, less in (("P0001", 1), ("P0002", 12)):
        month, own = world.month(number), world.act(number)
        items = tuple(ItemScore(one.code, one.max - less) for one in policy_of(month).kpi)
        self_assessment.save_self_assessment(own, month, Draft(items, None, "本月小结"))
        appraisal.submit(own, month)
        self_assessment.score_items(world.act("lead"), month, items)
        appraisal.close_scores(world.act("lead"), month)
        appraisal.pass_review(world.act("other_head"), month)
    post_results(world, opened)
    world.clock.go_to(AFTER_PUBLICATION)
    for number in ("P0001", "P0002"):
        appraisal.end_publication(world.act("hr"), world.month(number))
        pay.release(world.act("gm"), world.month(number))
    payout.prepare_payout(world.act("finance"), opened)


STORIES = {
    "rich": (rich_month, date(2026, 11, 2), AFTER_PUBLICATION),
    "quarter": (quarter_with_a_void, JANUARY, date(2027, 1, 15)),
    "year": (year_with_its_pool, JANUARY, date(2027, 1, 15)),
    "linear": (linear_month, date(2026, 11, 2), AFTER_PUBLICATION),
}


@contextmanager
def told(files: dict[str, Path], kind: str, folder: Path) -> Iterator[World]:
    """The company after the story of a kind, its batch prepared."""
    story, day, after = STORIES[kind]
    begun = files["published"] if kind in ("quarter", "year") else files["founded"]
    path = begun.with_name(f"every-{kind}.db")
    if not path.exists():
        made(begun, path.stem, story, day)
    copy = folder / "company.db"
    copy.write_bytes(path.read_bytes())
    with world_at(copy, clock_on(after)) as world:
        world.numbers |= {"P0001": "P0001", "P0002": "P0002"}
        yield world


@pytest.fixture(scope="session")
def story_files(founded: Path, published_file: Path) -> dict[str, Path]:
    return {"founded": founded, "published": published_file}
