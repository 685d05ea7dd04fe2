"""One person's month as the evaluator reads it: every figure asked for by name, checked as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.rules.basis import Basis
from approval.rules.explanation import Note
from approval.rules.number import number
from approval.rules.policy_parts import Input, Param
from approval.rules.refusal import Refused

MOST_YUAN = Decimal(10) ** 10
WEIGHTS = ("factor", "fraction")  # below 0 they would turn pay round: only where the policy says `signed`


class Row:
    """Figures of the policy and of the month; a missing one without a default is refused by name, never read as zero."""

    __slots__ = ("_inputs", "_params", "_read", "bases", "counted", "notes", "of_rows")

    def __init__(self, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> None:
        self._params = params
        self._inputs = inputs
        self._read: dict[str, Fraction] = {}
        self.notes: list[Note] = []
        # The records that the last factor of rows read, and of them those that count with their amounts.
        self.of_rows: Sequence[Mapping[str, Any]] = ()
        self.counted: list[tuple[int, Fraction]] = []
        self.bases: list[Basis] = []  # what the bands cite that the line at hand was paid by

    def input(self, told: Input) -> Fraction:
        if (known := self._read.get(told.code)) is not None:
            return known
        value = self._inputs.get(told.code, told.default)
        if value is None:
            raise Refused("缺少“%(name)s”", fault=f"missing input {told.code}", name=told.zh)
        read = in_bounds(told.type, told.code, told.zh, value)
        if read < 0 and told.type in WEIGHTS and not told.signed:
            raise Refused("“%(name)s”不能为负数", fault=f"{told.code} below 0", name=told.zh)
        found = self._read[told.code] = Fraction(read)
        return found

    def param(self, told: Param) -> Fraction:
        value = self._params.get(told.code, told.value)
        if value is None:
            raise Refused("缺少“%(name)s”，请人事设定", fault=f"missing param {told.code}", name=told.zh)
        found = in_bounds(told.type, told.code, told.zh, value)
        if found < 0:
            raise Refused("“%(name)s”不能为负数", fault=f"{told.code} below 0", name=told.zh)
        return Fraction(found)

    def records(self, told: Input) -> Sequence[Mapping[str, Any]]:
        rows = self._inputs.get(told.code)
        if rows is None:
            raise Refused("缺少“%(name)s”", fault=f"missing input {told.code}", name=told.zh)
        if isinstance(rows, str) or not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
            raise Refused("“%(name)s”应为逐条记录", fault=f"{told.code} is not rows", name=told.zh)
        return rows


def in_bounds(kind: str, code: str, name: str, value: object) -> Decimal:
    """Refuse what no record can hold: not a number, a score outside 0..100, negative days or counts, over 10^10 yuan."""
    try:
        found = number(value)
    except Refused as refused:
        if refused.fault == "number out of range":
            raise Refused("“%(name)s”超出范围", fault="amount out of range", name=name) from None
        raise Refused("“%(name)s”不是数字：%(value)s", fault="not a number", name=name, value=str(value)[:40]) from None
    if kind == "score" and not 0 <= found <= 100:
        raise Refused("“%(name)s”须在 0 到 100 之间", fault="score outside 0..100", name=name)
    if kind in ("days", "count") and found < 0:
        fault = f"{code} days below 0" if kind == "days" else f"{code} below 0"
        raise Refused("“%(name)s”不能为负数", fault=fault, name=name)
    if kind == "count" and found != int(found):
        raise Refused("“%(name)s”须是整数", fault=f"{code} is not a whole number", name=name)
    if abs(found) > MOST_YUAN:
        raise Refused("“%(name)s”超出范围", fault="amount out of range", name=name)
    return found
