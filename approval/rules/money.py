"""Money is whole fen: typed yuan to fen exactly, fen to text, one rounding half-up, and amounts in Chinese capitals."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from approval.rules.refusal import Refused

LIMIT_FEN = 10**12
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xFFE5: "¥", 0x2212: "-"}
_TYPED = re.compile(r"[+-]?(?=\.?[0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{0,15})(?:\.[0-9]{0,12})?")
_CURRENCY = re.compile(r"^([+-]?)\s*¥\s*|\s*元$")


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


def half_width(text: str) -> str:
    """Full-width digits and marks as half-width, the true minus as a hyphen; ① and ² stay what they are: no digits."""
    return text.translate(_FULL_WIDTH).strip()


def typed(text: str) -> Decimal | None:
    """A number as people type it, exact; None for anything else.

    A comma is a separator of thousands alone: 12,34 could mean 12.34 and is no number.
    """
    bare = half_width(text)
    if not _TYPED.fullmatch(bare):
        return None
    number = Decimal(bare.replace(",", ""))
    return number or Decimal(0)


def fen(value: str | int | Decimal) -> int:
    """Typed yuan as whole fen: full-width digits, thousands, ¥ and 元 are understood; more than two places are refused."""
    yuan = typed(_CURRENCY.sub(r"\1", half_width(value))) if isinstance(value, str) else Decimal(value)
    if yuan is None or not yuan.is_finite():
        raise Refused("“%(value)s”不是金额；例如 1234.56", fault="not an amount", value=str(value)[:40])
    if abs(yuan) > LIMIT_FEN:
        bounded(LIMIT_FEN + 1)
    exact = Fraction(yuan) * 100
    if exact.denominator != 1:
        raise Refused("金额最多两位小数：%(value)s", fault="more than two places", value=str(value)[:40])
    return bounded(exact.numerator)


def yuan(amount_fen: int) -> str:
    """Fen as plain text in yuan: 1234.56."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"


def display(amount_fen: int) -> str:
    """Fen as people read it: ¥12,345.67, with a true minus sign."""
    sign = "\u2212" if amount_fen < 0 else ""
    return f"{sign}¥{abs(amount_fen) // 100:,}.{abs(amount_fen) % 100:02d}"


def in_words(amount_fen: int) -> str:
    """The amount in Chinese capitals (人民币大写), as on a voucher: 壹仟零贰元叁角整; 角 is followed by 整, 分 is not."""
    whole, rest = divmod(abs(bounded(amount_fen)), 100)
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
