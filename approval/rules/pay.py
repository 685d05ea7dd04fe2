"""What a month comes to: a policy compiled once, evaluated row by row, exact until one half-up rounding a line.

The evaluator knows factors, guards and bands; it names no scheme. Amounts go in as yuan and come out as fen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

from approval.rules.bands import Bounds, band_text, bounds_of, piece_of, piece_value, within
from approval.rules.basis import applied
from approval.rules.explanation import NOTHING, SHARE, Note, PayLine, PayResult, Term, Words, formula_of, text_of
from approval.rules.factors import step_of
from approval.rules.money import fen_half_up, half_up, yuan
from approval.rules.policy import NAMES, Input, Policy
from approval.rules.refusal import Refused
from approval.rules.row import Row

__all__ = [
    "NAMES",
    "SHARE",
    "Compiled",
    "Note",
    "PayLine",
    "PayResult",
    "Term",
    "Words",
    "compiled",
    "evaluate",
    "piece_of",
    "piece_value",
    "scale_value",
]

Raw = Mapping[str, Any]
Guard = Callable[[Row], Words]  # why it holds, in words; nothing where it does not


def evaluate(policy: Policy, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> PayResult:
    """Evaluate every component of a policy for one person and month.

    `params` fill the policy's own figures (employee, position or grade) and may replace its values; `inputs` are the
    month's. A missing one without a default is refused by name, never read as zero; so is one that the policy does not know.
    """
    return compiled(policy).evaluate(params, inputs)


@lru_cache(maxsize=256)
def compiled(policy: Policy) -> Compiled:
    """A policy made ready for many rows; kept, so that asking again costs nothing."""
    return Compiled(policy)


def scale_value(policy: Policy, score: Decimal) -> Decimal:
    """The coefficient or rate of a score by the first scale on it; 1 where the policy has none."""
    for scale in policy.scales.values():
        if scale["input"] == "score":
            value = piece_value(scale["pieces"], Fraction(score))[0]
            return Decimal(half_up(value * 10**6)).scaleb(-6)
    return Decimal(1)


class Compiled:
    """A policy whose components are ready to be evaluated for any number of rows."""

    def __init__(self, policy: Policy) -> None:
        self._params, self._inputs = policy.params.keys(), policy.inputs.keys()
        self._lines = tuple(_line(policy, component) for component in policy.components)

    def evaluate(self, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> PayResult:
        """One person's month: every line rounded half-up once, the total their sum."""
        for code in sorted((params.keys() - self._params) | (inputs.keys() - self._inputs)):
            raise Refused("方案不认识“%(code)s”这项数据", fault=f"unknown figure {code}", code=code)
        row = Row(params, inputs)
        lines = tuple(line(row) for line in self._lines)
        return PayResult(lines, sum(line.amount_fen for line in lines), tuple(dict.fromkeys(row.notes)))


def _line(policy: Policy, component: Raw) -> Callable[[Row], PayLine]:
    code, zh = component["code"], component.get("zh", component["code"])
    en, rules, quote = component.get("en", zh), tuple(component.get("rules", ())), component.get("quote", "")
    outside = component.get("outside_minimum") is True
    steps = tuple(step_of(policy, factor) for factor in component["factors"] if "off" not in factor)
    unless = _guard(policy, component["unless"]) if "unless" in component else None
    when = _guard(policy, component["when"]) if "when" in component else None
    asked = _asked(policy, component["when"]) if "when" in component else None

    def line(row: Row) -> PayLine:
        stopped = _stopped(row, code, unless, when, asked)
        if stopped is not None:
            return PayLine(code, zh, en, 0, yuan(0), (stopped,), rules, quote, outside)
        value, terms, row.bases = Fraction(1), [], []
        for step in steps:
            value, term = step(row, value)
            terms.append(term)
        amount = fen_half_up(value)
        formula = formula_of(terms, amount)
        return PayLine(code, zh, en, amount, formula, tuple(terms), *applied(rules, quote, row.bases), outside)

    return line


def _stopped(row: Row, code: str, unless: Guard | None, when: Guard | None, asked: Guard | None) -> Term | None:
    """The term that says why a line is zero: an `unless` that holds, or a `when` that does not (R139)."""
    if unless is not None and (why := unless(row)):
        return Term("unless", code, "不发放", "Not paid", "0", "0", why)
    if when is not None and asked is not None and not when(row):
        return Term("when", code, "条件不满足", "Condition not met", "0", "0", asked(row))
    return None


def _asked(policy: Policy, told: Raw) -> Guard:
    """What a condition asks for and what there is, in words, whether it holds or not."""
    for word, zh, en in (("any", "，或", ", or "), ("all", "，且", ", and ")):
        if word in told:
            some = tuple(_asked(policy, one) for one in told[word])
            return partial(_joined, some, zh, en)
    sums, band = [policy.inputs[code] for code in told["sum"]], band_text(told)

    def asked(row: Row) -> Words:
        zh, en, total = _summed(row, sums)
        return Words(f"{zh} = {total}，要求 {band}", f"{en} = {total}, must be {band}")

    return asked


def _joined(some: Sequence[Guard], zh: str, en: str, row: Row) -> Words:
    words = [one(row) for one in some]
    return Words(zh.join(one.zh for one in words), en.join(one.en for one in words))


def _summed(row: Row, asked: Sequence[Input]) -> tuple[str, str, str]:
    total = sum((row.input(one) for one in asked), Fraction(0))
    return "＋".join(one.zh for one in asked), " + ".join(one.en for one in asked), text_of(total)


def _guard(policy: Policy, told: Raw) -> Guard:
    if "any" in told:
        some = tuple(_guard(policy, one) for one in told["any"])
        return lambda row: next(filter(None, [one(row) for one in some]), NOTHING)  # asks all: none may be missing
    if "all" in told:
        every = tuple(_guard(policy, one) for one in told["all"])
        return lambda row: _together([one(row) for one in every])
    return _sum_guard([policy.inputs[code] for code in told["sum"]], bounds_of(told), band_text(told))


def _together(whys: Sequence[Words]) -> Words:
    return Words("，".join(w.zh for w in whys), ", ".join(w.en for w in whys)) if all(whys) else NOTHING


def _sum_guard(asked: Sequence[Input], bounds: Bounds, band: str) -> Guard:
    zh, en = "＋".join(one.zh for one in asked), " + ".join(one.en for one in asked)

    def holds(row: Row) -> Words:
        total = sum((row.input(one) for one in asked), Fraction(0))
        if not within(bounds, total):
            return NOTHING
        found = f" = {text_of(total)} {band}"
        return Words(zh + found, en + found)

    return holds
