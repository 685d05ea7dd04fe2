"""Where a policy's file names its own parts: standards, figures of the month, scales and tables, under every reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Use = tuple[str, str]  # the block and the code of a part
NAMED_BY = {
    **dict.fromkeys(("param", "ge_param", "lt_param"), "params"),
    **dict.fromkeys(("input", "ratio", "rows", "sum", "key"), "inputs"),
    "scale": "scales",
    "table": "tables",
}
LADDERS, FIGURES = ("scales", "tables"), ("params", "inputs")
KEPT = frozenset({("inputs", "score")})  # the month's own score is never collected


def uses(told: Any) -> Iterator[Use]:
    """Every part that a piece of a policy names, at any depth; once for each time that it does."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            if key in NAMED_BY:
                codes = value if isinstance(value, list) else [value]
                yield from ((NAMED_BY[key], code) for code in codes if isinstance(code, str))
            yield from uses(value)
    elif isinstance(told, list):
        for one in told:
            yield from uses(one)


def idle(raw: Mapping[str, Any]) -> list[Use]:
    """The parts that nothing names under any reading, in the order of the file."""
    named = {*uses(raw), *KEPT}
    return [
        (block, code) for block in (*FIGURES, *LADDERS) for code in raw.get(block, {}) if (block, code) not in named
    ]
