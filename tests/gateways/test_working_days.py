"""The published holidays as the seed of the company's own calendar."""

from __future__ import annotations

from datetime import date

import pytest

from approval.gateways.working_days import exceptional_days
from approval.rules.calendar import WorkingDays
from approval.rules.refusal import Refused


def calendar(year: int) -> WorkingDays:
    return WorkingDays({one.day: one.works for one in exceptional_days(year)})


def test_national_day_and_its_make_up_days_are_known() -> None:
    named = {one.day: (one.works, one.name) for one in exceptional_days(2025)}
    assert named[date(2025, 10, 1)] == (False, "国庆节")
    assert named[date(2025, 10, 11)] == (True, "国庆节")
    assert date(2025, 10, 4) not in named  # a Saturday that is off like any other


def test_a_day_is_an_exception_only_where_it_differs_from_its_weekday() -> None:
    for one in exceptional_days(2025):
        assert one.works == (one.day.weekday() >= 5), one


def test_the_year_2025_had_248_working_days() -> None:
    """365 days − 104 of weekends − 13 of holidays; what is off beyond that is worked on make-up days."""
    assert calendar(2025).count(date(2025, 1, 1), date(2025, 12, 31)) == 248


@pytest.mark.parametrize("year", [2003, 2099])
def test_a_year_that_nobody_published_is_refused_by_name_and_never_guessed(year: int) -> None:
    with pytest.raises(Refused, match=f"{year} 年") as refused:
        exceptional_days(year)
    assert refused.value.fault == "unknown year"
