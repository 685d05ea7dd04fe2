"""The life of a policy version below the pages: drafted, read one way, reviewed by another, published once."""

from __future__ import annotations

from datetime import date

import pytest

from approval.models.policy import PolicyVersion
from approval.rules.policy import shipped_text
from approval.rules.refusal import Refused
from approval.services import people, policy
from tests.app_fixtures import World
from workflows.engine import NotAllowed

NEXT_MONTH = date(2026, 12, 1)


def drafted(world: World, code: str = "d08-customer-service", begins: date = NEXT_MONTH) -> PolicyVersion:
    text = shipped_text(code)
    return policy.draft_policy(world.act("gm"), text, policy.default_readings(text), begins)


def test_a_draft_takes_the_next_number_of_its_code(world: World) -> None:
    assert [drafted(world).number, drafted(world).number] == [2, 3]


def test_an_employee_drafts_nothing_and_chooses_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        policy.draft_policy(world.act("lead"), shipped_text("d09-marketing"))
    with pytest.raises(NotAllowed):
        policy.choose_readings(world.act("lead"), drafted(world), {})


def test_a_chosen_reading_changes_the_fingerprint_and_the_policy(world: World) -> None:
    version = drafted(world)
    before = version.fingerprint
    policy.choose_readings(world.act("hr"), version, {"base_proration": "none"})
    factors = policy.policy_with_readings(version).components[0]["factors"]
    assert version.fingerprint != before
    assert [next(iter(one)) for one in factors] == ["param", "scale"]


def test_a_reading_that_the_option_does_not_have_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="没有读法"):
        policy.choose_readings(world.act("hr"), drafted(world), {"base_proration": "double"})


def test_the_author_does_not_review_his_own_draft(world: World) -> None:
    with pytest.raises(NotAllowed, match="自己的方案"):
        policy.review_policy(world.act("gm"), drafted(world))


def test_who_changed_the_text_does_not_review_it_and_who_only_read_its_terms_does(world: World) -> None:
    version = drafted(world)
    readings = {**policy.default_readings(version.source), "base_proration": "none"}
    policy.choose_readings(world.act("hr"), version, readings)
    assert "review" in {one for one, offer in policy.offers(world.act("hr"), version).items() if offer.allowed}
    changed = version.source + "\n# 人事改\n"
    policy.edit_source(world.act("hr"), version, version.version, changed, version.effective_from)
    with pytest.raises(NotAllowed, match="您改过这一版的正文"):
        policy.review_policy(world.act("hr"), version)
    assert version.state == "draft"
    people.appoint(world.act("hr"), world.employee("finance"), "hr", version.effective_from.replace(day=1, month=11))
    policy.review_policy(world.act("finance"), version)
    assert (version.state, version.reviewed_by_id) == ("reviewed", world.employee("finance").id)


def test_publishing_ends_the_version_before_the_day_before(world: World) -> None:
    version = drafted(world)
    old = world.month("cs").policy_version
    policy.review_policy(world.act("hr"), version)
    policy.publish_policy(world.act("gm"), version, official=True)
    world.session.refresh(old)
    assert (version.state, old.state, old.effective_to) == ("published", "superseded", date(2026, 11, 30))


def test_a_published_version_is_not_changed_any_more(world: World) -> None:
    with pytest.raises(NotAllowed, match="不再改动"):
        policy.choose_readings(world.act("hr"), world.month("cs").policy_version, {"base_proration": "none"})


def test_nothing_is_published_for_days_that_have_passed(world: World) -> None:
    version = drafted(world, begins=date(2026, 11, 1))
    policy.review_policy(world.act("hr"), version)
    with pytest.raises(NotAllowed, match="不溯及既往"):
        policy.publish_policy(world.act("gm"), version, official=True)


def test_two_policies_for_one_post_are_named(world: World) -> None:
    text = shipped_text("d08-customer-service").replace('code = "customer-service"', 'code = "another-service"')
    version = policy.draft_policy(world.act("gm"), text, {}, NEXT_MONTH)
    rivals = policy.rivals(world.act("gm"), version)
    assert [(other.code, posts) for other, posts in rivals] == [("customer-service", ["客服部 客服专员"])]
