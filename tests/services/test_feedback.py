"""One-to-one feedback after a review (R115): owed by the supervisor, confirmed by the employee, never in the way of pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from approval.models.feedback import Feedback
from approval.rules.policy import chosen, load, read_shipped
from approval.rules.process import is_low
from approval.rules.refusal import Refused
from approval.services import appraisal, feedback
from approval.services.audit import verify
from approval.services.desks import tasks_of
from approval.services.feedback import Talk
from approval.services.rulebook import freeze
from tests.app_fixtures import World
from tests.stages import AFTER_PUBLICATION, close_everything, publish_everything
from workflows.engine import NotAllowed

DAY = date(2026, 11, 2)
TALK = Talk(DAY, "看了四周的样本", "发货前核对地址")
STEPS = '\n[process]\nsteps = ["one_to_one_feedback"]\nrules = ["R115"]\nquote = "上级领导与个人进行一对一反馈"\n'


@pytest.fixture
def talking(published: World) -> World:
    """Every month is reviewed; the process of 马骏's policy has a one-to-one talk."""
    month = published.month("cs")
    policy = chosen(load(month.policy_version.source + STEPS), {})
    month.frozen_policy_id = freeze(published.act("hr"), policy).id
    published.session.commit()
    return published


def owed(world: World, name: str) -> list[str]:
    return [one.text % one.params for one in tasks_of(world.act(name)) if "反馈" in one.text]


def keep(world: World, who: str = "lead", talk: Talk = TALK, seen: int = 0) -> Feedback:
    return feedback.keep_feedback(world.act(who), world.month("cs"), talk, seen)


def test_the_supervisor_owes_the_talk_until_it_is_kept_and_then_the_employee_his_answer(talking: World) -> None:
    assert owed(talking, "lead") == ["与 马骏 谈 2026-10 的考核结果并登记反馈"]
    assert [one.employee.number for one in feedback.awaiting_seen(talking.act("head"))] == ["E1043"]
    assert owed(talking, "cs") == []
    kept = keep(talking)
    assert owed(talking, "lead") == []
    assert owed(talking, "cs") == ["确认 2026-10 的一对一反馈"]
    feedback.answer_feedback(talking.act("cs"), kept, confirm=True)
    assert owed(talking, "cs") == []
    assert kept.confirmed_at == talking.clock.now()
    assert list(verify(talking.session)) == []


def test_a_policy_whose_process_has_no_talk_asks_for_none(published: World) -> None:
    assert owed(published, "lead") == []
    assert feedback.awaiting_seen(published.act("hr")) == []


def test_who_has_not_confirmed_may_comment_and_the_leader_betters_the_record(talking: World) -> None:
    kept = keep(talking)
    with pytest.raises(Refused, match="请写下您的意见"):
        feedback.answer_feedback(talking.act("cs"), kept, " ", confirm=False)
    feedback.answer_feedback(talking.act("cs"), kept, "第三周我请了假", confirm=False)
    with pytest.raises(NotAllowed, match="别人刚刚改过"):
        keep(talking, talk=Talk(DAY, "更正", "更正"), seen=kept.version - 1)
    keep(talking, talk=Talk(DAY, "看了四周的样本，第三周请假", "发货前核对地址"), seen=kept.version)
    assert kept.discussed.endswith("请假")
    assert kept.comment == "第三周我请了假"
    feedback.answer_feedback(talking.act("cs"), kept, confirm=True)
    with pytest.raises(NotAllowed, match="不再改动"):
        keep(talking, seen=kept.version)
    with pytest.raises(NotAllowed, match="已经确认过"):
        feedback.answer_feedback(talking.act("cs"), kept, confirm=True)


def test_the_supervisor_or_the_head_keeps_it_nobody_else_and_not_before_the_review(talking: World) -> None:
    for name in ("cs2", "hr", "gm", "other_head"):
        with pytest.raises(NotAllowed, match="只有直接主管或部门负责人"):
            keep(talking, name)
    with pytest.raises(NotAllowed, match="本人确认"):
        keep(talking, "cs")
    with pytest.raises(Refused, match="复核之后"):
        keep(talking, talk=Talk(date(2026, 11, 1), "早", "早"))
    with pytest.raises(Refused, match="复核之后"):
        keep(talking, talk=Talk(date(2026, 11, 3), "晚", "晚"))
    kept = keep(talking, "head")
    assert kept.kept_by.number == "D0012"
    with pytest.raises(NotAllowed, match="只有本人"):
        feedback.answer_feedback(talking.act("lead"), kept, confirm=True)


def test_no_talk_before_the_review(closed: World) -> None:
    with pytest.raises(NotAllowed, match="复核通过以后"):
        keep(closed)


def test_a_missing_talk_holds_up_nothing(talking: World) -> None:
    talking.clock.go_to(AFTER_PUBLICATION)
    appraisal.end_publication(talking.act("hr"), talking.month("cs"))
    assert talking.month("cs").state == "split_approval"
    assert owed(talking, "lead") == ["与 马骏 谈 2026-10 的考核结果并登记反馈"]


def test_a_low_result_suggests_training_and_a_good_one_does_not(published: World) -> None:
    asked = {name: feedback.suggests_training(published.act("head"), published.month(name)) for name in ("cs", "cs2")}
    assert published.month("cs").score == Decimal("68.25")
    assert asked == {"cs": False, "cs2": False}
    classes = read_shipped("d14-quarterly-category")
    told = {score: is_low([classes], Decimal(score)) for score in ("90", "70", "69.99", "60", "59.99")}
    assert told == {"90": False, "70": False, "69.99": True, "60": True, "59.99": True}
    ratings = read_shipped("d15-planning-linear")
    assert [is_low([ratings], Decimal(score)) for score in ("90", "70", "69.99")] == [False, False, True]
    streak = read_shipped("d08-customer-service")
    assert [is_low([streak], Decimal(score)) for score in ("65", "64.99")] == [False, True]


def test_a_new_round_wants_a_new_talk_and_the_old_one_stays(world: World) -> None:
    close_everything(world)
    publish_everything(world)
    month = world.month("cs")
    first = keep(world)
    appraisal.reopen_after_objection(world.act("head"), month, world.employee("head").id, "样本作废")
    assert feedback.feedback_of(world.act("head"), month) is None
    assert first.round == 1
