"""One column of a sheet: what it is called, and how the text of a cell becomes an exact value or is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from approval.rules.refusal import Refused
from approval.rules.table import Cell, CellKind

ColumnKind = Literal["text", "number", "money", "days", "count", "score", "fraction", "date", "period", "choice"]
Value = str | int | Decimal | date | None

MONEY_LIMIT = Decimal(10_000_000_000)
FIGURE_LIMIT = Decimal(1_000_000_000_000)
EXCEL_DIGITS = 15

NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]{1,20})(\.[0-9]{1,20})?")
DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?(?:[ T][0-9]{1,2}:[0-9:.]*)?")
COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
MONTH = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})|\.([0-9]{2})|年([0-9]{1,2})月?|([0-9]{2}))")


@dataclass(frozen=True)
class Choice:
    """One permitted answer of a choice column; `aliases` are other words that people write for it."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column; `maximum` is the largest value, or the longest text in characters; money bounds are in yuan.

    `default` stands for a blank cell of a column that is not required.
    """

    code: str
    zh: str
    en: str
    kind: ColumnKind
    example: str
    required: bool = True
    choices: tuple[Choice, ...] = ()
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    aliases: tuple[str, ...] = ()
    nonzero: bool = False
    default: Value = None


def folded(text: str) -> str:
    """The form in which headings and choices are compared: full-width as half-width, no blanks, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def read_value(column: Column, cell: Cell) -> Value:
    """Read one cell: money in whole fen, numbers as Decimal, counts as int, dates as date, a period as YYYY-MM.

    Raises Refused with what would be right. A blank cell gives the column's default, or is refused where required.
    """
    if not cell.text.strip():
        if column.required:
            raise Refused("必须填写", fault="missing value")
        return column.default
    return READERS[column.kind](column, cell)


def _text(column: Column, cell: Cell) -> Value:
    if cell.kind in ("date", "bool"):
        raise Refused("应当是文字；Excel 把它改成了别的类型，请把单元格设为文本格式后重新填写", fault="not text")
    if cell.kind == "number" and len(cell.text.lstrip("-").partition(".")[0]) > EXCEL_DIGITS:
        raise Refused("超过 15 位的编号会被 Excel 改写；请把单元格设为文本格式后重新填写", fault="long number as text")
    if column.maximum is not None and len(cell.text) > column.maximum:
        raise Refused("最多 %(maximum)s 个字", fault="text too long", maximum=int(column.maximum))
    return cell.text


def _figure(column: Column, cell: Cell, units: str = "") -> Decimal:
    """The exact number in a cell, inside the column's bounds; `units` are signs that may stand beside it."""
    refuse_kind(cell, {"text", "number"})
    bare = unicodedata.normalize("NFKC", cell.text).replace("\u2212", "-").strip()
    bare = bare.strip(units).strip() if units else bare
    if not NUMBER.fullmatch(bare):
        raise Refused("应当是数字，例如 %(example)s", fault="not a number", example=column.example)
    return Decimal(bare.replace(",", ""))


def _within(column: Column, value: Decimal, limit: Decimal, places: int) -> Decimal:
    lowest = Decimal(0) if column.minimum is None else column.minimum
    highest = limit if column.maximum is None else column.maximum
    if not lowest <= value <= highest:
        raise Refused("应当在 %(lowest)s 到 %(highest)s 之间", fault="out of range", lowest=lowest, highest=highest)
    if value != round(value, places):
        raise Refused("最多 %(places)s 位小数", fault="too many places", places=places)
    if column.nonzero and value == 0:
        raise Refused("不能是 0", fault="zero")
    return value


def refuse_kind(cell: Cell, allowed: set[CellKind]) -> None:
    """Refuse what Excel holds as another type than a person would expect in this column."""
    if cell.kind == "bool" and "bool" not in allowed:
        raise Refused("是逻辑值 TRUE 或 FALSE，请改成数字或日期", fault="boolean")
    if cell.kind == "date" and "date" not in allowed:
        raise Refused("Excel 把它当成了日期；请把单元格设为常规格式后重新填写数字", fault="date as number")


def _number(column: Column, cell: Cell) -> Value:
    return _within(column, _figure(column, cell), FIGURE_LIMIT, 6)


def _money(column: Column, cell: Cell) -> Value:
    yuan = _within(column, _figure(column, cell, units="¥元"), MONEY_LIMIT, 2)
    return int(yuan.scaleb(2))


def _days(column: Column, cell: Cell) -> Value:
    return _within(column, _figure(column, cell, units="天"), Decimal(31), 2)


def _count(column: Column, cell: Cell) -> Value:
    return int(_within(column, _figure(column, cell), Decimal(1_000_000), 0))


def _score(column: Column, cell: Cell) -> Value:
    return _within(column, _figure(column, cell, units="分"), Decimal(100), 2)


def _fraction(column: Column, cell: Cell) -> Value:
    """A share of one: 12% and 0.12 are the same; a bare 12 is refused, for it could be either."""
    percent = unicodedata.normalize("NFKC", cell.text).strip().endswith("%")
    value = _figure(column, cell, units="%")
    if percent:
        return _within(column, value.scaleb(-2), Decimal(1), 6)
    if value > 1 and (column.maximum is None or column.maximum <= 1):
        raise Refused(
            "比例请写成 %(percent)s%% 或 %(share)s", fault="fraction over one", percent=value, share=value / 100
        )
    return _within(column, value, Decimal(1), 6)


def _date(column: Column, cell: Cell) -> Value:
    refuse_kind(cell, {"text", "number", "date"})
    text = unicodedata.normalize("NFKC", cell.text).strip()
    found = COMPACT_DAY.fullmatch(text) or (DAY.fullmatch(text) if cell.kind != "number" else None)
    if not found:
        raise Refused("应当是日期，例如 %(example)s", fault="not a date", example=column.example)
    return _day(*(int(part) for part in found.groups()))


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Refused("没有这一天", fault="no such day") from None
    if not 1950 <= year <= 2099:
        raise Refused("年份应当在 1950 到 2099 之间", fault="year out of range")
    return found


def _period(column: Column, cell: Cell) -> Value:
    """A month; a number like 2026.1 is refused, for Excel writes both January and October so."""
    refuse_kind(cell, {"text", "number", "date"})
    text = unicodedata.normalize("NFKC", cell.text).strip()
    if cell.kind == "date":
        return f"{_date(column, cell):%Y-%m}"
    found = MONTH.fullmatch(text) if cell.kind == "text" or "." not in text else None
    if not found:
        raise Refused("应当是月份，例如 %(example)s", fault="not a month", example=column.example)
    year, month = (int(part) for part in found.groups() if part is not None)
    return f"{_day(year, month, 1):%Y-%m}"


def _choice(column: Column, cell: Cell) -> Value:
    for choice in column.choices:
        if folded(cell.text) in {folded(word) for word in (choice.code, choice.zh, choice.en, *choice.aliases)}:
            return choice.code
    listed = "、".join(choice.zh for choice in column.choices)
    raise Refused("应当是其中之一：%(choices)s", fault="unknown choice", choices=listed)


READERS: dict[ColumnKind, Callable[[Column, Cell], Value]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "days": _days,
    "count": _count,
    "score": _score,
    "fraction": _fraction,
    "date": _date,
    "period": _period,
    "choice": _choice,
}
