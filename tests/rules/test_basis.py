"""A pay line cites what it was paid by: the sentence and the rules of the band that was applied, under every reading."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from approval.rules.basis import applied, bases_of
from approval.rules.pay import PayLine, evaluate
from approval.rules.policy import chosen, load, read_shipped

WAGE = {"wage": Decimal(5000)}
BASE = {"base": Decimal(3000)}
DEPARTMENT = {code: Decimal(1000) for code in ("base", "performance", "allowance")} | {
    "commission_rate": Decimal("0.01")
}
ATTENDED: dict[str, Any] = {"scheduled": "22", "actual": "22", "late": 0, "early": 0, "leave": 0, "absent_days": "0"}
SERVED = {"sales": "0", "neutral_fixed": "0", "negative_fixed": "0"}
PAID = {"special": "0", "profit_share": "1000", "rewards": "0", "team_share": "0"}
GIVEN = {**ATTENDED, **SERVED, **PAID, "score": "85", "partners": "3"}


def cited(code: str, line: str, figures: dict[str, Decimal], /, readings: dict[str, str], **month: Any) -> PayLine:
    """A line of a shipped policy under these readings in a month like any other but for what is given."""
    policy = chosen(read_shipped(code), readings)
    given = {name: value for name, value in {**GIVEN, **month}.items() if name in policy.inputs}
    found = evaluate(policy, figures, given).line(line)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("partners", "rule", "sentence"),
    [
        ("3", "R160", "月团购合作未超过3家,普通产品提回款总金额1.0%,高利润产品提回款2.0%"),
        ("4", "R161", "月团购合作超过3家,普通产品提回款总金额1.5%,高利润产品提回款2.0%"),
        ("6", "R162", "月团购合作超过5家,普通产品提回款总金额2.0%,高利润产品提回款2.5%"),
    ],
)
@pytest.mark.parametrize("line", ["commission_normal", "commission_high"])
def test_a_commission_cites_the_row_of_its_number_of_partners(
    line: str, partners: str, rule: str, sentence: str
) -> None:
    found = cited("d17-y1", line, BASE, {}, partners=partners, collections=[])
    assert (found.rules, found.quote) == (("R159", rule), sentence)


@pytest.mark.parametrize(
    ("reading", "score", "sentence"),
    [
        ("monotone", "59", "绩效60分以下无奖金"),
        ("monotone", "65", "绩效60~70分=40%绩效奖"),
        ("monotone", "75", "绩效70~80分=60%绩效奖"),
        ("monotone", "80", "绩效80分以上=满额绩效奖"),
        ("ladder90", "85", "绩效60~70分=80%绩效奖"),
        ("first_match", "65", "绩效60~70分=80%绩效奖"),
        ("shifted", "65", "绩效70~80分=60%绩效奖"),
    ],
)
@pytest.mark.parametrize("code", ["d17-c1", "d17-c2", "d17-y1"])
def test_a_bonus_cites_the_printed_row_that_its_reading_applies(
    code: str, reading: str, score: str, sentence: str
) -> None:
    assert cited(code, "performance_bonus", BASE, {"tiers": reading}, score=score, collections=[]).quote == sentence


@pytest.mark.parametrize(
    ("score", "rule", "begins"),
    [("69", "R124", "考核分数<70分"), ("70", "R125", "考核分数70-90分"), ("91", "R126", "考核分数>90分")],
)
@pytest.mark.parametrize("reading", ["excess_over_90", "literal", "full_score"])
def test_a_linear_adjustment_cites_its_piece(reading: str, score: str, rule: str, begins: str) -> None:
    found = cited("d15-planning-linear", "adjustment", WAGE, {"above_90": reading}, score=score)
    assert found.rules == ("R123", rule)
    assert found.quote.startswith(begins)


@pytest.mark.parametrize(
    ("code", "line", "figures", "score", "rules"),
    [
        ("d08-customer-service", "base", {}, "64", ("R068", "R062")),
        ("d08-customer-service", "base", {}, "80", ("R068", "R069")),
        ("d08-shipping-supervisor", "profit_share", {}, "80", ("R061", "R064")),
        ("d08-shipping-supervisor", "profit_share", {}, "95", ("R061", "R065")),
        ("d09-marketing", "base", {}, "80", ("R077", "R078")),
        ("d01-ec-department", "performance", DEPARTMENT, "65", ("R016", "R063")),
    ],
)
def test_a_coefficient_cites_its_tier_and_no_other(
    code: str, line: str, figures: dict[str, Decimal], score: str, rules: tuple[str, ...]
) -> None:
    assert cited(code, line, figures, {}, score=score).rules == rules


def test_a_reading_without_tiers_cites_none_of_them() -> None:
    plain = cited("d08-shipping-supervisor", "profit_share", {}, {"coefficient_on_profit_share": "no"})
    assert (plain.rules, plain.quote) == (("R061",), "工资制度:股权利益分配")
    percent = cited("d01-ec-department", "performance", DEPARTMENT, {"performance_factor": "score_percent"})
    assert percent.rules == ("R016",)
    assert cited("d09-marketing", "base", {}, {"coefficients": "task_only"}).rules == ("R077",)


def test_a_marginal_commission_cites_every_row_that_paid_and_keeps_the_whole_sentence() -> None:
    records = [{"amount": "1000", "kind": "normal", "partner": str(number)} for number in range(5)]
    found = cited("d17-y1", "commission_normal", BASE, {"commission_mode": "marginal"}, collections=records)
    assert found.rules == ("R159", "R160", "R161")
    assert found.quote.startswith("活动产品利润不低于10%")
    few = cited("d17-y1", "commission_normal", BASE, {"commission_mode": "marginal"}, collections=records[:2])
    assert few.rules == ("R159", "R160")
    assert few.quote.startswith("月团购合作未超过3家")


def test_one_line_does_not_cite_the_band_of_another() -> None:
    found = cited("d17-c1", "allowance", BASE, {}, score="65")
    assert found.rules == ("R138",)
    assert found.quote.startswith("实际收入=基本工资")


def test_a_bonus_that_is_lost_keeps_the_sentence_that_takes_it() -> None:
    found = cited("d17-c1", "full_attendance", BASE, {}, late="3")
    assert (found.amount_fen, found.rules) == (0, ("R139",))
    assert found.quote.startswith("全勤奖金为基本工资10%")


def test_bands_that_cite_nothing_leave_a_line_as_it_is() -> None:
    bases = bases_of([{"lt": "60"}, {"lt": "80"}])
    assert applied(("R1", "R2"), "原文", bases[:1]) == (("R1", "R2"), "原文")


def test_a_rule_that_the_applied_band_shares_with_another_stays_where_it_was() -> None:
    bases = bases_of([{"rules": ["R1"]}, {"rules": ["R1", "R2"]}, {"rules": ["R3"], "quote": "第三档"}])
    assert applied(("R0", "R1", "R3"), "原文", bases[:1]) == (("R0", "R1"), "原文")
    assert applied(("R0", "R1", "R3"), "原文", bases[1:2]) == (("R0", "R1", "R2"), "原文")
    assert applied(("R0", "R1", "R3"), "原文", bases[2:]) == (("R0", "R3"), "第三档")


def test_the_basis_of_a_row_is_no_column_to_pay_by() -> None:
    head = 'policy = { code = "x", name = { zh = "例" }, effective_from = "2026-01-01", cycle = "month" }\n'
    head += 'scope = { departments = ["*"], positions = ["*"] }\ninputs = { n = { type = "count" } }\n'
    table = 'tables = { t = { key = "n", rows = [{ rate = "2", rules = ["R160"], quote = "一档" }] } }\n'
    line = '[[components]]\ncode = "c"\nfactors = [{ input = "n" }, { table = "t", column = "%s" }]\n'
    result = evaluate(load(head + table + line % "rate"), {}, {"n": "3"})
    assert (result.total_fen, result.lines[0].quote) == (6_00, "一档")
    with pytest.raises(ValueError, match="的列“quote”不是每一行都有"):
        load(head + table + line % "quote")
