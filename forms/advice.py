"""建议: why an advice is taken or dropped."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from forms.base import AtMost, Form, Needed, TextField


class EvidenceForm(Form):
    """What was done before the decision, and on which day."""

    note = TextField(_l("做了什么、在哪一天"), validators=[Needed(), AtMost(500)])


class DecisionForm(Form):
    """The reason of a human's decision; it stays with the advice."""

    reason = TextField(_l("理由"), validators=[Needed(), AtMost(1000)])
