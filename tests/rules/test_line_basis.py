"""What a pay line rests on: figures, sentences, the options that touch it; and formulas that a pocket calculator follows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from approval.rules import line_basis
from approval.rules.line_basis import Sentence
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, load, read_shipped, shipped_codes, shipped_text

OPERATIONS: dict[str, Any] = {
    "scheduled": Decimal(22),
    "actual": Decimal(22),
    "late": Decimal(1),
    "early": Decimal(0),
    "leave": Decimal(0),
    "absent_days": Decimal(0),
    "partners": Decimal(4),
    "collections": [{"amount": Decimal(5000), "kind": "normal", "margin": Decimal("0.2"), "partner": "云客"}],
    "score": Decimal(74),
}


def component(policy: Policy, code: str) -> Any:
    return next(one for one in policy.components if one["code"] == code)


def options_of(policy: Policy, code: str) -> set[str]:
    places = line_basis.places_of(policy, component(policy, code))
    return {one.code for one in line_basis.options_at(policy, places)}


def test_an_option_touches_the_lines_that_some_reading_of_it_patches() -> None:
    policy = read_shipped("d17-y1")
    assert options_of(policy, "base") == {"base_proration"}
    assert options_of(policy, "performance_bonus") == {"tiers"}
    assert options_of(policy, "allowance") == {"allowance_proration"}
    assert options_of(policy, "full_attendance") == {"full_attendance", "absence_one_day", "fa_base"}
    assert options_of(policy, "commission_high") == {"margin_gate", "commission_mode", "high_profit"}


@pytest.mark.parametrize("code", shipped_codes())
def test_every_option_stands_with_a_line_with_the_score_or_in_the_list_of_the_rest(code: str) -> None:
    policy = read_shipped(code)
    near = {one for told in policy.components for one in options_of(policy, told["code"])}
    scored = {one.code for one in line_basis.options_at(policy, line_basis.SCORE_PLACES)}
    rest = {one.code for one in line_basis.options_elsewhere(policy)}
    assert near | scored | rest == {one.code for one in policy.options}
    assert not rest & (near | scored)


def test_a_line_asks_for_its_factors_its_keys_and_its_conditions() -> None:
    policy = read_shipped("d17-y1")
    asked = line_basis.asked_by(policy, component(policy, "full_attendance"))
    assert asked.params == ("base",)
    assert asked.inputs == ("late", "early", "leave", "absent_days", "days_out_of_post")
    assert line_basis.asked_by(policy, component(policy, "commission_high")).inputs == ("collections", "partners")


def test_every_rule_of_a_line_has_a_sentence_beside_it_the_bands_first() -> None:
    policy = read_shipped("d17-y1")
    result = evaluate(policy, {"base": Decimal(2000)}, OPERATIONS)
    told = {line.code: line_basis.sentences_of(policy, component(policy, line.code), line) for line in result.lines}
    assert told["performance_bonus"] == [
        Sentence(("R140",), "绩效70~80分=60%绩效奖"),
        Sentence(("R156",), "绩效奖金500元"),
    ]
    band, whole = told["commission_normal"]
    assert band.rules == ("R161",)
    assert whole.rules == ("R159",)
    assert whole.quote.startswith("活动产品利润不低于10%")
    for line in result.lines:
        assert {rule for one in told[line.code] for rule in one.rules} >= set(line.rules)


def test_lines_find_their_policy_by_their_place_and_what_stands_beside_has_none() -> None:
    first, second = read_shipped("d17-y1"), read_shipped("d03-gradient-bonus")
    lines = evaluate(first, {"base": Decimal(2000)}, OPERATIONS).lines
    found = line_basis.lines_by_policy([*lines, *lines[:5], lines[0]], [first, second])
    assert [one.place for one in found[: len(lines)]] == [0] * len(lines)
    assert [one.policy for one in found[len(lines) :]] == [second] * 5 + [None]


def test_a_line_on_a_slope_says_how_the_score_became_the_rate() -> None:
    result = evaluate(read_shipped("d15-planning-linear"), {"wage": Decimal(5000)}, {"score": Decimal("97.25")})
    term = result.lines[1].terms[-1]
    assert term.detail.zh.endswith("：0.01 × 97.25 - 0.9 = 0.0725")
    assert term.detail.en.endswith(": 0.01 × 97.25 - 0.9 = 0.0725")


def test_a_day_rate_that_is_rounded_first_is_followed_step_by_step() -> None:
    policy = chosen(read_shipped("d01-ec-department"), {"proration_rounding": "daily_rate_first"})
    params = {code: one.value or Decimal(0) for code, one in policy.params.items()} | {"base": Decimal(3000)}
    inputs = {"scheduled": Decimal(22), "actual": Decimal(20), "score": Decimal(80), "sales": Decimal(0)}
    base = evaluate(policy, params, {**inputs}).lines[0]
    assert base.formula == "3000.00 ÷ 22 ≈ 136.36; 136.36 × 20 = 2727.20"


def test_a_condition_that_is_not_met_says_what_there_is_and_what_it_asks() -> None:
    text = shipped_text("d17-y1").replace(
        'factors = [{ param = "allowance" }]\n[[components]]',
        'factors = [{ param = "allowance" }]\nwhen = { all = [{ code = "few", sum = ["partners"], ge = "5" }] }\n'
        "[[components]]",
    )
    line = evaluate(load(text), {"base": Decimal(2000)}, OPERATIONS).line("allowance")
    assert line is not None
    assert (line.amount_fen, line.terms[0].detail.zh) == (0, "月团购合作家数 = 4，要求 ≥ 5")
    assert line.terms[0].detail.en == "Group-buy partners = 4, must be ≥ 5"
