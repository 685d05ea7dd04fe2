"""调岗: HR says how many days somebody attended in each post of a month."""

from __future__ import annotations

from decimal import Decimal

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said, sentences
from approval.rules.number import number
from approval.rules.refusal import Refused
from approval.services.segments import enter_days, segments_of
from approval.services.sight import find_appraisal
from approval.views.door import act, commit, see_other
from workflows.engine import NotAllowed


def enter_segment_days(appraisal_id: int) -> Response:
    """Keep the days of each segment; what is wrong is told on the month's page."""
    found = find_appraisal(act(), appraisal_id)
    try:
        enter_days(act(), found, {one.id: _days(one.id) for one in segments_of(act(), found)})
    except (Refused, NotAllowed) as error:
        db.session.rollback()
        flash(said(error) if isinstance(error, Refused) else _("；").join(sentences(error)), "warn")
        typed = {f"days_{key}": value for key, value in _typed().items()}
        return see_other("appraisal.appraisal", appraisal_id=appraisal_id, **typed)
    commit()
    flash(_("调岗前后的出勤天数已保存。"), "ok")
    return see_other("appraisal.appraisal", appraisal_id=appraisal_id)


def _typed() -> dict[str, str]:
    return {name.removeprefix("days_"): text[:8] for name, text in request.form.items() if name.startswith("days_")}


def _days(segment_id: int) -> Decimal:
    text = _typed().get(str(segment_id), "").strip()
    if not text:
        raise Refused("请填写每一段的出勤天数", fault="days missing")
    return number(text)
