"""工资条: why the pay is this number, down to the rule's sentence; acknowledged by its owner."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.models.payout import LINE_STATES, Payslip
from approval.rules.beside import VOID
from approval.services import payout as service
from approval.services.sight import sees
from approval.services.step import keep_note
from approval.views.door import EVERYONE, act, begin_note, commit, once, open_to, see_other
from approval.views.payslip_page import PayView, pay_view, score_of

blueprint = Blueprint("payslip", __name__)


@blueprint.route("/my/payslips")
@open_to(EVERYONE)
def my_payslips() -> str:
    """List one's own payslips, the newest first."""
    query = select(Payslip).where(
        Payslip.employee_id == act().actor.employee_id, Payslip.line_state.in_(("paid", "sent"))
    )
    slips = db.session.scalars(query.order_by(Payslip.period.desc(), Payslip.id.desc())).all()
    return render_template("payslip/my_payslips.html", slips=slips, labels=LINE_STATES)


def _find(payslip_id: int) -> Payslip:
    slip = db.session.get(Payslip, payslip_id) or abort(404)
    own = slip.employee_id == act().actor.employee_id
    if not sees(act(), slip.appraisal, "pay") or (own and slip.line_state not in ("paid", "sent", "reversed")):
        abort(404)
    return slip


@blueprint.route("/my/payslips/<int:payslip_id>")
@open_to(EVERYONE)
def payslip(payslip_id: int) -> str:
    """Show a payslip, proved again now against what was stored; a look at somebody else's is noted."""
    return _page("payslip/payslip.html", _find(payslip_id))


@blueprint.route("/my/payslips/<int:payslip_id>/print")
@open_to(EVERYONE)
def print_form(payslip_id: int) -> str:
    """The payslip on paper: every line unfolded, with a line to sign for its receipt (工资支付暂行规定 art. 6)."""
    return _page("payslip/print.html", _find(payslip_id))


def _void_in(view: PayView) -> str:
    """Why the bonus was voided, as its lines tell it; "" where it was not (R107)."""
    return next((term.detail.zh for one in view.lines for term in one.line.terms if term.kind == VOID), "")


def _page(template: str, slip: Payslip) -> str:
    own = slip.employee_id == act().actor.employee_id
    view = pay_view(slip)
    page = render_template(
        template, slip=slip, own=own, view=view, void=_void_in(view), labels=LINE_STATES, **score_of(slip)
    )
    begin_note()
    if own:
        service.open_payslip(act(), slip)
    else:
        keep_note(act(), "payslip_views", "payslip:look", body={"payslip": slip.id, "employee": slip.employee.number})
    commit()
    return page


@blueprint.route("/my/payslips/<int:payslip_id>/acknowledge", methods=["POST"])
@open_to(EVERYONE)
@once
def acknowledge(payslip_id: int) -> Response:
    """Confirm the receipt of one's own payslip."""
    slip = _find(payslip_id)
    service.acknowledge_payslip(act(), slip)
    flash(_("已签收。"), "ok")
    return see_other("payslip.payslip", payslip_id=payslip_id)
