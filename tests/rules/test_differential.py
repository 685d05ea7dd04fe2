"""Two independent ways to the same pay: the evaluator with the policy as data, and the scheme written out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy, chosen, read_shipped, shipped_codes
from tests.rules.by_hand import SCHEMES, TIERS, fen, full_attendance

MONEY = st.decimals("0", "99999.99", places=2)
EDGES = (
    "0",
    "59.99",
    "60",
    "64.99",
    "65",
    "69.99",
    "70",
    "70.01",
    "79.99",
    "80",
    "89.99",
    "90",
    "90.01",
    "94.99",
    "95",
    "100",
)
SCORE = st.one_of(st.sampled_from(EDGES).map(Decimal), st.decimals("0", "100", places=2))
DAYS = st.decimals("0", "27", places=1)
BY_CODE: dict[str, st.SearchStrategy[Any]] = {
    "scheduled": st.decimals("1", "27", places=1),
    "actual": DAYS,
    "scheduled_year": st.decimals("1", "261", places=1),
    "actual_year": st.decimals("0", "261", places=1),
    "actual_year_by_month": st.decimals("0", "261", places=1),
    "score": SCORE,
    "satisfaction": SCORE,
    "teamwork": SCORE,
    "days_out_of_post": st.sampled_from(["0", "0", "0", "0.5", "6"]).map(Decimal),
    "absent_days": st.sampled_from(["0", "0.5", "1", "3"]).map(Decimal),
    "rewards": st.decimals("-2000", "2000", places=2),
    "task_coefficient": st.decimals("0", "2", places=2),
    "partners": st.integers(0, 8).map(Decimal),
    "collections": st.lists(
        st.fixed_dictionaries(
            {
                "amount": MONEY,
                "kind": st.sampled_from(["normal", "high"]),
                "margin": st.one_of(st.none(), st.sampled_from(["0.0999", "0.10", "0.3"]).map(Decimal)),
            }
        ),
        max_size=4,
    ),
}
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "money": MONEY,
    "count": st.integers(0, 5).map(Decimal),
    "days": DAYS,
    "fraction": st.sampled_from(["0", "0.0499", "0.05", "0.1", "0.1499", "0.15", "0.2", "1"]).map(Decimal),
    "score": SCORE,
    "factor": st.decimals("0", "2", places=2),
}
MANY = settings(max_examples=120, deadline=None)


def months(policy: Policy) -> st.SearchStrategy[dict[str, Any]]:
    """Any month that a policy can meet."""
    return st.fixed_dictionaries(
        {code: BY_CODE.get(code, BY_TYPE.get(one.type, MONEY)) for code, one in policy.inputs.items()}
    )


def standards(policy: Policy) -> st.SearchStrategy[dict[str, Decimal]]:
    """Any figures that a company may fill in."""
    given_by = {"commission_rate": st.decimals("0", "0.1", places=4)}
    empty = [code for code, one in policy.params.items() if one.value is None]
    return st.fixed_dictionaries({code: given_by.get(code, MONEY) for code in empty})


def amounts(result: PayResult) -> dict[str, int]:
    return {line.code: line.amount_fen for line in result.lines}


def test_every_scheme_that_pays_is_written_twice() -> None:
    assert {code for code in shipped_codes() if read_shipped(code).pays} == set(SCHEMES)


@pytest.mark.parametrize("code", SCHEMES)
def test_both_ways_agree_line_by_line_to_the_fen(code: str) -> None:
    policy = read_shipped(code)

    @MANY
    @given(standards(policy), months(policy))
    def agree(params: Mapping[str, Decimal], month: Mapping[str, Any]) -> None:
        result = evaluate(policy, params, month)
        assert amounts(result) == SCHEMES[code](params, month)
        assert result.total_fen == sum(amounts(result).values())

    agree()


@pytest.mark.parametrize("reading", TIERS)
@pytest.mark.parametrize(("code", "bonus"), [("d17-c1", 300), ("d17-c2", 200), ("d17-y1", 500)])
def test_each_reading_of_the_tiers_pays_as_its_words_say(code: str, bonus: int, reading: str) -> None:
    policy = chosen(read_shipped(code), {"tiers": reading})

    @settings(max_examples=40, deadline=None)
    @given(standards(policy), months(policy))
    def agree(params: Mapping[str, Decimal], month: Mapping[str, Any]) -> None:
        found = evaluate(policy, params, month).line("performance_bonus")
        assert found is not None
        assert found.amount_fen == fen(bonus * TIERS[reading](month["score"]))

    agree()


LOST = {
    "sum3": lambda m: m["late"] + m["early"] + m["leave"] >= 3,
    "each3": lambda m: max(m["late"], m["early"], m["leave"]) >= 3,
    "any_late_early": lambda m: m["late"] >= 1 or m["early"] >= 1 or m["leave"] >= 3,
}


@pytest.mark.parametrize("events", LOST)
@pytest.mark.parametrize("absence", ["ge1", "gt1"])
def test_each_reading_of_full_attendance_loses_it_as_its_words_say(events: str, absence: str) -> None:
    policy = chosen(read_shipped("d17-c1"), {"full_attendance": events, "absence_one_day": absence})

    @settings(max_examples=60, deadline=None)
    @given(standards(policy), months(policy))
    def agree(params: Mapping[str, Decimal], month: Mapping[str, Any]) -> None:
        away = month["absent_days"] >= 1 if absence == "ge1" else month["absent_days"] > 1
        away = away or month["days_out_of_post"] > 0
        kept = 0 if away or LOST[events](month) else fen(Fraction(params["base"]) / 10)
        found = evaluate(policy, params, month).line("full_attendance")
        assert found is not None
        assert found.amount_fen == kept
        if (events, absence) == ("sum3", "ge1"):
            assert kept == fen(full_attendance(params["base"], month))

    agree()


ABOVE_90 = {
    "excess_over_90": lambda s: (s - 90) / 100,
    "full_score": lambda s: s / 100,
    "literal": lambda s: (s - 100) / 100,
}


@pytest.mark.parametrize("reading", ABOVE_90)
def test_each_reading_above_90_pays_as_its_words_say(reading: str) -> None:
    policy = chosen(read_shipped("d15-planning-linear"), {"above_90": reading})

    @settings(max_examples=60, deadline=None)
    @given(st.decimals("3000", "20000", places=2), st.decimals("90.01", "100", places=2))
    def agree(wage: Decimal, score: Decimal) -> None:
        found = evaluate(policy, {"wage": wage}, {"score": score}).line("adjustment")
        assert found is not None
        assert found.amount_fen == fen(Fraction(wage) / 10 * ABOVE_90[reading](Fraction(score)))

    agree()


MULTIPLIED = {"ratio", "param", "const", "input", "scale", "rows", "table", "pool"}


@pytest.mark.parametrize("code", SCHEMES)
def test_what_a_line_shows_multiplies_to_what_it_pays(code: str) -> None:
    policy = read_shipped(code)

    @settings(max_examples=60, deadline=None)
    @given(standards(policy), months(policy))
    def multiplies(params: Mapping[str, Decimal], month: Mapping[str, Any]) -> None:
        for line in evaluate(policy, params, month).lines:
            product = Fraction(1)
            for term in line.terms:
                product *= Fraction(term.value)
            assert fen(product) == line.amount_fen, line.code

    multiplies()


@pytest.mark.parametrize("code", SCHEMES)
def test_a_result_holds_no_float_and_survives_being_kept(code: str) -> None:
    policy = read_shipped(code)

    @settings(max_examples=30, deadline=None)
    @given(standards(policy), months(policy))
    def kept(params: Mapping[str, Decimal], month: Mapping[str, Any]) -> None:
        result = evaluate(policy, params, month)
        text = result.to_json()
        json.loads(text, parse_float=lambda found: pytest.fail(f"a float: {found}"))
        assert PayResult.from_json(text) == result
        backwards = dict(reversed(list(month.items())))
        assert evaluate(policy, dict(reversed(list(params.items()))), backwards) == result

    kept()


@pytest.mark.parametrize("code", SCHEMES)
def test_more_score_never_pays_less_under_the_default_readings(code: str) -> None:
    policy = read_shipped(code)
    if "score" not in policy.inputs:
        assert code == "d03-gradient-bonus", "a scheme without a score is known by name"
        return

    @settings(max_examples=80, deadline=None)
    @given(standards(policy), months(policy), SCORE, SCORE)
    def monotone(params: Mapping[str, Decimal], month: Mapping[str, Any], one: Decimal, other: Decimal) -> None:
        low, high = sorted((one, other))
        less, more = (evaluate(policy, params, {**month, "score": score}).total_fen for score in (low, high))
        assert less <= more

    monotone()
