"""异议: raised by the employee, answered by somebody who did not score; upheld, the month is scored again."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.appraisal import Appraisal
from approval.models.objection import Objection
from approval.rules.refusal import Refused
from approval.services import appraisal as appraisals
from approval.services import objection as service
from approval.services.sight import Hidden, find_appraisal, relations, sees
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.publication import sheet_page
from forms.objection import AnswerForm, ObjectionForm
from workflows.objection import LABELS, RAISED
from workflows.sight import HEAD, OWN, SCORER

blueprint = Blueprint("objection", __name__)

READERS = frozenset({OWN, HEAD, "general_manager", "hr", "auditor"})
PILLS = {"raised": "mine", "upheld": "returned", "rejected": "rejected"}


def _reads(objection: Objection) -> bool:
    """Say whether the actor may read an objection; the scorer once it is answered, since he may have to score again."""
    decides = service.decider_of(act(), objection.appraisal) == act().actor.employee_id
    return _may_read(objection, relations(act(), objection.appraisal), decides)


def _may_read(objection: Objection, found: frozenset[str], decides: bool) -> bool:
    return decides or bool(found & READERS) or (SCORER in found and objection.state != RAISED)


def _find(objection_id: int) -> Objection:
    found = act().session.get(Objection, objection_id)
    if found is None or not _reads(found):
        raise Hidden(f"objection {objection_id}")
    return found


@blueprint.route("/objections")
@open_to(EVERYONE)
def objections() -> str:
    """List the objections that the reader may read: those that wait for him first."""
    found = service.listed(act())
    rows = [(one.objection, one.waits) for one in found if _may_read(one.objection, one.relations, one.decides)]
    rows.sort(key=lambda row: (not row[1], row[0].state != RAISED))
    return render_template("objection/objections.html", rows=rows, labels=LABELS, pills=PILLS)


@blueprint.route("/objections/<int:objection_id>")
@open_to(EVERYONE)
def objection(objection_id: int) -> str:
    """Show an objection with the scores that it is about, and its answer."""
    return _page(_find(objection_id))


def _page(found: Objection, form: AnswerForm | None = None, trigger: str = "") -> str:
    return render_template(
        "objection/objection.html",
        objection=found,
        appraisal=found.appraisal,
        shows_self=sees(act(), found.appraisal, "self_score"),
        shows_score=sees(act(), found.appraisal, "supervisor_score"),
        labels=LABELS,
        pills=PILLS,
        offers=service.offers(act(), found),
        barred=_barred(found.appraisal),
        form=form or AnswerForm(formdata=None),
        trigger=trigger,
    )


def _barred(appraisal: Appraisal) -> bool:
    """Say whether the reader may not answer because he scored this month."""
    return act().actor.employee_id == appraisal.supervisor_id


@blueprint.route("/objections/new/<int:appraisal_id>", methods=["GET", "POST"])
@open_to(EVERYONE)
@once
def new(appraisal_id: int) -> Response:
    """Object to one's own published result; what was typed stays where something is wrong."""
    appraisal = find_appraisal(act(), appraisal_id)
    if OWN not in relations(act(), appraisal):
        raise Hidden(f"appraisal {appraisal_id}")
    form = ObjectionForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return Response(sheet_page(appraisal.cycle, form), status, mimetype="text/html")
    try:
        raised = service.raise_objection(act(), appraisal, form.grounds.data)
    except Refused as error:
        db.session.rollback()
        form.grounds.errors = [said(error)]
        return Response(sheet_page(find_appraisal(act(), appraisal_id).cycle, form), 422, mimetype="text/html")
    flash(_("异议已提出，由没有给您评分的人处理；答复会通知您。"), "ok")
    return see_other("objection.objection", objection_id=raised.id)


@blueprint.route("/objections/<int:objection_id>/<trigger>", methods=["POST"])
@open_to(EVERYONE)
@once
def decide(objection_id: int, trigger: str) -> Response:
    """Uphold an objection, which starts a new round of scoring in the same transaction, or reject it."""
    if trigger not in ("uphold", "reject"):
        abort(404)
    found = _find(objection_id)
    form = AnswerForm()
    if not form.validate():
        db.session.rollback()
        return Response(_page(found, form, trigger), 422, mimetype="text/html")
    service.decide_objection(act(), found, trigger, form.reason.data)
    if trigger == "uphold":
        appraisals.reopen_after_objection(act(), found.appraisal, act().person, form.reason.data)
        flash(_("异议成立；考核单已退回主管重新评分，原来一轮仍可查看。"), "ok")
    else:
        flash(_("异议已驳回，答复已通知本人。"), "ok")
    return see_other("objection.objection", objection_id=objection_id)
