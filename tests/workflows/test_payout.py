"""The table of a payment batch: money moves forward in four steps by two people, and never twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine import NotAllowed
from workflows.payout import LABELS, STEPS, WORKFLOW, PayoutFacts

FINANCE, CHIEF, EMPLOYEE = 1, 2, 3
PREPARED = PayoutFacts(
    actor=CHIEF,
    preparer=FINANCE,
    payees=frozenset({EMPLOYEE}),
    is_general_manager=True,
    total_fen=1000,
    lines_fen=1000,
    fingerprint="a" * 64,
    seen_fingerprint="a" * 64,
    all_lines_settled=True,
)
SIGNED = replace(PREPARED, actor=FINANCE, is_general_manager=False, is_finance=True)


def refused(state: str, trigger: str, facts: PayoutFacts, reason: str = "") -> str:
    with pytest.raises(NotAllowed) as caught:
        WORKFLOW.decide(state, trigger, facts, reason)
    return str(caught.value)


def test_a_batch_is_signed_off_exported_and_paid() -> None:
    assert WORKFLOW.decide("prepared", "sign_off", PREPARED) == "signed_off"
    assert WORKFLOW.decide("signed_off", "export", SIGNED) == "exported"
    assert WORKFLOW.decide("exported", "pay", SIGNED) == "paid"


def test_before_it_is_signed_it_can_be_returned_or_voided_with_a_reason() -> None:
    assert WORKFLOW.decide("prepared", "send_back", PREPARED, "金额待核") == "voided"
    assert WORKFLOW.decide("prepared", "void", SIGNED, "重复制单") == "voided"
    assert "请写明理由" in refused("prepared", "send_back", PREPARED)
    assert "请写明理由" in refused("prepared", "void", SIGNED, "  ")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"is_general_manager": False}, "只有总经理可以签发"),
        ({"preparer": CHIEF}, "制单人不能签发自己的批次"),
        ({"payees": frozenset({EMPLOYEE, CHIEF})}, "批次里有您本人的工资条"),
        ({"seen_fingerprint": "b" * 64}, "您看到的不是最新内容"),
        ({"seen_fingerprint": "", "fingerprint": ""}, "您看到的不是最新内容"),
        ({"lines_fen": 999}, "与明细之和不一致"),
        ({"miscounted": ("马骏", "周敏")}, "重新计算的结果与保存的不一致，已停止；请立即联系人事和审计：马骏、周敏"),
        ({"blocking_flags": ("低于最低工资：马骏",)}, "还有待处理的法定提示：低于最低工资：马骏"),
    ],
)
def test_what_keeps_a_batch_from_being_signed_is_said(fault: dict[str, object], words: str) -> None:
    assert words in refused("prepared", "sign_off", replace(PREPARED, **fault))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "trigger", "fault", "words"),
    [
        ("signed_off", "export", {"is_finance": False}, "只有财务"),
        ("signed_off", "export", {"fingerprint": "c" * 64}, "批次内容与签发时不一致"),
        ("signed_off", "export", {"total_fen": 1001}, "与明细之和不一致"),
        ("signed_off", "export", {"payees": frozenset({FINANCE})}, "只发给自己"),
        ("exported", "pay", {"fingerprint": "c" * 64}, "批次内容与签发时不一致"),
        ("exported", "pay", {"all_lines_settled": False}, "还有工资条没有发放结果"),
        ("exported", "pay", {"is_finance": False}, "只有财务"),
    ],
)
def test_what_stops_the_money_after_the_signature_is_said(
    state: str, trigger: str, fault: dict[str, object], words: str
) -> None:
    assert words in refused(state, trigger, replace(SIGNED, **fault))  # type: ignore[arg-type]


def test_the_general_manager_sees_why_a_batch_with_his_own_pay_is_not_his() -> None:
    offers = WORKFLOW.offers("prepared", replace(PREPARED, payees=frozenset({CHIEF})))
    assert {offer.trigger: offer.allowed for offer in offers} == {"sign_off": False, "send_back": False}
    assert WORKFLOW.offers("prepared", replace(PREPARED, actor=EMPLOYEE, is_general_manager=False)) == ()


ANYONE = st.builds(
    PayoutFacts,
    actor=st.integers(1, 4),
    preparer=st.integers(1, 4),
    payees=st.frozensets(st.integers(1, 4)),
    is_finance=st.booleans(),
    is_general_manager=st.booleans(),
    total_fen=st.integers(0, 3),
    lines_fen=st.integers(0, 3),
    fingerprint=st.sampled_from(["", "a", "b"]),
    seen_fingerprint=st.sampled_from(["", "a", "b"]),
    all_lines_settled=st.booleans(),
)


@given(ANYONE, st.lists(st.sampled_from(sorted({step.trigger for step in STEPS})), max_size=6))
def test_whoever_presses_whatever_paid_comes_only_after_export_after_signature(
    facts: PayoutFacts, presses: list[str]
) -> None:
    state, passed = "prepared", ["prepared"]
    for trigger in presses:
        try:
            state = WORKFLOW.decide(state, trigger, facts, "理由")
        except NotAllowed:
            continue
        passed.append(state)
    if "paid" in passed:
        assert passed == ["prepared", "signed_off", "exported", "paid"]
    if "signed_off" in passed:
        assert facts.actor != facts.preparer
        assert facts.actor not in facts.payees
        assert facts.total_fen == facts.lines_fen


def test_nothing_leaves_paid_or_voided() -> None:
    assert [step for step in STEPS if step.source in ("paid", "voided")] == []
    assert set(WORKFLOW.states) == set(LABELS)
