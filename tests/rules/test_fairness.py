"""Whether a split follows the scores, in figures that can be checked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.fairness import Person, gini, inversions, median_ratio, rank_correlation, ranks, strays


def people(*told: tuple[str | None, int], band: str = "A") -> list[Person]:
    """People of one band, each with a score and a share in fen."""
    return [
        Person(f"E{n:03d}", None if score is None else Decimal(score), band, share, share)
        for n, (score, share) in enumerate(told, 1)
    ]


SPLITS = st.lists(st.tuples(st.integers(0, 100).map(str), st.integers(0, 10**7)), max_size=12).map(
    lambda told: people(*told)
)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert ranks([30, 10, 30, 20]) == [Decimal("3.5"), 1, Decimal("3.5"), 2]


def test_shares_that_follow_the_scores_correlate_fully() -> None:
    assert rank_correlation(people(("60", 10), ("70", 500), ("80", 501))) == 1


def test_shares_that_turn_the_scores_round_correlate_fully_the_other_way() -> None:
    assert rank_correlation(people(("60", 3), ("70", 2), ("80", 1))) == -1


def test_one_exchange_among_five_costs_a_tenth() -> None:
    """Spearman by hand: 1 − 6·2 ÷ (5·24)."""
    split = people(("60", 1), ("70", 2), ("80", 3), ("90", 5), ("95", 4))
    assert rank_correlation(split) == Decimal("0.90")


def test_ties_are_averaged_and_not_broken_by_the_order_of_the_list() -> None:
    """Ranks 1.5 1.5 3 against 1 2 3: 1.5 ÷ √(1.5 · 2) = 0.866…"""
    split = people(("60", 1), ("60", 2), ("80", 3))
    assert rank_correlation(split) == rank_correlation(split[::-1]) == Decimal("0.87")


@pytest.mark.parametrize(
    "told",
    [(), (("60", 1), ("70", 2)), (("60", 1), ("60", 2), ("60", 3)), (("60", 5), ("70", 5), ("80", 5))],
)
def test_too_few_people_or_no_spread_tell_nothing(told: tuple[tuple[str, int], ...]) -> None:
    assert rank_correlation(people(*told)) is None


def test_who_has_no_score_yet_is_left_out_and_not_taken_for_a_zero() -> None:
    known = people(("60", 1), ("70", 2), ("80", 3))
    assert rank_correlation([*known, *people((None, 9))]) == 1
    assert rank_correlation([*known[:2], *people((None, 9))]) is None
    assert inversions([*known, *people((None, 9))]) == []


def test_a_higher_score_with_a_lower_share_in_one_band_is_an_inversion() -> None:
    assert inversions(people(("80", 200), ("85", 100), ("90", 300))) == [("E002", "E001")]


def test_equal_scores_or_equal_shares_are_no_inversion() -> None:
    assert inversions(people(("80", 200), ("80", 100))) == []
    assert inversions(people(("80", 100), ("85", 100))) == []


def test_people_of_different_bands_are_not_held_against_each_other() -> None:
    assert inversions([*people(("80", 200), band="A"), *people(("95", 100), band="B")]) == []


def test_the_largest_share_is_held_against_the_middle_one() -> None:
    assert median_ratio(people(("1", 100), ("2", 200), ("3", 500))) == Decimal("2.50")
    assert median_ratio(people(("1", 100), ("2", 200), ("3", 400), ("4", 900))) == Decimal("3.00")


def test_without_people_or_with_a_middle_of_zero_there_is_no_ratio() -> None:
    assert median_ratio([]) is None
    assert median_ratio(people(("1", 0), ("2", 0), ("3", 500))) is None


def test_equal_shares_have_a_gini_of_zero_and_one_taker_of_four_three_quarters() -> None:
    assert gini(people(("1", 50), ("2", 50), ("3", 50))) == 0
    assert gini(people(("1", 0), ("2", 0), ("3", 0), ("4", 100))) == Decimal("0.75")
    assert gini(people(("1", 100), ("2", 300))) == Decimal("0.25")
    assert gini(people(("1", 0), ("2", 0))) is None
    assert gini([]) is None


@pytest.mark.parametrize(
    ("share", "suggested", "far"),
    [(109, 100, False), (110, 100, True), (91, 100, False), (90, 100, True), (0, 0, False), (1, 0, True), (0, 1, True)],
)
def test_a_share_strays_from_its_suggestion_at_a_tenth(share: int, suggested: int, far: bool) -> None:
    assert strays(share, suggested) is far


@given(SPLITS)
def test_every_figure_stays_within_its_bounds(split: list[Person]) -> None:
    correlation, ratio, spread = rank_correlation(split), median_ratio(split), gini(split)
    assert correlation is None or -1 <= correlation <= 1
    assert ratio is None or ratio >= 1
    assert spread is None or 0 <= spread < 1


@given(SPLITS)
def test_the_order_of_the_list_changes_no_figure(split: list[Person]) -> None:
    def told(some: list[Person]) -> tuple[object, ...]:
        return rank_correlation(some), median_ratio(some), gini(some), sorted(inversions(some))

    assert told(split[::-1]) == told(split)


@given(SPLITS)
def test_shares_in_the_order_of_the_scores_have_no_inversion(split: list[Person]) -> None:
    shares = sorted(one.share_fen for one in split)
    ordered = sorted(split, key=lambda one: one.score or Decimal(0))
    told = ((str(one.score), share) for one, share in zip(ordered, shares, strict=True))
    assert inversions(people(*told)) == []
