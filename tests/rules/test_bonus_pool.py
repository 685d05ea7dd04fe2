"""The bonus pool: its amount, who has a share, and a split that is right to the fen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from approval.rules.bonus_pool import Pool, check_shares, eligible, fill_rest, pool_amount, split
from approval.rules.refusal import Refused

CUTOFF = date(2024, 1, 30)
SOURCES = [{"base": Decimal(4_400_000), "rate": Decimal("0.02")}, {"amount": Decimal(24_000)}]
NUMBERS = [f"E{n:03d}" for n in range(1, 13)]
WEIGHTS = st.dictionaries(st.sampled_from(NUMBERS), st.decimals(0, 10_000, places=2), min_size=1, max_size=12).filter(
    lambda weights: any(weights.values())
)
POOLS = st.integers(0, 10**12)


def weighted(**weights: str) -> dict[str, Decimal]:
    return {number: Decimal(weight) for number, weight in weights.items()}


def decimals(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_the_pool_of_the_plan_year_is_112000_yuan() -> None:
    assert pool_amount(SOURCES, decimals("1")) == Pool(11_200_000, Decimal(1), 11_200_000)


def test_the_completion_rate_is_the_sum_of_its_parts() -> None:
    assert pool_amount(SOURCES, decimals("0.5", "0.3", "0.15")) == Pool(11_200_000, Decimal("0.95"), 10_640_000)


def test_a_rate_above_one_is_paid_unless_it_is_capped() -> None:
    assert pool_amount(SOURCES, decimals("0.4", "0.4", "0.4")).payable_fen == 13_440_000
    assert pool_amount(SOURCES, decimals("0.4", "0.4", "0.4"), Decimal(1)).payable_fen == 11_200_000


def test_half_a_fen_of_the_payable_amount_is_rounded_up() -> None:
    assert pool_amount([{"amount": Decimal("0.01")}], decimals("0.5")).payable_fen == 1


@pytest.mark.parametrize(("amount", "rate"), [("-0.01", "1"), ("100", "-0.1")])
def test_a_negative_pool_or_rate_is_refused(amount: str, rate: str) -> None:
    with pytest.raises(Refused) as refused:
        pool_amount([{"amount": Decimal(amount)}], decimals(rate))
    assert refused.value.fault.startswith("negative amount")


def test_negative_sources_do_not_hide_behind_others_and_a_pool_out_of_nothing_is_refused() -> None:
    for sources, parts, fault in (
        ([{"amount": Decimal(-100)}, {"amount": Decimal(200)}], ("1",), "negative amount of a source"),
        ([{"amount": Decimal(100)}], ("1", "-0.2"), "negative amount or completion rate"),
        ([], ("1",), "missing sources"),
        ([{"amount": Decimal(100)}], (), "missing completion parts"),
        ([{"base": Decimal(100)}], ("1",), "missing rate"),
    ):
        with pytest.raises(Refused) as refused:
            pool_amount(sources, decimals(*parts))
        assert refused.value.fault == fault


def test_what_is_paid_of_a_pool_is_rounded_once_from_the_exact_amount() -> None:
    found = pool_amount([{"base": Decimal("100.005"), "rate": Decimal(1)}], decimals("0.5"))
    assert (found.pool_fen, found.payable_fen) == (10_001, 5_000)


def test_the_fen_that_is_left_goes_to_the_smaller_number_as_people_count() -> None:
    assert split(1, {"E10": Decimal(1), "E9": Decimal(1)}) == {"E10": 0, "E9": 1}


def test_a_payable_amount_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        pool_amount([{"amount": Decimal(9_000_000_000)}], decimals("2"))
    assert refused.value.fault == "amount out of range"


@pytest.mark.parametrize(
    ("left_on", "has_share", "by_the_strict_reading"),
    [
        (None, True, True),
        (date(2024, 1, 29), False, False),
        (date(2024, 1, 30), True, False),
        (date(2024, 1, 31), True, True),
        (date(2023, 6, 30), False, False),
    ],
)
def test_who_left_before_the_cutoff_has_no_share(
    left_on: date | None, has_share: bool, by_the_strict_reading: bool
) -> None:
    assert eligible(left_on, CUTOFF) is has_share
    assert eligible(left_on, CUTOFF, "after") is by_the_strict_reading


def test_the_odd_fen_goes_to_the_smaller_employee_number() -> None:
    assert split(10_000, weighted(E003="1", E001="1", E002="1")) == {"E001": 3334, "E002": 3333, "E003": 3333}


def test_the_largest_remainder_is_served_first_whatever_the_number() -> None:
    """Exact shares 1.25, 1.25 and 2.5 of five fen."""
    assert split(5, weighted(E001="1", E002="1", E003="2")) == {"E001": 1, "E002": 1, "E003": 3}


def test_coefficients_split_the_pool_as_worked_out_by_hand() -> None:
    shares = split(10_640_000, weighted(E001="1.2", E002="1", E003="1.5", E004="0.5"))
    assert shares == {"E001": 3_040_000, "E002": 2_533_333, "E003": 3_800_000, "E004": 1_266_667}


def test_a_weight_of_zero_earns_nothing_and_costs_nobody_else() -> None:
    assert split(100_000, weighted(E001="0", E002="1")) == {"E001": 0, "E002": 100_000}


def test_an_empty_pool_gives_everybody_nothing() -> None:
    assert split(0, weighted(E001="1", E002="1")) == {"E001": 0, "E002": 0}


@pytest.mark.parametrize(
    ("payable_fen", "weights", "fault"),
    [
        (1000, weighted(E001="0", E002="0"), "no weights"),
        (1000, {}, "no weights"),
        (1000, weighted(E001="-1", E002="2"), "negative weight"),
        (-1, weighted(E001="1"), "negative pool"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(payable_fen: int, weights: dict[str, Decimal], fault: str) -> None:
    with pytest.raises(Refused) as refused:
        split(payable_fen, weights)
    assert refused.value.fault == fault


@given(POOLS, WEIGHTS)
def test_the_shares_always_make_the_pool_to_the_fen(payable_fen: int, weights: dict[str, Decimal]) -> None:
    shares = split(payable_fen, weights)
    assert sum(shares.values()) == payable_fen
    assert shares.keys() == weights.keys()


@given(POOLS, WEIGHTS)
def test_nobody_is_a_fen_away_from_his_exact_share(payable_fen: int, weights: dict[str, Decimal]) -> None:
    total = sum(weights.values())
    for number, share in split(payable_fen, weights).items():
        assert abs(share * total - payable_fen * weights[number]) < total


@given(POOLS, WEIGHTS)
def test_the_order_of_the_list_does_not_matter(payable_fen: int, weights: dict[str, Decimal]) -> None:
    assert split(payable_fen, dict(reversed(weights.items()))) == split(payable_fen, weights)


@given(POOLS, WEIGHTS)
def test_a_higher_weight_never_earns_less(payable_fen: int, weights: dict[str, Decimal]) -> None:
    shares = split(payable_fen, weights)
    ranked = sorted(weights, key=lambda number: (weights[number], shares[number]))
    assert [shares[number] for number in ranked] == sorted(shares.values())


@given(POOLS, WEIGHTS, st.decimals(1, 1000, places=1))
def test_only_the_proportion_of_the_weights_counts(
    payable_fen: int, weights: dict[str, Decimal], times: Decimal
) -> None:
    scaled = {number: weight * times for number, weight in weights.items()}
    assert split(payable_fen, scaled) == split(payable_fen, weights)


@given(POOLS, WEIGHTS, st.sampled_from(NUMBERS), st.decimals(1, 1000, places=2))
def test_a_person_whose_weight_rises_never_loses(
    payable_fen: int, weights: dict[str, Decimal], number: str, more: Decimal
) -> None:
    assume(number in weights)
    raised = {**weights, number: weights[number] + more}
    assert split(payable_fen, raised)[number] >= split(payable_fen, weights)[number]


@pytest.mark.parametrize("shares", [{"E001": 499, "E002": 500}, {"E001": 501, "E002": 500}, {}])
def test_a_split_that_misses_one_fen_is_refused(shares: dict[str, int]) -> None:
    with pytest.raises(Refused) as refused:
        check_shares(1000, shares)
    assert refused.value.fault == "shares do not sum to the pool"


def test_the_refusal_says_how_many_fen_are_missing() -> None:
    with pytest.raises(Refused, match="相差 1 分"):
        check_shares(1000, {"E001": 499, "E002": 500})


def test_a_negative_share_is_refused_even_where_the_sum_is_right() -> None:
    with pytest.raises(Refused, match="工号 E002") as refused:
        check_shares(1000, {"E001": 1100, "E002": -100})
    assert refused.value.fault == "negative share"


def test_shares_that_make_the_pool_are_taken_as_they_are() -> None:
    shares = {"E001": 1000, "E002": 0}
    check_shares(1000, shares)
    assert shares == {"E001": 1000, "E002": 0}


def test_what_is_left_goes_to_the_others_by_their_weights() -> None:
    assert fill_rest(1000, {"E001": 400}, weighted(E002="2", E003="1")) == {"E001": 400, "E002": 400, "E003": 200}


def test_where_nothing_is_left_the_others_get_nothing() -> None:
    assert fill_rest(1000, {"E001": 1000}, weighted(E002="0", E003="0")) == {"E001": 1000, "E002": 0, "E003": 0}


def test_with_nobody_left_to_give_to_the_rest_stays_open() -> None:
    assert fill_rest(1000, {"E001": 400}, {}) == {"E001": 400}


@pytest.mark.parametrize(
    ("by_hand", "fault"),
    [({"E001": 1001}, "over the pool"), ({"E001": -1}, "negative share"), ({"E002": 10}, "counted twice")],
)
def test_figures_set_by_hand_that_cannot_stand_are_refused(by_hand: dict[str, int], fault: str) -> None:
    with pytest.raises(Refused) as refused:
        fill_rest(1000, by_hand, weighted(E002="1", E003="1"))
    assert refused.value.fault == fault


@given(POOLS, WEIGHTS, st.integers(0, 10**12))
def test_a_filled_split_always_makes_the_pool(payable_fen: int, weights: dict[str, Decimal], own_fen: int) -> None:
    assume(own_fen <= payable_fen)
    filled = fill_rest(payable_fen, {"HEAD": own_fen}, weights)
    assert filled["HEAD"] == own_fen
    check_shares(payable_fen, filled)
