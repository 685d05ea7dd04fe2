"""一对一反馈: what the leader keeps of the talk, and what the employee answers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.widgets import TextArea

from forms.base import AtMost, Form, Needed, TextField
from forms.day import DayField

LONGEST = 2000
TALL = {"rows": 4}


class FeedbackForm(Form):
    """The talk; `seen` is the version of the record that was on the page."""

    seen = HiddenField()
    held_on = DayField(_l("反馈日期"), validators=[Needed()])
    discussed = TextField(_l("谈了什么"), validators=[Needed(), AtMost(LONGEST)], widget=TextArea(), render_kw=TALL)
    agreed = TextField(_l("约定的改进"), validators=[Needed(), AtMost(LONGEST)], widget=TextArea(), render_kw=TALL)

    @property
    def version(self) -> int:
        """The version that was read; 0 where there was no record."""
        told = str(self.seen.data or "")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0


class CommentForm(Form):
    comment = TextField(_l("我的意见"), validators=[AtMost(LONGEST)], widget=TextArea(), render_kw=TALL)
