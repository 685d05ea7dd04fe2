"""待办: the home of each role: what waits for me, until when, and one button to it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.login import SEEN_EVERY, signed_in
from approval.services import account
from approval.services import inbox as service
from approval.services.inbox import Task
from approval.views.door import EVERYONE, act, commit, open_to, see_other
from approval.views.page import shown_params

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
    """Show what waits for the reader, what he waits for, and his letters."""
    user = signed_in()
    if user is not None:
        account.see_again(act(), user.session, SEEN_EVERY)
        commit()
    tasks, awaited, letters = service.tasks_of(act()), service.awaited_of(act()), service.letters_of(act())
    return render_template("inbox/inbox.html", tasks=tasks, awaited=awaited, letters=letters, told=told)


@blueprint.route("/inbox/read", methods=["POST"])
@open_to(EVERYONE)
def read_letters() -> Response:
    """Mark every letter as read."""
    service.read_letters(act())
    commit()
    return see_other("inbox.inbox")
