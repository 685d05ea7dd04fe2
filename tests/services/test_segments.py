"""A transfer within the month: two posts, two policies, each for its days; nothing is counted twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry
from approval.models.figures import RewardPenalty
from approval.models.people import Position
from approval.rules.money import fen_half_up
from approval.rules.policy import chosen, read_shipped
from approval.rules.refusal import Refused
from approval.services import attendance as days_of
from approval.services import pay, people, segments
from tests.app_fixtures import World
from tests.services.test_sheets import HEADS, bring_in
from tests.stages import bring_figures
from workflows.engine import NotAllowed

TRANSFER = date(2026, 10, 19)


def move(world: World, name: str, code: str, day: date = TRANSFER) -> Appraisal:
    """HR gives somebody another post of the department from a day of October on."""
    month = world.month(name)
    position = world.session.scalars(select(Position).where(Position.code == code)).one()
    hr = world.act("hr")
    unit = world.departments()["运营/推广" if code == "Y-1" else "策划部"]
    post = people.Post(unit.id, position.id, month.supervisor_id, day)
    people.assign(hr, world.employee(name), post)
    segments.follow_assignment(hr, world.employee(name))
    world.session.commit()
    return world.month(name)


def test_a_month_in_one_post_has_no_segments(world: World) -> None:
    assert segments.segments_of(world.act("hr"), world.month("copy")) == []


def test_a_transfer_cuts_the_month_under_two_policies_by_scheduled_days(world: World) -> None:
    month = move(world, "copy", "Y-1")
    first, second = segments.segments_of(world.act("hr"), month)
    assert (first.to_on, second.from_on) == (date(2026, 10, 18), TRANSFER)
    assert first.frozen_policy_id == month.frozen_policy_id != second.frozen_policy_id
    assert (first.scheduled, second.scheduled) == (Decimal(12), Decimal(10))


def test_moving_the_transfer_by_a_day_cuts_again_and_undoing_it_joins(world: World) -> None:
    move(world, "copy", "Y-1")
    month = move(world, "copy", "C-1", date(2026, 10, 19))
    assert segments.segments_of(world.act("hr"), month) == []


def test_lines_of_the_month_are_shared_by_days_and_the_reward_counts_once(world: World) -> None:
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    reward = RewardPenalty(employee_id=month.employee_id, period="2026-10", amount_fen=10_000, reason="表扬")
    reward.entered_by_id, reward.confirmed_by_id = world.employee("hr").id, world.employee("finance").id
    world.session.add(reward)
    month.score = Decimal("84.00")
    world.session.commit()
    hr = world.act("hr")
    parts = segments.segments_of(hr, month)
    gathered = pay.gather(hr, month)
    assert "调岗前后各段的出勤天数" in gathered.missing
    attendance = days_of.attendance_of(hr, month)
    assert attendance is not None
    attendance.actual = attendance.scheduled = sum((one.scheduled for one in parts), Decimal(0))
    world.session.flush()
    result = pay.preview(hr, month)
    assert result is not None
    of = sum((one.scheduled for one in parts), Decimal(0))
    bonus = result.line("performance_bonus@1")
    assert bonus is not None
    assert bonus.amount_fen == fen_half_up(Fraction(300) * Fraction(parts[0].scheduled) / Fraction(of))
    assert sum(line.amount_fen for line in result.lines) == result.total_fen
    assert [line.amount_fen for line in result.lines if line.code.startswith("special_reward@")] == [10_000]


def test_who_missed_a_day_is_asked_in_which_post(world: World) -> None:
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    hr = world.act("hr")
    first, second = segments.segments_of(hr, month)
    with pytest.raises(Refused, match="必须等于本月实际出勤"):
        segments.enter_days(hr, month, {first.id: Decimal(1), second.id: Decimal(1)})
    with pytest.raises(NotAllowed):
        segments.enter_days(world.act("lead"), month, {first.id: Decimal(10), second.id: Decimal(8)})
    segments.enter_days(world.act("hr"), month, {first.id: Decimal(10), second.id: Decimal(8)})
    assert "调岗前后各段的出勤天数" not in pay.gather(hr, month).missing


def test_a_result_of_two_segments_is_recomputed_to_the_fen(world: World) -> None:
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    hr = world.act("hr")
    first, second = segments.segments_of(hr, month)
    segments.enter_days(hr, month, {first.id: Decimal(10), second.id: Decimal(8)})
    month.score = Decimal("84.00")
    gathered = pay.gather(hr, month)
    assert gathered.missing == ()
    kept = pay.kept_result(hr, month, gathered)
    world.session.flush()
    assert pay.recomputed(kept) == pay.stored(kept)


def test_hr_says_on_the_months_page_how_many_days_were_in_each_post(world: World) -> None:
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    world.session.commit()
    keys = [f"days_{one.id}" for one in segments.segments_of(world.act("hr"), month)]
    hr = world.sign_in("hr")
    assert "本月调岗" in hr.get(f"/appraisals/{month.id}")
    wrong = hr.post(f"/appraisals/{month.id}/segments", dict(zip(keys, ("3", "4"), strict=True)))
    assert "必须等于本月实际出勤" in wrong
    assert 'value="3"' in wrong
    assert "已保存" in hr.post(f"/appraisals/{month.id}/segments", dict(zip(keys, ("10", "8"), strict=True)))
    assert "本月调岗" in world.sign_in("copy").get(f"/appraisals/{month.id}")
    world.sign_in("copy").post(f"/appraisals/{month.id}/segments", dict(zip(keys, ("9", "9"), strict=True)), status=403)


def test_a_reward_counts_once_between_policies_that_call_it_differently(world: World) -> None:
    position = world.session.scalars(select(Position).where(Position.name == "客服专员")).one()
    month = move(world, "copy", position.code)
    bring_figures(world, "copy")
    reward = RewardPenalty(employee_id=month.employee_id, period="2026-10", amount_fen=50_000, reason="表扬")
    reward.entered_by_id, reward.confirmed_by_id = world.employee("hr").id, world.employee("finance").id
    world.session.add(reward)
    month.score = Decimal("84.00")
    attendance = days_of.attendance_of(world.act("hr"), month)
    assert attendance is not None
    attendance.actual = attendance.scheduled = Decimal(22)
    world.session.commit()
    result = pay.preview(world.act("hr"), month)
    assert result is not None
    paid = {line.code: line.amount_fen for line in result.lines if line.code.startswith(("special", "rewards"))}
    assert paid == {"special_reward@1": 0, "rewards@2": 50_000}


def test_sums_that_a_later_post_asks_for_under_either_name_are_nothing_in_the_earlier() -> None:
    special, rewards = chosen(read_shipped("d17-c1"), {}), chosen(read_shipped("d08-customer-service"), {})
    assert segments.counted_later(special, [rewards])["special"] == 0
    assert segments.counted_later(rewards, [special])["rewards"] == 0
    assert not {"special", "rewards"} & segments.counted_later(rewards, []).keys()


def test_another_supervisor_in_the_same_post_loses_no_day(world: World) -> None:
    month = move(world, "copy", "Y-1", date(2026, 10, 12))
    unit = world.departments()["运营/推广"]
    position = world.session.scalars(select(Position).where(Position.code == "Y-1")).one()
    hr = world.act("hr")
    post = people.Post(unit.id, position.id, world.employee("head").id, date(2026, 10, 20))
    people.assign(hr, world.employee("copy"), post)
    segments.follow_assignment(hr, world.employee("copy"))
    first, second = segments.segments_of(hr, month)
    assert (first.to_on, second.from_on, second.to_on) == (date(2026, 10, 11), date(2026, 10, 12), date(2026, 10, 31))


def test_days_that_no_longer_fit_the_attendance_are_asked_again_and_never_exceed_the_post(world: World) -> None:
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    hr = world.act("hr")
    attendance = days_of.attendance_of(hr, month)
    assert attendance is not None
    attendance.scheduled, attendance.actual = Decimal(22), Decimal(18)
    world.session.flush()
    first, second = segments.segments_of(hr, month)
    with pytest.raises(Refused, match="只有 10 个应出勤日"):
        segments.enter_days(hr, month, {first.id: Decimal(6), second.id: Decimal(12)})
    segments.enter_days(hr, month, {first.id: Decimal(10), second.id: Decimal(8)})
    assert "调岗前后各段的出勤天数" not in pay.gather(hr, month).missing
    attendance.actual = Decimal(5)
    world.session.flush()
    assert "调岗前后各段的出勤天数" in pay.gather(hr, month).missing


def test_who_attends_more_days_than_the_calendar_has_can_still_be_entered(world: World) -> None:
    month = move(world, "copy", "Y-1")
    bring_figures(world, "copy")
    hr = world.act("hr")
    attendance = days_of.attendance_of(hr, month)
    assert attendance is not None
    attendance.scheduled, attendance.actual = Decimal(27), Decimal(25)
    world.session.flush()
    first, second = segments.segments_of(hr, month)
    with pytest.raises(Refused, match="只有 13 个应出勤日"):
        segments.enter_days(hr, month, {first.id: Decimal(11), second.id: Decimal(14)})
    segments.enter_days(hr, month, {first.id: Decimal(14), second.id: Decimal(11)})
    assert "调岗前后各段的出勤天数" not in pay.gather(hr, month).missing


def test_a_transfer_on_the_first_day_entered_late_is_paid_under_the_new_post(world: World) -> None:
    month = move(world, "copy", "Y-1", date(2026, 10, 1))
    (only,) = segments.segments_of(world.act("hr"), month)
    assert (only.from_on, only.to_on) == (date(2026, 10, 1), date(2026, 10, 31))
    assert only.frozen_policy_id != month.frozen_policy_id
    told = world.session.scalars(select(AuditEntry).where(AuditEntry.action == "appraisal:segments")).one()
    assert "2026-10-01" in told.record
    bring_figures(world, "copy")
    month.score = Decimal("84.00")
    world.session.commit()
    result = pay.preview(world.act("hr"), month)
    assert result is not None
    assert "commission_normal@1" in {line.code for line in result.lines}


def test_a_transfer_in_a_file_of_people_cuts_the_month_as_one_on_the_page_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = "工号 姓名 部门 岗位编码 直接主管工号 入职日期 任职生效日期"
    monkeypatch.setitem(HEADS, "people", heads)
    bring_in(world, "hr", "people", "E1023 徐文 运营/推广 Y-1 S0207 2026-01-01 2026-10-19")
    first, second = segments.segments_of(world.act("hr"), world.month("copy"))
    assert (first.position.code, second.position.code, second.from_on) == ("C-1", "Y-1", TRANSFER)


def test_a_file_that_gives_a_post_without_a_policy_is_refused_and_nothing_of_it_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.add_department(world.act("hr"), "无方案部", None, "")
    people.add_position(world.act("hr"), "X-9", "无方案岗位")
    world.session.commit()
    monkeypatch.setitem(HEADS, "people", "工号 姓名 部门 岗位编码 直接主管工号 入职日期 任职生效日期")
    with pytest.raises(Refused, match="请先发布方案"):
        bring_in(world, "hr", "people", "E1023 徐文 无方案部 X-9 S0207 2026-01-01 2026-10-19")
    world.session.rollback()
    assert segments.segments_of(world.act("hr"), world.month("copy")) == []
