"""The draw and the scores below the pages: seeds, populations, who may, and what a stale score meets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from approval.models.appraisal import Appraisal
from approval.models.sampling import Draw, Sample, WorkItem
from approval.rules.calendar import Week
from approval.rules.refusal import Refused
from approval.services import draw_proof
from approval.services import sampling as service
from approval.services.act import SYSTEM, Act
from approval.services.facts import weeks_of
from approval.services.step import Conflict
from tests.app_fixtures import World
from workflows.engine import NotAllowed

MONDAY = date(2026, 10, 19)


def week_with(world: World, count: int, name: str = "cs") -> tuple[Act, Appraisal, Week]:
    """A supervisor's act, a person's month, and a week of it with so many records."""
    act, month = world.act("lead"), world.month(name)
    for n in range(count):
        item = WorkItem(employee_id=month.employee_id, kind="customers", code=f"C-{n:02}", title="咨询")
        item.happened_on = MONDAY + timedelta(days=n % 7)
        act.session.add(item)
    act.session.flush()
    return act, month, next(one.week for one in weeks_of(act, month) if one.week.monday == MONDAY)


def drawn(world: World, count: int) -> tuple[Act, Appraisal, Draw, tuple[Sample, ...]]:
    act, month, week = week_with(world, count)
    draw = service.record_seed(act, month, week)
    return act, month, draw, service.draw_sample(act, month, week, draw)


def test_a_seed_is_recorded_once(world: World) -> None:
    act, month, week = week_with(world, 6)
    first = service.record_seed(act, month, week, lambda: "a" * 32)
    assert service.record_seed(act, month, week, lambda: "b" * 32).seed == first.seed == "a" * 32


def test_the_weekly_clock_may_draw_and_the_employee_may_not(world: World) -> None:
    act, month, week = week_with(world, 6)
    with pytest.raises(NotAllowed):
        service.record_seed(Act(act.session, world.act("cs").actor, act.at), month, week)
    clock = Act(act.session, SYSTEM, act.at)
    assert len(service.draw_sample(clock, month, week, service.record_seed(clock, month, week))) == 5


def test_of_fewer_records_than_wanted_all_are_drawn(world: World) -> None:
    _act, _month, draw, samples = drawn(world, 2)
    assert (draw.asked, len(samples)) == (5, 2)


def test_no_seed_is_recorded_for_an_empty_week(world: World) -> None:
    act, month, week = week_with(world, 0)
    with pytest.raises(Refused, match="没有可抽查的记录"):
        service.record_seed(act, month, week)


def test_no_record_enters_a_week_once_its_seed_is_known(world: World) -> None:
    act, month, week = week_with(world, 6)
    service.record_seed(act, month, week)
    with pytest.raises(NotAllowed, match="已经抽样"):
        service.enter_record(act, month, week, service.Record("X-1", MONDAY, "补一条"))


def test_a_score_over_a_newer_score_is_a_conflict(world: World) -> None:
    act, month, _draw, samples = drawn(world, 6)
    assert service.score_sample(act, month, samples[0], Decimal(80), "", seen=0)
    with pytest.raises(Conflict):
        service.score_sample(act, month, samples[0], Decimal(70), "", seen=0)
    assert not service.score_sample(act, month, samples[0], Decimal(80), "", seen=0), "the same again changes nothing"


def test_when_nothing_is_left_a_void_sample_has_no_replacement(world: World) -> None:
    act, month, draw, samples = drawn(world, 5)
    assert service.void_sample(act, month, samples[0], "重复") is None
    assert draw_proof.proof(act, draw, month).holds


def test_replacements_follow_the_same_order_and_the_proof_still_holds(world: World) -> None:
    act, month, draw, samples = drawn(world, 9)
    for sample in samples[:2]:
        service.void_sample(act, month, sample, "误登记")
    proof = draw_proof.proof(act, draw, month)
    assert len(proof.drawn) == 7
    assert proof.holds


def test_a_seed_that_was_exchanged_is_found_by_the_chain(world: World) -> None:
    act, month, draw, _samples = drawn(world, 9)
    draw.seed = "f" * 32
    act.session.flush()
    assert not draw_proof.proof(act, draw, month).holds


def test_a_record_that_vanished_after_the_draw_is_noticed(world: World) -> None:
    act, month, draw, samples = drawn(world, 9)
    hit = {sample.work_item_id for sample in samples}
    gone = next(one for one in act.session.query(WorkItem).all() if one.id not in hit)
    act.session.delete(gone)
    act.session.flush()
    broken = [check.name for check in draw_proof.proof(act, draw, month).checks if not check.holds]
    assert broken == ["清单里的每条记录都还在，没有被删除"]
