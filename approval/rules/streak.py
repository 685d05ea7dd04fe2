"""Streaks over months: consecutive or within a window; what fires is only ever advice to a human."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from approval.rules.calendar import next_period
from approval.rules.refusal import Refused

Test = tuple[str, Decimal]


@dataclass(frozen=True)
class Streak:
    count: int
    fires: bool


def hit(score: Decimal, test: Test) -> bool:
    """Ask one month's score the streak's question."""
    name, bound = test
    return {"lt": score < bound, "le": score <= bound, "gt": score > bound, "ge": score >= bound}[name]


def streak(
    months: Sequence[tuple[str, Decimal | None]],
    test: Test,
    run: int,
    *,
    mode: str = "consecutive",
    gap: str = "break",
    window: int = 12,
) -> Streak:
    """Count the run that ends in the last month, or the hits of the last 12 months; fires in a month that itself hits."""
    if run < 1:
        raise Refused("连续月数须大于 0", fault="run must be above 0")
    for (before, _), (period, _) in pairwise(months):
        if next_period(before) != period:
            fault = "months must be contiguous; give null for a month without a score"
            raise Refused("月份必须连续；没有分数的月份请留空", fault=fault)
    last = months[-1][1] if months else None
    if mode == "cumulative":
        count = sum(1 for _, score in months[-window:] if score is not None and hit(score, test))
    else:
        count = _run(months, test, gap)
    return Streak(count, count >= run and last is not None and hit(last, test))


def _run(months: Sequence[tuple[str, Decimal | None]], test: Test, gap: str) -> int:
    count = 0
    for _, score in reversed(months):
        if score is None and gap == "skip":
            continue
        if score is None or not hit(score, test):
            break
        count += 1
    return count
