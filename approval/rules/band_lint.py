"""What bands suffer from: overlaps, gaps, values that fall while the score rises, pieces that are never reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from approval.rules.bands import Piece, bounds_of, line_of, within
from approval.rules.number import number

Band = Sequence[str | None]
Domain = tuple[Fraction, Fraction]
SCORES: Domain = (Fraction(0), Fraction(100))
AMOUNTS: Domain = (Fraction(0), Fraction(10**10))
ANY: Domain = (Fraction(-(10**10)), Fraction(10**10))
DOMAINS = {"score": SCORES, "days": AMOUNTS, "count": AMOUNTS}


@dataclass(frozen=True)
class Bands:
    """What a table of bands [from, to, value] suffers from: overlapping pairs, points where a gap begins, a falling value."""

    overlaps: tuple[tuple[int, int], ...]
    gaps_from: tuple[Decimal, ...]
    non_decreasing_first_match: bool


def band_lint(rows: Sequence[Band]) -> Bands:
    """Check bands as printed, from included and to excluded, None open; first match top-down decides (A-01)."""
    spans = [(_bound(row[0], "-1"), _bound(row[1], "101"), number(row[2])) for row in rows]
    overlaps = tuple(
        (i + 1, j + 1)
        for i in range(len(spans))
        for j in range(i + 1, len(spans))
        if max(spans[i][0], spans[j][0]) < min(spans[i][1], spans[j][1])
    )
    edges = sorted({edge for low, high, _ in spans for edge in (low, high)} | {Decimal(0)})
    points = [edge for edge in edges if edge <= 100]
    firsts = [next((v for low, high, v in spans if low <= point < high), None) for point in points]
    gaps = tuple(point for point, value in zip(points, firsts, strict=True) if value is None)
    known = [value for value in firsts if value is not None]
    return Bands(overlaps, gaps, known == sorted(known))


def _bound(value: str | None, default: str) -> Decimal:
    return Decimal(default) if value is None else number(value)


def printed_overlaps(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Pairs of pieces (from 1) that both print a lower and an upper edge and share a value; ladders do not count."""
    spans = [(place, span) for place, piece in enumerate(pieces, 1) if (span := _closed(piece)) is not None]
    for n, (place, one) in enumerate(spans):
        for other_place, other in spans[n + 1 :]:
            low, high = max(one[0], other[0]), min(one[1], other[1])
            inside = (low + high) / 2
            if low <= high and all(within(bounds_of(pieces[p - 1]), inside) for p in (place, other_place)):
                yield place, other_place


def _closed(piece: Piece) -> Domain | None:
    lower = [Fraction(number(piece[name])) for name in ("ge", "gt") if name in piece]
    upper = [Fraction(number(piece[name])) for name in ("lt", "le") if name in piece]
    return (max(lower), min(upper)) if lower and upper else None


def probes(pieces: Sequence[Piece], domain: Domain) -> list[Fraction]:
    """Every edge inside the domain, its ends, and a point between each two: where anything can change, it changes there."""
    low, high = domain
    edges = {Fraction(number(piece[name])) for piece in pieces for name in ("lt", "le", "gt", "ge") if name in piece}
    ordered = sorted({edge for edge in edges if low <= edge <= high} | {low, high})
    between = [(one + other) / 2 for one, other in pairwise(ordered)]
    return sorted([*ordered, *between])


def _first(pieces: Sequence[Piece], value: Fraction) -> int | None:
    return next((place for place, piece in enumerate(pieces) if within(bounds_of(piece), value)), None)


def first_gap(pieces: Sequence[Piece], domain: Domain) -> Fraction | None:
    """The first value that no piece takes."""
    return next((value for value in probes(pieces, domain) if _first(pieces, value) is None), None)


def never_reached(pieces: Sequence[Piece], domain: Domain) -> tuple[int, ...]:
    """Pieces (from 1) that an earlier one always takes first, or that lie outside the domain."""
    reached = {_first(pieces, value) for value in probes(pieces, domain)}
    return tuple(place + 1 for place in range(len(pieces)) if place not in reached)


def first_fall(pieces: Sequence[Piece], domain: Domain) -> Fraction | None:
    """The value from which a scale pays less for more; None where it never does. Gaps are passed over."""
    points = probes(pieces, domain)
    best: Fraction | None = None
    for place, point in enumerate(points):
        for at, worth in _worths(pieces, points, place, point):
            if best is not None and worth < best:
                return at
            best = worth
    return None


def _worths(
    pieces: Sequence[Piece], points: Sequence[Fraction], place: int, point: Fraction
) -> Iterator[tuple[Fraction, Fraction]]:
    """What a scale gives at an edge, or just after and just before the edges around a point between them."""
    piece = _first(pieces, point)
    if piece is None:
        return
    slope, intercept = line_of(pieces[piece])
    around = (points[place - 1], points[place + 1]) if place % 2 else (point,)
    for at in around:
        yield at, slope * at + intercept
