"""A policy is made properly: every reading read, the staff heard before, everybody told after, no month changed twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from approval.models.audit import entries_of
from approval.models.outbox import OutboxMessage
from approval.models.people import Department, employment_on
from approval.models.policy import PolicyVersion
from approval.rules.policy import shipped_text
from approval.rules.refusal import Refused
from approval.services import cycle, notice, people, policy
from approval.services.desks import tasks_of
from approval.services.notice import Consultation
from approval.services.rulebook import policies_on
from approval.services.step import Conflict
from approval.services.versions import people_in_scope, ticks_of, unread
from tests.app_fixtures import World
from workflows.engine import NotAllowed

TEXT = shipped_text("d08-customer-service")
DECEMBER = date(2026, 12, 1)
TALK = Consultation(date(2026, 10, 30), "职工代表 3 人", "同意，建议公示期延长到 5 天")


OPTIONS = ("base_proration", "sample_aggregate", "streak_mode", "population", "score_places", "streak_gap")


def drafted(world: World, choices: Mapping[str, str] | None = None, begins: date = DECEMBER) -> PolicyVersion:
    told = policy.default_readings(TEXT) if choices is None else choices
    return policy.draft_policy(world.act("gm"), TEXT, told, begins)


def published(world: World) -> PolicyVersion:
    version = drafted(world)
    policy.review_policy(world.act("hr"), version)
    policy.publish_policy(world.act("gm"), version, official=True)
    return version


def reading_tasks(world: World, name: str) -> list[str]:
    return [one.link for one in tasks_of(world.act(name)) if "阅读并确认" in one.text]


def test_a_draft_whose_terms_nobody_has_read_is_not_passed_on(world: World) -> None:
    version = drafted(world, {})
    assert unread(version) == OPTIONS
    with pytest.raises(NotAllowed, match="还有 6 项条款没有选定读法"):
        policy.review_policy(world.act("hr"), version)
    policy.choose_readings(world.act("hr"), version, policy.default_readings(TEXT))
    policy.review_policy(world.act("hr"), version)
    assert version.state == "reviewed"


def test_who_chose_each_reading_and_when_is_kept(world: World) -> None:
    version = drafted(world, {"base_proration": "attendance"})
    world.clock.pass_days(1)
    hr = world.act("hr")
    policy.choose_readings(hr, version, {"base_proration": "attendance", "streak_mode": "cumulative"})
    ticks = ticks_of(world.session, version)
    assert {code: tick.reading for code, tick in ticks.items()} == json.loads(version.choices)
    told = {code: (tick.who.name if tick.who else "", tick.at.day) for code, tick in ticks.items()}
    assert told == {"base_proration": ("孙国栋", 2), "streak_mode": ("何静", 3)}


def test_a_reading_that_was_changed_since_tells_its_last_reader(world: World) -> None:
    version = drafted(world)
    policy.choose_readings(world.act("hr"), version, {**policy.default_readings(TEXT), "base_proration": "none"})
    who = ticks_of(world.session, version)["base_proration"].who
    assert who is not None
    assert who.name == "何静"


def test_an_edited_term_is_to_be_read_again_and_the_others_stay_read(world: World) -> None:
    version = drafted(world)
    changed = TEXT.replace("必须是连续两个月", "必须连续两个月").replace('zh = "客服专员薪酬"', 'zh = "客服薪酬"')
    policy.edit_source(world.act("hr"), version, version.version, changed, DECEMBER)
    assert unread(version) == ("streak_mode",)
    assert (version.name, version.source) == ("客服薪酬", changed)
    assert set(ticks_of(world.session, version)) == {*OPTIONS} - {"streak_mode"}
    assert entries_of(world.session, version.stream)[-1].action == "policy:edit_source"


@pytest.mark.parametrize(
    ("in_text", "in_form", "begins"),
    [
        ("2023-01-01", DECEMBER, DECEMBER),
        ("2027-01-01", DECEMBER, date(2027, 1, 1)),
        ("2027-01-01", date(2027, 2, 1), date(2027, 2, 1)),
        ("2023-01-01", date(2027, 2, 1), date(2027, 2, 1)),
        ("2027-01-01", None, date(2027, 1, 1)),
    ],
)
def test_a_day_changed_in_the_text_or_in_the_form_is_the_day_it_begins(
    world: World, in_text: str, in_form: date | None, begins: date
) -> None:
    version = drafted(world)
    text = TEXT.replace('effective_from = "2023-01-01"', f'effective_from = "{in_text}"')
    policy.edit_source(world.act("hr"), version, version.version, text, in_form)
    assert version.effective_from == begins


def test_two_editors_at_once_do_not_overwrite_each_other(world: World) -> None:
    version = drafted(world)
    seen = version.version
    policy.edit_source(world.act("hr"), version, seen, TEXT + "\n# 一稿\n", DECEMBER)
    with pytest.raises(Conflict):
        policy.edit_source(world.act("gm"), version, seen, TEXT + "\n# 二稿\n", DECEMBER)
    assert "一稿" in version.source


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('code = "customer-service"', 'code = "other-service"', "方案代码不能改"),
        ('cycle = "month"', 'cycle = "moon"', "应为以下之一"),
        ('cycle = "month"', 'cycle = "month"\neffective_to = "2026-11-30"', "生效日期晚于"),
    ],
)
def test_a_text_that_cannot_be_kept_changes_nothing(world: World, old: str, new: str, why: str) -> None:
    version = drafted(world)
    with pytest.raises(Refused, match=why):
        policy.edit_source(world.act("hr"), version, version.version, TEXT.replace(old, new, 1), DECEMBER)
    assert version.source == TEXT


def test_the_text_of_what_is_published_or_not_ones_own_to_edit_stays(world: World) -> None:
    version = published(world)
    with pytest.raises(NotAllowed, match="只有草稿可以改"):
        policy.edit_source(world.act("hr"), version, version.version, TEXT, DECEMBER)
    with pytest.raises(NotAllowed, match="只有人事、总经理或部门负责人"):
        policy.edit_source(world.act("lead"), version, version.version, TEXT, DECEMBER)


def test_talks_with_the_staff_are_kept_in_the_row_and_in_the_chain(world: World) -> None:
    version = drafted(world)
    notice.keep_consultation(world.act("hr"), version, TALK)
    (kept,) = notice.consultations_of(world.session, version)
    assert (kept.held_on, kept.with_whom, kept.outcome) == (TALK.held_on, TALK.with_whom, TALK.outcome)
    last = entries_of(world.session, version.stream)[-1]
    assert last.action == "policy:keep_consultation"
    assert json.loads(last.record)["body"]["with_whom"] == "职工代表 3 人"


def test_a_talk_is_not_kept_by_others_nor_for_tomorrow_nor_after_publication(world: World) -> None:
    version = drafted(world)
    with pytest.raises(NotAllowed, match="只有人事"):
        notice.keep_consultation(world.act("gm"), version, TALK)
    with pytest.raises(Refused, match="不能晚于今天"):
        notice.keep_consultation(world.act("hr"), version, Consultation(date(2026, 11, 3), "工会", "无"))
    policy.review_policy(world.act("hr"), version)
    notice.keep_consultation(world.act("hr"), version, TALK)
    policy.publish_policy(world.act("gm"), version, official=True)
    with pytest.raises(NotAllowed, match="已发布"):
        notice.keep_consultation(world.act("hr"), version, TALK)
    assert len(notice.consultations_of(world.session, version)) == 1


def test_everybody_in_scope_is_asked_to_read_what_was_published_and_nobody_else(world: World) -> None:
    assert reading_tasks(world, "cs") == []
    version = published(world)
    link = "/policies/customer-service/2"
    assert {name: reading_tasks(world, name) for name in ("cs", "cs2", "copy", "hr")} == {
        "cs": [link],
        "cs2": [link],
        "copy": [],
        "hr": [],
    }
    letters = select(OutboxMessage).where(OutboxMessage.link == link, OutboxMessage.subject.contains("请阅读并确认"))
    to = {one.employee_id for one in world.session.scalars(letters)}
    assert to == {world.employee("cs").id, world.employee("cs2").id}
    assert [one.name for one in people_in_scope(world.session, version, DECEMBER)] == ["陈思远", "马骏"]


def test_a_reader_says_so_once_and_the_missing_are_named(world: World) -> None:
    version = published(world)
    notice.acknowledge(world.act("cs"), version)
    assert reading_tasks(world, "cs") == []
    with pytest.raises(NotAllowed, match="已经确认"):
        notice.acknowledge(world.act("cs"), version)
    found = notice.readers_of(world.act("hr"), version)
    assert ([one.name for one in found.read], [one.name for one in found.missing]) == (["马骏"], ["陈思远"])
    assert found.total == 2
    last = entries_of(world.session, world.employee("cs").stream)[-1]
    assert last.action == "employee:acknowledge_policy"
    assert json.loads(last.record)["body"] == {"policy": "customer-service/2", "fingerprint": version.fingerprint}


def test_what_is_not_for_ones_post_or_not_in_force_is_not_acknowledged(world: World) -> None:
    draft = drafted(world)
    with pytest.raises(NotAllowed, match="只有已发布"):
        notice.acknowledge(world.act("cs"), draft)
    version = published(world)
    with pytest.raises(NotAllowed, match="不适用于您的岗位"):
        notice.acknowledge(world.act("copy"), version)
    assert not notice.must_read(world.act("copy"), version)


def test_who_joins_later_is_asked_too(world: World) -> None:
    published(world)
    world.clock.go_to(date(2026, 12, 7))
    hr = world.act("hr")
    units = {one.name: one for one in world.session.scalars(select(Department))}
    old = employment_on(world.session, world.employee("cs").id, hr.today)
    assert old is not None
    newcomer = people.engage(hr, "E1999", "新来的", hr.today)
    post = people.Post(units["客服部"].id, old.position_id, old.supervisor_id, hr.today)
    people.assign(hr, newcomer, post)
    version = world.session.scalars(select(PolicyVersion).where(PolicyVersion.number == 2)).one()
    assert "新来的" in [one.name for one in notice.readers_of(hr, version).missing]


def test_a_month_that_was_opened_is_not_claimed_by_a_later_version(world: World) -> None:
    version = drafted(world)
    policy.review_policy(world.act("hr"), version)
    cycle.open_cycle(world.act("hr"), cycle.department_named(world.act("hr"), "电商部"), "2026-12")
    with pytest.raises(NotAllowed, match="执行到 2026-12-31；新版本最早从 2027-01-01 起执行"):
        policy.publish_policy(world.act("gm"), version, official=True)
    assert version.state == "reviewed"


def test_a_version_that_begins_within_an_opened_month_leaves_that_month_alone(world: World) -> None:
    cycle.open_cycle(world.act("hr"), cycle.department_named(world.act("hr"), "电商部"), "2026-11")
    version = drafted(world, begins=date(2026, 11, 16))
    policy.review_policy(world.act("hr"), version)
    policy.publish_policy(world.act("gm"), version, official=True)
    assert world.month("cs").policy_version.number == 1
    assert world.month("cs").cycle.period == "2026-11"


def test_no_version_begins_before_today(world: World) -> None:
    for begins in (date(2026, 10, 1), date(2026, 11, 1)):
        version = drafted(world, begins=begins)
        policy.review_policy(world.act("hr"), version)
        with pytest.raises(NotAllowed, match="不溯及既往"):
            policy.publish_policy(world.act("gm"), version, official=True)


def test_what_was_superseded_is_neither_changed_nor_asked_for_any_more(world: World) -> None:
    old = world.month("cs").policy_version
    before = (old.source, old.choices, old.fingerprint)
    published(world)
    world.session.refresh(old)
    assert (old.state, old.effective_to) == ("superseded", date(2026, 11, 30))
    assert (old.source, old.choices, old.fingerprint) == before
    found = notice.readers_of(world.act("hr"), old)
    assert [one.name for one in found.read] == ["陈思远", "马骏"]
    assert found.missing == []


def test_a_version_that_begins_before_one_already_published_says_so(world: World) -> None:
    published(world)
    early = policy.draft_policy(world.act("gm"), TEXT, policy.default_readings(TEXT), date(2026, 11, 20))
    (found,) = policy.version_lints(world.act("hr"), early)
    assert str(found) == "第 2 版已发布，从 2026-12-01 起执行；发布这一版后，第 2 版不再执行"
    world.session.commit()
    assert "第 2 版不再执行" in world.sign_in("hr").get(f"/policies/{early.code}/{early.number}")
    late = policy.draft_policy(world.act("gm"), TEXT, policy.default_readings(TEXT), date(2027, 1, 1))
    assert policy.version_lints(world.act("hr"), late) == []


def in_force(world: World, day: date) -> int:
    return next(
        version.number for version, policy_ in policies_on(world.session, day) if version.code == "customer-service"
    )


def publish(world: World, begins: date, text: str = TEXT) -> PolicyVersion:
    version = policy.draft_policy(world.act("gm"), text, policy.default_readings(text), begins)
    policy.review_policy(world.act("hr"), version)
    policy.publish_policy(world.act("gm"), version, official=True)
    return version


def test_a_version_that_was_replaced_before_it_began_is_never_in_force(world: World) -> None:
    later, sooner = publish(world, date(2027, 3, 1)), publish(world, date(2027, 2, 1))
    assert (later.state, sooner.state) == ("superseded", "published")
    assert [in_force(world, day) for day in (date(2027, 2, 1), date(2027, 3, 1), date(2027, 4, 1))] == [
        sooner.number
    ] * 3


def test_a_version_that_ends_by_its_own_text_is_not_woken_by_the_next(world: World) -> None:
    ends = TEXT.replace('effective_from = "2023-01-01"', 'effective_from = "2023-01-01"\neffective_to = "2026-12-31"')
    short = publish(world, DECEMBER, ends)
    publish(world, date(2027, 6, 1))
    assert short.effective_to == date(2026, 12, 31)
    assert all(version.code != "customer-service" for version, _policy in policies_on(world.session, date(2027, 3, 1)))


def test_a_head_drafts_for_his_departments_alone(world: World) -> None:
    world.session.commit()
    text = TEXT.replace('code = "customer-service" ', 'code = "service-own" ')
    version = policy.draft_policy(world.act("head"), text, policy.default_readings(text), DECEMBER)
    policy.edit_source(world.act("head"), version, version.version, text.replace('value = "500"', 'value = "600"'))
    for wrong in ('departments = ["*"]', 'departments = ["发货部"]'):
        reaching = text.replace('departments = ["电子商务部", "电商部"]', wrong)
        with pytest.raises(NotAllowed, match=r"发货部.*不归您负责"):
            policy.edit_source(world.act("head"), version, version.version, reaching)
    with pytest.raises(NotAllowed, match="只有人事可以复核"):
        policy.review_policy(world.act("head"), version)
    with pytest.raises(NotAllowed, match="部门负责人可以起草"):
        policy.draft_policy(world.act("cs"), text, {}, DECEMBER)


def test_a_policy_whose_tables_are_empty_for_everybody_it_decides_is_not_passed(world: World) -> None:
    text = TEXT.replace('code = "customer-service" ', 'code = "service-own" ')
    bare = text.replace('base = { value = "500", ', 'grade_pay = { per = ["grade"], ')
    bare = bare.replace('param = "base"', 'param = "grade_pay"')
    own = bare.replace('departments = ["电子商务部", "电商部"]', 'departments = ["客服部"]')
    version = policy.draft_policy(world.act("gm"), own, policy.default_readings(own), DECEMBER)
    with pytest.raises(NotAllowed, match="“底薪”由公司设定，适用的人还没有一个设定过"):
        policy.review_policy(world.act("hr"), version)
    people.set_pay_standard(world.act("hr"), world.employee("cs"), "grade_pay", Decimal(2600), date(2026, 11, 1))
    policy.review_policy(world.act("hr"), version)
    assert version.state == "reviewed"
