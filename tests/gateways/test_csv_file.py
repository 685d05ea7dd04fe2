"""CSV from Chinese Excel and back."""

from __future__ import annotations

import pytest

from approval.gateways.csv_file import csv_bytes
from approval.gateways.excel import SheetOut, read_table
from approval.rules.refusal import Refused
from approval.rules.table import Cell

TEXT = '工号,姓名,金额\r\nE001,张三,"1,234.50"\r\n\r\nE002,李四,0.1\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_three_encodings_of_excel_read_alike(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding), "表.CSV")
    assert table.header == ("工号", "姓名", "金额")
    assert [row.number for row in table.rows] == [2, 4]
    assert table.rows[0].cells == (Cell("E001"), Cell("张三"), Cell("1,234.50"))


def test_a_rare_character_of_four_bytes_survives_gb18030() -> None:
    assert read_table("姓名\n𠮷野\n".encode("gb18030"), "a.csv").rows[0].cells == (Cell("𠮷野"),)


def test_a_line_break_inside_quotes_starts_no_row() -> None:
    table = read_table(b'a,b\n"1\n2",3\n4,5\n', "a.csv")
    assert [(row.number, row.cells[0].text) for row in table.rows] == [(2, "1\n2"), (3, "4")]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", " =1"])
def test_text_that_excel_would_run_is_written_with_an_apostrophe_and_read_back_without(text: str) -> None:
    data = csv_bytes(SheetOut("x", ("说明",), [(text,)]))
    assert data.decode("utf-8-sig").splitlines()[1].strip('"').startswith("'")
    assert read_table(data, "a.csv").rows[0].cells[0].text == text.strip()


def test_negative_money_stays_a_number_in_csv() -> None:
    data = csv_bytes(SheetOut("x", ("金额",), [(-5,), (123456,)], money=frozenset({0})))
    assert data.decode("utf-8-sig").splitlines() == ["金额", "-0.05", "1234.56"]


def test_broken_quotes_are_refused_with_their_row() -> None:
    with pytest.raises(Refused) as refusal:
        read_table(b'a,b\n1,2\n"3" x,4\n', "a.csv")
    assert refusal.value.params == {"file": "a.csv", "row": 3}
