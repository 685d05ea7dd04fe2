"""The worker: sends the outbox's letters after the commit; a letter may be tried again, never lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from approval.db import begin_writing, db
from approval.gateways.mail import Letter, post
from approval.models.outbox import OutboxMessage
from approval.models.people import Employee
from approval.views.page import letter_text

log = logging.getLogger("approval.worker")
BATCH = 50
MOST_TRIES = 8
PAUSE = 10.0


def send_waiting(app: Flask, deliver: Callable[[Letter], None] | None = None) -> int:
    """Send one batch of letters and return how many went; a failed one keeps its error and is tried again."""
    with app.test_request_context():
        begin_writing()
        sending = deliver or (lambda letter: post(letter, app.extensions["settings"].data_dir))
        now = app.extensions["clock"].now()
        query = (
            select(OutboxMessage, Employee)
            .join(Employee, Employee.id == OutboxMessage.employee_id)
            .where(OutboxMessage.sent_at.is_(None), OutboxMessage.attempts < MOST_TRIES)
            .order_by(OutboxMessage.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True, of=OutboxMessage)
        )
        sent = 0
        for message, employee in db.session.execute(query).all():
            values: dict[str, object] = {"attempts": message.attempts + 1}
            try:
                sending(Letter(message.id, employee.number, employee.name, letter_text(message), message.link))
                values |= {"sent_at": now, "last_error": ""}
                sent += 1
            except OSError as error:
                values["last_error"] = str(error)[:500]
                log.warning("letter %s was not sent: %s", message.id, error)
            db.session.execute(update(OutboxMessage).where(OutboxMessage.id == message.id).values(values))
        db.session.commit()
        return sent


def run(app: Flask, *, once: bool = False, stop: threading.Event | None = None) -> None:
    """Send batch after batch; with `once` until none is left."""
    while True:
        try:
            sent = send_waiting(app)
        except OperationalError as error:
            log.warning("the database was busy: %s", error)
            sent = 0
        if once and not sent:
            return
        if not sent:
            if stop is not None and stop.wait(PAUSE):
                return
            if stop is None:
                time.sleep(PAUSE)


def start_beside(app: Flask) -> threading.Event:
    """Run the worker in a thread of the embedded server; set the event to stop it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(app,), kwargs={"stop": stop}, daemon=True, name="approval-worker").start()
    return stop
