"""Edges that decide: the first band, the first month's day, an empty sum, a class between two ends, a place without a name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from approval.rules import score
from approval.rules.amounts import amounts
from approval.rules.band_lint import SCORES, first_gap
from approval.rules.calendar import months_after
from approval.rules.column import Column, read_value
from approval.rules.guards import least_pay
from approval.rules.line_basis import POOL_PLACES, options_at
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, chosen_text, load, read_shipped, shipped_text
from approval.rules.policy_figures import figures
from approval.rules.policy_lint import lints, scorerless
from approval.rules.policy_parts import Param
from approval.rules.policy_place import OWN
from approval.rules.policy_text import PolicyText
from approval.rules.refusal import Refused
from approval.rules.table import Cell

BARE = (Path(__file__).parent / "written" / "bare.toml").read_text(encoding="utf-8")
SPOILT = (Path(__file__).parent / "written" / "spoilt.toml").read_text(encoding="utf-8")
C1 = shipped_text("d17-c1")


def with_line(rest: str) -> Policy:
    """The barest policy with one more line."""
    return load(
        BARE.replace("[options.half]", f'[[components]]\ncode = "more"\nrules = ["R011"]\n{rest}\n[options.half]')
    )


def blocked(policy: Policy) -> set[str]:
    return {one.path for one in lints(policy) if one.code == "deduction"}


def paid(policy: Policy, **inputs: Any) -> tuple[str, str, str]:
    """The sum of the line `more` and why it is zero."""
    result = evaluate(policy, {"base": Decimal(1000)}, {"score": "85", "own_days": "2"} | inputs)
    line = result.line("more")
    assert line is not None
    return line.formula, line.terms[0].detail.zh, line.terms[0].detail.en


def test_a_factor_of_nought_is_no_fine_and_one_below_is() -> None:
    assert blocked(with_line('factors = [{ const = "0" }, { input = "own_days" }]')) == set()
    assert blocked(with_line('factors = [{ const = "-0.01" }, { input = "own_days" }]')) == {"components.more"}


def test_a_line_whose_condition_of_two_ways_does_not_hold_says_what_either_asks() -> None:
    told = 'when = { any = [{ sum = ["own_days"], ge = "5" }, { sum = ["late"], ge = "3" }] }\n'
    policy = with_line(told + 'factors = [{ const = "7" }]')
    assert paid(policy) == (
        "0.00",
        "own_days = 2，要求 ≥ 5，或迟到次数 = 0，要求 ≥ 3",
        "own_days = 2, must be ≥ 5, or Late = 0, must be ≥ 3",
    )
    assert paid(policy, own_days="5")[0] == paid(policy, late=3)[0] == "7 = 7.00"


def test_a_scale_of_one_band_without_an_end_is_computed_both_ways_alike() -> None:
    policy = load(BARE.replace('[{ lt = "60", value = "0" }, { ge = "60", value = "1" }]', '[{ value = "0.8" }]'))
    month = {"score": Decimal(10), "own_days": Decimal(0)}
    assert amounts(policy, {"base": Decimal(1000)}, month) == {"pay": 800_00, "days": 0}
    assert [one.amount_fen for one in evaluate(policy, {"base": Decimal(1000)}, month).lines] == [800_00, 0]


def test_scores_are_asked_for_from_nought_on() -> None:
    assert first_gap([{"gt": "0", "value": "1"}], SCORES) == 0
    assert first_gap([{"ge": "0", "value": "1"}], SCORES) is None
    assert (Fraction(0), Fraction(100)) == SCORES


def test_what_a_policy_pays_at_least_supposes_no_fault_of_attendance() -> None:
    raw = load(C1).raw
    policy = Policy({**raw, "params": {**raw["params"], "base": {"value": "3000"}}})
    assert least_pay(policy) == 3000_00 + 300_00 + 300_00, "base, full attendance and allowance at a score of 0"


def test_a_month_without_a_supervisors_score_is_blocked_and_nothing_else_is() -> None:
    def scored(*parts: str, cycle: str = "month", adds: bool = False) -> list[str]:
        raw = {**load(BARE).raw, "appraisal": {"parts": [{"code": by, "weight": "1", "by": by} for by in parts]}}
        raw |= {"policy": {**raw["policy"], "cycle": cycle}, "scope": {**raw["scope"], "adds": adds}}
        return [one.code for one in scorerless(Policy(raw))]

    assert scored("employee") == ["no_scorer"]
    assert (
        scored("employee", "supervisor") == scored("employee", cycle="quarter") == scored("employee", adds=True) == []
    )


def test_what_is_to_be_filled_and_has_no_name_is_known_by_its_code() -> None:
    raw = load(SPOILT.replace(', zh = "没人用"', "", 1)).raw
    assert [(path, words.zh) for path, words in figures(raw, {}).to_fill] == [(("params", "idle"), "idle")]


def test_a_reading_copied_for_the_company_keeps_the_places_that_it_changes() -> None:
    changed = PolicyText(BARE)
    changed.put(("options", "half", "choices", "yes", "params.own.value"), "2")
    assert load(changed.text).raw["options"]["half"]["choices"] == {
        "no": {},
        "yes": {"params.own.value": "1.75"},
        OWN: {"params.own.value": "2"},
    }


def test_a_text_is_read_with_its_readings_and_once() -> None:
    read = chosen_text(C1, "c1", {"tiers": "ladder90"})
    assert read.raw == chosen(load(C1), {"tiers": "ladder90"}).raw
    assert chosen_text(C1, "c1", {"tiers": "ladder90"}) is read
    assert chosen_text(C1, "c1", {}).raw == chosen(load(C1), {}).raw


def test_the_readings_of_a_pool_are_found_at_its_place() -> None:
    found = {one.code for one in options_at(read_shipped("d01-ec-department"), POOL_PLACES)}
    assert "pool_cap" in found
    assert "score_places" not in found


def test_a_fault_of_toml_is_told_by_its_line_and_its_column() -> None:
    with pytest.raises(Refused, match="第 3 行第 5 列"):
        load("a = 1\nb = 2\nc = = 3\n")
    with pytest.raises(Refused, match="第 2 行第 7 列"):
        load("a = 1\nb = [1")


def test_a_negative_count_is_refused_where_points_are_only_suggested() -> None:
    suggest = ({"count": "proposals", "each": "1", "upto": "3"},)
    with pytest.raises(Refused, match="计数不能为负数"):
        score.kpi_points(None, suggest, Decimal(10), {"proposals": Decimal(-1)})


def test_a_text_that_is_too_long_is_refused_with_the_most_that_fits() -> None:
    column = Column("note", "备注", "Note", "text", "x", maximum=5)
    assert read_value(column, Cell("五个字以内")) == "五个字以内"
    with pytest.raises(Refused, match="最多 5 个字"):
        read_value(column, Cell("这里有六个字"))


def test_points_for_what_is_short_stop_at_the_floor_and_at_nought_without_one() -> None:
    short = {"count": "activities", "below": "5", "minus": "3"}
    assert [score.points_of_count({**short, **floor}, Decimal(10), Decimal(0)) for floor in ({}, {"floor": "2"})] == [
        0,
        2,
    ]


def test_whose_figure_the_table_of_posts_fills() -> None:
    def filled(*per: str, value: str | None = None) -> tuple[bool, bool]:
        one = Param("base", "基本工资", "Base pay", None if value is None else Decimal(value), per)
        return one.of_post(""), one.of_post("P1")

    assert filled("grade") == (True, True)
    assert filled("position") == (True, False)
    assert filled("employee") == filled("position", value="1") == (False, False)
    assert Param("base", "基本工资", "Base pay", None, ()).type == "money"


def test_the_deadlines_of_a_policy_and_none() -> None:
    assert [one["code"] for one in read_shipped("d13-quarterly-bonus").deadlines] == ["payout"]
    assert load(BARE).deadlines == ()


def test_the_last_year_that_a_date_can_have_is_counted_to_its_end() -> None:
    assert months_after(date(9999, 1, 31), 1) == date(9999, 2, 28)
    assert months_after(date(9999, 1, 31), 11) == date(9999, 12, 31)
    with pytest.raises(Refused, match="日期超出范围"):
        months_after(date(9999, 1, 31), 12)
