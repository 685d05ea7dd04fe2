"""How a policy is made known: talks with the staff kept before, 我已阅读 after."""

from __future__ import annotations

from flask import Blueprint, flash
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.rules.refusal import Refused
from approval.services import notice as service
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.policy import find_version, page_of
from forms.policy import ConsultationForm

blueprint = Blueprint("policy_notice", __name__)


@blueprint.route("/policies/<code>/<int:number>/consultations", methods=["POST"])
@open_to("hr")
@once
def consult(code: str, number: int) -> Response:
    """Keep a talk with the staff about a version that is not published yet."""
    version, form = find_version(code, number), ConsultationForm()
    if form.validate_on_submit():
        told = service.Consultation(form.held_on.day, str(form.with_whom.data), str(form.outcome.data))
        try:
            service.keep_consultation(act(), version, told)
        except Refused as refused:
            db.session.rollback()
            form.held_on.errors = [said(refused)]
        else:
            flash(_("协商记录已登记。"), "ok")
            return see_other("policy.policy", code=code, number=number, _anchor="consultations")
    return FlaskResponse(page_of(find_version(code, number), consulting=form), 422)


@blueprint.route("/policies/<code>/<int:number>/acknowledge", methods=["POST"])
@open_to(EVERYONE)
@once
def acknowledge(code: str, number: int) -> Response:
    """Say that one has read the policy of one's own post."""
    service.acknowledge(act(), find_version(code, number))
    flash(_("已记录：您读过这个方案。"), "ok")
    return see_other("policy.policy", code=code, number=number)
