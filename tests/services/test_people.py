"""People and posts below the pages: dated, never overlapping, found by name, number, pinyin and initials."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.departments import head_of
from approval.models.people import Employee, Employment, Office, PayStandard, offices_on
from approval.rules.refusal import Refused
from approval.services import people
from tests.app_fixtures import FIRST, World
from workflows.engine import NotAllowed


def post_of(world: World, name: str, from_on: date, boss: str = "lead") -> people.Post:
    held = world.session.scalars(select(Employment).where(Employment.employee_id == world.employee(name).id)).first()
    assert held is not None
    return people.Post(held.department_id, held.position_id, world.employee(boss).id, from_on)


def spans(world: World, name: str) -> list[tuple[date, date | None]]:
    query = select(Employment).where(Employment.employee_id == world.employee(name).id).order_by(Employment.from_on)
    return [(one.from_on, one.to_on) for one in world.session.scalars(query)]


def test_a_new_post_ends_the_one_before_it_the_day_before(world: World) -> None:
    people.assign(world.act("hr"), world.employee("cs"), post_of(world, "cs", date(2026, 11, 10), "head"))
    assert spans(world, "cs") == [(FIRST, date(2026, 11, 9)), (date(2026, 11, 10), None)]


def test_a_post_planned_for_later_stays_and_nothing_overlaps(world: World) -> None:
    act = world.act("hr")
    for begins in (date(2027, 1, 1), date(2026, 11, 10)):
        people.assign(act, world.employee("cs"), post_of(world, "cs", begins))
    middle = (date(2026, 11, 10), date(2026, 12, 31))
    assert spans(world, "cs") == [(FIRST, date(2026, 11, 9)), middle, (date(2027, 1, 1), None)]


def test_nobody_is_his_own_supervisor_and_no_post_begins_before_joining(world: World) -> None:
    act = world.act("hr")
    with pytest.raises(Refused, match="自己的直接主管"):
        people.assign(act, world.employee("cs"), post_of(world, "cs", date(2026, 11, 10), "cs"))
    with pytest.raises(Refused, match="入职日期"):
        people.assign(act, world.employee("cs"), post_of(world, "cs", date(2025, 12, 31)))


def test_a_department_has_one_head_also_where_the_next_is_appointed_already(world: World) -> None:
    act, department = world.act("hr"), world.departments()["发货部"]
    people.appoint(act, world.employee("shipper"), "department_head", date(2027, 1, 1), department)
    people.appoint(act, world.employee("lead"), "department_head", date(2026, 12, 1), department)
    days = (date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 1))
    heads = [head_of(world.session, department.id, day) for day in days]
    assert heads == [world.employee(name).id for name in ("other_head", "lead", "shipper")]
    open_ended = select(Office).where(Office.department_id == department.id, Office.to_on.is_(None))
    assert len(world.session.scalars(open_ended).all()) == 1


def test_who_leaves_holds_no_office_from_the_next_day(world: World) -> None:
    people.leave(world.act("hr"), world.employee("finance"), date(2026, 11, 30), "合同到期")
    held = [
        len(offices_on(world.session, world.employee("finance").id, date(2026, *day))) for day in ((11, 30), (12, 1))
    ]
    assert held == [1, 0]


def test_a_pay_standard_is_dated_and_a_later_one_stays(world: World) -> None:
    act, copy = world.act("hr"), world.employee("copy")
    for begins, value in ((date(2027, 1, 1), "3500"), (date(2026, 11, 1), "3200")):
        people.set_pay_standard(act, copy, "base", Decimal(value), begins)
    query = select(PayStandard).where(PayStandard.employee_id == copy.id).order_by(PayStandard.from_on)
    kept = [(one.value, one.from_on, one.to_on) for one in world.session.scalars(query)]
    assert kept == [
        (Decimal(3000), FIRST, date(2026, 10, 31)),
        (Decimal(3200), date(2026, 11, 1), date(2026, 12, 31)),
        (Decimal(3500), date(2027, 1, 1), None),
    ]


def test_nobody_sets_his_own_pay_standard_or_one_below_zero(world: World) -> None:
    with pytest.raises(NotAllowed, match="自己的薪酬标准"):
        people.set_pay_standard(world.act("hr"), world.employee("hr"), "base", Decimal(9000), FIRST)
    with pytest.raises(Refused, match="负数"):
        people.set_pay_standard(world.act("hr"), world.employee("cs"), "base", Decimal(-1), FIRST)


@pytest.mark.parametrize("number", ["e1", "", "A" * 21, "工1", "E 1", "E1/2"])
def test_a_number_that_could_not_sign_in_is_refused(world: World, number: str) -> None:
    with pytest.raises(Refused, match="工号"):
        people.engage(world.act("hr"), number, "新人", FIRST)


@pytest.mark.parametrize("asked", ["马骏", "e1043", "ma jun", "majun", "mj", " MAJUN "])
def test_a_person_is_found_by_name_number_pinyin_and_initials(world: World, asked: str) -> None:
    act = world.act("hr")
    people.correct(act, world.employee("cs"), "马骏", "ma jun")
    assert [one.number for one in people.search(act, asked)] == ["E1043"]


@pytest.mark.parametrize("asked", ["%", "_", "\\", "%%马骏_不"])
def test_a_wildcard_is_no_way_to_list_everybody(world: World, asked: str) -> None:
    assert people.search(world.act("hr"), asked) == []


@pytest.mark.parametrize(
    ("who", "seen"),
    [("cs", {"cs"}), ("lead", {"lead", "cs", "cs2", "copy", "ops"}), ("other_head", {"other_head", "shipper"})],
)
def test_everybody_finds_his_own_scope(world: World, who: str, seen: set[str]) -> None:
    found = {one.number for one in people.search(world.act(who), "", 99)}
    assert found == {world.numbers[name] for name in seen}


def test_the_offices_that_keep_people_find_all(world: World) -> None:
    everybody = set(world.session.scalars(select(Employee.number)))
    for office in ("hr", "gm", "auditor", "finance"):
        assert {one.number for one in people.search(world.act(office), "", 99)} == everybody


def test_a_standard_is_shown_by_its_name_in_the_readers_language(world: World) -> None:
    hr = world.sign_in("hr")
    page = hr.get("/people/E1023")
    assert re.search(r'>基本工资 <span class="k-xs k-mut">base</span>', page)
    assert "月中设定的标准从下个月起计薪" in page
    hr.post("/language", {"locale": "en", "back": "/inbox"})
    assert re.search(r'>Base pay <span class="k-xs k-mut">base</span>', hr.get("/people/E1023"))
