"""An exact number, as a policy or a record writes it."""

from __future__ import annotations

import re
from decimal import Decimal

from approval.rules.refusal import Refused

MOST_DIGITS = 40
LARGEST, SMALLEST = 15, -20  # powers of ten; beyond them 1e-3000000 would be a fraction that fills the memory
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def number(value: object) -> Decimal:
    """A number as text, a whole number or a Decimal: exact, finite, of a size that a wage can have; never a float."""
    if value is None:
        raise Refused("缺少数值；没有填写不等于 0", fault="missing number")
    found = Decimal("NaN")
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        found = Decimal(value)
    elif isinstance(value, str) and len(value) <= MOST_DIGITS and _NUMBER.fullmatch(value.strip()):
        found = Decimal(value.strip())
    if found.is_finite() and found.adjusted() > LARGEST:
        raise Refused("“%(name)s”超出范围", fault="number out of range", name=str(value)[:MOST_DIGITS])
    if not found.is_finite() or _exponent(found) < SMALLEST:
        raise Refused(
            '“%(value)s”不是数字；请写成 "0.5" 这样的文字', fault="not a number", value=str(value)[:MOST_DIGITS]
        )
    return found


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
