"""What the law bounds (rules.md section 6): deductions, minimum wage, commission ceiling; flags, never a silent change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.rules.amounts import amounts
from approval.rules.money import half_up
from approval.rules.policy import Policy
from approval.rules.refusal import Refused

FULL_DAYS = 22
MISSED = ("absent_days",)


@dataclass(frozen=True)
class Deduction:
    """What may be deducted for a loss now, and what is carried over, in fen."""

    now_fen: int
    carry_fen: int


@dataclass(frozen=True)
class MinimumWage:
    """The pay that counts towards the minimum, whether it is below, and by how much, in fen."""

    counted_fen: int
    below: bool
    gap_fen: int


def loss_deduction(wage_fen: int, loss_fen: int, minimum_fen: int) -> Deduction:
    """Deduct at most 20 % of the month's wage and never below the minimum (工资支付暂行规定 art. 16); cut down to the fen."""
    for name, fen in (("wage", wage_fen), ("loss", loss_fen), ("minimum", minimum_fen)):
        if fen < 0:
            raise Refused("工资、损失和最低工资不能为负数", fault=f"negative {name} amount")
    fifth = wage_fen // 5
    now = max(0, min(loss_fen, fifth, wage_fen - minimum_fen))
    return Deduction(now, loss_fen - now)


def minimum_wage(total_fen: int, excluded_fen: int, minimum_fen: int) -> MinimumWage:
    """Compare pay without overtime, shift and heat allowances with the local minimum (最低工资规定 art. 12)."""
    for name, fen, fault in (("不计入的部分", excluded_fen, "excluded"), ("最低工资", minimum_fen, "minimum")):
        if fen < 0:
            raise Refused("%(name)s不能为负数", fault=f"negative {fault}", name=name)
    counted = total_fen - excluded_fen
    gap = max(0, minimum_fen - counted)
    return MinimumWage(counted, gap > 0, gap)


def least_pay(policy: Policy) -> int | None:
    """The fen of a month of full attendance without a point, a sale or a reward; None where figures are set by person.

    What a scheme itself leaves below the minimum wage is best seen before it is published (base 500 × 0.5 = 250).
    """
    if not policy.pays or any(param.value is None for param in policy.params.values()):
        return None
    nothing: dict[str, Any] = {"rows": [], "days": Decimal(FULL_DAYS)}
    inputs = {code: nothing.get(one.type, Decimal(0)) for code, one in policy.inputs.items() if one.default is None}
    inputs |= {code: Decimal(0) for code in inputs if code in MISSED}
    outside = {one["code"] for one in policy.components if one.get("outside_minimum") is True}
    return sum(fen for code, fen in amounts(policy, {}, inputs).items() if code not in outside)


@dataclass(frozen=True)
class Ceiling:
    """The ceiling in fen, and whether the commission is above it."""

    cap_fen: int
    over: bool


def commission_cap(commission_fen: int, product_profit_fen: int) -> Ceiling:
    """Warn where a commission exceeds 5 % of the product's profit (R027, A-32); nothing is cut. A loss counts as no profit."""
    profit_fen = max(0, product_profit_fen)
    return Ceiling(half_up(Fraction(profit_fen, 20)), commission_fen * 20 > profit_fen)
