"""A policy's lines written out as whole-number arithmetic and compiled: what is constant is worked out beforehand.

Nothing of the policy's text gets into the code, only whole numbers and places in the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product as each_with_each
from math import lcm, prod
from typing import Any, NamedTuple

from approval.rules.bands import line_of
from approval.rules.money import LIMIT_FEN
from approval.rules.number import number
from approval.rules.policy import Policy
from approval.rules.row import MOST_YUAN, WEIGHTS

Raw = Mapping[str, Any]
SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class Unusual(Exception):
    """A row, or a factor, that only the explaining evaluator deals with."""


class Column(NamedTuple):
    """One figure of a row: a param or an input, by code, and its decimal places."""

    is_param: bool
    code: str
    places: int


class _Product(NamedTuple):
    """A line's factors: constants over a constant, names that multiply, names that divide."""

    above: int
    below: int
    times: tuple[str, ...]
    over: tuple[str, ...]

    def by(self, other: _Product) -> _Product:
        return _Product(
            self.above * other.above, self.below * other.below, self.times + other.times, self.over + other.over
        )


class Arithmetic:
    """One policy over rows of certain columns."""

    def __init__(self, policy: Policy, columns: Sequence[Column]) -> None:
        self._policy = policy
        self._columns = columns
        self._scale = {(one.is_param, one.code): (f"x{place}", one.places) for place, one in enumerate(columns)}
        self._code: list[str] = []
        self._bounds: dict[str, tuple[int, int]] = {}  # the least and the most that a name can stand for
        self._names = 0

    @staticmethod
    def asked(policy: Policy) -> set[tuple[bool, str]]:
        """The figures that the lines ask for: (is a param, code)."""
        found: set[tuple[bool, str]] = set()
        for component in policy.components:
            for factor in component["factors"]:
                found |= {(kind == "param", factor[kind]) for kind in ("param", "input") if kind in factor}
                found |= {(False, code) for code in factor.get("ratio", ())}
                found |= {(False, policy.scales[factor["scale"]]["input"])} if "scale" in factor else set()
                found |= {(False, policy.tables[factor["table"]]["key"])} if "table" in factor else set()
            for word in ("unless", "when"):
                found |= {(False, code) for code in _summed(component.get(word, {}))}
        return found

    def compiled(self) -> Callable[[Sequence[int]], tuple[int, ...]]:
        """The function from a row, its key first, to the key and the fen of every line; Unusual where records are read."""
        names = [f"x{place}" for place in range(len(self._columns))]
        self._code = [f"    {', '.join(['key', *names])}, = row"]
        for name, column in zip(names, self._columns, strict=True):
            self._check(name, column)
        for place, component in enumerate(self._policy.components):
            self._line(place, component)
        found = "".join(f"a{place}, " for place in range(len(self._policy.components)))
        text = "\n".join(["def line_amounts(row):", *self._code, f"    return (key, {found})"])
        made: dict[str, Any] = {"Unusual": Unusual}
        exec(compile(text, "<a policy's lines>", "exec"), made)  # noqa: S102  (whole numbers and our own names alone)
        function: Callable[[Sequence[int]], tuple[int, ...]] = made["line_amounts"]
        return function

    def _write(self, text: str, depth: int = 1) -> None:
        self._code.append("    " * depth + text)

    def _check(self, name: str, column: Column) -> None:
        """Bounds as the explaining evaluator has them: scores, days, counts, what a wage can be."""
        told = self._policy.params if column.is_param else self._policy.inputs
        if column.code not in told:
            raise Unusual
        kind, one = told[column.code].type, 10**column.places
        weighs = kind in WEIGHTS and not (not column.is_param and self._policy.inputs[column.code].signed)
        from_zero = column.is_param or weighs or kind in ("score", "days", "count")
        most = (100 if kind == "score" else int(MOST_YUAN)) * one
        least = 0 if from_zero else -most
        self._bounds[name] = least, most
        whole = f" or {name} % {one}" if kind == "count" and one > 1 else ""
        self._write(f"if not {least} <= {name} <= {most}{whole}:")
        self._write("raise Unusual", 2)

    def _name(self) -> str:
        self._names += 1
        return f"t{self._names}"

    def _figure(self, is_param: bool, code: str) -> tuple[str, int]:
        if (is_param, code) in self._scale:
            name, places = self._scale[is_param, code]
            return name, 10**places
        default = self._policy.params[code].value if is_param else self._policy.inputs[code].default
        if default is None or (is_param and default < 0):
            raise Unusual
        exact = Fraction(default)
        name = f"({exact.numerator})"
        self._bounds[name] = exact.numerator, exact.numerator
        return name, exact.denominator

    def _line(self, place: int, component: Raw) -> None:
        stops = [f"({self._holds(component['unless'])})"] if "unless" in component else []
        stops += [f"not ({self._holds(component['when'])})"] if "when" in component else []
        product = _Product(100, 1, (), ())
        for factor in component["factors"]:
            product = product.by(self._factor(factor)) if "off" not in factor else product
        self._rounded(f"a{place}", product)
        if stops:
            self._write(f"if {' or '.join(stops)}:")
            self._write(f"a{place} = 0", 2)

    def _rounded(self, name: str, product: _Product) -> None:
        """Half-up once, away from zero; beyond what a wage can be it is refused. What cannot happen is not asked."""
        exact = Fraction(product.above, product.below)
        least, most = self._between(exact.numerator, product.times)
        n = _times(exact.numerator, product.times)
        if exact.denominator == 1 and not product.over:
            self._write(f"{name} = {n}")
        else:
            below_zero = " if n >= 0 else -((d - 2 * n) // (2 * d))" if least < 0 else ""
            self._write(f"n = {n}")
            self._write(f"d = {_times(exact.denominator, product.over)}")
            self._write(f"{name} = (2 * n + d) // (2 * d){below_zero}")
        limit = LIMIT_FEN * exact.denominator  # the names that divide are whole and above 0: they make nothing larger
        if least < -limit or most > limit:
            self._write(f"if not -{LIMIT_FEN} <= {name} <= {LIMIT_FEN}:")
            self._write("raise Unusual", 2)

    def _between(self, constant: int, names: Sequence[str]) -> tuple[int, int]:
        """The least and the most that a product can come to."""
        ends = [prod(some, start=constant) for some in each_with_each(*(self._bounds[name] for name in names))]
        return min(ends), max(ends)

    def _factor(self, factor: Raw) -> _Product:
        if "const" in factor:
            const = Fraction(number(factor["const"]))
            return _Product(const.numerator, const.denominator, (), ())
        if "param" in factor or "input" in factor:
            name, one = self._figure("param" in factor, factor.get("param") or factor["input"])
            return _Product(1, one, (name,), ())
        if "scale" in factor:
            scale = self._policy.scales[factor["scale"]]
            return self._banded(scale["input"], [(one, *line_of(one)) for one in scale["pieces"]])
        if "table" in factor and self._policy.tables[factor["table"]].get("mode", "whole") == "whole":
            table, column = self._policy.tables[factor["table"]], factor["column"]
            rates = [(one, Fraction(0), Fraction(number(one[column]))) for one in table["rows"]]
            return self._banded(table["key"], rates)
        if "ratio" in factor and not factor.get("round_day"):
            return self._ratio(factor)
        raise Unusual  # records, marginal tables, day rates

    def _banded(self, code: str, bands: Sequence[tuple[Raw, Fraction, Fraction]]) -> _Product:
        """slope × figure + intercept of the first band that fits, all over one denominator."""
        name, one = self._figure(False, code)
        below = lcm(*(slope.denominator * one for _, slope, _ in bands), *(start.denominator for *_, start in bands))
        found, word = self._name(), "if"
        for told, slope, start in bands:
            fits = self._within([name], one, told)
            self._write(f"{word} {fits}:" if fits else "if True:" if word == "if" else "else:")
            rise = f"{slope * below / one} * {name} + " if slope else ""
            self._write(f"{found} = {rise}{start * below}", 2)
            if not fits:
                break
            word = "elif"
        else:
            self._write("else:")
            self._write("raise Unusual", 2)
        ends = [int((slope * end / one + start) * below) for _, slope, start in bands for end in self._bounds[name]]
        self._bounds[found] = min(ends), max(ends)
        return _Product(1, below, (found,), ())

    def _ratio(self, factor: Raw) -> _Product:
        (actual, one), (scheduled, other) = (self._figure(False, code) for code in factor["ratio"])
        self._write(f"if {scheduled} <= 0:")
        self._write("raise Unusual", 2)
        if "max" not in factor:
            return _Product(other, one, (actual,), (scheduled,))
        most, found = Fraction(number(factor["max"])), self._name()
        if most <= 0:
            raise Unusual
        left, right = Fraction(other * most.denominator, one * most.numerator).as_integer_ratio()
        share = Fraction(other, one) / left
        self._write(f"{found} = {_times(left, (actual,))}")
        self._write(f"if {found} > {_times(right, (scheduled,))}:")
        self._write(f"{found} = {_times(right, (scheduled,))}", 2)
        self._bounds[found] = left * self._bounds[actual][0], left * self._bounds[actual][1]
        return _Product(share.numerator, share.denominator, (found,), (scheduled,))

    def _holds(self, told: Raw) -> str:
        if "sum" in told:
            figures = [self._figure(False, code) for code in told["sum"]]
            one = lcm(*(scale for _, scale in figures))
            return self._within([_times(one // scale, (name,)) for name, scale in figures], one, told)
        word = " or " if "any" in told else " and "
        return word.join(f"({self._holds(one)})" for one in told.get("any") or told["all"])

    def _within(self, terms: Sequence[str], one: int, told: Raw) -> str:
        """The bounds of a band over the sum of some terms, each in parts of `one`."""
        tests = []
        for key, sign in SIGNS.items():
            if key in told:
                bound = Fraction(number(told[key])) * one
                total = _times(bound.denominator, (" + ".join(terms) if len(terms) == 1 else f"({' + '.join(terms)})",))
                tests.append(f"{total} {sign} {bound.numerator}")
        return " and ".join(tests)


def _times(constant: int, names: Sequence[str]) -> str:
    """A product as text; a factor of one is left out."""
    return " * ".join([*([str(constant)] if constant != 1 or not names else []), *names])


def _summed(guard: Raw) -> set[str]:
    found = set(guard.get("sum", ()))
    for one in (*guard.get("any", ()), *guard.get("all", ())):
        found |= _summed(one)
    return found
