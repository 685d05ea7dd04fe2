"""From a table to the rows of a sheet that we know: headings matched, every cell read, each problem named by row and column."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from approval.rules.column import Choice, Column, Value, folded, read_value
from approval.rules.refusal import Refused
from approval.rules.table import BLANK, Cell, Row, Table

PROBLEM_HEADING = "问题"
IGNORED_HEADINGS = frozenset({PROBLEM_HEADING, "problem", "备注", "note", "序号", "no."})
MAX_PROBLEMS = 1000
MAX_SHOWN = 60


@dataclass(frozen=True)
class Sheet:
    """One kind of file: its columns, and the codes of the columns that together may occur once in a file.

    `order` lists pairs of dates where the second may not be before the first; `differ` pairs that may not be equal;
    `within` says that a value of one column may also be met in another column of the same file (a new supervisor).
    """

    code: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[tuple[str, str], ...] = ()
    differ: tuple[tuple[str, str], ...] = ()
    within: Mapping[str, str] = field(default_factory=dict)

    def column(self, code: str) -> Column:
        """Find a column by its code; KeyError where the sheet has none."""
        found = next((column for column in self.columns if column.code == code), None)
        if found is None:
            raise KeyError(code)
        return found


@dataclass(frozen=True)
class RowProblem:
    """What is wrong in one place: the row as Excel counts it, the heading, the value given, and why with the remedy."""

    row: int
    column: str
    value: str
    reason: Refused

    def __str__(self) -> str:
        given = f"填的是“{self.value}”" if self.value else ""
        place = f"“{self.column}”" if self.column else ""
        return f"第 {self.row} 行{place}{given}：{self.reason}"


def parsed(
    sheet: Sheet, table: Table, known: Mapping[str, Container[object]]
) -> tuple[list[dict[str, Value]], list[RowProblem]]:
    """Read every row of the table: dicts by column code (and `row_number`), and the problems of the rest.

    `known` names, by column code, the values that exist; where the one of `employee_number` is a mapping of numbers to
    names, a name beside the number must be his. Any problem means that nothing of the file may be stored (ux.md 5).
    """
    places, problems = _places(sheet, table)
    if any(column.required and column.code not in places for column in sheet.columns):
        return [], problems
    reading = _Reading(sheet, table, known, places)
    for found in reading.problems():
        if len(problems) == MAX_PROBLEMS:
            problems.append(_too_many(found.row))
            break
        problems.append(found)
    if not reading.rows and not problems:
        problems.append(_at_header(table, "", Refused("表头下面没有数据行", fault="no rows")))
    return reading.rows, problems


def _places(sheet: Sheet, table: Table) -> tuple[dict[str, int], list[RowProblem]]:
    """Where each column of the sheet stands in the table, and what is wrong with the headings."""
    names = {name: column for column in sheet.columns for name in _names(column)}
    places: dict[str, int] = {}
    problems = []
    for index, heading in enumerate(table.header):
        column = names.get(folded_heading(heading))
        if column is None:
            problems += _unknown(sheet, table, heading)
        elif column.code in places:
            first = table.header[places[column.code]]
            reason = Refused("和“%(first)s”是同一列，请只留一列", fault="column twice", first=first)
            problems.append(_at_header(table, heading, reason))
        else:
            places[column.code] = index
    missing = [column for column in sheet.columns if column.required and column.code not in places]
    for column in missing:
        reason = Refused("缺少这一列，请补上；可以先下载模板", fault="missing column")
        problems.append(_at_header(table, column.zh, reason))
    return places, problems


def folded_heading(heading: str) -> str:
    """A heading without blanks, required marks and a unit in brackets: 金额（元）* is 金额."""
    bare = folded(heading).strip("*")
    return bare.partition("(")[0] if bare.endswith(")") else bare


def _names(column: Column) -> set[str]:
    return {folded_heading(name) for name in (column.zh, column.en, column.code, *column.aliases)}


def _unknown(sheet: Sheet, table: Table, heading: str) -> list[RowProblem]:
    if not heading or folded(heading) in IGNORED_HEADINGS:
        return []
    near = difflib.get_close_matches(heading, [column.zh for column in sheet.columns], n=1, cutoff=0.4)
    if near:
        reason = Refused(
            "不认识这一列；如果是“%(near)s”，请改表头，否则请删除这一列", fault="unknown column", near=near[0]
        )
    else:
        reason = Refused("不认识这一列，请删除；说明文字可以放在“备注”列", fault="unknown column")
    return [_at_header(table, heading, reason)]


def _at_header(table: Table, heading: str, reason: Refused) -> RowProblem:
    return RowProblem(table.header_row, heading, "", reason)


def _too_many(row: int) -> RowProblem:
    reason = Refused(
        "问题太多，从这一行起没有再检查；请先改好前面 %(count)s 处", fault="too many problems", count=MAX_PROBLEMS
    )
    return RowProblem(row, "", "", reason)


class _Reading:
    """One pass over the rows of a table; `rows` holds what could be read."""

    def __init__(
        self, sheet: Sheet, table: Table, known: Mapping[str, Container[object]], places: Mapping[str, int]
    ) -> None:
        self.sheet = sheet
        self.table = table
        self.known = known
        self.places = places
        self.rows: list[dict[str, Value]] = []
        self._seen: dict[tuple[Value, ...], int] = {}
        self._in_file = {code: self._texts(other) for code, other in sheet.within.items()}

    def problems(self) -> Iterator[RowProblem]:
        for row in self.table.rows:
            values: dict[str, Value] = {"row_number": row.number}
            found = [*self._read_cells(row, values)]
            if not found:
                found = [*self._check_row(row, values)]
            if not found:
                self.rows.append(values)
            yield from found

    def _read_cells(self, row: Row, values: dict[str, Value]) -> Iterator[RowProblem]:
        for column in self.sheet.columns:
            cell = self._cell(row, column.code)
            try:
                values[column.code] = read_value(column, cell)
                self._check_known(column, cell, values[column.code])
            except Refused as reason:
                yield self._problem(row, column.code, reason)

    def _check_known(self, column: Column, cell: Cell, value: Value) -> None:
        if column.code not in self.known or value is None or value == "":
            return
        if value in self.known[column.code] or value in self._in_file.get(column.code, ()):
            return
        if cell.kind == "number" and column.kind == "text":
            raise Refused("系统里没有这个值；如果以 0 开头，请把这一列设为文本格式后重新填写", fault="unknown number")
        raise Refused("系统里没有这个值，请核对或先登记", fault="unknown value")

    def _check_row(self, row: Row, values: Mapping[str, Value]) -> Iterator[RowProblem]:
        yield from self._check_name(row, values)
        for first, second in self.sheet.order:
            if _is_before(values[second], values[first]):
                reason = Refused("不能早于“%(first)s”", fault="wrong order", first=self.sheet.column(first).zh)
                yield self._problem(row, second, reason)
        for first, second in self.sheet.differ:
            if values[first] == values[second]:
                reason = Refused("不能和“%(first)s”相同", fault="same value", first=self.sheet.column(first).zh)
                yield self._problem(row, second, reason)
        yield from self._check_key(row, values)

    def _check_name(self, row: Row, values: Mapping[str, Value]) -> Iterator[RowProblem]:
        """A name beside a number guards against rows that slipped: 姓名 + 工号 always, never the name alone (ux.md 5)."""
        names = self.known.get("employee_number")
        number, name = values.get("employee_number"), values.get("employee_name")
        if isinstance(names, Mapping) and name and names.get(number) != name:
            reason = Refused(
                "工号 %(number)s 是%(name)s，请核对", fault="wrong name", number=number, name=names.get(number)
            )
            yield self._problem(row, "employee_name", reason)

    def _check_key(self, row: Row, values: Mapping[str, Value]) -> Iterator[RowProblem]:
        key = tuple(values[code] for code in self.sheet.key)
        first = self._seen.setdefault(key, row.number)
        if first != row.number:
            columns = "、".join(self.sheet.column(code).zh for code in self.sheet.key)
            reason = Refused(
                "和第 %(first)s 行重复（%(columns)s都相同）；请只留一行，确是两笔请合并",
                fault="duplicate row",
                first=first,
                columns=columns,
            )
            yield self._problem(row, self.sheet.key[0], reason)

    def _cell(self, row: Row, code: str) -> Cell:
        place = self.places.get(code)
        return BLANK if place is None or place >= len(row.cells) else row.cells[place]

    def _problem(self, row: Row, code: str, reason: Refused) -> RowProblem:
        heading = self.table.header[self.places[code]] if code in self.places else self.sheet.column(code).zh
        return RowProblem(row.number, heading, self._cell(row, code).text[:MAX_SHOWN], reason)

    def _texts(self, code: str) -> frozenset[str]:
        return frozenset(self._cell(row, code).text for row in self.table.rows)


def _is_before(value: Value, other: Value) -> bool:
    return value is not None and other is not None and value < other  # type: ignore[operator]


__all__ = ["PROBLEM_HEADING", "Choice", "Column", "RowProblem", "Sheet", "Value", "folded_heading", "parsed"]
