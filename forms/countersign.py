"""会签: who is named, what he says, and why a name is taken away."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from forms.base import AtMost, Form, Needed, TextField


class NameForm(Form):
    """An office from the list, or one person by his number."""

    seat = SelectField(_l("职务"), validate_choice=False)
    number = TextField(_l("或某一位同事的工号"), validators=[AtMost(20)])


class SignForm(Form):
    """A remark, needed only to object; `seen` is the text that was on the page."""

    seen = HiddenField()
    remark = TextField(_l("意见"), validators=[AtMost(1000)])


class DropForm(Form):
    reason = TextField(_l("去掉的理由"), validators=[Needed(), AtMost(500)])
