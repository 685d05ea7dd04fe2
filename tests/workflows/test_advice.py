"""The table of an advice: a human decides, with a reason, once, and never about himself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.advice import DROPPED, PROPOSED, TAKEN, WORKFLOW, AdviceFacts
from workflows.engine import NotAllowed

HR = AdviceFacts(actor=2, subject=1, is_hr=True)


@pytest.mark.parametrize(("trigger", "state"), [("take", TAKEN), ("drop", DROPPED)])
def test_hr_decides_with_a_reason(trigger: str, state: str) -> None:
    assert WORKFLOW.decide(PROPOSED, trigger, HR, "已面谈") == state
    with pytest.raises(NotAllowed, match="理由"):
        WORKFLOW.decide(PROPOSED, trigger, HR, " ")


def test_what_is_missing_as_evidence_is_named_on_the_button() -> None:
    facts = AdviceFacts(actor=2, subject=1, is_hr=True, evidence_missing=("面谈记录", "培训记录"))
    offers = {one.trigger: one for one in WORKFLOW.offers(PROPOSED, facts)}
    assert [str(no) for no in offers["take"].reasons] == ["还缺证据：面谈记录、培训记录"]
    assert offers["drop"].allowed


@given(st.sampled_from((TAKEN, DROPPED)), st.sampled_from(("take", "drop")))
def test_a_decision_is_final(state: str, trigger: str) -> None:
    with pytest.raises(NotAllowed):
        WORKFLOW.decide(state, trigger, HR, "改主意")


@given(st.booleans(), st.booleans(), st.integers(0, 3), st.integers(0, 3), st.sampled_from(("take", "drop")))
def test_the_system_and_the_subject_decide_nothing(hr: bool, gm: bool, actor: int, subject: int, trigger: str) -> None:
    facts = AdviceFacts(actor=actor or None, subject=subject, is_hr=hr, is_general_manager=gm)
    if (hr or gm) and actor not in (0, subject):
        assert WORKFLOW.decide(PROPOSED, trigger, facts, "理由") in (TAKEN, DROPPED)
    else:
        with pytest.raises(NotAllowed):
            WORKFLOW.decide(PROPOSED, trigger, facts, "理由")
