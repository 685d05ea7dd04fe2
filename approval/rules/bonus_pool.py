"""The team bonus pool: its amount, who is eligible, and the split by largest remainder, exact to the fen (R006–R010)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from approval.rules.money import bounded, fen_half_up, half_up
from approval.rules.refusal import Refused

_PARTS = re.compile(r"[0-9]+|[^0-9]+")


@dataclass(frozen=True)
class Pool:
    """`pool_fen` × `rate` = `payable_fen`, rounded once."""

    pool_fen: int
    rate: Decimal
    payable_fen: int


def pool_amount(
    sources: Sequence[Mapping[str, Decimal]], completion_parts: Sequence[Decimal], cap: Decimal | None = None
) -> Pool:
    """The pool (R007: Σ base × rate + Σ amounts) and what is paid of it (R008: × the completion rate, R006: A+B+C)."""
    if not sources:
        raise Refused("缺少奖金池的来源；没有来源不等于 0 元", fault="missing sources")
    if not completion_parts:
        raise Refused("缺少完成率；没有完成率不等于 0", fault="missing completion parts")
    if min(completion_parts) < 0 or (cap is not None and cap < 0):
        raise Refused("奖金池金额和完成率不能为负数", fault="negative amount or completion rate")
    exact = sum((_source(one) for one in sources), Fraction(0))
    rate = sum(completion_parts, Decimal(0))
    rate = min(rate, cap) if cap is not None else rate
    return Pool(fen_half_up(exact), rate, bounded(half_up(exact * 100 * Fraction(rate))))


def _source(source: Mapping[str, Decimal]) -> Fraction:
    """One source in yuan: an amount, or a base times its rate."""
    missing = [] if "amount" in source else [name for name in ("base", "rate") if name not in source]
    if missing:
        raise Refused("奖金池来源缺少%(names)s", fault=f"missing {missing[0]}", names="、".join(missing))
    if min(source[name] for name in ("amount", "base", "rate") if name in source) < 0:
        raise Refused("奖金池金额和完成率不能为负数", fault="negative amount of a source")
    return Fraction(source["amount"]) if "amount" in source else Fraction(source["base"]) * Fraction(source["rate"])


def eligible(left_on: date | None, cutoff: date, edge: str = "not_before") -> bool:
    """Say whether a leaver keeps his share: who left before the cutoff does not (R010); the day itself by reading (A-16)."""
    if left_on is None:
        return True
    return left_on > cutoff if edge == "after" else left_on >= cutoff


def split(payable_fen: int, weights: Mapping[str, Decimal]) -> dict[str, int]:
    """Split by weight, largest remainder; the sum is the pool to the fen.

    Equal remainders: the fen goes to the smaller employee number, E9 before E10.
    """
    if payable_fen < 0:
        raise Refused("奖金池不能为负数", fault="negative pool")
    if any(weight < 0 for weight in weights.values()):
        raise Refused("权重不能为负数", fault="negative weight")
    total = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    if total == 0:
        raise Refused("没有权重，无法分配", fault="no weights")
    exact = {number: payable_fen * Fraction(weight) / total for number, weight in weights.items()}
    shares = {number: int(value) for number, value in exact.items()}
    rest = payable_fen - sum(shares.values())
    by_remainder = sorted(exact, key=lambda number: (shares[number] - exact[number], _in_order(number)))
    for number in by_remainder[:rest]:
        shares[number] += 1
    check_shares(payable_fen, shares)
    return shares


def _in_order(number: str) -> list[tuple[bool, int, str]]:
    """An employee number as people count: its digits as numbers, the rest as text."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _PARTS.findall(number)]


def check_shares(payable_fen: int, shares: Mapping[str, int]) -> None:
    """Refuse shares that are negative or do not sum to the pool to the fen."""
    for number, share in shares.items():
        _must_not_be_negative(number, share)
    rest = payable_fen - sum(shares.values())
    if rest:
        raise Refused("分配之和与奖金池相差 %(fen)s 分", fault="shares do not sum to the pool", fen=rest)


def _must_not_be_negative(number: str, share: int) -> None:
    if share < 0:
        raise Refused("工号 %(number)s 的份额不能为负数", fault="negative share", number=number)


def fill_rest(payable_fen: int, by_hand: Mapping[str, int], weights: Mapping[str, Decimal]) -> dict[str, int]:
    """Keep the shares set by hand and split what is left by the weights of the others (按比例分完).

    With nobody else to give it to, the rest stays open: submitting the split will refuse it.
    """
    if by_hand.keys() & weights.keys():
        raise Refused("同一个人不能既固定份额又参加按比例分配", fault="counted twice")
    for number, share in by_hand.items():
        _must_not_be_negative(number, share)
    rest = payable_fen - sum(by_hand.values())
    if rest < 0:
        raise Refused("手工填写的份额已经超过奖金池", fault="over the pool")
    if rest == 0:
        return {**by_hand, **dict.fromkeys(weights, 0)}
    return {**by_hand, **split(rest, weights)} if weights else dict(by_hand)
