"""考核方案: a new draft from a shipped policy, a file or pasted text; a reading chosen; a version returned."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, HiddenField, SelectField, TextAreaField

from forms.base import AtMost, Form, Needed, TextField

LONGEST_SOURCE = 200_000


class OptionalDay(DateField):
    """A day that may be left empty."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if valuelist and valuelist[0]:
            try:
                super().process_formdata(valuelist)
            except ValueError:
                raise ValueError(_("请填写日期，例如 2026-12-01")) from None


class DraftForm(Form):
    """What a new draft is made of: the file where there is one, else the pasted text, else the shipped policy."""

    shipped = SelectField(_l("随产品提供的方案"), validate_choice=False)
    file = FileField(_l("方案文件（.toml）"))
    source = TextAreaField(_l("或粘贴方案全文（TOML）"), validators=[AtMost(LONGEST_SOURCE)])
    effective_from = OptionalDay(_l("生效日期"))


class ReadingForm(Form):
    """One option of a draft and the reading chosen; `version` is the draft as it was read."""

    version = HiddenField()
    option = HiddenField()
    choice = HiddenField()


class ReturnForm(Form):
    reason = TextField(_l("退回理由"), validators=[Needed(), AtMost(500)])
