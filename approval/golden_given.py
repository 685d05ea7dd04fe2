"""What a worked case gives, read by kind: what is missing, or is of another kind, is refused in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from approval.rules import money, score
from approval.rules.number import number
from approval.rules.refusal import Refused
from approval.rules.shape import iso_day


class Given(dict[str, Any]):
    """The inputs of a case; one that an op needs and that is not there is refused by its name."""

    def __missing__(self, key: str) -> Any:
        raise Refused("缺少“%(name)s”", fault=f"missing {key}", name=key)


def given(inputs: object) -> Given:
    """The named inputs of a case."""
    return Given(group(inputs, "inputs"))


def group(value: object, name: str) -> Mapping[str, Any]:
    """Values by their names; one that was written twice is refused: nobody knows which is meant."""
    if not isinstance(value, Mapping):
        raise Refused("“%(name)s”应为一组带名称的数据", fault=f"{name} is not an object", name=name)
    if isinstance(value, Twice):
        raise Refused("“%(name)s”写了不止一次", fault=f"duplicate key {value.twice}", name=value.twice)
    return value


class Twice(dict[str, Any]):
    """An object of a file in which a name stands twice."""

    twice = ""


def object_of(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a file as it is read; what stands twice is remembered, so that the case alone is refused."""
    seen: set[str] = set()
    again = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
    if not again:
        return dict(pairs)
    found = Twice(pairs)
    found.twice = again[0]
    return found


def listed(value: object, name: str, length: int | None = None) -> Sequence[Any]:
    """A list, of so many values where an op needs them."""
    if not isinstance(value, list | tuple):
        raise Refused("“%(name)s”应为列表", fault=f"{name} is not a list", name=name)
    if length is not None and len(value) != length:
        raise Refused("“%(name)s”的每一项须有 %(n)s 个值", fault=f"{name} needs {length} values", name=name, n=length)
    return value


def text(value: object, name: str) -> str:
    """Text, as a month is written."""
    if not isinstance(value, str):
        raise Refused("“%(name)s”应为文字", fault=f"{name} is not text", name=name)
    return value


def one_of(value: object, known: Mapping[str, Any] | Sequence[str], name: str) -> str:
    """One of the names that an op knows."""
    if not isinstance(value, str) or value not in known:
        raise Refused("没有这种“%(name)s”：%(value)s", fault=f"unknown {name}", name=name, value=str(value)[:40])
    return value


def decimals(values: object, name: str) -> list[Decimal]:
    """A list of numbers."""
    return [number(value) for value in listed(values, name)]


def known(value: Any) -> Decimal | None:
    """A number, or nothing where a case gives none: a missing part is never zero."""
    return None if value is None else number(value)


def whole(value: Any) -> int:
    """A whole number."""
    found = number(value)
    if found != int(found):
        raise Refused("“%(value)s”须是整数", fault="not a whole number", value=str(value)[:40])
    return int(found)


def score_of(value: Any) -> Fraction:
    """A score of a case, within 0..100 as everywhere (A-50)."""
    return Fraction(score.in_range(number(value)))


def fen(value: Any) -> int:
    """An amount of yuan in fen."""
    return money.fen(value if isinstance(value, str) else number(value))


def day(value: Any) -> date:
    """A day as 2026-01-31."""
    found = iso_day(value)
    if found is None:
        raise Refused("“%(value)s”不是日期；请写成 2026-01-31", fault="not a date", value=str(value)[:40])
    return found


def day_or_open(value: Any) -> date | None:
    """A day, or nothing where a case says null."""
    return None if value is None else day(value)
