"""Readings of shares of days (A-11, A-12): rounding of the day's rate wherever base pay is prorated, and the year's ratio."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from approval.rules.amounts import amounts
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, load, read_shipped, shipped_codes, shipped_text

SOURCE = (Path(__file__).parent / "source.txt").read_text(encoding="utf-8")
BASE_3000 = {"base": Decimal(3000)}


def base_line(code: str, reading: str, actual: str, **more: str) -> int:
    policy = chosen(read_shipped(code), {"base_proration": reading})
    zero = {one: [] if told.type == "rows" else "0" for one, told in policy.inputs.items()}
    month = {**zero, "scheduled": "22", "actual": actual, "score": "85", **more}
    month |= {"task_coefficient": "1"} if "task_coefficient" in policy.inputs else {}
    result = evaluate(policy, BASE_3000, month)
    (line,) = [one for one in result.lines if one.code == "base"]
    return line.amount_fen


@pytest.mark.parametrize("code", ["d17-c1", "d17-c2", "d17-y1"])
def test_the_days_rate_may_be_rounded_first_wherever_base_pay_is_prorated(code: str) -> None:
    assert base_line(code, "attendance", "21") == 2863_64  # 3000 × 21 ÷ 22 = 2863.636…
    assert base_line(code, "daily_rate_first", "21") == 2863_56  # 3000 ÷ 22 = 136.3636… → 136.36; × 21
    assert base_line(code, "daily_rate_first", "22") == 3000_00, "a full month is the full pay"
    assert base_line(code, "none", "21") == 3000_00


@pytest.mark.parametrize("code", ["d08-customer-service", "d09-marketing"])
def test_it_is_the_rate_of_the_printed_base_before_any_coefficient(code: str) -> None:
    assert base_line(code, "attendance", "21") == 3436_36  # 3000 × 1.2 × 21 ÷ 22 = 3436.3636…
    assert base_line(code, "daily_rate_first", "21") == 3436_27  # 136.36 × 21 × 1.2 = 3436.272
    assert base_line(code, "daily_rate_first", "22") == 3600_00
    assert base_line(code, "none", "21") == 3600_00


def test_it_goes_with_each_reading_of_the_coefficients() -> None:
    told = {"performance_only": 3436_27, "task_only": 2863_56, "both": 3436_27}
    for reading, fen in told.items():
        policy = chosen(read_shipped("d09-marketing"), {"base_proration": "daily_rate_first", "coefficients": reading})
        month = {"scheduled": Decimal(22), "actual": Decimal(21), "score": Decimal(85), "team_share": Decimal(0)}
        month |= {"rewards": Decimal(0), "task_coefficient": Decimal(1)}
        month = {one: value for one, value in month.items() if one in policy.inputs}
        assert amounts(policy, BASE_3000, month)["base"] == fen, reading


def test_every_policy_of_the_source_that_prorates_base_pay_names_the_reading_with_its_sentence() -> None:
    for code in shipped_codes():
        policy = read_shipped(code)
        if not _prorates(policy) or code.startswith("demo/"):
            continue
        (option,) = [one for one in policy.raw["options"].values() if "daily_rate_first" in one["choices"]]
        assert option["quote"] == "月基本工资所得=基本工资标准÷当月应出勤天数×当月实际出勤天数", code
        assert option["quote"] in SOURCE
        assert (option["doc"], option["default"] in ("exact", "attendance")) == ("A-11", True)


def _prorates(policy: Policy) -> bool:
    return any("ratio" in factor for line in policy.components if line["code"] == "base" for factor in line["factors"])


DAYS = {"scheduled": "22", "actual": "21", "sales": "0", "score": "85", "scheduled_year": "220"}
FIGURES = {"performance": Decimal(1000), "allowance": Decimal(0), "commission_rate": Decimal(0), "base": Decimal(4000)}


@pytest.mark.parametrize(("reading", "days"), [("year", "actual_year"), ("year_by_month", "actual_year_by_month")])
@pytest.mark.parametrize("code", ["d01-ec-department", "d04-chief-designer-m1"])
def test_the_years_ratio_is_capped_on_the_whole_or_month_by_month(code: str, reading: str, days: str) -> None:
    policy = load(shipped_text(code))
    assert policy.raw["options"]["performance_days"]["default"] == "month"
    policy = chosen(policy, {"performance_days": reading})
    month = {one: value for one, value in {**DAYS, days: "209"}.items() if one in policy.inputs}
    params = {one: value for one, value in FIGURES.items() if one in policy.params}
    (line,) = [one for one in evaluate(policy, params, month).lines if one.code == "performance"]
    assert line.amount_fen == 1140_00  # 1000 × 1.2 × 209 ÷ 220
