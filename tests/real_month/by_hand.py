"""What October comes to, calculated apart: the department's Excel files and plain formulas, nothing of the product's rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "example-month"
Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    """The rows of one file, by heading."""
    book = load_workbook(next(FOLDER.glob(f"{name}-*.xlsx")), read_only=True)
    sheet = book.active
    assert sheet is not None
    header, *rest = [list(row) for row in sheet.iter_rows(values_only=True)]
    book.close()
    return [dict(zip(map(str, header), row, strict=False)) for row in rest]


def exact(value: Any) -> Fraction:
    return Fraction(Decimal(str(value)))


def cents(yuan: Fraction) -> int:
    """Half-up to the fen, away from zero."""
    value = abs(yuan) * 100
    whole = int(value + Fraction(1, 2))
    return whole if yuan >= 0 else -whole


def half_up(value: Fraction) -> Fraction:
    return Fraction(int(value * 100 + Fraction(1, 2)), 100)


class Month:
    """The files read once, by employee number."""

    def __init__(self) -> None:
        self.people = {row["工号"]: row for row in rows("03")}
        self.standards: dict[str, dict[str, Fraction]] = defaultdict(dict)
        for row in rows("05"):
            self.standards[row["工号"]][row["项目编码"]] = exact(row["金额"])
        self.attendance = {row["工号"]: row for row in rows("06")}
        self.sales = {row["工号"]: row for row in rows("07")}
        self.collections: dict[str, list[Row]] = defaultdict(list)
        for row in rows("08"):
            self.collections[row["工号"]].append(row)
        self.partners = {row["工号"]: row["数量"] for row in rows("09") if row["指标编码"] == "partners"}
        self.factors = {(row["工号"], row["项目编码"]): exact(row["数值"]) for row in rows("10")}
        self.rewards: dict[str, Fraction] = defaultdict(Fraction)
        for row in rows("11"):
            self.rewards[row["工号"]] += exact(row["金额"])
        self.points: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
        for row in rows("14"):
            self.points[row["工号"], row["评分人"]] += exact(row["得分"])
        self.own = {row["工号"]: exact(row["自评分"]) for row in rows("15")}

    def score(self, number: str, weeks: Sequence[Sequence[Decimal]]) -> Fraction:
        """A quarter of the self-score and three of the supervisor's: his points, or the mean of his weekly means."""
        mine = self.own.get(number, self.points[number, "自评"])
        means = [sum(map(Fraction, week), Fraction(0)) / len(week) for week in weeks if week]
        theirs = sum(means, Fraction(0)) / len(means) if means else self.points[number, "主管"]
        return half_up(mine / 4 + theirs * 3 / 4)

    def pay(self, number: str, score: Fraction, share_fen: int) -> int:
        """Every line rounded once, and summed."""
        return sum(cents(line) for line in self._lines(number, score)) + share_fen

    def _lines(self, number: str, score: Fraction) -> list[Fraction]:
        position, own, came = self.people[number]["岗位编码"], self.standards[number], self.attendance[number]
        ratio = min(Fraction(1), exact(came["实际出勤天数"]) / exact(came["应出勤天数"]))
        level = coefficient(score)
        base = own.get("base", Fraction(0))
        fixed = {"C-1": (300, 300), "C-2": (200, 200), "Y-1": (500, 300), "仓储发货员": (400, 200)}
        if position == "客服专员":
            sold = self.sales[number]
            counted = [Fraction(sold["中评修改个数"] * 10), Fraction(sold["差评修改个数"] * 20)]
            return [500 * level * ratio, exact(sold["销售额"]) * Fraction(2, 100), *counted, self.rewards[number]]
        if position == "营销专员":
            task = self.factors.get((number, "task_coefficient"), Fraction(1))
            return [1800 * level * task * ratio, self.rewards[number]]
        if position in fixed:
            bonus, allowance = fixed[position]
            events = came["迟到"] + came["早退"] + came["请假"]
            full = base / 10 if events < 3 and came["旷工天数"] < 1 else Fraction(0)
            lines = [base * ratio, full, bonus * rate(score), Fraction(allowance)]
            return lines + (self._commission(number) if position == "Y-1" else [self.rewards[number]])
        if position == "发货部主管":
            return [self.factors[number, "profit_share"] * level]
        lines = [base * ratio, own["performance"] * level * ratio]
        extra = {
            "M-1": own.get("allowance", Fraction(0)),
            "设计": own.get("allowance", Fraction(0)),
            "部长": Fraction(500),
        }
        lines += [extra[position]] if position in extra else []
        return lines + ([exact(self.sales[number]["销售额"]) * Fraction(2, 1000)] if position == "设计" else [])

    def _commission(self, number: str) -> list[Fraction]:
        partners = self.partners[number]
        normal = Fraction(10 if partners <= 3 else 15 if partners <= 5 else 20, 1000)
        high = Fraction(20 if partners <= 5 else 25, 1000)
        sums = {"普通": Fraction(0), "高利润": Fraction(0)}
        for row in self.collections[number]:
            if exact(row["利润率"]) >= Fraction(1, 10):
                sums[row["产品类型"]] += exact(row["金额"])
        return [sums["普通"] * normal, sums["高利润"] * high]


def coefficient(score: Fraction) -> Fraction:
    return (
        Fraction(5, 10)
        if score < 65
        else Fraction(1)
        if score < 80
        else Fraction(12, 10)
        if score < 95
        else Fraction(15, 10)
    )


def rate(score: Fraction) -> Fraction:
    return (
        Fraction(0) if score < 60 else Fraction(4, 10) if score < 70 else Fraction(6, 10) if score < 80 else Fraction(1)
    )


def shares(pool_fen: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Largest remainder, ties to the smaller number."""
    total = sum(weights.values(), Fraction(0))
    exact_shares = {number: pool_fen * weight / total for number, weight in weights.items()}
    found = {number: int(value) for number, value in exact_shares.items()}
    order = sorted(exact_shares, key=lambda number: (found[number] - exact_shares[number], number))
    for number in order[: pool_fen - sum(found.values())]:
        found[number] += 1
    return found
