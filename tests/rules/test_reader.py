"""What a reader finds with a calculator: every line from the formula that it shows, and never less for a better score."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval.rules.amounts import amounts
from approval.rules.explanation import PayLine, PayResult, Words
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, read_shipped, shipped_codes
from approval.rules.segments import Segment, joined
from tests.rules.by_hand import fen
from tests.rules.test_differential import SCORE, months, standards

PAYING = [code for code in shipped_codes() if read_shipped(code).pays]
SCORES = ("score", "satisfaction", "teamwork")


def every_reading(policy: Policy) -> list[Policy]:
    """The policy under each choice of each of its options, one at a time."""
    return [policy, *(chosen(policy, {one.code: choice}) for one in policy.options for choice in one.choices)]


def by_calculator(line: PayLine) -> int:
    """The fen that the printed formula comes to: factors multiplied left to right, the end rounded once.

    Where a day's rate is rounded on the way, the formula says what it came to and goes on from there.
    """
    shown, _, amount = line.formula.rpartition(" = ")
    assert amount == f"{Decimal(line.amount_fen) / 100:.2f}", line
    value = Fraction(0)
    for part in shown.split("; "):
        told, _about, rounded = part.partition(" ≈ ")
        value = product(told)
        assert not rounded or plain(rounded) == Fraction(fen(value), 100), line.formula
    return fen(value)


def product(told: str) -> Fraction:
    """What factors come to, each a number, a fraction or a number divided by days."""
    value = Fraction(1)
    for factor in told.split(" × "):
        first, *below = factor.replace(" ÷ ", "/").split("/")
        value *= plain(first)
        for one in below:
            value /= plain(one)
    return value


def plain(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def check(result: PayResult) -> None:
    for line in result.lines:
        if line.terms[0].kind in ("unless", "when"):
            assert (line.amount_fen, line.formula) == (0, "0.00")
            assert line.terms[0].detail, "a line that pays nothing says why"
        else:
            assert by_calculator(line) == line.amount_fen, line.formula
    assert result.total_fen == sum(line.amount_fen for line in result.lines)


@pytest.mark.parametrize("code", PAYING)
def test_a_reader_finds_every_amount_from_the_formula_it_shows_under_every_reading(code: str) -> None:
    policies = every_reading(read_shipped(code))

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(policies).flatmap(lambda one: st.tuples(st.just(one), standards(one), months(one))))
    def found(told: tuple[Policy, dict[str, Decimal], dict[str, Any]]) -> None:
        policy, params, month = told
        month = named(month)
        result = evaluate(policy, params, month)
        check(result)
        assert amounts(policy, params, month) == {line.code: line.amount_fen for line in result.lines}

    found()


def named(month: Mapping[str, Any]) -> dict[str, Any]:
    """The month with a partner for every record, as a reading by rank asks for."""
    records = [{**one, "partner": f"p{place % 3}"} for place, one in enumerate(month.get("collections", ()))]
    return {**month, "collections": records} if "collections" in month else dict(month)


@pytest.mark.parametrize("code", PAYING)
def test_no_line_pays_less_for_a_better_score_under_the_default_readings(code: str) -> None:
    policy = read_shipped(code)
    scores = [one for one in SCORES if one in policy.inputs]
    assert scores, "a scheme that no score moves has nothing to ask"

    @settings(max_examples=60, deadline=None)
    @given(standards(policy), months(policy), st.sampled_from(scores), SCORE, SCORE)
    def never_less(params: Any, month: Any, asked: str, one: Decimal, other: Decimal) -> None:
        low, high = sorted((one, other))
        less, more = (evaluate(policy, params, {**month, asked: score}) for score in (low, high))
        for before, after in zip(less.lines, more.lines, strict=True):
            assert before.code == after.code
            assert before.amount_fen <= after.amount_fen, before.code
        assert less.total_fen <= more.total_fen

    never_less()


@pytest.mark.parametrize("code", PAYING)
def test_each_line_rises_or_stays_over_every_score_that_can_be_given(code: str) -> None:
    policy = read_shipped(code)
    params: dict[str, Decimal] = {one: Decimal("3333.33") for one, told in policy.params.items() if told.value is None}
    month: dict[str, Any] = {one: Decimal(1) for one, told in policy.inputs.items() if told.type != "rows"}
    month |= {one: [] for one, told in policy.inputs.items() if told.type == "rows"}
    for asked in (one for one in SCORES if one in policy.inputs):
        before: dict[str, int] = {}
        for hundredth in range(10_001):
            now = amounts(policy, params, {**month, asked: Decimal(hundredth).scaleb(-2)})
            assert all(now[line] >= paid for line, paid in before.items()), (asked, hundredth)
            before = now


@pytest.mark.parametrize(("one", "other"), [("d08-customer-service", "d17-c1"), ("d09-marketing", "d17-y1")])
def test_a_reader_finds_the_lines_of_a_month_in_two_posts_as_well(one: str, other: str) -> None:
    policies = (read_shipped(one), read_shipped(other))

    @settings(max_examples=80, deadline=None)
    @given(*(st.tuples(standards(policy), months(policy)) for policy in policies), st.integers(1, 21))
    def found(first: Any, second: Any, days: int) -> None:
        results = [evaluate(policy, *given) for policy, given in zip(policies, (first, second), strict=True)]
        shares = (Fraction(days), Fraction(22 - days))
        parts = [
            Segment(policy, result, Words(name, name), share, Fraction(22))
            for policy, result, name, share in zip(policies, results, "一二", shares, strict=True)
        ]
        check(joined(parts))
        assert len(joined(parts).lines) >= max(len(one.lines) for one in results)

    found()
