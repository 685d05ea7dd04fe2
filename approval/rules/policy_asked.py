"""What the lines of a policy ask for, under the readings chosen: figures, inputs, scales and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from approval.rules.explanation import SHARE_INPUT
from approval.rules.policy import Policy

Raw = Mapping[str, Any]


def lines_on(policy: Policy, code: str) -> tuple[str, ...]:
    """The pay lines in which an input is a factor."""
    return tuple(
        one["code"] for one in policy.components if any(factor.get("input") == code for factor in one["factors"])
    )


def asks_for(policy: Policy, code: str) -> bool:
    """Say whether some line pays by an input; one that is only declared is collected for nothing."""
    return bool(lines_on(policy, code))


def pays_share(policy: Policy) -> bool:
    """Say whether a line has the share of the pool in it already (R009)."""
    return asks_for(policy, SHARE_INPUT)


def asked(policy: Policy) -> Iterator[tuple[str, str]]:
    """Every part that a line asks for, as its block and code."""
    yield "inputs", "score"
    for component in policy.components:
        for factor in component["factors"]:
            yield from _asked_by(policy, factor)
        for guard in (component.get("unless"), component.get("when")):
            yield from (("inputs", code) for code in _summed(guard or {}))


def _asked_by(policy: Policy, factor: Raw) -> Iterator[tuple[str, str]]:
    if "param" in factor:
        yield "params", factor["param"]
    yield from (("inputs", code) for code in factor.get("ratio", ()))
    yield from (("inputs", factor[kind]) for kind in ("input", "rows") if kind in factor)
    for test in factor.get("where", ()):
        yield from (("params", test[word]) for word in ("ge_param", "lt_param") if word in test)
    if "scale" in factor:
        yield from (("scales", factor["scale"]), ("inputs", policy.scales[factor["scale"]]["input"]))
    if "table" in factor:
        yield from (("tables", factor["table"]), ("inputs", policy.tables[factor["table"]]["key"]))


def _summed(guard: Raw) -> Iterator[str]:
    yield from guard.get("sum", ())
    for one in (*guard.get("any", ()), *guard.get("all", ())):
        yield from _summed(one)
