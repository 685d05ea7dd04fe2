"""Reading a file strictly: each check names the file and the path where the reading stands, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from approval.rules.number import MOST_DIGITS, number
from approval.rules.refusal import Refused

Raw = Mapping[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NAMED = ("input", "param", "scale", "table", "key", "field", "column")
TEXTS = frozenset(
    (*NAMED, "zh", "en", "code", "label", "quote", "cycle", "action", "population", "eq", "by", "ge_param", "lt_param")
)
LISTS = frozenset(
    (
        "per",
        "rules",
        "departments",
        "positions",
        "exclude_positions",
        "non_decreasing",
        "sum",
        "ratio",
        "channels",
        "grades",
    )
)
SWITCHES = frozenset(
    (
        "assumed",
        "adds",
        "missing",
        "warn",
        "round_day",
        "human_decision",
        "evidence",
        "signed",
        "all_or_nothing",
        "include_head",
        "outside_minimum",
        "off",
        "to_fill",
    )
)
KEYED = ("params", "inputs", "scales", "tables", "ratings", "options")
LIST_BLOCKS = ("kpi", "components", "streaks", "pools", "warnings", "deadlines", "reference_ranges")


def iso_day(value: Any) -> date | None:
    """The day that a text names, as 2026-01-01; None where it names none."""
    try:
        return date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except (TypeError, ValueError):
        return None


class Shape:
    """One reading of one file; `path` is where the reading stands, so that any fault can be named."""

    def __init__(self, raw: Raw, name: str) -> None:
        self.raw, self.name, self.path = raw, name, "policy"

    def fail(self, text: str, **params: object) -> NoReturn:
        raise Refused(text, fault="policy format", name=self.name, path=self.path, **params)

    def at(self, path: str) -> None:
        self.path = path

    def must(self, table: Any, *keys: str) -> None:
        if not isinstance(table, Mapping):
            self.fail('%(name)s：%(path)s 应为一张表，例如 { code = "…" }')
        for key in keys:
            if table.get(key) in (None, "", [], {}):
                self.fail("%(name)s：%(path)s 缺少 %(key)s；请补上 %(key)s = …", key=key)

    def only(self, table: Raw, known: Iterable[str]) -> None:
        """A key that nothing reads is a typing error: without its guard a line would be paid to everybody."""
        for key in table:
            if key not in known:
                self.fail(
                    "%(name)s：%(path)s 不认识 %(key)s；可以写：%(known)s", key=key, known="、".join(sorted(known))
                )

    def one_of(self, value: Any, known: Iterable[str]) -> None:
        if value not in known:
            self.fail("%(name)s：%(path)s 应为以下之一：%(known)s", known=" / ".join(known))

    def number(self, value: Any) -> Decimal:
        try:
            return number(value)
        except Refused:
            self.fail(
                '%(name)s：%(path)s 的“%(value)s”不是数字；请写成 "0.5" 这样的文字', value=str(value)[:MOST_DIGITS]
            )

    def known(self, block: str, code: Any) -> Any:
        table = self.raw.get(block, {})
        if not isinstance(code, str) or code not in table:
            self.fail(
                "%(name)s：%(path)s 引用的 %(block)s.%(code)s 不存在；已有：%(known)s",
                block=block,
                code=str(code)[:60],
                known="、".join(table) or "—",
            )
        return table[code]

    def day(self, value: Any) -> None:
        if iso_day(value) is None:
            self.fail("%(name)s：%(path)s 应为日期，例如 2026-01-01")

    def rows(self, block: str, *keys: str) -> Iterable[Raw]:
        """The tables of a list, each with its keys and a code that no other has."""
        seen: set[str] = set()
        for place, one in enumerate(self.raw.get(block, ())):
            self.at(f"{block}[{place}]")
            self.must(one, "code", *keys)
            if one["code"] in seen:
                self.fail("%(name)s：%(path)s 的 code“%(code)s”重复；同一列表里每一项的 code 须不同", code=one["code"])
            seen.add(one["code"])
            self.at(f"{block}.{one['code']}")
            yield one

    def plain_input(self, code: Any) -> None:
        if self.known("inputs", code).get("type") == "rows":
            self.fail("%(name)s：%(path)s 不能把明细“%(code)s”当作一个数；请用 rows 和 field，或换一项数据", code=code)

    def kinds(self) -> None:
        """Texts, lists of texts and switches are what they are wherever they stand; blocks are tables or lists of tables."""
        for block, told in self.raw.items():
            self.at(block)
            if block in LIST_BLOCKS:
                if not isinstance(told, list):
                    self.fail("%(name)s：%(path)s 应为一列表格（[[%(path)s]]）")
            elif block != "format":
                self.must(told)
        self._kinds("", self.raw)

    def _kinds(self, path: str, told: Any) -> None:
        inner = told.items() if isinstance(told, Mapping) else enumerate(told) if isinstance(told, list) else ()
        for key, value in inner:
            here = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")
            self.at(here)
            if path in KEYED or path.endswith((".names", ".choices")):  # codes that the file itself gives
                self._kinds(here, value)
                continue
            if key in TEXTS and not (isinstance(value, str) and value):
                self.fail("%(name)s：%(path)s 应为文字，写在引号里")
            if key in SWITCHES and not isinstance(value, bool):
                self.fail("%(name)s：%(path)s 应为 true 或 false")
            if key in LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
                self.fail('%(name)s：%(path)s 应为一列文字，例如 ["a", "b"]')
            self._kinds(here, value)
