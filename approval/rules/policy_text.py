"""A policy's text with figures changed: everything else, remarks and order included, stays as somebody wrote it.

Where a figure stands inside a reading of the source, the reading is left as it is: the company's own figures become a
reading of their own beside it, which is then the chosen one. So a reading never says what the source does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError

from approval.rules.policy_place import OWN, Path, reading_of
from approval.rules.refusal import Refused

OWN_NAMES = {"zh": "公司自定", "en": "The company's own"}
EMPTY = {"max": 1, "weight": "0"}  # what a new item stands at until the company has written its figure
Change = str | int | None  # None takes the key away


class PolicyText:
    """The text of a policy being changed; `own` are the options that now read as the company's own figures."""

    def __init__(self, text: str, own: Mapping[str, str] | None = None) -> None:
        try:
            self._file: TOMLDocument = tomlkit.parse(text)
        except (TOMLKitError, RecursionError):
            raise Refused("方案全文有语法错误，请先在“方案全文”里改好", fault="unreadable text") from None
        self.own: dict[str, str] = dict(own or {})

    @property
    def text(self) -> str:
        return tomlkit.dumps(self._file)

    def put(self, path: Path, value: Change) -> None:
        """Write a value at a path, or take its key away for none; a figure keeps its kind (text or whole number)."""
        before = self._at(path[:-1]).get(path[-1])
        if value in (None, "") if before is None else str(before) == str(value):
            return
        path = self._outside_readings(path)
        table, key = self._at(path[:-1]), path[-1]
        if value is None:
            del table[key]
        else:
            whole = isinstance(before, int) and not isinstance(before, bool) and _is_whole(value)
            table[key] = int(value) if whole else value

    def add_row(self, path: Path, place: int) -> None:
        """Put a copy of the row at a place of a list behind it."""
        rows = self._rows(path, place)
        copy = tomlkit.inline_table()
        copy.update({key: value for key, value in _plain(rows[place]).items() if key not in ("code", "rules", "quote")})
        rows.insert(place + 1, copy)

    def add_item(self, path: Path, name: str, key: str = "max") -> None:
        """Put an item with one point, or an indicator without weight, at the end of a list, under a code that none has."""
        self._append(path, {key: EMPTY[key], "zh": name, "en": name})

    def add_template(self, path: Path, key: str, told: Mapping[str, Any]) -> None:
        """Put a point of the library at the end of a list with what it rests on; `key` (max, weight) is to fill."""
        self._append(path, {key: EMPTY[key], **told, "to_fill": True})

    def _append(self, path: Path, told: Mapping[str, Any]) -> None:
        items = self._at(self._outside_readings(path))
        taken, number = {str(one["code"]) for one in items}, len(items) + 1
        while f"item{number}" in taken:
            number += 1
        items.append(item_of({"code": f"item{number}", **told}))

    def drop_item(self, path: Path, place: int) -> None:
        """Take a KPI item or an indicator away, with the readings that are about it alone."""
        items = self._at(path)
        code = str(items[place]["code"]) if place < len(items) else ""
        self.drop_row(path, place)
        block = "appraisal.indicators" if "indicators" in str(path[-1]) else "kpi"
        for option, told in list(self._file.get("options", {}).items()):
            if any(
                f"{name}.".startswith(f"{block}.{code}.") for reading in told["choices"].values() for name in reading
            ):
                del self._file["options"][option]
                self.own.pop(option, None)

    def fill(self, path: Path) -> None:
        """Say that the company has filled in what the source does not print."""
        table = self._at(self._outside_readings(path))
        if "to_fill" in table:
            del table["to_fill"]

    def drop_row(self, path: Path, place: int) -> None:
        """Take the row at a place of a list away; the last one stays."""
        rows = self._rows(path, place)
        if len(rows) < 2:
            raise Refused("至少保留一行", fault="last row")
        del rows[place]

    def _rows(self, path: Path, place: int) -> Any:
        self._at((*path, place))
        return self._at(self._outside_readings(path))

    def _at(self, path: Path) -> Any:
        found: Any = self._file
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError, TOMLKitError):
                raise Refused("方案里没有这一处，请刷新页面", fault="unknown place") from None
        return found

    def _outside_readings(self, path: Path) -> Path:
        """The same place in the company's own reading, which is made where there is none yet."""
        inside = reading_of(path)
        if inside is None:
            return path
        option, reading = inside
        if reading != OWN:
            self._own_reading(option, reading)
        self.own[option] = OWN
        return (*path[:3], OWN, *path[4:])

    def _own_reading(self, option: str, reading: str) -> None:
        if self.own.get(option) == OWN:
            return
        told = self._at(("options", option))
        copy = tomlkit.table()
        for key, value in _plain(told["choices"][reading]).items():
            copy.add(tomlkit.key(key) if "." not in key else tomlkit.items.SingleKey(key), item_of(value))
        told["choices"][OWN] = copy
        names = tomlkit.inline_table()
        names.update(OWN_NAMES)
        if "names" not in told:
            told["names"] = tomlkit.table()
        told["names"][OWN] = names


def item_of(value: Any) -> Any:
    """A value as it is written in one line, tables of tables included."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, one in value.items():
            table[key] = item_of(one)
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        for one in value:
            array.append(item_of(one))
        return array
    return value


def _plain(value: Any) -> Any:
    return value.unwrap() if hasattr(value, "unwrap") else value


def _is_whole(value: str | int) -> bool:
    return isinstance(value, int) or (value.isascii() and Decimal(value) == Decimal(value).to_integral_value())
