"""What is usually paid for a position (R020–R026): a figure outside all of its ranges is told, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from approval.rules.number import number
from approval.rules.policy import Policy

BASE, TOTAL = "base", "total"


@dataclass(frozen=True)
class Range:
    """One range in yuan, both ends included, of a position's base or of a month's total, with its source."""

    zh: str
    en: str
    positions: tuple[str, ...]
    of: str
    least: Decimal
    most: Decimal
    rules: tuple[str, ...]
    quote: str
    grades: tuple[str, ...] = ()

    def holds(self, value: Decimal) -> bool:
        return self.least <= value <= self.most


def ranges_of(policies: Iterable[Policy]) -> list[Range]:
    """The ranges that these policies print, in their order; a sentence without an amount is none."""
    return [
        Range(
            one.get("zh", one["code"]),
            one.get("en", one.get("zh", one["code"])),
            tuple(one["positions"]),
            one["of"],
            number(one["from"]),
            number(one["to"]),
            tuple(one.get("rules", ())),
            one.get("quote", ""),
            tuple(one.get("grades", ())),
        )
        for policy in policies
        for one in policy.reference_ranges
        if "of" in one
    ]


def outside(ranges: Sequence[Range], position: Sequence[str], of: str, value: Decimal, grade: str = "") -> list[Range]:
    """The ranges that a value is outside of: all of the position's (code or name), or none where one of them holds it.

    A grade that some of them name is held against those alone; one that none names against all.
    """
    mine = [one for one in ranges if one.of == of and set(position) & set(one.positions)]
    mine = [one for one in mine if grade in one.grades] or mine
    return [] if any(one.holds(value) for one in mine) else mine
