"""Workbooks out: the same sheets give the same bytes, money is exact to the fen, and no text becomes a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from approval.rules.table import NOTE_MARK, clean_text

CellValue = str | int | Decimal | date | None

MONEY_FORMAT = "#,##0.00"
DATE_FORMAT = "yyyy-mm-dd"
TEXT_FORMAT = "@"
LONGEST_TEXT = 32_767
LONGEST_TITLE = 31
EXCEL_DIGITS = 15

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
THE_TIME = rb"\g<1>2000-01-01T00:00:00Z"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
FIRST_DAY = date(1899, 12, 30)
FIRST_COMMON_DAY = date(1900, 3, 1)


@dataclass(frozen=True)
class SheetOut:
    """One sheet to write; `money` are the indexes of columns that hold whole fen, shown in yuan.

    `footer_note` (who exported and when) stands under the table after a blank row. `formats` and `choices` set a number
    format and a list of answers for whole columns, for templates. `widths` are in characters; missing ones are guessed.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[CellValue]]
    widths: Sequence[int] = ()
    money: frozenset[int] = frozenset()
    footer_note: str = ""
    formats: Mapping[int, str] = field(default_factory=dict)
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)


def workbook(sheets: Sequence[SheetOut], *, compressed: bool = True) -> bytes:
    """Write an .xlsx with a sheet each: frozen and filterable header, text as text, numbers exact.

    The bytes are a function of the sheets. `compressed=False` makes them free of the zlib version too, for an export
    whose SHA-256 is signed and may be made again years later.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    titles: set[str] = set()
    for sheet in sheets:
        _write_sheet(book, _title(sheet.title, titles), sheet)
    raw = io.BytesIO()
    book.save(raw)
    return _timeless(raw.getvalue(), compressed)


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet might take the text for a formula or a command."""
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)


def cell_text(sheet: SheetOut, index: int, value: object) -> str:
    """The exact text of one value: fen as yuan with two places, decimals plain, days and times ISO."""
    if value is None:
        return ""
    if isinstance(value, bool | float):
        raise TypeError(f"{value!r} has no place in a sheet")
    if index in sheet.money and isinstance(value, int):
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 100}.{abs(value) % 100:02}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return _fitting(value) if isinstance(value, str) else str(value)


def _write_sheet(book: Workbook, title: str, sheet: SheetOut) -> None:
    page = book.create_sheet(title)
    letters = [get_column_letter(index + 1) for index in range(len(sheet.header))]
    for index, letter in enumerate(letters):
        page.column_dimensions[letter].width = _width(sheet, index)
        if index in sheet.formats:
            page.column_dimensions[letter].number_format = sheet.formats[index]
    page.freeze_panes = "A2"
    page.append([_heading(page, text) for text in sheet.header])
    for row in sheet.rows:
        page.append([_cell(page, sheet, index, value) for index, value in enumerate(row)])
    if letters:
        page.auto_filter.ref = f"A1:{letters[-1]}{len(sheet.rows) + 1}"
    if sheet.footer_note:
        page.append([])
        page.append([_text_cell(page, _fitting(f"{NOTE_MARK} {sheet.footer_note}"))])
    for index, answers in sheet.choices.items():
        _offer(page, letters[index], answers)


def _heading(page: Any, text: str) -> Cell:
    cell = _text_cell(page, _fitting(text))
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="FFE8EDF3")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(page: Any, sheet: SheetOut, index: int, value: CellValue) -> Cell | None:
    if value is None or value == "":
        return None
    text = cell_text(sheet, index, value)
    if isinstance(value, str | datetime):
        cell = _text_cell(page, text)
    elif isinstance(value, date) and value >= FIRST_COMMON_DAY:
        cell = _number_cell(page, str((value - FIRST_DAY).days), DATE_FORMAT)
    elif isinstance(value, date):
        cell = _text_cell(page, text)
    else:
        cell = _numeric(page, text, MONEY_FORMAT if index in sheet.money else "")
    if index in sheet.formats:
        cell.number_format = sheet.formats[index]
    return cell


def _numeric(page: Any, text: str, number_format: str) -> Cell:
    """A number as its own digits; what Excel would cut after fifteen digits is written as text instead."""
    if len(text.lstrip("-").replace(".", "").strip("0")) > EXCEL_DIGITS:
        return _text_cell(page, text)
    return _number_cell(page, text, number_format)


def _number_cell(page: Any, text: str, number_format: str) -> Cell:
    """openpyxl prints numbers through a float (9000000000.13 becomes 9000000000.129999): given as text, kept as number."""
    cell = WriteOnlyCell(page, value=text)
    cell.data_type = "n"
    if number_format:
        cell.number_format = number_format
    return cell


def _text_cell(page: Any, text: str) -> Cell:
    cell = WriteOnlyCell(page, value=text)
    cell.data_type = "s"
    if is_formula_like(text):
        cell.quotePrefix = True
    return cell


def _offer(page: Any, letter: str, answers: Sequence[str]) -> None:
    listed = DataValidation(type="list", formula1=f'"{",".join(answers)}"', allow_blank=True)
    listed.add(f"{letter}2:{letter}20001")
    page.add_data_validation(listed)


def _fitting(text: str) -> str:
    """Text as a cell can hold it: nothing unseen, an accidental _x0041_ kept as written, at most Excel's length."""
    kept = ESCAPE_LIKE.sub("_x005F_", clean_text(text))
    return kept if len(kept) <= LONGEST_TEXT else f"{kept[: LONGEST_TEXT - 1]}…"


def _title(wanted: str, taken: set[str]) -> str:
    """A title that Excel accepts: none of []:*?/\\ and quotes, at most 31 characters, no other like it."""
    base = re.sub(r"[\[\]:*?/\\']", " ", clean_text(wanted).replace("\n", " ")).strip()[:LONGEST_TITLE] or "Sheet"
    candidates = (base, *(f"{base[: LONGEST_TITLE - 4]} {number}" for number in range(2, 1000)))
    title = next(candidate for candidate in candidates if candidate.casefold() not in taken)
    taken.add(title.casefold())
    return title


def _width(sheet: SheetOut, index: int) -> int:
    if index < len(sheet.widths):
        return sheet.widths[index]
    return min(40, max(10, 2 * len(sheet.header[index]) + 4))


def _timeless(data: bytes, compressed: bool) -> bytes:
    """The same workbook without the moment of its making, in the file or in its zip entries."""
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w", method) as kept:
        for name, content in _parts(made):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = method
            entry.external_attr = 0o600 << 16
            kept.writestr(entry, content)
    return out.getvalue()


def _parts(made: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    for name in made.namelist():
        content = made.read(name)
        yield name, MODIFIED.sub(THE_TIME, content) if name == "docProps/core.xml" else content
