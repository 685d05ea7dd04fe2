"""What each reading of a term pays, in figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from approval.demo_company import filled
from approval.rules import score as scoring
from approval.rules.bonus_pool import pool_amount
from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy, chosen, load, read_shipped, shipped_text
from approval.rules.policy_lint import lints, unfilled
from approval.rules.refusal import Refused

MONTH: dict[str, Any] = {
    "scheduled": "22",
    "actual": "21",
    "late": 0,
    "early": 0,
    "leave": 0,
    "absent_days": "0",
    "score": "85",
}
C1 = {**MONTH, "special": "0"}


def under(code: str, **readings: str) -> Policy:
    return chosen(read_shipped(code), readings)


def paid(result: PayResult, code: str) -> int:
    line = result.line(code)
    assert line is not None
    return line.amount_fen


@pytest.mark.parametrize(
    ("reading", "whole_month", "joined_in_the_month"),
    [
        ("standard", 300_00, 0),
        ("standard_by_days", 300_00, 136_36),
        ("prorated", 286_36, 0),
        ("prorated_always", 286_36, 136_36),
    ],
)
def test_the_base_of_full_attendance_and_a_month_of_joining(
    reading: str, whole_month: int, joined_in_the_month: int
) -> None:
    policy = under("d17-c1", fa_base=reading)
    known = policy.inputs.keys()
    whole = {"days_in_post": "22", "days_of_month": "22", "days_out_of_post": "0"}
    part = {"actual": "10", "days_in_post": "10", "days_of_month": "22", "days_out_of_post": "12"}
    for more, expected in ((whole, whole_month), (part, joined_in_the_month)):
        month = {**C1, **{code: value for code, value in more.items() if code in known}}
        assert paid(evaluate(policy, {"base": Decimal(3000)}, month), "full_attendance") == expected


@pytest.mark.parametrize(("reading", "fen"), [("none", 200_00), ("attendance", 190_91)])
def test_the_allowance_by_attendance_or_flat(reading: str, fen: int) -> None:
    policy = under("d17-c2", allowance_proration=reading)
    assert paid(evaluate(policy, {"base": Decimal(2000)}, C1), "allowance") == fen


@pytest.mark.parametrize(("reading", "fen"), [("month", 1145_45), ("year", 1090_91)])
def test_performance_pay_by_the_attendance_of_the_month_or_of_the_year(reading: str, fen: int) -> None:
    policy = under("d01-ec-department", performance_days=reading)
    month = {"scheduled": "22", "actual": "21", "sales": "0", "score": "85"}
    month |= {"scheduled_year": "220", "actual_year": "200"} if reading == "year" else {}
    params = {
        "base": Decimal(4000),
        "performance": Decimal(1000),
        "allowance": Decimal(0),
        "commission_rate": Decimal(0),
    }
    assert paid(evaluate(policy, params, month), "performance") == fen


COLLECTIONS: list[dict[str, Any]] = [
    {"amount": "1000", "kind": "normal", "margin": "0.2", "partner": "甲"},
    {"amount": "2000", "kind": "normal", "margin": "0.2", "partner": "乙"},
    {"amount": "500", "kind": "normal", "margin": "0.2", "partner": "甲"},
    {"amount": "3000", "kind": "high", "margin": "0.4", "partner": "丙"},
    {"amount": "4000", "kind": "normal", "margin": "0.2", "partner": "丁"},
    {"amount": "100", "kind": "normal", "margin": "0.05", "partner": "戊"},
    {"amount": "700", "kind": "normal", "margin": None, "partner": "己"},
]


def commissions(collections: list[dict[str, Any]] = COLLECTIONS, **readings: str) -> tuple[int, int]:
    policy = under("d17-y1", **readings)
    params = {"base": Decimal(3000)} | ({"high_margin": Decimal("0.15")} if "high_profit" in readings else {})
    result = evaluate(policy, params, {**MONTH, "partners": "6", "collections": collections})
    return paid(result, "commission_normal"), paid(result, "commission_high")


def test_the_whole_collection_takes_the_rate_of_the_band_reached() -> None:
    assert commissions() == (8200 * 2, 3000_00 * 25 // 1000)


def test_marginal_rates_follow_the_order_of_the_partners() -> None:
    normal = 1000_00 * 10 + 2000_00 * 10 + 500_00 * 10 + 4000_00 * 15 + 700_00 * 20
    assert commissions(commission_mode="marginal") == (normal // 1000, 3000_00 * 20 // 1000)


def test_marginal_rates_need_to_know_the_partner() -> None:
    nameless = [{**one, "partner": ""} for one in COLLECTIONS]
    with pytest.raises(Refused, match="明细缺少“partner”"):
        commissions(nameless, commission_mode="marginal")
    assert commissions([], commission_mode="marginal") == (0, 0)
    policy = under("d17-y1", commission_mode="marginal")
    nothing = evaluate(policy, {"base": Decimal(3000)}, {**MONTH, "partners": "6", "collections": []})
    line = nothing.line("commission_normal")
    assert line is not None
    assert (line.terms[-1].shown, line.terms[-1].detail.zh) == ("0", "")


def test_a_high_profit_product_by_its_margin() -> None:
    assert commissions(high_profit="by_margin") == (700_00 * 20 // 1000, 10_500_00 * 25 // 1000)


def test_the_margin_of_a_high_profit_product_is_the_companys_to_set() -> None:
    policy = under("d17-y1", high_profit="by_margin")
    assert [one.path for one in unfilled(policy, {"base"})] == ["params.high_margin"]
    assert list(unfilled(under("d17-y1"), {"base"})) == [], "under the other readings nobody asks for it"


@pytest.mark.parametrize(
    ("coefficients", "proration", "fen"),
    [
        ("both", "attendance", 1546_36),
        ("both", "none", 1620_00),
        ("performance_only", "attendance", 2061_82),
        ("performance_only", "none", 2160_00),
        ("task_only", "attendance", 1288_64),
        ("task_only", "none", 1350_00),
    ],
)
def test_the_marketing_base_under_each_two_readings(coefficients: str, proration: str, fen: int) -> None:
    policy = under("d09-marketing", coefficients=coefficients, base_proration=proration)
    month = {
        "scheduled": "22",
        "actual": "21",
        "score": "85",
        "task_coefficient": "0.75",
        "team_share": "0",
        "rewards": "0",
    }
    result = evaluate(policy, {}, month)
    assert paid(result, "base") == fen
    line = result.line("base")
    assert line is not None
    assert len(line.terms) == 1 + (2 if coefficients == "both" else 1) + (proration == "attendance")


@pytest.mark.parametrize(("reading", "score"), [("two", "79.50"), ("whole", "80")])
def test_a_score_in_hundredths_or_in_whole_points(reading: str, score: str) -> None:
    places = under("d08-customer-service", score_places=reading).score_places
    parts = [(Decimal("0.25"), Decimal("90")), (Decimal("0.75"), Decimal("76"))]
    assert str(scoring.combine(parts, places)) == score
    assert str(scoring.quarter_score([Decimal("79"), None, Decimal("80")], places)) == score


@pytest.mark.parametrize(
    ("reading", "proposals", "copies", "points"),
    [
        ("suggest", "3", "6", Decimal(9)),
        ("suggest", "9", "9", Decimal(10)),
        ("all_or_nothing", "3", "6", Decimal(0)),
        ("all_or_nothing", "3", "7", Decimal(10)),
        ("manual", "3", "7", None),
    ],
)
def test_points_for_proposals(reading: str, proposals: str, copies: str, points: Decimal | None) -> None:
    item = next(one for one in under("d17-c1", proposals=reading).kpi if one.code == "proposals")
    counts = {"proposals": Decimal(proposals), "copies": Decimal(copies)}
    assert scoring.kpi_points(item.measure, item.suggest, item.max, counts, whole=item.all_or_nothing) == points


@pytest.mark.parametrize(("reading", "payable"), [("none", 134_400_00), ("one", 112_000_00)])
def test_a_completion_rate_above_one(reading: str, payable: int) -> None:
    rule = next(one for one in under("d01-ec-department", pool_cap=reading).pools if one["code"] == "annual_team")
    cap = rule["completion"]["cap"]
    sources = [{key: Decimal(one[key]) for key in ("base", "rate", "amount") if key in one} for one in rule["sources"]]
    found = pool_amount(sources, [Decimal("0.7"), Decimal("0.5")], Decimal(cap) if cap else None)
    assert found.payable_fen == payable


@pytest.mark.parametrize("code", ["d13-quarterly-bonus", "d14-quarterly-category"])
def test_a_quarter_of_its_own_is_scored_on_its_indicators(code: str) -> None:
    policy = under(code, quarter_score="own")
    assert [(one.by, one.source) for one in policy.parts] == [("employee", "kpi"), ("supervisor", "kpi")]
    assert sum(one.max for one in policy.kpi) == 100
    blocking = [one for one in lints(policy) if one.severity == "block"]
    assert {one.code for one in blocking} == {"to_fill"}


@pytest.mark.parametrize(("reading", "gap"), [("break", "break"), ("skip", "skip")])
def test_a_month_without_a_score_in_a_run(reading: str, gap: str) -> None:
    for code in ("d08-customer-service", "d08-shipping-supervisor", "d09-marketing", "d15-planning-linear", "d17-c1"):
        assert {one.gap for one in under(code, streak_gap=reading).streaks} == {gap}


def test_warning_in_a_row_and_leaving_within_the_year() -> None:
    modes = {one.code: one.mode for one in under("d15-planning-linear", streak_mode="cumulative").streaks}
    assert modes["poor_warning"] == "consecutive"
    assert modes["poor_leave_advice"] == "cumulative"


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("d03-gradient-bonus", {"scales.sales", "scales.satisfaction", "scales.team", "scales.teamwork"}),
        ("d13-quarterly-bonus", {"scales.bonus"}),
        ("d14-quarterly-category", {"ratings.category"}),
    ],
)
def test_what_the_source_does_not_print_blocks_until_the_company_has_filled_it(code: str, places: set[str]) -> None:
    found = [one for one in lints(read_shipped(code)) if one.code == "to_fill"]
    assert {one.severity for one in found} == {"block"}
    assert {one.path for one in found if "indicators" not in one.path} == places
    assert len([one for one in found if "indicators" in one.path]) in (0, 4, 5)
    filled_in = load(filled(shipped_text(code)))
    assert not [one for one in lints(filled_in) if one.severity == "block"]
    assert filled_in.components == read_shipped(code).components
