"""Worked cases run through the product's own rules and policies: `python -m approval.golden DIR`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from approval.calc import calc
from approval.golden_given import given, group, object_of
from approval.golden_ops import OPS
from approval.rules.number import MOST_DIGITS
from approval.rules.refusal import Refused

__all__ = ["Outcome", "calc", "main", "run"]

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How many cases passed, and in words the failures and what could not be run at all (counted as failed)."""

    passed: int
    failed: tuple[str, ...]
    not_run: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[str, ...]:
        return (*self.failed, *self.not_run)


def run(directory: Path) -> Outcome:
    """Run every case of every JSON file in a folder."""
    passed, failed, not_run = 0, [], []
    for path in sorted(directory.glob("*.json")):
        cases, unread = _cases(path)
        not_run += unread
        for case in cases:
            if not isinstance(case, Mapping):
                not_run.append(f"{path.name}: not a case: {str(case)[:80]}")
            elif str(case.get("op")) not in OPS:
                not_run.append(f"{case.get('id')}: no such op: {str(case.get('op'))[:80]}")
            elif (what := failure(case)) is None:
                passed += 1
            else:
                failed.append(what)
    return Outcome(passed, tuple(failed), tuple(not_run))


def _cases(path: Path) -> tuple[list[Case | object], list[str]]:
    """What stands in a file; numbers are exact, and so long that nothing can be that large stay Decimal."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = json.loads(text, parse_float=Decimal, parse_int=_whole, object_pairs_hook=object_of)
    except (ValueError, OSError, RecursionError) as error:
        return [], [f"{path.name}: cannot be read: {error}"]
    return (told, []) if isinstance(told, list) else ([], [f"{path.name}: not a list of cases"])


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MOST_DIGITS else Decimal(digits)


def failure(case: Case) -> str | None:
    """Run one case; None where it passes, else its id, what was expected and what came."""
    told = f"{case.get('id')}: expected {json.dumps(case.get('expected'), ensure_ascii=False, default=str)}"
    expected = case.get("expected")
    if not isinstance(expected, dict):
        return f"{told}: a case must say under “expected” what comes of it"
    try:
        found = OPS[case["op"]](given(group(case, "case").get("inputs")))
    except Refused as refused:
        wanted = expected.get("error")
        if isinstance(wanted, str) and same_fault(refused.fault, wanted):
            return None
        return f"{told}, refused: {refused} ({refused.fault})"
    except Exception as error:
        return f"{told}, broke: {error!r}"
    return None if same(found, expected) else f"{told}, got {json.dumps(found, ensure_ascii=False, default=str)}"


def same(found: Any, expected: Any) -> bool:
    """Compare an answer with what a case expects: every key; bare numbers by value, money and everything else as written."""
    if isinstance(expected, Mapping):
        return (
            isinstance(found, Mapping)
            and found.keys() == expected.keys()
            and all(
                same(found[k], expected[k]) or (k == "error" and same_fault(found[k], expected[k])) for k in expected
            )
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(same(one, other) for one, other in zip(found, expected, strict=True))
        )
    if isinstance(found, Decimal):
        return (
            isinstance(expected, str | int)
            and not isinstance(expected, bool)
            and str(found.normalize()) == _plain(expected)
        )
    return type(found) is type(expected) and bool(found == expected)


def _plain(expected: str | int | Decimal) -> str:
    """A number of a case in one spelling: 1.0 and 1 are the same rate."""
    try:
        return str(Decimal(expected).normalize())
    except ArithmeticError:
        return str(expected)


_SAME = (
    ("less than", "below"),
    ("must not be negative", "below 0"),
    ("is negative", "below 0"),
    ("below zero", "below 0"),
    ("must be above 0", "below 0"),
    ("missing", "no"),
    ("parameter", "param"),
    ("out of range", "outside"),
    ("outside of", "outside"),
    ("must be within", "outside"),
    ("not in 0..", "outside 0.."),
    ("0-100", "0..100"),
    ("0 to 100", "0..100"),
    ("greater than", "above"),
    ("no such", "unknown"),
    ("reading", "choice"),
    ("overlapping", "overlap"),
    ("not contiguous", "contiguous"),
    ("score above 100", "score outside 0..100"),
    ("score below 0", "score outside 0..100"),
    ("invalid date", "not a date"),
    ("two decimals", "two places"),
    ("all weights are zero", "no weights"),
    ("sum of weights is 0", "no weights"),
    ("weights sum to zero", "no weights"),
    ("weights sum to 0", "no weights"),
    ("zero weights", "no weights"),
    ("two published", "more than one published"),
    ("several published", "more than one published"),
)
_FILLERS = frozenset(
    ("a", "an", "the", "is", "are", "be", "must", "do", "not", "to", "of", "for", "in", "on", "and", "cannot")
)


def fault_words(fault: str) -> frozenset[str]:
    """The words of a fault that carry its meaning; `negative x` and `x below 0` are one fault."""
    text = re.sub(r"\bnegative (\w+)", r"\1 below 0", fault.lower())
    for other, one in _SAME:
        text = text.replace(other, one)
    words = (word.strip(".") for word in re.findall(r"[a-z0-9.]+", text))
    return frozenset(word.rstrip("s") or word for word in words if word and word not in _FILLERS)


def same_fault(ours: str, wanted: str) -> bool:
    """Say whether two short English texts name one fault: the same words of meaning, or one says the other and more."""
    one, other = fault_words(ours), fault_words(wanted)
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) > 1 and shorter <= longer)


def main(argv: Sequence[str] | None = None) -> int:
    """Print each failure, and last `N passed, M failed`; 1 where something failed or nothing was found."""
    given = list(sys.argv[1:] if argv is None else argv)
    if len(given) != 1 or not Path(given[0]).is_dir():
        print("usage: golden DIR   (a folder of JSON case files)", file=sys.stderr)
        return 2
    outcome = run(Path(given[0]))
    for what in outcome.failures:
        print(what.encode("utf-8", "backslashreplace").decode())
    print(f"{outcome.passed} passed, {len(outcome.failures)} failed")
    return 1 if outcome.failures or not outcome.passed else 0


if __name__ == "__main__":
    sys.exit(main())
