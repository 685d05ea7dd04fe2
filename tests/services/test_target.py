"""Targets: a year broken down to people and months, checked, confirmed, compared with what was reached (R002, R110, R112)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from approval.models.audit import entries_of
from approval.models.figures import Figure
from approval.models.outbox import OutboxMessage
from approval.models.target import AnnualTarget, MonthTarget, PersonalTarget
from approval.rules.process import reached, spread
from approval.rules.refusal import Refused
from approval.rules.table import Cell, Row, Table
from approval.services import people, sheets, target
from approval.services.audit import verify
from approval.services.completion import breakdown_of, evidence_for
from approval.services.desks import tasks_of
from approval.services.target import Goal, Part
from tests.app_fixtures import World
from workflows.engine import NotAllowed

SALES = Goal("sales", "销售额", "money", Decimal(120_000), "一月六日部门会议", "Sales")


def annual(world: World, goal: Goal = SALES) -> AnnualTarget:
    return target.set_annual_target(world.act("head"), world.departments()["电商部"], 2026, goal)


def give(world: World, one: AnnualTarget, name: str, months: dict[str, str], reason: str = "") -> PersonalTarget:
    part = Part({month: Decimal(value) for month, value in months.items()}, "接待客户", reason)
    return target.set_personal_target(world.act("head"), one, world.employee(name), part)


def sell(world: World, name: str, month: str, value: str) -> None:
    world.session.add(Figure(employee_id=world.employee(name).id, period=month, code="sales", value=Decimal(value)))
    world.session.flush()


def test_the_parts_make_the_year_or_the_difference_is_told_and_nothing_is_blocked(world: World) -> None:
    one = annual(world)
    give(world, one, "cs", {"2026-01": "50000"})
    assert breakdown_of(world.act("head"), one).gap == 70_000
    told = [task.text % task.params for task in tasks_of(world.act("gm"))]
    assert "电商部 2026 年“销售额”目标与各人各月之和不等" in told
    give(world, one, "cs2", {"2026-01": "70000"})
    assert breakdown_of(world.act("head"), one).gap == 0
    assert not [task for task in tasks_of(world.act("head")) if "之和不等" in task.text]


def test_the_person_is_told_and_confirms_what_he_saw_once(world: World) -> None:
    kept = give(world, annual(world), "cs", {"2026-01": "50000"})
    letters = world.session.scalars(select(OutboxMessage).where(OutboxMessage.link == "/targets"))
    assert [one.employee_id for one in letters] == [world.employee("cs").id]
    with pytest.raises(NotAllowed, match="只有本人"):
        target.confirm_personal_target(world.act("head"), kept, kept.version)
    with pytest.raises(NotAllowed, match="别人刚刚改过"):
        target.confirm_personal_target(world.act("cs"), kept, kept.version - 1)
    target.confirm_personal_target(world.act("cs"), kept, kept.version)
    assert kept.confirmed_at == world.clock.now()
    with pytest.raises(NotAllowed, match="已经确认过"):
        target.confirm_personal_target(world.act("cs"), kept, kept.version)


def test_a_change_needs_its_reason_stands_in_the_chain_and_is_confirmed_anew(world: World) -> None:
    one = annual(world)
    kept = give(world, one, "cs", {"2026-01": "50000", "2026-02": "20000"})
    target.confirm_personal_target(world.act("cs"), kept, kept.version)
    with pytest.raises(Refused, match="请写明修改的理由"):
        give(world, one, "cs", {"2026-02": "30000"})
    months = world.session.scalars(select(MonthTarget).order_by(MonthTarget.period)).all()
    assert [row.value for row in months] == [Decimal(50_000), Decimal(20_000)], "nothing is stored in part"
    give(world, one, "cs", {"2026-02": "30000"}, "双十一提前")
    assert kept.confirmed_at is None
    entry = entries_of(world.session, kept.stream)[-1]
    assert (entry.action, entry.reason) == ("personal_target:change", "双十一提前")
    assert '"2026-02":["20000' in entry.record
    assert list(verify(world.session)) == []


def test_nobody_sets_his_own_target_and_no_other_department_sets_ours(world: World) -> None:
    one = annual(world)
    with pytest.raises(NotAllowed, match="不能给自己定目标"):
        give(world, one, "head", {"2026-01": "1"})
    target.set_personal_target(world.act("gm"), one, world.employee("head"), Part({"2026-01": Decimal(1)}))
    for name in ("other_head", "lead", "hr", "cs"):
        with pytest.raises(NotAllowed, match="只有部门负责人或总经理"):
            target.set_personal_target(world.act(name), one, world.employee("cs2"), Part({"2026-01": Decimal(1)}))
        with pytest.raises(NotAllowed, match="只有部门负责人或总经理"):
            target.set_annual_target(world.act(name), world.departments()["电商部"], 2027, SALES)


@pytest.mark.parametrize(
    ("month", "value", "why"),
    [("2027-01", "1", "不在 2026 年"), ("2026-01", "1.001", "最多两位小数"), ("2026-01", "-1", "须大于 0")],
)
def test_a_month_that_cannot_be_is_refused(world: World, month: str, value: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        give(world, annual(world), "cs", {month: value})


def test_a_year_has_one_target_a_measure_and_is_changed_with_a_reason(world: World) -> None:
    one = annual(world)
    with pytest.raises(Refused, match="已经有“销售额”的目标"):
        annual(world)
    with pytest.raises(Refused, match="请写明修改的理由"):
        target.change_annual_target(world.act("gm"), one, Decimal(1), " ", one.version)
    with pytest.raises(NotAllowed, match="别人刚刚改过"):
        target.change_annual_target(world.act("gm"), one, Decimal(1), "下调", one.version - 1)
    target.change_annual_target(world.act("gm"), one, Decimal(100_000), "市场下行", one.version)
    assert (one.amount, one.set_by.number) == (Decimal(100_000), "G0001")


def test_completion_is_actual_by_target_for_month_quarter_and_year_and_a_missing_month_is_no_zero(world: World) -> None:
    one = annual(world)
    give(world, one, "cs", {"2026-10": "40000", "2026-11": "20000", "2026-12": "60000"})
    sell(world, "cs", "2026-10", "43210.99")
    told = breakdown_of(world.act("head"), one)
    line = next(line for line in told.lines if line.employee.number == "E1043")
    assert line.reached("2026-10").rate == Fraction(4321099, 4000000)
    assert (line.reached("2026-11").rate, line.reached("2026-11").actual) == (None, None)
    quarter = line.reached("2026-Q4")
    assert (quarter.target, quarter.actual) == (Decimal(120_000), Decimal("43210.99"))
    assert (quarter.known, quarter.complete) == (1, False)
    assert told.reached("2026").target == 120_000


def test_the_figures_of_somebody_elsewhere_do_not_count(world: World) -> None:
    one = annual(world)
    give(world, one, "cs", {"2026-10": "40000"})
    for month in ("2026-09", "2026-10"):
        sell(world, "cs", month, "1000")
    post = people.Post(world.departments()["发货部"].id, world.month("shipper").position_id, None, date(2026, 10, 1))
    people.assign(world.act("hr"), world.employee("cs"), post)
    assert breakdown_of(world.act("head"), one).reached("2026").actual == 1000


def test_a_years_pool_finds_its_evidence_and_nothing_else(world: World) -> None:
    one = annual(world)
    sell(world, "cs", "2026-10", "60000")
    (told,) = evidence_for(world.act("head"), one.department_id, 2026)
    assert told.reached("2026").rate == Fraction(1, 2)
    assert evidence_for(world.act("head"), one.department_id, 2025) == []


@given(st.integers(0, 10**9), st.integers(1, 12))
def test_a_year_spread_over_months_loses_nothing(fen: int, months: int) -> None:
    parts = spread(Decimal(fen).scaleb(-2), months, 2)
    assert sum(parts) == Decimal(fen).scaleb(-2)
    assert max(parts) - min(parts) <= Decimal("0.01")


def test_a_target_of_nothing_has_no_completion() -> None:
    assert reached("2026-10", {}, {"2026-10": Decimal(5)}).rate is None


def rows(*told: str) -> Table:
    """A table of the sheet: cells stand between blanks, a dash is an empty one."""
    cells = [tuple(Cell("" if text == "-" else text) for text in row.split()) for row in told]
    return Table(("工号", "月份", "指标", "目标值", "修改理由"), tuple(Row(n, row) for n, row in enumerate(cells, 2)))


def problems(world: World, who: str, *told: str) -> list[str]:
    return [str(one) for one in sheets.check_sheet(world.act(who), "targets", rows(*told)).problems]


def test_a_file_sets_everybodys_months_with_one_entry_and_one_letter_a_person(world: World) -> None:
    annual(world)
    act = world.act("head")
    lines = ("E1043 2026-01 销售额 50000 -", "E1043 2026-02 sales 10000.50 -", "E1041 2026-01 销售额 59999.50 -")
    checked = sheets.check_sheet(act, "targets", rows(*lines))
    assert [str(one) for one in checked.problems] == []
    sheets.take_in(act, sheets.keep_pending(act, checked, "目标.xlsx", b"x"), checked)
    kept = world.session.scalars(select(MonthTarget).order_by(MonthTarget.row_number)).all()
    assert [(one.value, one.row_number) for one in kept] == [
        (Decimal(50_000), 2),
        (Decimal("10000.5"), 3),
        (Decimal("59999.5"), 4),
    ]
    letters = world.session.scalars(select(OutboxMessage).where(OutboxMessage.link == "/targets")).all()
    assert len(letters) == 2
    assert list(verify(world.session)) == []


def test_a_file_is_refused_by_row_whole_or_not_at_all(world: World) -> None:
    assert "请先制定" in problems(world, "head", "E1043 2026-01 销售额 5 -")[0]
    one = annual(world)
    give(world, one, "cs", {"2026-01": "50000"})
    told = problems(
        world,
        "head",
        "E1043 2026-01 销售额 5 -",
        "D0012 2026-01 销售额 5 -",
        "E1041 2026-01 销售额 5.001 -",
        "E2001 2026-01 销售额 5 -",
        "E1043 2026-02 回款 5 -",
    )
    for line, why in zip(
        told, ("修改须写明理由", "不能给自己定目标", "最多两位小数", "请先制定", "请先制定"), strict=True
    ):
        assert why in line
    assert "只有部门负责人或总经理" in problems(world, "other_head", "E1041 2026-01 销售额 5 -")[0]
    with pytest.raises(NotAllowed, match="没有导入"):
        problems(world, "hr", "E1041 2026-01 销售额 5 -")


def test_a_measure_of_the_companys_own_can_be_brought_in_as_a_count(world: World) -> None:
    counts = Table(
        ("工号", "月份", "指标编码", "数量"), (Row(2, tuple(map(Cell, ("E1043", "2026-10", "新客户", "4")))),)
    )
    assert sheets.check_sheet(world.act("data"), "counts", counts).problems
    one = annual(world, Goal("新客户", "新客户", "count", Decimal(40), "部门会议"))
    assert not sheets.check_sheet(world.act("data"), "counts", counts).problems
    with pytest.raises(Refused, match="数量须是整数"):
        give(world, one, "cs", {"2026-10": "0.5"})
