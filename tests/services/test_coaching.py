"""培训与辅导: kept by the head or HR, seen by the person, told to him; a mistake is made void and stays readable."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from approval.models.audit import entries_of
from approval.models.outbox import OutboxMessage
from approval.rules.refusal import Refused
from approval.services import coaching
from approval.services.coaching import Coaching
from approval.services.sight import sees_of
from tests.app_fixtures import World
from workflows.engine import NotAllowed

TOLD = Coaching("coaching", date(2026, 10, 20), "每天复盘五条接待记录", "周岚", None, "FD-7")


def test_the_head_and_hr_keep_a_record_and_the_person_is_told(world: World) -> None:
    person = world.employee("cs")
    for name in ("head", "hr"):
        coaching.keep_coaching(world.act(name), person, TOLD)
    assert [one.content for one in coaching.records_of(world.act("cs"), person)] == [TOLD.content] * 2
    assert entries_of(world.session, person.stream)[-1].action == "employee:keep_coaching"
    letter = select(OutboxMessage.link).where(OutboxMessage.employee_id == person.id)
    assert set(world.session.scalars(letter)) >= {f"/people/{person.number}/coaching"}


@pytest.mark.parametrize("name", ["cs2", "lead", "other_head", "finance", "auditor", "data", "gm"])
def test_nobody_else_keeps_one(world: World, name: str) -> None:
    with pytest.raises(NotAllowed, match="只有本部门负责人和人事"):
        coaching.keep_coaching(world.act(name), world.employee("cs"), TOLD)


def test_the_general_manager_keeps_a_heads_and_nobody_his_own(world: World) -> None:
    coaching.keep_coaching(world.act("gm"), world.employee("head"), TOLD)
    with pytest.raises(NotAllowed, match="自己"):
        coaching.keep_coaching(world.act("head"), world.employee("head"), TOLD)


@pytest.mark.parametrize(
    ("name", "sees"),
    [("cs", True), ("head", True), ("hr", True), ("auditor", True), ("gm", True)]
    + [(one, False) for one in ("cs2", "lead", "other_head", "finance", "data")],
)
def test_who_sees_what_was_done_for_a_person(world: World, name: str, sees: bool) -> None:
    assert sees_of(world.act(name), world.employee("cs"), "coaching") is sees
    assert sees_of(world.act(name), world.employee("cs"), "protection") is (name in ("cs", "hr"))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Coaching("coaching", date(2026, 11, 3), "辅导", "周岚"), "不能晚于今天"),
        (Coaching("training", date(2025, 12, 31), "培训", "周岚"), "早于入职日期"),
        (Coaching("training", date(2026, 12, 1), "培训", "周岚", date(2026, 11, 30)), "结束日期不能早于"),
        (Coaching("party", date(2026, 10, 1), "聚餐", "周岚"), "没有这一种记录"),
        (Coaching("training", date(2026, 10, 1), " ", "周岚"), "写明做了什么"),
    ],
)
def test_a_record_that_cannot_be_true_is_refused(world: World, told: Coaching, why: str) -> None:
    with pytest.raises(Refused, match=why):
        coaching.keep_coaching(world.act("hr"), world.employee("cs"), told)


def test_a_training_may_be_put_on_record_before_it_begins(world: World) -> None:
    row = coaching.keep_coaching(
        world.act("hr"), world.employee("cs"), Coaching("training", date(2026, 12, 1), "外训", "培训机构")
    )
    assert row.begins_on == date(2026, 12, 1)


def test_a_mistake_is_made_void_once_with_its_reason_and_no_record_is_ever_changed(world: World) -> None:
    person = world.employee("cs")
    row = coaching.keep_coaching(world.act("hr"), person, TOLD)
    with pytest.raises(NotAllowed, match="请写明理由"):
        coaching.void_coaching(world.act("head"), person, row, " ")
    coaching.void_coaching(world.act("head"), person, row, "登记错人")
    with pytest.raises(NotAllowed, match="已经作废"):
        coaching.void_coaching(world.act("hr"), person, row, "再来一次")
    world.session.commit()
    row.content = "改写"
    with pytest.raises(IntegrityError, match="insert only"):
        world.session.flush()
    world.session.rollback()


def test_the_pages_keep_and_show_and_lose_nothing_that_was_typed(world: World) -> None:
    head, place = world.sign_in("head"), f"/people/{world.numbers['cs']}/coaching"
    typed = {"kind": "training", "begins_on": "2026-10-20", "content": "跟班两周", "led_by": "周岚", "material": "PX-1"}
    assert "跟班两周" in head.post(place, typed | {"led_by": ""}, status=422)
    assert "结束日期不能早于" in head.post(place, typed | {"ends_on": "2026-10-01"}, status=422)
    assert "PX-1" in head.post(place, typed)
    own = world.sign_in("cs")
    assert "跟班两周" in own.get(place)
    assert "登记一条" not in own.text
    own.post(place, typed, status=409)
    assert "我的培训与辅导" in own.get("/my")
    world.sign_in("lead").get(place, status=404)
    assert "登记错人" in head.post(f"{place}/1/void", {"reason": "登记错人"})
    world.sign_in("hr").post(f"/people/{world.numbers['cs2']}/coaching/1/void", {"reason": "别人的"}, status=404)


def test_hr_flags_and_ends_a_protected_state_on_its_page(world: World) -> None:
    hr, place = world.sign_in("hr"), f"/people/{world.numbers['cs']}/protection"
    typed = {"ground": "illness", "from_on": "2026-10-20", "to_on": "2026-10-01", "note": "病假证明"}
    assert "结束日期不能早于开始日期" in hr.post(place, typed, status=422)
    assert "现在有效" in hr.post(place, typed | {"to_on": ""})
    assert "没有这一种情形" in hr.post(place, typed | {"ground": "mood", "to_on": ""}, status=422)
    assert "现在有效" not in hr.post(f"{place}/1/end", {"to_on": "2026-11-01"})
    assert "医疗期" in world.sign_in("cs").get(place)
    world.sign_in("head").get(place, status=404)
    world.sign_in("gm").post(place, typed, status=403)
