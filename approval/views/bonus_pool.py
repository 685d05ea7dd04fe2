"""奖金分配: the head's proposal, share by share in yuan; what is typed is never lost."""

from __future__ import annotations

from flask import Blueprint, abort, flash, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said, sentences
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import METHODS, BonusPool
from approval.models.cycle import Cycle
from approval.models.people import Employee
from approval.rules import money
from approval.rules.calendar import YEAR, kind_of
from approval.rules.refusal import Refused
from approval.services import bonus_pool as service
from approval.services import pay, pool_split
from approval.services.completion import Breakdown, evidence_for
from approval.services.pool_split import Wish
from approval.services.sight import Hidden, headed_by
from approval.services.suggestion import leavers_to_decide
from approval.views import approval, pool_page, release
from approval.views.door import act, once, open_to, see_other
from approval.views.page import local
from approval.views.pool_page import READERS, find_pool
from forms.bonus_pool import AmountForm, CompletionForm, Person, SharesForm, completion_form, shares_form
from forms.guard import LeaverForm
from workflows.bonus_pool import LABELS
from workflows.engine import NotAllowed

blueprint = Blueprint("bonus_pool", __name__)
approval.install(blueprint)

PILLS = {"splitting": "mine", "submitted": "doing", "approved": "passed", "paid": "paid"}
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
    return _page(find_pool(act(), pool_id))


def _page(
    found: BonusPool,
    form: SharesForm | None = None,
    amount: AmountForm | None = None,
    completion: CompletionForm | None = None,
    *,
    conflict: bool = False,
    reasons: list[str] | None = None,
) -> str:
    lines = pool_page.lines_of(act(), found)
    offers = service.offers(act(), found)
    form = form or _shares_form(found)
    return render_template(
        "bonus_pool/pool.html",
        pool=found,
        lines=lines,
        given=sum(line.share.share_fen for line in lines),
        checks=pool_page.checks_of(lines) if lines else [],
        form=form,
        amount=amount or _amount_form(found),
        completion=completion or _completion_form(found),
        targets=_targets(found),
        amount_open=amount is not None or completion is not None or found.payable_fen is None,
        methods=METHODS,
        offers=offers,
        editing="submit" in offers,
        pill=(PILLS[found.state], _(LABELS[found.state])),
        history=pool_page.history_of(act(), found)[:8],
        conflict=conflict,
        reasons=reasons or [],
        awards=pool_page.awards_of(act(), found),
        leavers=leavers_to_decide(act(), found) if found.state in ("splitting", "submitted") else [],
        outdated=pool_split.outdated(act(), found) if found.state in ("splitting", "submitted") else (),
        proposer=_name(found.submitted_by_id),
        waiting=[(one, pay.gather(act(), one).missing) for one in _to_release(found)],
    )


def _targets(found: BonusPool) -> list[Breakdown]:
    """How far the targets of a year are reached, for who enters its completion rate; never filled in by itself."""
    if kind_of(found.cycle.period) != YEAR or found.state != "splitting":
        return []
    return evidence_for(act(), found.cycle.department_id, found.cycle.first_on.year)


def _to_release(found: BonusPool) -> list[Appraisal]:
    return pay.months_to_release(act(), found) if found.state == "approved" else []


def _name(employee_id: int | None) -> str:
    found = act().session.get(Employee, employee_id) if employee_id else None
    return f"{found.name} {found.number}" if found else ""


def _amount_form(found: BonusPool) -> AmountForm:
    kept = {"basis": found.basis}
    if found.pool_fen is not None and found.rate is not None:
        kept |= {"amount": money.yuan(found.pool_fen), "rate": format((found.rate * 100).normalize(), "f")}
    return AmountForm(formdata=None, data=kept)


def _shares_form(found: BonusPool, *, posted: bool = False) -> SharesForm:
    """The form of the present split, filled from it, or from what was posted."""
    shares = pool_split.shares_of(act(), found.split_id)
    kind = shares_form([Person(one.employee_id, f"{one.employee.name} {one.employee.number}") for one in shares])
    kept: dict[str, object] = {"seen": str(found.version), "fixed": [one.employee_id for one in shares if one.reason]}
    for one in shares:
        kept |= {f"share_{one.employee_id}": money.yuan(one.share_fen), f"reason_{one.employee_id}": one.reason}
    return kind(data=kept) if posted else kind(formdata=None, data=kept)


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
        return Response(_page(found, amount=form), 422, mimetype="text/html")
    flash(_("奖金池金额已保存：可分配 %(sum)s。", sum=money.display(found.payable_fen or 0)), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


def _completion_form(found: BonusPool, *, posted: bool = False) -> CompletionForm | None:
    """The form of a pool whose amount is the policy's: only the parts of the completion rate are asked."""
    told = service.pool_rule(act(), found)
    if told is None:
        return None
    kind = completion_form(told["completion"]["parts"])
    return kind() if posted else kind(formdata=None, data={"basis": found.basis})


@blueprint.route("/bonus-pools/<int:pool_id>/completion", methods=["POST"])
@open_to(*EDITORS)
@once
def completion(pool_id: int) -> Response:
    """Set the parts of the completion rate and their basis; the amount is the policy's own."""
    found = find_pool(act(), pool_id)
    form = _completion_form(found, posted=True) or abort(404)
    if form.validate():
        try:
            service.enter_completion(act(), found, form.parts, form.basis.data)
        except Refused as error:
            db.session.rollback()
            form.basis.errors = [said(error)]
    if form.errors:
        return Response(_page(found, completion=form), 422, mimetype="text/html")
    flash(_("奖金池金额已保存：可分配 %(sum)s。", sum=money.display(found.payable_fen or 0)), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


@blueprint.route("/bonus-pools/<int:pool_id>/propose", methods=["POST"])
@open_to("department_head")
@once
def propose(pool_id: int) -> Response:
    """Draft the split by a method, or suggest again and keep the head's own figures (`keep`)."""
    found = find_pool(act(), pool_id)
    try:
        if request.form.get("keep"):
            pool_split.refresh_suggestions(act(), found)
        else:
            pool_split.propose_split(act(), found, request.form.get("method", ""))
    except Refused as error:
        db.session.rollback()
        return Response(_page(found, reasons=[said(error)]), 422, mimetype="text/html")
    flash(_("建议份额已算好，合计等于奖金池；可以逐人调整。"), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


@blueprint.route("/bonus-pools/<int:pool_id>/shares", methods=["POST"])
@open_to("department_head")
@once
def shares(pool_id: int) -> Response:
    """Keep the typed shares as a draft; they need not sum yet."""
    return _with_shares(pool_id, "save")


@blueprint.route("/bonus-pools/<int:pool_id>/fill", methods=["POST"])
@open_to("department_head")
@once
def fill(pool_id: int) -> Response:
    """Keep the fixed and the newly typed shares, and give the rest to the others by their weights (按比例分完)."""
    return _with_shares(pool_id, "fill")


@blueprint.route("/bonus-pools/<int:pool_id>/submit", methods=["POST"])
@open_to("department_head")
@once
def submit(pool_id: int) -> Response:
    """Keep the typed shares and submit them to the general manager; refused, they stay as a draft."""
    return _with_shares(pool_id, "submit")


def _with_shares(pool_id: int, then: str) -> Response:
    found = find_pool(act(), pool_id)
    form = _shares_form(found, posted=True)
    if form.people and not form.validate():
        db.session.rollback()
        return _answer(found, form, 422)
    typed = {key: Wish(amount, reason) for key, amount, reason in form.typed()}
    if _overtaken(found, form, typed):
        form.seen.data = str(found.version)
        return _answer(found, form, 409, conflict=True)
    try:
        newly = _newly(found, typed)
        if typed:
            pool_split.change_shares(act(), found, typed)
        with act().session.begin_nested():
            _then(found, form, then, newly)
    except (NotAllowed, Refused) as error:
        return _refused(found, form, error)
    return _done(found, then)


def _newly(found: BonusPool, typed: dict[int, Wish]) -> frozenset[int]:
    """The people whose share was typed anew in this form."""
    kept = {one.employee_id: one.share_fen for one in pool_split.shares_of(act(), found.split_id)}
    return frozenset(key for key, wish in typed.items() if wish.share_fen != kept.get(key))


def _overtaken(found: BonusPool, form: SharesForm, typed: dict[int, Wish]) -> bool:
    """Say whether somebody else changed the pool since this page was read, and this form would change it back."""
    if not form.seen.data or form.seen.data == str(found.version):
        return False
    kept = {one.employee_id: Wish(one.share_fen, one.reason) for one in pool_split.shares_of(act(), found.split_id)}
    return any(kept.get(key) != wish for key, wish in typed.items())


def _then(found: BonusPool, form: SharesForm, then: str, newly: frozenset[int]) -> None:
    if then == "fill":
        everybody = {one.key for one in form.people}
        fixed = newly | (frozenset(form.fixed.data or ()) & everybody)
        if fixed == everybody:
            raise Refused("所有人的份额都已固定，没有人可以分余额；请放开至少一个人", fault="all fixed")
        pool_split.fill_rest(act(), found, fixed)
    elif then == "submit":
        service.submit_split(act(), found)


def _refused(found: BonusPool, form: SharesForm, error: NotAllowed | Refused) -> Response:
    """Show the reasons with everything typed still in its boxes; what could be kept as a draft is kept."""
    act().session.refresh(found)
    form.seen.data = str(found.version)
    reasons = sentences(error) if isinstance(error, NotAllowed) else [said(error)]
    status = 409 if isinstance(error, NotAllowed) else 422
    return _answer(found, form, status, reasons=reasons)


def _answer(
    found: BonusPool, form: SharesForm, status: int, *, conflict: bool = False, reasons: list[str] | None = None
) -> Response:
    if _asks_quietly():
        return _quietly(found, status)
    return Response(_page(found, form, conflict=conflict, reasons=reasons), status, mimetype="text/html")


def _asks_quietly() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _quietly(found: BonusPool, status: int) -> Response:
    body = {"saved": local(act().at).strftime("%H:%M:%S"), "fields": {"seen": str(found.version)}}
    answer: Response = jsonify(body if status == 200 else {"error": _("没有保存：请检查标红的金额，或刷新页面")})
    answer.status_code = status
    return answer


def _done(found: BonusPool, then: str) -> Response:
    if _asks_quietly():
        return _quietly(found, 200)
    words = {
        "save": _("草稿已保存，还没有提交。"),
        "fill": _("余额已按比例分完，合计等于奖金池。"),
        "submit": _("已提交总经理批准；批准之前可以撤回。"),
    }
    flash(words[then], "ok")
    return see_other("bonus_pool.pool", pool_id=found.id)


@blueprint.route("/bonus-pools/<int:pool_id>/withdraw", methods=["POST"])
@open_to("department_head")
@once
def withdraw(pool_id: int) -> Response:
    """Take the proposal back while the general manager has not decided."""
    service.withdraw_split(act(), find_pool(act(), pool_id))
    flash(_("已撤回，可以修改后重新提交。"), "ok")
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
