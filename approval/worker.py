"""The worker: sends the outbox's letters after the commit; a letter may be tried again, never lost.

A letter is taken first and sent outside any transaction: a slow mail server holds up nobody's work. Who takes it has it
for `LEASE`; a worker that dies with it leaves it to the next one, and the letter then may arrive twice, with one Message-ID.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, g
from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError

from approval.db import begin_writing, db
from approval.gateways.mail import Letter, post_from
from approval.models.outbox import OutboxMessage
from approval.models.people import Account, Employee
from approval.views.page import letter_text

log = logging.getLogger("approval.worker")
BATCH = 50
MOST_TRIES = 8
LEASE = timedelta(minutes=15)
PAUSE_S = 10


@dataclass(frozen=True)
class _Taken:
    """A letter in this worker's hands, and the how-many-th try it is."""

    letter: Letter
    tries: int


def send_waiting(app: Flask, deliver: Callable[[Letter], None] | None = None) -> int:
    """Send one batch of letters and return how many went; a failed one keeps its error and waits, longer each time."""
    deliver = deliver or post_from(app.extensions["settings"].data_dir)
    sent = 0
    for one in _take(app):
        error = _tried(deliver, one.letter)
        _record(app, one, error)
        sent += error is None
    return sent


def _now(app: Flask) -> datetime:
    return app.extensions["clock"].now()  # type: ignore[no-any-return]


def _take(app: Flask) -> list[_Taken]:
    """Take the oldest letters that are due: counted as tried, and out of any other worker's reach for a while."""
    with app.test_request_context():
        begin_writing()
        now = _now(app)
        due = or_(OutboxMessage.next_try_at.is_(None), OutboxMessage.next_try_at <= now)
        query = (
            select(OutboxMessage, Employee, Account.locale)
            .join(Employee, Employee.id == OutboxMessage.employee_id)
            .outerjoin(Account, Account.employee_id == Employee.id)
            .where(OutboxMessage.sent_at.is_(None), OutboxMessage.attempts < MOST_TRIES, due)
            .order_by(OutboxMessage.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True, of=OutboxMessage)
        )
        found = db.session.execute(query).all()
        for message, _employee, _locale in found:
            message.attempts += 1
            message.next_try_at = now + LEASE
        db.session.flush()
        db.session.expunge_all()  # what was taken is read on without the database
        db.session.commit()
    return [_Taken(_worded(app, *row), row[0].attempts) for row in found]


def _worded(app: Flask, message: OutboxMessage, employee: Employee, locale: str | None) -> Letter:
    """The letter in its reader's language."""
    with app.test_request_context():
        g.locale = locale or "zh"
        return Letter(message.id, employee.number, employee.name, letter_text(message), message.link)


def _tried(deliver: Callable[[Letter], None], letter: Letter) -> str | None:
    """Deliver a letter; what went wrong, in words, or None."""
    try:
        deliver(letter)
    except (OSError, ValueError) as error:
        log.warning("letter %s was not sent: %s", letter.id, error)
        return str(error)[:500] or type(error).__name__
    return None


def _record(app: Flask, one: _Taken, error: str | None) -> None:
    with app.test_request_context():
        begin_writing()
        now = _now(app)
        wait = timedelta(minutes=2**one.tries)
        values = (
            {"sent_at": now, "last_error": ""} if error is None else {"last_error": error, "next_try_at": now + wait}
        )
        db.session.execute(update(OutboxMessage).where(OutboxMessage.id == one.letter.id).values(values))
        db.session.commit()


def run(app: Flask, *, once: bool = False, stop: threading.Event | None = None) -> None:
    """Send batch after batch until told to stop; with `once` until no letter is due."""
    stop = stop or threading.Event()
    while not stop.is_set():
        try:
            sent = send_waiting(app)
        except OperationalError as error:
            log.warning("the database was busy: %s", error)
            sent = 0
        if not sent:
            if once:
                return
            stop.wait(PAUSE_S)


def start_beside(app: Flask) -> threading.Event:
    """Run the worker in a thread of the embedded server; set the event to stop it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(app,), kwargs={"stop": stop}, daemon=True, name="approval-worker").start()
    return stop
