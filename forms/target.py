"""目标: a new annual target, its change, and one person's months with his duties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField
from wtforms.widgets import TextArea

from forms.base import AtMost, ExactField, Form, Needed, TextField
from forms.bonus_pool import NeededAmount

MOST = "1000000000000"
TALL = {"rows": 3}


class AnnualForm(Form):
    """A department's new target; `measure` is a known figure, or empty for one that `name` names with its `unit`."""

    department = SelectField(_l("部门"), coerce=int, validate_choice=False)
    year = ExactField(_l("年度"), places=0, least="2000", most="2099", validators=[Needed()])
    measure = SelectField(_l("指标"), validate_choice=False)
    name = TextField(_l("其他指标的名称"), validators=[AtMost(40)])
    unit = SelectField(_l("单位（其他指标）"), validate_choice=False)
    amount = ExactField(_l("年度目标"), places=2, most=MOST, validators=[NeededAmount()])
    basis = TextField(_l("怎样定的"), validators=[Needed(), AtMost(1000)], widget=TextArea(), render_kw=TALL)

    def validate(self, extra_validators: Any = None) -> bool:
        """One of the two ways names the measure."""
        valid = bool(super().validate(extra_validators))
        if not self.measure.data and not self.name.data:
            self.name.errors = [_("请选择指标，或写明其他指标的名称")]
            return False
        return valid


class ChangeForm(Form):
    seen = HiddenField()
    amount = ExactField(_l("年度目标"), places=2, most=MOST, validators=[NeededAmount()])
    reason = TextField(_l("修改的理由"), validators=[Needed(), AtMost(500)])


class PersonForm(Form):
    """One person's months, his duties and why they are changed; `spread` divides a year evenly into the boxes."""

    seen = HiddenField()
    duties = TextField(_l("职责和权责"), validators=[AtMost(2000)], widget=TextArea(), render_kw=TALL)
    reason = TextField(_l("修改的理由"), validators=[AtMost(500)])
    year = ExactField(_l("全年"), places=2, most=MOST)
    periods: ClassVar[tuple[str, ...]] = ()

    def month(self, period: str) -> ExactField:
        return cast(ExactField, self[f"m_{period}"])

    @property
    def months(self) -> dict[str, Decimal | None]:
        """What was typed, by month; an empty box sets nothing."""
        return {period: self.month(period).number if self.month(period).data else None for period in self.periods}


def person_form(periods: Sequence[str], places: int) -> type[PersonForm]:
    """The form for the months of a year, with the places of its unit."""
    fields: dict[str, Any] = {"periods": tuple(periods)}
    for period in periods:
        fields[f"m_{period}"] = ExactField(period, places=places, most=MOST)
    return type("PersonOfTarget", (PersonForm,), fields)


def number_seen(field: HiddenField) -> int:
    """The version that was on the page; -1 where it was lost."""
    told = str(field.data or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else -1


class WeeksForm(Form):
    """The weeks of one month, each by its Monday."""

    seen = HiddenField()
    mondays: ClassVar[tuple[date, ...]] = ()

    def week(self, monday: date) -> ExactField:
        return cast(ExactField, self[f"w_{monday}"])

    @property
    def weeks(self) -> dict[date, Decimal | None]:
        """What was typed, by Monday; an empty box plans nothing."""
        return {day: self.week(day).number if self.week(day).data else None for day in self.mondays}


def weeks_form(mondays: Sequence[date], places: int) -> type[WeeksForm]:
    """The form for the weeks of a month, with the places of its unit."""
    fields: dict[str, Any] = {"mondays": tuple(mondays)}
    for day in mondays:
        fields[f"w_{day}"] = ExactField(day.isoformat(), places=places, most=MOST)
    return type("WeeksOfTarget", (WeeksForm,), fields)
