"""从空白开始: the few answers that a whole new policy begins with."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, ValidationError

from approval.rules.number import number
from approval.rules.policy_blank import SCORED_BY
from forms.base import AtMost, Needed, TextField
from forms.day import DayField
from forms.pay_lines import LONGEST_NAME, PickField, ScopeForm
from forms.policy_figures import FigureField


class BlankForm(ScopeForm):
    """Name, scope, first day, who scores by what, and the base pay: one for everybody, or set person by person."""

    zh = TextField(_l("方案名称"), validators=[Needed(), AtMost(LONGEST_NAME)])
    en = TextField(_l("英文名称"), validators=[AtMost(LONGEST_NAME)])
    effective_from = DayField(_l("生效日期"), validators=[Needed()])
    scored_by = PickField(_l("主管怎样评分"))
    each = BooleanField(_l("基本工资由公司逐人设定"))
    base = FigureField(_l("统一的基本工资"), optional=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scored_by.choices = [(code, _(name)) for code, name in SCORED_BY.items()]

    def validate_base(self, field: FigureField) -> None:
        if not self.each.data and not field.data:
            raise ValidationError(_("请填写数值，或勾选“由公司逐人设定”"))
        if field.figure is not None and number(field.figure) < 0:
            raise ValidationError(_("请填写不小于 0 的数"))

    @property
    def base_pay(self) -> str | None:
        """One base pay for everybody; None where it is set person by person."""
        return None if self.each.data else self.base.figure
