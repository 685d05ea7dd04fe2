"""What leaves as a workbook: exact, the same each time, and nothing in it runs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from approval.gateways.excel import SheetOut, read_table, workbook
from approval.rules.column import Column, read_value
from approval.rules.sheets import Sheet, parsed
from approval.rules.table import NOTE_MARK, Cell

MONEY = Column("amount_fen", "金额", "Amount", "money", "1", minimum=-10_000_000_000)
NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\n=1",
    "=cmd|'/c calc'!A0",
]


def sheet_xml(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def first_page(data: bytes) -> Worksheet:
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    assert isinstance(page, Worksheet)
    return page


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30))
@example([900_000_000_013, 900_000_000_020, 823_456_789_013, 1, -1, 10, 0])
def test_whole_fen_survive_writing_and_reading(amounts: list[int]) -> None:
    data = workbook([SheetOut("x", ("金额",), [(fen,) for fen in amounts], money=frozenset({0}))])
    rows = read_table(data, "a.xlsx").rows
    assert [read_value(MONEY, row.cells[0]) for row in rows] == amounts


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=30))
def test_decimals_of_two_places_survive_writing_and_reading(values: list[Decimal]) -> None:
    data = workbook([SheetOut("x", ("数",), [(value,) for value in values])])
    cells = [row.cells[0] for row in read_table(data, "a.xlsx").rows]
    assert [Decimal(cell.text) for cell in cells] == values
    assert {cell.kind for cell in cells} == {"number"}


def test_money_stands_in_the_file_digit_by_digit_with_its_format() -> None:
    data = workbook([SheetOut("x", ("金额",), [(900_000_000_013,), (-5,)], money=frozenset({0}))])
    assert re.findall(r"<v>(.*?)</v>", sheet_xml(data)) == ["9000000000.13", "-0.05"]
    assert first_page(data)["A2"].number_format == "#,##0.00"


@pytest.mark.parametrize("text", NASTY)
def test_no_text_becomes_a_formula(text: str) -> None:
    data = workbook([SheetOut(text, (text,), [(text,)], footer_note=text)])
    page = first_page(data)
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert [cell.data_type for cell in cells] == ["s", "s", "s"]
    assert [cell.quotePrefix for cell in cells] == [True, True, False]
    assert "<f" not in sheet_xml(data).replace("<formula", "")
    assert read_table(data, "a.xlsx").rows[0].cells == (Cell(text.strip()),)


def test_error_words_and_escapes_stay_text() -> None:
    texts = ["#REF!", "_x0041_", "a\nb", "TRUE", "0012", "<&>\"'", "𠮷👨‍👩‍👧"]
    data = workbook([SheetOut("x", ("文字",), [(text,) for text in texts])])
    assert [row.cells[0] for row in read_table(data, "a.xlsx").rows] == [Cell(text) for text in texts]


def test_the_same_sheets_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = SheetOut(
        "发放", ("工号", "金额"), [("E001", 1234), ("E002", 5)], money=frozenset({1}), footer_note="李四 10月9日"
    )
    first, stored = workbook([sheet]), workbook([sheet], compressed=False)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert workbook([sheet]) == first
    assert workbook([sheet], compressed=False) == stored
    with zipfile.ZipFile(io.BytesIO(stored)) as archive:
        assert {(entry.date_time, entry.compress_type) for entry in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 0)}
        assert archive.read("docProps/core.xml").count(b"2000-01-01T00:00:00Z") == 2


def test_one_fen_more_gives_other_bytes() -> None:
    sheets = [SheetOut("x", ("金额",), [(fen,)], money=frozenset({0})) for fen in (1, 2)]
    assert workbook(sheets[:1]) != workbook(sheets[1:])


def test_the_header_is_frozen_and_filtered_and_the_note_stands_apart() -> None:
    sheet = SheetOut(
        "x", ("工号", "说明"), [("E001", "a")], widths=(12, 40), footer_note="人事 王五 2026-11-03 09:30 导出"
    )
    page = first_page(workbook([sheet]))
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:B2")
    assert page.column_dimensions["B"].width == 40
    assert page["A4"].value == f"{NOTE_MARK} 人事 王五 2026-11-03 09:30 导出"


def test_the_note_of_an_export_is_no_row_when_it_comes_back() -> None:
    sheet = Sheet("x", "x", "x", (Column("code", "编码", "Code", "text", "a"), MONEY), ("code",))
    data = workbook([SheetOut("x", ("编码", "金额"), [("a", 5)], money=frozenset({1}), footer_note="王五")])
    assert parsed(sheet, read_table(data, "a.xlsx"), {}) == ([{"row_number": 2, "code": "a", "amount_fen": 5}], [])


def test_days_and_moments_are_written_as_they_are_read() -> None:
    values = [date(2026, 10, 1), date(1900, 3, 1), date(1899, 5, 1), datetime(2026, 10, 1, 9, 30)]  # noqa: DTZ001
    data = workbook([SheetOut("x", ("日",), [(value,) for value in values])])
    assert [row.cells[0].text for row in read_table(data, "a.xlsx").rows] == [
        "2026-10-01",
        "1900-03-01",
        "1899-05-01",
        "2026-10-01 09:30:00",
    ]


def test_a_number_longer_than_excel_keeps_is_written_as_text() -> None:
    data = workbook([SheetOut("x", ("编号",), [(20261001000123456,), (10**18,)])])
    assert [row.cells[0].text for row in read_table(data, "a.xlsx").rows] == ["20261001000123456", str(10**18)]
    assert first_page(data)["A2"].data_type == "s"


@pytest.mark.parametrize("value", [0.1, True])
def test_a_float_or_a_boolean_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        workbook([SheetOut("x", ("数",), [(value,)])])  # type: ignore[list-item]


def test_titles_are_made_fit_and_distinct() -> None:
    sheets = [SheetOut(title, ("a",), ()) for title in ("十月/考勤", "十月:考勤", "", "x" * 50)]
    assert load_workbook(io.BytesIO(workbook(sheets))).sheetnames == ["十月 考勤", "十月 考勤 2", "Sheet", "x" * 31]
