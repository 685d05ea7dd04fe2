"""Reading a file strictly: each check names the file and the path where the reading stands, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from approval.rules.number import MOST_DIGITS, number
from approval.rules.refusal import Refused

Raw = Mapping[str, Any]


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
            self.fail("%(name)s：%(path)s 应为一张表")
        for key in keys:
            if table.get(key) in (None, "", [], {}):
                self.fail("%(name)s：%(path)s 缺少 %(key)s", key=key)

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
            self.fail("%(name)s：%(path)s 引用的 %(block)s.%(code)s 不存在", block=block, code=str(code)[:60])
        return table[code]

    def day(self, value: Any) -> None:
        try:
            date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fail("%(name)s：%(path)s 应为日期，例如 2026-01-01")

    def rows(self, block: str, *keys: str) -> Iterable[Raw]:
        """The tables of a list, each with its keys and a code that no other has."""
        seen: set[str] = set()
        for place, one in enumerate(self.raw.get(block, ())):
            self.at(f"{block}[{place}]")
            self.must(one, "code", *keys)
            if one["code"] in seen:
                self.fail("%(name)s：%(path)s 的 code“%(code)s”重复", code=one["code"])
            seen.add(one["code"])
            self.at(f"{block}.{one['code']}")
            yield one

    def plain_input(self, code: Any) -> None:
        if self.known("inputs", code).get("type") == "rows":
            self.fail("%(name)s：%(path)s 不能把明细“%(code)s”当作一个数", code=code)
