"""The library of KPI templates (S22): names of indicators by function, without points; read and checked from data files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from approval.rules.explanation import Words
from approval.rules.kpi_library_keys import FUNCTIONS, LIBRARY_FILE
from approval.rules.policy_key import Key
from approval.rules.policy_misfits import misfits_of
from approval.rules.refusal import Refused
from approval.rules.toml_fault import toml_fault

FOLDER = Path(__file__).resolve().parent.parent / "kpi_library"
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Template:
    """One KPI point: its address in the library, its names, what it rests on, how it might be measured."""

    address: str
    name: Words
    rules: tuple[str, ...]
    quote: str
    measure: Words
    focus: Words
    method: Words


@dataclass(frozen=True)
class Duty:
    """One duty of a function or post; no rule of score or pay."""

    name: Words
    rules: tuple[str, ...]
    quote: str


@dataclass(frozen=True)
class Group:
    """A function, post or kind of indicators, with its points and duties."""

    code: str
    kind: str
    function: str
    name: Words
    rules: tuple[str, ...]
    quote: str
    points: tuple[Template, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True)
class Library:
    """One document's part of the library."""

    code: str
    doc: str
    name: Words
    notes: tuple[Duty, ...]
    groups: tuple[Group, ...]

    @property
    def points(self) -> tuple[Template, ...]:
        return tuple(point for group in self.groups for point in group.points)


@cache
def libraries() -> tuple[Library, ...]:
    """Every part of the library, in the order of the documents."""
    return tuple(read_library(path.read_text(encoding="utf-8"), path.name) for path in sorted(FOLDER.glob("*.toml")))


def read_library(text: str, name: str) -> Library:
    """Read one file; a fault is refused with its path."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise toml_fault(error, text, name) from None
    _must_fit(raw, name)
    told = raw["library"]
    groups = tuple(_group(one, told["code"]) for one in raw["groups"])
    notes = tuple(_duty(one) for one in told.get("notes", ()))
    return Library(told["code"], told["source"]["doc"], _words(told["name"]), notes, groups)


def _must_fit(raw: Raw, name: str) -> None:
    for one in misfits_of(LIBRARY_FILE, raw):
        what = one.text % one.params if one.params else one.text
        raise Refused("%(name)s：%(path)s：%(what)s", fault="library format", name=name, path=one.path, what=what)
    for path in (*_missing(LIBRARY_FILE, raw, ""), *_twice(raw)):
        raise Refused("%(name)s：%(path)s 缺少或重复", fault="library format", name=name, path=path)


def _missing(key: Key, told: Any, path: str) -> Iterator[str]:
    """The paths of what must be there and is not."""
    for inner in key.inner:
        here = f"{path}.{inner.name}".lstrip(".")
        value = told.get(inner.name)
        if value in (None, "", [], {}):
            if inner.needed:
                yield here
        elif inner.kind == "table":
            yield from _missing(inner, value, here)
        elif inner.kind == "tables":
            for place, one in enumerate(value):
                yield from _missing(inner, one, f"{here}[{place}]")


def _twice(raw: Raw) -> Iterator[str]:
    """Codes that two groups, or two points of one group, share."""
    lists = {"groups": raw["groups"]} | {f"groups.{one['code']}.points": one["points"] for one in raw["groups"]}
    for path, rows in lists.items():
        codes = [one["code"] for one in rows]
        yield from (f"{path}.{code}" for code in codes if codes.count(code) > 1)


def _words(told: Raw | None) -> Words:
    return Words(told["zh"], told["en"]) if told else Words()


def _group(told: Raw, library: str) -> Group:
    points = tuple(_template(one, f"{library}/{told['code']}/{one['code']}") for one in told["points"])
    duties = tuple(_duty(one) for one in told.get("duties", ()))
    named = (told["code"], told["kind"], told["function"], _words(told))
    return Group(*named, tuple(told["rules"]), told.get("quote", ""), points, duties)


def _template(told: Raw, address: str) -> Template:
    measure, focus, method = (_words(told.get(key)) for key in ("measure", "focus", "method"))
    return Template(address, _words(told), tuple(told["rules"]), told["quote"], measure, focus, method)


def _duty(told: Raw) -> Duty:
    return Duty(_words(told), tuple(told.get("rules", ())), told.get("quote", ""))


def template_at(address: str) -> Template:
    """The point at an address (d07/sales/conversion); refused where there is none."""
    for library in libraries():
        for point in library.points:
            if point.address == address:
                return point
    raise Refused("指标库里没有“%(address)s”，请刷新页面", fault="unknown template", address=address[:60])


def by_function() -> Sequence[tuple[str, Sequence[tuple[Library, Group]]]]:
    """The groups by function, in a fixed order."""
    every = [(library, group) for library in libraries() for group in library.groups]
    found = {one: [pair for pair in every if pair[1].function == one] for one in FUNCTIONS}
    return [(function, groups) for function, groups in found.items() if groups]
