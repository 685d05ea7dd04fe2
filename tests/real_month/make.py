"""Writes the example month: October 2026 of the demo company as its department would keep it in Excel.

Run by hand (`python -m tests.real_month.make`); the files are kept in docs/example-month, and the test reads only them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

from approval import demo_company as data

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "example-month"
PERIOD = "2026-10"
MONDAYS = [date(2026, 9, 28) + timedelta(weeks=n) for n in range(5)]
SAMPLED = {"客服专员": "customers", "营销专员": "work", "C-1": "work", "C-2": "work", "Y-1": "work"}
KPI = {
    "M-1": [("layout", 10), ("plan", 40), ("innovation", 20), ("training", 10), ("summary", 10), ("appraise_team", 10)],
    "设计": [("sales_target", 20), ("satisfaction", 20), ("efficiency", 20), ("marketing", 20), ("teamwork", 20)],
    "部长": [("target", 40), ("team", 30), ("process", 20), ("plan", 10)],
    "发货部主管": [("on_time", 40), ("accuracy", 30), ("stock", 20), ("team", 10)],
    "仓储发货员": [("on_time", 40), ("accuracy", 40), ("order", 20)],
    "财务": [("accuracy", 40), ("on_time", 30), ("service", 20), ("plan", 10)],
    "C-1": [("plan", 40), ("innovation", 20), ("training", 10), ("summary", 10), ("pages", 10), ("proposals", 10)],
    "C-2": [("plan", 40), ("innovation", 20), ("training", 10), ("summary", 10), ("articles", 10), ("proposals", 10)],
    "Y-1": [("plan", 20), ("suggestion", 20), ("training", 10), ("summary", 10), ("activities", 20), ("quality", 20)],
}
KPI["人事"] = KPI["数据"] = KPI["财务"]
APPRAISED = [one for one in data.PEOPLE if one.position in KPI or one.position in SAMPLED]


def pick(low: int, high: int, *key: object) -> int:
    """A number that is always the same for the same key."""
    digest = hashlib.sha256("/".join(map(str, ("real", *key))).encode()).digest()
    return low + int.from_bytes(digest[:4], "big") % (high - low + 1)


# What is counted for an item: its code, and how many there may be. Points follow from the count (R135, R146, R154).
COUNTED = {"C-1": ("pages", 6, 12), "C-2": ("articles", 3, 6), "Y-1": ("activities", 1, 3)}


def counted(number: str, position: str) -> tuple[int, int]:
    """How many there were, and the points that they give."""
    code, least, most = COUNTED[position]
    found = pick(least, most, number, code)
    points = {"pages": min(10, found), "articles": min(10, 2 * found), "activities": 20 - 10 * max(0, 2 - found)}
    return found, points[code]


def save(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    FOLDER.mkdir(parents=True, exist_ok=True)
    book.save(FOLDER / f"{name}.xlsx")


def staff() -> None:
    save(
        "01-部门",
        ["部门名称", "上级部门", "英文名"],
        [[name, parent, english] for name, english, parent in data.DEPARTMENTS],
    )
    save("02-岗位", ["岗位编码", "岗位名称", "英文名"], [list(one) for one in data.POSITIONS])
    people = [
        [
            one.number,
            one.name,
            one.department,
            one.position,
            one.grade,
            one.supervisor or None,
            date(2026, 1, 1),
            one.pinyin,
            "是",
        ]
        for one in data.PEOPLE
    ]
    save("03-人员", ["工号", "姓名", "部门", "岗位编码", "职级", "直接主管工号", "入职日期", "拼音", "登录"], people)
    names = {
        "general_manager": "总经理",
        "gm_office": "总经办",
        "auditor": "审计",
        "hr": "人事",
        "finance": "财务",
        "data": "数据专员",
        "performance_admin": "绩效管理员",
        "department_head": "部门负责人",
    }
    offices = [[number, names[office], where or None, date(2026, 9, 1)] for number, office, where in data.OFFICES]
    offices.append(["G0002", "绩效管理员", None, date(2026, 9, 1)])
    save("04-职务", ["工号", "职务", "部门", "生效日期"], offices)
    pay = [
        [one.number, code, float(value) if "." in value else int(value), date(2026, 9, 1)]
        for one in data.PEOPLE
        for code, value in one.figures.items()
        if code != "commission_rate" and one.number != "H0001"
    ]
    save("05-薪酬标准", ["工号", "项目编码", "金额", "生效日期"], pay)


def attendance() -> None:
    rows = [
        [
            one.number,
            one.name,
            PERIOD,
            18,
            18 - pick(0, 3, one.number, "away") * 0.5,
            pick(0, 2, one.number, "late"),
            0,
            pick(0, 1, one.number, "leave"),
            0,
        ]
        for one in APPRAISED
    ]
    save("06-考勤", ["工号", "姓名", "月份", "应出勤天数", "实际出勤天数", "迟到", "早退", "请假", "旷工天数"], rows)


def sales() -> None:
    rows = [
        [
            one.number,
            PERIOD,
            pick(2_800_000, 9_000_000, one.number, "sales") / 100,
            pick(0, 6, one.number, "n"),
            pick(0, 4, one.number, "m"),
            pick(900_000, 4_000_000, one.number, "p") / 100,
            f"TS-{PERIOD}-{one.number}",
        ]
        for one in APPRAISED
        if one.position in ("客服专员", "设计")
    ]
    save("07-销售", ["工号", "月份", "销售额", "中评修改个数", "差评修改个数", "商品利润", "凭证号"], rows)


def collections() -> None:
    rows = [
        [
            one.number,
            PERIOD,
            f"团购客户{n}",
            pick(800_000, 3_500_000, one.number, n) / 100,
            "高利润" if n == 3 else "普通",
            pick(6, 42, one.number, n, "margin") / 100,
        ]
        for one in APPRAISED
        if one.position == "Y-1"
        for n in range(1, 5)
    ]
    save("08-回款", ["工号", "月份", "客户", "金额", "产品类型", "利润率"], rows)


def counts() -> None:
    partners = [
        [one.number, PERIOD, "partners", pick(2, 7, one.number, "partners")]
        for one in APPRAISED
        if one.position == "Y-1"
    ]
    items = [
        [one.number, PERIOD, COUNTED[one.position][0], counted(one.number, one.position)[0]]
        for one in APPRAISED
        if one.position in COUNTED
    ]
    save("09-计数", ["工号", "月份", "指标编码", "数量"], partners + items)


def factors() -> None:
    save(
        "10-系数",
        ["工号", "月份", "项目编码", "数值", "凭证号"],
        [["D0020", PERIOD, "profit_share", 6888.8, "FP-2026-10"], ["S0209", PERIOD, "task_coefficient", 0.95, None]],
    )


def rewards() -> None:
    rows = [
        ["E1041", PERIOD, 200, "客户书面表扬", "PZ-2026-10-01"],
        ["E1044", PERIOD, -50, "未按规定交接班", "PZ-2026-10-02"],
        ["E1023", PERIOD, 388.88, "双十一预热专题", "PZ-2026-10-03"],
    ]
    save("11-奖惩", ["工号", "月份", "金额", "事由", "凭证号"], rows)


def work() -> None:
    records: list[list[object]] = []
    items: list[list[object]] = []
    for one in APPRAISED:
        kind = SAMPLED.get(one.position)
        for monday in MONDAYS if kind else []:
            for n in range(pick(4, 8, one.number, monday)):
                day = monday + timedelta(days=pick(0, 4, one.number, monday, n))
                code = f"{'K' if kind == 'customers' else 'W'}{monday:%m%d}-{one.number}-{n:02d}"
                if kind == "customers":
                    title = data.SERVICE[pick(0, 7, code)]
                    records.append(
                        [one.number, code, day, title, "已脱敏", pick(5, 55, code, "s"), pick(3, 18, code, "t")]
                    )
                else:
                    items.append([one.number, code, day, data.WORK[pick(0, 7, code)], "按计划完成"])
    save("12-客户接待记录", ["工号", "记录编号", "日期", "会话", "摘要", "首次响应秒", "轮次"], records)
    save("13-工作项", ["工号", "编号", "日期", "标题", "说明"], items)


def scores() -> None:
    rows: list[list[object]] = []
    for one in APPRAISED:
        raters = ["自评"] if one.position in SAMPLED else ["自评", "主管"]
        for rater in raters if one.position in KPI else []:
            for item, most in KPI[one.position]:
                points = max(0, most * (one.ability + pick(-8, 6, one.number, rater, item)) // 50) / 2
                given = min(points, most)
                if item == COUNTED.get(one.position, ("",))[0]:
                    given = counted(one.number, one.position)[1]
                rows.append([one.number, PERIOD, rater, item, given, "按计划完成"])
    save("14-指标评分", ["工号", "月份", "评分人", "指标编码", "得分", "说明"], rows)
    own = [
        [one.number, PERIOD, min(100, one.ability + pick(0, 6, one.number, "own"))]
        for one in APPRAISED
        if one.position not in KPI
    ]
    save("15-自评分", ["工号", "月份", "自评分"], own)


def main() -> None:
    staff()
    attendance()
    sales()
    collections()
    counts()
    factors()
    rewards()
    work()
    scores()


if __name__ == "__main__":
    main()
