"""Template, filled, uploaded, read; and what comes back to the person when something is wrong."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from approval.gateways.excel import annotated, read_table, template_workbook
from approval.rules.sheet_catalogue import ATTENDANCE, SHEETS
from approval.rules.sheets import Sheet, parsed


def filled(sheet: Sheet, english: bool = False) -> bytes:
    """The template with its own example row typed in, as a person would save it."""
    book = load_workbook(io.BytesIO(template_workbook(sheet, english=english)))
    for index, column in enumerate(sheet.columns, start=1):
        book.worksheets[0].cell(2, index).value = column.example
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("code", SHEETS)
def test_a_filled_template_of_every_sheet_is_read_without_a_problem(code: str, english: bool) -> None:
    rows, problems = parsed(SHEETS[code], read_table(filled(SHEETS[code], english), "表.xlsx"), {})
    assert problems == []
    assert len(rows) == 1
    assert set(rows[0]) == {"row_number"} | {column.code for column in SHEETS[code].columns}


@pytest.mark.parametrize("code", SHEETS)
def test_an_empty_template_says_that_there_is_no_row(code: str) -> None:
    _, problems = parsed(SHEETS[code], read_table(template_workbook(SHEETS[code]), "表.xlsx"), {})
    assert [problem.reason.fault for problem in problems] == ["no rows"]


def test_a_template_keeps_numbers_as_text_offers_lists_and_explains_each_column() -> None:
    book = load_workbook(io.BytesIO(template_workbook(SHEETS["collections"])))
    page, notes = book.worksheets
    assert page.column_dimensions["A"].number_format == "@"
    assert [(str(rule.sqref), rule.formula1) for rule in page.data_validations.dataValidation] == [
        ("F2:F20001", '"普通,高利润"')
    ]
    assert notes.title == "填写说明"
    assert [cell.value for cell in notes[2]] == ["工号", "必填", "文字", "E001"]
    assert notes.max_row == 1 + len(SHEETS["collections"].columns)


CSV = "工号,月份,应出勤天数,实际出勤天数,迟到\nE001,2026-10,22,21.5,0\n\nE001,2026-10,22,三,x\n"


def test_the_annotated_sheet_lists_the_problems_beside_their_row_and_can_be_brought_in_again() -> None:
    _, problems = parsed(ATTENDANCE, read_table(CSV.encode(), "考勤.csv"), {})
    data = annotated(CSV.encode(), "考勤.csv", problems)
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell.value for cell in page[1]][-1] == "问题"
    assert page.cell(2, 6).value is None
    assert page.cell(4, 6).value == (
        "第 4 行“实际出勤天数”填的是“三”：应当是数字，例如 21.5\n第 4 行“迟到”填的是“x”：应当是数字，例如 0"
    )
    _, again = parsed(ATTENDANCE, read_table(data, "考勤.xlsx"), {})
    assert [str(problem) for problem in again] == [str(problem) for problem in problems]


def test_a_problem_of_the_header_stands_on_the_second_sheet() -> None:
    text = "工号,月份,应出勤天数\nE001,2026-10,22\n"
    _, problems = parsed(ATTENDANCE, read_table(text.encode(), "考勤.csv"), {})
    book = load_workbook(io.BytesIO(annotated(text.encode(), "考勤.csv", problems)))
    assert book.worksheets[1]["A2"].value == "第 1 行“实际出勤天数”：缺少这一列，请补上；可以先下载模板"


def test_exact_values_come_back_in_the_annotated_sheet() -> None:
    text = "工号,月份,应出勤天数,实际出勤天数\n0012,2026-10,22,21.5\n"
    data = annotated(text.encode(), "考勤.csv", [])
    cells = read_table(data, "考勤.xlsx").rows[0].cells
    assert cells[:4] == read_table(text.encode(), "考勤.csv").rows[0].cells
