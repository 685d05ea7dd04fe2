"""登录: signing in and out, the password, the language."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from approval.config import Settings
from approval.db import db
from approval.i18n import LOCALES, said
from approval.login import SignedIn, signed_in
from approval.models.people import Account, accounts_by_role
from approval.rules.refusal import Refused
from approval.services import account as service
from approval.views.door import EVERYONE, PUBLIC, act, commit, open_to, see_other
from forms.account import ChangePasswordForm, SignInForm

blueprint = Blueprint("account", __name__)


def own_path(target: str | None) -> str:
    """Where to go after signing in: a path of ours, else the inbox."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target:
        return target
    return url_for("inbox.inbox")


@blueprint.route("/login", methods=["GET", "POST"])
@open_to(PUBLIC)
def sign_in() -> Response | str | tuple[str, int]:
    """Open the sign-in page; in a demo it lists the accounts by role."""
    if signed_in() is not None and request.method == "GET":
        return redirect(url_for("inbox.inbox"))
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return _sign_in_page(form), 200 if request.method == "GET" else 422
    try:
        token, session = service.sign_in(
            act(), form.number.data, form.password.data, request.remote_addr or "", request.user_agent.string
        )
    except Refused as error:
        commit()
        form.password.errors = [said(error)]
        return _sign_in_page(form), 422
    commit()
    login_user(SignedIn(token, session))
    return redirect(own_path(form.next.data), code=303)


def _sign_in_page(form: SignInForm) -> str:
    settings: Settings = current_app.extensions["settings"]
    people = accounts_by_role(act().session, act().today) if settings.demo else []
    return render_template("account/sign_in.html", form=form, people=people)


@blueprint.route("/logout", methods=["POST"])
@open_to(EVERYONE)
def sign_out() -> Response:
    """Close this session for good."""
    user = signed_in()
    if user is not None:
        service.sign_out(act(), user.session)
        commit()
    logout_user()
    return see_other("account.sign_in")


@blueprint.route("/password", methods=["GET", "POST"])
@open_to(EVERYONE)
def change_password() -> Response | str | tuple[str, int]:
    """Change one's own password; forced on the first sign-in."""
    user = signed_in()
    assert user is not None
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return render_template("account/password.html", form=form), 200 if request.method == "GET" else 422
    try:
        service.change_password(act(), user.account, form.old.data, form.new.data, user.session)
    except Refused as error:
        db.session.rollback()
        form.new.errors = [said(error)]
        return render_template("account/password.html", form=form), 422
    commit()
    flash(_("密码已更改，其他设备上的登录已失效。"), "ok")
    return see_other("inbox.inbox")


@blueprint.route("/language", methods=["POST"])
@open_to(PUBLIC)
def choose_language() -> Response:
    """Switch between Chinese and English; kept with the account, or in a cookie before signing in."""
    chosen = request.form.get("locale", "zh")
    chosen = chosen if chosen in LOCALES else "zh"
    user = signed_in()
    if user is not None:
        service.choose_language(act(), db.session.get_one(Account, user.account.id), chosen)
        commit()
    answer = redirect(own_path(request.form.get("back")), code=303)
    answer.set_cookie("locale", chosen, max_age=365 * 86400, samesite="Lax", httponly=True)
    return answer
