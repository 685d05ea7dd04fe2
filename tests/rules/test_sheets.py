"""From a file's rows to values: every problem is named by row and column, and nothing is guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.column import MONEY_LIMIT, Column, ColumnKind, Value, read_value
from approval.rules.refusal import Refused
from approval.rules.sheet_catalogue import (
    ATTENDANCE,
    COLLECTIONS,
    KPI_SCORES,
    PEOPLE,
    REWARDS,
    SALES,
    SERVICE_RECORDS,
    SHEETS,
)
from approval.rules.sheets import MAX_PROBLEMS, Sheet, folded_heading, parsed
from approval.rules.table import Cell, CellKind, Row, Table, clean_text


def column(kind: ColumnKind, minimum: int | None = None, nonzero: bool = False) -> Column:
    return Column("c", "列", "C", kind, "1", minimum=minimum, nonzero=nonzero)


def value(kind: ColumnKind, text: str, cell: CellKind = "text", minimum: int | None = None) -> Value:
    return read_value(column(kind, minimum), Cell(text, cell))


def fault(kind: ColumnKind, text: str, cell: CellKind = "text") -> str:
    with pytest.raises(Refused) as refusal:
        value(kind, text, cell)
    return refusal.value.fault


def table(header: str, *rows: str) -> Table:
    """A table of texts: columns apart by blanks, a lone - for a blank cell; row numbers from 2."""
    cells = [tuple(Cell("" if text == "-" else text) for text in row.split()) for row in rows]
    return Table(tuple(header.split()), tuple(Row(number, row) for number, row in enumerate(cells, start=2)))


def said(sheet: Sheet, given: Table, **known: object) -> list[str]:
    return [str(problem) for problem in parsed(sheet, given, known)[1]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1234.56", 123456),
        ("1,234.56", 123456),
        ("１，２３４．５６", 123456),
        ("¥1,234.5", 123450),
        ("￥ 12", 1200),
        ("12元", 1200),
        (" 12 ", 1200),
        ("12.500", 1250),
        ("+3", 300),
        ("10000000000", 10**12),
    ],
)
def test_money_as_people_write_it_becomes_whole_fen(text: str, fen: int) -> None:
    assert value("money", text) == fen


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("12.345", "too many places"),
        ("1,23", "not a number"),
        ("1.234,56", "not a number"),
        ("12 34", "not a number"),
        ("(12)", "not a number"),
        ("1e3", "not a number"),
        ("十二", "not a number"),
        ("-1", "out of range"),
        ("10000000000.01", "out of range"),
        ("9" * 30, "not a number"),
        ("NaN", "not a number"),
        ("٣", "not a number"),
    ],
)
def test_money_that_could_mean_something_else_is_refused(text: str, why: str) -> None:
    assert fault("money", text) == why


@given(st.integers(-(10**12), 10**12))
def test_every_amount_of_fen_is_read_back_from_its_text(fen: int) -> None:
    assert value("money", f"{Decimal(fen).scaleb(-2):,.2f}", minimum=-int(MONEY_LIMIT)) == fen


def test_a_minus_sign_of_any_kind_is_a_minus() -> None:
    assert [value("money", f"{sign}5", minimum=-10) for sign in ("-", "－", "\u2212")] == [-500, -500, -500]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("days", "21.5", Decimal("21.5")),
        ("days", "22天", Decimal(22)),
        ("count", "３", 3),
        ("count", "3.0", 3),
        ("score", "82.25分", Decimal("82.25")),
        ("number", "1.000001", Decimal("1.000001")),
        ("fraction", "12%", Decimal("0.12")),
        ("fraction", "12.5％", Decimal("0.125")),
        ("fraction", "0.12", Decimal("0.12")),
        ("text", "E001", "E001"),
    ],
)
def test_figures_are_exact(kind: ColumnKind, text: str, expected: Value) -> None:
    assert value(kind, text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("days", "31.5", "out of range"),
        ("days", "21.555", "too many places"),
        ("count", "1.5", "too many places"),
        ("score", "100.01", "out of range"),
        ("score", "-1", "out of range"),
        ("number", "0.0000001", "too many places"),
        ("fraction", "12", "fraction over one"),
        ("fraction", "101%", "out of range"),
    ],
)
def test_figures_outside_their_bounds_are_refused(kind: ColumnKind, text: str, why: str) -> None:
    assert fault(kind, text) == why


def test_a_bare_twelve_is_answered_with_both_ways_to_write_it() -> None:
    with pytest.raises(Refused, match=r"12% 或 0\.12"):
        value("fraction", "12")


@pytest.mark.parametrize(
    "text", ["2026-10-01", "2026/10/1", "2026.10.1", "2026年10月1日", "20261001", "２０２６-10-01", "2026-10-01 09:30"]
)
def test_a_day_is_understood_in_the_usual_forms(text: str) -> None:
    assert value("date", text) == date(2026, 10, 1)


def test_a_score_has_two_places_at_most() -> None:
    assert value("score", "80.12") == Decimal("80.12")
    assert fault("score", "80.123") == "too many places"
    assert fault("score", "100.01") == "out of range"


def test_the_first_and_the_last_day_that_a_file_may_hold() -> None:
    assert value("date", "1950-01-01") == date(1950, 1, 1)
    assert value("date", "2099-12-31") == date(2099, 12, 31)


@pytest.mark.parametrize(
    ("text", "cell", "why"),
    [
        ("2026-02-29", "text", "no such day"),
        ("1026-10-01", "text", "year out of range"),
        ("1949-12-31", "text", "year out of range"),
        ("2100-01-01", "text", "year out of range"),
        ("26-10-01", "text", "not a date"),
        ("10/1/2026", "text", "not a date"),
        ("45931", "number", "not a date"),
        ("2026.1", "number", "not a date"),
        ("TRUE", "bool", "boolean"),
    ],
)
def test_a_day_that_could_be_another_is_refused(text: str, cell: CellKind, why: str) -> None:
    assert fault("date", text, cell) == why


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("2026-10", "text"),
        ("2026年10月", "text"),
        ("2026/10", "text"),
        ("2026.10", "text"),
        ("202610", "number"),
        ("2026-10-01", "date"),
    ],
)
def test_a_month_is_understood_in_the_usual_forms(text: str, cell: CellKind) -> None:
    assert value("period", text, cell) == "2026-10"


@pytest.mark.parametrize(
    ("text", "cell"), [("2026.1", "number"), ("2026.1", "text"), ("2026-13", "text"), ("10月", "text")]
)
def test_a_month_that_could_be_january_or_october_is_refused(text: str, cell: CellKind) -> None:
    assert fault("period", text, cell) in ("not a month", "no such day")


@pytest.mark.parametrize("kind", ["number", "money", "days", "count", "score", "fraction"])
def test_booleans_and_dates_are_no_numbers(kind: ColumnKind) -> None:
    assert fault(kind, "TRUE", "bool") == "boolean"
    assert fault(kind, "2026-10-01", "date") == "date as number"


def test_a_code_that_excel_has_changed_is_refused() -> None:
    assert fault("text", "2026-10-01", "date") == "not text"
    assert fault("text", "20261001000123000", "number") == "long number as text"
    assert value("text", "1001", "number") == "1001"
    assert value("text", "123456789012345", "number") == "123456789012345", "Excel keeps fifteen digits"
    assert fault("text", "1234567890123456", "number") == "long number as text"


def test_a_choice_is_found_by_any_of_its_names() -> None:
    rows = ["E1 2026-10 甲 1 普通", "E1 2026-10 乙 1 HIGH", "E1 2026-10 丙 1 高利润产品"]
    found, problems = parsed(COLLECTIONS, table("工号 月份 客户 金额 产品类型", *rows), {})
    assert ([row["kind"] for row in found], problems) == (["normal", "high", "high"], [])
    assert said(COLLECTIONS, table("工号 月份 客户 金额 产品类型", "E1 2026-10 甲 1 特价")) == [
        "第 2 行“产品类型”填的是“特价”：应当是其中之一：普通、高利润"
    ]


def test_headings_are_found_in_any_order_language_and_with_a_unit() -> None:
    rows, problems = parsed(SALES, table("销售额（元） Month 员工编号*", "1,000 2026-10 E001"), {})
    assert problems == []
    assert rows == [
        {
            "row_number": 2,
            "employee_number": "E001",
            "employee_name": "",
            "period": "2026-10",
            "sales_fen": 100000,
            "neutral_fixed": 0,
            "negative_fixed": 0,
            "product_profit_fen": None,
            "evidence": "",
        }
    ]


def test_a_missing_an_unknown_and_a_doubled_column_are_each_named() -> None:
    given = table("工号 员工编号 月份 销售 天气", "E001 E001 2026-10 1 晴")
    assert said(SALES, given) == [
        "第 1 行“员工编号”：和“工号”是同一列，请只留一列",
        "第 1 行“销售”：不认识这一列；如果是“销售额”，请改表头，否则请删除这一列",
        "第 1 行“天气”：不认识这一列，请删除；说明文字可以放在“备注”列",
        "第 1 行“销售额”：缺少这一列，请补上；可以先下载模板",
    ]


def test_a_column_of_remarks_and_our_own_column_of_problems_are_passed_over() -> None:
    rows, problems = parsed(SALES, table("序号 工号 月份 销售额 备注 问题", "1 E001 2026-10 5 好 旧"), {})
    assert (len(rows), problems) == (1, [])


def test_good_rows_are_read_and_each_bad_cell_is_named_with_what_was_given() -> None:
    given = table(
        "工号 月份 应出勤天数 实际出勤天数 迟到", "E001 2026-10 22 21 -", "E002 十月 0 32 x", "- 2026-10 22 22 1"
    )
    rows, problems = parsed(ATTENDANCE, given, {})
    assert [row["row_number"] for row in rows] == [2]
    assert [str(problem) for problem in problems] == [
        "第 3 行“月份”填的是“十月”：应当是月份，例如 2026-10",
        "第 3 行“应出勤天数”填的是“0”：不能是 0",
        "第 3 行“实际出勤天数”填的是“32”：应当在 0 到 31 之间",
        "第 3 行“迟到”填的是“x”：应当是数字，例如 0",
        "第 4 行“工号”：必须填写",
    ]


def test_the_same_key_twice_names_both_rows() -> None:
    given = table(
        "工号 月份 应出勤天数 实际出勤天数", "E001 2026-10 22 21", "E002 2026-10 22 21", "E001 2026年10月 22 20"
    )
    rows, problems = parsed(ATTENDANCE, given, {})
    assert len(rows) == 2
    assert [str(problem) for problem in problems] == [
        "第 4 行“工号”填的是“E001”：和第 2 行重复（工号、月份都相同）；请只留一行，确是两笔请合并"
    ]


def test_two_payments_of_one_customer_are_two_rows_unless_all_is_alike() -> None:
    header = "工号 月份 客户 金额 产品类型"
    assert said(COLLECTIONS, table(header, "E1 2026-10 甲 1 普通", "E1 2026-10 甲 2 普通")) == []
    assert len(said(COLLECTIONS, table(header, "E1 2026-10 甲 1 普通", "E1 2026-10 甲 1.00 普通"))) == 1


def test_an_unknown_employee_is_refused_and_a_lost_nought_is_explained() -> None:
    given = Table(
        ("工号", "月份", "销售额"),
        (
            Row(2, (Cell("E009"), Cell("2026-10"), Cell("1"))),
            Row(3, (Cell("12", "number"), Cell("2026-10"), Cell("1", "number"))),
        ),
    )
    assert said(SALES, given, employee_number={"E001": "张三", "0012": "李四"}) == [
        "第 2 行“工号”填的是“E009”：系统里没有这个值，请核对或先登记",
        "第 3 行“工号”填的是“12”：系统里没有这个值；如果以 0 开头，请把这一列设为文本格式后重新填写",
    ]


def test_a_name_beside_another_persons_number_is_refused() -> None:
    given = table("工号 姓名 月份 销售额", "E001 李四 2026-10 1", "E002 李四 2026-10 1", "E003 - 2026-10 1")
    names = {"E001": "张三", "E002": "李四", "E003": "王五"}
    assert said(SALES, given, employee_number=names) == ["第 2 行“姓名”填的是“李四”：工号 E001 是张三，请核对"]


def test_a_supervisor_may_be_known_already_or_come_in_the_same_file() -> None:
    header = "工号 姓名 部门 岗位编码 直接主管工号 入职日期"
    rows = ["E1 甲 电商部 C-1 E2 2026-01-01", "E2 乙 电商部 C-1 E0 2026-01-01", "E3 丙 电商部 C-1 E8 2026-01-01"]
    assert said(PEOPLE, table(header, *rows), supervisor_number={"E0"}) == [
        "第 4 行“直接主管工号”填的是“E8”：系统里没有这个值，请核对或先登记"
    ]


def test_nobody_supervises_himself_or_leaves_before_he_came() -> None:
    header = "工号 姓名 部门 岗位编码 直接主管工号 入职日期 离职日期"
    assert said(PEOPLE, table(header, "E1 甲 电商部 C-1 E1 2026-03-01 2026-02-01")) == [
        "第 2 行“离职日期”填的是“2026-02-01”：不能早于“入职日期”",
        "第 2 行“直接主管工号”填的是“E1”：不能和“工号”相同",
    ]


def test_a_penalty_is_negative_and_never_nought() -> None:
    header = "工号 月份 金额 事由 凭证号"
    rows, _ = parsed(REWARDS, table(header, "E1 2026-10 -50 损坏 P1"), {})
    assert rows[0]["amount_fen"] == -5000
    assert said(REWARDS, table(header, "E1 2026-10 0 无 P1")) == ["第 2 行“金额”填的是“0”：不能是 0"]


def test_a_service_record_without_a_kind_is_a_customer_contact() -> None:
    rows, problems = parsed(SERVICE_RECORDS, table("工号 记录编号 日期 会话", "E1 K1 2026-10-12 退货"), {})
    assert problems == []
    assert (rows[0]["kind"], rows[0]["title"], rows[0]["turns"]) == ("customers", "退货", None)


def test_both_raters_may_score_one_item_once_each() -> None:
    header = "工号 月份 评分人 指标编码 得分"
    given = table(header, "E1 2026-10 自评 pages 38", "E1 2026-10 主管 pages 36.5", "E1 2026-10 上级 pages 30")
    rows, problems = parsed(KPI_SCORES, given, {})
    assert [(row["rater"], row["points"]) for row in rows] == [("self", Decimal(38)), ("supervisor", Decimal("36.5"))]
    assert [problem.reason.fault for problem in problems] == ["duplicate row"]


def test_a_file_of_problems_only_is_cut_with_a_word() -> None:
    given = table("工号 月份 销售额", *(f"E{number} x y" for number in range(MAX_PROBLEMS)))
    problems = parsed(SALES, given, {})[1]
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].reason.fault == "too many problems"


def test_a_header_without_rows_is_a_problem() -> None:
    assert said(SALES, table("工号 月份 销售额")) == ["第 1 行：表头下面没有数据行"]


def test_every_heading_of_a_sheet_means_one_column() -> None:
    for sheet in SHEETS.values():
        names = [
            name
            for each in sheet.columns
            for name in {folded_heading(word) for word in (each.zh, each.en, each.code, *each.aliases)}
        ]
        assert len(names) == len(set(names)), sheet.code
        assert {*sheet.key, *sheet.within, *sheet.within.values()} <= {each.code for each in sheet.columns}


@given(st.sampled_from(sorted(SHEETS)), st.lists(st.lists(st.text(max_size=8), max_size=12), max_size=5))
def test_no_text_in_any_sheet_is_more_than_a_problem(code: str, texts: list[list[str]]) -> None:
    sheet = SHEETS[code]
    rows = tuple(Row(number, tuple(map(Cell, row))) for number, row in enumerate(texts, start=2))
    good, problems = parsed(sheet, Table(tuple(each.zh for each in sheet.columns), rows), {})
    assert len(good) + len({problem.row for problem in problems if problem.row > 1}) == len(rows)
    assert all(str(problem).startswith(f"第 {problem.row} 行") for problem in problems)


def test_text_is_composed_and_loses_what_cannot_be_seen() -> None:
    assert clean_text("e\u0301\u202e\u200b\x00\r\n 张\u3000") == "é\n 张"
    assert clean_text("👨\u200d👩") == "👨\u200d👩"
    assert clean_text("张\ufffe\U0001ffff\u200b三") == "张三", "what is no character is left out"
