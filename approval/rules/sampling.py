"""The weekly random draw (R073): whoever knows the seed and the population can repeat it in a few lines.

Order the codes by HMAC-SHA256(key = seed, message = code), smallest first (ties by the code); the first `count` are drawn.
Where people are drawn (A-06), those never drawn go first in the month's last draw, so that nobody ends it never drawn.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

METHOD = "hmac-sha256-order-1"
METHOD_OF_PEOPLE = "hmac-sha256-people-1"


def population_hash(codes: Sequence[str]) -> str:
    """SHA-256 of the sorted codes as JSON: names the list that was drawn from."""
    return hashlib.sha256(json.dumps(sorted(codes), ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def order(codes: Sequence[str], seed: str) -> tuple[str, ...]:
    """Every code once, in the order in which the seed draws them."""
    return tuple(sorted(set(codes), key=lambda code: (_ticket(seed, code), code)))


def _ticket(seed: str, code: str) -> str:
    return hmac.new(seed.encode(), code.encode(), hashlib.sha256).hexdigest()


def draw(codes: Sequence[str], count: int, seed: str) -> tuple[str, ...]:
    """Draw `count` codes without replacement; all of them where there are fewer."""
    return order(codes, seed)[: max(0, count)]


def order_of_people(numbers: Sequence[str], goes_first: Sequence[str], seed: str) -> tuple[str, ...]:
    """Every number once: those that go first in the seed's order, then the others in the seed's order."""
    first = set(goes_first) & set(numbers)
    return (*order(sorted(first), seed), *order(sorted(set(numbers) - first), seed))


def draw_people(numbers: Sequence[str], goes_first: Sequence[str], count: int, seed: str) -> tuple[str, ...]:
    """Draw `count` people without replacement, or as many more as must go first; all of them where there are fewer."""
    needed = max(count, len(set(goes_first) & set(numbers)), 0)
    return order_of_people(numbers, goes_first, seed)[:needed]


def replacement(codes: Sequence[str], drawn: Sequence[str], seed: str) -> str | None:
    """The next code of the seed's order that was not drawn yet, for a void sample; None where none is left."""
    return next((code for code in order(codes, seed) if code not in drawn), None)


def verify(codes: Sequence[str], drawn: Sequence[str], seed: str, kept_hash: str) -> bool:
    """Repeat a draw, replacements included: same population, same codes in the same order."""
    return population_hash(codes) == kept_hash and order(codes, seed)[: len(drawn)] == tuple(drawn)
