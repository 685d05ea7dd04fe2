"""Scores: weighed exactly, rounded once, and never made up where a part is missing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules import score
from approval.rules.refusal import Refused

SELF, SAMPLES = Decimal("0.25"), Decimal("0.75")
SCORES = st.decimals(0, 100, places=2)
WEEKS = st.lists(st.lists(SCORES, max_size=5), min_size=1, max_size=5).filter(any)


def fault(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.fault


def decimals(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("own", "theirs", "total"),
    [
        ("60", "70", "67.50"),
        ("100", "53.33", "65.00"),
        ("94.98", "95", "95.00"),
        ("94.97", "95", "94.99"),
        ("70.02", "80", "77.51"),
    ],
)
def test_a_quarter_is_the_employees_and_three_quarters_the_supervisors(own: str, theirs: str, total: str) -> None:
    assert score.combine([(SELF, Decimal(own)), (SAMPLES, Decimal(theirs))]) == Decimal(total)


def test_the_parts_are_rounded_only_together() -> None:
    """A sampling mean of 66.458333… rounded first would give 65.10."""
    weeks = [decimals("66", "67"), decimals("66"), decimals("65", "66", "68"), decimals("67")]
    theirs = score.sampling_score(weeks)
    assert theirs == Fraction(1595, 24)
    assert score.combine([(SELF, Decimal(61)), (SAMPLES, theirs)]) == Decimal("65.09")


def test_a_missing_part_is_refused_and_not_counted_as_zero() -> None:
    with pytest.raises(Refused) as refused:
        score.combine([(SELF, None), (SAMPLES, Decimal(80))])
    assert fault(refused) == "missing part"


def test_a_vacant_part_moves_no_weight_to_the_others() -> None:
    with pytest.raises(Refused) as refused:
        score.combine([(SAMPLES, Decimal(80))])
    assert fault(refused) == "weights do not sum to 1"


@pytest.mark.parametrize("weights", [("0.25", "0.76"), ("1.5", "-0.5"), ()])
def test_weights_that_are_negative_or_do_not_make_one_are_refused(weights: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        score.combine([(Decimal(weight), Decimal(50)) for weight in weights])
    assert fault(refused) == ("negative weight" if "-0.5" in weights else "weights do not sum to 1")


@pytest.mark.parametrize("wrong", ["-0.01", "100.01"])
def test_a_score_outside_its_range_is_refused_wherever_it_comes_in(wrong: str) -> None:
    given_scores = decimals("50", wrong)
    for call in (
        lambda: score.combine([(SELF, given_scores[0]), (SAMPLES, given_scores[1])]),
        lambda: score.sampling_score([given_scores]),
        lambda: score.mean(given_scores),
        lambda: score.in_range(given_scores[1]),
        lambda: score.quarter_score(given_scores),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert fault(refused) == "score outside 0..100"


def test_a_score_that_is_no_number_is_outside_the_range() -> None:
    with pytest.raises(Refused) as refused:
        score.in_range(Decimal("NaN"))
    assert fault(refused) == "score outside 0..100"


@given(SCORES, SCORES)
def test_the_total_lies_between_its_parts(own: Decimal, theirs: Decimal) -> None:
    total = score.combine([(SELF, own), (SAMPLES, theirs)])
    assert min(own, theirs) <= total <= max(own, theirs)


@given(SCORES, SCORES, SCORES)
def test_a_better_sample_never_lowers_the_total(own: Decimal, one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    assert score.combine([(SELF, own), (SAMPLES, low)]) <= score.combine([(SELF, own), (SAMPLES, high)])


def test_a_week_with_many_samples_does_not_outweigh_the_others() -> None:
    weeks = [decimals("100"), decimals("70", "70", "70")]
    assert score.sampling_score(weeks) == 85
    assert score.sampling_score(weeks, "mean_of_samples") == Fraction(155, 2)


def test_a_week_without_samples_is_left_out() -> None:
    assert score.sampling_score([[], decimals("80"), []]) == 80


@pytest.mark.parametrize("weeks", [[], [[]], [[], []]])
def test_without_any_sample_the_supervisors_part_cannot_be_computed(weeks: list[list[Decimal]]) -> None:
    with pytest.raises(Refused) as refused:
        score.sampling_score(weeks)
    assert fault(refused) == "no samples: the supervisor part cannot be computed"


def test_a_way_to_average_that_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        score.sampling_score([decimals("80")], "median")
    assert fault(refused) == "unknown aggregate"


def test_a_mean_of_nothing_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        score.week_mean([])
    assert fault(refused) == "no scores"


@given(WEEKS, st.sampled_from(["mean_of_weeks", "mean_of_samples"]))
def test_the_order_of_weeks_and_samples_does_not_matter(weeks: list[list[Decimal]], way: str) -> None:
    assert score.sampling_score([week[::-1] for week in weeks[::-1]], way) == score.sampling_score(weeks, way)


def test_kpi_points_add_up_within_their_maxima() -> None:
    assert score.kpi_total(decimals("40", "19.5", "0"), [40, 20, 10]) == Decimal("59.50")


@pytest.mark.parametrize("wrong", ["20.01", "-0.01", "NaN"])
def test_points_above_the_maximum_or_below_zero_are_refused(wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        score.kpi_total(decimals("40", wrong), [40, 20])
    assert fault(refused) == "item score outside 0..max"


def test_an_item_without_points_is_not_passed_over() -> None:
    with pytest.raises(Refused) as refused:
        score.kpi_total(decimals("40"), [40, 20])
    assert fault(refused) == "number of items differs"


PAGES = {"count": "pages", "each": "1", "cap": "10"}
ACTIVITIES = {"count": "activities", "below": "2", "minus": "10", "floor": "0"}
IDEAS = ({"count": "proposals", "each": "1", "upto": "3"}, {"count": "copies", "each": "1", "upto": "7"})


@pytest.mark.parametrize(("pages", "points"), [(0, 0), (9, 9), (10, 10), (11, 10)])
def test_each_page_earns_a_point_up_to_the_cap(pages: int, points: int) -> None:
    assert score.kpi_points(PAGES, None, Decimal(10), {"pages": Decimal(pages)}) == points


@pytest.mark.parametrize(("activities", "points"), [(3, 20), (2, 20), (1, 10), (0, 0)])
def test_each_missing_activity_costs_ten_points_down_to_nothing(activities: int, points: int) -> None:
    assert score.kpi_points(ACTIVITIES, None, Decimal(20), {"activities": Decimal(activities)}) == points


@pytest.mark.parametrize(("proposals", "copies", "points"), [(3, 7, 10), (5, 5, 8), (0, 9, 7), (0, 0, 0)])
def test_a_surplus_of_one_kind_does_not_replace_the_other(proposals: int, copies: int, points: int) -> None:
    counts = {"proposals": Decimal(proposals), "copies": Decimal(copies)}
    assert score.kpi_points(None, IDEAS, Decimal(10), counts) == points


def test_work_that_was_not_counted_suggests_nothing() -> None:
    assert score.kpi_points(PAGES, None, Decimal(10), {}) is None
    assert score.kpi_points(None, IDEAS, Decimal(10), {"proposals": Decimal(3)}) is None
    assert score.kpi_points(None, None, Decimal(10), {"pages": Decimal(3)}) is None


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        score.kpi_points(PAGES, None, Decimal(10), {"pages": Decimal(-1)})
    assert fault(refused) == "negative count"


@given(st.integers(0, 1000), st.sampled_from([(PAGES, 10), (ACTIVITIES, 20)]))
def test_counted_points_always_fit_the_item(count: int, item: tuple[dict[str, str], int]) -> None:
    measure, most = item
    points = score.kpi_points(measure, None, Decimal(most), {measure["count"]: Decimal(count)})
    assert points is not None
    assert 0 <= points <= most


def test_indicators_count_by_their_weights() -> None:
    weights = decimals("0.4", "0.15", "0.15", "0.15", "0.15")
    assert score.weighted(decimals("50", "90", "90", "90", "90"), weights) == Decimal("74.00")
    with pytest.raises(Refused) as refused:
        score.weighted(decimals("50"), weights)
    assert fault(refused) == "number of items differs"


def test_the_quarter_is_the_mean_of_the_months_that_have_a_score() -> None:
    assert score.quarter_score([Decimal(80), None, Decimal(90)]) == Decimal("85.00")
    assert score.quarter_score(decimals("79.99", "80", "80")) == Decimal("80.00")
    assert score.quarter_score([None, None, None]) is None


MEASURES = st.one_of(
    st.fixed_dictionaries(
        {"count": st.just("n"), "each": st.integers(0, 9).map(str), "cap": st.integers(0, 40).map(str)}
    ),
    st.fixed_dictionaries({"count": st.just("n"), "each": st.integers(0, 9).map(str)}),
    st.fixed_dictionaries(
        {
            "count": st.just("n"),
            "below": st.integers(0, 9).map(str),
            "minus": st.integers(0, 30).map(str),
            "floor": st.integers(-5, 40).map(str),
        }
    ),
)


@given(MEASURES, st.integers(1, 40), st.integers(0, 60), st.integers(0, 60))
def test_points_by_count_lie_within_the_item_and_never_fall_with_more_work(
    measure: dict[str, str], most: int, one: int, other: int
) -> None:
    low, high = sorted([one, other])
    fewer, more = (score.points_of_count(measure, Decimal(most), Decimal(count)) for count in (low, high))
    assert 0 <= fewer <= more <= most


@given(SCORES, WEEKS)
def test_a_score_that_is_not_rounded_differs_from_the_exact_one_by_less_than_its_last_kept_place(
    own: Decimal, weeks: list[list[Decimal]]
) -> None:
    theirs = score.sampling_score(weeks)
    exact = Fraction(own) / 4 + theirs * Fraction(3, 4)
    assert abs(Fraction(score.combine([(SELF, own), (SAMPLES, theirs)], 6)) - exact) <= Fraction(1, 2_000_000)


def test_a_score_just_below_an_edge_stays_below_it_where_it_is_not_rounded() -> None:
    """FS-06: 64.9975 is 65.00 to two places, and another tier without rounding (A-34)."""
    parts = [(SELF, Decimal(100)), (SAMPLES, Decimal("53.33"))]
    assert [score.combine(parts, places) for places in (2, 0, 6)] == [65, 65, Decimal("64.9975")]
