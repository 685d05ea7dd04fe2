"""一对一反馈: the list of talks and of months without one, one talk with its form, and the employee's answer."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.appraisal import Appraisal
from approval.models.audit import entries_of
from approval.rules.refusal import Refused
from approval.services import feedback as service
from approval.services.sight import find_appraisal, relations
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.timeline import told_entries
from forms.feedback import CommentForm, FeedbackForm
from workflows.appraisal import REVIEWED
from workflows.sight import OWN

blueprint = Blueprint("feedback", __name__)


@blueprint.route("/feedback")
@open_to(EVERYONE)
def feedbacks() -> str:
    """List the months that still want their talk, and the talks that are kept."""
    return render_template(
        "feedback/feedbacks.html", awaited=service.awaiting_seen(act()), kept=service.kept_seen(act())
    )


@blueprint.route("/feedback/<int:appraisal_id>")
@open_to(EVERYONE)
def feedback(appraisal_id: int) -> str:
    """Show the talk about a month, with what its reader may do."""
    return _page(find_appraisal(act(), appraisal_id, "feedback"))


def _page(month: Appraisal, form: FeedbackForm | None = None, comment: CommentForm | None = None) -> str:
    kept = service.feedback_of(act(), month)
    open_ = kept is None or kept.confirmed_at is None
    leads = service.by_leader(act(), month) is None and month.state in REVIEWED and open_
    own = OWN in relations(act(), month)
    return render_template(
        "feedback/feedback.html",
        month=month,
        kept=kept,
        form=(form or _form(month)) if leads else None,
        comment=(comment or CommentForm(formdata=None)) if own and kept and open_ else None,
        own=own,
        suggests_training=service.suggests_training(act(), month) and not own,
        entries=told_entries(entries_of(act().session, kept.stream), {}) if kept else [],
    )


def _form(month: Appraisal) -> FeedbackForm:
    kept = service.feedback_of(act(), month)
    if kept is None:
        return FeedbackForm(formdata=None, held_on=act().today, seen="0")
    told = {"held_on": kept.held_on, "discussed": kept.discussed, "agreed": kept.agreed, "seen": str(kept.version)}
    return FeedbackForm(formdata=None, data=told)


@blueprint.route("/feedback/<int:appraisal_id>", methods=["POST"])
@open_to(EVERYONE)
@once
def keep(appraisal_id: int) -> Response:
    """Keep the talk, or better it while it is not confirmed."""
    month, form = find_appraisal(act(), appraisal_id, "feedback"), FeedbackForm()
    if form.validate_on_submit():
        talk = service.Talk(form.held_on.day, str(form.discussed.data), str(form.agreed.data))
        try:
            service.keep_feedback(act(), month, talk, form.version)
        except Refused as refused:
            db.session.rollback()
            form.held_on.errors = [said(refused)]
        else:
            flash(_("反馈已登记，等本人确认。"), "ok")
            return see_other("feedback.feedback", appraisal_id=appraisal_id)
    return FlaskResponse(_page(find_appraisal(act(), appraisal_id, "feedback"), form), 422)


@blueprint.route("/feedback/<int:appraisal_id>/answer", methods=["POST"])
@open_to(EVERYONE)
@once
def answer(appraisal_id: int) -> Response:
    """The employee confirms the talk, or comments on it."""
    month, form = find_appraisal(act(), appraisal_id, "feedback"), CommentForm()
    kept, confirm = service.feedback_of(act(), month), request.form.get("answer") == "confirm"
    if kept is not None and form.validate_on_submit():
        try:
            service.answer_feedback(act(), kept, str(form.comment.data or ""), confirm=confirm)
        except Refused as refused:
            db.session.rollback()
            form.comment.errors = [said(refused)]
        else:
            flash(_("已确认。") if confirm else _("意见已记录，登记人会看到。"), "ok")
            return see_other("feedback.feedback", appraisal_id=appraisal_id)
    return FlaskResponse(_page(find_appraisal(act(), appraisal_id, "feedback"), comment=form), 422)
