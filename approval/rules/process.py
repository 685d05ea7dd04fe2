"""What stands around the score: who should be trained (R003), how far a target is reached (R110)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from approval.rules.bands import piece_of
from approval.rules.calendar import months_within
from approval.rules.number import number
from approval.rules.policy import Policy
from approval.rules.streak import hit

LOWER = ("lt", "le")
BOUNDS = (*LOWER, "gt", "ge")


def is_low(policies: Iterable[Policy], score: Decimal) -> bool:
    """Say whether a score is one that asks for training: a class below the middle, or one that a streak counts as low."""
    return any(_low_class(policy, score) or _low_month(policy, score) for policy in policies)


def _low_class(policy: Policy, score: Decimal) -> bool:
    found = (one["pieces"] for one in policy.ratings.values() if one["input"] == "score")
    return any(_below_the_middle(pieces, score) for pieces in found)


def _below_the_middle(pieces: Sequence[Mapping[str, Any]], score: Decimal) -> bool:
    """Of four classes the lower two, of three the lowest: the middle one is not below itself."""
    edges = {Fraction(number(piece[sign])) for piece in pieces for sign in BOUNDS if sign in piece}
    ends = sorted({Fraction(0), Fraction(100), *edges})
    points = sorted([*ends, *((one + other) / 2 for one, other in pairwise(ends))])
    rising = list(dict.fromkeys(str(piece_of(pieces, point)["label"]) for point in points))
    return rising.index(str(piece_of(pieces, Fraction(score))["label"])) < len(rising) // 2


def _low_month(policy: Policy, score: Decimal) -> bool:
    return any(one.test[0] in LOWER and hit(score, one.test) for one in policy.streaks)


@dataclass(frozen=True)
class Reached:
    """A target against the actual figures of a period; `known` of its `months` months have a figure.

    `actual` is None while no month has one: a missing figure is never read as 0.
    """

    target: Decimal
    actual: Decimal | None
    known: int
    months: int

    @property
    def rate(self) -> Fraction | None:
        """Completion = actual ÷ target (R110); None without a figure or with a target of 0."""
        if self.actual is None or self.target == 0:
            return None
        return Fraction(self.actual) / Fraction(self.target)

    @property
    def complete(self) -> bool:
        return self.known == self.months


def reached(
    period: str, targets: Mapping[str, Decimal], actuals: Mapping[str, Decimal], target: Decimal | None = None
) -> Reached:
    """Sum targets and actual figures by month over a month, quarter or year; `target` stands instead of the months' sum."""
    months = months_within(period)
    known = [actuals[month] for month in months if month in actuals]
    own = sum((targets.get(month, Decimal(0)) for month in months), Decimal(0))
    return Reached(
        own if target is None else target, sum(known, Decimal(0)) if known else None, len(known), len(months)
    )


def gap(annual: Decimal, parts: Iterable[Decimal]) -> Decimal:
    """What the parts miss of the annual target (R002): more than 0 is still to be given out, less is too much."""
    return annual - sum(parts, Decimal(0))


def spread(total: Decimal, months: int, places: int) -> list[Decimal]:
    """Divide a total evenly over months without losing anything: what is left over goes to the first months."""
    unit = Decimal(1).scaleb(-places)
    each, rest = divmod(int(total / unit), months)
    return [(each + (n < rest)) * unit for n in range(months)]
