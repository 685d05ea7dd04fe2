"""Steps of one month below the pages: scores, rounds, drafts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from approval.services import appraisal as service
from approval.services import score
from approval.services.facts import kpi_scores
from approval.services.self_assessment import Draft, ItemScore, draft_of, save_self_assessment
from approval.services.sight import sees
from approval.services.step import Conflict
from tests.app_fixtures import World
from workflows.engine import NotAllowed

POINTS = {"plan": 34, "innovation": 17, "training": 9, "summary": 8, "pages": 9, "proposals": 9}
DRAFT = Draft(tuple(ItemScore(code, Decimal(points)) for code, points in POINTS.items()))


def test_equal_drafts_have_one_token_however_the_numbers_are_written(world: World) -> None:
    act, month = world.act("copy"), world.month("copy")
    save_self_assessment(act, month, DRAFT)
    assert draft_of(act, month).token == DRAFT.token
    assert Draft().token == Draft((ItemScore("plan", None),)).token


def test_a_draft_written_from_an_old_reading_is_a_conflict(world: World) -> None:
    act, month = world.act("copy"), world.month("copy")
    before = draft_of(act, month).token
    save_self_assessment(act, month, DRAFT, before)
    save_self_assessment(act, month, DRAFT, before)
    with pytest.raises(Conflict):
        save_self_assessment(act, month, Draft(summary="旧的"), before)


def test_only_its_owner_writes_a_draft_and_only_while_it_is_open(world: World) -> None:
    month = world.month("copy")
    with pytest.raises(NotAllowed, match="只有本人"):
        save_self_assessment(world.act("lead"), month, DRAFT)
    own = world.act("copy")
    save_self_assessment(own, month, DRAFT)
    service.submit(own, month)
    with pytest.raises(NotAllowed, match="已经提交"):
        save_self_assessment(own, month, DRAFT)


def test_a_returned_month_starts_a_round_from_copies_and_keeps_the_old_one(world: World) -> None:
    own, month = world.act("copy"), world.month("copy")
    save_self_assessment(own, month, DRAFT)
    service.submit(own, month)
    service.return_to_employee(world.act("lead"), month, "请补充")
    changed = Draft((ItemScore("plan", Decimal(10)), *DRAFT.items[1:]))
    save_self_assessment(own, month, changed)
    assert kpi_scores(own, month, "self", 1)["plan"].points == 34
    assert kpi_scores(own, month, "self", 2)["plan"].points == 10
    assert [score.self_total(own, month, number) for number in (1, 2)] == [86, 62]


def test_a_withdrawn_month_is_not_submitted_any_more(world: World) -> None:
    own, month = world.act("copy"), world.month("copy")
    save_self_assessment(own, month, DRAFT)
    service.submit(own, month)
    service.withdraw(own, month)
    assert (month.submitted_at, month.self_score) == (None, None)


def test_the_card_weighs_exactly_and_has_no_total_while_a_part_is_missing(world: World) -> None:
    own, month = world.act("copy"), world.month("copy")
    save_self_assessment(own, month, DRAFT)
    card = score.score_card(own, month)
    assert [part.weighted for part in card.parts] == [Fraction(43, 2), None]
    assert card.total is None


@pytest.mark.parametrize("name", ["lead", "head", "gm", "hr", "auditor", "finance"])
def test_nobody_but_the_employee_sees_the_self_score_while_it_is_open(world: World, name: str) -> None:
    month = world.month("copy")
    assert not sees(world.act(name), month, "self_score")
    assert sees(world.act("copy"), month, "self_score")
