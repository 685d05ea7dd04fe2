"""考核方案: a new draft from a shipped policy, a file or pasted text; a reading chosen; a version returned."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, HiddenField, SelectField, TextAreaField

from forms.base import AtMost, Form, Needed, TextField
from forms.day import DayField

LONGEST_SOURCE = 200_000


class DraftForm(Form):
    """What a new draft is made of: the file where there is one, else the pasted text, else the shipped policy."""

    shipped = SelectField(_l("随产品提供的方案"), validate_choice=False)
    file = FileField(_l("方案文件（.toml）"))
    source = TextAreaField(_l("或粘贴方案全文（TOML）"), validators=[AtMost(LONGEST_SOURCE)])
    effective_from = DayField(_l("生效日期"))


class SourceForm(Form):
    """The text of a draft and the day it begins; `version` is the draft as it was read."""

    version = HiddenField()
    source = TextAreaField(_l("方案全文（TOML）"), validators=[AtMost(LONGEST_SOURCE)])
    effective_from = DayField(_l("生效日期"))

    @property
    def text(self) -> str:
        """What was typed, lines ended as in a file."""
        return str(self.source.data or "").replace("\r\n", "\n")

    @property
    def seen(self) -> int:
        """The version that was read; -1 where the page's own field was lost."""
        told = str(self.version.data or "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else -1


class ConsultationForm(Form):
    """One talk with the staff about a policy before it begins."""

    held_on = DayField(_l("协商日期"), validators=[Needed()])
    with_whom = TextField(_l("与谁协商"), validators=[Needed(), AtMost(200)])
    outcome = TextField(_l("意见和结果"), validators=[Needed(), AtMost(2000)])


class ReadingForm(Form):
    """One option of a draft and the reading chosen; `version` is the draft as it was read."""

    version = HiddenField()
    option = HiddenField()
    choice = HiddenField()


class ReturnForm(Form):
    reason = TextField(_l("退回理由"), validators=[Needed(), AtMost(500)])


class PublishForm(Form):
    """What the publisher says about the company's own document, which prevails over a printed source (R109)."""

    official = BooleanField(_l("我确认：本公司的正式文件就是这样规定的"))
    document = TextField(_l("正式文件的名称或文号（选填）"), validators=[AtMost(200)])
