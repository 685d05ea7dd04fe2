"""培训与辅导: what was done for a person, and why a record is void; 特别保护: which ground, which days."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from forms.base import AtMost, Form, Needed, TextField
from forms.day import DayField


class CoachingForm(Form):
    kind = SelectField(_l("种类"), validate_choice=False)
    begins_on = DayField(_l("日期（或开始日期）"), validators=[Needed()])
    ends_on = DayField(_l("结束日期"))
    content = TextField(_l("做了什么"), validators=[Needed(), AtMost(1000)])
    led_by = TextField(_l("由谁做"), validators=[Needed(), AtMost(80)])
    material = TextField(_l("材料编号"), validators=[AtMost(200)])


class VoidForm(Form):
    reason = TextField(_l("作废的理由"), validators=[Needed(), AtMost(500)])


class ProtectionForm(Form):
    ground = SelectField(_l("情形"), validate_choice=False)
    from_on = DayField(_l("从哪一天起"), validators=[Needed()])
    to_on = DayField(_l("到哪一天为止"))
    note = TextField(_l("依据的材料"), validators=[AtMost(500)])


class EndForm(Form):
    to_on = DayField(_l("到哪一天为止"), validators=[Needed()])
