"""The table of a bonus pool: no way from a proposal to money but a general manager's consent to that very version."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.bonus_pool import LABELS, STEPS, WORKFLOW, BonusPoolFacts
from workflows.engine import NotAllowed

HEAD, CHIEF = 1, 2
PROPOSED = BonusPoolFacts(
    actor=HEAD, head=HEAD, payable_fen=1000, shares_fen=1000, fingerprint="a" * 64, seen_fingerprint="a" * 64
)
DECIDED = replace(PROPOSED, actor=CHIEF, is_general_manager=True, proposer=HEAD)


def refused(state: str, trigger: str, facts: BonusPoolFacts, reason: str = "") -> str:
    with pytest.raises(NotAllowed) as caught:
        WORKFLOW.decide(state, trigger, facts, reason)
    return str(caught.value)


def test_a_proposal_goes_to_the_general_manager_and_comes_back_or_is_approved() -> None:
    assert WORKFLOW.decide("splitting", "submit", PROPOSED) == "submitted"
    assert WORKFLOW.decide("submitted", "withdraw", PROPOSED) == "splitting"
    assert WORKFLOW.decide("submitted", "send_back", DECIDED, "请写明理由") == "splitting"
    assert WORKFLOW.decide("submitted", "approve", DECIDED) == "approved"


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_split_is_submitted_exactly_when_it_sums_to_the_fen(payable: int, given_out: int) -> None:
    facts = replace(PROPOSED, payable_fen=payable, shares_fen=given_out)
    offer = WORKFLOW.offer("splitting", "submit", facts)
    assert offer is not None
    assert offer.allowed == (payable == given_out)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"payable_fen": None, "shares_fen": None}, "金额还没有确定"),
        ({"shares_fen": 999}, "还剩 0.01 元"),
        ({"shares_fen": 1001}, "超出奖金池 0.01 元"),
        ({"waiting_appraisals": 2}, "还有 2 人"),
        ({"outdated_suggestions": ("马骏",)}, "建议份额须更新：马骏"),
        ({"unexplained_deviations": ("陈思远",)}, "须写明理由：陈思远"),
        ({"actor": 9}, "只有部门负责人"),
    ],
)
def test_what_keeps_a_split_from_being_submitted_is_said(fault: dict[str, object], words: str) -> None:
    assert words in refused("splitting", "submit", replace(PROPOSED, **fault))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"seen_fingerprint": "b" * 64}, "不是最新一稿"),
        ({"seen_fingerprint": "", "fingerprint": ""}, "不是最新一稿"),
        ({"unticked_exceptions": 1}, "还有 1 项"),
        ({"shares_fen": 999}, "一分不差"),
        ({"outdated_suggestions": ("马骏",)}, "得分或人员已有变化"),
        ({"proposer": CHIEF}, "提交人不能批准自己的分配方案"),
        ({"is_general_manager": False}, "只有总经理"),
    ],
)
def test_what_keeps_a_split_from_being_approved_is_said(fault: dict[str, object], words: str) -> None:
    assert words in refused("submitted", "approve", replace(DECIDED, **fault))  # type: ignore[arg-type]


def test_a_return_needs_a_reason_and_the_version_that_was_seen() -> None:
    assert "请写明理由" in refused("submitted", "send_back", DECIDED)
    assert "不是最新一稿" in refused("submitted", "send_back", replace(DECIDED, seen_fingerprint="old"), "理由")


def test_nothing_is_changed_after_approval_but_paid() -> None:
    assert {step.trigger for step in STEPS if step.source == "approved"} == {"pay"}
    assert [step for step in STEPS if step.source == "paid"] == []
    assert set(WORKFLOW.states) == set(LABELS)
