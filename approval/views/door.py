"""What every view goes through: who may open it, the act it works with, and one effect for one button."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import abort, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response

from approval.clock import Clock
from approval.db import begin_writing, db
from approval.login import login_manager, signed_in
from approval.models.outbox import IdempotencyKey
from approval.models.people import OFFICES
from approval.services.act import SYSTEM, Act, Actor, actor_of

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, R]

EVERYONE = "everyone"
PUBLIC = "public"


class Key(IntegerConverter):
    """A whole number in an address that a database can hold; any other names no page."""

    regex = r"[0-9]{1,18}"


def act() -> Act:
    """The act of this request: its session, its actor with today's offices, its moment."""
    clock: Clock = current_app.extensions["clock"]
    if "act" not in g:
        session = cast(Session, db.session)
        now = clock.now()
        without_actor = Act(session, SYSTEM, now)
        user = signed_in()
        actor: Actor = SYSTEM if user is None else actor_of(session, user.account.employee_id, without_actor.today)
        g.act = Act(session, actor, now)
    return cast(Act, g.act)


def open_to(*who: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Say who may open a view: PUBLIC, EVERYONE signed in, or the named offices ("supervisor" is checked on the thing).

    The decision is kept on the view as `open_to`; a test refuses a route without one. Office pages answer 403 and name
    the office; what belongs to one person is looked up through `sight`, which answers 404.
    """
    unknown = set(who) - {PUBLIC, EVERYONE, *OFFICES}
    if unknown or not who:
        raise ValueError(f"no such office: {unknown}")

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            refused = _refused(who)
            return cast(R, refused) if refused is not None else view(*args, **kwargs)

        guarded.open_to = who  # type: ignore[attr-defined]
        return guarded

    return decorate


def _refused(who: tuple[str, ...]) -> Any:
    if PUBLIC in who:
        return None
    user = signed_in()
    if user is None:
        return login_manager.unauthorized()
    if user.account.must_change_password and request.endpoint not in ("account.change_password", "account.sign_out"):
        return redirect(url_for("account.change_password"))
    if EVERYONE not in who and not act().actor.holds(*who):
        abort(403, description="|".join(who))
    return None


def start_request() -> None:
    """Open a command's transaction as a writer's before anything is read in it."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        begin_writing()


def begin_note() -> None:
    """End a page's reading and open a writer's transaction, for what reading the page leaves behind.

    A reader that turns writer late would meet "database is locked"; the page is made before, and shown only after.
    """
    db.session.rollback()
    begin_writing()


def commit() -> None:
    """Make the command of this request last; views call it once, at their end."""
    db.session.commit()


def once(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a form have one effect: its `once` key, issued with the page, answers a repeat with the first answer.

    The key is stored in the transaction of the effect. The same key with another body is refused (409). The wrapped view
    must not commit itself: this door does, after the answer is stored.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        key, user = request.form.get("once", ""), signed_in()
        if request.method != "POST" or user is None:
            return view(*args, **kwargs)
        if not key:
            answer = view(*args, **kwargs)
            commit()
            return answer
        told = sorted(item for item in request.form.items(multi=True) if item[0] != "csrf_token")
        asked = hashlib.sha256(repr((request.path, told)).encode()).hexdigest()
        kept = db.session.get(IdempotencyKey, key[:64])
        if kept is not None:
            if (kept.request_hash, kept.account_id) != (asked, user.account.id):
                abort(409)
            return redirect(kept.answer, code=303)
        answer = view(*args, **kwargs)
        if answer.status_code in (302, 303):
            row = IdempotencyKey(key=key[:64], account_id=user.account.id, request_hash=asked, answer=answer.location)
            row.created_at = act().at
            db.session.add(row)
        commit()
        return answer

    return guarded


def see_other(endpoint: str, **values: Any) -> Response:
    """Answer a command with the page to read next."""
    return redirect(url_for(endpoint, **values), code=303)


def new_key() -> str:
    """A key for a form's `once` field."""
    return secrets.token_urlsafe(24)
