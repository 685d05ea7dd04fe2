"""A policy in words: each pay line's formula, bands, conditions and scope, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language, own_name
from approval.rules.bands import band_text, band_texts
from approval.rules.factors import FIELDS
from approval.rules.number import number
from approval.rules.policy import Policy
from approval.rules.policy_format import BOUNDS
from approval.rules.refusal import Refused
from approval.views.page import number_text

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One pay line: its name, formula and conditions in words, rule ids, the source's sentence, a legal caution."""

    code: str
    name: str
    formula: str
    unless: str
    when: str
    rules: Sequence[str]
    quote: str
    outside_minimum: bool
    caution: str = ""


@dataclass(frozen=True)
class Band:
    """One band of a ladder: its bounds, what it gives, what it rests on."""

    bounds: str
    value: str
    rules: Sequence[str]
    quote: str


@dataclass(frozen=True)
class Ladder:
    """A scale, table or rating read as bands, and what the whole of it rests on."""

    name: str
    asks: str
    rows: Sequence[Band]
    note: str
    rules: Sequence[str]
    quote: str


def yuan(told: object) -> str:
    """An amount of a policy as it is written: ¥4,400,000."""
    return f"¥{number(told):,f}"


def percent(told: object) -> str:
    """A fraction of a policy as people read it: 0.25 as 25%; what is no number stays as it is written."""
    try:
        return f"{number_text(number(told) * 100, None)}%"
    except Refused:
        return str(told)


def lines_of(policy: Policy) -> list[Line]:
    """Every pay line in words."""
    return [_line(policy, component) for component in policy.components]


def _line(policy: Policy, component: Raw) -> Line:
    return Line(
        component["code"],
        named(component, component["code"]),
        " × ".join(factor_text(policy, factor) for factor in component["factors"] if "off" not in factor),
        _guard(policy, component["unless"]) if "unless" in component else "",
        _guard(policy, component["when"]) if "when" in component else "",
        *basis_of(component),
        component.get("outside_minimum") is True,
        named(component["caution"], "") if "caution" in component else "",
    )


def named(told: Raw, otherwise: str) -> str:
    """What a part of a policy is called in the reader's language."""
    zh = told.get("zh", otherwise)
    return in_language(zh, told.get("en", zh))


def input_name(policy: Policy, code: str) -> str:
    """What an input of the policy is called."""
    return in_language(policy.inputs[code].zh, policy.inputs[code].en)


def factor_text(policy: Policy, factor: Raw) -> str:
    """One factor of a pay line in words."""
    if "param" in factor:
        told = policy.params[factor["param"]]
        name = in_language(told.zh, told.en)
        return name if told.value is None else f"{name} {told.value}"
    if "input" in factor:
        return input_name(policy, factor["input"])
    if "const" in factor:
        return str(factor["const"])
    if "scale" in factor:
        scale = policy.scales[factor["scale"]]
        return str(
            _("%(name)s（按%(input)s）", name=named(scale, _("绩效系数")), input=input_name(policy, scale["input"]))
        )
    if "table" in factor:
        table = policy.tables[factor["table"]]
        if table.get("mode") == "marginal":
            return str(_("%(name)s（按合作先后分段）", name=named(table, _("提成比例"))))
        return str(
            _("%(name)s（按%(input)s）", name=named(table, _("提成比例")), input=input_name(policy, table["key"]))
        )
    return _ratio(policy, factor) if "ratio" in factor else _rows(policy, factor)


def _ratio(policy: Policy, factor: Raw) -> str:
    above, below = (input_name(policy, code) for code in factor["ratio"])
    if factor.get("round_day"):
        return str(_("%(above)s ÷ %(below)s（日工资先取整到分）", above=above, below=below))
    if "max" in factor:
        return str(_("%(above)s ÷ %(below)s（最多 %(most)s）", above=above, below=below, most=factor["max"]))
    return f"{above} ÷ {below}"


def _rows(policy: Policy, factor: Raw) -> str:
    name, field = input_name(policy, factor["rows"]), field_name(factor["field"])
    tests = _("，").join(_row_test(policy, one) for one in factor.get("where", ()))
    if not tests:
        return str(_("%(name)s的%(field)s合计", name=name, field=field))
    return str(_("%(name)s的%(field)s合计（只计 %(tests)s）", name=name, field=field, tests=tests))


def _row_test(policy: Policy, told: Raw) -> str:
    for word, sign in (("ge_param", "≥"), ("lt_param", "<")):
        if word in told:
            param = policy.params[told[word]]
            return f"{field_name(told['field'])} {sign} {in_language(param.zh, param.en)}"
    bound = f"= {_(KINDS.get(told['eq'], str(told['eq'])))}" if "eq" in told else band_text(told)
    warns = _("，不满足的仍计，只提示") if told.get("warn") is True else ""
    return f"{field_name(told['field'])} {bound}{warns}"


KINDS = {"normal": "普通", "high": "高利润"}


def field_name(code: str) -> str:
    """What a field of a record is called."""
    return in_language(*FIELDS.get(code, (code, code)))


def _guard(policy: Policy, guard: Raw) -> str:
    for word, join in (("any", str(_("，或"))), ("all", str(_("，且")))):
        if word in guard:
            return join.join(_guard(policy, one) for one in guard[word])
    return " + ".join(input_name(policy, code) for code in guard["sum"]) + " " + band_text(guard)


def ladders_of(policy: Policy) -> list[Ladder]:
    """The scales, tables and ratings of a policy as bands."""
    return [*_scales(policy), *_tables(policy), *_ratings(policy)]


def indicators_of(policy: Policy) -> list[tuple[str, Decimal, str, Raw]]:
    """The weighted indicators of a policy (R110, R114): name, weight, whether that is the company's to fill, and the data."""
    told = policy.raw.get("appraisal", {}).get("indicators", ())
    return [(named(one, one["code"]), number(one["weight"]), _filling(one), one) for one in told]


def _scales(policy: Policy) -> Iterator[Ladder]:
    for code, scale in policy.scales.items():
        asks = input_name(policy, scale["input"])
        values = [_value(piece, asks) for piece in scale["pieces"]]
        yield _ladder(scale, code, asks, scale["pieces"], values)


def _value(piece: Raw, asks: str) -> str:
    if "value" in piece:
        return str(piece["value"])
    start = "" if piece["intercept"] in ("0", 0) else f" + {piece['intercept']}"
    return f"{piece['slope']} × {asks}{start}"


BESIDE_COLUMNS = {*BOUNDS, "code", "zh", "en", "note", "assumed", "to_fill", "rules", "quote"}


def _tables(policy: Policy) -> Iterator[Ladder]:
    for code, table in policy.tables.items():
        values = [_cells(policy, code, row) for row in table["rows"]]
        yield _ladder(table, code, input_name(policy, table["key"]), table["rows"], values)


def _cells(policy: Policy, code: str, row: Raw) -> str:
    """What a row of a table gives; where it gives several values each is named by the pay line that asks for it."""
    cells = {key: str(value) for key, value in row.items() if key not in BESIDE_COLUMNS}
    if len(cells) < 2:
        return "".join(cells.values())
    asking = {
        one.get("column"): line for line in policy.components for one in line["factors"] if one.get("table") == code
    }
    told = [f"{named(asking[key], key) if key in asking else key} {value}" for key, value in cells.items()]
    return f"{str(_('；')).rstrip()}\n".join(told)


def _ratings(policy: Policy) -> Iterator[Ladder]:
    for code, rating in policy.ratings.items():
        asked = rating["input"]
        asks = input_name(policy, asked) if asked in policy.inputs else _("绩效分数")
        values = [
            in_language(piece.get("zh", piece["label"]), piece.get("en", piece["label"])) for piece in rating["pieces"]
        ]
        yield _ladder(rating, code, asks, rating["pieces"], values)


def _filling(told: Raw) -> str:
    """Whether the figures are the company's still to fill in, or a remark on them."""
    return str(_("原文没有印出，待公司填写")) if told.get("to_fill") is True else own_name(str(told.get("note", "")))


def _ladder(told: Raw, code: str, asks: str, pieces: Sequence[Raw], values: Sequence[str]) -> Ladder:
    bands = [
        Band(text or str(_("任何值")), value, *basis_of(piece))
        for text, value, piece in zip(band_texts(pieces), values, pieces, strict=True)
    ]
    return Ladder(named(told, code), asks, bands, _filling(told), *basis_of(told))


def basis_of(told: Raw) -> tuple[Sequence[str], str]:
    """What a part of a policy rests on: ids of rules, and the source's own sentence."""
    return tuple(told.get("rules", ())), str(told.get("quote", ""))


def scope_text(policy: Policy) -> str:
    """For whom a policy is: departments and positions, and who is left out."""
    scope = policy.raw["scope"]
    departments = _names(scope["departments"]) if "*" not in scope["departments"] else _("全公司")
    positions = _names(scope["positions"]) if "*" not in scope["positions"] else _("所有岗位")
    left_out = scope.get("exclude_positions", ())
    text = f"{departments} · {positions}"
    return f"{text}{_('（不含%(names)s）', names=_names(left_out))}" if left_out else text


def _names(names: Sequence[str]) -> str:
    return str(_("、")).join(own_name(name) for name in names)
