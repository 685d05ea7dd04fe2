"""奖金分配: the cycles with their pools, a pool's amount with its basis, leavers, and the months that go on after it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.cycle import Cycle
from approval.rules import money
from approval.rules.refusal import Refused
from approval.services import bonus_pool as service
from approval.services.sight import Hidden, headed_by
from approval.views import approval, pool_page, release
from approval.views import pool_split as split
from approval.views.door import act, once, open_to, see_other
from approval.views.pool_page import READERS, find_pool
from approval.views.pool_sheet import PILLS, page_of, typed_completion
from forms.bonus_pool import AmountForm
from forms.guard import LeaverForm
from workflows.bonus_pool import LABELS

blueprint = Blueprint("bonus_pool", __name__)
approval.install(blueprint)
split.install(blueprint)

EDITORS = ("department_head", "finance")


@blueprint.route("/bonus-pools")
@open_to("department_head", *READERS)
def pools() -> str:
    """List the cycles with their pools, newest first."""
    lines = service.pools_by_cycle(act(), None if act().actor.holds(*READERS) else headed_by(act()))
    return render_template("bonus_pool/pools.html", lines=lines, labels=LABELS, pills=PILLS)


def _find_cycle(cycle_id: int) -> Cycle:
    cycle = act().session.get(Cycle, cycle_id)
    if cycle is None or not pool_page.may_open(act(), cycle):
        raise Hidden(f"cycle {cycle_id}")
    return cycle


@blueprint.route("/bonus-pools/open/<int:cycle_id>", methods=["POST"])
@open_to("department_head", "hr", "finance")
@once
def open_pool(cycle_id: int) -> Response:
    """Give a cycle its pool."""
    pool = service.open_pool(act(), _find_cycle(cycle_id))
    flash(_("奖金池已建立；请填写金额、完成率和依据。"), "ok")
    return see_other("bonus_pool.pool", pool_id=pool.id)


@blueprint.route("/bonus-pools/without/<int:cycle_id>", methods=["POST"])
@open_to("department_head", "hr", "finance")
@once
def release_without(cycle_id: int) -> Response:
    """Let a cycle that has no pool go on to payout: its months need no split."""
    release.release_cycle(_find_cycle(cycle_id))
    return see_other("bonus_pool.pools")


@blueprint.route("/bonus-pools/<int:pool_id>")
@open_to("department_head", *READERS)
def pool(pool_id: int) -> str:
    """Show a pool with its split."""
    return page_of(find_pool(act(), pool_id))


@blueprint.route("/bonus-pools/<int:pool_id>/amount", methods=["POST"])
@open_to(*EDITORS)
@once
def amount(pool_id: int) -> Response:
    """Set the amount, the completion rate and their basis."""
    found = find_pool(act(), pool_id)
    form = AmountForm()
    if form.validate():
        try:
            service.enter_amount(act(), found, form.amount.fen or 0, form.completion, form.basis.data)
        except Refused as error:
            db.session.rollback()
            form.amount.errors = [said(error)]
    if form.errors:
        return Response(page_of(found, amount=form), 422, mimetype="text/html")
    flash(_("奖金池金额已保存：可分配 %(sum)s。", sum=money.display(found.payable_fen or 0)), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


@blueprint.route("/bonus-pools/<int:pool_id>/completion", methods=["POST"])
@open_to(*EDITORS)
@once
def completion(pool_id: int) -> Response:
    """Set the parts of the completion rate and their basis; the amount is the policy's own."""
    found = find_pool(act(), pool_id)
    form = typed_completion(found, posted=True) or abort(404)
    if form.validate():
        try:
            service.enter_completion(act(), found, form.parts, form.basis.data)
        except Refused as error:
            db.session.rollback()
            form.basis.errors = [said(error)]
    if form.errors:
        return Response(page_of(found, completion=form), 422, mimetype="text/html")
    flash(_("奖金池金额已保存：可分配 %(sum)s。", sum=money.display(found.payable_fen or 0)), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


@blueprint.route("/bonus-pools/<int:pool_id>/leavers", methods=["POST"])
@open_to("hr")
@once
def leaver(pool_id: int) -> Response:
    """HR decides whether somebody whom the company let go keeps his part."""
    form = LeaverForm()
    form.keeps.choices = [("yes", _("参加分配")), ("no", _("不参加分配"))]
    employee = form.employee.data or ""
    if form.validate() and employee.isdecimal():
        found = find_pool(act(), pool_id)
        service.decide_leaver(act(), found, int(employee[:18]), form.keeps.data == "yes", form.reason.data)
        flash(_("决定已记录。"), "ok")
    else:
        flash(_("请写明理由"), "warn")
    return see_other("bonus_pool.pool", pool_id=pool_id)


@blueprint.route("/bonus-pools/<int:pool_id>/release", methods=["POST"])
@open_to("department_head", "hr", "finance", "general_manager")
@once
def release_months(pool_id: int) -> Response:
    """Let the months of an approved pool go on to payout that have all their figures by now."""
    release.release_pool(find_pool(act(), pool_id))
    return see_other("bonus_pool.pool", pool_id=pool_id)
