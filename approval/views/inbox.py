"""待办: the home of each role: what waits for me, until when, and one button to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.login import SEEN_EVERY, signed_in
from approval.services import account
from approval.services import inbox as service
from approval.services.desks import tasks_of
from approval.services.waiting import Task, Waiting
from approval.views.door import EVERYONE, act, begin_note, commit, open_to, see_other
from approval.views.page import shown_params
from approval.views.things import names_of, page_of
from approval.views.timeline import action_text

blueprint = Blueprint("inbox", __name__)


def told(task: Task) -> str:
    """A task in the reader's language."""
    text = _(task.text)
    return str(text % shown_params(task.params)) if task.params else str(text)


@blueprint.route("/")
@open_to(EVERYONE)
def home() -> Response:
    """The root leads to the inbox."""
    return redirect(url_for("inbox.inbox"))


@blueprint.route("/inbox")
@open_to(EVERYONE)
def inbox() -> str:
    """Show what waits for the reader, what he waits for or what he has done, and his letters."""
    show = request.args.get("show", "")
    waits = Waiting(act())
    tasks = tasks_of(act(), waits)
    page = render_template(
        "inbox/inbox.html",
        show=show if show in ("started", "done") else "",
        tasks=tasks,
        awaited=service.awaited_of(act(), waits),
        done=_told_done() if show == "done" else [],
        letters=service.letters_of(act()),
        told=told,
    )
    _keep_alive()
    return page


def _keep_alive() -> None:
    """Note now and then that the session is in use: the inbox is where everybody comes by."""
    user = signed_in()
    if user is not None and act().at - user.session.seen_at >= SEEN_EVERY:
        begin_note()
        account.see_again(act(), user.session, SEEN_EVERY)
        commit()


@dataclass(frozen=True)
class ToldDone:
    """What the reader did, in words, with the page of the thing where there is one."""

    text: str
    thing: str
    link: str
    at: datetime


def _told_done() -> list[ToldDone]:
    done = service.done_of(act())
    names = names_of(act().session, {one.stream for one in done})
    return [
        ToldDone(
            _times(action_text(one.action), one.times), names.get(one.stream, one.stream), page_of(one.stream), one.at
        )
        for one in done
    ]


def _times(text: str, times: int) -> str:
    return str(_("%(action)s，%(n)s 次", action=text, n=times)) if times > 1 else text


@blueprint.route("/inbox/read", methods=["POST"])
@open_to(EVERYONE)
def read_letters() -> Response:
    """Mark every letter as read."""
    service.read_letters(act())
    commit()
    return see_other("inbox.inbox")
