"""Two low months become advice with its evidence, once; a human decides, with a reason, and never about himself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from approval.models.advice import Advice, AdviceEvidence
from approval.models.appraisal import Appraisal
from approval.models.audit import entries_of
from approval.models.cycle import Cycle
from approval.models.people import Employment
from approval.rules.calendar import period_bounds
from approval.rules.policy import chosen, load, shipped_text
from approval.rules.refusal import Refused
from approval.services import advice, advice_evidence, coaching, protection
from approval.services.advice_evidence import Proof
from approval.services.coaching import Coaching
from approval.services.protection import Protection
from approval.services.rulebook import freeze
from approval.services.step import start, take_step
from tests.app_fixtures import PERIOD, World
from tests.views.test_policy import words
from workflows.appraisal import WORKFLOW, AppraisalFacts
from workflows.engine import NotAllowed


def month_with(world: World, period: str, score: str, name: str = "cs") -> Appraisal:
    """A finished month of a person with this score, as the months before the story left it."""
    october = select(Appraisal).join(Cycle).where(Appraisal.employee_id == world.employee(name).id)
    now = world.session.scalars(october.where(Cycle.period == PERIOD)).one()
    if period == PERIOD:
        month = now
    else:
        held = now.cycle
        first, last = period_bounds(period)
        known = select(Cycle).where(Cycle.department_id == held.department_id, Cycle.period == period)
        cycle = world.session.scalars(known).first() or Cycle(department_id=held.department_id, period=period)
        cycle.first_on, cycle.last_on = first, last
        for day in ("opened_at", "self_assessment_due", "scores_due", "review_due", "approval_due", "payday"):
            setattr(cycle, day, getattr(held, day))
        world.session.add(cycle)
        world.session.flush()
        copied = (
            "employee_id",
            "department_id",
            "position_id",
            "supervisor_id",
            "policy_version_id",
            "frozen_policy_id",
        )
        month = Appraisal(cycle_id=cycle.id, **{one: getattr(now, one) for one in copied})
        start(world.act("hr"), month, WORKFLOW)
    return reviewed(world, month, Decimal(score))


def reviewed(world: World, month: Appraisal, score: Decimal) -> Appraisal:
    """Move a month to publication with facts that let every guard pass."""
    head, scorer = world.employee("head").id, month.supervisor_id
    ready = AppraisalFacts(subject=month.employee_id, scorer=scorer, reviewer=head, has_score=True, publication_days=3)
    steps: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
        ("submit", "cs", month.employee_id, {}),
        ("close_scores", "lead", scorer, {"score": score}),
        ("pass_review", "head", head, {"reviewed_by_id": head}),
    )
    for trigger, who, actor, changes in steps:
        take_step(world.act(who), month, WORKFLOW, trigger, replace(ready, actor=actor), changes=changes)
    return month


@pytest.fixture
def low(world: World) -> Appraisal:
    """October below 65 after a September below 65."""
    month_with(world, "2026-09", "61")
    return month_with(world, PERIOD, "64.99")


def test_two_months_below_the_bound_propose_advice_with_their_scores(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    assert (found.state, found.kind) == ("proposed", "dismissal_advice")
    assert found.months == '[["2026-09", "61.00"], ["2026-10", "64.99"]]'


def test_looking_twice_proposes_once(world: World, low: Appraisal) -> None:
    assert len(advice.propose_advice(world.act("head"), low)) == 1
    assert advice.propose_advice(world.act("head"), low) == []


def test_one_low_month_or_one_on_the_bound_proposes_nothing(world: World) -> None:
    month_with(world, "2026-09", "65")
    assert advice.propose_advice(world.act("head"), month_with(world, PERIOD, "60")) == []


def test_a_month_between_without_a_score_breaks_the_run(world: World) -> None:
    month_with(world, "2026-08", "60")
    assert advice.propose_advice(world.act("head"), month_with(world, PERIOD, "60")) == []


def test_a_run_of_more_months_than_a_year_is_counted_to_its_end(world: World) -> None:
    thirteen = shipped_text("d08-customer-service").replace("run = 2", "run = 13")
    frozen = freeze(world.act("hr"), chosen(load(thirteen), {}))
    periods = [f"2025-{month}" for month in range(10, 13)] + [f"2026-{month:02}" for month in range(1, 11)]
    for period in periods:
        month = month_with(world, period, "60")
        month.frozen_policy_id = frozen.id
        world.session.commit()
    (found,) = advice.propose_advice(world.act("head"), month)
    assert found.months.count('"60.00"') == 13


def keep(world: World, found: Advice, item: str, who: str = "hr", **told: Any) -> AdviceEvidence:
    return advice.keep_evidence(world.act(who), found, item, Proof(**told))


def keep_all(world: World, found: Advice) -> None:
    """Talk and training in November, a December that is still low, the union told in January."""
    keep(world, found, "talk", note="面谈记录 MT-3", held_on=date(2026, 11, 2))
    keep(world, found, "training", note="跟班两周", held_on=date(2026, 11, 9))
    december = month_with(world, "2026-12", "62")
    world.clock.go_to(date(2027, 1, 8))
    keep(world, found, "second", appraisal_id=december.id)
    keep(world, found, "union", note="致工会函 3 号", held_on=date(2027, 1, 7))


def test_what_the_law_asks_first_comes_in_its_order_before_the_advice_is_taken(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    every = "还缺证据：面谈记录、培训或调岗的安排、培训或调岗之后的再次考核、通知工会的记录"
    with pytest.raises(NotAllowed, match=every):
        advice.decide_advice(world.act("hr"), found, "take", "同意")
    keep(world, found, "talk", note="谈过", held_on=date(2026, 11, 2))
    with pytest.raises(Refused, match="请先登记培训或调岗的安排"):
        keep(world, found, "second", appraisal_id=low.id)
    keep(world, found, "training", note="跟班两周", held_on=date(2026, 11, 9))
    with pytest.raises(Refused, match="先登记培训或调岗之后的再次考核"):
        keep(world, found, "union", note="致工会函", held_on=date(2026, 11, 2))
    with pytest.raises(NotAllowed, match="还缺证据：培训或调岗之后的再次考核、通知工会的记录"):
        advice.decide_advice(world.act("gm"), found, "take", "同意")
    keep_all(world, found)
    advice.decide_advice(world.act("gm"), found, "take", "进入协商")
    assert found.state == "taken"
    with pytest.raises(NotAllowed, match="已经决定"):
        keep(world, found, "talk", note="事后补记", held_on=date(2026, 11, 2))


def test_the_second_appraisal_is_a_month_that_began_after_the_training_and_is_still_low(
    world: World, low: Appraisal
) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    keep(world, found, "training", note="跟班两周", held_on=date(2026, 11, 9))
    november = month_with(world, "2026-11", "50")
    with pytest.raises(Refused, match=r"2026-11-09.*之后开始"):
        keep(world, found, "second", appraisal_id=november.id)
    with pytest.raises(Refused, match="请选一个已复核的月份"):
        keep(world, found, "second")
    others = month_with(world, "2026-12", "50", "cs2")
    with pytest.raises(Refused, match="请选一个已复核的月份"):
        keep(world, found, "second", appraisal_id=others.id)
    december = month_with(world, "2026-12", "65")
    with pytest.raises(Refused, match=r"2026-12 得分 65.00，已经达到要求"):
        keep(world, found, "second", appraisal_id=december.id)
    row = keep(world, found, "second", appraisal_id=month_with(world, "2027-01", "64.99").id)
    assert (row.note, row.held_on) == ("2027-01 64.99", date(2027, 1, 31))


def test_a_second_score_that_is_corrected_afterwards_proves_nothing_any_more(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    keep_all(world, found)
    december = world.session.scalars(select(Appraisal).join(Cycle).where(Cycle.period == "2026-12")).one()
    december.score = Decimal("71")
    world.session.flush()
    with pytest.raises(NotAllowed, match="还缺证据：培训或调岗之后的再次考核"):
        advice.decide_advice(world.act("hr"), found, "take", "同意")


@pytest.mark.parametrize(
    ("item", "told", "why"),
    [
        ("talk", {"note": "谈过"}, "请填写日期"),
        ("talk", {"note": "明天谈", "held_on": date(2026, 11, 3)}, "不能晚于今天"),
        ("talk", {"note": "八月谈过", "held_on": date(2026, 8, 3)}, "第一次低分之后，最早 2026-10-01"),
        ("training", {"note": "入职培训", "held_on": date(2026, 1, 5)}, "第一次低分之后"),
        ("training", {"note": "培训"}, "请填写日期"),
        ("training", {"coaching_id": 99}, "没有这条培训与辅导记录"),
        ("talk", {"held_on": date(2026, 11, 2)}, "请写明做了什么"),
    ],
)
def test_evidence_has_its_day_after_the_first_finding_and_its_words(
    world: World, low: Appraisal, item: str, told: dict[str, Any], why: str
) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    with pytest.raises(Refused, match=why):
        keep(world, found, item, **told)
    assert advice.evidence_of(world.act("hr"), found) == {}


def test_a_record_of_training_is_cited_with_its_days_and_one_made_void_proves_nothing(
    world: World, low: Appraisal
) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    person = world.employee("cs")
    told = Coaching("training", date(2026, 11, 3), "跟班学习", "周岚", date(2026, 12, 4))
    record = coaching.keep_coaching(world.act("head"), person, told)
    row = keep(world, found, "training", coaching_id=record.id)
    assert (row.held_on, row.note) == (date(2026, 11, 3), "跟班学习（周岚）")
    assert advice_evidence.trained_until(world.act("hr"), found) == date(2026, 12, 4)
    coaching.void_coaching(world.act("head"), person, record, "登记错人")
    assert "training" in advice_evidence.missing_evidence(world.act("hr"), found)
    keep(world, found, "training", note="另行培训", held_on=date(2026, 11, 9))
    assert "training" not in advice_evidence.missing_evidence(world.act("hr"), found)


def test_evidence_kept_before_days_were_asked_for_stays_valid(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    for item in ("talk", "training"):
        row = AdviceEvidence(advice_id=found.id, item=item, note="10月13日至24日", kept_by_id=world.employee("hr").id)
        row.kept_at = world.clock.now()
        world.session.add(row)
    world.session.flush()
    assert advice_evidence.missing_evidence(world.act("hr"), found) == ("second", "union")
    assert advice_evidence.trained_until(world.act("hr"), found) == date(2026, 11, 2)


def test_where_the_law_protects_somebody_hr_must_state_why_and_nobody_else_learns_the_ground(
    world: World, low: Appraisal
) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    keep_all(world, found)
    told = Protection("pregnancy", date(2027, 1, 1), None, "证明 B-12")
    protection.flag_protection(world.act("hr"), world.employee("cs"), told)
    with pytest.raises(NotAllowed, match="还缺证据：人事对特别保护情形的书面说明"):
        advice.decide_advice(world.act("gm"), found, "take", "同意")
    with pytest.raises(NotAllowed, match="只由人事书面说明"):
        keep(world, found, "protection", "gm", note="我说明")
    world.session.commit()
    for name in ("head", "gm", "auditor"):
        browser = world.sign_in(name)
        page = browser.get(f"/advice/{found.id}")
        assert "法律特别保护的情形" in page
        assert "孕期" not in page
        assert "B-12" not in page
        browser.get(f"/people/{world.numbers['cs']}/protection", status=404)
    entries = entries_of(world.session, world.employee("cs").stream)
    assert entries[-1].action == "employee:flag_protection"
    assert not any("pregnancy" in one.record or "B-12" in one.record for one in entries)
    keep(world, found, "protection", note="已与本人协商一致，只安排调岗")
    advice.decide_advice(world.act("gm"), found, "take", "调岗")
    assert found.state == "taken"


def test_hr_registers_the_evidence_on_the_page_step_by_step(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    record = coaching.keep_coaching(
        world.act("head"), world.employee("cs"), Coaching("training", date(2026, 11, 2), "跟班学习", "周岚")
    )
    world.session.commit()
    hr, place = world.sign_in("hr"), f"/advice/{found.id}"
    page = words(hr.get(place))
    assert "采纳之前要有的记录" in page
    assert "由谁做：部门负责人或人事面谈，人事登记" in page
    refused = hr.post(f"{place}/evidence/talk", {"note": "谈过了", "held_on": "2026-11-30"}, status=422)
    assert "日期不能晚于今天" in refused
    assert "谈过了" in refused
    assert "记录 MT-3" in hr.post(f"{place}/evidence/talk", {"note": "记录 MT-3", "held_on": "2026-11-02"})
    assert "跟班学习（周岚）" in hr.post(f"{place}/evidence/training", {"coaching": str(record.id)})
    assert "还没有在 2026-11-02 之后开始并已复核的月份" in words(hr.get(place))
    assert "请先登记培训或调岗之后的再次考核" in hr.post(
        f"{place}/evidence/union", {"note": "函", "held_on": "2026-11-02"}, status=422
    )
    hr.post(f"{place}/evidence/goal", {"note": "不属于这一种"}, status=409)
    world.sign_in("head").post(f"{place}/evidence/training", {"note": "培训"}, status=403)
    world.fresh()
    december = month_with(world, "2026-12", "61")
    world.session.commit()
    assert "2026年12月 61.00" in words(hr.get(place))
    hr.post(f"{place}/evidence/second", {"month": str(december.id)})
    assert "61.00" in hr.text


def test_nobody_keeps_evidence_about_himself_and_none_without_words(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    with pytest.raises(Refused, match="请写明做了什么"):
        keep(world, found, "talk", note="  ", held_on=date(2026, 11, 2))
    found.employee_id = world.employee("hr").id
    with pytest.raises(NotAllowed, match="关于自己"):
        keep(world, found, "talk", note="面谈", held_on=date(2026, 11, 2))


def test_advice_changes_nothing_of_anybodys_employment(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    keep_all(world, found)
    advice.decide_advice(world.act("hr"), found, "take", "已面谈，安排两周培训")
    post = world.session.scalars(select(Employment).where(Employment.employee_id == low.employee_id)).one()
    assert (found.state, world.employee("cs").left_on, post.to_on) == ("taken", None, None)


@pytest.mark.parametrize(("who", "why"), [("head", "只有人事或总经理"), ("cs", "关于自己")])
def test_only_hr_or_the_general_manager_decides_and_never_about_himself(
    world: World, low: Appraisal, who: str, why: str
) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    with pytest.raises(NotAllowed, match=why):
        advice.decide_advice(world.act(who), found, "take", "理由")


def test_a_decision_needs_its_reason_and_is_final(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    with pytest.raises(NotAllowed, match="理由"):
        advice.decide_advice(world.act("hr"), found, "drop", "  ")
    advice.decide_advice(world.act("hr"), found, "drop", "上月刚换岗")
    with pytest.raises(NotAllowed, match="不采纳"):
        advice.decide_advice(world.act("gm"), found, "take", "改主意")
    assert world.session.scalars(select(Advice)).one().decision == "上月刚换岗"


def frozen_as(world: World, month: Appraisal, old: str, new: str, **choices: str) -> None:
    """Let a month run under its policy with one thing changed."""
    text = shipped_text("d08-customer-service")
    assert old in text
    month.frozen_policy_id = freeze(world.act("hr"), chosen(load(text.replace(old, new)), choices)).id
    world.session.flush()


def test_a_month_counts_by_the_rule_that_it_ran_under_and_not_by_todays(world: World) -> None:
    september = month_with(world, "2026-09", "61")
    frozen_as(world, september, 'test = { lt = "65" }', 'test = { lt = "60" }')
    october = month_with(world, PERIOD, "64.99")
    assert advice.propose_advice(world.act("head"), october) == []
    assert not any(one.kind == "streak" for one in advice.flag_month(world.act("head"), october))


def test_a_streak_within_a_window_forgets_what_lies_before_it(world: World) -> None:
    for period, score in (("2026-07", "60"), ("2026-08", "90"), ("2026-09", "90")):
        month_with(world, period, score)
    october = month_with(world, PERIOD, "60")
    for window, proposed in (("3", 0), ("4", 1)):
        frozen_as(world, october, "run = 2", f"run = 2\nwindow = {window}", streak_mode="cumulative")
        assert len(advice.propose_advice(world.act("head"), october)) == proposed
