"""Counts that govern: whoever gives what points, a measured item is worth what was counted; a closed score keeps its count."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from approval.models.appraisal import Appraisal, KpiCount
from approval.models.audit import entries_of
from approval.models.figures import Figure
from approval.rules.policy import chosen, load, shipped_text
from approval.services import appraisal as service
from approval.services import kpi_count, score
from approval.services.facts import appraisal_facts, kpi_scores
from approval.services.gaps import missing_figures
from approval.services.rulebook import freeze, policy_of
from approval.services.self_assessment import Draft, ItemScore, save_self_assessment, score_items
from approval.services.waiting import Waiting
from tests.app_fixtures import PERIOD, World
from tests.services.test_sheets import bring_in, told
from tests.stages import FIRST_MONDAY
from tests.stages import score as scored
from workflows.engine import NotAllowed

FULL = {"plan": 40, "innovation": 20, "training": 10, "summary": 10, "pages": 10, "proposals": 10}


def count(world: World, quantity: str, code: str = "pages", name: str = "copy") -> None:
    """The data department's figure, as an import leaves it; a later one takes its place."""
    query = select(Figure).where(Figure.employee_id == world.employee(name).id, Figure.code == code)
    kept = world.session.scalars(query).first() or Figure(employee_id=world.employee(name).id, period=PERIOD, code=code)
    kept.value = Decimal(quantity)
    world.session.add(kept)
    world.session.commit()


def assessed(world: World, **points: int) -> Appraisal:
    month, act = world.month("copy"), world.act("copy")
    given = {**FULL, **points}
    save_self_assessment(act, month, Draft(tuple(ItemScore(code, Decimal(n)) for code, n in given.items())))
    service.submit(act, month)
    return month


def closed(world: World, quantity: str = "8") -> Appraisal:
    """林晓雨's month with 10 points claimed for pages, 8 pages counted, and 82 for every sample."""
    count(world, quantity)
    assessed(world)
    world.clock.go_to(FIRST_MONDAY)
    scored(world, "copy")
    return world.month("copy")


def test_the_count_gives_the_points_whatever_was_claimed_and_the_claim_is_kept(world: World) -> None:
    month = closed(world)
    act = world.act("copy")
    assert month.self_score == 98
    assert month.score == Decimal("0.25") * 98 + Decimal("0.75") * 82
    assert kpi_scores(act, month, "self")["pages"].points == 10


def test_closing_tells_the_chain_what_was_claimed_counted_and_given(world: World) -> None:
    month = closed(world)
    entry = next(one for one in entries_of(world.session, month.stream) if one.action == "appraisal:close_scores")
    assert '"counted":{"pages":{"counts":{"pages":"8.000000"},"points":"8.00","self":"10.00"}}' in entry.record


def test_without_the_count_the_scores_are_not_closed_and_the_figure_is_named(world: World) -> None:
    month = assessed(world)
    facts = appraisal_facts(world.act("lead"), month)
    assert facts.uncounted_items == ("活动描述页面",)
    world.clock.go_to(FIRST_MONDAY)
    with pytest.raises(NotAllowed, match="活动描述页面；请数据提供部门或绩效管理员导入"):
        scored(world, "copy")
    assert world.month("copy").state == "sampling"


def test_a_count_of_zero_is_a_count_and_gives_no_points(world: World) -> None:
    assert closed(world, "0").self_score == 90


def test_the_data_department_is_asked_for_counts_while_scores_are_open(world: World) -> None:
    before = len(missing_figures(Waiting(world.act("data"))))
    count(world, "8")
    assert len(missing_figures(Waiting(world.act("data")))) == before - 1


def test_a_counted_item_is_not_asked_of_the_employee_and_an_empty_box_leaves_his_claim(world: World) -> None:
    month, act = world.month("copy"), world.act("copy")
    items = [ItemScore(code, Decimal(n)) for code, n in FULL.items()]
    save_self_assessment(act, month, Draft(tuple(items)))
    count(world, "8")
    month = world.month("copy")
    save_self_assessment(world.act("copy"), month, Draft((ItemScore("pages", None, "八个"), *items[:4])))
    kept = kpi_scores(act, month, "self")["pages"]
    assert (kept.points, kept.note) == (Decimal(10), "八个")
    assert appraisal_facts(act, month).missing_self_items == ()


def test_what_is_imported_after_closing_changes_nothing_and_is_said(world: World) -> None:
    closed(world)
    wrong = told(world, "data", "counts", "E1023 2026-10 pages 12")
    assert "评分已按 8 提交" in wrong[0]
    assert told(world, "data", "counts", "E1023 2026-10 pages 8") == []
    count(world, "12")
    month, act = world.month("copy"), world.act("copy")
    assert score.self_total(act, month) == month.self_score == 98
    assert kpi_count.counted_items(act, month)["pages"].quantities[0].value == 8


def test_a_returned_month_is_counted_anew_and_the_old_round_stays_what_it_was(world: World) -> None:
    month = closed(world)
    service.return_to_supervisor(world.act("head"), month, "页面数有误")
    bring_in(world, "data", "counts", "E1023 2026-10 pages 12")
    service.close_scores(world.act("lead"), world.month("copy"))
    month, act = world.month("copy"), world.act("copy")
    assert [score.self_total(act, month, number) for number in (1, 2)] == [98, 100]
    found = kpi_count.counted_items(act, month)["pages"].quantities[0]
    assert (found.value, found.row_number, found.import_id is not None) == (Decimal(12), 2, True)


def test_kept_counts_are_a_record(world: World) -> None:
    closed(world)
    with pytest.raises(DatabaseError, match="insert only"):
        world.session.execute(text("UPDATE kpi_count SET quantity = 0"))
    world.session.rollback()
    assert world.session.scalars(select(KpiCount.quantity)).all() == [Decimal(8)]


def test_nobody_brings_in_his_own_count(world: World) -> None:
    assert "不能为自己录入" in told(world, "data", "counts", "D0009 2026-10 pages 12")[0]


def test_where_samples_score_the_supervisors_points_are_refused(world: World) -> None:
    month = world.month("copy")
    with pytest.raises(NotAllowed, match="主管评分来自每周抽查"):
        score_items(world.act("lead"), month, (ItemScore("plan", Decimal(40)),))


def test_where_both_score_the_table_the_count_stands_for_both(world: World) -> None:
    """C-1 with the supervisor scoring the KPI table too (A-47)."""
    source = shipped_text("d17-c1").replace('by = "supervisor", from = "sampling"', 'by = "supervisor"')
    act, month = world.act("hr"), world.month("copy")
    month.frozen_policy_id = freeze(act, chosen(load(source), {})).id
    count(world, "7")
    assessed(world)
    lead, month = world.act("lead"), world.month("copy")
    score_items(lead, month, tuple(ItemScore(code, Decimal(n)) for code, n in FULL.items() if code != "pages"))
    assert appraisal_facts(lead, month).unscored_items == ()
    service.close_scores(lead, month)
    assert (month.self_score, month.supervisor_score, month.score) == (Decimal(97),) * 3


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(later=st.integers(0, 999))
def test_a_closed_score_never_moves_whatever_is_counted_later(world: World, later: int) -> None:
    month = world.month("copy") if world.month("copy").score is not None else closed(world)
    before = (month.score, month.self_score)
    count(world, str(later))
    month = world.month("copy")
    act = world.act("copy")
    assert (month.score, month.self_score) == before
    assert score.score_card(act, month).total == before[0]
    assert policy_of(month).kpi
