"""The table of an objection: whoever scored, or is its subject, never decides."""

from __future__ import annotations

from itertools import product

import pytest

from workflows.engine import NotAllowed
from workflows.objection import WORKFLOW, ObjectionFacts

SUBJECT, SCORER, DECIDER, OTHER = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("actor", "trigger", "is_hr"), list(product((None, 1, 2, 3, 4), ("uphold", "reject"), (True, False)))
)
def test_only_the_decider_or_hr_answers_and_never_the_scorer_or_the_subject(
    actor: int | None, trigger: str, is_hr: bool
) -> None:
    facts = ObjectionFacts(actor=actor, subject=SUBJECT, scorer=SCORER, decider=DECIDER, is_hr=is_hr)
    offer = WORKFLOW.offer("raised", trigger, facts)
    expected = actor is not None and actor not in (SUBJECT, SCORER) and (is_hr or actor == DECIDER)
    assert (offer is not None and offer.allowed) == expected


def test_an_answer_needs_its_reason_and_is_given_once() -> None:
    facts = ObjectionFacts(actor=DECIDER, subject=SUBJECT, scorer=SCORER, decider=DECIDER)
    with pytest.raises(NotAllowed, match="请写明理由"):
        WORKFLOW.decide("raised", "reject", facts)
    assert WORKFLOW.decide("raised", "reject", facts, "核对无误") == "rejected"
    assert WORKFLOW.decide("raised", "uphold", facts, "样本有误") == "upheld"
    for answered in ("rejected", "upheld"):
        with pytest.raises(NotAllowed, match="现在的状态是"):
            WORKFLOW.decide(answered, "reject", facts, "再来一次")
