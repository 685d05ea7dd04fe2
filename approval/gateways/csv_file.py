"""CSV both ways: UTF-8 or GB18030 in, UTF-8 with BOM out, so that Excel shows Chinese; no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from openpyxl.utils import get_column_letter

from approval.gateways.sheet_writing import SheetOut, cell_text, is_formula_like
from approval.gateways.table_shape import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Line, is_note, table_of
from approval.rules.refusal import Refused
from approval.rules.table import NOTE_MARK, Cell, Table, clean_text

BINARY = ("PK\x03\x04", "\x7fELF", "%PDF", "{\\rtf", "<")


def read_csv(data: bytes, filename: str) -> Table:
    """Read a CSV file, commas between the cells. Raises Refused: not text, broken quotes, too many rows or columns."""
    text = _decoded(data, filename)
    if text.lstrip().startswith(BINARY) or "\x00" in text:
        raise _not_csv(filename)
    return table_of([*_lines(text, filename)], filename)


def csv_bytes(sheet: SheetOut) -> bytes:
    """Write one sheet as CSV; text that a spreadsheet would run gets an apostrophe in front, taken off when read."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_guarded(heading) for heading in sheet.header])
    for row in sheet.rows:
        writer.writerow([_written(sheet, index, value) for index, value in enumerate(row)])
    if sheet.footer_note:
        writer.writerow([f"{NOTE_MARK} {sheet.footer_note}"])
    return out.getvalue().encode("utf-8-sig")


def _decoded(data: bytes, filename: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _not_csv(filename)


def _not_csv(filename: str) -> Refused:
    return Refused(
        "“%(file)s”的内容不是 CSV 文本；请在 Excel 里另存为“CSV UTF-8（逗号分隔）”或 .xlsx",
        fault="not a csv file",
        file=filename,
    )


def _lines(text: str, filename: str) -> Iterator[Line]:
    """The filled rows, counted as Excel counts them: a line break inside quotes starts no new row."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number, header_row = 0, 0
    while True:
        number += 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            raise Refused(
                "“%(file)s”第 %(row)s 行的引号不成对或内容过长；请用 Excel 打开后另存为 .xlsx 再上传",
                fault="broken csv",
                file=filename,
                row=number,
            ) from error
        if values is None:
            return
        cells = _cells(values, number, filename)
        header_row = header_row or (number if cells else 0)
        if is_note(cells):
            continue
        if cells and number - header_row > MAX_ROWS:
            raise Refused(
                "“%(file)s”到第 %(row)s 行为止超过了 %(maximum)s 行的上限；请拆成几个文件，并删除中间的空行",
                fault="too many rows",
                file=filename,
                row=number,
                maximum=MAX_ROWS,
            )
        if cells:
            yield number, cells


def _cells(values: list[str], row: int, filename: str) -> dict[int, Cell]:
    cells = {}
    for index, value in enumerate(values):
        if not value:
            continue
        place = {"file": filename, "row": row, "column": get_column_letter(min(index, 18_277) + 1)}
        if len(value) > MAX_TEXT:
            raise Refused(
                "“%(file)s”第 %(row)s 行 %(column)s 列的文字超过 %(maximum)s 个字；请缩短后再上传",
                fault="cell text too long",
                maximum=MAX_TEXT,
                **place,
            )
        bare = clean_text(value)
        if bare and index >= MAX_COLUMNS:
            raise Refused(
                "“%(file)s”第 %(row)s 行的 %(column)s 列超出了 %(maximum)s 列的上限；请删除右边多余的内容",
                fault="too many columns",
                maximum=MAX_COLUMNS,
                **place,
            )
        if bare:
            cells[index] = Cell(bare[1:] if bare.startswith("'") and is_formula_like(bare[1:]) else bare)
    return cells


def _guarded(text: str) -> str:
    return f"'{text}" if is_formula_like(text) else text


def _written(sheet: SheetOut, index: int, value: object) -> str:
    text = cell_text(sheet, index, value)
    return _guarded(text) if isinstance(value, str) else text
