"""会签: everybody who is named signs the very text that he saw, or publication waits; nobody countersigns his own."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from approval.models.audit import entries_of
from approval.models.outbox import OutboxMessage
from approval.models.policy import PolicyVersion
from approval.rules.refusal import Refused
from approval.services import countersign, people, policy
from approval.services.countersign import Named
from approval.services.desks import tasks_of
from approval.services.signatures import document_print, seats_of
from approval.services.step import Conflict
from tests.app_fixtures import World
from tests.services.test_policy_life import DECEMBER, TEXT, drafted
from workflows.engine import NotAllowed


@pytest.fixture
def reviewed(world: World) -> PolicyVersion:
    """A version of the general manager's, to be countersigned by finance and by the supervisor, reviewed by HR."""
    version = drafted(world)
    for named in (Named(office="finance"), Named(employee=world.employee("lead"))):
        countersign.name_countersigner(world.act("gm"), version, named)
    policy.review_policy(world.act("hr"), version)
    return version


def sign(world: World, name: str, version: PolicyVersion, remark: str = "") -> None:
    countersign.countersign(world.act(name), version, document_print(version), remark)


def tasks(world: World, name: str) -> list[str]:
    return [one.text % one.params for one in tasks_of(world.act(name)) if one.link.startswith("/policies/")]


def letters(world: World, name: str) -> list[str]:
    query = select(OutboxMessage).where(OutboxMessage.employee_id == world.employee(name).id)
    return [one.subject for one in world.session.scalars(query.order_by(OutboxMessage.id))]


def test_publication_waits_for_everybody_who_is_named_and_says_for_whom(world: World, reviewed: PolicyVersion) -> None:
    finance, lead = world.employee("finance").name, world.employee("lead").name
    with pytest.raises(NotAllowed, match=f"还缺会签：{finance}、{lead}"):
        policy.publish_policy(world.act("gm"), reviewed, official=True)
    sign(world, "finance", reviewed, "同意")
    with pytest.raises(NotAllowed, match=f"还缺会签：{lead}$"):
        policy.publish_policy(world.act("gm"), reviewed, official=True)
    sign(world, "lead", reviewed)
    policy.publish_policy(world.act("gm"), reviewed, official=True)
    assert reviewed.state == "published"


def test_a_version_with_nobody_named_is_published_as_before(world: World) -> None:
    version = drafted(world)
    policy.review_policy(world.act("hr"), version)
    policy.publish_policy(world.act("gm"), version, official=True)
    assert (version.state, seats_of(world.act("hr"), version)) == ("published", [])


def test_an_objection_stops_publication_until_it_is_met(world: World, reviewed: PolicyVersion) -> None:
    sign(world, "finance", reviewed)
    countersign.object_to(world.act("lead"), reviewed, document_print(reviewed), "公示期太短")
    with pytest.raises(NotAllowed, match="会签有异议"):
        policy.publish_policy(world.act("gm"), reviewed, official=True)
    with pytest.raises(NotAllowed, match="有异议的会签人不能去掉"):
        countersign.drop_countersigner(world.act("hr"), reviewed, f"person:{world.employee('lead').id}", "不需要")
    assert "方案“客服专员薪酬”会签有异议，请退回修改或答复" in tasks(world, "hr")
    assert "方案“%(name)s”会签有异议，请看理由后修改或答复" in letters(world, "gm")
    sign(world, "lead", reviewed, "已说明，同意")
    policy.publish_policy(world.act("gm"), reviewed, official=True)
    assert reviewed.state == "published"


def test_a_changed_text_is_signed_anew_and_the_chain_says_whose_word_it_made_void(
    world: World, reviewed: PolicyVersion
) -> None:
    sign(world, "finance", reviewed)
    policy.return_policy(world.act("hr"), reviewed, "改一处")
    assert [one.kind for one in seats_of(world.act("hr"), reviewed)] == ["signed", ""], "an unchanged text stays signed"
    policy.edit_source(world.act("gm"), reviewed, reviewed.version, TEXT + "\n# 第二稿\n", DECEMBER)
    assert [one.kind for one in seats_of(world.act("hr"), reviewed)] == ["", ""]
    body = json.loads(entries_of(world.session, reviewed.stream)[-1].record)["body"]
    assert body["cleared"] == [world.employee("finance").name]


def test_another_reading_or_another_day_is_another_text(world: World, reviewed: PolicyVersion) -> None:
    sign(world, "finance", reviewed)
    policy.return_policy(world.act("hr"), reviewed, "改读法")
    policy.choose_readings(world.act("hr"), reviewed, {**policy.default_readings(TEXT), "streak_mode": "cumulative"})
    assert not any(one.kind for one in seats_of(world.act("hr"), reviewed))
    before = document_print(reviewed)
    policy.edit_source(world.act("gm"), reviewed, reviewed.version, TEXT, DECEMBER.replace(year=2027))
    assert document_print(reviewed) != before


def test_what_was_not_seen_is_not_signed(world: World, reviewed: PolicyVersion) -> None:
    with pytest.raises(Conflict):
        countersign.countersign(world.act("lead"), reviewed, "0" * 64)
    with pytest.raises(NotAllowed, match="您不是这一版的会签人"):
        sign(world, "cs", reviewed)
    sign(world, "lead", reviewed)
    with pytest.raises(NotAllowed, match="已经会签过"):
        sign(world, "lead", reviewed)
    with pytest.raises(NotAllowed, match="请写明理由"):
        countersign.object_to(world.act("lead"), reviewed, document_print(reviewed), "  ")


def test_nobody_signs_before_the_review(world: World) -> None:
    version = drafted(world)
    countersign.name_countersigner(world.act("gm"), version, Named(office="hr"))
    with pytest.raises(NotAllowed, match="复核之后才能会签"):
        sign(world, "hr", version)


def test_an_author_neither_is_named_nor_signs_and_who_changes_the_text_becomes_one(world: World) -> None:
    version = drafted(world)
    with pytest.raises(Refused, match="编制人不能会签自己的方案"):
        countersign.name_countersigner(world.act("hr"), version, Named(employee=world.employee("gm")))
    countersign.name_countersigner(world.act("gm"), version, Named(office="hr"))
    policy.edit_source(world.act("hr"), version, version.version, TEXT + "\n# 人事改\n", DECEMBER)
    people.appoint(world.act("hr"), world.employee("finance"), "hr", world.act("hr").today)
    policy.review_policy(world.act("finance"), version)
    with pytest.raises(NotAllowed, match="编制人不能会签自己的方案"):
        sign(world, "hr", version)
    assert not any("会签方案" in one for one in tasks(world, "hr"))


@pytest.mark.parametrize(
    ("who", "named", "why"),
    [("cs", Named(office="finance"), "只有人事、总经理或部门负责人"), ("other_head", Named(office="hr"), "不归您负责")],
)
def test_who_does_not_write_the_policy_names_nobody(world: World, who: str, named: Named, why: str) -> None:
    version = drafted(world)
    with pytest.raises(NotAllowed, match=why):
        countersign.name_countersigner(world.act(who), version, named)


def test_a_seat_is_named_once_and_must_not_be_vacant(world: World) -> None:
    version = drafted(world)
    countersign.name_countersigner(world.act("gm"), version, Named(office="finance"))
    with pytest.raises(Refused, match="已经在会签名单里"):
        countersign.name_countersigner(world.act("gm"), version, Named(office="finance"))
    with pytest.raises(Refused, match="没有人担任"):
        countersign.name_countersigner(world.act("gm"), version, Named(office="gm_office"))


def test_a_name_taken_away_leaves_its_reason_and_what_is_published_keeps_its_list(
    world: World, reviewed: PolicyVersion
) -> None:
    sign(world, "finance", reviewed)
    lead = f"person:{world.employee('lead').id}"
    with pytest.raises(NotAllowed, match="请写明理由"):
        countersign.drop_countersigner(world.act("hr"), reviewed, lead, " ")
    countersign.drop_countersigner(world.act("hr"), reviewed, lead, "已调离")
    last = entries_of(world.session, reviewed.stream)[-1]
    assert (last.action, last.reason) == ("policy:drop_countersigner", "已调离")
    assert letters(world, "gm")[-1] == "方案“%(name)s”会签已齐，等待您发布"
    policy.publish_policy(world.act("gm"), reviewed, official=True)
    with pytest.raises(NotAllowed, match="会签名单不再改动"):
        countersign.name_countersigner(world.act("hr"), reviewed, Named(employee=world.employee("cs")))


def test_each_desk_shows_its_own_step_and_the_general_managers_only_when_all_have_signed(
    world: World, reviewed: PolicyVersion
) -> None:
    assert letters(world, "lead")[-1] == "方案“%(name)s”已复核，等您会签"
    assert "会签方案“客服专员薪酬”" in tasks(world, "lead")
    assert "发布方案“客服专员薪酬”" not in tasks(world, "gm")
    for name in ("lead", "finance"):
        sign(world, name, reviewed)
    assert "会签方案“客服专员薪酬”" not in tasks(world, "lead")
    assert "发布方案“客服专员薪酬”" in tasks(world, "gm")
