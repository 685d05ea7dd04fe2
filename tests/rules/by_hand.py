"""Each scheme of the source documents written a second time, plainly and by hand: the other way to the same number.

Nothing here is shared with the evaluator or the policy files. Amounts are yuan as Decimal, results fen by line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

Month = Mapping[str, Any]
Lines = dict[str, int]


def fen(yuan: Fraction | Decimal) -> int:
    """Half a fen goes away from zero (四舍五入)."""
    hundred = Fraction(yuan) * 100
    whole = abs(hundred.numerator) * 2 + hundred.denominator
    rounded = whole // (2 * hundred.denominator)
    return rounded if hundred >= 0 else -rounded


def present(month: Month) -> Fraction:
    """÷当月应出勤天数×当月实际出勤天数, never more than the whole month (R015)."""
    return min(Fraction(month["actual"]) / Fraction(month["scheduled"]), Fraction(1))


def coefficient(score: Decimal) -> Fraction:
    """95分以上 1.5; 80分以上 1.2; 65分以上 1; below 0.5 (R062–R065)."""
    if score >= 95:
        return Fraction(3, 2)
    if score >= 80:
        return Fraction(6, 5)
    return Fraction(1) if score >= 65 else Fraction(1, 2)


def bonus_rate(score: Decimal) -> Fraction:
    """80分以上满额; 70~80 60%; 60~70 40%; 60分以下无 (R140, A-01)."""
    if score >= 80:
        return Fraction(1)
    if score >= 70:
        return Fraction(3, 5)
    return Fraction(2, 5) if score >= 60 else Fraction(0)


def full_attendance(base: Decimal, month: Month) -> Fraction:
    """10 % of the base; 迟到、早退、请假3次或无故旷工一天以上取消 (R139, A-10)."""
    lost = month["late"] + month["early"] + month["leave"] >= 3 or month["absent_days"] >= 1
    lost = lost or month.get("days_out_of_post", 0) > 0  # not in a month of joining or leaving
    return Fraction(0) if lost else Fraction(base) / 10


def with_performance(params: Month, month: Month) -> Lines:
    """D01, D04: 基本工资 and 绩效工资 by attendance."""
    return {
        "base": fen(Fraction(params["base"]) * present(month)),
        "performance": fen(Fraction(params["performance"]) * coefficient(month["score"]) * present(month)),
    }


def ec_department(params: Month, month: Month) -> Lines:
    sales = Fraction(month["sales"]) * Fraction(params["commission_rate"])
    return with_performance(params, month) | {"allowance": fen(params["allowance"]), "commission": fen(sales)}


def with_allowance(params: Month, month: Month) -> Lines:
    return with_performance(params, month) | {"allowance": fen(params.get("allowance", Decimal(500)))}


def customer_service(_params: Month, month: Month) -> Lines:
    """500 (底薪)*绩效系数+销售提成2%+中评修改个数*10+差评修改个数*20+奖惩 (R068)."""
    return {
        "base": fen(500 * coefficient(month["score"]) * present(month)),
        "commission": fen(Fraction(month["sales"]) / 50),
        "neutral_reviews": int(month["neutral_fixed"]) * 1000,
        "negative_reviews": int(month["negative_fixed"]) * 2000,
        "rewards": fen(month["rewards"]),
    }


def shipping_supervisor(_params: Month, month: Month) -> Lines:
    return {"profit_share": fen(Fraction(month["profit_share"]) * coefficient(month["score"]))}


def marketing(_params: Month, month: Month) -> Lines:
    """1800 × 绩效系数 × 任务完成系数 + team share ± 奖惩 (R077, R078, A-09)."""
    base = 1800 * coefficient(month["score"]) * Fraction(month["task_coefficient"]) * present(month)
    return {"base": fen(base), "team_share": fen(month["team_share"]), "rewards": fen(month["rewards"])}


def linear(params: Month, month: Month) -> Lines:
    """70–90 nothing; below 70 minus (100−s)% of a tenth; above 90 plus (s−90)% (R122–R126, A-02)."""
    tenth, score = Fraction(params["wage"]) / 10, Fraction(month["score"])
    found = Fraction(0)
    if score < 70:
        found = -tenth * (100 - score) / 100
    elif score > 90:
        found = tenth * (score - 90) / 100
    return {"wage": fen(params["wage"]), "adjustment": fen(found)}


def planner(bonus: int, allowance: int) -> Callable[[Month, Month], Lines]:
    """D17: 实际收入=基本工资+全勤奖金+绩效奖金+补贴 (R138, R148, R156)."""

    def lines(params: Month, month: Month) -> Lines:
        return {
            "base": fen(Fraction(params["base"]) * present(month)),
            "full_attendance": fen(full_attendance(params["base"], month)),
            "performance_bonus": fen(bonus * bonus_rate(month["score"])),
            "allowance": allowance * 100,
        }

    return lines


def copywriter(bonus: int) -> Callable[[Month, Month], Lines]:
    plain = planner(bonus, bonus)
    return lambda params, month: plain(params, month) | {"special_reward": fen(month["special"])}


def operations(params: Month, month: Month) -> Lines:
    """团购提成: 未超过3家 1/2 %; 超过3家 1.5/2 %; 超过5家 2/2.5 % of 回款, margin not below 10 % (R159–R162)."""
    partners = month["partners"]
    normal, high = (10, 20) if partners <= 3 else (15, 20) if partners <= 5 else (20, 25)
    sums = {"normal": Fraction(0), "high": Fraction(0)}
    for row in month["collections"]:
        if row["margin"] is None or row["margin"] >= Decimal("0.10"):
            sums[row["kind"]] += Fraction(row["amount"])
    commission = {
        "commission_normal": fen(sums["normal"] * normal / 1000),
        "commission_high": fen(sums["high"] * high / 1000),
    }
    return planner(500, 300)(params, month) | commission


def quarterly(params: Month, month: Month) -> Lines:
    """得分越高,奖金越多: the standard times the score in percent (R102)."""
    return {"bonus": fen(Fraction(params["quarter_bonus"]) * Fraction(month["score"]) / 100)}


def gradient(params: Month, month: Month) -> Lines:
    """D03: five bonuses by steps (R040–R047); the steps are the company's, here those of the shipped file."""

    def step(value: Decimal, *steps: tuple[str, str]) -> Fraction:
        return max([Fraction(paid) for least, paid in steps if value >= Decimal(least)], default=Fraction(0))

    rates = {
        "sales_bonus": step(month["sales_growth"], ("0.05", "1/2"), ("0.10", "1"), ("0.20", "3/2")),
        "satisfaction_bonus": step(month["satisfaction"], ("80", "1/2"), ("90", "1")),
        "team_bonus": step(month["team_growth"], ("0.05", "1/2"), ("0.15", "1")),
        "teamwork_bonus": step(month["teamwork"], ("80", "1")),
    }
    found = {code: fen(Fraction(params[code]) * rate) for code, rate in rates.items()}
    return found | {"new_customer_bonus": fen(Fraction(params["new_customer"]) * Fraction(month["new_customers"]))}


SCHEMES: dict[str, Callable[[Month, Month], Lines]] = {
    "d01-ec-department": ec_department,
    "d03-gradient-bonus": gradient,
    "d04-chief-designer-m1": with_allowance,
    "d08-customer-service": customer_service,
    "d08-shipping-supervisor": shipping_supervisor,
    "d09-marketing": marketing,
    "d13-quarterly-bonus": quarterly,
    "d15-planning-linear": linear,
    "d17-c1": copywriter(300),
    "d17-c2": copywriter(200),
    "d17-y1": operations,
    "demo/department-head": with_allowance,
    "demo/finance-office": with_performance,
    "demo/shipping-staff": planner(400, 200),
}


def ladder90(score: Decimal) -> Fraction:
    """A-01: 90 100 %, 80 80 %, 70 60 %, 60 40 %."""
    return next(
        (Fraction(paid, 100) for least, paid in ((90, 100), (80, 80), (70, 60), (60, 40)) if score >= least),
        Fraction(0),
    )


def shifted(score: Decimal) -> Fraction:
    """A-01: 80 100 %, 70 80 %, 60 60 %."""
    return next((Fraction(paid, 100) for least, paid in ((80, 100), (70, 80), (60, 60)) if score >= least), Fraction(0))


def as_printed(score: Decimal) -> Fraction:
    """A-01, first match: 60–70 80 %, 70–80 60 %."""
    found: Sequence[tuple[int, int]] = ((80, 100), (70, 60), (60, 80))
    return next((Fraction(paid, 100) for least, paid in found if score >= least), Fraction(0))


TIERS: dict[str, Callable[[Decimal], Fraction]] = {
    "monotone": bonus_rate,
    "ladder90": ladder90,
    "shifted": shifted,
    "first_match": as_printed,
}
