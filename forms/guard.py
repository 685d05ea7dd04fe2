"""法定提示: a place's minimum wage, where a department works, the switch for deductions, what HR says of a flag."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from forms.base import AtMost, Form, Needed, TextField
from forms.bonus_pool import NeededAmount, YuanField
from forms.day import DayField


class MinimumWageForm(Form):
    place = TextField(_l("地区"), validators=[Needed(), AtMost(40)])
    from_on = DayField(_l("生效日期"), validators=[Needed()])
    amount = YuanField(_l("每月最低工资（元）"), validators=[NeededAmount()])
    source = TextField(_l("依据（文号）"), validators=[Needed(), AtMost(200)])


class PlaceForm(Form):
    department = SelectField(_l("部门"), coerce=int)
    place = TextField(_l("工作地区"), validators=[AtMost(40)])


class FinesForm(Form):
    allowed = SelectField(_l("奖惩表里的扣款"))
    reason = TextField(_l("理由和法律依据"), validators=[Needed(), AtMost(500)])


class LeaverForm(Form):
    employee = HiddenField()
    keeps = SelectField(_l("是否参加分配"))
    reason = TextField(_l("理由"), validators=[Needed(), AtMost(500)])


class DecisionForm(Form):
    decision = TextField(_l("处理意见"), validators=[Needed(), AtMost(500)])
