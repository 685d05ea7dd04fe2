"""A list costs as many statements with fifty rows as with five."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.objection import Objection
from approval.models.payout import PayoutBatch
from approval.models.target import AnnualTarget
from approval.rules.calendar import period_bounds
from tests.app_fixtures import World
from tests.stages import TEAM, cycle_of


def _periods(first: int, many: int) -> list[str]:
    return [f"{2000 + (first + n) // 12}-{(first + n) % 12 + 1:02}" for n in range(many)]


def _cycles(world: World, first: int, many: int) -> list[Cycle]:
    of = cycle_of(world)
    found = []
    for period in _periods(first, many):
        begins, ends = period_bounds(period)
        dues = dict.fromkeys(("self_assessment_due", "scores_due", "review_due", "approval_due", "payday"), ends)
        found.append(
            Cycle(department_id=of.department_id, period=period, first_on=begins, last_on=ends, opened_at=of.opened_at)
        )
        for name, day in dues.items():
            setattr(found[-1], name, day)
    world.session.add_all(found)
    world.session.flush()
    return found


def _pools(world: World, first: int, many: int) -> None:
    world.session.add_all(BonusPool(cycle_id=one.id, state="splitting") for one in _cycles(world, first, many))


def _batches(world: World, first: int, many: int) -> None:
    for cycle in _cycles(world, first, many):
        made = {"prepared_by_id": world.employee("finance").id, "prepared_at": cycle.opened_at, "fingerprint": ""}
        world.session.add(PayoutBatch(cycle_id=cycle.id, number=cycle.period, total_fen=0, state="prepared", **made))


def _objections(world: World, first: int, many: int) -> None:
    hr = world.employee("hr").id
    for n in range(first, first + many):
        month = world.month(TEAM[n % len(TEAM)])
        one = Objection(appraisal_id=month.id, round=1, raised_by_id=month.employee_id, raised_at=month.published_at)
        one.grounds, one.state, one.decided_by_id, one.decided_at = "理由", "rejected", hr, month.published_at
        one.decision = "答复"
        world.session.add(one)


def _targets(world: World, first: int, many: int) -> None:
    of, head = cycle_of(world), world.employee("head").id
    for n in range(first, first + many):
        one = AnnualTarget(department_id=of.department_id, year=2026, measure=f"m{n}", name=f"目标 {n}", unit="count")
        one.amount, one.basis, one.set_by_id, one.set_at = Decimal(12), "依据", head, of.opened_at
        world.session.add(one)


Fill = Callable[[World, int, int], object]


@pytest.mark.parametrize(
    ("page", "name", "fill"),
    [
        ("/objections", "hr", _objections),
        ("/objections", "head", _objections),
        ("/bonus-pools", "head", _pools),
        ("/cycles", "hr", _cycles),
        ("/publications", "hr", _cycles),
        ("/payouts", "finance", _batches),
        ("/targets", "head", _targets),
        ("/inbox", "head", _targets),
        ("/inbox", "hr", _pools),
    ],
)
def test_fifty_rows_cost_as_many_statements_as_five(published: World, page: str, name: str, fill: Fill) -> None:
    published.clock.go_to(date(2026, 11, 5))
    counted = []
    browser = published.sign_in(name)
    for first, many in ((0, 5), (5, 45)):
        fill(published, first, many)
        published.session.commit()
        published.session.expire_all()
        counted.append(published.statements(lambda: browser.get(page)))
    assert counted[0] == counted[1]
