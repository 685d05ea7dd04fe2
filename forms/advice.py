"""建议: why an advice is taken or dropped."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from forms.base import AtMost, Form, Needed, TextField


class DecisionForm(Form):
    """The reason of a human's decision; it stays with the advice."""

    reason = TextField(_l("理由"), validators=[Needed(), AtMost(1000)])
