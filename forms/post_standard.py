"""岗位薪酬表: a figure of a position and grade from a day on; the last day of one; why one was a mistake."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from forms.base import AtMost, ExactField, Form, Needed, NeededNumber, TextField
from forms.day import DayField


class PostStandardForm(Form):
    """`position` and `code` are filled by the view; an empty grade is every grade that has no row of its own."""

    position = SelectField(_l("岗位"), coerce=int)
    grade = TextField(_l("职级（空着表示各职级）"), validators=[AtMost(20)])
    code = SelectField(_l("项目"))
    value = ExactField(_l("标准（元，比例写小数）"), places=6, most="10000000", validators=[NeededNumber()])
    from_on = DayField(_l("生效日期"), validators=[Needed()])


class EndForm(Form):
    row = HiddenField()
    to_on = DayField(_l("最后一天"), validators=[Needed()])


class VoidForm(Form):
    row = HiddenField()
    reason = TextField(_l("作废的理由"), validators=[Needed(), AtMost(200)])
