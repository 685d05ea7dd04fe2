"""Year-end awards that somebody has taken are facts beside the annual pool; nothing is paid for them by itself (R130)."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from sqlalchemy import select

from approval.models.advice import Advice
from approval.models.bonus_pool import BonusPool
from approval.services import bonus_pool
from tests.app_fixtures import ZONE, World
from tests.quarter.test_quarter_and_year import compile_all, of, open_period

WORDS = "只供参考，由人酌情决定；不会自动发放任何金额"


@pytest.fixture
def year(published: World) -> World:
    published.clock.go_to(date(2027, 1, 4))
    opened = open_period(published, "2026")
    compile_all(published, "2026")
    bonus_pool.open_pool(published.act("head"), opened)
    published.session.commit()
    return published


def advise(world: World, name: str, state: str) -> None:
    month = of(world, name, "2026-10")
    row = Advice(employee_id=month.employee_id, appraisal_id=month.id, streak="award", kind="year_end_award_advice")
    row.months = json.dumps([["2026-07", "80.00"], ["2026-08", "93.00"], ["2026-09", "95.50"], ["2026-10", "96.00"]])
    row.proposed_at, row.state = datetime(2026, 11, 9, tzinfo=ZONE), state
    if state != "proposed":
        row.decided_by_id, row.decided_at = world.employee("hr").id, datetime(2026, 11, 10, tzinfo=ZONE)
        row.decision = "三个月优秀，年会上表彰"
    world.session.add(row)
    world.session.commit()


def pool_id(world: World) -> int:
    world.fresh()
    number = world.session.scalars(select(BonusPool)).one().id
    world.session.commit()
    return number


def test_a_taken_award_is_listed_for_the_head_and_the_general_manager_with_its_months(year: World) -> None:
    advise(year, "cs2", "taken")
    advise(year, "cs", "dropped")
    advise(year, "copy", "proposed")
    number = pool_id(year)
    for name, page in (("head", "bonus-pools"), ("gm", "bonus-pools"), ("gm", "approvals")):
        told = year.sign_in(name).get(f"/{page}/{number}")
        assert WORDS in told, page
        assert "三个月优秀，年会上表彰" in told
        assert "本年已采纳的年终奖励建议（1 人）" in told
        assert "95.50" in told
        assert "80.00" not in told
    assert pool_of_fen(year) is None


def pool_of_fen(world: World) -> int | None:
    return world.session.scalars(select(BonusPool)).one().payable_fen


def test_a_pool_of_a_month_or_a_year_without_awards_says_nothing_of_them(year: World) -> None:
    assert WORDS not in year.sign_in("gm").get(f"/bonus-pools/{pool_id(year)}")
