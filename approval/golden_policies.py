"""The shipped policies of the worked cases: their readings, the policy of a position, a month evaluated under one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.golden_given import (
    one_of,
)
from approval.rules import score
from approval.rules.money import yuan
from approval.rules.number import number
from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy, chosen, read_shipped
from approval.rules.row import in_bounds

Inputs = Mapping[str, Any]
Found = dict[str, Any]
Names = dict[str, tuple[str, Mapping[str, str]]]


def readings(inputs: Inputs, **options: tuple[str, Mapping[str, str]]) -> dict[str, str]:
    """The option choices that a case names: option=(input, {value in the case: choice of the policy})."""
    return {
        option: names.get(str(inputs[key]), str(inputs[key]))
        for option, (key, names) in options.items()
        if key in inputs
    }


def policy(code: str, choices: Mapping[str, str] | None = None) -> Policy:
    return chosen(read_shipped(code), choices or {})


def lines_of(result: PayResult) -> Found:
    return {"lines": {line.code: yuan(line.amount_fen) for line in result.lines}, "total": yuan(result.total_fen)}


def pay(told: Policy, inputs: Inputs, params: Sequence[str], **defaults: Any) -> PayResult:
    """Evaluate a policy on a case: `params` name the inputs that are figures of the policy."""
    month = {**defaults, **inputs}
    figures = {code: number(month[code]) for code in params if code in month}
    given_inputs = {code: month[code] for code in told.inputs if code in month}
    result = evaluate(told, figures, score.as_seen(given_inputs, told.score_places))
    for (
        code,
        value,
    ) in given_inputs.items():  # a reading may not ask for it; what is given must be possible all the same
        if told.inputs[code].type != "rows":
            in_bounds(told.inputs[code].type, code, told.inputs[code].zh, value)
    return result


ATTENDANCE = {"late": 0, "early": 0, "leave": 0, "absent_days": "0"}
FULL_MONTH = {"scheduled": "1", "actual": "1"}
TIERS: Names = {"tiers": ("tiers", {}), "base_proration": ("proration", {})}
FULL_ATTENDANCE: Names = {
    "full_attendance": ("reading", {}),
    "absence_one_day": ("absence", {}),
}
POSITIONS = {"C-1": "d17-c1", "C-2": "d17-c2", "Y-1": "d17-y1"}
PLANNING = ("C-1", "C-2")


def position(inputs: Inputs, among: Sequence[str] = PLANNING) -> str:
    """The policy of a case's position."""
    return POSITIONS[one_of(inputs["position"], among, "position")]


def exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def two_places(value: Decimal) -> str:
    return f"{value:.2f}"
