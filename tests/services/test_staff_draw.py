"""Drawing people (A-06, staff): one seed for the team, a drawn one's week as one sample, nobody left out for a month."""

from __future__ import annotations

from decimal import Decimal

import pytest

from approval.models.appraisal import Appraisal
from approval.models.sampling import Draw, WorkItem
from approval.rules.calendar import Week
from approval.rules.policy import chosen, load, shipped_text
from approval.rules.refusal import Refused
from approval.rules.sampling import draw_people
from approval.services import appraisal, draw_proof, sampling, staff_draw
from approval.services.act import Act
from approval.services.facts import weeks_of
from approval.services.gaps import undrawn_weeks
from approval.services.rulebook import freeze
from approval.services.self_assessment import Draft, save_self_assessment
from approval.services.waiting import Waiting
from tests.app_fixtures import World
from workflows.engine import NotAllowed

TEAM = ("cs", "cs2")
NOVEMBER = (2026, 11, 2)


def of_people(world: World, target: int = 1) -> Act:
    """The agents' month read as drawing people, so many a week; the supervisor's act after the month's last week."""
    printed = '"appraisal.sampling.per_period" = { min = 1, target = 2 }'
    text = shipped_text("d08-customer-service")
    assert printed in text
    policy = chosen(load(text.replace(printed, printed.replace("2", str(target)))), {"population": "staff"})
    for name in TEAM:
        act, month = world.act("hr"), world.month(name)
        month.frozen_policy_id = freeze(act, policy).id
        act.session.flush()
    world.clock.go_to(world.clock.now().date().replace(month=11, day=2))
    return world.act("lead")


def weeks(act: Act, month: Appraisal) -> list[Week]:
    return [one.week for one in weeks_of(act, month)]


def draw(act: Act, month: Appraisal, week: Week, seed: str = "5") -> Draw:
    kept = sampling.record_seed(act, month, week, lambda: seed * 32)
    sampling.draw_sample(act, month, week, kept)
    return kept


def drawn_in(act: Act, world: World, week: Week) -> list[str]:
    """Who was drawn in a week, by short name."""
    return [name for name in TEAM for part in weeks_of(act, world.month(name)) if part.week == week and part.samples]


def test_one_seed_draws_the_team_and_who_is_not_drawn_is_asked_for_nothing(world: World) -> None:
    act = of_people(world)
    first, other = (world.month(name) for name in TEAM)
    week = weeks(act, first)[0]
    kept = draw(act, first, week)
    there = [part for one in (first, other) for part in weeks_of(act, one) if part.week == week]
    assert [part.drawn and part.complete for part in there].count(True) == 1, "the drawn one waits for a score"
    assert {part.draw.seed for part in there if part.draw} == {kept.seed}
    assert sorted(len(part.samples) for part in there) == [0, 1]
    assert undrawn_weeks(Waiting(act))[week.monday][0] == 2, "the two whose records are drawn wait, of the team nobody"


def test_nobody_ends_the_month_never_drawn(world: World) -> None:
    act = of_people(world)
    month = world.month("cs")
    for n, week in enumerate(weeks(act, month)):
        draw(act, month, week, str(n))
    assert {name for week in weeks(act, month) for name in drawn_in(act, world, week)} == set(TEAM)


def test_whoever_was_never_drawn_goes_first_in_the_last_draw_even_where_weeks_are_drawn_out_of_order(
    world: World,
) -> None:
    act = of_people(world)
    month, found = world.month("cs"), weeks(of_people(world), world.month("cs"))
    seed = next(str(n) for n in range(10) if draw_people(["E1041", "E1043"], (), 1, str(n) * 32) == ("E1041",))
    for week in (*found[1:], found[0]):
        kept = draw(act, month, week, seed)
    assert drawn_in(act, world, found[1]) == ["cs2"], "the same seed draws the same one every week"
    assert drawn_in(act, world, found[0]) == ["cs"]
    assert kept.goes_first == '["E1043"]'
    assert draw_proof.proof(act, kept, month).holds


def test_the_proof_repeats_the_draw_and_finds_a_first_who_was_slipped_in(world: World) -> None:
    act = of_people(world)
    month = world.month("cs")
    kept = draw(act, month, weeks(act, month)[0])
    proof = draw_proof.proof(act, kept, month)
    assert proof.holds
    assert proof.people
    assert list(proof.population) == ["E1041", "E1043"]
    unlucky = next(number for number in proof.population if number != proof.drawn[0].code)
    kept.goes_first = f'["{unlucky}"]'
    act.session.flush()
    assert not draw_proof.proof(act, kept, month).holds


def test_drawing_twice_draws_nothing_new_and_a_seed_is_never_exchanged(world: World) -> None:
    act = of_people(world)
    month, other = (world.month(name) for name in TEAM)
    week = weeks(act, month)[0]
    kept = draw(act, month, week)
    again = sampling.record_seed(act, other, week, lambda: "f" * 32)
    assert again.seed == kept.seed
    assert sampling.draw_sample(act, other, week, again) == ()


def test_somebody_away_all_week_is_left_out_with_a_reason_before_the_seed_and_not_after(world: World) -> None:
    act = of_people(world)
    month, other = (world.month(name) for name in TEAM)
    first, second, *_ = weeks(act, month)
    sampling.waive_week(act, month, first, "整周休假")
    draw(act, other, first)
    assert drawn_in(act, world, first) == ["cs2"]
    sampling.record_seed(act, month, second)
    with pytest.raises(Refused, match="种子已经封存"):
        sampling.waive_week(act, month, second, "整周休假")


def test_who_joins_after_the_seed_is_left_out_and_told_why(world: World) -> None:
    act = of_people(world)
    month, late = (world.month(name) for name in TEAM)
    week = weeks(act, month)[0]
    sampling.waive_week(act, late, week, "晚到")
    draw(act, month, week)
    act.session.delete(next(part.draw for part in weeks_of(act, late) if part.draw))
    act.session.flush()
    kept = sampling.record_seed(act, late, week)
    assert (kept.seed, kept.waived_reason) == ("", staff_draw.TOO_LATE)
    assert sampling.draw_sample(act, late, week, kept) == ()


def test_who_joins_after_the_last_seed_and_was_never_drawn_is_drawn_by_a_seed_of_his_own(world: World) -> None:
    act = of_people(world)
    month, late = (world.month(name) for name in TEAM)
    *before, last = weeks(act, month)
    for week in before:
        sampling.waive_week(act, late, week, "还没有到岗")
        draw(act, month, week)
    sampling.waive_week(act, late, last, "还没有到岗")
    drawn = draw(act, month, last)
    act.session.delete(next(part.draw for part in weeks_of(act, late) if part.draw and part.week == last))
    act.session.flush()
    own = draw(act, late, last, "a")
    assert (own.seed, own.waived_reason, own.population) == ("a" * 32, "", '["E1041"]')
    assert drawn_in(act, world, last) == list(TEAM)
    assert draw_proof.proof(act, own, late).holds
    assert draw_proof.proof(act, drawn, month).holds, "the team's own draw is what it was"


def test_a_void_sample_hands_the_week_to_the_next_of_the_order(world: World) -> None:
    act = of_people(world)
    month = world.month("cs")
    week = weeks(act, month)[0]
    kept = draw(act, month, week)
    (name,) = drawn_in(act, world, week)
    sample = next(part.samples[0] for part in weeks_of(act, world.month(name)) if part.samples)
    fresh = sampling.void_sample(act, world.month(name), sample, "整周病假")
    assert fresh is not None
    assert drawn_in(act, world, week) == [one for one in TEAM if one != name]
    assert draw_proof.proof(act, kept, month).holds
    (name,) = drawn_in(act, world, week)
    assert sampling.void_sample(act, world.month(name), fresh, "也是") is None, "nobody is left"


def test_the_sample_names_the_records_of_the_week(world: World) -> None:
    act = of_people(world, 2)
    month = world.month("cs")
    week = weeks(act, month)[0]
    item = WorkItem(
        employee_id=month.employee_id, kind="customers", code="C-7", title="退换货", happened_on=week.monday
    )
    act.session.add(item)
    taken = WorkItem(employee_id=month.employee_id, kind="customers", code=f"WEEK-{week.monday}", title="x")
    taken.happened_on = week.monday
    act.session.add(taken)
    act.session.flush()
    draw(act, month, week)
    sample = next(part.samples[0] for part in weeks_of(act, month) if part.samples)
    assert "C-7 退换货" in sample.work_item.detail
    assert sample.work_item.code == f"WEEK-{week.monday}-2"
    with pytest.raises(NotAllowed, match="抽的是员工"):
        sampling.enter_record(act, month, weeks(act, month)[1], sampling.Record("X", week.monday, "补"))


def test_a_month_of_people_is_scored_by_the_weeks_in_which_they_were_drawn(world: World) -> None:
    act = of_people(world)
    month, own = world.month("cs"), world.act("cs")
    save_self_assessment(own, month, Draft(self_score=Decimal(80)))
    appraisal.submit(own, month)
    act = world.act("lead")
    for n, week in enumerate(weeks(act, month)):
        draw(act, world.month("cs2"), week, str(n))
    month = world.month("cs")
    scores = iter((90, 70, 61, 88, 77))
    given = []
    for part in weeks_of(act, month):
        for sample in part.samples:
            given.append(next(scores))
            sampling.score_sample(act, month, sample, Decimal(given[-1]), "整周看")
    appraisal.close_scores(act, month)
    exact = Decimal(80) / 4 + Decimal(sum(given)) / len(given) * 3 / 4
    assert given
    assert month.score == exact.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
