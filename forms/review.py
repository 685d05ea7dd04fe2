"""复核: a month sent back from the review with its reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from forms.base import AtMost, Form, Needed, TextField

LONGEST_REASON = 500


class SendBackForm(Form):
    """The reason of a return; `version` is the month as it was read, `back` the page to return to."""

    version = HiddenField()
    back = HiddenField()
    reason = TextField(_l("退回理由"), validators=[Needed(), AtMost(LONGEST_REASON)])
