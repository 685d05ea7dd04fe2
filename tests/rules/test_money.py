"""Whole fen: typed exactly or refused, rounded once, and written in figures and in capitals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.rules.money import LIMIT_FEN, display, fen, fen_half_up, half_up, in_words, typed, yuan
from approval.rules.refusal import Refused

AMOUNTS = st.integers(-LIMIT_FEN, LIMIT_FEN)
DIGITS = "零壹贰叁肆伍陆柒捌玖"
TENS = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("written", "amount_fen"),
    [
        ("1234.56", 123456),
        ("0", 0),
        ("-0", 0),
        ("0.01", 1),
        (".5", 50),
        ("12.", 1200),
        ("1.500", 150),
        ("１２３４．５６", 123456),
        ("12,345.67", 1234567),
        ("１，２３４", 123400),
        ("¥100", 10000),
        ("￥ 100.10", 10010),
        ("-¥5", -500),
        ("\u22125", -500),
        ("88.8元", 8880),
        (" 7 ", 700),
        ("10000000000", LIMIT_FEN),
        ("-10000000000.00", -LIMIT_FEN),
        (3, 300),
        (Decimal("0.07"), 7),
        (Decimal("1E+3"), 100000),
    ],
)
def test_what_people_type_becomes_fen_exactly(written: str | int | Decimal, amount_fen: int) -> None:
    assert fen(written) == amount_fen


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "一百", "1e3", "1E5", "nan", "Infinity", "1_000", "0x10", "5²", "①", "½", "١٢"),
        *("1 2", "1¥2", "1.2.3", "--5", "+-5", "¥", "元", ".", "-", "5元元", "1/2", "100%"),
    ],
)
def test_what_is_no_plain_number_is_no_amount(written: str) -> None:
    with pytest.raises(Refused) as refused:
        fen(written)
    assert refused.value.fault == "not an amount"


@pytest.mark.parametrize("written", ["12,34", "1,2,3", "1234,567", "1,2345", ",123", "1,234,5"])
def test_a_comma_that_separates_no_thousands_is_refused_for_it_may_be_a_decimal_point(written: str) -> None:
    assert typed(written) is None
    with pytest.raises(Refused, match="不是金额"):
        fen(written)


@pytest.mark.parametrize("written", ["0.001", "1.005", "1234567890.000000000001", Decimal("0.125")])
def test_a_part_of_a_fen_is_refused_and_never_rounded(written: str | Decimal) -> None:
    with pytest.raises(Refused) as refused:
        fen(written)
    assert refused.value.fault == "more than two places"


@pytest.mark.parametrize("written", ["10000000000.01", "-10000000000.01", "999999999999999", Decimal("1E+999999")])
def test_an_amount_beyond_ten_billion_yuan_is_refused(written: str | Decimal) -> None:
    with pytest.raises(Refused) as refused:
        fen(written)
    assert refused.value.fault == "amount out of range"


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_a_decimal_that_is_no_number_is_no_amount(value: Decimal) -> None:
    with pytest.raises(Refused) as refused:
        fen(value)
    assert refused.value.fault == "not an amount"


@given(AMOUNTS)
def test_every_amount_survives_being_written_and_typed_again(amount_fen: int) -> None:
    assert fen(yuan(amount_fen)) == amount_fen
    assert fen(display(amount_fen)) == amount_fen


def test_a_text_of_many_digits_is_turned_away_at_once() -> None:
    assert typed("9" * 100_000) is None
    assert typed("0." + "0" * 100_000 + "1") is None


@given(st.text(alphabet="0123456789０９.,，．+-−¥￥元 _eE²①٣nanif", max_size=10))
def test_a_text_is_an_exact_number_or_none_at_all(text: str) -> None:
    number = typed(text)
    assert number is None or (number.is_finite() and typed(str(number)) == number)


@pytest.mark.parametrize(
    ("amount_fen", "plain", "shown"),
    [
        (0, "0.00", "¥0.00"),
        (5, "0.05", "¥0.05"),
        (-5, "-0.05", "\u2212¥0.05"),
        (1234567, "12345.67", "¥12,345.67"),
        (-1234567, "-12345.67", "\u2212¥12,345.67"),
        (LIMIT_FEN, "10000000000.00", "¥10,000,000,000.00"),
    ],
)
def test_fen_are_written_plain_for_machines_and_grouped_for_people(amount_fen: int, plain: str, shown: str) -> None:
    assert (yuan(amount_fen), display(amount_fen)) == (plain, shown)


@pytest.mark.parametrize(
    ("value", "whole"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("-2.5", -3), ("2.4999", 2), ("-2.4999", -2), ("7", 7)],
)
def test_a_half_is_rounded_away_from_zero(value: str, whole: int) -> None:
    assert half_up(Decimal(value)) == whole
    assert half_up(Fraction(value)) == whole


@given(st.fractions(-(10**9), 10**9))
def test_rounding_moves_by_half_at_most_and_is_the_same_on_both_sides_of_zero(value: Fraction) -> None:
    assert abs(half_up(value) - value) <= Fraction(1, 2)
    assert half_up(-value) == -half_up(value)


def test_exact_yuan_become_fen_by_one_rounding() -> None:
    assert fen_half_up(Fraction(1, 3)) == 33
    assert fen_half_up(Fraction("0.005")) == 1
    assert fen_half_up(Fraction("-0.005")) == -1
    with pytest.raises(Refused, match="超出范围"):
        fen_half_up(Fraction(LIMIT_FEN))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0", "零元整"),
        ("0.04", "肆分"),
        ("0.10", "壹角整"),
        ("0.53", "伍角叁分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("15", "壹拾伍元整"),
        ("100", "壹佰元整"),
        ("101", "壹佰零壹元整"),
        ("110", "壹佰壹拾元整"),
        ("1001", "壹仟零壹元整"),
        ("1010", "壹仟零壹拾元整"),
        ("1002.30", "壹仟零贰元叁角整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("10000", "壹万元整"),
        ("10001", "壹万零壹元整"),
        ("100100", "壹拾万零壹佰元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("112000", "壹拾壹万贰仟元整"),
        ("1000000", "壹佰万元整"),
        ("20000500", "贰仟万零伍佰元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100010001", "壹亿零壹万零壹元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("1000000001", "壹拾亿零壹元整"),
        ("2030405060.78", "贰拾亿叁仟零肆拾万伍仟零陆拾元柒角捌分"),
        ("10000000000", "壹佰亿元整"),
        ("-100", "负壹佰元整"),
        ("-0.05", "负伍分"),
    ],
)
def test_amounts_are_written_in_capitals_as_on_a_voucher(written: str, words: str) -> None:
    assert in_words(fen(written)) == words


def test_capitals_beyond_the_limit_are_refused_and_never_cut_short() -> None:
    with pytest.raises(Refused, match="超出范围"):
        in_words(LIMIT_FEN + 1)


def value_of(words: str) -> int:
    """What a clerk reads in capitals, in fen: written apart from the product's own way of writing them."""
    sign, words = (-1, words[1:]) if words.startswith("负") else (1, words)
    whole, _, rest = words.partition("元") if "元" in words else ("", "", words)
    total = group = digit = 0
    for mark in whole:
        if mark in DIGITS:
            digit = DIGITS.index(mark)
        elif mark in TENS:
            group, digit = group + digit * TENS[mark], 0
        else:
            total, group, digit = total + (group + digit) * {"万": 10**4, "亿": 10**8}[mark], 0, 0
    parts = {unit: DIGITS.index(rest[rest.index(unit) - 1]) for unit in "角分" if unit in rest}
    return sign * ((total + group + digit) * 100 + parts.get("角", 0) * 10 + parts.get("分", 0))


@given(AMOUNTS)
def test_a_clerk_reads_back_the_same_amount_from_the_capitals(amount_fen: int) -> None:
    words = in_words(amount_fen)
    assert value_of(words) == amount_fen
    assert "零零" not in words
    assert words.endswith("分" if amount_fen % 10 else "整")
