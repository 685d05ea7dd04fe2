"""What a month comes to: a policy evaluated line by line, exact until one half-up rounding a line, each line explained."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from approval.rules.money import fen_half_up, half_up, yuan
from approval.rules.policy import NAMES, Input, Policy
from approval.rules.number import number
from approval.rules.refusal import Refused

SHARE = "pool_share"
FIELDS = {"margin": ("利润率", "margin"), "amount": ("金额", "amount"), "kind": ("产品类型", "kind")}
_TESTS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "lt": lambda value, bound: value < bound,
    "le": lambda value, bound: value <= bound,
    "gt": lambda value, bound: value > bound,
    "ge": lambda value, bound: value >= bound,
}
_SIGNS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥"}


class Words(NamedTuple):
    """How something was found, in both languages: it is stored with the line, so it cannot be a msgid."""

    zh: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.zh)


NOTHING = Words()


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

    @staticmethod
    def of_share(share_fen: int) -> PayLine:
        """The line of a share of an approved pool (R009)."""
        text = yuan(share_fen)
        term = Term("pool", SHARE, "奖金池份额", "Share of the bonus pool", text, text)
        quote = "团队奖是奖励给整个电商部全体人员的,由部门负责人来设计分配方案"
        return PayLine(SHARE, "奖金池份额", "Share of the bonus pool", share_fen, text, (term,), ("R009",), quote)


@dataclass(frozen=True)
class PayResult:
    """The lines of a month and their sum; `notes` name records that were left out and why."""

    lines: tuple[PayLine, ...]
    total_fen: int
    notes: tuple[Words, ...] = ()

    def line(self, code: str) -> PayLine | None:
        return next((line for line in self.lines if line.code == code), None)

    def to_json(self) -> str:
        """The result as canonical JSON, to be stored and compared."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> PayResult:
        """The result that was stored."""
        told = json.loads(text)
        lines = tuple(
            PayLine(**{**one, "terms": tuple(_term(term) for term in one["terms"]), "rules": tuple(one["rules"])})
            for one in told["lines"]
        )
        return PayResult(lines, told["total_fen"], tuple(Words(*note) for note in told["notes"]))


def _term(told: Mapping[str, Any]) -> Term:
    return Term(**{**told, "detail": Words(*told["detail"])})


def evaluate(policy: Policy, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> PayResult:
    """Evaluate every component: amounts in yuan in, lines in fen out.

    `params` fill the policy's own figures (employee, position or grade) and may replace its values; `inputs` are the
    month's. A missing one without a default is refused by name, never read as zero.
    """
    return Evaluation(policy, params, inputs).result()


def scale_value(policy: Policy, score: Decimal) -> Decimal:
    """The coefficient or rate of a score by the first scale on it; 1 where the policy has none."""
    for scale in policy.scales.values():
        if scale["input"] == "score":
            value = piece_value(scale["pieces"], Fraction(score))[0]
            return Decimal(half_up(value * 10**6)).scaleb(-6)
    return Decimal(1)


def matches(piece: Mapping[str, Any], value: Fraction) -> bool:
    """Say whether every guard of a piece or row holds for a value; without guards it always does."""
    return all(test(value, Fraction(number(piece[name]))) for name, test in _TESTS.items() if name in piece)


def piece_of(pieces: Sequence[Mapping[str, Any]], value: Fraction) -> Mapping[str, Any]:
    """The first piece that matches, top-down."""
    for piece in pieces:
        if matches(piece, value):
            return piece
    raise Refused("数值 %(value)s 不在任何一档里", fault="no band matches", value=text_of(value))


def piece_value(pieces: Sequence[Mapping[str, Any]], value: Fraction) -> tuple[Fraction, Mapping[str, Any]]:
    """What a scale gives for a value, and the piece that gave it."""
    piece = piece_of(pieces, value)
    if "value" in piece:
        return Fraction(number(piece["value"])), piece
    return Fraction(number(piece["slope"])) * value + Fraction(number(piece["intercept"])), piece


def text_of(value: Fraction) -> str:
    """An exact number as text: a finite decimal, else a fraction."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return format(Decimal(int(value * 10**places)).scaleb(-places), "f")


def band_text(piece: Mapping[str, Any]) -> str:
    """The guards of a piece in signs: ≥ 80 < 95."""
    return " ".join(f"{_SIGNS[name]} {piece[name]}" for name in _SIGNS if name in piece)


def band_words(told: Input, value: Fraction, piece: Mapping[str, Any]) -> Words:
    """Which band a value fell into."""
    band, exact = band_text(piece), text_of(value)
    return Words(
        f"{told.zh} {exact}，" + (f"档位 {band}" if band else "最高档"),
        f"{told.en} {exact}, " + (f"band {band}" if band else "top band"),
    )


class Evaluation:
    """One evaluation of one policy: holds its figures while the lines are computed."""

    def __init__(self, policy: Policy, params: Mapping[str, Decimal], inputs: Mapping[str, Any]) -> None:
        self.policy = policy
        self.params = params
        self.given = inputs
        self.wanted = policy.inputs
        self.figures = policy.params
        self.notes: list[Words] = []

    def result(self) -> PayResult:
        lines = tuple(self._line(component) for component in self.policy.components)
        return PayResult(lines, sum(line.amount_fen for line in lines), tuple(dict.fromkeys(self.notes)))

    def _line(self, component: Mapping[str, Any]) -> PayLine:
        zh = component.get("zh", component["code"])
        line = PayLine(
            component["code"],
            zh,
            component.get("en", zh),
            0,
            "",
            (),
            tuple(component.get("rules", ())),
            component.get("quote", ""),
        )
        stopped = self._stopped(component)
        if stopped is not None:
            return replace(line, formula=yuan(0), terms=(stopped,))
        terms, value = self._product(component["factors"])
        amount = fen_half_up(value)
        formula = " × ".join(term.shown for term in terms) + f" = {yuan(amount)}"
        return replace(line, amount_fen=amount, formula=formula, terms=tuple(terms))

    def _product(self, factors: Sequence[Mapping[str, Any]]) -> tuple[list[Term], Fraction]:
        terms: list[Term] = []
        value = Fraction(1)
        for factor in factors:
            if factor.get("round_day") and terms:
                value, term = self._by_day_rate(factor, value)
                terms.append(term)
                continue
            found, term = self._factor(factor)
            value *= found
            terms.append(term)
        return terms, value

    def _stopped(self, component: Mapping[str, Any]) -> Term | None:
        """The term that says why a line is zero: an `unless` that holds, or a `when` that does not (R139)."""
        unless, when = component.get("unless"), component.get("when")
        if unless is not None and (why := self._holds(unless)):
            return Term("unless", component["code"], "不发放", "Not paid", "0", "0", why)
        if when is not None and not self._holds(when):
            return Term(
                "when",
                component["code"],
                "条件不满足",
                "Condition not met",
                "0",
                "0",
                Words("条件不满足", "Condition not met"),
            )
        return None

    def _holds(self, guard: Mapping[str, Any]) -> Words:
        """Why a guard holds, in words; empty where it does not."""
        if "any" in guard:
            return next((why for one in guard["any"] if (why := self._holds(one))), NOTHING)
        if "all" in guard:
            whys = [self._holds(one) for one in guard["all"]]
            return Words("，".join(w.zh for w in whys), ", ".join(w.en for w in whys)) if all(whys) else NOTHING
        total = sum((self._input(code) for code in guard["sum"]), Fraction(0))
        if not matches(guard, total):
            return NOTHING
        told, found = [self.wanted[code] for code in guard["sum"]], f" = {text_of(total)} {band_text(guard)}"
        return Words("＋".join(one.zh for one in told) + found, " + ".join(one.en for one in told) + found)

    def _input(self, code: str) -> Fraction:
        told = self.wanted[code]
        value = self.given.get(code, told.default)
        if value is None:
            raise Refused("缺少“%(name)s”", fault=f"missing input {code}", name=told.zh)
        return Fraction(in_bounds(told.type, told.code, told.zh, number(value)))

    def _param(self, code: str) -> Fraction:
        told = self.figures[code]
        value = self.params.get(code, told.value)
        if value is None:
            raise Refused("缺少“%(name)s”，请人事设定", fault=f"missing param {code}", name=told.zh)
        return Fraction(in_bounds("money", told.code, told.zh, number(value)))

    def _factor(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        kind = next(name for name in ("param", "input", "const", "scale", "ratio", "rows", "table") if name in factor)
        return {
            "param": self._param_term,
            "input": self._input_term,
            "const": self._const_term,
            "scale": self._scale_term,
            "ratio": self._ratio_term,
            "rows": self._rows_term,
            "table": self._table_term,
        }[kind](factor)

    def _param_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        told, value = self.figures[factor["param"]], self._param(factor["param"])
        return value, Term("param", told.code, told.zh, told.en, text_of(value), text_of(value))

    def _input_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        told, value = self.wanted[factor["input"]], self._input(factor["input"])
        return value, Term("input", told.code, told.zh, told.en, text_of(value), text_of(value))

    def _const_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        value = Fraction(number(factor["const"]))
        return value, Term("const", "const", "固定系数", "Constant", text_of(value), text_of(value))

    def _scale_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        scale = self.policy.scales[factor["scale"]]
        score = self._input(scale["input"])
        value, piece = piece_value(scale["pieces"], score)
        told = self.wanted[scale["input"]]
        zh, en = scale.get("zh", "档位系数"), scale.get("en", "Coefficient")
        detail = band_words(told, score, piece)
        return value, Term("scale", factor["scale"], zh, en, text_of(value), text_of(value), detail)

    def _ratio_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        above, below = (self._input(code) for code in factor["ratio"])
        self._must_be_above_zero(below)
        value = above / below
        most = Fraction(number(factor["max"])) if "max" in factor else value
        shown = f"{text_of(above)}/{text_of(below)}"
        detail = Words(f"按 {text_of(most)} 封顶", f"capped at {text_of(most)}") if value > most else NOTHING
        value = min(value, most)
        return value, Term("ratio", "attendance", "出勤比例", "Attendance ratio", text_of(value), shown, detail)

    @staticmethod
    def _must_be_above_zero(days: Fraction) -> None:
        if days <= 0:
            raise Refused("应出勤天数必须大于 0", fault="scheduled days must be above 0")

    def _by_day_rate(self, factor: Mapping[str, Any], so_far: Fraction) -> tuple[Fraction, Term]:
        """The day's rate rounded to the fen first, then times days (reading daily_rate_first of A-11)."""
        above, below = (self._input(code) for code in factor["ratio"])
        self._must_be_above_zero(below)
        rate = Fraction(fen_half_up(so_far / below), 100)
        days = min(above, below * Fraction(number(factor.get("max", "1"))))
        value = so_far if days == below else rate * days
        shown = f"{text_of(days)}/{text_of(below)}"
        detail = Words(f"日工资先取整到分：{text_of(rate)}", f"day rate rounded first: {text_of(rate)}")
        return value, Term("ratio", "attendance", "出勤比例", "Attendance ratio", text_of(rate * days), shown, detail)

    def _rows_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        told = self.wanted[factor["rows"]]
        rows = self.given.get(factor["rows"])
        if rows is None:
            raise Refused("缺少“%(name)s”", fault=f"missing input {told.code}", name=told.zh)
        counted: list[str] = []
        total = Fraction(0)
        for place, row in enumerate(rows):
            why = self._left_out(factor.get("where", ()), row)
            if why is None:
                total += Fraction(in_bounds("money", told.code, told.zh, number(row[factor["field"]])))
                counted.append(str(place + 1))
            elif why:
                head = Words(f"{told.zh}第 {place + 1} 条：", f"{told.en} row {place + 1}: ")
                self.notes.append(Words(head.zh + why.zh, head.en + why.en))
        rows_zh, rows_en = "、".join(counted), ", ".join(counted)
        none = Words("没有计入的记录", "no row counts")
        detail = Words(f"计入第 {rows_zh} 条", f"rows {rows_en}") if counted else none
        return total, Term("rows", told.code, told.zh, told.en, text_of(total), text_of(total), detail)

    @staticmethod
    def _left_out(where: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> Words | None:
        """Why a row does not count: None where it does, nothing where it belongs elsewhere, words where it was excluded."""
        for guard in where:
            value = row.get(guard["field"])
            if "eq" in guard and value != guard["eq"]:
                return NOTHING
        for guard in where:
            value = row.get(guard["field"])
            if "eq" in guard or (value is None and guard.get("missing")):
                continue
            if value is None or not matches(guard, Fraction(number(value))):
                zh, en = FIELDS.get(guard["field"], (guard["field"], guard["field"]))
                given, band = "—" if value is None else text_of(Fraction(number(value))), band_text(guard)
                return Words(f"{zh} {given} 不满足 {band}，不计提成", f"{en} {given} is not {band}: no commission")
        return None

    def _table_term(self, factor: Mapping[str, Any]) -> tuple[Fraction, Term]:
        table = self.policy.tables[factor["table"]]
        key = self._input(table["key"])
        row = piece_of(table["rows"], key)
        value = Fraction(number(row[factor["column"]]))
        zh, en = table.get("zh", "提成比例"), table.get("en", "Rate")
        detail = band_words(self.wanted[table["key"]], key, row)
        return value, Term("table", factor["table"], zh, en, text_of(value), text_of(value), detail)


def in_bounds(kind: str, code: str, name: str, value: Decimal) -> Decimal:
    """Refuse what no record can hold: scores outside 0..100, negative days or counts, amounts beyond 10^10 yuan."""
    if kind == "score" and not 0 <= value <= 100:
        raise Refused("“%(name)s”须在 0 到 100 之间", fault="score outside 0..100", name=name)
    if kind in ("days", "count") and value < 0:
        raise Refused(
            "“%(name)s”不能为负数", fault=f"{code} {kind} below 0" if kind == "days" else f"{code} below 0", name=name
        )
    if abs(value) > Decimal(10) ** 10:
        raise Refused("“%(name)s”超出范围", fault="amount out of range", name=name)
    return value


__all__ = ["NAMES", "Evaluation", "PayLine", "PayResult", "Term", "evaluate", "scale_value"]
