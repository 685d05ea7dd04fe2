"""Bands: the pieces of a scale, the rows of a table; the first that matches, top-down, decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from approval.rules.explanation import SIGNS, text_of
from approval.rules.number import number
from approval.rules.refusal import Refused

Piece = Mapping[str, Any]
Bounds = tuple[tuple[Callable[[Fraction, Fraction], bool], Fraction], ...]
Found = TypeVar("Found")
_TESTS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "lt": lambda value, bound: value < bound,
    "le": lambda value, bound: value <= bound,
    "gt": lambda value, bound: value > bound,
    "ge": lambda value, bound: value >= bound,
}
_BEYOND = {"lt": "≥", "le": ">", "gt": "≤", "ge": "<"}


def bounds_of(piece: Piece) -> Bounds:
    """The guards of a piece, ready to be asked."""
    return tuple((test, Fraction(number(piece[name]))) for name, test in _TESTS.items() if name in piece)


def within(bounds: Bounds, value: Fraction) -> bool:
    """Say whether every guard holds for a value; without guards it always does."""
    return all(test(value, bound) for test, bound in bounds)


def hit(bands: Sequence[tuple[Bounds, Found]], value: Fraction) -> Found:
    """What the first band that matches holds."""
    for bounds, found in bands:
        if within(bounds, value):
            return found
    raise Refused("数值 %(value)s 不在任何一档里", fault="no band matches", value=text_of(value))


def piece_of(pieces: Sequence[Piece], value: Fraction) -> Piece:
    """The first piece that matches."""
    return hit([(bounds_of(piece), piece) for piece in pieces], value)


def line_of(piece: Piece) -> tuple[Fraction, Fraction]:
    """A piece as slope and intercept; a fixed value has no slope."""
    if "value" in piece:
        return Fraction(0), Fraction(number(piece["value"]))
    return Fraction(number(piece["slope"])), Fraction(number(piece["intercept"]))


def piece_value(pieces: Sequence[Piece], value: Fraction) -> tuple[Fraction, Piece]:
    """What a scale gives for a value, and the piece that gave it."""
    piece = piece_of(pieces, value)
    slope, intercept = line_of(piece)
    return slope * value + intercept, piece


def band_text(piece: Piece) -> str:
    """The guards of a piece in signs: ≥ 80 < 95."""
    order = ("ge", "gt", "lt", "le")
    return " ".join(f"{SIGNS[name]} {piece[name]}" for name in order if name in piece)


def band_texts(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Each band as a reader means it: on a ladder, what the step before took is its other edge (80 after lt 80: ≥ 80)."""
    texts, floor, ceiling = [], "", ""
    for piece in pieces:
        below, above = {"lt", "le"} & set(piece), {"gt", "ge"} & set(piece)
        lower = "" if above else floor
        upper = "" if below else ceiling
        texts.append(" ".join(text for text in (lower, band_text(piece), upper) if text))
        if below and not above:
            floor = " ".join(f"{_BEYOND[name]} {piece[name]}" for name in sorted(below))
        elif above and not below:
            ceiling = " ".join(f"{_BEYOND[name]} {piece[name]}" for name in sorted(above))
    return tuple(texts)
