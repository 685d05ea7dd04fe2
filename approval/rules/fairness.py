"""Figures that show whether a split follows the scores (R040, R041): exact, for the eyes of head and general manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations


@dataclass(frozen=True)
class Person:
    """One person of a split: number, score, the band that his score falls in, suggestion and share in fen."""

    number: str
    score: Decimal
    band: str
    suggested_fen: int
    share_fen: int


def _two_places(value: Fraction | Decimal) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def ranks(values: Sequence[Decimal | int]) -> list[Fraction]:
    """The rank of each value, 1 for the smallest, ties averaged."""
    ordered = sorted(values)
    return [Fraction(2 * ordered.index(value) + ordered.count(value) + 1, 2) for value in values]


def rank_correlation(people: Sequence[Person]) -> Decimal | None:
    """Spearman's correlation of score and share, two places; None for fewer than three people or no spread."""
    if len(people) < 3:
        return None
    scores, shares = ranks([one.score for one in people]), ranks([one.share_fen for one in people])
    mean = Fraction(len(people) + 1, 2)
    together = sum(((a - mean) * (b - mean) for a, b in zip(scores, shares, strict=True)), Fraction(0))
    spread = sum(((a - mean) ** 2 for a in scores), Fraction(0)) * sum(((b - mean) ** 2 for b in shares), Fraction(0))
    if spread == 0:
        return None
    root = (Decimal(spread.numerator) / Decimal(spread.denominator)).sqrt()
    return _two_places(Decimal(together.numerator) / Decimal(together.denominator) / root)


def inversions(people: Sequence[Person]) -> list[tuple[str, str]]:
    """Pairs in one band where the higher score has the lower share: (higher score, lower score) by number."""
    found = []
    for one, other in combinations(people, 2):
        high, low = (one, other) if one.score > other.score else (other, one)
        if one.band == other.band and high.score > low.score and high.share_fen < low.share_fen:
            found.append((high.number, low.number))
    return found


def median_ratio(people: Sequence[Person]) -> Decimal | None:
    """The largest share divided by the median; None where the median is zero."""
    shares = sorted(one.share_fen for one in people)
    if not shares:
        return None
    middle = len(shares) // 2
    median = Fraction(shares[middle]) if len(shares) % 2 else Fraction(shares[middle - 1] + shares[middle], 2)
    return _two_places(shares[-1] / median) if median else None


def gini(people: Sequence[Person]) -> Decimal | None:
    """The Gini coefficient of the shares; None where nothing is shared."""
    shares = sorted(one.share_fen for one in people)
    total = sum(shares)
    if not total:
        return None
    weighted = sum(place * share for place, share in enumerate(shares, 1))
    return _two_places(Fraction(2 * weighted, len(shares) * total) - Fraction(len(shares) + 1, len(shares)))


def deviations(people: Sequence[Person]) -> list[str]:
    """Numbers of the people whose share differs from the suggestion by 10 % or more."""
    return [one.number for one in people if 10 * abs(one.share_fen - one.suggested_fen) >= one.suggested_fen > 0]
