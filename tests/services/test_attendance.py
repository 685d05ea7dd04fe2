"""Days that count: statutory leave is attended, a month of joining is part of a month, a year adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import PayResult
from approval.models.figures import Attendance
from approval.rules.policy import chosen, read_shipped
from approval.services import pay, people
from approval.services.rulebook import freeze
from tests.app_fixtures import World
from tests.services.test_sheets import bring_in
from tests.stages import pool_of


def row_of(world: World, name: str) -> Attendance:
    employee = world.employee(name).id
    return world.session.scalars(select(Attendance).where(Attendance.employee_id == employee)).one()


def test_statutory_leave_counts_as_attended_and_is_told(ended: World) -> None:
    row = row_of(ended, "cs")
    row.scheduled, row.actual, row.statutory = Decimal(20), Decimal(17), Decimal(2)
    ended.session.commit()
    gathered = pay.gather(ended.act("hr"), ended.month("cs"))
    assert gathered.inputs["actual"] == Decimal(19)
    assert "statutory:2" in gathered.sources["actual"]
    row.actual, row.statutory = Decimal(19), Decimal(5)
    assert pay.gather(ended.act("hr"), ended.month("cs")).inputs["actual"] == Decimal(20)
    row.actual = Decimal(21)
    assert pay.gather(ended.act("hr"), ended.month("cs")).inputs["actual"] == Decimal(21)


def test_the_attendance_sheet_takes_statutory_leave(world: World) -> None:
    bring_in(world, "hr", "attendance", "E1043 2026-10 22 19")
    assert row_of(world, "cs").statutory == 0


def test_a_month_of_joining_has_no_full_attendance(ended: World) -> None:
    month = ended.month("copy")
    before = pay.preview(ended.act("hr"), month)
    month.employee.joined_on = date(2026, 10, 19)
    ended.session.commit()
    after = pay.preview(ended.act("hr"), ended.month("copy"))
    assert before is not None
    assert after is not None
    lines = [(one.line("full_attendance"), one.line("base")) for one in (before, after)]
    assert lines[0][0] is not None
    assert lines[1][0] is not None
    assert lines[0][0].amount_fen > lines[1][0].amount_fen == 0
    assert "入职前和离职后的应出勤天数 = 12 > 0" in lines[1][0].terms[0].detail.zh


def test_the_year_so_far_can_carry_performance_pay(ended: World) -> None:
    act, month = ended.act("hr"), ended.month("lead")
    for period, days, there in (("2026-09", "22", "11"), ("2025-12", "22", "0")):
        row = Attendance(employee_id=month.employee_id, period=period, scheduled=Decimal(days), actual=Decimal(there))
        row.absent_days = Decimal(0)
        ended.session.add(row)
    policy = chosen(read_shipped("d01-ec-department"), {"performance_days": "year"})
    month.frozen_policy_id = freeze(act, policy).id
    ended.session.commit()
    gathered = pay.gather(act, ended.month("lead"))
    assert (gathered.inputs["scheduled_year"], gathered.inputs["actual_year"]) == (Decimal(40), Decimal(29))


def test_the_year_month_by_month_lets_no_day_beyond_one_months_schedule_make_up_for_another(ended: World) -> None:
    act, month = ended.act("hr"), ended.month("lead")
    for period, there in (("2026-08", "25"), ("2026-09", "11")):
        row = Attendance(employee_id=month.employee_id, period=period, scheduled=Decimal(22), actual=Decimal(there))
        row.absent_days, row.statutory = Decimal(0), Decimal(2)
        ended.session.add(row)
    ended.session.flush()
    days: dict[str, Any] = {}
    for reading in ("year", "year_by_month"):
        policy = chosen(read_shipped("d01-ec-department"), {"performance_days": reading})
        month.frozen_policy_id = freeze(act, policy).id
        ended.session.flush()
        ended.session.expire(month)
        days |= pay.gather(act, month).inputs
    assert days["scheduled_year"] == Decimal(62)
    assert days["actual_year"] == Decimal(25 + 2 + 11 + 2 + 18)
    assert days["actual_year_by_month"] == Decimal(22 + 13 + 18), "statutory leave counts, within the month's schedule"


def test_a_leaver_has_the_days_up_to_his_last(ended: World) -> None:
    people.leave(ended.act("hr"), ended.employee("copy"), date(2026, 10, 23), "个人原因")
    ended.session.commit()
    month = ended.month("copy")
    assert pay.gather(ended.act("hr"), month).inputs["days_out_of_post"] == Decimal(5)
    assert ended.session.scalars(select(PayResult)).all() == []
    assert pool_of(ended).payable_fen == 1_710_000
