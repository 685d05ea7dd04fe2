"""Two low months become advice with its evidence, once; a human decides, with a reason, and never about himself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from approval.models.advice import EVIDENCE, Advice
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.people import Employment
from approval.rules.policy import chosen, load, shipped_text
from approval.rules.refusal import Refused
from approval.services import advice
from approval.services.rulebook import freeze
from approval.services.step import start, take_step
from tests.app_fixtures import PERIOD, World
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
        cycle = Cycle(department_id=held.department_id, period=period, first_on=held.first_on, last_on=held.last_on)
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


def keep_all(world: World, found: Advice) -> None:
    for item in EVIDENCE[found.kind]:
        advice.keep_evidence(world.act("hr"), found, item, f"10月12日，材料 {item}")


def test_training_or_another_post_comes_before_the_advice_is_taken(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    with pytest.raises(NotAllowed, match="还缺证据：面谈记录、培训或调岗的安排"):
        advice.decide_advice(world.act("hr"), found, "take", "同意")
    world.session.commit()
    hr, place = world.sign_in("hr"), f"/advice/{found.id}"
    page = hr.get(place)
    assert "采纳之前要有的记录" in page
    assert "请写明做了什么" in hr.post(f"{place}/evidence/talk", {"note": " "})
    assert "10月12日面谈" in hr.post(f"{place}/evidence/talk", {"note": "10月12日面谈，记录 MT-3"})
    hr.post(f"{place}/evidence/talk", {"note": "再记一次"}, status=409)
    hr.post(f"{place}/evidence/goal", {"note": "不属于这一种"}, status=409)
    world.sign_in("head").post(f"{place}/evidence/training", {"note": "培训"}, status=403)
    world.fresh()
    found = world.session.scalars(select(Advice)).one()
    assert set(advice.evidence_of(world.act("hr"), found)) == {"talk"}
    with pytest.raises(NotAllowed, match="还缺证据：培训或调岗的安排"):
        advice.decide_advice(world.act("gm"), found, "take", "同意")
    advice.keep_evidence(world.act("hr"), found, "training", "10月13日至24日跟班培训")
    advice.decide_advice(world.act("gm"), found, "take", "进入面谈")
    assert found.state == "taken"
    with pytest.raises(NotAllowed, match="已经登记过"):
        advice.keep_evidence(world.act("hr"), found, "talk", "事后补记")


def test_nobody_keeps_evidence_about_himself_and_none_without_words(world: World, low: Appraisal) -> None:
    (found,) = advice.propose_advice(world.act("head"), low)
    with pytest.raises(Refused, match="请写明做了什么"):
        advice.keep_evidence(world.act("hr"), found, "talk", "  ")
    found.employee_id = world.employee("hr").id
    with pytest.raises(NotAllowed, match="关于自己"):
        advice.keep_evidence(world.act("hr"), found, "talk", "面谈")


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
