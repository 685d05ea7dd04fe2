"""Money is whole fen: typed yuan to fen exactly, fen to text, one rounding half-up, and amounts in Chinese capitals."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from approval.rules.refusal import Refused

LIMIT_FEN = 10**12
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def half_up(value: Fraction | Decimal | int) -> int:
    """Round to a whole number, halves away from zero."""
    exact = Fraction(value)
    whole = (abs(exact.numerator) * 2 + exact.denominator) // (exact.denominator * 2)
    return whole if exact >= 0 else -whole


def fen_half_up(yuan: Fraction) -> int:
    """An exact amount of yuan as whole fen, rounded once, halves away from zero."""
    return bounded(half_up(yuan * 100))


def bounded(amount_fen: int) -> int:
    """Refuse an amount beyond ±10^12 fen."""
    if abs(amount_fen) > LIMIT_FEN:
        raise Refused("金额超出范围（最多 100 亿元）", fault="amount out of range")
    return amount_fen


def fen(value: str | int | Decimal) -> int:
    """Typed yuan as whole fen: full-width digits, separators and ¥ are understood; more than two places are refused."""
    text = unicodedata.normalize("NFKC", str(value)).replace(",", "").replace("¥", "").replace("\u2212", "-").strip()
    try:
        yuan = Decimal(text)
    except InvalidOperation:
        raise Refused("“%(value)s”不是金额；例如 1234.56", fault="not an amount", value=str(value)[:40]) from None
    if not yuan.is_finite() or "e" in text.lower():
        raise Refused("“%(value)s”不是金额；例如 1234.56", fault="not an amount", value=str(value)[:40])
    if abs(yuan) > LIMIT_FEN:
        raise Refused("金额超出范围（最多 100 亿元）", fault="amount out of range")
    scaled = yuan * 100
    if scaled != scaled.to_integral_value():
        raise Refused("金额最多两位小数：%(value)s", fault="more than two places", value=str(value)[:40])
    return bounded(int(scaled))


def yuan(amount_fen: int) -> str:
    """Fen as plain text in yuan: 1234.56."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"


def display(amount_fen: int) -> str:
    """Fen as people read it: ¥12,345.67, with a true minus sign."""
    sign = "\u2212" if amount_fen < 0 else ""
    return f"{sign}¥{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"


def in_words(amount_fen: int) -> str:
    """The amount in Chinese capitals (人民币大写): 壹仟零贰元叁角整."""
    whole, rest = divmod(abs(amount_fen), 100)
    jiao, cent = divmod(rest, 10)
    text = _whole_words(whole) + "元" if whole else ""
    if not whole and not rest:
        text = "零元"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif cent and whole:
        text += "零"
    text += _DIGITS[cent] + "分" if cent else "整"
    return ("负" if amount_fen < 0 else "") + text


def _whole_words(whole: int) -> str:
    parts: list[str] = []
    gap = False
    for power in range(len(_GROUPS) - 1, -1, -1):
        group = whole // 10 ** (4 * power) % 10000
        if not group:
            gap = gap or bool(parts)
            continue
        if parts and (gap or group < 1000):
            parts.append("零")
        parts.append(_group_words(group) + _GROUPS[power])
        gap = False
    return "".join(parts)


def _group_words(group: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _UNITS[place]
            gap = False
        else:
            gap = True
    return text
