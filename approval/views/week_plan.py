"""周计划: the weeks of a month of somebody's target, for who plans or oversees it (R071)."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, abort, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said, sentences
from approval.models.target import UNITS, PersonalTarget
from approval.rules.refusal import Refused
from approval.services import target as targets
from approval.services import week_plan as service
from approval.services.sight import Hidden
from approval.views.door import act, once, open_to, see_other
from approval.views.target import READERS
from forms.target import WeeksForm, number_seen, weeks_form
from workflows.engine import NotAllowed

blueprint = Blueprint("week_plan", __name__)
URL = "/targets/<int:target_id>/people/<number>/weeks/<period>"


def _find(target_id: int, number: str) -> PersonalTarget:
    found = targets.find_target(act(), target_id)
    for one in targets.parts_of(act(), found):
        if one.employee.number == number:
            return one
    raise Hidden(f"{number} of target {target_id}")


def _plan(personal: PersonalTarget, period: str) -> service.WeekPlan:
    try:
        return service.week_plan(act(), personal, period)
    except Refused:
        abort(404)


@blueprint.route(URL)
@open_to(*READERS)
def weeks(target_id: int, number: str, period: str) -> str:
    """Show the weeks of a month against its target, with the form for who plans them."""
    personal = _find(target_id, number)
    plan = _plan(personal, period)
    told = {f"w_{day}": _shown(value) for day, value in plan.values.items()} | {"seen": str(personal.version)}
    return _page(personal, plan, _form(personal, plan)(formdata=None, data=told))


def _form(personal: PersonalTarget, plan: service.WeekPlan) -> type[WeeksForm]:
    return weeks_form([one.monday for one in plan.weeks], targets.PLACES[personal.target.unit])


def _shown(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _page(personal: PersonalTarget, plan: service.WeekPlan, form: WeeksForm) -> str:
    return render_template(
        "target/weeks.html",
        personal=personal,
        target=personal.target,
        plan=plan,
        form=form,
        may_set=targets.by_planner_of(act(), personal.target, personal.employee_id) is None,
        units=UNITS,
    )


@blueprint.route(URL, methods=["POST"])
@open_to("department_head", "general_manager")
@once
def set_weeks(target_id: int, number: str, period: str) -> Response:
    """Plan the weeks of a month."""
    personal = _find(target_id, number)
    plan = _plan(personal, period)
    form = _form(personal, plan)()
    if form.validate_on_submit():
        try:
            service.set_weeks(act(), personal, period, form.weeks, number_seen(form.seen))
        except (Refused, NotAllowed) as error:
            db.session.rollback()
            form.form_errors = [said(error)] if isinstance(error, Refused) else sentences(error)
        else:
            flash(_("周计划已保存。"), "ok")
            return see_other("week_plan.weeks", target_id=target_id, number=number, period=period)
    personal = _find(target_id, number)
    return FlaskResponse(_page(personal, _plan(personal, period), form), 422)
