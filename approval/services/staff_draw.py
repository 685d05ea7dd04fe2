"""Drawing people (A-06, `staff`): each week some of a supervisor's people are drawn, a drawn one's week is examined whole.

One seed a team and week. The list drawn from is that of the people's numbers; in the month's last draw those never drawn
go first, so that nobody ends the month never drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.policy import PolicyVersion
from approval.models.sampling import STAFF, Draw, Sample, WorkItem
from approval.rules import sampling as rule
from approval.rules.calendar import Week
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.facts import weeks_of
from approval.services.rulebook import policy_of
from approval.services.step import keep_record
from workflows.appraisal import SAMPLING, SELF_ASSESSMENT

OPEN = (SELF_ASSESSMENT, SAMPLING)
TOO_LATE = "考核单开启之前，这一周已经抽过人"
WHOLE_WEEK = "整周工作"


def draws_people(appraisal: Appraisal) -> bool:
    """Say whether people are drawn in this month, not records of theirs."""
    plan = policy_of(appraisal).sampling
    return plan is not None and plan.population == STAFF


def team_of(act: Act, appraisal: Appraisal) -> Sequence[Appraisal]:
    """Whose months the same supervisor scores under the same policy, while their scores are open; by number."""
    code = select(PolicyVersion.code).where(PolicyVersion.id == appraisal.policy_version_id).scalar_subquery()
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .join(PolicyVersion, PolicyVersion.id == Appraisal.policy_version_id)
        .where(
            Appraisal.supervisor_id == appraisal.supervisor_id,
            Cycle.period == appraisal.cycle.period,
            PolicyVersion.code == code,
            Appraisal.state.in_(OPEN),
        )
    )
    found = [one for one in act.session.scalars(query) if draws_people(one)]
    return sorted(found, key=lambda one: one.employee.number)


def waiting_in(act: Act, appraisal: Appraisal, monday: date) -> Sequence[Appraisal]:
    """Those of the team whose week has neither a seed nor a reason to be skipped yet."""
    team = team_of(act, appraisal)
    there = {draw.appraisal_id for draw in _draws(act, team, monday)}
    return [one for one in team if one.id not in there]


def record_seed(act: Act, appraisal: Appraisal, week: Week, seed: Callable[[], str]) -> Draw:
    """Record one seed for the whole team's week; whoever joined after it is left out of the draw, with the reason, unless
    it was his last chance: those never drawn are then drawn from by a seed of their own."""
    waiting = waiting_in(act, appraisal, week.monday)
    if any(draw.seed for draw in _draws(act, team_of(act, appraisal), week.monday)):
        last_chance = [one for one in waiting if goes_first(act, [one], week.monday)]
        for one in waiting:
            if one not in last_chance:
                leave_out(act, one, week, TOO_LATE)
        waiting = last_chance
    fresh = seed() if waiting else ""
    for one in waiting:
        act.session.add(Draw(appraisal_id=one.id, monday=week.monday, seed=fresh, seeded_at=act.at))
        act.session.flush()
        body = {"week": week.label, "seed": fresh, "people": len(waiting)}
        keep_record(act, one, "sampling:record_seed", body=body)
    return next(draw for draw in _draws(act, [appraisal], week.monday))


def leave_out(act: Act, appraisal: Appraisal, week: Week, reason: str) -> None:
    """Leave somebody's week out of the draw, with the reason; it counts for nothing."""
    draw = Draw(appraisal_id=appraisal.id, monday=week.monday, seed="", seeded_at=act.at, drawn_at=act.at)
    draw.population_hash, draw.waived_reason = rule.population_hash([]), reason
    act.session.add(draw)
    act.session.flush()
    keep_record(act, appraisal, "sampling:waive_week", reason=reason, body={"week": week.label})


def draw_people(act: Act, appraisal: Appraisal, week: Week, draw: Draw) -> tuple[Sample, ...]:
    """Draw from everybody who bears the week's seed: one sample for each drawn person, none for the others."""
    months = {one.employee.number: one for one in team_of(act, appraisal)}
    draws = {one.appraisal_id: one for one in _draws(act, list(months.values()), week.monday) if one.seed == draw.seed}
    months = {number: one for number, one in months.items() if one.id in draws}
    first = goes_first(act, list(months.values()), week.monday)
    plan = policy_of(appraisal).sampling
    asked = plan.target if plan else 0
    chosen = rule.draw_people(sorted(months), first, asked, draw.seed)
    told = {
        "week": week.label,
        "population": len(months),
        "population_hash": rule.population_hash(sorted(months)),
        "goes_first": list(first),
        "drawn": list(chosen),
    }
    samples = []
    for number, one in months.items():
        own = draws[one.id]
        own.asked, own.method, own.drawn_at = asked, rule.METHOD_OF_PEOPLE, act.at
        own.population, own.goes_first = json.dumps(sorted(months)), json.dumps(list(first))
        own.population_hash = str(told["population_hash"])
        if number in chosen:
            samples.append(add_sample(act, one, own, week, chosen.index(number) + 1))
        act.session.flush()
        keep_record(act, one, "sampling:draw_sample", body=told)
    return tuple(sorted(samples, key=lambda one: one.position))


def goes_first(act: Act, months: Sequence[Appraisal], monday: date) -> tuple[str, ...]:
    """The numbers of those never drawn, where no other week of the month is left to be drawn; else nobody."""
    left = [part for one in months for part in weeks_of(act, one) if part.week.monday != monday and not part.drawn]
    if left:
        return ()
    live = select(Sample.appraisal_id).where(Sample.voided_at.is_(None))
    had = set(act.session.scalars(live.where(Sample.appraisal_id.in_([one.id for one in months]))))
    return tuple(one.employee.number for one in months if one.id not in had)


def add_sample(act: Act, appraisal: Appraisal, draw: Draw, week: Week, position: int) -> Sample:
    """The one sample that stands for a drawn person's week; its text names the records that are there to look at."""
    item = WorkItem(employee_id=appraisal.employee_id, kind=STAFF, happened_on=week.sunday, title=WHOLE_WEEK)
    item.code, item.detail = _free_code(act, appraisal, week), _records(act, appraisal, week)
    item.entered_by_id = act.actor.employee_id
    act.session.add(item)
    act.session.flush()
    sample = Sample(draw_id=draw.id, appraisal_id=appraisal.id, work_item_id=item.id, position=position)
    act.session.add(sample)
    act.session.flush()
    return sample


def _free_code(act: Act, appraisal: Appraisal, week: Week) -> str:
    """WEEK-2026-10-19; with a further number where an imported record bears that code."""
    like = f"WEEK-{week.monday}"
    query = select(func.count()).select_from(WorkItem)
    taken = act.session.scalar(
        query.where(WorkItem.employee_id == appraisal.employee_id, WorkItem.code.startswith(like, autoescape=True))
    )
    return like if not taken else f"{like}-{taken + 1}"


def _records(act: Act, appraisal: Appraisal, week: Week) -> str:
    query = (
        select(WorkItem)
        .where(WorkItem.employee_id == appraisal.employee_id, WorkItem.kind != STAFF)
        .where(WorkItem.happened_on.between(week.monday, week.sunday))
        .order_by(WorkItem.happened_on, WorkItem.code)
    )
    return "\n".join(f"{one.happened_on} {one.code} {one.title}" for one in act.session.scalars(query))


def people_drawn(act: Act, draw: Draw) -> list[Sample]:
    """The samples of everybody who bears a draw's seed, void ones included, in the order drawn."""
    query = select(Sample).join(Draw, Draw.id == Sample.draw_id).order_by(Sample.position)
    query = query.where(Draw.monday == draw.monday, Draw.seed == draw.seed)
    return list(act.session.scalars(query))


def replacement(act: Act, appraisal: Appraisal, draw: Draw, week: Week) -> Sample | None:
    """The next person of the same order in place of a void sample, if that month is still open; None where none is left."""
    drawn = people_drawn(act, draw)
    numbers = json.loads(draw.population)
    order = rule.order_of_people(numbers, json.loads(draw.goes_first), draw.seed)
    team = {one.employee.number: one for one in team_of(act, appraisal)}
    next_up = order[len(drawn)] if len(drawn) < len(order) else None
    if next_up is None or next_up not in team:
        return None
    own = next(iter(_draws(act, [team[next_up]], draw.monday)))
    fresh = add_sample(act, team[next_up], own, week, len(drawn) + 1)
    body = {"week": week.label, "instead_of": appraisal.employee.number}
    keep_record(act, team[next_up], "sampling:take_place", body=body)
    return fresh


def _draws(act: Act, months: Sequence[Appraisal], monday: date) -> Sequence[Draw]:
    query = select(Draw).where(Draw.appraisal_id.in_([one.id for one in months]), Draw.monday == monday)
    return act.session.scalars(query.order_by(Draw.appraisal_id)).all()


def must_be_waiting(act: Act, appraisal: Appraisal, week: Week) -> None:
    """Refuse to leave somebody out once the seed is known: that could steer the draw."""
    if appraisal not in waiting_in(act, appraisal, week.monday):
        raise Refused("%(week)s 的种子已经封存，不能再把人排除在外", fault="seed known", week=week.label)
