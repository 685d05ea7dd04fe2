"""The state graphs walked from end to end: no way round an office, no dead end, nobody on his own case."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from workflows import advice, appraisal, bonus_pool, bonus_void, objection, payout, policy
from workflows.engine import NotAllowed, Step, Workflow

ROOT = Path(__file__).resolve().parents[2]
TABLES: dict[str, Workflow[Any]] = {
    module.WORKFLOW.name: module.WORKFLOW
    for module in (advice, appraisal, bonus_pool, bonus_void, objection, payout, policy)
}
BACKWARD = {
    "return_to_employee",
    "return_to_supervisor",
    "uphold_objection",
    "send_back",
    "return_to_draft",
    "cancel",
    "void",
    "uphold",
    "reject",
    "take",
    "drop",
}

every_table = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())


def paths(table: Workflow[Any], start: str, goal: str, seen: tuple[str, ...] = ()) -> list[list[Step[Any]]]:
    """Every way from a state to another that visits no state twice."""
    if start == goal:
        return [[]]
    found = []
    for step in table.steps:
        if step.source == start and step.dest not in (*seen, start):
            found += [[step, *rest] for rest in paths(table, step.dest, goal, (*seen, start))]
    return found


@every_table
def test_every_step_is_guarded_by_somebodys_office(table: Workflow[Any]) -> None:
    for step in table.steps:
        assert step.by.__name__.startswith("by_"), step


@every_table
def test_every_state_is_reached_and_every_state_but_the_last_has_a_way_out(table: Workflow[Any]) -> None:
    reached = {table.initial}
    while fresh := {step.dest for step in table.steps if step.source in reached} - reached:
        reached |= fresh
    assert reached == set(table.states)
    for state in table.states:
        leaves = [step for step in table.steps if step.source == state]
        assert bool(leaves) != (state in table.final), state


@every_table
def test_every_state_reaches_an_end(table: Workflow[Any]) -> None:
    for state in table.states:
        assert any(paths(table, state, end) for end in table.final), state


@every_table
def test_every_backward_step_needs_a_reason(table: Workflow[Any]) -> None:
    for step in table.steps:
        assert step.reason_required == (step.trigger in BACKWARD), step


@every_table
def test_no_two_steps_of_one_state_share_a_trigger(table: Workflow[Any]) -> None:
    named = [(step.source, step.trigger) for step in table.steps]
    assert len(named) == len(set(named))


def test_no_way_to_paid_leads_round_the_approved_split_and_the_sign_off() -> None:
    ways = paths(appraisal.WORKFLOW, appraisal.SELF_ASSESSMENT, appraisal.PAID)
    assert ways
    months = [way for way in ways if not any(appraisal.of_its_months in step.needs for step in way)]
    quarters = [way for way in ways if not any(appraisal.of_its_own in step.needs for step in way)]
    for way in ways:
        assert {"by_approved_pool", "by_signed_off_batch", "by_reviewer"} <= {step.by.__name__ for step in way}
    assert months
    for way in months:
        assert {"by_scorer", "by_subject"} <= {step.by.__name__ for step in way}
    assert quarters
    for way in quarters:
        assert "by_performance_admin" in {step.by.__name__ for step in way}


def test_a_period_is_concluded_after_its_publication_alone_and_never_paid_from_there() -> None:
    ways = paths(appraisal.WORKFLOW, appraisal.SELF_ASSESSMENT, appraisal.CONCLUDED)
    assert ways
    for way in ways:
        assert "pass_review" in [step.trigger for step in way]
        assert {appraisal.publication_over, appraisal.no_open_objection, appraisal.nothing_to_pay} <= set(way[-1].needs)
    assert paths(appraisal.WORKFLOW, appraisal.CONCLUDED, appraisal.PAID) == []
    to_pay = [step for step in appraisal.STEPS if step.dest in (appraisal.SPLIT_APPROVAL, appraisal.PAYOUT)]
    assert all(appraisal.something_to_pay in step.needs for step in to_pay)


def test_what_has_a_pool_is_not_concluded_without_money() -> None:
    ready = appraisal.AppraisalFacts(actor=3, subject=1, reviewer=3, publication_ended=True, pays_something=False)
    assert not _may_at(appraisal.PUBLICATION, "conclude", ready)
    bare = dataclasses.replace(ready, pool_required=False)
    assert _may_at(appraisal.PUBLICATION, "conclude", bare)
    assert not _may_at(appraisal.PUBLICATION, "end_publication", bare)
    assert not _may_at(appraisal.PUBLICATION, "conclude", dataclasses.replace(bare, open_objections=1))
    assert not _may_at(appraisal.PUBLICATION, "conclude", dataclasses.replace(bare, publication_ended=False))


def _may_at(state: str, trigger: str, facts: appraisal.AppraisalFacts) -> bool:
    offer = appraisal.WORKFLOW.offer(state, trigger, facts)
    return offer is not None and offer.allowed


def test_no_bonus_is_void_by_one_person_or_by_the_one_it_is_about() -> None:
    ways = paths(bonus_void.WORKFLOW, bonus_void.ENTERED, bonus_void.CONFIRMED)
    assert [[step.by.__name__ for step in way] for way in ways] == [["by_a_second_person"]]
    for actor in (5, 6):  # the one it is about, the one who entered it
        facts = bonus_void.BonusVoidFacts(actor=actor, subject=5, entered_by=6, is_hr=True, is_general_manager=True)
        assert bonus_void.by_a_second_person(facts) is not None
    about = bonus_void.BonusVoidFacts(actor=5, subject=5, reviewer=5, is_hr=True, is_general_manager=True)
    assert bonus_void.refusals(about)
    assert all(step.by(about) is not None for step in bonus_void.STEPS)


def test_no_batch_is_paid_without_the_general_managers_sign_off() -> None:
    ways = paths(payout.WORKFLOW, payout.PREPARED, payout.PAID)
    assert ways
    for way in ways:
        assert ("sign_off", "by_general_manager") in {(step.trigger, step.by.__name__) for step in way}


def test_no_pool_is_paid_without_the_general_managers_approval() -> None:
    ways = paths(bonus_pool.WORKFLOW, bonus_pool.SPLITTING, bonus_pool.PAID)
    assert ways
    for way in ways:
        assert ("approve", "by_general_manager") in {(step.trigger, step.by.__name__) for step in way}


def test_nobody_moves_his_own_month_but_to_submit_and_withdraw() -> None:
    person = 7
    switches = list(itertools.product((True, False), repeat=3))
    for step in appraisal.STEPS:
        passed = set()
        for gm, hr, scorer in switches:
            facts = appraisal.AppraisalFacts(
                actor=person,
                subject=person,
                scorer=person if scorer else 8,
                reviewer=person,
                is_general_manager=gm,
                is_hr=hr,
            )
            passed.add(step.by(facts) is None)
        # The office steps ask for another's decision, not for the actor.
        by_record = step.by.__name__ in ("by_approved_pool", "by_signed_off_batch", "by_decided_objection")
        assert by_record or (True in passed) == (step.trigger in ("submit", "withdraw")), step


def test_nobody_decides_his_own_objection_or_advice() -> None:
    own = objection.ObjectionFacts(actor=7, subject=7, scorer=8, decider=7, is_hr=True)
    scored = objection.ObjectionFacts(actor=7, subject=6, scorer=7, decider=7, is_hr=True)
    about = advice.AdviceFacts(actor=7, subject=7, is_hr=True, is_general_manager=True)
    assert all(step.by(own) is not None and step.by(scored) is not None for step in objection.STEPS)
    assert all(step.by(about) is not None for step in advice.STEPS)


def test_who_proposed_never_approves_and_who_prepared_never_signs() -> None:
    own = bonus_pool.BonusPoolFacts(actor=7, proposer=7, head=7, is_general_manager=True)
    batch = payout.PayoutFacts(actor=7, preparer=7, is_general_manager=True, is_finance=True)
    paid = payout.PayoutFacts(actor=7, preparer=6, payees=frozenset({7, 8}), is_general_manager=True)
    assert not _may(bonus_pool.WORKFLOW, "approve", own)
    assert not _may(payout.WORKFLOW, "sign_off", batch)
    assert not _may(payout.WORKFLOW, "sign_off", paid)


def _may(table: Workflow[Any], trigger: str, facts: Any) -> bool:
    """Say whether anything about the person himself stands against a step (what else is missing does not count)."""
    personal = ("by_", "not_own")
    (step,) = [one for one in table.steps if one.trigger == trigger]
    guards = [guard for guard in (step.by, *step.needs) if guard.__name__.startswith(personal)]
    return all(guard(facts) is None for guard in guards)


def test_a_vacant_seat_blocks_and_its_step_passes_to_nobody() -> None:
    for step in appraisal.STEPS:
        if step.by.__name__ in ("by_scorer", "by_reviewer"):
            facts = appraisal.AppraisalFacts(actor=9, subject=7, scorer=None, reviewer=None, is_hr=True)
            assert step.by(facts) is not None


@every_table
def test_an_unknown_trigger_and_a_wrong_state_are_told_in_words(table: Workflow[Any]) -> None:
    facts = dataclasses.replace(_facts(table))
    with pytest.raises(NotAllowed, match="没有这个操作"):
        table.decide(table.initial, "no_such_step", facts)
    last = table.final[0]
    with pytest.raises(NotAllowed, match="现在的状态是"):
        table.decide(last, table.steps[0].trigger, facts)


def _facts(table: Workflow[Any]) -> Any:
    modules = {"advice": advice, "appraisal": appraisal, "bonus_pool": bonus_pool}
    modules |= {"bonus_void": bonus_void, "objection": objection, "payout": payout, "policy": policy}
    return modules[table.name].Facts()


@every_table
def test_the_readme_draws_the_machine_as_it_is(table: Workflow[Any]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- machine:{table.name} -->\n```mermaid\n(.*?)\n```\n<!-- /machine -->", readme, re.DOTALL)
    assert found is not None
    assert found[1] == table.mermaid()
