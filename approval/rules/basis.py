"""What a line rests on: the rule ids and the sentence of the bands that were applied, else the line's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Raw = Mapping[str, Any]
OWN_RULE = "company"  # stands among the ids of rules for a rule that no document prints


class Basis(NamedTuple):
    """What one band of a ladder cites, and every rule that some band of that ladder names."""

    rules: tuple[str, ...]
    quote: str
    of_ladder: frozenset[str]


def bases_of(bands: Sequence[Raw]) -> tuple[Basis, ...]:
    """The basis of each band of a scale or a table."""
    named = frozenset(rule for one in bands for rule in one.get("rules", ()))
    return tuple(Basis(tuple(one.get("rules", ())), str(one.get("quote", "")), named) for one in bands)


def applied(rules: Iterable[str], quote: str, bases: Iterable[Basis]) -> tuple[tuple[str, ...], str]:
    """A line's rules and sentence by the bands applied: what only other bands name goes, one band's sentence stands.

    Where several bands gave the amount together, no sentence of one of them tells the whole: the line keeps its own.
    """
    hit = tuple(dict.fromkeys(bases))
    mine = tuple(rule for one in hit for rule in one.rules)
    passed_over = frozenset[str]().union(*(one.of_ladder for one in hit)) - set(mine)
    sentences = {one.quote for one in hit if one.quote}
    kept = (rule for rule in rules if rule not in passed_over)
    return tuple(dict.fromkeys((*kept, *mine))), sentences.pop() if len(sentences) == 1 else quote
