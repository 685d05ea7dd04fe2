"""The fast way to a month's fen is the explaining way: the same lines, the same refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval.rules.amounts import MOST_KEPT, amounts, fast
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, read_shipped, shipped_codes
from approval.rules.refusal import Refused
from tests.rules.test_differential import months, standards

MONTH: dict[str, Any] = {
    "scheduled": Decimal(22),
    "actual": Decimal(21),
    "late": 0,
    "early": Decimal(0),
    "leave": Decimal(0),
    "absent_days": Decimal("0E+9"),
    "special": Decimal("-0"),
    "score": Decimal("65"),
}
BASE = {"base": Decimal(3000)}
PAYING = [code for code in shipped_codes() if read_shipped(code).pays]


def told(pay: Callable[[], dict[str, int]]) -> dict[str, int] | str:
    """The fen of every line, or the words of the refusal."""
    try:
        return pay()
    except Refused as refused:
        return str(refused)


def explained(policy: Policy, params: Mapping[str, Decimal], month: Mapping[str, Any]) -> dict[str, int]:
    return {line.code: line.amount_fen for line in evaluate(policy, params, month).lines}


def agree(policy: Policy, params: Mapping[str, Decimal], month: Mapping[str, Any]) -> bool:
    expected = told(lambda: explained(policy, params, month))
    total = sum(expected.values()) if isinstance(expected, dict) else expected
    return (told(lambda: amounts(policy, params, month)), told(lambda: {"": fast(policy).total(params, month)})) == (
        expected,
        {"": total} if isinstance(expected, dict) else expected,
    )


def readings(policy: Policy) -> list[dict[str, str]]:
    return [{one.code: choice} for one in policy.options for choice in one.choices] or [{}]


@pytest.mark.parametrize("code", PAYING)
def test_both_ways_pay_the_same_under_every_reading(code: str) -> None:
    shipped = read_shipped(code)
    policies = [chosen(shipped, choices) for choices in readings(shipped)]

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(policies).flatmap(lambda one: st.tuples(st.just(one), standards(one), months(one))))
    def both(given_month: tuple[Policy, dict[str, Decimal], dict[str, Any]]) -> None:
        assert agree(*given_month)

    both()


ODD: list[Any] = [
    None,
    True,
    1.5,
    "2",
    "two",
    -1,
    Decimal("-0.01"),
    Decimal("0.5"),
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("100.01"),
    Decimal("1e11"),
    Decimal("1e-21"),
    Decimal("1e400000"),
    [],
]


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize("code", [*MONTH, "base"])
def test_an_odd_figure_is_paid_or_refused_as_the_explaining_way_does(code: str, odd: Any) -> None:
    policy = read_shipped("d17-c1")
    params = {**BASE, code: odd} if code == "base" else BASE
    month = MONTH if code == "base" else {**MONTH, code: odd}
    assert agree(policy, params, month)


@pytest.mark.parametrize(("params", "month"), [(BASE, {**MONTH, "scor": 1}), ({**BASE, "bas": Decimal(1)}, MONTH)])
def test_a_figure_that_the_policy_does_not_know_is_refused(params: dict[str, Decimal], month: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="方案不认识"):
        amounts(read_shipped("d17-c1"), params, month)


def test_a_sum_beyond_every_wage_is_refused() -> None:
    policy = chosen(read_shipped("d08-customer-service"), {})
    month = {**dict.fromkeys(policy.inputs, Decimal(1)), "sales": Decimal(10**10), "neutral_fixed": Decimal(10**10)}
    with pytest.raises(Refused, match="超出范围"):
        amounts(policy, {"base": Decimal(10**10)}, month)


def test_what_was_learned_is_forgotten_before_it_fills_the_memory() -> None:
    policy = read_shipped("d15-planning-linear")
    ready = fast(policy)
    for fen in range(MOST_KEPT + 10):
        ready.total({"wage": Decimal(fen).scaleb(-2)}, {"score": Decimal(80)})
    assert all(len(one.known) <= MOST_KEPT for one in ready.figures)
    assert ready.total({"wage": Decimal("5000.01")}, {"score": Decimal(80)}) == 500_001


@settings(max_examples=50, deadline=None)
@given(st.decimals("-2000", "2000", places=2), st.decimals("0", "2", places=3))
def test_a_negative_amount_is_rounded_away_from_zero_as_well(rewards: Decimal, task: Decimal) -> None:
    policy = read_shipped("d09-marketing")
    month = {**dict.fromkeys(policy.inputs, Decimal(1)), "rewards": rewards, "task_coefficient": task}
    assert agree(policy, {}, month)
