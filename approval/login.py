"""Who is signed in: Flask-Login over revocable `user_session` rows; the cookie holds only a token."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from approval.clock import Clock
from approval.db import db
from approval.models.people import Account, UserSession

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=5)

login_manager = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]
    """The account behind this request; its id in the cookie is the session's token, so it dies with the row."""

    def __init__(self, token: str, session: UserSession) -> None:
        self.token = token
        self.session = session
        self.account: Account = session.account

    def get_id(self) -> str:
        return self.token


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(token: str) -> SignedIn | None:
    found = select(UserSession).where(UserSession.token_hash == token_hash(token))
    session = db.session.scalars(found.options(joinedload(UserSession.account).joinedload(Account.employee))).first()
    clock: Clock = current_app.extensions["clock"]
    now = clock.now()
    if session is None or session.revoked_at is not None or session.account.disabled:
        return None
    if now - session.created_at > ABSOLUTE or now - session.seen_at > IDLE:
        return None
    g.locale = session.account.locale
    return SignedIn(token, session)


@login_manager.unauthorized_handler  # type: ignore[untyped-decorator]
def _to_sign_in() -> Response:
    following = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=following))


def signed_in() -> SignedIn | None:
    """The signed-in account of this request, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def install(app: Flask) -> None:
    """Bind the login to an app."""
    login_manager.init_app(app)
    login_manager.session_protection = None
