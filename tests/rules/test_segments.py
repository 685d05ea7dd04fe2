"""A month cut in two under one policy comes to what it came to whole, under every reading."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from approval.rules.explanation import Words
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, read_shipped, shipped_codes
from approval.rules.segments import Segment, follows_work, joined

PAYING = [code for code in shipped_codes() if read_shipped(code).pays and read_shipped(code).cycle == "month"]
READINGS = [
    (code, option.code, reading)
    for code in PAYING
    for option in read_shipped(code).options
    for reading in option.choices
] + [(code, "", "") for code in PAYING]
WHOLE: dict[str, Any] = {
    "days": Decimal(22),
    "score": Decimal(88),
    "factor": Decimal("1.1"),
    "fraction": Decimal("0.1"),
    "rows": [],
}
MISSED = ("absent_days", "days_out_of_post")


def of_month(policy: Policy, actual: int) -> dict[str, Any]:
    """A month without sales or rewards: what remains is of the month, or follows the days attended."""
    found = {code: WHOLE.get(told.type, Decimal(0)) for code, told in policy.inputs.items()}
    found |= {code: Decimal(0) for code in MISSED if code in found}
    return found | ({"actual": Decimal(actual)} if "actual" in found else {})


@pytest.mark.parametrize(("code", "option", "reading"), READINGS)
def test_two_halves_of_a_month_come_to_the_whole_under_every_reading(code: str, option: str, reading: str) -> None:
    policy = chosen(read_shipped(code), {option: reading} if option else {})
    params = {name: Decimal(3000) if one.value is None else one.value for name, one in policy.params.items()}
    whole = evaluate(policy, params, of_month(policy, 22))
    halves = [
        Segment(policy, evaluate(policy, params, of_month(policy, 11)), Words(name, name), Fraction(11), Fraction(22))
        for name in ("前", "后")
    ]
    both = joined(halves)
    loose = 22 if reading == "daily_rate_first" else 1  # a day's rate is rounded, a whole month's is not
    for line in whole.lines:
        of_both = sum(one.amount_fen for one in both.lines if one.code.startswith(f"{line.code}@"))
        assert abs(of_both - line.amount_fen) <= loose, line.code
    assert both.total_fen == sum(one.amount_fen for one in both.lines)


def test_only_days_attended_and_sums_of_what_was_done_follow_the_work() -> None:
    assert follows_work(chosen(read_shipped("d17-y1"), {})) == {
        "base",
        "commission_normal",
        "commission_high",
        "special_reward",
    } & {one["code"] for one in read_shipped("d17-y1").components}
    yearly = chosen(read_shipped("d01-ec-department"), {"performance_days": "year"})
    assert "performance" not in follows_work(yearly)
    assert "performance" in follows_work(chosen(read_shipped("d01-ec-department"), {}))


@pytest.mark.parametrize(
    ("asked", "follows"), [("late", False), ("absent_days", False), ("actual", True), ("parcels", True)]
)
def test_what_is_told_once_for_all_posts_is_shared_and_days_attended_are_not(asked: str, follows: bool) -> None:
    kind = "days" if asked in ("absent_days", "actual") else "count"
    line = {"code": "by_each", "factors": [{"const": "20"}, {"input": asked}]}
    raw = read_shipped("d17-y1").raw
    policy = Policy({**raw, "inputs": {asked: {"type": kind, "zh": asked}}, "components": (line,)})
    parts = [
        Segment(policy, evaluate(policy, {}, {asked: Decimal(6)}), Words(name, name), Fraction(days), Fraction(22))
        for name, days in (("前", 12), ("后", 10))
    ]
    assert follows_work(policy) == ({"by_each"} if follows else set())
    assert joined(parts).total_fen == (24_000 if follows else 12_000)
