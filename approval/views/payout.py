"""发放批次: prepared by finance, signed off by the general manager, exported, marked paid; once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from approval.db import db
from approval.gateways.bank_file import payment_csv, payment_file_sha256, payment_workbook
from approval.i18n import in_language, said
from approval.login import signed_in
from approval.models.appraisal import Appraisal
from approval.models.audit import entries_of
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.payout import LINE_STATES, PayoutBatch, Payslip
from approval.rules.calendar import MONTH, kind_of, previous_period
from approval.rules.refusal import Refused
from approval.services import account, bonus_pool
from approval.services import payout as service
from approval.services.guard import flags_on, minimum_of
from approval.views import period_facts
from approval.views.door import act, begin_note, commit, once, open_to, see_other
from approval.views.timeline import told_entries
from forms.payout import SignOffForm
from workflows.payout import LABELS

blueprint = Blueprint("payout", __name__)
READERS = ("finance", "general_manager", "hr", "auditor")
PILLS = {"prepared": "mine", "signed_off": "doing", "exported": "doing", "paid": "paid", "voided": "rejected"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Line:
    """One payslip of a batch beside the person's last month."""

    slip: Payslip
    state: str
    before_fen: int | None


@dataclass(frozen=True)
class Unsaid:
    """The bank's answer as it was typed, and why it was not taken."""

    why: str = ""
    ticked: frozenset[int] = frozenset()
    reasons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """A cycle whose months wait for a batch."""

    cycle: Cycle
    months: Sequence[Appraisal]


@blueprint.route("/payouts")
@open_to(*READERS)
def payouts() -> str:
    """List what waits for a batch, and the batches."""
    waiting = [Waiting(cycle, months) for cycle, months in service.payable_by_cycle(act())]
    query = select(PayoutBatch).options(joinedload(PayoutBatch.cycle).joinedload(Cycle.department))
    batches = db.session.scalars(query.order_by(PayoutBatch.id.desc()).limit(60)).all()
    return render_template("payout/payouts.html", waiting=waiting, batches=batches, labels=LABELS, pills=PILLS)


@blueprint.route("/payouts/prepare/<int:cycle_id>", methods=["POST"])
@open_to("finance")
@once
def prepare(cycle_id: int) -> Response:
    """Prepare a batch of everything in a cycle that waits for payment."""
    cycle = db.session.get(Cycle, cycle_id) or abort(404)
    batch = service.prepare_payout(act(), cycle)
    flash(_("已制单，等总经理签发。"), "ok")
    return see_other("payout.batch", batch_id=batch.id)


def _find(batch_id: int) -> PayoutBatch:
    return db.session.get(PayoutBatch, batch_id) or abort(404)


@blueprint.route("/payouts/<int:batch_id>")
@open_to(*READERS)
def batch(batch_id: int) -> str:
    """Show a batch: who gets what, against last month, its fingerprint, its history and the reader's buttons."""
    found = _find(batch_id)
    return _page(found, SignOffForm(seen=found.fingerprint))


def _page(found: PayoutBatch, form: SignOffForm, unsaid: Unsaid | None = None) -> str:
    lines = _lines(found)
    known = [one for one in lines if one.before_fen is not None]
    return render_template(
        "payout/batch.html",
        batch=found,
        payday=period_facts.payday_of(act(), found.cycle),
        lines=lines,
        flags=flags_on(act(), [one.slip for one in lines]),
        miscounted=service.miscounted_of(found, [one.slip for one in lines]),
        unguarded=_unguarded(found, lines),
        form=form,
        offers=service.offers(act(), found),
        labels=LABELS,
        pill=PILLS[found.state],
        before_fen=sum(one.before_fen or 0 for one in known) if known else None,
        entries=told_entries(entries_of(act().session, found.stream), LABELS),
        unsaid=unsaid or Unsaid(),
    )


def _unguarded(found: PayoutBatch, lines: Sequence[Line]) -> list[str]:
    """Departments of a month's batch for which no minimum wage is known."""
    if kind_of(found.cycle.period) != MONTH:
        return []
    units = {one.slip.appraisal.department_id: one.slip.appraisal.department for one in lines}
    day = found.cycle.last_on
    bare = [unit for unit in units.values() if minimum_of(act().session, unit, day) is None]
    return [in_language(one.name, one.name_en) for one in bare]


def _lines(found: PayoutBatch) -> list[Line]:
    slips = service.payslips_of(act(), found)
    query = select(Payslip.employee_id, Payslip.total_fen).where(
        Payslip.period == previous_period(found.cycle.period), Payslip.live.is_(True), Payslip.kind == "month"
    )
    before = {row.employee_id: row.total_fen for row in db.session.execute(query)}
    return [Line(slip, LINE_STATES[slip.line_state], before.get(slip.employee_id)) for slip in slips]


@blueprint.route("/payouts/<int:batch_id>/sign_off", methods=["POST"])
@open_to("general_manager")
@once
def sign_off(batch_id: int) -> Response:
    """Sign off exactly the batch that was seen, after the password was typed again."""
    found, form, user = _find(batch_id), SignOffForm(), signed_in()
    assert user is not None
    if not form.validate_on_submit():
        return FlaskResponse(_page(found, form), 422)
    try:
        account.confirm_identity(user.account, form.password.data)
    except Refused as error:
        form.password.errors = [said(error)]
        return FlaskResponse(_page(found, form), 422)
    service.sign_off(act(), found, form.seen.data or "")
    flash(_("已签发，财务可以导出付款文件。"), "ok")
    return see_other("payout.batch", batch_id=batch_id)


@blueprint.route("/payouts/<int:batch_id>/send_back", methods=["POST"])
@open_to("general_manager")
@once
def send_back(batch_id: int) -> Response:
    """Return a batch with a reason; its months wait for a new one."""
    service.send_back_batch(act(), _find(batch_id), request.form.get("reason", ""))
    flash(_("已退回，财务需要重新制单。"), "ok")
    return see_other("payout.batch", batch_id=batch_id)


@blueprint.route("/payouts/<int:batch_id>/void", methods=["POST"])
@open_to("finance")
@once
def void(batch_id: int) -> Response:
    """Void an unsigned batch with a reason."""
    service.void_batch(act(), _find(batch_id), request.form.get("reason", ""))
    flash(_("批次已作废，可以重新制单。"), "ok")
    return see_other("payout.batch", batch_id=batch_id)


@blueprint.route("/payouts/<int:batch_id>/export", methods=["POST"])
@open_to("finance")
@once
def export(batch_id: int) -> Response:
    """Record the export with the file's SHA-256; the file is then downloaded from the batch's page."""
    found = _find(batch_id)
    sha256 = payment_file_sha256(found, found.cycle.period, service.export_rows(act(), found))
    service.export_payout(act(), found, sha256)
    flash(_("已导出，请下载付款文件并在银行办理。"), "ok")
    return see_other("payout.batch", batch_id=batch_id)


@blueprint.route("/payouts/<int:batch_id>/file.<ending>")
@open_to("finance", "auditor")
def file(batch_id: int, ending: str) -> Response:
    """Download the payment file of an exported batch: the same bytes each time."""
    found = _find(batch_id)
    if found.export_sha256 is None or ending not in ("xlsx", "csv"):
        abort(404)
    rows, period = service.export_rows(act(), found), found.cycle.period
    sha256 = payment_file_sha256(found, period, rows)
    if ending == "csv":
        answer = FlaskResponse(payment_csv(found, period, rows), mimetype="text/csv")
    else:
        answer = FlaskResponse(payment_workbook(found, period, rows), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.number}.{ending}"'
    begin_note()
    service.note_download(act(), found, ending, sha256)
    commit()
    return answer


@blueprint.route("/payouts/<int:batch_id>/pay", methods=["POST"])
@open_to("finance")
@once
def pay(batch_id: int) -> Response:
    """Record the bank's answer: everybody paid but the ticked, who need a reason each."""
    found = _find(batch_id)
    slips = {str(slip.id): slip for slip in service.payslips_of(act(), found)}
    ticked = request.form.getlist("failed")
    if not set(ticked) <= slips.keys():
        abort(404)
    reasons = {slip.id: request.form.get(f"why-{one}", "").strip() for one, slip in slips.items()}
    failed = {slips[one].id: reasons[slips[one].id] for one in ticked}
    try:
        _refuse_half_said([slip for slip in slips.values() if reasons[slip.id] and slip.id not in failed])
        service.mark_paid(act(), found, failed)
    except Refused as error:
        db.session.rollback()
        return FlaskResponse(_page(found, SignOffForm(), Unsaid(said(error), frozenset(failed), reasons)), 422)
    pool = db.session.scalars(select(BonusPool).where(BonusPool.cycle_id == found.cycle_id)).first()
    if pool is not None:
        bonus_pool.pay_pool(act(), pool)
    flash(_("已登记发放结果，员工可以查看工资条。"), "ok")
    return see_other("payout.batch", batch_id=batch_id)


def _refuse_half_said(slips: Sequence[Payslip]) -> None:
    """A reason beside an empty box: nobody can tell whether the payment failed."""
    if slips:
        names = "、".join(slip.payee_name for slip in slips)
        text = "%(names)s 写了失败原因，却没有勾选“失败”；请勾选，或清空原因"
        raise Refused(text, fault="reason without a tick", names=names)
