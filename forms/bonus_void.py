"""取消奖金: the violation, its evidence, and why an entry is taken back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.widgets import TextArea

from forms.base import AtMost, Form, Needed, TextField

TALL = {"rows": 4}


class VoidForm(Form):
    """What was done, and what proves it; the employee reads the first."""

    reason = TextField(_l("违规的事实"), validators=[Needed(), AtMost(1000)], widget=TextArea(), render_kw=TALL)
    evidence = TextField(_l("证据"), validators=[Needed(), AtMost(200)])


class DropForm(Form):
    """Why an entry is taken back; the employee reads it."""

    reason = TextField(_l("理由"), validators=[Needed(), AtMost(1000)])
