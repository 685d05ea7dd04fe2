"""A computed month that explains itself: its lines, their terms in both languages, kept as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from approval.rules.money import yuan

SHARE = "pool_share"
SHARE_INPUT = "team_share"
REWARDS = ("rewards", "special")  # the month's rewards and penalties: one sum under either name
BY_DAY = "÷ "  # a day rate is rounded on the way: what was computed so far is divided, then goes on from the rate
SIGNS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥"}


class Words(NamedTuple):
    """How something was found, in both languages: it is stored with the line, so it cannot be a msgid."""

    zh: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.zh)


NOTHING = Words()


class Name(str):
    """A name in Chinese that knows its English one: a parameter of a finding, said in the reader's language."""

    en: str

    def __new__(cls, zh: object, en: object = "") -> Name:
        made = super().__new__(cls, zh)
        made.en = str(en)
        return made


class Note(NamedTuple):
    """A record that was left out or only flagged: why, in both languages, which input, and its place there from 0."""

    zh: str
    en: str
    input: str
    row: int


@dataclass(frozen=True)
class Term:
    """One factor of a line as it was evaluated: what it is, its exact value as text, and how it was found."""

    kind: str
    code: str
    zh: str
    en: str
    value: str
    shown: str
    detail: Words = NOTHING


@dataclass(frozen=True)
class PayLine:
    """One line of a payslip: whole fen, the formula with numbers, its terms, rule ids and the source's sentence."""

    code: str
    zh: str
    en: str
    amount_fen: int
    formula: str
    terms: tuple[Term, ...]
    rules: tuple[str, ...] = ()
    quote: str = ""
    outside_minimum: bool = False  # overtime, shift and heat allowances, statutory benefits (最低工资规定 art. 12)


@dataclass(frozen=True)
class PayResult:
    """The lines of a month and their sum; `notes` name records that were left out or flagged, and why."""

    lines: tuple[PayLine, ...]
    total_fen: int
    notes: tuple[Note, ...] = ()

    @property
    def outside_minimum_fen(self) -> int:
        """What of the sum is not held against the minimum wage."""
        return sum(line.amount_fen for line in self.lines if line.outside_minimum)

    def line(self, code: str) -> PayLine | None:
        return next((line for line in self.lines if line.code == code), None)

    def to_json(self) -> str:
        """The result as canonical JSON, to be stored and compared byte for byte."""
        told = {
            "lines": [_told(line) for line in self.lines],
            "notes": self.notes,
            "total_fen": self.total_fen,
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> PayResult:
        """The result that was stored."""
        told = json.loads(text)
        lines = tuple(
            PayLine(**{**one, "terms": tuple(_term(term) for term in one["terms"]), "rules": tuple(one["rules"])})
            for one in told["lines"]
        )
        return PayResult(lines, told["total_fen"], tuple(Note(*note) for note in told["notes"]))


def _told(line: PayLine) -> dict[str, Any]:
    """A line as it is kept; the mark is left out where it is not set, as it was before there was one."""
    told = {**vars(line), "terms": [vars(term) for term in line.terms]}
    return told if line.outside_minimum else {key: value for key, value in told.items() if key != "outside_minimum"}


def _term(told: Mapping[str, Any]) -> Term:
    return Term(**{**told, "detail": Words(*told["detail"])})


def text_of(value: Fraction) -> str:
    """An exact number as text: a finite decimal, else a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    rest, places = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    return format(Decimal(value.numerator * 10**places // value.denominator).scaleb(-places), "f")


def formula_of(terms: Sequence[Term], amount_fen: int) -> str:
    """The product of a line's terms with its numbers, as a pocket calculator would follow it: 500.00 × 1.2 = 600.00."""
    text = "".join(term.shown if not n else f"{_joint(term)}{term.shown}" for n, term in enumerate(terms))
    return f"{text} = {yuan(amount_fen)}"


def _joint(term: Term) -> str:
    return " " if term.shown.startswith(BY_DAY) else " × "


def money_text(value: Fraction) -> str:
    """An amount as a payslip shows it: two places, more only where it has more."""
    return text_of(value) if (value * 100).denominator != 1 else yuan(int(value * 100))
