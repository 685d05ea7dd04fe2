"""工资项和适用范围: names, ticks and lines of a draft; and what a new line or a new scale asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput

from approval.rules.number import number
from approval.rules.pay_line_forms import FIGURE, RATE, SCALE, STANDARD, LineForm
from forms.base import AtMost, Form, Needed, TextField
from forms.policy import LONGEST_SOURCE, SourceForm
from forms.policy_figures import FigureField

LONGEST_NAME = 120
BANDS = 4
NEW = ""  # the choice that stands for a standard or a figure that is made here
ALL = "*"
Choices = Sequence[tuple[str, str]]


class TicksField(SelectMultipleField):
    """Any number of the choices, each with its tick; what is no choice is passed over."""

    option_widget = CheckboxInput()

    def __init__(self, label: Any = "", **kwargs: Any) -> None:
        super().__init__(label, validate_choice=False, **kwargs)

    @property
    def ticked(self) -> list[str]:
        """The choices that are ticked, in their order."""
        return [value for value, _name in self.choices or () if value in (self.data or ())]


class PickField(SelectField):
    """One of the choices; what is none of them is told in the reader's language."""

    def pre_validate(self, form: Any) -> None:
        if self.data not in [value for value, _name in self.choices or ()]:
            raise ValidationError(_("请从列表里选择"))


class ScopeForm(Form):
    """For whom a policy is: departments and positions by ticks, or all of them."""

    all_departments = BooleanField(_l("全公司"))
    departments = TicksField(_l("部门"))
    all_positions = BooleanField(_l("所有岗位"))
    positions = TicksField(_l("岗位"))

    def validate_departments(self, field: TicksField) -> None:
        if not self.all_departments.data and not field.ticked:
            raise ValidationError(_("请至少勾选一个部门，或勾选“全公司”"))

    def validate_positions(self, field: TicksField) -> None:
        if not self.all_positions.data and not field.ticked:
            raise ValidationError(_("请至少勾选一个岗位，或勾选“所有岗位”"))

    @property
    def chosen_departments(self) -> list[str]:
        return [ALL] if self.all_departments.data else self.departments.ticked

    @property
    def chosen_positions(self) -> list[str]:
        return [ALL] if self.all_positions.data else self.positions.ticked


class PayLinesForm(SourceForm, ScopeForm):
    """The names, the scope and the lines of one text; `own` names the options that read as the company's own already."""

    own = HiddenField()
    source = TextAreaField(_l("方案全文（TOML）"), validators=[AtMost(LONGEST_SOURCE)])
    zh = TextField(_l("方案名称"), validators=[Needed(), AtMost(LONGEST_NAME)])
    en = TextField(_l("英文名称"), validators=[AtMost(LONGEST_NAME)])
    left_out = TicksField(_l("不适用的岗位"))
    lines: ClassVar[int] = 0

    def line(self, what: str, place: int) -> Field:
        """The box of a line: its name (zh, en), the factor to add (add) and the constant (const)."""
        return self[f"{what}/{place}"]

    def line_names(self) -> Iterator[tuple[int, str, str]]:
        for place in range(self.lines):
            yield place, str(self.line("zh", place).data), str(self.line("en", place).data or "")


def _empty_or(choices: Choices) -> list[SelectChoice]:
    return [SelectChoice(value, name) for value, name in (("", "—"), *choices)]


def pay_lines_form(names: Sequence[tuple[str, str]], factors: Choices) -> type[PayLinesForm]:
    """The form of a text's lines: `names` in both languages, `factors` that a line may be multiplied by."""
    fields: dict[str, Any] = {"lines": len(names)}
    for place, (zh, en) in enumerate(names):
        fields[f"zh/{place}"] = TextField(_("名称"), default=zh, validators=[Needed(), AtMost(LONGEST_NAME)])
        fields[f"en/{place}"] = TextField(_("英文名称"), default=en, validators=[AtMost(LONGEST_NAME)])
        fields[f"add/{place}"] = SelectField(_("再乘以"), choices=_empty_or(factors), validate_choice=False)
        fields[f"const/{place}"] = FigureField(_("固定系数的数值"), optional=True)
    return type("PayLinesOfText", (PayLinesForm,), fields)


class Inner(Form):
    """A part of a page's form that is sent with it, under a prefix of its own."""

    class Meta(Form.Meta):
        csrf = False


def _figure_of(field: FigureField) -> None:
    """A standard is never below nought: what cuts pay is a penalty, which has its own proof and confirmation."""
    if field.figure is not None and number(field.figure) < 0:
        raise ValidationError(_("请填写不小于 0 的数；要扣减请用“奖惩”"))


class NewLineForm(Inner):
    """What one everyday form of a line asks for; boxes that it does not ask for are taken away."""

    zh = TextField(_l("工资项名称"), validators=[Needed(), AtMost(LONGEST_NAME)])
    en = TextField(_l("英文名称"), validators=[AtMost(LONGEST_NAME)])
    standard = PickField(_l("标准"))
    value = FigureField(_l("标准的数值"), optional=True)
    each = BooleanField(_l("由公司逐人设定"))
    figure = PickField(_l("每月数据"))
    figure_zh = TextField(_l("新数据的名称"), validators=[AtMost(LONGEST_NAME)])
    figure_en = TextField(_l("新数据的英文名称"), validators=[AtMost(LONGEST_NAME)])
    unit = PickField(_l("数据的种类"))
    scale = PickField(_l("档位"))

    def validate_value(self, field: FigureField) -> None:
        if self.standard.data == NEW and not self.each.data and not field.data:
            raise ValidationError(_("请填写数值，或勾选“由公司逐人设定”"))
        _figure_of(field)

    def validate_figure_zh(self, field: TextField) -> None:
        if self.figure.data == NEW and not field.data:
            raise ValidationError(_("请给这项数据起个名称，或选用已有的数据"))


@dataclass(frozen=True)
class Offered:
    """What the boxes of a new line offer: standards and rates, figures by kind, scales; each (code, name)."""

    standards: Choices
    rates: Choices
    figures: Mapping[str, Choices]
    scales: Choices
    units: Mapping[str, str]


PREFIX = "new-"


def new_line_form(form: LineForm, offered: Offered, given: Any) -> NewLineForm:
    """The boxes of one form, filled with `given`."""
    made = NewLineForm(formdata=given, prefix=f"{PREFIX}{form.code}-")
    standards = offered.rates if RATE in form.asks else offered.standards
    made.standard.choices = [(NEW, _("新的标准")), *standards]
    figures = [one for kind in form.types for one in offered.figures.get(kind, ())]
    made.figure.choices = [(NEW, _("新的数据")), *figures]
    made.unit.choices = [(kind, offered.units[kind]) for kind in form.types]
    made.scale.choices = list(offered.scales)
    wanted = {"zh", "en", "once"}
    wanted |= {"standard", "value", "each"} if {STANDARD, RATE} & set(form.asks) else set()
    wanted |= {"figure", "figure_zh", "figure_en", "unit"} if FIGURE in form.asks else set()
    wanted |= {"scale"} if SCALE in form.asks else set()
    for name in [one.short_name for one in made if one.short_name not in wanted]:
        delattr(made, name)
    return made


class NewScaleForm(Inner):
    """A new scale on the score: up to four steps, each below a bound, and what counts from the last bound on."""

    zh = TextField(_l("档位名称"), validators=[Needed(), AtMost(LONGEST_NAME)])
    en = TextField(_l("英文名称"), validators=[AtMost(LONGEST_NAME)])
    below_0 = FigureField(_l("低于几分"), optional=True)
    value_0 = FigureField(_l("取值"), optional=True)
    below_1 = FigureField(_l("低于几分"), optional=True)
    value_1 = FigureField(_l("取值"), optional=True)
    below_2 = FigureField(_l("低于几分"), optional=True)
    value_2 = FigureField(_l("取值"), optional=True)
    below_3 = FigureField(_l("低于几分"), optional=True)
    value_3 = FigureField(_l("取值"), optional=True)
    last = FigureField(_l("其余取值"))

    def pairs(self) -> list[tuple[FigureField, FigureField]]:
        """The boxes of each step."""
        return [(self[f"below_{place}"], self[f"value_{place}"]) for place in range(BANDS)]

    def steps(self) -> list[tuple[str, str]]:
        """The steps that were filled in: bound and value as the file writes them."""
        return [(str(one.figure), str(two.figure)) for one, two in self.pairs() if one.data and two.data]

    def validate_last(self, _field: FigureField) -> None:
        """Judge the steps together: each whole, each bound above the one before, at least one of them."""
        for one, two in self.pairs():
            if bool(one.data) != bool(two.data):
                raise ValidationError(_("每一档须同时填写分数和取值"))
        bounds = [number(one.figure) for one, _two in self.pairs() if one.figure is not None]
        if not bounds:
            raise ValidationError(_("至少填写一档：低于几分，取值多少"))
        if bounds != sorted(set(bounds)) or not 0 < bounds[0] <= bounds[-1] <= 100:
            raise ValidationError(_("各档的分数须从低到高，在 0 到 100 之间"))
