"""The first sheet of a workbook as exact text, read as a stream.

Own reading, for openpyxl turns numbers into floats, hides error cells' places and cannot tell a blank cell from a formula
that was never calculated; what it knows about date formats is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Context, Decimal

from openpyxl.utils import column_index_from_string, get_column_letter

from approval.gateways.table_shape import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Line, is_note
from approval.gateways.workbook_package import Package, damaged, not_a_workbook
from approval.gateways.workbook_parts import StringsPart, StylesPart, TextPart, WorkbookPart
from approval.rules.refusal import Refused
from approval.rules.table import Cell, clean_text

MAX_NAMED = 10

# Excel shows and keeps fifteen digits of what was typed; a file holds 0.1 as 0.10000000000000001.
FIFTEEN_DIGITS = Context(prec=15)
NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?")
PLACE = re.compile(r"([A-Z]{1,3})[0-9]{0,7}")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
LAST_SERIAL = 2_958_465


def first_sheet(package: Package) -> list[Line]:
    """The rows of the first visible worksheet that hold something: row number, cells by column index from 0.

    Raises Refused by name of cell: error values, formulas without a result, merged cells, text or table too large.
    """
    workbook = _workbook_part(package)
    relations = package.relations(workbook)
    listed = WorkbookPart()
    package.parse(workbook, listed)
    parts = [relations.get(relation, ("", "")) for relation in listed.visible]
    sheet = next((part for kind, part in parts if kind == "worksheet" and part in package), None)
    if sheet is None:
        raise Refused(
            "“%(file)s”里没有可以读取的工作表；请把数据放在第一张工作表", fault="no worksheet", file=package.filename
        )
    by_kind = dict(relations.values())
    strings, styles = StringsPart(package.filename), StylesPart(package.filename)
    for kind, reader in (("sharedStrings", strings), ("styles", styles)):
        if by_kind.get(kind, "") in package:
            package.parse(by_kind[kind], reader)
    rows = _SheetRows(package.filename, strings.texts, styles.date_styles, listed.since_1904)
    package.parse(sheet, rows)
    rows.refuse_named_cells()
    return rows.lines


def _workbook_part(package: Package) -> str:
    found = [part for kind, part in package.relations("").values() if kind == "officeDocument"]
    if not found or found[0] not in package or not found[0].endswith(".xml"):
        raise not_a_workbook(package.filename)
    return found[0]


class _SheetRows(TextPart):
    """The cells of one worksheet; places that cannot be read are gathered and named together at the end."""

    def __init__(self, filename: str, strings: list[str], date_styles: set[int], since_1904: bool) -> None:
        super().__init__(filename)
        self.lines: list[Line] = []
        self._strings = strings
        self._date_styles = date_styles
        self._first_day = date(1904, 1, 1) if since_1904 else date(1899, 12, 30)
        self._number = 0
        self._column = -1
        self._cells: dict[int, Cell] = {}
        self._kind = "n"
        self._style = 0
        self._formula = False
        self._value: list[str] = []
        self._merged: list[str] = []
        self._errors: list[str] = []
        self._uncalculated: list[str] = []
        self._readers: dict[str, Callable[[str], Cell]] = {
            "s": lambda raw: self._text(self._strings[abs(int(raw))]),
            "str": self._text,
            "inlineStr": self._text,
            "b": lambda raw: Cell({"0": "FALSE", "1": "TRUE"}[raw], "bool"),
            "d": lambda raw: Cell(date.fromisoformat(raw[:10]).isoformat() + raw[10:19], "date"),
            "n": self._numeric,
        }

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._begin_row(attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic = True
        elif name in ("v", "t") and not self._phonetic:
            self._pieces = []
        elif name == "mergeCell" and len(self._merged) < MAX_NAMED:
            self._merged.append(attributes.get("ref", "")[:20])

    def end(self, name: str) -> None:
        if name in ("v", "t") and self._pieces is not None:
            if name == "v" and self._value:
                raise damaged(self.filename)
            self._value += self.taken()
        elif name == "rPh":
            self._phonetic = False
        elif name == "c":
            self._end_cell("".join(self._value))
        elif name == "row" and self._cells and not is_note(self._cells):
            self.lines.append((self._number, self._cells))
            self._refuse_rows()

    def refuse_named_cells(self) -> None:
        """Refuse what stands in named cells and has no value that could be trusted."""
        if self._errors:
            raise Refused(
                "“%(file)s”里这些格子是错误值：%(cells)s；请改好公式或直接填数",
                fault="error cells",
                **self._named(self._errors),
            )
        if self._uncalculated:
            raise Refused(
                "“%(file)s”里这些格子的公式没有计算结果：%(cells)s；请用 Excel 打开、保存后再上传",
                fault="uncalculated formulas",
                **self._named(self._uncalculated),
            )
        if self._merged:
            raise Refused(
                "“%(file)s”里这些格子是合并的：%(cells)s；请取消合并，表头只留一行，每格填一个值",
                fault="merged cells",
                **self._named(self._merged),
            )

    def _named(self, cells: list[str]) -> dict[str, str]:
        return {"file": self.filename, "cells": ", ".join(cells)}

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        number = int(attributes.get("r", str(self._number + 1)))
        if not self._number < number <= 1_048_576:
            raise damaged(self.filename)
        self._number, self._column, self._cells = number, -1, {}

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = PLACE.fullmatch(attributes.get("r", get_column_letter(min(self._column + 2, 18_278))))
        column = column_index_from_string(place[1]) - 1 if place else -1
        if column <= self._column:
            raise damaged(self.filename)
        self._column = column
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", "0"))
        self._formula = False
        self._value = []
        self._length = 0

    def _end_cell(self, raw: str) -> None:
        if self._kind == "e":
            self._name(self._errors, f" {raw[:20]}")
        elif self._formula and not raw and self._kind != "str":
            self._name(self._uncalculated)
        elif raw:
            cell = self._readers[self._kind](raw)
            if cell.text:
                self._keep(cell)

    def _keep(self, cell: Cell) -> None:
        if self._column >= MAX_COLUMNS:
            raise Refused(
                "“%(file)s”第 %(row)s 行的 %(column)s 列超出了 %(maximum)s 列的上限；请删除右边多余的内容",
                fault="too many columns",
                **self._place(),
                maximum=MAX_COLUMNS,
            )
        self._cells[self._column] = cell

    def _text(self, raw: str) -> Cell:
        if len(raw) > MAX_TEXT:
            raise Refused(
                "“%(file)s”第 %(row)s 行 %(column)s 列的文字超过 %(maximum)s 个字；请缩短后再上传",
                fault="cell text too long",
                **self._place(),
                maximum=MAX_TEXT,
            )
        if "_x" in raw:
            raw = ESCAPED.sub(lambda found: chr(int(found[1], 16)), raw)
        return Cell(clean_text(raw))

    def _numeric(self, raw: str) -> Cell:
        raw = raw.strip()
        if not NUMBER.fullmatch(raw):
            raise damaged(self.filename)
        if self._style in self._date_styles:
            return self._dated(Decimal(raw))
        return Cell(exact(raw), "number")

    def _dated(self, serial: Decimal) -> Cell:
        """A day, with the time where there is one, of a count of days; 29 February 1900 exists in Excel only."""
        if not 0 <= serial <= LAST_SERIAL:
            raise Refused(
                "“%(file)s”第 %(row)s 行 %(column)s 列不是有效的日期；请改成 2026-10-01 这样的日期",
                fault="impossible date",
                **self._place(),
            )
        days, seconds = divmod(int((serial * 86_400).to_integral_value()), 86_400)
        if self._first_day.year == 1899 and days < 60:
            days += 1
        day = self._first_day + timedelta(days=days)
        clock = f"T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" if seconds else ""
        return Cell(day.isoformat() + clock, "date")

    def _refuse_rows(self) -> None:
        header, last = self.lines[0][0], self.lines[-1][0]
        if last - header > MAX_ROWS:
            raise Refused(
                "“%(file)s”到第 %(row)s 行为止超过了 %(maximum)s 行的上限；请拆成几个文件，并删除中间的空行",
                fault="too many rows",
                file=self.filename,
                row=last,
                maximum=MAX_ROWS,
            )

    def _place(self) -> dict[str, object]:
        return {"file": self.filename, "row": self._number, "column": get_column_letter(self._column + 1)}

    def _name(self, cells: list[str], what: str = "") -> None:
        if len(cells) < MAX_NAMED:
            cells.append(f"{get_column_letter(self._column + 1)}{self._number}{what}")


def exact(raw: str) -> str:
    """The plain decimal text of a number in a file, never through a float: 0.10000000000000001 is 0.1, 1E5 is 100000."""
    if raw.lstrip("+-").isdigit():
        return str(int(raw))
    value = FIFTEEN_DIGITS.create_decimal(raw)
    return format(value.normalize(), "f") if value else "0"
