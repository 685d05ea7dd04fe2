"""法定提示: HR keeps minimum wages by place, says where departments work, and decides each flag in writing."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, said
from approval.models.guard import WageFlag
from approval.models.payout import Payslip
from approval.models.people import Company, Department
from approval.rules.refusal import Refused
from approval.services import guard as service
from approval.views.door import act, commit, once, open_to, see_other
from forms.base import Form
from forms.guard import DecisionForm, FinesForm, MinimumWageForm, PlaceForm

blueprint = Blueprint("guard", __name__)
READERS = ("hr", "general_manager", "finance", "auditor")
# The field beside which a refusal is told.
FIRST = {"wage": "from_on", "place": "place", "fines": "reason"}
Page = Response | str | tuple[str, int]


@blueprint.route("/minimum-wages", methods=["GET", "POST"])
@open_to(*READERS)
def minimum_wages() -> Page:
    """Show the standards, places and the switch for deductions; HR adds and changes."""
    what = request.form.get("what", "")
    forms = _forms(what)
    if request.method == "POST" and _done(what, forms):
        flash(_("已保存。"), "ok")
        return see_other("guard.minimum_wages")
    departments = db.session.scalars(select(Department).order_by(Department.id)).all()
    page = render_template(
        "guard/minimum_wages.html",
        rows=service.minimum_wages(act().session),
        departments=[(one, service.place_of(act().session, one)) for one in departments],
        fines=service.fines_allowed(act().session),
        forms=forms if act().actor.holds("hr") else {},
    )
    return (page, 422) if request.method == "POST" else page


def _forms(what: str) -> dict[str, Form]:
    """The form that was sent with what was typed, the others fresh."""
    kinds: dict[str, type[Form]] = {"wage": MinimumWageForm, "place": PlaceForm, "fines": FinesForm}
    found = {name: kind() if name == what else kind(formdata=None) for name, kind in kinds.items()}
    departments = db.session.scalars(select(Department).order_by(Department.id)).all()
    found["place"].department.choices = [(one.id, in_language(one.name, one.name_en)) for one in departments]
    found["fines"].allowed.choices = [("no", _("不允许")), ("yes", _("允许"))]
    return {name: form.apart(name) for name, form in found.items()}


def _done(what: str, forms: dict[str, Form]) -> bool:
    form = forms.get(what) or abort(400)
    if not form.validate():
        return False
    try:
        _command(form)
    except Refused as error:
        db.session.rollback()
        form[FIRST[what]].errors = [said(error)]
        return False
    commit()
    return True


def _command(form: Form) -> None:
    if isinstance(form, MinimumWageForm):
        data = (form.place.data, form.from_on.day, form.amount.fen or 0, form.source.data)
        service.add_minimum_wage(act(), *data)
    elif isinstance(form, PlaceForm):
        service.set_place(act(), db.session.get_one(Department, form.department.data), (form.place.data or "").strip())
    elif isinstance(form, FinesForm):
        company = db.session.scalars(select(Company)).one()
        service.allow_fines(act(), company, form.allowed.data == "yes", form.reason.data)


@blueprint.route("/wage-flags/<int:flag_id>/decide", methods=["POST"])
@open_to("hr")
@once
def decide(flag_id: int) -> Response:
    """Say why pay below the minimum may go out; the general manager reads it before he signs."""
    flag = db.session.get(WageFlag, flag_id) or abort(404)
    form = DecisionForm()
    slips = select(Payslip.batch_id).where(Payslip.pay_result_id == flag.pay_result_id).order_by(Payslip.id.desc())
    batch_id = db.session.scalars(slips).first() or abort(404)
    if not form.validate():
        flash(_("请写明理由"), "warn")
        return see_other("payout.batch", batch_id=batch_id)
    service.decide_flag(act(), flag, form.decision.data)
    flash(_("处理意见已记录。"), "ok")
    return see_other("payout.batch", batch_id=batch_id)
