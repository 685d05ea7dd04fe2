"""Who answers an objection, and what an upheld one sets going."""

from __future__ import annotations

import pytest

from approval.rules.refusal import Refused
from approval.services import appraisal, objection
from tests.app_fixtures import World
from workflows.engine import NotAllowed


def test_the_decider_is_the_reviewer_unless_he_scored(published: World) -> None:
    act = published.act("hr")
    who = {name: objection.decider_of(act, published.month(name)) for name in ("cs", "lead", "head")}
    assert who == {"cs": published.employee("head").id, "lead": published.employee("gm").id, "head": None}


def test_the_objector_and_the_scorer_cannot_answer_even_with_the_office_of_hr(published: World) -> None:
    raised = objection.raise_objection(published.act("cs"), published.month("cs"), "样本有误")
    for name in ("cs", "lead"):
        with pytest.raises(NotAllowed):
            objection.decide_objection(published.act(name), raised, "uphold", "理由")
    assert raised.state == "raised"


def test_an_objection_is_raised_by_oneself_with_grounds_while_published(published: World) -> None:
    with pytest.raises(Refused, match="自己的考核结果"):
        objection.raise_objection(published.act("lead"), published.month("cs"), "替他说")
    with pytest.raises(Refused, match="理由"):
        objection.raise_objection(published.act("cs"), published.month("cs"), " ")


def test_nobody_objects_before_publication(closed: World) -> None:
    with pytest.raises(Refused, match="不在公示期"):
        objection.raise_objection(closed.act("cs"), closed.month("cs"), "太早")


def test_a_month_opens_again_only_for_an_upheld_objection_of_somebody_else(published: World) -> None:
    month = published.month("cs")
    with pytest.raises(NotAllowed, match="本人和评分人以外"):
        appraisal.reopen_after_objection(published.act("lead"), month, published.employee("lead").id, "理由")
    head = published.act("head")
    raised = objection.raise_objection(published.act("cs"), month, "样本有误")
    objection.decide_objection(head, raised, "uphold", "样本作废")
    appraisal.reopen_after_objection(head, month, head.person, "样本作废")
    assert (month.state, month.round, month.score) == ("sampling", 2, None)
    again = appraisal.offers(published.act("lead"), month)
    assert again["close_scores"].allowed
