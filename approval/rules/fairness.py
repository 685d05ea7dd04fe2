"""Figures that show whether a split follows the scores (R040, R041): exact, for the eyes of head and general manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from approval.rules.money import half_up

DEVIATION = Fraction(1, 10)


@dataclass(frozen=True)
class Person:
    """One person of a split: number, score, the band that his score falls in, suggestion and share in fen.

    Who has no score yet is None, not zero: he is left out of what compares scores.
    """

    number: str
    score: Decimal | None
    band: str
    suggested_fen: int
    share_fen: int


def _two_places(value: Fraction | Decimal) -> Decimal:
    return Decimal(half_up(Fraction(value) * 100)).scaleb(-2)


def ranks(values: Sequence[Decimal | int]) -> list[Fraction]:
    """The rank of each value, 1 for the smallest, ties averaged."""
    ordered = sorted(values)
    return [Fraction(2 * ordered.index(value) + ordered.count(value) + 1, 2) for value in values]


def rank_correlation(people: Sequence[Person]) -> Decimal | None:
    """Spearman's correlation of score and share, two places; None for fewer than three scores or no spread."""
    known = [(one.score, one.share_fen) for one in people if one.score is not None]
    if len(known) < 3:
        return None
    scores, shares = ranks([score for score, _ in known]), ranks([share for _, share in known])
    mean = Fraction(len(known) + 1, 2)
    together = sum(((a - mean) * (b - mean) for a, b in zip(scores, shares, strict=True)), Fraction(0))
    spread = sum(((a - mean) ** 2 for a in scores), Fraction(0)) * sum(((b - mean) ** 2 for b in shares), Fraction(0))
    if spread == 0:
        return None
    root = (Decimal(spread.numerator) / Decimal(spread.denominator)).sqrt()
    return _two_places(Decimal(together.numerator) / Decimal(together.denominator) / root)


def inversions(people: Sequence[Person]) -> list[tuple[str, str]]:
    """Pairs in one band where the higher score has the lower share: (higher score, lower score) by number."""
    found = []
    known = [(one.score, one) for one in people if one.score is not None]
    for pair in combinations(known, 2):
        (less, low), (more, high) = sorted(pair, key=lambda each: each[0])
        if low.band == high.band and more > less and high.share_fen < low.share_fen:
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


def strays(share_fen: int, suggested_fen: int) -> bool:
    """Say whether a share differs from its suggestion by 10 % or more; any share does where nothing was suggested."""
    difference = abs(share_fen - suggested_fen)
    return difference > 0 and difference >= DEVIATION * suggested_fen
