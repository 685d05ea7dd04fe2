"""考核周期: the department and month to open."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from forms.base import AtMost, Form, Needed, TextField


class OpenForm(Form):
    department = SelectField(_l("部门"), coerce=int)
    period = TextField(_l("月份、季度或年度"), validators=[Needed(), AtMost(7)])
