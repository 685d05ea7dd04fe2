"""异议: the grounds of an objection, and its answer."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.widgets import TextArea

from forms.base import AtMost, Form, Needed, TextField

LONGEST = 1000
TALL = {"rows": 4}


class ObjectionForm(Form):
    grounds = TextField(_l("异议的理由"), validators=[Needed(), AtMost(LONGEST)], widget=TextArea(), render_kw=TALL)


class AnswerForm(Form):
    """Why an objection is upheld or rejected; the employee reads it."""

    reason = TextField(_l("答复"), validators=[Needed(), AtMost(LONGEST)], widget=TextArea(), render_kw=TALL)
