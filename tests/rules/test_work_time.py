"""Working time: the hours of a week, and what the law says to them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from approval.rules.policy import Policy, read_shipped
from approval.rules.work_time import weekly_hours, work_time_lints

WEEK = [1, 2, 3, 4, 5]


def told(work_time: object) -> list[str]:
    return [str(one) for one in work_time_lints(Policy({"work_time": work_time}))]


@pytest.mark.parametrize(
    ("raw", "hours"),
    [
        ({"days": [1, 2, 3, 4, 5, 6], "from": "11:00", "to": "23:00"}, "72"),
        ({"days": WEEK, "hours_per_day": "8"}, "40"),
        ({"days": WEEK, "hours_per_day": "7.5", "from": "8:00", "to": "20:00"}, "37.5"),
        ({"days": WEEK, "from": "22:00", "to": "06:30"}, "42.5"),
        ({"days": [1], "from": "00:00", "to": "24:00"}, "24"),
        ({"days": [1, 1, 2], "from": "09:00", "to": "09:20"}, "0.6667"),
        ({"days": WEEK, "hours_per_day": "eight", "from": "9:00", "to": "17:00"}, "40"),
    ],
)
def test_a_weeks_hours_are_those_of_a_day_for_every_working_day(raw: Mapping[str, Any], hours: str) -> None:
    found = weekly_hours(raw)
    assert found is not None
    assert round(found, 4) == Decimal(hours)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"days": WEEK},
        {"hours_per_day": "8"},
        {"days": WEEK, "from": "11点", "to": "23:00"},
        {"days": WEEK, "from": "9:00"},
        {"days": "all", "hours_per_day": "8"},
        {"days": WEEK, "from": 9, "to": 17},
        {"days": WEEK, "from": "25:00", "to": "9:00"},
    ],
)
def test_without_days_and_hours_there_is_no_week_to_count(raw: Mapping[str, Any]) -> None:
    assert weekly_hours(raw) is None


def test_the_shipping_supervisors_week_is_longer_than_the_law_allows() -> None:
    (found,) = work_time_lints(read_shipped("d08-shipping-supervisor"))
    assert (found.severity, found.code, found.path) == ("warn", "work_time", "work_time")
    assert str(found).startswith("每周 72 小时，超过法定每日 8 小时、每周平均 44 小时（劳动法第三十六条）")


def test_five_days_of_eight_hours_are_within_the_law() -> None:
    assert work_time_lints(read_shipped("d10-planning-house-rules")) == ()


def test_a_policy_without_working_time_has_no_finding() -> None:
    assert work_time_lints(read_shipped("d09-marketing")) == ()
    assert told("always") == []


def test_forty_four_hours_are_within_the_law_and_a_minute_more_is_not() -> None:
    assert told({"days": [1, 2, 3, 4], "from": "9:00", "to": "20:00"}) == []
    (found,) = told({"days": [1, 2, 3, 4], "from": "9:00", "to": "20:01"})
    assert found.startswith("每周 44.07 小时")


def test_a_written_day_of_more_than_eight_hours_is_told_even_in_a_short_week() -> None:
    assert told({"days": [1, 2], "hours_per_day": "8"}) == []
    (found,) = told({"days": [1, 2], "hours_per_day": "8.5"})
    assert found.startswith("每天 8.5 小时，超过法定每日 8 小时（")
