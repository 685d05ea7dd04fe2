"""The factors of a pay line, each compiled to a step: it takes the product so far and tells what it made of it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from approval.rules.bands import Bounds, band_text, band_texts, bounds_of, hit, line_of, within
from approval.rules.basis import bases_of
from approval.rules.explanation import BY_DAY, NOTHING, Note, Term, Words, money_text, text_of
from approval.rules.money import fen_half_up
from approval.rules.number import number
from approval.rules.policy import Input, Param, Policy
from approval.rules.refusal import Refused
from approval.rules.row import Row, in_bounds

Raw = Mapping[str, Any]
Step = Callable[[Row, Fraction], tuple[Fraction, Term]]
SORTS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {"ge_param": operator.ge, "lt_param": operator.lt}
FIELDS = {
    "margin": ("利润率", "margin"),
    "amount": ("金额", "amount"),
    "kind": ("产品类型", "kind"),
    "partner": ("合作方", "partner"),
}


def step_of(policy: Policy, factor: Raw) -> Step:
    """Compile one factor of a component."""
    return next(make for kind, make in _MAKERS.items() if kind in factor)(policy, factor)


def _param(policy: Policy, factor: Raw) -> Step:
    told = policy.params[factor["param"]]
    return _figure("param", told, lambda row: row.param(told))


def _input(policy: Policy, factor: Raw) -> Step:
    told = policy.inputs[factor["input"]]
    return _figure("input", told, lambda row: row.input(told))


def _figure(kind: str, told: Param | Input, read: Callable[[Row], Fraction]) -> Step:
    shown = money_text if told.type == "money" else text_of

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        value = read(row)
        return so_far * value, Term(kind, told.code, told.zh, told.en, text_of(value), shown(value))

    return step


def _const(policy: Policy, factor: Raw) -> Step:
    value = Fraction(number(factor["const"]))
    term = Term("const", "const", "固定系数", "Constant", text_of(value), text_of(value))
    return lambda row, so_far: (so_far * value, term)


def _scale(policy: Policy, factor: Raw) -> Step:
    scale, code = policy.scales[factor["scale"]], factor["scale"]
    texts = band_texts(scale["pieces"])
    told = zip(scale["pieces"], texts, bases_of(scale["pieces"]), strict=True)
    bands = [(bounds_of(one), (*line_of(one), text, basis)) for one, text, basis in told]
    asked, zh, en = policy.inputs[scale["input"]], scale.get("zh", "档位系数"), scale.get("en", "Coefficient")

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        score = row.input(asked)
        slope, intercept, band, basis = hit(bands, score)
        row.bases.append(basis)
        value = slope * score + intercept if slope else intercept
        text, how = text_of(value), _line_words(slope, intercept, score, value)
        words = _band_words(asked, score, band)
        words = Words(f"{words.zh}：{how}", f"{words.en}: {how}") if how else words
        return so_far * value, Term("scale", code, zh, en, text, text, words)

    return step


def _line_words(slope: Fraction, intercept: Fraction, score: Fraction, value: Fraction) -> str:
    """How a sloping band came to its value, to be followed with a pocket calculator; nothing for a fixed value."""
    if not slope:
        return ""
    rest = f" {'-' if intercept < 0 else '+'} {text_of(abs(intercept))}" if intercept else ""
    return f"{text_of(slope)} × {text_of(score)}{rest} = {text_of(value)}"


def _table(policy: Policy, factor: Raw) -> Step:
    table, code, column = policy.tables[factor["table"]], factor["table"], factor["column"]
    if table.get("mode") == "marginal":
        return _marginal(table, code, column)
    texts = band_texts(table["rows"])
    told = zip(table["rows"], texts, bases_of(table["rows"]), strict=True)
    bands = [(bounds_of(one), (Fraction(number(one[column])), text, basis)) for one, text, basis in told]
    asked, zh, en = policy.inputs[table["key"]], table.get("zh", "提成比例"), table.get("en", "Rate")

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        key = row.input(asked)
        value, band, basis = hit(bands, key)
        row.bases.append(basis)
        text = text_of(value)
        return so_far * value, Term("table", code, zh, en, text, text, _band_words(asked, key, band))

    return step


def _marginal(table: Raw, code: str, column: str) -> Step:
    """Each record by the band of its rank: the first partners at the first rate, and so on (reading marginal of A-21).

    Records are ranked by the field `by` in the order in which its values first appear. The term is their mean rate.
    """
    told = zip(table["rows"], bases_of(table["rows"]), strict=True)
    bands = [(bounds_of(one), (Fraction(number(one[column])), basis)) for one, basis in told]
    by, zh, en = table["by"], table.get("zh", "提成比例"), table.get("en", "Rate")

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        earned, parts = Fraction(0), []
        for rank, amount in _ranked(row, by):
            rate, basis = hit(bands, Fraction(rank))
            row.bases.append(basis)
            earned += amount * rate
            parts.append(f"{rank}: {money_text(amount)} × {text_of(rate)}")
        rate = earned / so_far if so_far else Fraction(0)
        told = "；".join(parts)
        detail = Words(f"按合作先后分段：{told}", f"by rank: {told}") if parts else NOTHING
        return earned, Term("table", code, zh, en, text_of(rate), text_of(rate), detail)

    return step


def _ranked(row: Row, by: str) -> list[tuple[int, Fraction]]:
    """The counted records, each with the rank of what it names: 1 for the first named among all records."""
    ranks: dict[str, int] = {}
    for record in row.of_rows:
        name = record.get(by)
        if not isinstance(name, str) or not name:
            raise Refused("明细缺少“%(field)s”，无法分段累进", fault=f"record without {by}", field=by)
        ranks.setdefault(name, len(ranks) + 1)
    return [(ranks[row.of_rows[place][by]], amount) for place, amount in row.counted]


def _band_words(asked: Input, value: Fraction, band: str) -> Words:
    """Which band a value fell into."""
    exact = text_of(value)
    if not band:
        return Words(f"{asked.zh} {exact}", f"{asked.en} {exact}")
    return Words(f"{asked.zh} {exact}，档位 {band}", f"{asked.en} {exact}, band {band}")


def _ratio(policy: Policy, factor: Raw) -> Step:
    above, below = (policy.inputs[code] for code in factor["ratio"])
    most = Fraction(number(factor["max"])) if "max" in factor else None
    if factor.get("round_day"):
        return _by_day_rate(above, below, most)

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        actual, scheduled = row.input(above), _above_zero(row.input(below))
        value, shown, detail = actual / scheduled, f"{text_of(actual)}/{text_of(scheduled)}", NOTHING
        if most is not None and value > most:
            cap = text_of(most)
            value, shown, detail = most, cap, Words(f"{shown}，按 {cap} 封顶", f"{shown}, capped at {cap}")
        return so_far * value, _attendance(text_of(value), shown, detail)

    return step


def _by_day_rate(above: Input, below: Input, most: Fraction | None) -> Step:
    """The day's rate rounded to the fen first, then times days (reading daily_rate_first of A-11)."""

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        actual, scheduled = row.input(above), _above_zero(row.input(below))
        days = actual if most is None else min(actual, scheduled * most)
        rate = Fraction(fen_half_up(so_far / scheduled), 100)
        if days == scheduled:  # a full month is the full pay, whatever a rounded day would add up to
            return so_far, _attendance("1", f"{text_of(days)}/{text_of(scheduled)}", NOTHING)
        shown = f"{BY_DAY}{text_of(scheduled)} ≈ {money_text(rate)}; {money_text(rate)} × {text_of(days)}"
        detail = Words(f"日工资先取整到分：{text_of(rate)}", f"day rate rounded first: {text_of(rate)}")
        return rate * days, _attendance(text_of(days / scheduled), shown, detail)

    return step


def _above_zero(days: Fraction) -> Fraction:
    if days <= 0:
        raise Refused("应出勤天数必须大于 0", fault="scheduled days must be above 0")
    return days


def _attendance(value: str, shown: str, detail: Words) -> Term:
    return Term("ratio", "attendance", "出勤比例", "Attendance ratio", value, shown, detail)


def _rows(policy: Policy, factor: Raw) -> Step:
    told, field = policy.inputs[factor["rows"]], factor["field"]
    same = [(one["field"], one["eq"]) for one in factor.get("where", ()) if "eq" in one]
    sorts = [_sorting(policy, one) for one in factor.get("where", ()) if one.keys() & SORTS.keys()]
    tests = [_RowTest(one) for one in factor.get("where", ()) if not one.keys() & {"eq", *SORTS}]

    def step(row: Row, so_far: Fraction) -> tuple[Fraction, Term]:
        counted: list[int] = []
        total = Fraction(0)
        row.of_rows, row.counted = row.records(told), []
        for place, record in enumerate(row.of_rows):
            if any(record.get(name) != wanted for name, wanted in same):
                continue
            if not all(sort(row, record) for sort in sorts):
                continue
            failed = [test for test in tests if not test.holds(record)]
            row.notes.extend(test.note(told, place, record) for test in failed)
            if all(test.warns for test in failed):
                amount = Fraction(in_bounds("money", told.code, told.zh, record.get(field)))
                total += amount
                counted.append(place + 1)
                row.counted.append((place, amount))
        text = text_of(total)
        return so_far * total, Term("rows", told.code, told.zh, told.en, text, money_text(total), _counted(counted))

    return step


def _sorting(policy: Policy, told: Raw) -> Callable[[Row, Raw], bool]:
    """A bound that the company sets (A-22): it sorts the records between lines, so what fails is not worth a note."""
    (word,) = told.keys() & SORTS.keys()
    bound, test, name = policy.params[told[word]], SORTS[word], told["field"]
    unknown = told.get("missing") is True

    def holds(row: Row, record: Raw) -> bool:
        value = record.get(name)
        return unknown if value is None else test(Fraction(number(value)), row.param(bound))

    return holds


class _RowTest:
    """A condition on a record: one that fails does not count (A-17), or counts and is flagged where it only warns."""

    def __init__(self, told: Raw) -> None:
        self.field = told["field"]
        self.warns = told.get("warn") is True
        self._unknown_counts = told.get("missing") is True
        self._bounds: Bounds = bounds_of(told)
        self._band = band_text(told)

    def holds(self, record: Raw) -> bool:
        value = record.get(self.field)
        if value is None:
            return self._unknown_counts
        return within(self._bounds, Fraction(number(value)))

    def note(self, told: Input, place: int, record: Raw) -> Note:
        value = record.get(self.field)
        zh, en = FIELDS.get(self.field, (self.field, self.field))
        given = "—" if value is None else text_of(Fraction(number(value)))
        end = Words("仍计提成，请核对", "counts, please check") if self.warns else Words("不计提成", "no commission")
        return Note(
            f"{told.zh}第 {place + 1} 条：{zh} {given} 不满足 {self._band}，{end.zh}",
            f"{told.en} row {place + 1}: {en} {given} is not {self._band}: {end.en}",
            told.code,
            place,
        )


def _counted(places: Sequence[int]) -> Words:
    if not places:
        return Words("没有计入的记录", "no row counts")
    return Words(f"计入第 {'、'.join(map(str, places))} 条", f"rows {', '.join(map(str, places))}")


_MAKERS: Mapping[str, Callable[[Policy, Raw], Step]] = {
    "param": _param,
    "input": _input,
    "const": _const,
    "scale": _scale,
    "ratio": _ratio,
    "rows": _rows,
    "table": _table,
}
