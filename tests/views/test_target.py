"""The pages of targets: set and broken down by the head, confirmed by the employee, seen by whom it concerns."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.audit import entries_of
from approval.models.bonus_pool import BonusPool
from approval.models.figures import Figure
from approval.models.target import AnnualTarget, MonthTarget, PersonalTarget, WeekTarget
from approval.rules.refusal import Refused
from approval.services.target import Goal, Part, set_annual_target, set_personal_target
from approval.services.week_plan import set_weeks, week_plans
from tests.app_fixtures import Browser, World
from tests.quarter.test_quarter_and_year import year
from workflows.engine import NotAllowed

__all__ = ["year"]


def new(world: World, **more: str) -> dict[str, str]:
    body = {"department": str(world.departments()["电商部"].id), "year": "2026", "measure": "sales", "unit": "money"}
    return body | {"amount": "120000", "basis": "一月六日部门会议", **more}


def person(world: World, name: str) -> str:
    world.fresh()
    target = world.session.scalars(select(AnnualTarget.id)).one()
    return f"/targets/{target}/people/{world.employee(name).number}"


def given(world: World, name: str = "cs") -> PersonalTarget:
    goal = Goal("sales", "销售额", "money", Decimal(120_000), "部门会议", "Sales")
    target = set_annual_target(world.act("head"), world.departments()["电商部"], 2026, goal)
    part = Part({"2026-10": Decimal(50_000)}, "接待客户")
    kept = set_personal_target(world.act("head"), target, world.employee(name), part)
    world.session.commit()
    return kept


def test_a_head_sets_the_year_breaks_it_down_and_the_employee_confirms(world: World) -> None:
    head: Browser = world.sign_in("head")
    assert "还没有分解的" not in head.get("/targets")
    page = head.post("/targets/new", new(world))
    assert "年度目标已制定" in page
    assert "还有没有分解的" in page
    page = head.post(person(world, "cs"), {"seen": "0", "m_2026-10": "１２０,０００", "duties": "接待客户"})
    assert "各人各月之和等于年度目标" in page
    cs = world.sign_in("cs")
    assert "确认您的 2026 年“销售额”目标" in cs.get("/inbox")
    world.fresh()
    kept = world.session.scalars(select(PersonalTarget)).one()
    number, version = kept.id, kept.version
    world.fresh()
    page = cs.post(f"/targets/own/{number}/confirm", {"seen": str(version)})
    assert "已确认 11月2日" in page
    assert "确认您的" not in cs.get("/inbox")
    assert "本人于 11月2日 10:00 确认" in head.get(person(world, "cs"))


def test_spreading_fills_the_boxes_and_keeps_nothing(world: World) -> None:
    given(world)
    page = world.sign_in("head").post(person(world, "cs2"), {"seen": "0", "year": "100", "then": "spread"}, status=200)
    assert page.count('value="8.34"') == 4
    assert page.count('value="8.33"') == 8
    world.fresh()
    assert len(world.session.scalars(select(MonthTarget)).all()) == 1


def test_bad_input_names_the_field_and_nothing_typed_is_lost(world: World) -> None:
    head = world.sign_in("head")
    page = head.post("/targets/new", new(world, amount="十二万", basis="部门会议纪要"), status=422)
    assert "“十二万”不是数字" in page
    assert "部门会议纪要" in page
    page = head.post("/targets/new", new(world, measure="", name=""), status=422)
    assert "请选择指标，或写明其他指标的名称" in page
    for unknown in ("99", "9" * 30):
        page = head.post("/targets/new", new(world, department=unknown), status=422)
        assert "请从列表里选择" in page, unknown
    kept = given(world)
    page = head.post(person(world, "cs"), {"seen": str(kept.version), "m_2026-10": "6", "m_2026-11": "x"}, status=422)
    assert 'value="x"' in page
    page = head.post(person(world, "cs"), {"seen": str(kept.version), "m_2026-10": "6"}, status=422)
    assert "请写明修改的理由" in page
    head.post(person(world, "cs"), {"seen": "0", "m_2026-10": "6", "reason": "改"}, status=409)


def test_each_sees_what_is_his_and_nothing_else(world: World) -> None:
    kept = given(world)
    number, address = kept.id, person(world, "cs")
    world.fresh()
    assert "¥50,000.00" in world.sign_in("cs").get("/targets")
    for stranger in ("cs2", "lead", "shipper"):
        assert "¥50,000.00" not in world.sign_in(stranger).get("/targets")
    world.sign_in("cs2").post(f"/targets/own/{number}/confirm", {"seen": "1"}, status=404)
    world.sign_in("other_head").get(address, status=404)
    world.sign_in("hr").post(address, {"seen": "1"}, status=403)
    assert "保存目标" not in world.sign_in("hr").get(address)
    assert "¥50,000.00" in world.sign_in("auditor").get(address)


def test_the_years_pool_shows_what_was_reached_beside_the_parts_and_fills_nothing_in(year: World) -> None:
    given(year)
    year.session.add(
        Figure(employee_id=year.employee("cs").id, period="2026-11", code="sales", value=Decimal("56789.01"))
    )
    year.session.commit()
    pool = year.session.scalars(select(BonusPool.id)).one()
    year.fresh()
    page = year.sign_in("head").get(f"/bonus-pools/{pool}")
    assert "目标完成情况，供填写时参考；系统不自动填入" in page
    assert "¥316,054.95" in page, "six times October's 43,210.99, and November's 56,789.01"
    assert "263.4%" in page
    year.fresh()
    assert year.session.scalars(select(BonusPool.rate)).one() is None


def test_a_month_is_planned_by_its_weeks_and_what_they_miss_is_told_to_the_fen(world: World) -> None:
    given(world)
    head = world.sign_in("head")
    assert "没有周计划" in head.get(person(world, "cs"))
    url = person(world, "cs") + "/weeks/2026-10"
    page = head.get(url)
    boxes = re.findall(r'name="w_([0-9-]+)"', page)
    assert boxes == ["2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"], "by the month of the Friday"
    seen = re.findall(r'name="seen" value="(\d+)"', page)[0]
    typed = {f"w_{day}": "9,999.99" for day in boxes}
    page = head.post(url, {"seen": seen, **typed})
    assert "各周还差" in page
    assert "¥0.05" in page
    seen = re.findall(r'name="seen" value="(\d+)"', page)[0]
    page = head.post(url, {"seen": seen, **typed, "w_2026-10-26": "10,000.04"})
    assert "各周之和等于月度目标" in page
    assert "2026年10月周计划" in world.sign_in("cs").get("/targets")
    world.fresh()
    kept = world.session.scalars(select(PersonalTarget)).one()
    (plan,) = week_plans(world.act("head"), kept)
    assert (plan.whole, plan.given, plan.gap) == (Decimal(50_000), Decimal(50_000), Decimal(0))
    told = [one.action for one in entries_of(world.session, kept.stream)]
    assert told.count("personal_target:plan_weeks") == 2


def test_a_week_that_cannot_be_is_refused_and_what_was_typed_stays(world: World) -> None:
    kept = given(world)
    head, url = world.sign_in("head"), person(world, "cs") + "/weeks/2026-10"
    seen = re.findall(r'name="seen" value="(\d+)"', head.get(url))[0]
    page = head.post(url, {"seen": seen, "w_2026-10-05": "十万"}, status=422)
    assert 'value="十万"' in page
    page = head.post(url, {"seen": "77", "w_2026-10-05": "10"}, status=422)
    assert "别人刚刚改过这个目标" in page
    assert 'value="10"' in page
    head.get(person(world, "cs") + "/weeks/2026-11", status=404)
    head.get(person(world, "cs") + "/weeks/abc", status=404)
    world.sign_in("cs").post(url, {"seen": seen, "w_2026-10-05": "10"}, status=403)
    world.fresh()
    assert world.session.scalars(select(WeekTarget)).all() == []
    with pytest.raises(Refused, match="2026-11-02 那一周不属于 2026-10"):
        set_weeks(world.act("head"), kept, "2026-10", {date(2026, 11, 2): Decimal(1)}, kept.version)
    with pytest.raises(NotAllowed, match="只有部门负责人或总经理"):
        set_weeks(world.act("cs2"), kept, "2026-10", {date(2026, 10, 5): Decimal(1)}, kept.version)
    with pytest.raises(Refused, match="最多两位小数"):
        set_weeks(world.act("head"), kept, "2026-10", {date(2026, 10, 5): Decimal("1.001")}, kept.version)
