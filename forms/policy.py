"""考核方案: a new draft from a shipped policy, a file or pasted text; a reading chosen; a version returned."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, SelectField, TextAreaField

from forms.base import AtMost, Form, Needed, TextField
from forms.day import DayField

LONGEST_SOURCE = 200_000


class DraftForm(Form):
    """What a new draft is made of: the file where there is one, else the pasted text, else the shipped policy."""

    shipped = SelectField(_l("随产品提供的方案"), validate_choice=False)
    file = FileField(_l("方案文件（.toml）"))
    source = TextAreaField(_l("或粘贴方案全文（TOML）"), validators=[AtMost(LONGEST_SOURCE)])
    effective_from = DayField(_l("生效日期"))


class ReadingForm(Form):
    """One option of a draft and the reading chosen; `version` is the draft as it was read."""

    version = HiddenField()
    option = HiddenField()
    choice = HiddenField()


class ReturnForm(Form):
    reason = TextField(_l("退回理由"), validators=[Needed(), AtMost(500)])
