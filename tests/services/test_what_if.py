"""What-if below the pages: finished months under another version or reading, exact, in a few statements, nothing stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Table, select, update

from approval.models import Base
from approval.models.appraisal import Appraisal, PayResult
from approval.models.audit import AuditEntry
from approval.models.guard import MinimumWage
from approval.models.people import PayStandard
from approval.models.policy import PolicyVersion
from approval.rules.policy import Policy, load, shipped_text
from approval.rules.refusal import Refused
from approval.rules.what_if import WhatIf
from approval.services import pay, people, policy, segments
from approval.services.kept_months import departments_of, finished_periods
from approval.services.sight import Hidden
from approval.services.what_if import find_version, note_look, what_if
from tests.app_fixtures import FIRST, PERIOD, World
from tests.services.test_segments import move
from tests.stages import bring_figures
from workflows.engine import NotAllowed

SERVICE = "d08-customer-service"
COPY = "d17-c1"


def asked(world: World, shipped: str, *changes: tuple[str, str], who: str = "hr", **choices: str) -> WhatIf:
    """October under the shipped policy with its text changed, and with other readings."""
    source = shipped_text(shipped)
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return what_if(world.act(who), None, [PERIOD], load(source), choices)


def stored(world: World, name: str) -> PayResult:
    query = select(PayResult).where(PayResult.appraisal_id == world.month(name).id).order_by(PayResult.id.desc())
    return world.session.scalars(query).first() or pytest.fail(name)


def rows(world: World) -> dict[str, Sequence[object]]:
    """Every row of every table."""
    world.fresh()
    tables: Sequence[Table] = Base.metadata.sorted_tables
    return {one.name: world.session.execute(one.select().order_by(*one.primary_key)).all() for one in tables}


def told(answer: WhatIf) -> dict[str, int]:
    """The change of each person in fen, in the order of the answer."""
    return {person.name: person.difference_fen for person in answer.people}


def test_the_version_that_was_paid_changes_nothing(payable: World) -> None:
    for version in payable.session.scalars(select(PolicyVersion)):
        answer = what_if(payable.act("hr"), None, [PERIOD], version)
        assert answer.difference_fen == 0, version.code
        assert [month.lines for month in answer.months if month.lines] == []
        assert answer.tier_moves == (), version.code


def test_a_higher_base_costs_what_the_formula_says_the_biggest_change_first(payable: World) -> None:
    answer = asked(payable, SERVICE, ('base = { value = "500"', 'base = { value = "600"'))
    assert list(told(answer).items()) == [("陈思远", 12_000), ("马骏", 10_000)], "100 × 1.2 and 100 × 1"
    assert (answer.before_fen, answer.after_fen) == (472_366 + 374_048, 472_366 + 374_048 + 22_000)
    (line,) = answer.people[0].months[0].lines
    assert (line.code, line.before, line.after) == (
        "base",
        "500.00 × 1.2 × 18/18 = 600.00",
        "600.00 × 1.2 × 18/18 = 720.00",
    )
    assert [(cost.department.zh, cost.people, cost.difference_fen) for cost in answer.departments] == [
        ("客服部", 2, 22_000)
    ]


def test_whoever_crosses_an_edge_is_named_with_both_tiers(payable: World) -> None:
    answer = asked(payable, SERVICE, ('{ lt = "95", value = "1.2"', '{ lt = "94", value = "1.2"'))
    (month,) = answer.tier_moves
    (move,) = month.moves
    assert (month.name, move.name.en) == ("陈思远", "Performance coefficient")
    assert (move.before.zh, move.after.zh) == ("≥ 80 < 95 → 1.2", "≥ 94 → 1.5")
    assert told(answer) == {"陈思远": 15_000, "马骏": 0}, "500 × 1.5 instead of 500 × 1.2"


def test_another_reading_is_replayed_as_it_would_have_been_paid(payable: World) -> None:
    assert told(asked(payable, COPY, tiers="ladder90")) == {"林晓雨": -6_000}, "85 points: 80 % of 300 instead of all"
    with pytest.raises(Refused, match="没有读法"):
        asked(payable, COPY, tiers="upside_down")
    with pytest.raises(Refused, match="没有选项"):
        asked(payable, COPY, weather="fine")


def test_the_readings_asked_for_stand_before_those_of_the_draft(payable: World) -> None:
    draft = policy.draft_policy(payable.act("gm"), shipped_text(COPY), {"tiers": "ladder90"}, date(2026, 12, 1))
    act = payable.act("gm")
    assert told(what_if(act, None, [PERIOD], draft)) == {"林晓雨": -6_000}
    assert told(what_if(act, None, [PERIOD], draft, {"tiers": "monotone"})) == {"林晓雨": 0}


def test_other_weights_give_another_score_from_the_ratings_that_were_given(payable: World) -> None:
    half = (('weight = "0.25"', 'weight = "0.5"'), ('weight = "0.75"', 'weight = "0.5"'))
    answer = asked(payable, SERVICE, *half)
    scores = {month.name: (month.score_before, month.score_after) for month in answer.months}
    assert scores["马骏"] == (Decimal("68.25"), Decimal("75.50")), "self 90, samples 61"
    assert scores["陈思远"] == (Decimal("94.50"), Decimal("93.00")), "self 90, samples 96"


def test_the_company_s_own_figure_of_a_person_stays_his_own(payable: World) -> None:
    more = ('bonus = { value = "300"', 'bonus = { value = "400"')
    assert told(asked(payable, COPY, more)) == {"林晓雨": 10_000}
    copy = payable.employee("copy")
    people.set_pay_standard(payable.act("hr"), copy, "bonus", Decimal(300), FIRST)
    assert told(asked(payable, COPY, more)) == {"林晓雨": 0}
    own = payable.session.scalars(select(PayStandard).where(PayStandard.code == "bonus")).one()
    own.to_on = date(2026, 9, 30)
    assert told(asked(payable, COPY, more)) == {"林晓雨": 10_000}, "no longer his on the month's last day"


def test_a_month_that_lacks_a_figure_is_left_out_with_its_name(payable: World) -> None:
    night = ("[inputs]", '[inputs]\nnight = { type = "count", zh = "夜班次数", en = "Night shifts" }')
    answer = asked(payable, SERVICE, night)
    assert answer.people == ()
    assert [(one.name, str(one.reason)) for one in answer.left_out] == [
        ("陈思远", "缺少这些数据：夜班次数"),
        ("马骏", "缺少这些数据：夜班次数"),
    ]


def test_a_month_without_pay_says_so(ended: World) -> None:
    answer = asked(ended, SERVICE)
    assert (answer.people, {str(one.reason) for one in answer.left_out}) == ((), {"这个月还没有算出工资"})


def test_a_post_or_a_period_that_the_version_leaves_out_says_so(payable: World) -> None:
    answer = asked(payable, SERVICE, ('positions = ["客服专员"]', 'positions = ["客服主管"]'))
    assert {str(one.reason) for one in answer.left_out} == {"这一版不再适用于客服部 客服专员"}
    quarter = asked(payable, SERVICE, ('cycle = "month"', 'cycle = "quarter"'))
    assert {str(one.reason) for one in quarter.left_out} == {"这一版的结算周期与这个月份不同"}


def transferred(world: World) -> None:
    """林晓雨 spent 12 scheduled days of October as C-1 and 10 as Y-1, and her pay was computed."""
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    hr = world.act("hr")
    first, second = segments.segments_of(hr, month)
    segments.enter_days(hr, month, {first.id: Decimal(10), second.id: Decimal(8)})
    month.score = Decimal(84)
    pay.kept_result(hr, month, pay.gather(hr, month))
    done = {"state": "payout", "reviewed_by_id": world.employee("head").id}
    world.session.execute(update(Appraisal).where(Appraisal.id == month.id).values(done))
    world.session.commit()


def test_a_month_in_two_posts_changes_only_in_the_post_of_the_policy(world: World) -> None:
    transferred(world)
    name = world.employee("copy").name
    for code in ("planning-C-1", "operations-Y-1"):
        own = what_if(world.act("hr"), None, [PERIOD], find_version(world.act("hr"), code))
        assert told(own)[name] == 0, code
    answer = asked(world, COPY, ('bonus = { value = "300"', 'bonus = { value = "400"'))
    assert told(answer) == {name: 21_818 - 16_364}, "400 and 300, each × 12 ÷ 22"
    assert [line.code for line in answer.people[0].months[0].lines] == ["performance_bonus@1"]
    gone = asked(world, "d17-y1", ('positions = ["Y-1"]', 'positions = ["Y-2"]'))
    assert {str(one.reason) for one in gone.left_out if one.name == name} == {"这一版不再适用于运营/推广 运营专员"}


def test_scores_worked_out_again_from_the_ratings_are_the_kept_ones(payable: World) -> None:
    for version in payable.session.scalars(select(PolicyVersion)):
        raw = dict(load(version.source).raw)
        raw["appraisal"] = {**raw.get("appraisal", {}), "note": "the same weights in other words"}
        answer = what_if(payable.act("hr"), None, [PERIOD], Policy(raw))
        assert [(one.name, one.score_after) for one in answer.months] == [
            (one.name, one.score_before) for one in answer.months
        ]


def test_minimum_wage_is_asked_before_and_after_by_place_and_day(payable: World) -> None:
    assert asked(payable, SERVICE).without_minimum == ("客服部",)
    payable.departments()["电商部"].place = "厦门"
    for day, fen in ((date(2025, 7, 1), 100_000), (date(2026, 7, 1), 400_000), (date(2026, 11, 1), 900_000)):
        payable.session.add(MinimumWage(place="厦门", from_on=day, amount_fen=fen))
    answer = asked(payable, SERVICE, ('base = { value = "500"', 'base = { value = "800"'))
    (month,) = answer.below_minimum
    assert (month.name, month.gap_before_fen, month.gap_after_fen) == ("马骏", 400_000 - 374_048, 0)
    worse = asked(payable, SERVICE, ('base = { value = "500"', 'base = { value = "0"'))
    assert {one.name: one.gap_after_fen for one in worse.below_minimum} == {"马骏": 75_952}
    assert worse.without_minimum == ()


def test_a_department_is_asked_with_its_units_and_without_others(payable: World) -> None:
    units = payable.departments()
    version = find_version(payable.act("hr"), "customer-service", 1)
    for name, people_found in (("电商部", 2), ("客服部", 2), ("发货部", 0)):
        assert len(what_if(payable.act("hr"), units[name], [PERIOD], version).people) == people_found, name
    assert finished_periods(payable.act("hr"), "customer-service") == [(PERIOD, 2)]
    assert [one.name for one in departments_of(payable.act("hr"), "customer-service")] == ["客服部", "电商部"]


def test_a_quarter_is_no_month_that_ran_and_nonsense_is_refused(payable: World) -> None:
    version = find_version(payable.act("hr"), "customer-service")
    act = payable.act("hr")
    assert what_if(act, None, ["2026-09", "2026-Q4"], version).people == ()
    for periods, why in (
        ([], "至少选一个"),
        (["last month"], "不是月份"),
        ([f"2{n:03d}" for n in range(25)], "一次最多"),
    ):
        with pytest.raises(Refused, match=why):
            what_if(act, None, periods, version)
    with pytest.raises(Hidden):
        find_version(act, "customer-service", 99)


@pytest.mark.parametrize("who", ["cs", "lead", "head", "data"])
def test_without_the_office_nobody_asks_what_others_would_be_paid(payable: World, who: str) -> None:
    with pytest.raises(NotAllowed, match="只有人事"):
        asked(payable, SERVICE, who=who)


@pytest.mark.parametrize("who", ["hr", "gm", "finance", "auditor"])
def test_the_offices_that_pay_and_oversee_ask(payable: World, who: str) -> None:
    assert len(asked(payable, SERVICE, who=who).people) == 2


def test_nothing_is_written_but_the_note_that_somebody_looked(payable: World) -> None:
    before = rows(payable)
    version = find_version(payable.act("hr"), "customer-service")
    answer = what_if(payable.act("hr"), None, [PERIOD], version, {"base_proration": "none"})
    assert rows(payable) == before
    note_look(payable.act("hr"), answer, version, {"base_proration": "none"})
    after = rows(payable)
    assert {name for name in before if before[name] != after[name]} == {"audit_entry", "audit_stream"}
    entry = payable.session.scalars(select(AuditEntry).where(AuditEntry.action == "what_if:look")).one()
    assert entry.actor_id == payable.employee("hr").id
    assert "customer-service/1" in entry.record


def test_ten_times_the_people_take_no_more_statements(payable: World) -> None:
    version = find_version(payable.act("hr"), "customer-service")
    two = payable.statements(lambda: what_if(payable.act("hr"), None, [PERIOD], version))
    copies(payable, 18)
    payable.fresh()
    twenty = payable.statements(lambda: what_if(payable.act("hr"), None, [PERIOD], version))
    assert len(what_if(payable.act("hr"), None, [PERIOD], version).people) == 20
    assert twenty == two <= 15


def copies(world: World, count: int) -> None:
    """More people with the same finished month as 马骏."""
    month, result = world.month("cs"), stored(world, "cs")
    for n in range(count):
        one = people.engage(world.act("hr"), f"E9{n:03d}", f"新人{n}", FIRST)
        told_of = {c.name: getattr(month, c.name) for c in Appraisal.__table__.columns if c.name not in ("id",)}
        twin = Appraisal(**{**told_of, "employee_id": one.id, "audit_seq": 0, "audit_head": "", "version": 0})
        world.session.add(twin)
        world.session.flush()
        kept = {c.name: getattr(result, c.name) for c in PayResult.__table__.columns if c.name != "id"}
        world.session.add(PayResult(**{**kept, "appraisal_id": twin.id}))
    world.session.flush()
