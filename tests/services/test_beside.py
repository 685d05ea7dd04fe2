"""What stands beside a month's own policy: bonuses of another plan on the same payslip, adjustments, what is only flagged."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from approval.demo_company import filled
from approval.models.appraisal import Appraisal, PayResult
from approval.models.audit import AuditEntry
from approval.models.cycle import Cycle, LeftOut
from approval.models.figures import Attendance, Figure
from approval.models.outbox import OutboxMessage
from approval.models.people import Company, PayStandard
from approval.models.policy import PolicyVersion
from approval.rules.money import fen_half_up
from approval.rules.policy import load, read_shipped, shipped_text
from approval.services import cycle, figures, guard, pay, policy, recount, what_if
from approval.services.act import Act, Actor
from approval.services.attendance import attendance_of
from approval.services.beside import supplements_of
from approval.services.kept_months import finished_periods
from tests.app_fixtures import PERIOD, ZONE, World, publish_shipped
from tests.services.test_guard import penalty
from tests.services.test_segments import move
from tests.services.test_sheets import bring_in, told
from tests.stages import TEAM, bring_figures
from workflows.engine import NotAllowed

PLAN = "d03-gradient-bonus"
BONUSES = ("sales_bonus", "satisfaction_bonus", "team_bonus", "new_customer_bonus", "teamwork_bonus")
STANDARDS = {
    "sales_bonus": 600,
    "satisfaction_bonus": 300,
    "team_bonus": 400,
    "new_customer": 50,
    "teamwork_bonus": 200,
}
GROWTH = {
    "sales_growth": "0.12",
    "satisfaction": "91",
    "team_growth": "0.06",
    "new_customers": "3",
    "teamwork": "85",
}


def early(world: World) -> Act:
    return Act(world.session, Actor(None, frozenset({"hr", "admin"})), datetime(2026, 1, 1, 9, tzinfo=ZONE))


def of(world: World, name: str, period: str) -> Appraisal:
    world.fresh()
    query = select(Appraisal).join(Cycle).where(Cycle.period == period)
    return world.session.scalars(query.where(Appraisal.employee_id == world.employee(name).id)).one()


@pytest.fixture
def november(world: World) -> World:
    """The bonus plan is in force beside everybody's own policy, and November is opened."""
    for name in TEAM:
        person = world.employee(name).id
        for code, value in STANDARDS.items():
            row = PayStandard(employee_id=person, code=code, value=Decimal(value), from_on=date(2026, 1, 1))
            world.session.add(row)
    world.session.flush()
    publish_shipped(early(world), (PLAN,))
    cycle.open_cycle(world.act("hr"), world.departments()["电商部"], "2026-11")
    world.session.commit()
    return world


def bring_growth(world: World, month: Appraisal) -> None:
    bring_figures(world, "cs")
    world.session.flush()
    for row in world.session.scalars(select(Figure).where(Figure.employee_id == month.employee_id)):
        row.period = month.cycle.period
    for day in world.session.scalars(select(Attendance).where(Attendance.employee_id == month.employee_id)):
        day.period = month.cycle.period
    for code, value in GROWTH.items():
        figure = Figure(employee_id=month.employee_id, period=month.cycle.period, code=code, value=Decimal(value))
        world.session.add(figure)
    month.score = Decimal("82.00")
    world.session.commit()


def test_a_bonus_plan_adds_its_lines_to_the_payslip_of_the_posts_own_policy(november: World) -> None:
    month = of(november, "cs", "2026-11")
    assert [one.policy_version.code for one in supplements_of(november.act("hr"), month)] == ["gradient-bonus"]
    assert "个人销售额增长幅度" in pay.gather(november.act("hr"), month).missing
    bring_growth(november, month)
    result = pay.preview(november.act("hr"), of(november, "cs", "2026-11"))
    assert result is not None
    assert {line.code: line.amount_fen for line in result.lines if line.code in BONUSES} == {
        "sales_bonus": 60_000,
        "satisfaction_bonus": 30_000,
        "team_bonus": 20_000,
        "new_customer_bonus": 15_000,
        "teamwork_bonus": 20_000,
    }
    assert result.total_fen == sum(line.amount_fen for line in result.lines)
    assert result.lines[0].code == "base"


def test_a_month_with_bonuses_beside_is_recomputed_and_recounted_to_the_fen(november: World) -> None:
    month = of(november, "cs", "2026-11")
    bring_growth(november, month)
    hr, month = november.act("hr"), of(november, "cs", "2026-11")
    kept = pay.kept_result(hr, month, pay.gather(hr, month))
    assert pay.recomputed(kept) == pay.stored(kept)
    assert list(recount.recount(november.session)) == []
    opened = select(AuditEntry).where(AuditEntry.stream == month.stream, AuditEntry.action == "appraisal:supplements")
    assert "gradient-bonus/1" in november.session.scalars(opened).one().record


def test_a_what_if_of_the_bonus_plan_changes_its_own_lines_alone(november: World) -> None:
    month = of(november, "cs", "2026-11")
    bring_growth(november, month)
    hr, month = november.act("hr"), of(november, "cs", "2026-11")
    pay.kept_result(hr, month, pay.gather(hr, month))
    month.reviewed_by_id = november.employee("head").id
    month.state = "payout"
    november.session.commit()
    assert finished_periods(hr, "gradient-bonus") == [("2026-11", 1)]
    higher = shipped_text(PLAN).replace('{ lt = "0.20", value = "1" }', '{ lt = "0.20", value = "1.2" }')
    answer = what_if.what_if(november.act("hr"), None, ["2026-11"], load(higher))
    changed = [line for one in answer.people for month in one.months for line in month.lines if line.difference_fen]
    assert [(line.code, line.difference_fen) for line in changed] == [("sales_bonus", 12_000)]


def test_a_bonus_plan_alone_opens_no_month_and_says_what_is_lacking(november: World) -> None:
    wages = PolicyVersion.code.in_(("customer-service", "ec-department"))
    for version in november.session.scalars(select(PolicyVersion).where(wages)):
        version.effective_to = date(2026, 11, 30)
    november.session.commit()
    opened = cycle.open_cycle(november.act("hr"), november.departments()["电商部"], "2026-12").cycle
    rows = november.session.scalars(select(LeftOut).where(LeftOut.cycle_id == opened.id)).all()
    assert {row.employee.name for row in rows if "只有加发的奖金方案" in row.reason} == {"马骏", "陈思远"}


def test_a_monthly_policy_that_nobody_scores_by_is_not_published_unless_it_adds(world: World) -> None:
    text = shipped_text(PLAN).replace("adds = true", "adds = false")
    alone = policy.draft_policy(world.act("hr"), text)
    assert "no_scorer" in [one.code for one in policy.version_lints(world.act("hr"), alone)]
    adds = policy.draft_policy(world.act("hr"), shipped_text(PLAN))
    assert "no_scorer" not in [one.code for one in policy.version_lints(world.act("hr"), adds)]
    assert policy.rivals(world.act("hr"), adds) == []
    assert read_shipped(PLAN).adds


def test_a_reward_under_a_policy_without_a_line_for_it_is_an_adjustment_with_its_reason(ended: World) -> None:
    row = penalty(ended, "ops", -500)
    before = pay.preview(ended.act("hr"), ended.month("ops"))
    figures.confirm_reward(ended.act("finance"), row)
    after = pay.preview(ended.act("hr"), ended.month("ops"))
    assert before is not None
    assert after is not None
    assert after.total_fen == before.total_fen + 50_000
    line = after.line("adjustment")
    assert line is not None
    assert (line.amount_fen, line.terms[0].detail.zh) == (50_000, row.reason)
    hr = ended.act("hr")
    kept = pay.kept_result(hr, ended.month("ops"), pay.gather(hr, ended.month("ops")))
    assert pay.recomputed(kept) == pay.stored(kept)
    letters = ended.session.scalars(select(OutboxMessage).where(OutboxMessage.employee_id == row.employee_id)).all()
    assert any(row.reason in one.params for one in letters)
    assert list(recount.recount(ended.session)) == []


def test_a_deduction_as_an_adjustment_keeps_to_the_cap(ended: World) -> None:
    guard.allow_fines(ended.act("hr"), ended.session.scalars(select(Company)).one(), True, "员工手册第 12 条")
    figures.confirm_reward(ended.act("finance"), penalty(ended, "ops", 2500))
    with pytest.raises(NotAllowed, match="超过本月工资的 20%"):
        pay.release(ended.act("gm"), ended.month("ops"))


def test_a_commission_over_the_bound_is_flagged_and_paid_in_full(ended: World) -> None:
    before = pay.preview(ended.act("hr"), ended.month("cs"))
    assert before is not None
    commission = before.line("commission")
    assert commission is not None
    profit = Decimal(commission.amount_fen * 20 - 100).scaleb(-2)
    figure = Figure(employee_id=ended.employee("cs").id, period=PERIOD, code="product_profit", value=profit)
    ended.session.add(figure)
    ended.session.commit()
    flagged = pay.preview(ended.act("hr"), ended.month("cs"))
    assert flagged is not None
    assert flagged.lines == before.lines
    assert [note.input for note in flagged.notes] == ["commission_over_5pct_profit"]
    figure.value = Decimal(commission.amount_fen * 20).scaleb(-2)
    ended.session.commit()
    assert pay.preview(ended.act("hr"), ended.month("cs")) == before, "exactly 5 % is not over it"
    assert ended.session.scalars(select(PayResult)).all() == []


def moved_within(world: World, scope: str) -> Appraisal:
    """A copywriter becomes an operations specialist on 19 October, with a bonus plan for one of the two posts in force."""
    for code, value, name in ((*one, name) for one in STANDARDS.items() for name in ("copy", "ops")):
        person = world.employee(name).id
        world.session.add(PayStandard(employee_id=person, code=code, value=Decimal(value), from_on=date(2026, 1, 1)))
    for code, grown in GROWTH.items():
        row = Figure(employee_id=world.employee("copy").id, period=PERIOD, code=code, value=Decimal(grown))
        world.session.add(row)
    world.session.flush()
    whole = 'departments = ["电商部", "电子商务部"]'
    text = shipped_text(PLAN)
    assert whole in text
    narrow = text.replace(whole, f'departments = ["{scope}"]')
    begun, first = early(world), date(2026, 1, 1)
    draft = policy.draft_policy(begun, filled(narrow), policy.default_readings(narrow), first)
    for office, step in (("hr", policy.review_policy), ("general_manager", policy.publish_policy)):
        person = world.employee("hr" if office == "hr" else "gm").id
        more = {"official": True} if office == "general_manager" else {}
        step(Act(world.session, Actor(person, frozenset({office})), begun.at), draft, **more)
    world.session.commit()
    return move(world, "copy", "Y-1")


@pytest.mark.parametrize(("scope", "days"), [("运营/推广", 10), ("策划部", 12)])
def test_a_bonus_plan_of_one_of_two_posts_is_paid_for_its_days(world: World, scope: str, days: int) -> None:
    month = moved_within(world, scope)
    bring_figures(world, "copy")
    month.score = Decimal("82.00")
    world.session.commit()
    hr, month = world.act("hr"), world.month("copy")
    attendance = attendance_of(hr, month)
    assert attendance is not None
    attendance.actual = attendance.scheduled = Decimal(22)
    world.session.flush()
    assert pay.gather(hr, month).missing == ()
    ((one,), lines) = supplements_of(hr, month), pay.preview(hr, month)
    assert one.policy_version.code == "gradient-bonus"
    assert lines is not None
    paid = {line.code: line.amount_fen for line in lines.lines if line.code in BONUSES}
    assert paid["sales_bonus"] == fen_half_up(Fraction(600 * days, 22))
    assert paid["new_customer_bonus"] == 15_000, "what was done counts as it was done"
    line = next(line for line in lines.lines if line.code == "sales_bonus")
    assert f"{days} ÷ 22" in line.formula
    assert sum(line.amount_fen for line in lines.lines) == lines.total_fen
    kept = pay.kept_result(hr, month, pay.gather(hr, month))
    assert pay.recomputed(kept) == pay.stored(kept) == lines
    world.session.commit()
    assert list(recount.recount(world.session)) == []


def test_undoing_the_move_lets_go_of_the_other_posts_plan(world: World) -> None:
    month = moved_within(world, "运营/推广")
    assert len(supplements_of(world.act("hr"), month)) == 1
    month = move(world, "copy", "C-1")
    assert supplements_of(world.act("hr"), month) == []
    told = select(AuditEntry).where(AuditEntry.stream == month.stream, AuditEntry.action == "appraisal:supplements")
    assert len(world.session.scalars(told).all()) == 2


def test_only_a_figure_that_the_policy_lets_be_negative_is_brought_in_below_nought(world: World) -> None:
    falling = "E1043 2026-10 sales_growth -0.05 -"
    assert told(world, "data", "factors", falling) == [
        "第 2 行“数值”填的是“-0.05”：不能小于 0；方案没有写明这项数据可以是负数"
    ]
    for code, value in STANDARDS.items():
        row = PayStandard(
            employee_id=world.employee("cs").id, code=code, value=Decimal(value), from_on=date(2026, 1, 1)
        )
        world.session.add(row)
    world.session.flush()
    publish_shipped(early(world), (PLAN,))
    assert told(world, "data", "factors", "E1043 2026-10 task_coefficient -1 -") != []
    bring_in(world, "data", "factors", falling)
    kept = world.session.scalars(select(Figure).where(Figure.code == "sales_growth")).one()
    assert kept.value == Decimal("-0.05")
