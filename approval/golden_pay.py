"""What the worked cases ask of pay: a month, a quarter, a line under the shipped policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from approval.golden_given import (
    given,
    group,
    listed,
    one_of,
)
from approval.golden_policies import (
    ATTENDANCE,
    FULL_ATTENDANCE,
    FULL_MONTH,
    TIERS,
    Found,
    Inputs,
    lines_of,
    pay,
    policy,
    position,
    readings,
)
from approval.rules.money import yuan
from approval.rules.pay import PayResult


def commission(inputs: Inputs) -> Found:
    month = {**ATTENDANCE, **FULL_MONTH, "score": "0", **inputs, "collections": records(inputs)}
    result = pay(policy("d17-y1", readings(inputs, margin_gate=("margin_gate", {}))), month, ["base"], base="0")
    lines = tuple(line for line in result.lines if line.code.startswith("commission_"))
    part = replace(result, lines=lines, total_fen=sum(line.amount_fen for line in lines))
    return lines_of(part) | low_margin(result)


KINDS = ("normal", "high")


def records(inputs: Inputs) -> list[Mapping[str, Any]]:
    """What was collected; a record of no known kind would earn nothing in silence, so it is refused."""
    found = [group(one, "collections") for one in listed(inputs["collections"], "collections")]
    for one in found:
        one_of(given(one)["kind"], KINDS, "kind")
    return found


def low_margin(result: PayResult) -> Found:
    """The records below the 10 % gate (A-17): left out or only flagged, the result names them."""
    low = sorted(note.row for note in result.notes if note.input == "collections")
    return {"low_margin_records": low} if low else {}


def pay_cs(inputs: Inputs) -> Found:
    told = policy("d08-customer-service", readings(inputs, base_proration=("proration", {})))
    return lines_of(pay(told, {**FULL_MONTH, **inputs}, ["base"], rewards="0"))


def pay_d1(inputs: Inputs) -> Found:
    told = policy(
        "d01-ec-department", readings(inputs, performance_factor=("factor", {}), proration_rounding=("method", {}))
    )
    figures = ["base", "performance", "allowance", "commission_rate"]
    if "attendance_ratio" not in inputs:
        return lines_of(pay(told, inputs, figures))
    # the year's ratio stands in for the month's on the performance line alone.
    month, year = pay(told, inputs, figures), {**inputs, "scheduled": "1", "actual": inputs["attendance_ratio"]}
    yearly = pay(told, year, figures)
    lines = tuple(y if y.code == "performance" else m for m, y in zip(month.lines, yearly.lines, strict=True))
    return lines_of(replace(month, lines=lines, total_fen=sum(line.amount_fen for line in lines)))


def full_attendance(inputs: Inputs) -> Found:
    told = policy("d17-c1", readings(inputs, **FULL_ATTENDANCE))
    result = pay(told, {**FULL_MONTH, **ATTENDANCE, "score": "0", "special": "0", **inputs}, ["base"])
    line = result.line("full_attendance")
    assert line is not None
    return {"amount": yuan(line.amount_fen)}


def pay_c(inputs: Inputs) -> Found:
    told = policy(position(inputs), readings(inputs, **TIERS, **FULL_ATTENDANCE))
    return lines_of(pay(told, {**ATTENDANCE, **inputs}, ["base", "bonus", "allowance"], special="0"))


def pay_y1(inputs: Inputs) -> Found:
    told = policy("d17-y1", readings(inputs, **TIERS, **FULL_ATTENDANCE, margin_gate=("margin_gate", {})))
    month = {**ATTENDANCE, "partners": 0, **inputs}
    month["collections"] = records(inputs) if "collections" in inputs else []
    result = pay(told, month, ["base", "bonus", "allowance"])
    return lines_of(result) | low_margin(result)


def pay_linear(inputs: Inputs) -> Found:
    told = policy("d15-planning-linear", readings(inputs, above_90=("reading", {})))
    return lines_of(pay(told, inputs, ["wage"]))


def pay_mkt(inputs: Inputs) -> Found:
    told = policy("d09-marketing", readings(inputs, coefficients=("reading", {}), base_proration=("proration", {})))
    return lines_of(pay(told, {**FULL_MONTH, **inputs}, ["base"], team_share="0", rewards="0"))


def pay_ship(inputs: Inputs) -> Found:
    names = {"False": "no", "True": "yes"}
    choices = readings(inputs, coefficient_12=("typo12", {}), coefficient_on_profit_share=("apply_coefficient", names))
    return lines_of(pay(policy("d08-shipping-supervisor", choices), inputs, []))


def gradient(inputs: Inputs) -> Found:
    amounts = group(inputs["amounts"], "amounts")
    return lines_of(pay(policy("d03-gradient-bonus"), {**inputs, **amounts}, list(amounts)))


def quarter_bonus(inputs: Inputs) -> Found:
    quarter = {("quarter_bonus" if name == "bonus" else name): value for name, value in inputs.items()}
    return lines_of(pay(policy("d13-quarterly-bonus"), quarter, ["quarter_bonus"]))


def prorated(inputs: Inputs) -> Found:
    told = policy("d01-ec-department", readings(inputs, proration_rounding=("method", {})))
    month = {"score": "0", "sales": "0", "performance": "0", "allowance": "0", "commission_rate": "0", **inputs}
    line = pay(told, month, ["base", "performance", "allowance", "commission_rate"]).line("base")
    assert line is not None
    return {"amount": yuan(line.amount_fen)}
