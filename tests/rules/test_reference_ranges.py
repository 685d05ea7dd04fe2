"""What is usually paid (D04, R020–R026): a figure outside of every range of its post is told with the sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from approval.rules.policy import read_shipped
from approval.rules.reference_ranges import BASE, TOTAL, outside, ranges_of

RANGES = ranges_of([read_shipped("d04-reference-ranges"), read_shipped("d17-c1")])


def told(position: str, value: str, grade: str = "", of: str = BASE) -> list[tuple[str, str, str]]:
    return [(one.zh, str(one.least), str(one.most)) for one in outside(RANGES, [position], of, Decimal(value), grade)]


@pytest.mark.parametrize("value", ["2500", "2750.50", "3000", "4000", "8000"])
def test_a_base_within_a_range_or_on_its_edge_is_not_told(value: str) -> None:
    assert told("C-1", value) == []


@pytest.mark.parametrize("value", ["2499.99", "3000.01", "8000.01"])
def test_a_base_outside_of_every_range_is_told_with_each_of_them(value: str) -> None:
    assert told("C-1", value) == [
        ("普通设计、文案底薪", "2500", "3000"),
        ("中级设计、文案底薪", "4000", "5000"),
        ("高级设计、文案底薪", "7000", "8000"),
    ]


def test_a_grade_that_a_range_names_is_held_against_that_range_alone() -> None:
    assert told("C-1", "2800", "高级") == [("高级设计、文案底薪", "7000", "8000")]
    assert told("C-1", "7000", "高级") == []
    assert told("C-1", "2800", "新人") == []


def test_a_months_total_is_not_held_against_what_is_said_of_the_base() -> None:
    totals = {one.of for one in RANGES if "营销专员" in one.positions}
    assert totals == {BASE, TOTAL}
    of_the_base = [one[1:] for one in told("营销专员", "9999")]
    of_the_total = [one[1:] for one in told("营销专员", "9999", of=TOTAL)]
    assert of_the_base == [("1500", "2000")], "misprinted as 1500+2000 (A-28)"
    assert of_the_total == [("4000", "5000"), ("2500", "3000")]
    assert told("仓储发货员", "1") == [], "a post of which the source says nothing"


def test_each_range_carries_its_rules_and_sentence_and_a_sentence_without_an_amount_is_none() -> None:
    assert {rule for one in RANGES for rule in one.rules} <= {f"R{number:03}" for number in range(20, 27)}
    assert all(one.quote and one.en != one.zh for one in RANGES)
    assert len(RANGES) < len(read_shipped("d04-reference-ranges").reference_ranges)
