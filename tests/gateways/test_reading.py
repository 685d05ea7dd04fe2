"""A cell comes out as exactly what the person saw in Excel."""

from __future__ import annotations

import pytest

from approval.gateways.excel import read_table
from approval.gateways.sheet_reading import exact
from approval.rules.table import Cell
from tests.gateways.hostile import GOOD_ROW, HEADER, MAIN, STYLES, book, cell, parts, zipped


def cell_b2(inner: str, attributes: str = "") -> Cell:
    return read_table(cell(inner, attributes), "a.xlsx").rows[0].cells[1]


@pytest.mark.parametrize(
    ("in_the_file", "text"),
    [
        ("0.1", "0.1"),
        ("0.10000000000000001", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("1234.56", "1234.56"),
        ("1234.5599999999999", "1234.56"),
        ("9000000000.129999", "9000000000.13"),
        ("9999999999.99", "9999999999.99"),
        ("1E5", "100000"),
        ("1.5E-3", "0.0015"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("12345678901234567890", "12345678901234567890"),
        ("100", "100"),
        ("100.00", "100"),
    ],
)
def test_a_number_is_read_without_a_float(in_the_file: str, text: str) -> None:
    assert exact(in_the_file) == text
    assert cell_b2(f"<v>{in_the_file}</v>") == Cell(text, "number")


@pytest.mark.parametrize(
    ("serial", "style", "text"),
    [
        ("45931", 1, "2025-10-01"),
        ("45931", 2, "2025-10-01"),
        ("45931", 3, "2025-10-01"),
        ("45931.395833333336", 1, "2025-10-01T09:30:00"),
        ("1", 1, "1900-01-01"),
        ("61", 1, "1900-03-01"),
    ],
)
def test_a_number_that_is_shown_as_a_date_is_a_date(serial: str, style: int, text: str) -> None:
    assert cell_b2(f"<v>{serial}</v>", f's="{style}"') == Cell(text, "date")


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    entries = parts(f'{HEADER}<row r="2"><c r="A2" s="1"><v>44469</v></c></row>')
    entries["xl/workbook.xml"] = entries["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert read_table(zipped(entries), "a.xlsx").rows[0].cells[0] == Cell("2025-10-01", "date")


@pytest.mark.parametrize(
    ("inner", "attributes", "expected"),
    [
        ("<is><t>张三</t></is>", 't="inlineStr"', Cell("张三")),
        ("<is><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></is>", 't="inlineStr"', Cell("张三")),
        ("<f>A1</f><v>张三</v>", 't="str"', Cell("张三")),
        ("<f>1+1</f><v>2</v>", "", Cell("2", "number")),
        ("<v>1</v>", 't="b"', Cell("TRUE", "bool")),
        ("<v>2026-10-01T00:00:00</v>", 't="d"', Cell("2026-10-01T00:00:00", "date")),
        ("<is><t>a_x000D_\nb_x0041_</t></is>", 't="inlineStr"', Cell("a\nbA")),
        ("<is><t> 1\u202e2\u200b\u00a0</t></is>", 't="inlineStr"', Cell("12")),
    ],
)
def test_each_kind_of_cell_keeps_its_kind(inner: str, attributes: str, expected: Cell) -> None:
    assert cell_b2(inner, attributes) == expected


def test_shared_strings_are_found_by_their_place_without_phonetic_hints() -> None:
    strings = "<si><t>工号</t><rPh><t>gong hao</t></rPh></si><si><r><t>E0</t></r><r><t>01</t></r></si>"
    body = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    table = read_table(book(body, strings=strings), "a.xlsx")
    assert (table.header, table.rows[0].cells) == (("工号",), (Cell("E001"),))


def test_a_hidden_first_sheet_is_passed_over() -> None:
    entries = parts()
    entries["xl/workbook.xml"] = entries["xl/workbook.xml"].replace(
        "<sheets>", '<sheets><sheet name="x" sheetId="2" state="hidden" r:id="r9"/>'
    )
    assert read_table(zipped(entries), "a.xlsx").header == ("工号", "金额")


def test_a_prefix_before_every_name_changes_nothing() -> None:
    entries = parts()
    sheet = entries["xl/worksheets/sheet1.xml"].replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    entries["xl/worksheets/sheet1.xml"] = sheet.replace("xmlns=", "xmlns:x=")
    assert read_table(zipped(entries), "a.xlsx") == read_table(book(), "a.xlsx")


def test_a_number_with_a_unit_in_its_format_is_no_date() -> None:
    styles = STYLES.replace('formatCode="yyyy/m/d"', 'formatCode="#,##0.00&quot;days&quot;"')
    body = f'{HEADER}<row r="2"><c r="A2" s="3"><v>45931</v></c></row>'
    assert read_table(book(body, styles=styles), "a.xlsx").rows[0].cells[0] == Cell("45931", "number")


def test_the_strict_form_of_the_format_is_read_too() -> None:
    entries = {
        name: text.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"
        )
        for name, text in parts(HEADER + GOOD_ROW).items()
    }
    assert len(read_table(zipped(entries), "a.xlsx").rows) == 1
