"""A whole new policy begun from a few answers, then completed on the pages of lines and figures: no text is written."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.rules.policy_blank import Blank, blank_text
from approval.rules.refusal import Refused
from approval.services import policy as service
from approval.services.versions import free_code
from approval.views.door import act, once, open_to, see_other
from approval.views.pay_line_choices import department_choices, position_choices
from approval.views.policy import AUTHORS
from forms.policy_blank import BlankForm
from workflows.engine import NotAllowed

blueprint = Blueprint("policy_blank", __name__)


@blueprint.route("/policies/blank")
@open_to(*AUTHORS)
def blank() -> str:
    """Ask what a new policy begins with."""
    begins = (act().today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return _page(BlankForm(formdata=None, effective_from=begins, each=True))


@blueprint.route("/policies/blank", methods=["POST"])
@open_to(*AUTHORS)
@once
def begin() -> Response:
    """Draft the new policy and go on to its lines; a refusal keeps what was typed."""
    form = _with_choices(BlankForm())
    if not form.validate():
        return FlaskResponse(_page(form), 422)
    try:
        version = service.draft_policy(act(), blank_text(_told(form)))
    except (Refused, NotAllowed) as refused:
        db.session.rollback()
        reasons = refused.reasons if isinstance(refused, NotAllowed) else [refused]
        form.form_errors.extend(said(one) for one in reasons)
        return FlaskResponse(_page(form), 422)
    flash(_("草稿已建立；请加上工资项，改好数值，再由另一位同事复核。"), "ok")
    return see_other("pay_lines.lines", code=version.code, number=version.number)


def _told(form: BlankForm) -> Blank:
    return Blank(
        code=free_code(act().session),
        zh=str(form.zh.data),
        en=str(form.en.data or ""),
        departments=form.chosen_departments,
        positions=form.chosen_positions,
        begins=form.effective_from.day,
        scored_by=str(form.scored_by.data),
        base=form.base_pay,
    )


def _with_choices(form: BlankForm) -> BlankForm:
    form.departments.choices = department_choices(act())
    form.positions.choices = position_choices(act())
    return form


def _page(form: BlankForm) -> str:
    return render_template("policy/blank.html", form=_with_choices(form))
