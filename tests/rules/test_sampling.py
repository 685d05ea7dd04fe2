"""The weekly draw: fair, and repeatable by anybody who knows the seed and the list."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules import sampling
from approval.rules.sampling import METHOD, draw, order, population_hash, replacement, verify

CODES = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=30)
SEED = "9f1c7a3e5b2d4806"
WEEK = [f"S-{n:03d}" for n in range(1, 21)]
DRAWN = ("S-011", "S-018", "S-001", "S-017")


def test_a_stranger_repeats_the_draw_with_three_lines_of_his_own() -> None:
    def ticket(code: str) -> str:
        return hmac.new(SEED.encode(), code.encode(), hashlib.sha256).hexdigest()

    assert draw(WEEK, 4, SEED) == tuple(sorted(WEEK, key=ticket)[:4])
    assert METHOD == "hmac-sha256-order-1"


def test_this_seed_has_always_drawn_these_four() -> None:
    """A draw of last year must verify next year: the method's name changes before its outcome does."""
    assert draw(WEEK, 4, SEED) == DRAWN


def test_the_list_has_a_fingerprint_that_anybody_can_make() -> None:
    by_hand = hashlib.sha256('["K-1","客-2"]'.encode()).hexdigest()
    assert population_hash(["客-2", "K-1"]) == by_hand


def test_codes_that_run_together_do_not_share_a_fingerprint() -> None:
    assert population_hash(["ab", "c"]) != population_hash(["a", "bc"])
    assert population_hash(['a","b']) != population_hash(["a", "b"])


@given(CODES, st.integers(0, 40), st.text(max_size=16))
def test_nobody_is_drawn_twice_and_the_order_of_the_list_does_not_matter(
    codes: list[str], count: int, seed: str
) -> None:
    drawn = draw(codes, count, seed)
    assert len(set(drawn)) == len(drawn) == min(count, len(codes))
    assert set(drawn) <= set(codes)
    assert draw(sorted(codes), count, seed) == draw(sorted(codes, reverse=True), count, seed) == drawn


@given(CODES, st.integers(0, 30), st.text(max_size=16))
def test_a_larger_draw_begins_with_the_smaller_one(codes: list[str], count: int, seed: str) -> None:
    assert draw(codes, count + 1, seed)[:count] == draw(codes, count, seed)


def test_a_code_that_is_listed_twice_has_one_ticket() -> None:
    assert draw(["A", "A", "B"], 3, SEED) == order(["A", "B"], SEED)


def test_drawing_none_or_fewer_gives_none() -> None:
    assert draw(WEEK, 0, SEED) == draw(WEEK, -1, SEED) == draw([], 3, SEED) == ()


def test_every_record_is_drawn_about_as_often_as_any_other() -> None:
    """2000 seeds × 4 of 20: 400 expected each; six standard deviations (18) either side."""
    times = Counter(code for n in range(2000) for code in draw(WEEK, 4, f"seed-{n}"))
    assert set(times) == set(WEEK)
    assert max(abs(times[code] - 400) for code in WEEK) < 108


def test_every_record_comes_first_at_times() -> None:
    assert {draw(WEEK, 1, f"seed-{n}")[0] for n in range(400)} == set(WEEK)


def test_a_void_sample_is_replaced_by_the_next_of_the_same_order() -> None:
    whole = order(WEEK, SEED)
    assert replacement(WEEK, whole[:4], SEED) == whole[4]
    assert replacement(WEEK, whole[:5], SEED) == whole[5]


def test_where_all_are_drawn_no_replacement_is_left() -> None:
    assert replacement(WEEK, WEEK, SEED) is None


def test_an_honest_draw_verifies_replacements_included() -> None:
    kept = population_hash(WEEK)
    assert verify(WEEK, draw(WEEK, 4, SEED), SEED, kept)
    assert verify(list(reversed(WEEK)), order(WEEK, SEED)[:5], SEED, kept)


@pytest.mark.parametrize("cheat", ["a friendlier sample", "another order", "another seed", "a record taken out"])
def test_a_draw_that_was_helped_along_does_not_verify(cheat: str) -> None:
    kept, drawn = population_hash(WEEK), draw(WEEK, 4, SEED)
    told = {
        "a friendlier sample": (WEEK, (*drawn[:3], order(WEEK, SEED)[9]), SEED),
        "another order": (WEEK, drawn[::-1], SEED),
        "another seed": (WEEK, drawn, SEED + "0"),
        "a record taken out": ([code for code in WEEK if code not in drawn[:1]], drawn, SEED),
    }
    codes, claimed, seed = told[cheat]
    assert not verify(codes, claimed, seed, kept)


PEOPLE = st.lists(st.text("E0123456789", min_size=2, max_size=5), unique=True, max_size=12)


@given(PEOPLE, PEOPLE, st.integers(0, 12), st.text("0123456789abcdef", min_size=1, max_size=32))
def test_of_people_those_who_go_first_are_all_drawn_and_nobody_twice(
    team: list[str], others: list[str], count: int, seed: str
) -> None:
    first = team[: len(others)]
    drawn = sampling.draw_people(team, [*first, *others], count, seed)
    assert set(first) <= set(drawn) <= set(team)
    assert len(drawn) == len(set(drawn)) >= min(count, len(team))
    assert drawn == sampling.draw_people(team[::-1], [*others, *first], count, seed), (
        "the order of the lists says nothing"
    )
    assert set(sampling.order_of_people(team, first, seed)) == set(team)


def test_without_anybody_to_go_first_people_are_drawn_like_records() -> None:
    assert sampling.draw_people(["E1", "E2", "E3"], (), 2, "ab") == sampling.draw(["E1", "E2", "E3"], 2, "ab")
