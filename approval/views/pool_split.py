"""The head's proposal, share by share in yuan; what is typed is never lost."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said, sentences
from approval.models.bonus_pool import BonusPool
from approval.rules.refusal import Refused
from approval.services import bonus_pool as service
from approval.services import pool_split
from approval.services.pool_split import Wish
from approval.views.door import act, once, open_to, see_other
from approval.views.page import local
from approval.views.pool_page import find_pool
from approval.views.pool_sheet import page_of, typed_shares
from forms.bonus_pool import SharesForm
from workflows.engine import NotAllowed


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
        return Response(page_of(found, reasons=[said(error)]), 422, mimetype="text/html")
    flash(_("建议份额已算好，合计等于奖金池；可以逐人调整。"), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


@open_to("department_head")
@once
def shares(pool_id: int) -> Response:
    """Keep the typed shares as a draft; they need not sum yet."""
    return _with_shares(pool_id, "save")


@open_to("department_head")
@once
def fill(pool_id: int) -> Response:
    """Keep the fixed and the newly typed shares, and give the rest to the others by their weights (按比例分完)."""
    return _with_shares(pool_id, "fill")


@open_to("department_head")
@once
def submit(pool_id: int) -> Response:
    """Keep the typed shares and submit them to the general manager; refused, they stay as a draft."""
    return _with_shares(pool_id, "submit")


def _with_shares(pool_id: int, then: str) -> Response:
    found = find_pool(act(), pool_id)
    form = typed_shares(found, posted=True)
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
    return Response(page_of(found, form, conflict=conflict, reasons=reasons), status, mimetype="text/html")


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


@open_to("department_head")
@once
def withdraw(pool_id: int) -> Response:
    """Take the proposal back while the general manager has not decided."""
    service.withdraw_split(act(), find_pool(act(), pool_id))
    flash(_("已撤回，可以修改后重新提交。"), "ok")
    return see_other("bonus_pool.pool", pool_id=pool_id)


def install(blueprint: Blueprint) -> None:
    """Add the addresses of the proposal to the blueprint of bonus pools."""
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/propose", view_func=propose, methods=["POST"])
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/shares", view_func=shares, methods=["POST"])
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/fill", view_func=fill, methods=["POST"])
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/submit", view_func=submit, methods=["POST"])
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/withdraw", view_func=withdraw, methods=["POST"])
