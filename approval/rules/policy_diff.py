"""What differs between two versions of a policy: every block compared part by part; facts in, answer out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approval.rules.explanation import Words
from approval.rules.policy import Policy

Raw = Mapping[str, Any]
ADDED, REMOVED, CHANGED, WORDED = "added", "removed", "changed", "worded"

# Keys that say a thing in words or name where it comes from; they decide nothing.
WORDS = frozenset({"zh", "en", "note", "rules", "quote", "doc", "source", "lines", "assumed", "to_fill", "names"})
# Dates and names of the version itself are on every page; they differ by nature.
OF_THE_VERSION = frozenset({"code", "version", "name", "source", "effective_from", "effective_to"})
TABLES = ("params", "inputs", "scales", "tables", "ratings", "options")
LISTS = ("kpi", "components", "streaks", "pools", "warnings", "deadlines", "adjustments")
FIELDS = ("scope", "publication", "rounding", "process", "work_time", "lint")
OF_KEYS = frozenset({*FIELDS, "adjustments"})  # blocks that are one table: their keys are compared one by one
ORDER = (
    *("policy", "scope", "parts", "indicators", "sampling", "appraisal", "kpi"),
    *("components", "params", "inputs", "scales", "tables", "ratings"),
    *("pools", "options", "streaks", "publication", "deadlines", "warnings"),
    *("adjustments", "process", "work_time", "rounding", "lint"),
)


@dataclass(frozen=True)
class Change:
    """One part that differs: its block and code, how, its name, and what stood and stands there (None: nothing).

    `worded` is a part of which only the words differ; nobody's pay does.
    """

    block: str
    code: str
    kind: str
    name: Words
    before: Any
    after: Any


def differences(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every part that differs, blocks in the order of a document; both policies with their readings applied.

    A pay line is compared with the figures that it is made of, so that a changed figure shows in its formula too.
    """
    before, after = _blocks(old), _blocks(new)
    known = [*ORDER, *sorted((before.keys() | after.keys()) - set(ORDER))]
    return tuple(change for block in known for change in _changes(block, before.get(block, {}), after.get(block, {})))


def _blocks(policy: Policy) -> dict[str, dict[str, Any]]:
    """The parts of a policy by block and code."""
    raw = policy.raw
    told: dict[str, dict[str, Any]] = {block: dict(raw.get(block, {})) for block in (*TABLES, *FIELDS)}
    told |= {block: _by_code(raw.get(block, ())) for block in LISTS}
    told["components"] = {code: _with_figures(policy, one) for code, one in told["components"].items()}
    told["policy"] = {key: value for key, value in raw["policy"].items() if key not in OF_THE_VERSION}
    told |= _appraisal(raw.get("appraisal", {}))
    rest = raw.keys() - {*TABLES, *FIELDS, *LISTS, "policy", "appraisal", "format"}
    return told | {block: {block: raw[block]} for block in rest}


def _appraisal(raw: Raw) -> dict[str, dict[str, Any]]:
    parts = ("parts", "indicators")
    told: dict[str, dict[str, Any]] = {block: _by_code(raw.get(block, ())) for block in parts}
    told["sampling"] = dict(raw.get("sampling") or {})
    told["appraisal"] = {key: value for key, value in raw.items() if key not in (*parts, "sampling")}
    return told


def _by_code(told: Any) -> dict[str, Any]:
    """A list of parts by their code; a block without codes is one part."""
    if isinstance(told, Mapping):
        return dict(told)
    return {str(one.get("code", place)): one for place, one in enumerate(told)}


def _with_figures(policy: Policy, component: Raw) -> Raw:
    """A pay line with the printed figures of its factors."""
    figures = {
        factor["param"]: policy.raw["params"][factor["param"]].get("value")
        for factor in component["factors"]
        if "param" in factor
    }
    return {**component, "figures": figures}


def _changes(block: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for code in dict.fromkeys([*before, *after]):
        was, now = before.get(code), after.get(code)
        if was == now:
            continue
        kind = ADDED if code not in before else REMOVED if code not in after else _kind(block, was, now)
        kind = WORDED if block in OF_KEYS and code in WORDS else kind
        yield Change(block, code, kind, _name(code, was if now is None else now), was, now)


def _kind(block: str, was: Any, now: Any) -> str:
    decides: Callable[[Any], Any] = _reading if block == "options" else _deciding
    return WORDED if decides(was) == decides(now) else CHANGED


def _reading(option: Raw) -> tuple[str, Sequence[str]]:
    """What of an option reaches pay: the reading that holds, and which there are; its patches show where they fall."""
    return option["default"], sorted(option["choices"])


def _deciding(told: Any) -> Any:
    """A part without its words."""
    if isinstance(told, Mapping):
        return {key: _deciding(value) for key, value in told.items() if key not in WORDS}
    if isinstance(told, list | tuple):
        return [_deciding(one) for one in told]
    return told


def _name(code: str, told: Any) -> Words:
    zh = told.get("zh", code) if isinstance(told, Mapping) else code
    en = told.get("en", zh) if isinstance(told, Mapping) else code
    return Words(str(zh), str(en))
