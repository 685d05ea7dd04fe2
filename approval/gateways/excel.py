"""Tables in and out of files: reading what was uploaded, handing it back with its problems, templates to fill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from approval.gateways.csv_file import csv_bytes, read_csv
from approval.gateways.sheet_reading import first_sheet
from approval.gateways.sheet_writing import DATE_FORMAT, TEXT_FORMAT, CellValue, SheetOut, workbook
from approval.gateways.table_shape import MAX_BYTES, shown_name, table_of
from approval.gateways.workbook_package import Package
from approval.rules.column import Column, ColumnKind
from approval.rules.refusal import Refused
from approval.rules.sheets import PROBLEM_HEADING, RowProblem, Sheet
from approval.rules.table import Cell, Table

MACRO_ENDINGS = (".xlsm", ".xltm", ".xlam", ".xlsb")

FILL_IN: dict[ColumnKind, str] = {
    "text": "文字",
    "number": "数字，最多 6 位小数",
    "money": "金额，单位元，最多 2 位小数",
    "days": "天数，最多 2 位小数",
    "count": "整数",
    "score": "分数，最多 2 位小数",
    "fraction": "比例，写成 12% 或 0.12",
    "date": "日期，写成 2026-10-01",
    "period": "月份，写成 2026-10",
    "choice": "从下拉列表里选",
}
FORMATS: dict[ColumnKind, str] = {
    "text": TEXT_FORMAT,
    "period": TEXT_FORMAT,
    "choice": TEXT_FORMAT,
    "date": DATE_FORMAT,
    "money": "#,##0.00",
    "fraction": "0.00%",
}


def read_table(data: bytes, filename: str) -> Table:
    """Read the first sheet of an .xlsx, or a .csv, as exact text.

    Bounds before parsing: 5 MB, 50 MB unpacked, 20,000 rows, 60 columns, 2,000 characters a cell. Raises Refused, in words
    for the person who uploaded it, for whatever cannot be read with certainty; nothing else.
    """
    name = shown_name(filename)
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    if len(data) > MAX_BYTES:
        raise Refused(
            "“%(file)s”超过 5 MB；请删除图片和多余的工作表，或拆成几个文件", fault="file too large", file=name
        )
    if not data:
        raise Refused("“%(file)s”是空的；请填好表头和数据再上传", fault="empty file", file=name)
    if ending in MACRO_ENDINGS:
        raise Refused("“%(file)s”是带宏或二进制的工作簿，不能上传；请另存为 .xlsx", fault="macro ending", file=name)
    if ending == ".csv":
        return read_csv(data, name)
    if ending == ".xlsx":
        return table_of(first_sheet(Package(data, name)), name)
    raise Refused("只能上传 .xlsx 或 .csv；“%(file)s”不是，请另存后再上传", fault="unknown ending", file=name)


def annotated(
    data: bytes, filename: str, problems: Sequence[RowProblem], say: Callable[[RowProblem], str] = str
) -> bytes:
    """The uploaded table as a workbook with a last column 问题 that lists what is wrong in each row.

    Rows keep their distance from the header; problems of no row with data stand on a second sheet. `say` puts a problem
    into the reader's words. Brought in again, the column 问题 is passed over.
    """
    table = read_table(data, filename)
    said: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        said[problem.row].append(say(problem))
    keep = [index for index, heading in enumerate(table.header) if heading != PROBLEM_HEADING]
    header = [*(table.header[index] for index in keep), PROBLEM_HEADING]
    rows: list[list[CellValue]] = []
    for row in table.rows:
        rows += [[] for _ in range(row.number - table.header_row - 1 - len(rows))]
        rows.append([*(_value(row.cells[index]) for index in keep), "\n".join(said.pop(row.number, []))])
    first = SheetOut(shown_name(filename).rpartition(".")[0], header, rows, (*(16 for _ in keep), 60))
    others = [[text] for texts in said.values() for text in texts]
    return workbook([first, SheetOut(PROBLEM_HEADING, (PROBLEM_HEADING,), others, (100,))] if others else [first])


def _value(cell: Cell) -> CellValue:
    if cell.kind == "number":
        return Decimal(cell.text)
    if cell.kind == "date" and len(cell.text) == 10:
        return date.fromisoformat(cell.text)
    return cell.text


def template_workbook(sheet: Sheet, say: Callable[[str], str] = str, *, english: bool = False) -> bytes:
    """An empty sheet with its headings, column formats and lists, and a second sheet 填写说明 with an example row.

    `say` translates a msgid; `english` takes the English headings (both are understood when the file comes back).
    """
    columns = sheet.columns
    header = [column.en if english else column.zh for column in columns]
    formats = {index: FORMATS[column.kind] for index, column in enumerate(columns) if column.kind in FORMATS}
    choices = {
        index: [choice.en if english else choice.zh for choice in column.choices]
        for index, column in enumerate(columns)
        if column.choices
    }
    title = sheet.en if english else sheet.zh
    empty = SheetOut(title, header, (), formats=formats, choices=choices)
    notes = [_note(heading, column, say) for heading, column in zip(header, columns, strict=True)]
    heads = [say("列"), say("是否必填"), say("怎么填"), say("例子")]
    return workbook([empty, SheetOut(say("填写说明"), heads, notes, widths=(20, 12, 40, 24))])


def _note(heading: str, column: Column, say: Callable[[str], str]) -> list[CellValue]:
    needed = say("必填") if column.required else say("可空")
    return [heading, needed, say(FILL_IN[column.kind]), column.example]


__all__ = ["SheetOut", "annotated", "csv_bytes", "read_table", "template_workbook", "workbook"]
