"""特别保护 of a person: for HR and himself; everybody else only learns on an advice that there is a state."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.people import Employee
from approval.models.protection import GROUNDS, ProtectedState
from approval.rules.refusal import Refused
from approval.services import protection as service
from approval.services.sight import Hidden, sees_of
from approval.views.door import EVERYONE, act, once, open_to, see_other
from forms.coaching import EndForm, ProtectionForm

blueprint = Blueprint("protection", __name__)


def _find(number: str) -> Employee:
    found = act().session.scalars(select(Employee).where(Employee.number == number[:20])).first()
    if found is None or not sees_of(act(), found, "protection"):
        raise Hidden(f"protection of {number}")
    return found


@blueprint.route("/people/<number>/protection")
@open_to(EVERYONE)
def protection(number: str) -> str:
    """Show a person's protected states."""
    return _page(_find(number))


def _page(employee: Employee, form: ProtectionForm | None = None, ending: EndForm | None = None, row: int = 0) -> str:
    own = employee.id == act().actor.employee_id
    keeps = act().actor.holds("hr") and not own
    return render_template(
        "protection/protection.html",
        employee=employee,
        states=service.protected_states(act(), employee),
        grounds=GROUNDS,
        form=_with_grounds(form or ProtectionForm(formdata=None)) if keeps else None,
        ending=ending or EndForm(formdata=None),
        row=row,
        today=act().today,
        own=own,
    )


def _with_grounds(form: ProtectionForm) -> ProtectionForm:
    form.ground.choices = [(code, _(name)) for code, name in GROUNDS.items()]
    return form


@blueprint.route("/people/<number>/protection", methods=["POST"])
@open_to("hr")
@once
def flag(number: str) -> Response:
    """Flag a protected state."""
    employee, form = _find(number), _with_grounds(ProtectionForm())
    if form.validate_on_submit():
        ground, note = str(form.ground.data or ""), str(form.note.data or "")
        try:
            service.flag_protection(
                act(), employee, service.Protection(ground, form.from_on.day, form.to_on.data, note)
            )
        except Refused as refused:
            db.session.rollback()
            form.to_on.errors = [said(refused)]
        else:
            flash(_("已登记；其他人只会看到有标记，看不到具体情形。"), "ok")
            return see_other("protection.protection", number=number)
    return FlaskResponse(_page(_find(number), form), 422)


@blueprint.route("/people/<number>/protection/<int:state_id>/end", methods=["POST"])
@open_to("hr")
@once
def end(number: str, state_id: int) -> Response:
    """Say on which day a state ends."""
    employee, form = _find(number), EndForm()
    row = act().session.get(ProtectedState, state_id)
    if row is None or row.employee_id != employee.id:
        raise Hidden(f"protected state {state_id}")
    if form.validate_on_submit():
        try:
            service.end_protection(act(), employee, row, form.to_on.day)
        except Refused as refused:
            db.session.rollback()
            form.to_on.errors = [said(refused)]
        else:
            flash(_("结束日期已登记。"), "ok")
            return see_other("protection.protection", number=number)
    return FlaskResponse(_page(_find(number), ending=form, row=state_id), 422)
