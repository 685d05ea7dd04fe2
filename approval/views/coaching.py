"""培训与辅导 of a person: read by himself, his head, HR, the general manager and the auditor; kept by head or HR."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.coaching import COACHING, CoachingRecord
from approval.models.people import Employee
from approval.rules.refusal import Refused
from approval.services import coaching as service
from approval.services.sight import Hidden, sees_of
from approval.views.door import EVERYONE, act, once, open_to, see_other
from forms.coaching import CoachingForm, VoidForm

blueprint = Blueprint("coaching", __name__)


def _find(number: str) -> Employee:
    found = act().session.scalars(select(Employee).where(Employee.number == number[:20])).first()
    if found is None or not sees_of(act(), found, "coaching"):
        raise Hidden(f"coaching of {number}")
    return found


@blueprint.route("/people/<number>/coaching")
@open_to(EVERYONE)
def coaching(number: str) -> str:
    """Show what was done for a person, the newest first."""
    return _page(_find(number))


def _page(employee: Employee, form: CoachingForm | None = None, void: VoidForm | None = None, voiding: int = 0) -> str:
    keeps = service.may_keep(act(), employee) is None
    return render_template(
        "coaching/coaching.html",
        employee=employee,
        records=service.records_of(act(), employee),
        kinds=COACHING,
        form=_with_kinds(form or CoachingForm(formdata=None)) if keeps else None,
        void=(void or VoidForm(formdata=None)) if keeps else None,
        voiding=voiding,
        own=employee.id == act().actor.employee_id,
        protects=sees_of(act(), employee, "protection"),
    )


def _with_kinds(form: CoachingForm) -> CoachingForm:
    form.kind.choices = [(code, _(name)) for code, name in COACHING.items()]
    return form


@blueprint.route("/people/<number>/coaching", methods=["POST"])
@open_to(EVERYONE)
@once
def keep(number: str) -> Response:
    """Put a talk, coaching, training or change of post on record."""
    employee, form = _find(number), _with_kinds(CoachingForm())
    if form.validate_on_submit():
        told = service.Coaching(
            kind=str(form.kind.data or ""),
            begins_on=form.begins_on.day,
            content=str(form.content.data),
            led_by=str(form.led_by.data),
            ends_on=form.ends_on.data,
            material=str(form.material.data or ""),
        )
        try:
            service.keep_coaching(act(), employee, told)
        except Refused as refused:
            db.session.rollback()
            form.begins_on.errors = [said(refused)]
        else:
            flash(_("已登记，本人会收到通知。"), "ok")
            return see_other("coaching.coaching", number=number)
    return FlaskResponse(_page(_find(number), form), 422)


@blueprint.route("/people/<number>/coaching/<int:record_id>/void", methods=["POST"])
@open_to(EVERYONE)
@once
def void(number: str, record_id: int) -> Response:
    """Say that a record was entered by mistake, and why."""
    employee, form = _find(number), VoidForm()
    record = act().session.get(CoachingRecord, record_id)
    if record is None or record.employee_id != employee.id:
        raise Hidden(f"coaching record {record_id}")
    if not form.validate_on_submit():
        return FlaskResponse(_page(employee, void=form, voiding=record_id), 422)
    service.void_coaching(act(), employee, record, str(form.reason.data))
    flash(_("这条记录已作废，仍可查看。"), "ok")
    return see_other("coaching.coaching", number=number)
