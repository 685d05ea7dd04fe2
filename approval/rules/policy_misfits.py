"""What a policy says beside its format: keys that nothing reads, and values of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approval.rules.number import number
from approval.rules.policy_key import ANY, Key
from approval.rules.policy_keys import FILE
from approval.rules.policy_keys_pay import GUARD
from approval.rules.refusal import Refused
from approval.rules.shape import iso_day

Raw = Mapping[str, Any]
WRONG = {
    "text": "这里应为文字，写在引号里",
    "texts": '这里应为一列文字，例如 ["a", "b"]',
    "number": '这里应为数，写成 "0.5" 这样的文字',
    "whole": "这里应为整数，例如 3",
    "wholes": "这里应为一列整数，例如 [1, 2]",
    "day": "这里应为日期，例如 2026-01-01",
    "switch": "这里应为 true 或 false",
    "choice": "这里应为以下之一：%(known)s",
    "table": '这里应为一张表，例如 { zh = "…" }',
    "tables": '这里应为一列表，例如 [{ code = "…" }]',
}
WRONG |= {"guard": WRONG["table"], "guards": WRONG["tables"], "codes": WRONG["table"]}


@dataclass(frozen=True)
class Misfit:
    """What does not fit the format and yet is read: its path, and a Chinese msgid with params that says what would."""

    path: str
    text: str
    params: Mapping[str, str]


def misfits(raw: Raw) -> Iterator[Misfit]:
    """Keys that nothing reads and values of another kind: a slip such as objection_day would else be passed over."""
    yield from misfits_of(FILE, raw)


def misfits_of(key: Key, raw: Raw) -> Iterator[Misfit]:
    """The same for a file of another format, told by its keys."""
    yield from _table(key, raw, "")


def _table(key: Key, told: Any, path: str) -> Iterator[Misfit]:
    if not isinstance(told, Mapping):
        yield Misfit(path, WRONG["table"], {})
        return
    known = {one.name: one for one in key.inner}
    for name, value in told.items():
        here = f"{path}.{name}".lstrip(".")
        inner = known.get(name) or known.get(ANY)
        if inner is None:
            yield Misfit(here, "没有这一项；可以写：%(known)s", {"known": "、".join(known)})
        else:
            yield from _value(inner, value, here)


def _value(key: Key, value: Any, path: str) -> Iterator[Misfit]:
    if not _fits(key, value):
        yield Misfit(path, WRONG[key.kind], {"known": " / ".join(key.among)} if key.among else {})
    elif key.kind in ("table", "guard"):
        yield from _table(GUARD if key.kind == "guard" else key, value, path)
    elif key.kind == "codes":
        for code, one in value.items():
            yield from _table(key, one, f"{path}.{code}")
    elif key.kind in ("tables", "guards"):
        inner = GUARD if key.kind == "guards" else key
        for place, one in enumerate(value):
            code = one.get("code") if isinstance(one, Mapping) else None
            yield from _table(inner, one, f"{path}.{code}" if code else f"{path}[{place}]")


def _fits(key: Key, value: Any) -> bool:
    match key.kind:
        case "text":
            return isinstance(value, str) and bool(value)
        case "texts":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case "number":
            return _is_number(value)
        case "whole":
            return _is_number(value) and number(value) == int(number(value))
        case "wholes":
            return isinstance(value, list) and all(isinstance(one, int) for one in value)
        case "day":
            return iso_day(value) is not None
        case "switch":
            return isinstance(value, bool)
        case "choice":
            return str(value) in key.among
        case "table" | "guard" | "codes":
            return isinstance(value, Mapping)
        case "tables" | "guards":
            return isinstance(value, list)
    return True


def _is_number(value: Any) -> bool:
    try:
        number(value)
    except Refused:
        return False
    return True
