"""取消奖金: one page a period, where a violation is entered, confirmed by a second person, or taken back (R107)."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.appraisal import Appraisal
from approval.models.audit import entries_of
from approval.models.beside import BonusVoid
from approval.models.people import Employee
from approval.rules.refusal import Refused
from approval.services import bonus_void as service
from approval.services.rulebook import policy_of
from approval.services.sight import Hidden, find_appraisal, relations
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.policy_words import basis_of
from approval.views.timeline import told_entries
from forms.bonus_void import DropForm, VoidForm
from workflows.bonus_void import LABELS
from workflows.sight import HEAD, OWN

blueprint = Blueprint("bonus_void", __name__)
READERS = frozenset({OWN, HEAD, "general_manager", "hr", "auditor"})
PILLS = {"entered": "mine", "confirmed": "rejected", "dropped": "passed"}


def _find(appraisal_id: int) -> Appraisal:
    """Load a period whose void the reader may see: its owner, those who decide, the auditor."""
    found = find_appraisal(act(), appraisal_id)
    if not relations(act(), found) & READERS:
        raise Hidden(f"appraisal {appraisal_id}")
    return found


@blueprint.route("/appraisals/<int:appraisal_id>/bonus-void")
@open_to(EVERYONE)
def bonus_void(appraisal_id: int) -> str:
    """Show whether a bonus is void or shall be, why, and what this reader may do."""
    return _page(_find(appraisal_id))


def _page(found: Appraisal, form: VoidForm | None = None, drop: DropForm | None = None) -> str:
    voids, own = service.voids_of(act(), found), OWN in relations(act(), found)
    rules, quote = basis_of(policy_of(found).raw.get("adjustments", {}))
    return render_template(
        "bonus_void/bonus_void.html",
        appraisal=found,
        own=own,
        policy=policy_of(found),
        rules=rules,
        quote=quote,
        voids=[(one, told_entries(entries_of(act().session, one.stream), LABELS)) for one in voids],
        offers={one.id: service.offers(act(), one) for one in voids},
        seconds={one.id: _names(service.seconds(act(), one)) for one in voids},
        why_not=service.why_not(act(), found),
        labels=LABELS,
        pills=PILLS,
        form=form or VoidForm(formdata=None),
        drop=drop or DropForm(formdata=None),
    )


def _names(people: list[int | None]) -> str:
    return str(_("、")).join(act().session.get_one(Employee, one).name for one in people)


@blueprint.route("/appraisals/<int:appraisal_id>/bonus-void", methods=["POST"])
@open_to("hr", "general_manager", "department_head")
@once
def enter(appraisal_id: int) -> Response:
    """Enter a violation with its evidence; what was typed stays where something is missing."""
    found, form = _find(appraisal_id), VoidForm()
    if not form.validate():
        db.session.rollback()
        return Response(_page(found, form), 422, mimetype="text/html")
    try:
        service.enter_void(act(), found, form.reason.data, form.evidence.data)
    except Refused as error:
        db.session.rollback()
        form.reason.errors = [said(error)]
        return Response(_page(_find(appraisal_id), form), 422, mimetype="text/html")
    flash(_("已录入，并已通知本人；由另一位同事确认后才生效。"), "ok")
    return see_other("bonus_void.bonus_void", appraisal_id=appraisal_id)


def _find_void(void_id: int) -> BonusVoid:
    found = db.session.get(BonusVoid, void_id) or abort(404)
    _find(found.appraisal_id)
    return found


@blueprint.route("/bonus-voids/<int:void_id>/confirm", methods=["POST"])
@open_to("hr", "general_manager")
@once
def confirm(void_id: int) -> Response:
    """Confirm a void that somebody else entered."""
    found = _find_void(void_id)
    service.confirm_void(act(), found)
    flash(_("已确认：这份奖金计为 0，理由已通知本人。"), "ok")
    return see_other("bonus_void.bonus_void", appraisal_id=found.appraisal_id)


@blueprint.route("/bonus-voids/<int:void_id>/drop", methods=["POST"])
@open_to("hr", "general_manager", "department_head")
@once
def drop(void_id: int) -> Response:
    """Take an unconfirmed void back, with the reason."""
    found, form = _find_void(void_id), DropForm()
    if not form.validate():
        db.session.rollback()
        return Response(_page(found.appraisal, drop=form), 422, mimetype="text/html")
    service.drop_void(act(), found, form.reason.data)
    flash(_("已撤销，奖金不变；已通知本人。"), "ok")
    return see_other("bonus_void.bonus_void", appraisal_id=found.appraisal_id)
