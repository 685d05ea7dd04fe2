"""What months come to, without the words: a policy compiled once to whole-number arithmetic, for many months.

The same fen as the evaluator that explains (`rules.pay`). Where a month or a factor is out of the ordinary that evaluator is
asked, so every refusal is told in its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from approval.rules.arithmetic import Arithmetic, Column, Unusual
from approval.rules.number import number
from approval.rules.pay import Compiled, compiled
from approval.rules.policy import Policy
from approval.rules.refusal import Refused

MOST_KEPT = 50_000
PLACES = 6  # of every figure that comes as a Decimal; one with more is dealt with by the explaining evaluator
ONE = 10**PLACES
Amounts = Callable[[Sequence[int]], tuple[int, ...]]


def amounts(policy: Policy, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> dict[str, int]:
    """The fen of every line of one month by its code; Refused as the explaining evaluator refuses."""
    return fast(policy).amounts(params, inputs)


def amounts_of_rows(policy: Policy, columns: Sequence[Column]) -> Amounts | None:
    """A function from a row of whole numbers, as a table keeps them, to its key and the fen of every line.

    A row is its key and then the figures that `columns` name, each with its decimal places. It raises Unusual for a row
    that needs the explaining evaluator; None where the policy does (records, day rates).
    """
    try:
        return Arithmetic(policy, columns).compiled()
    except Unusual:
        return None


@lru_cache(maxsize=256)
def fast(policy: Policy) -> Fast:
    """A policy made ready for many months; kept, so that asking again costs nothing."""
    return Fast(policy)


class _Figure(NamedTuple):
    """One figure of a month: where it stands, and the whole numbers of those already seen."""

    is_param: bool
    code: str
    default: Decimal | None
    known: dict[Decimal, int]


class Fast:
    """A policy that computes months given as Decimals."""

    def __init__(self, policy: Policy) -> None:
        self._explaining: Compiled = compiled(policy)
        self._codes = tuple(str(one["code"]) for one in policy.components)
        self._params, self._inputs = policy.params.keys(), policy.inputs.keys()
        figures = [_Figure(True, code, one.value, {}) for code, one in policy.params.items()]
        figures += [_Figure(False, code, one.default, {}) for code, one in policy.inputs.items() if one.type != "rows"]
        asked = Arithmetic.asked(policy)
        self.figures = tuple(one for one in figures if (one.is_param, one.code) in asked)
        self._lines = amounts_of_rows(policy, [Column(one.is_param, one.code, PLACES) for one in self.figures])

    def amounts(self, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> dict[str, int]:
        """The fen of every line by its code."""
        if self._lines is not None and params.keys() <= self._params and inputs.keys() <= self._inputs:
            try:
                return dict(zip(self._codes, self._lines(self._read(params, inputs))[1:], strict=True))
            except Unusual:
                pass
        return {line.code: line.amount_fen for line in self._explaining.evaluate(params, inputs).lines}

    def total(self, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> int:
        """The fen of a month."""
        return sum(self.amounts(params, inputs).values())

    def _read(self, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> list[int]:
        row = [0]
        for is_param, code, default, known in self.figures:
            value = params.get(code, default) if is_param else inputs.get(code, default)
            whole = known.get(value) if type(value) is Decimal else None
            row.append(_learn(known, value) if whole is None else whole)
        return row


def _learn(known: dict[Decimal, int], value: object) -> int:
    """A figure in millionths, kept for the next month that has the same."""
    if type(value) is not Decimal and type(value) is not int:
        raise Unusual
    try:
        told = number(value)
    except Refused:
        raise Unusual from None
    exact = Fraction(told) * ONE
    if exact.denominator != 1:
        raise Unusual
    whole = int(exact)
    if len(known) >= MOST_KEPT:
        known.clear()
    known[told] = whole
    return whole
