"""Two versions side by side: everybody reads what changed, the offices that see pay also what it would have cost."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from approval.models.audit import AuditEntry
from approval.models.policy import PolicyVersion
from approval.rules.policy import chosen, read_shipped, shipped_codes, shipped_text
from approval.services import policy as service
from approval.views.policy_diff_words import sections_of
from tests.app_fixtures import Browser, World
from tests.views.test_policy import words

PAGE = "/policies/planning-C-1/compare"


def drafted(world: World, *changes: tuple[str, str], choices: dict[str, str] | None = None) -> None:
    """The second version of the copywriters' policy, as a draft of the general manager."""
    source = shipped_text("d17-c1")
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new, 1)
    service.draft_policy(world.act("gm"), source, choices or {}, effective_from=world.act("gm").today)
    world.session.commit()


def published(world: World, *changes: tuple[str, str]) -> None:
    """The second version as if it had been published; how it gets there is another story."""
    drafted(world, *changes)
    second = update(PolicyVersion).where(PolicyVersion.code == "planning-C-1", PolicyVersion.number == 2)
    world.session.execute(second.values(state="published", published_at=world.clock.now()))
    world.session.commit()


def english(browser: Browser) -> Browser:
    browser.post("/language", {"locale": "en", "back": "/policies"})
    return browser


def test_what_changed_is_told_with_numbers_on_both_sides(payable: World) -> None:
    drafted(
        payable,
        ('bonus = { value = "300"', 'bonus = { value = "400"'),
        ('max = 40, zh = "根据策划部计划', 'max = 45, zh = "根据策划部计划'),
        ("objection_days = 3", "objection_days = 5"),
        choices={"tiers": "ladder90"},
    )
    page = words(payable.sign_in("hr").get(f"{PAGE}?a=1&b=2"))
    for told in (
        "绩效奖金 300 × 绩效奖比例",
        "绩效奖金 400 × 绩效奖比例",
        "满分 40 分",
        "满分 45 分",
        "公示天数",
        "≥ 80 < 90 → 0.8",
        "80 分起 100%，70 分起 60%，60 分起 40%，60 分以下无",
    ):
        assert told in page, told
    assert "Bonus rate" in words(english(payable.sign_in("gm")).get(PAGE))


def test_the_offices_see_what_it_would_have_cost_and_the_look_is_noted(payable: World) -> None:
    drafted(payable, ('bonus = { value = "300"', 'bonus = { value = "400"'))
    page = words(payable.sign_in("finance").get(f"{PAGE}?a=1&b=2"))
    assert "¥6,759.81 ¥6,759.81 ¥6,859.81 ▲ +¥100.00" in page
    back = words(payable.sign_in("auditor").get(f"{PAGE}?a=2&b=1"))
    assert "¥6,759.81 ¥6,859.81 ¥6,759.81 ▼ −¥100.00" in back
    payable.fresh()
    notes = payable.session.scalars(select(AuditEntry).where(AuditEntry.action == "what_if:look")).all()
    assert [json.loads(one.record)["body"]["policy"] for one in notes] == ["planning-C-1/2", "planning-C-1/1"]


def test_others_read_the_words_of_published_versions_and_no_amount(payable: World) -> None:
    published(payable, ('bonus = { value = "300"', 'bonus = { value = "400"'))
    for who in ("copy", "lead", "head", "data"):
        page = words(payable.sign_in(who).get(PAGE))
        assert "绩效奖金 400" in page
        assert "¥" not in page, who


def test_a_draft_is_compared_only_by_those_who_see_drafts(payable: World) -> None:
    drafted(payable, ("objection_days = 3", "objection_days = 5"))
    assert "只有一个版本" in payable.sign_in("copy").get(f"{PAGE}?a=1&b=2")
    assert "公示天数" in payable.sign_in("auditor").get(PAGE)


def test_a_pair_that_is_none_is_answered_on_the_page(payable: World) -> None:
    drafted(payable)
    hr = payable.sign_in("hr")
    assert "两个版本的规则没有不同" in hr.get(f"{PAGE}?a=1&b=2")
    assert "没有这个版本" in hr.get(f"{PAGE}?a=1&b=7", status=422)
    assert "两个不同的版本" in hr.get(f"{PAGE}?a=1&b=1", status=422)
    assert "没有这个版本" in hr.get(f"{PAGE}?a=x", status=422)
    for query in ("", "?b=2", "?b=1"):  # the policy's page knows only its own version
        assert "两个版本的规则没有不同" in hr.get(f"{PAGE}{query}")
    assert f"{PAGE}?b=1" in hr.get("/policies/planning-C-1/1")
    hr.get("/policies/nobody/compare", status=404)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_any_two_policies_can_be_told_apart_in_words(world: World, locale: str) -> None:
    policies = [chosen(read_shipped(code), {}) for code in shipped_codes()]
    with world.app.test_request_context(headers={"Cookie": f"locale={locale}"}):
        for old in policies:
            for new in policies:
                rows = [row for section in sections_of(old, new) for row in section.rows]
                assert (rows == []) == (old is new)
                assert all(row.before != row.after for row in rows)
                assert all(row.name for row in rows)
