"""The table of a policy version: who moves it, and that published is the end of all changes."""

from __future__ import annotations

import pytest

from workflows.engine import NotAllowed
from workflows.policy import DRAFT, PUBLISHED, REVIEWED, SUPERSEDED, WORKFLOW, PolicyFacts, may_countersign

AUTHOR, HR, GM = 1, 2, 3


def by(actor: int, **told: object) -> PolicyFacts:
    facts = {"actor": actor, "author": AUTHOR, "is_hr": actor in (AUTHOR, HR), "is_general_manager": actor == GM}
    return PolicyFacts(**{**facts, **told})  # type: ignore[arg-type]


def test_the_way_of_a_version_is_draft_reviewed_published_superseded() -> None:
    assert WORKFLOW.decide(DRAFT, "review", by(HR)) == REVIEWED
    assert WORKFLOW.decide(REVIEWED, "publish", by(GM)) == PUBLISHED
    assert WORKFLOW.decide(PUBLISHED, "supersede", by(GM, replaced=True)) == SUPERSEDED


@pytest.mark.parametrize(
    ("state", "trigger", "facts", "why"),
    [
        (DRAFT, "review", by(AUTHOR), "自己的方案"),
        (DRAFT, "review", by(HR, wrote=True), "您改过这一版的正文"),
        (REVIEWED, "return_to_draft", by(HR, wrote=True), "您改过这一版的正文"),
        (DRAFT, "review", by(9), "只有人事"),
        (DRAFT, "review", by(HR, blocking_lints=("权重之和是 0.9",)), "权重之和是 0.9"),
        (REVIEWED, "publish", by(HR), "只有总经理"),
        (REVIEWED, "publish", by(GM, starts_in_past=True), "不溯及既往"),
        (REVIEWED, "publish", by(GM, blocking_lints=("有空档",)), "有空档"),
        (REVIEWED, "publish", by(GM, unsigned=("王芳", "何静")), "还缺会签：王芳、何静"),
        (REVIEWED, "publish", by(GM, objecting=("王芳",)), "会签有异议：王芳"),
        (DRAFT, "publish", by(GM), "不能做这一步"),
        (PUBLISHED, "return_to_draft", by(HR), "不能做这一步"),
        (PUBLISHED, "supersede", by(GM), "新的版本"),
        (SUPERSEDED, "publish", by(GM), "不能做这一步"),
    ],
)
def test_every_refusal_says_why(state: str, trigger: str, facts: PolicyFacts, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        WORKFLOW.decide(state, trigger, facts, "理由")


def test_a_return_needs_its_reason() -> None:
    with pytest.raises(NotAllowed, match="理由"):
        WORKFLOW.decide(REVIEWED, "return_to_draft", by(HR))
    assert WORKFLOW.decide(REVIEWED, "return_to_draft", by(HR), "权重不对") == DRAFT


def test_nobody_is_offered_a_button_on_what_is_published_but_its_successor() -> None:
    assert [WORKFLOW.offers(state, by(actor)) for state in (PUBLISHED, SUPERSEDED) for actor in (HR, GM)] == [()] * 4


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (by(9, has_seat=True, is_reviewed=True), ""),
        (by(9, has_seat=False, is_reviewed=True), "您不是这一版的会签人"),
        (by(9, has_seat=True, is_reviewed=False), "复核之后"),
        (by(AUTHOR, has_seat=True, is_reviewed=True, wrote=True), "自己的方案"),
    ],
)
def test_who_was_named_countersigns_a_reviewed_text_that_is_not_his_own(facts: PolicyFacts, why: str) -> None:
    assert why in str(may_countersign(facts) or "")
    assert (may_countersign(facts) is None) == (why == "")
