"""Where a policy pays less for more: scales by their value, tables by each of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from approval.rules.band_lint import ANY, DOMAINS, first_fall
from approval.rules.explanation import Name
from approval.rules.policy import Policy
from approval.rules.policy_format import BAND, BOUNDS

Raw = Mapping[str, Any]
FAULTS = frozenset(("late", "early", "leave", "absent_days", "days_out_of_post"))


class Fall(NamedTuple):
    """A ladder that falls: its path, the figure from which it does, and of a table the line that its column pays."""

    path: str
    value: Fraction
    column: Name | None = None


def ladders(policy: Policy) -> set[str]:
    """The paths that a policy may mark as never falling."""
    return {f"{kind}.{code}" for kind in ("scales", "tables") for code in policy.raw.get(kind, {})}


def falls(policy: Policy, marked: set[str]) -> Iterator[Fall]:
    """Every ladder that falls while its figure rises (R102, R043): its bounds are numbers, so its figure is in order.

    One on what is better the less of it there is (times late, days absent) may fall, unless it is marked.
    """
    for code, scale in policy.scales.items():
        path = f"scales.{code}"
        if path in marked or scale["input"] not in FAULTS:
            yield from (Fall(path, value) for value in _fall(policy, scale["input"], scale["pieces"]))
    for code, table in policy.tables.items():
        if f"tables.{code}" not in marked and table["key"] in FAULTS:
            continue
        for column in dict.fromkeys(key for row in table["rows"] for key in row if key not in {*BAND, *BOUNDS}):
            pieces = [{**_bounds(row), "value": row[column]} for row in table["rows"] if column in row]
            name = _name_of(policy, code, column)
            yield from (Fall(f"tables.{code}", value, name) for value in _fall(policy, table["key"], pieces))


def _bounds(row: Raw) -> Raw:
    return {name: row[name] for name in BOUNDS if name in row}


def _name_of(policy: Policy, table: str, column: str) -> Name:
    """A column as a reader knows it: the pay line that asks for it; one that no line asks for by its own name."""
    for line in policy.components:
        if any((one.get("table"), one.get("column")) == (table, column) for one in line["factors"]):
            return Name(line.get("zh", line["code"]), line.get("en", ""))
    return Name(column, column)


def _fall(policy: Policy, asks: str, pieces: Sequence[Raw]) -> Iterator[Fraction]:
    fall = first_fall(pieces, DOMAINS.get(policy.inputs[asks].type, ANY))
    if fall is not None:
        yield fall
