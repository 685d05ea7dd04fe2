"""Opening a month: one for each person, frozen policies, who is left out and why, and reminders that do not nag."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.cycle import LeftOut
from approval.models.outbox import OutboxMessage
from approval.models.people import Department, Employment
from approval.rules.policy import shipped_text
from approval.rules.refusal import Refused
from approval.services import cycle, people, policy
from approval.services.act import Act, Actor
from tests.app_fixtures import PERIOD, World
from workflows.engine import NotAllowed


def months(world: World) -> int:
    return world.session.scalar(select(func.count()).select_from(Appraisal)) or 0


def department(world: World, name: str) -> Department:
    return world.departments()[name]


def test_opening_again_creates_nobody_twice(world: World) -> None:
    before = months(world)
    opening = cycle.open_cycle(world.act("hr"), department(world, "电商部"), PERIOD)
    assert (opening.created, months(world)) == (0, before)


def test_a_unit_opened_beside_its_department_gives_nobody_a_second_month(world: World) -> None:
    before = months(world)
    opening = cycle.open_cycle(world.act("hr"), department(world, "客服部"), PERIOD)
    assert (opening.created, months(world)) == (0, before)


def test_only_hr_opens_a_month(world: World) -> None:
    with pytest.raises(NotAllowed, match="人事"):
        cycle.open_cycle(world.act("gm"), department(world, "电商部"), "2026-11")


def test_a_month_years_ahead_is_a_slip_and_refused(world: World) -> None:
    with pytest.raises(Refused, match="太早"):
        cycle.open_cycle(world.act("hr"), department(world, "电商部"), "2036-10")
    assert cycle.open_cycle(world.act("hr"), department(world, "电商部"), "2026-12").created > 0


def test_without_a_supervisor_a_person_is_left_out_with_the_remedy_until_he_has_one(world: World) -> None:
    act = world.act("hr")
    post = world.session.scalars(select(Employment).where(Employment.employee_id == world.employee("cs").id)).one()
    post.supervisor_id = None
    opening = cycle.open_cycle(act, department(world, "电商部"), "2026-11")
    assert [(one.employee.number, "直接主管" in one.reason) for one in opening.left_out] == [("E1043", True)]
    people.assign(act, world.employee("cs"), _post_under(world, "lead"))
    again = cycle.open_cycle(act, department(world, "电商部"), "2026-11")
    assert (again.created, list(again.left_out)) == (1, [])
    assert world.session.scalars(select(LeftOut)).all() == []


def _post_under(world: World, boss: str) -> people.Post:
    held = world.session.scalars(select(Employment).where(Employment.employee_id == world.employee("cs").id)).one()
    return people.Post(held.department_id, held.position_id, world.employee(boss).id, date(2026, 1, 1))


def test_a_month_runs_under_the_version_in_force_on_its_first_day(world: World) -> None:
    hr, gm = world.act("hr"), world.act("gm")
    author = Act(hr.session, Actor(None, frozenset({"hr"})), hr.at)
    fresh = policy.draft_policy(
        author, shipped_text("d17-c1"), policy.default_readings(shipped_text("d17-c1")), date(2026, 12, 1)
    )
    policy.review_policy(hr, fresh)
    policy.publish_policy(gm, fresh, official=True)
    for period, number in (("2026-11", 1), ("2026-12", 2)):
        cycle.open_cycle(hr, department(world, "电商部"), period)
        assert (world.month("copy").cycle.period, world.month("copy").policy_version.number) == (period, number)


def test_a_newer_version_that_begins_earlier_wins_over_the_one_it_replaced(world: World) -> None:
    hr, gm = world.act("hr"), world.act("gm")
    author = Act(hr.session, Actor(None, frozenset({"hr"})), hr.at)
    for begins in (date(2026, 12, 1), date(2026, 11, 20)):
        version = policy.draft_policy(
            author, shipped_text("d17-c1"), policy.default_readings(shipped_text("d17-c1")), begins
        )
        policy.review_policy(hr, version)
        policy.publish_policy(gm, version, official=True)
    cycle.open_cycle(hr, department(world, "电商部"), "2026-12")
    assert world.month("copy").policy_version.number == 3


def test_a_reminder_goes_to_the_holder_and_not_again_within_four_hours(world: World) -> None:
    hr, month = world.act("hr"), world.month("cs")
    assert cycle.holder_of(hr, month) == month.employee_id
    cycle.remind(hr, month)
    with pytest.raises(NotAllowed, match="已经催办过"):
        cycle.remind(hr, month)
    world.session.commit()
    world.clock.moment = world.clock.moment.replace(hour=15)
    cycle.remind(world.act("hr"), month)
    letters = select(OutboxMessage).where(OutboxMessage.subject == cycle.REMINDER)
    assert [one.link for one in world.session.scalars(letters)] == [f"/my/{PERIOD}"] * 2


def test_nobody_but_hr_reminds(world: World) -> None:
    with pytest.raises(NotAllowed, match="人事"):
        cycle.remind(world.act("lead"), world.month("cs"))
