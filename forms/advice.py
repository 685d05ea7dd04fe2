"""建议: why an advice is taken or dropped."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from forms.base import AtMost, Form, Needed, TextField
from forms.day import DayField


class EvidenceForm(Form):
    """What was done before the decision: in words, on which day, a record or a month that is cited; the view hands in both."""

    coaching = SelectField(_l("引用培训与辅导记录"), validate_choice=False)
    month = SelectField(_l("哪个月的得分"), validate_choice=False)
    held_on = DayField(_l("日期"))
    note = TextField(_l("做了什么、结果怎样"), validators=[AtMost(500)])

    @staticmethod
    def chosen(field: SelectField) -> int | None:
        """The id that was chosen, None where nothing was."""
        told = str(field.data or "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None


class DecisionForm(Form):
    """The reason of a human's decision; it stays with the advice."""

    reason = TextField(_l("理由"), validators=[Needed(), AtMost(1000)])
