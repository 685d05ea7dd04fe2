"""The files that the demo's offices bring in for a month: records, attendance, sales, collections, counts, rewards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from approval import demo_company as data
from approval.demo_life import Life, Line, chance, take_in
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.figures import RewardPenalty
from approval.rules.calendar import Week, weeks_of_month
from approval.services import figures
from approval.services.payday import working_days
from approval.services.rulebook import policy_of, scores_by_sampling

DATA = "D0009"
SALES = {"sales": "sales_fen", "neutral_fixed": "neutral_fixed", "negative_fixed": "negative_fixed"} | {
    "product_profit": "product_profit_fen"
}
RANGES = {
    "sales": (28_000, 90_000),
    "neutral_fixed": (0, 6),
    "negative_fixed": (0, 4),
    "product_profit": (9_000, 40_000),
}
FACTORS = {"partners": (2, 7), "profit_share": (5_500, 8_500)}
COUNTS = {"pages": (7, 12), "articles": (4, 6), "activities": (1, 3), "proposals": (2, 4), "copies": (5, 8)}


def bring_files(life: Life, opened: Cycle, day: date, without: str = "") -> None:
    """All files of a department's month, by data and HR; `without` is somebody whose figures are still to come."""
    months, unit, period = life.months(opened), opened.department.name, opened.period
    found = [one for one in months if life.number(one.employee_id) != without]
    told = life.act(DATA, day, 8)
    take_in(
        told,
        "service_records",
        f"{unit}工作记录表-{period}.csv",
        [line for one in months for line in _records(life, one)],
    )
    take_in(told, "counts", f"{unit}计数指标表-{period}.csv", [line for one in months for line in _counts(life, one)])
    take_in(told, "sales", f"{unit}销售数据表-{period}.xlsx", [line for one in found for line in _sales(life, one)])
    take_in(
        told, "factors", f"{unit}系数与数值表-{period}.csv", [line for one in found for line in _factors(life, one)]
    )
    take_in(
        told, "collections", f"{unit}回款表-{period}.xlsx", [line for one in found for line in _collections(life, one)]
    )
    days = working_days(life.act(data.HR, opened.last_on)).count(opened.first_on, opened.last_on)
    attended = [_attendance(life, one, Decimal(days)) for one in found]
    take_in(life.act(data.HR, day, 8, 30), "attendance", f"{unit}考勤表-{period}.xlsx", attended)
    _bring_rewards(life, opened, day, [line for one in found for line in _rewards(life, one)])


def _who(month: Appraisal) -> dict[str, str]:
    one = month.employee
    return {"employee_number": one.number, "employee_name": one.name}


def _of(month: Appraisal) -> dict[str, str]:
    return _who(month) | {"period": month.cycle.period}


def _records(life: Life, month: Appraisal) -> Iterator[Line]:
    """Service records or pieces of work on the working days of the sampling weeks."""
    plan = policy_of(month).sampling
    if not scores_by_sampling(policy_of(month)) or plan is None:
        return
    kind = "work_items" if plan.population == "work_items" else "customers"
    number, period = life.number(month.employee_id), month.cycle.period
    low, high = (12, 18) if kind == "customers" else (5, 7)
    for week in weeks_of_month(*map(int, period.split("-"))):
        for n in range(chance(low, high, number, week.label)):
            yield {**_who(month), **_record(number, kind, week, n)}


def _record(number: str, kind: str, week: Week, n: int) -> Line:
    day = week.monday + timedelta(days=chance(0, 5, number, week.label, n))
    titles = data.SERVICE if kind == "customers" else data.WORK
    title = titles[chance(0, len(titles) - 1, number, day, n)]
    code = f"{'C' if kind == 'customers' else 'W'}-{week.monday:%m%d}-{n + 1:03d}"
    told: Line = {"code": code, "happened_on": day, "title": title}
    if kind != "customers":
        return {**told, "kind": "工作项"}
    seconds, turns = chance(5, 55, number, day, n, "s"), chance(4, 19, number, day, n, "t")
    return {**told, "kind": "客户接待记录", "detail": data.TALK, "first_answer_seconds": seconds, "turns": turns}


def _counts(life: Life, month: Appraisal) -> Iterator[Line]:
    """What the data department counted for the KPI items: it is there before scores are closed."""
    number, period = life.number(month.employee_id), month.cycle.period
    for item in policy_of(month).kpi:
        for told in ([item.measure] if item.measure else []) + list(item.suggest):
            code = told["count"]
            yield {**_of(month), "code": code, "quantity": chance(*COUNTS[code], number, period, code)}


def _sales(life: Life, month: Appraisal) -> Iterator[Line]:
    """What the policy asks for of sales; changed reviews with the number of their proof."""
    asked, number, period = policy_of(month).inputs, life.number(month.employee_id), month.cycle.period
    found = {code: chance(*RANGES[code], number, period, code) for code in SALES if code in asked}
    if found:
        told = {SALES[code]: value * (100 if SALES[code].endswith("_fen") else 1) for code, value in found.items()}
        proof = any(asked[code].evidence for code in found)
        yield {**_of(month), "sales_fen": 0, **told, "evidence": f"TS-{period}-{number}" if proof else ""}


def _factors(life: Life, month: Appraisal) -> Iterator[Line]:
    asked, number, period = policy_of(month).inputs, life.number(month.employee_id), month.cycle.period
    for code, bounds in FACTORS.items():
        if code in asked:
            proof = f"TS-{period}-{number}" if asked[code].evidence else ""
            yield {**_of(month), "code": code, "value": chance(*bounds, number, period, code), "evidence": proof}


def _collections(life: Life, month: Appraisal) -> Iterator[Line]:
    number, period = life.number(month.employee_id), month.cycle.period
    for n in range(4 if "collections" in policy_of(month).inputs else 0):
        amount = chance(800_000, 3_500_000, number, period, n)
        margin, kind = Decimal(chance(6, 42, number, n, "m")).scaleb(-2), "高利润" if n == 3 else "普通"
        yield {**_of(month), "customer": f"团购客户{n + 1}", "amount_fen": amount, "kind": kind, "margin": margin}


def _attendance(life: Life, month: Appraisal, scheduled: Decimal) -> Line:
    number, period = life.number(month.employee_id), month.cycle.period
    absent = chance(0, 9, number, period, "away")
    away = Decimal(1) if absent == 0 else Decimal("0.5") if absent == 1 else Decimal(0)
    days = {"scheduled": scheduled, "actual": scheduled - away}
    late, leave = chance(0, 2, number, period, "late"), 1 if absent <= 1 else 0
    return {**_of(month), **days, "late": late, "early": 0, "leave": leave}


def _rewards(life: Life, month: Appraisal) -> Iterator[Line]:
    """A reward here and there."""
    number, period, asked = life.number(month.employee_id), month.cycle.period, policy_of(month).inputs
    if {"rewards", "special"} & set(asked) and chance(0, 3, number, period, "reward") == 0:
        yield {**_of(month), "amount_fen": 20_000, "reason": "客户书面表扬", "evidence": f"PZ-{period}-{number}"}


def _bring_rewards(life: Life, opened: Cycle, day: date, lines: Sequence[Line]) -> None:
    """HR brings rewards in and finance confirms them, each but his own."""
    unit, period = opened.department.name, opened.period
    others = [one for one in lines if one["employee_number"] != data.HR]
    take_in(life.act(data.HR, day, 8, 40), "rewards", f"{unit}奖惩表-{period}.xlsx", others)
    own = [one for one in lines if one["employee_number"] == data.HR]
    take_in(life.act(data.SECOND_HR, day, 8, 40), "rewards", f"{unit}奖惩表（人事本人）-{period}.xlsx", own)
    numbers = [one["employee_number"] for one in lines]
    kept = select(RewardPenalty).where(RewardPenalty.period == period, RewardPenalty.confirmed_by_id.is_(None))
    for row in life.session.scalars(kept.order_by(RewardPenalty.id)).all():
        if row.employee.number in numbers:
            by = "G0001" if row.employee.number == "F0001" else "F0001"
            figures.confirm_reward(life.act(by, day, 8, 50), row)
