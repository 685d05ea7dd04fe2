"""What the page of pay lines offers: the company's departments and positions, factors, standards, figures and scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from approval.i18n import in_language, own_name
from approval.models.people import Department, Position
from approval.rules.number import number
from approval.rules.pay_line_forms import (
    BY_ATTENDANCE,
    FIGURE,
    RATE,
    SCALE,
    STANDARD,
    Given,
    LineForm,
    NewLine,
    figure,
    known_figures,
    known_standards,
    standard,
)
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.rulebook import policies_on
from approval.views.policy_collected import TYPES
from approval.views.policy_words import named
from forms.pay_lines import ALL, NEW, Choices, NewLineForm, Offered

Raw = Mapping[str, Any]
CONST, RATIO = "const", "ratio"
COLLECTED_BY = "data_department"


def department_choices(act: Act, ticked: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Every department, then whatever else a text names."""
    names = list(act.session.scalars(select(Department.name).order_by(Department.id)))
    return [(name, own_name(name)) for name in dict.fromkeys([*names, *ticked]) if name != ALL]


def position_choices(act: Act, ticked: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Every position under what the text calls it: its name, its code where that is written or two share the name."""
    rows = act.session.execute(select(Position.code, Position.name).order_by(Position.id)).all()
    names = [row.name for row in rows]
    found: dict[str, str] = {}
    for code, name in rows:
        by_code = code in ticked or (name not in ticked and names.count(name) > 1)
        label = own_name(name)
        found[code if by_code else name] = label if label == code else f"{label} {code}"
    return list((found | {one: one for one in ticked if one not in found and one != ALL}).items())


def factor_choices(policy: Policy) -> Choices:
    """What a line may be multiplied by: every standard, figure and scale of the policy, attendance, a constant."""
    choices = [
        (f"param:{code}", _("标准：%(name)s", name=in_language(one.zh, one.en))) for code, one in policy.params.items()
    ]
    choices += [
        (f"input:{code}", _("每月数据：%(name)s", name=in_language(one.zh, one.en)))
        for code, one in policy.inputs.items()
        if one.type not in ("rows", "score")
    ]
    choices += [(f"scale:{code}", _("档位：%(name)s", name=named(one, code))) for code, one in policy.scales.items()]
    choices += [(RATIO, _("出勤比例（实际 ÷ 应出勤，最多 1）")), (CONST, _("固定系数（填右边的数值）"))]
    return [(value, str(name)) for value, name in choices]


def factor_chosen(value: str, const: str | None) -> dict[str, Any]:
    """The factor that a choice stands for, as the file writes it."""
    if value == RATIO:
        return dict(BY_ATTENDANCE)
    if value == CONST:
        return {CONST: str(const)}
    kind, _sep, code = value.partition(":")
    return {kind: code}


class Known:
    """What a new line may ask for without making it anew: the parts of this policy, then those of policies in force."""

    def __init__(self, act: Act, policy: Policy) -> None:
        in_force = [one.raw for _version, one in policies_on(act.session, act.today)]
        self.own = policy.raw
        self.standards = {**known_standards(in_force), **policy.raw.get("params", {})}
        self.figures = {**known_figures(in_force), **policy.raw.get("inputs", {})}
        self.scales = policy.scales

    def offered(self) -> Offered:
        """The choices of every box, by name."""
        rates = {code for code, told in self.standards.items() if told.get("type") == "fraction"}
        return Offered(
            standards=_listed(self.standards, self.standards.keys() - rates),
            rates=_listed(self.standards, rates),
            figures={kind: _listed(self.figures, self._of(kind)) for kind in TYPES},
            scales=_listed(self.scales, self.scales),
            units={kind: str(_(name)) for kind, name in TYPES.items()},
        )

    def _of(self, kind: str) -> set[str]:
        return {code for code, told in self.figures.items() if told.get("type") == kind}

    def given(self, block: str, code: str) -> Given:
        """A part that was picked: one that this policy lacks comes with what the other says of it."""
        found = (self.standards if block == "params" else self.figures)[code]
        kept = {key: value for key, value in found.items() if key not in ("rules", "quote", "note", "assumed")}
        return Given(code, None if code in self.own.get(block, {}) else kept)


def _listed(told: Mapping[str, Raw], codes: Iterable[str]) -> list[tuple[str, str]]:
    wanted = set(codes)
    return [(code, named(one, code)) for code, one in told.items() if code in wanted]


def new_line_of(form: LineForm, boxes: NewLineForm, known: Known) -> NewLine:
    """The line that the boxes tell of, once they were found valid."""
    zh, en = str(boxes.zh.data), str(boxes.en.data or "")
    parts: dict[str, Given] = {}
    for kind in form.asks:
        if kind in (STANDARD, RATE):
            parts[kind] = _standard(kind, form, boxes, known)
        elif kind == FIGURE:
            parts[kind] = _figure(boxes, known)
        elif kind == SCALE:
            parts[kind] = Given(str(boxes.scale.data))
    return NewLine(form, zh, en, parts)


def _standard(kind: str, form: LineForm, boxes: NewLineForm, known: Known) -> Given:
    if boxes.standard.data != NEW:
        return known.given("params", str(boxes.standard.data))
    ends = (
        ("比例", " rate")
        if kind == RATE
        else ("单价", " unit price")
        if form.code == "counted"
        else ("标准", " standard")
    )
    zh = f"{boxes.zh.data}{ends[0]}"
    en = f"{boxes.en.data}{ends[1]}" if boxes.en.data else zh
    value = None if boxes.each.data else format(number(str(boxes.value.figure)), "f")
    return Given("", standard(zh, en, value, "fraction" if kind == RATE else "money"))


def _figure(boxes: NewLineForm, known: Known) -> Given:
    if boxes.figure.data != NEW:
        return known.given("inputs", str(boxes.figure.data))
    zh = str(boxes.figure_zh.data)
    return Given("", figure(zh, str(boxes.figure_en.data or zh), str(boxes.unit.data), COLLECTED_BY))
