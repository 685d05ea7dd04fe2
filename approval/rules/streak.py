"""Streaks over months: consecutive or within a window; what fires is only ever advice to a human."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from approval.rules.calendar import kind_of, next_period
from approval.rules.refusal import Refused
from approval.rules.score import in_range

Test = tuple[str, Decimal]
TESTS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@dataclass(frozen=True)
class Streak:
    """How many months count, and whether the last of them makes it an occasion for advice."""

    count: int
    fires: bool


def hit(score: Decimal, test: Test) -> bool:
    """Ask one month's score the streak's question."""
    name, bound = test
    return TESTS[name](score, bound)


def streak(
    months: Sequence[tuple[str, Decimal | None]],
    test: Test,
    run: int,
    *,
    mode: str = "consecutive",
    gap: str = "break",
    window: int = 12,
) -> Streak:
    """Count the run that ends in the last month, or the hits of the last `window` months (A-04, A-24).

    `months` are (period, score or None), oldest first, without holes. A month without a score breaks a run, or with
    gap = "skip" is passed over (A-33). Fires only in a month that itself hits.
    """
    if run < 1 or window < 1:
        raise Refused("连续月数须大于 0", fault="run must be above 0")
    if mode not in ("consecutive", "cumulative") or gap not in ("break", "skip") or test[0] not in TESTS:
        raise Refused("没有这种连续月规则：%(rule)s", fault="unknown streak rule", rule=f"{test[0]} {mode} {gap}")
    for period, score in months:
        kind_of(period)
        if score is not None:
            in_range(score)
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
