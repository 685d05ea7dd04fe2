"""Letters leave after the commit: each at least once, the failed ones again and later, none of them twice at a time."""

from __future__ import annotations

import smtplib
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from approval.gateways.mail import Letter, Post, post_from, post_settings, written
from approval.models.outbox import OutboxMessage
from approval.services.outbox import leave_letter
from approval.worker import LEASE, MOST_TRIES, run, start_beside
from approval.worker import send_waiting as send_waiting_here
from tests.app_fixtures import World


def send_waiting(app: Flask, deliver: Callable[[Letter], None]) -> int:
    """The worker's turn, outside the test's own app context."""
    return Context().run(send_waiting_here, app, deliver)


class Postman:
    """Takes letters, or refuses them while `broken`."""

    def __init__(self) -> None:
        self.taken: list[Letter] = []
        self.broken = False

    def __call__(self, letter: Letter) -> None:
        if self.broken:
            raise OSError("mail server unreachable")
        self.taken.append(letter)


@pytest.fixture
def one_letter(world: World) -> World:
    """A company in which exactly one letter waits."""
    world.session.execute(delete(OutboxMessage))
    params = {"period": "2026-10"}
    leave_letter(
        world.act("hr"), [world.employee("cs").id], "您的 %(period)s 工资条已发放，请签收", "/my/payslips/1", **params
    )
    world.session.commit()
    return world


def letter(world: World) -> OutboxMessage:
    world.fresh()
    return world.session.scalars(select(OutboxMessage)).one()


def test_a_letter_is_sent_once(one_letter: World) -> None:
    postman = Postman()
    assert send_waiting(one_letter.app, postman) == 1
    assert send_waiting(one_letter.app, postman) == 0
    assert [(one.number, one.subject) for one in postman.taken] == [("E1043", "您的 2026年10月 工资条已发放，请签收")]
    assert letter(one_letter).sent_at == one_letter.clock.now()


def test_a_letter_speaks_its_readers_language(one_letter: World) -> None:
    account = one_letter.session.connection().exec_driver_sql(
        "UPDATE account SET locale = 'en' WHERE employee_id = (SELECT id FROM employee WHERE number = 'E1043')"
    )
    assert account.rowcount == 1
    one_letter.session.commit()
    postman = Postman()
    send_waiting(one_letter.app, postman)
    assert "2026-10" in postman.taken[0].subject
    assert "工资条" not in postman.taken[0].subject


def test_a_failed_letter_keeps_its_reason_and_is_tried_later_and_later(one_letter: World) -> None:
    postman = Postman()
    postman.broken = True
    waits: list[timedelta] = []
    for tries in range(1, MOST_TRIES + 1):
        assert send_waiting(one_letter.app, postman) == 0
        kept = letter(one_letter)
        assert (kept.attempts, kept.last_error, kept.sent_at) == (tries, "mail server unreachable", None)
        assert kept.next_try_at is not None
        waits.append(kept.next_try_at - one_letter.clock.now())
        one_letter.clock.moment = kept.next_try_at
    assert waits == sorted(waits)
    postman.broken = False
    assert send_waiting(one_letter.app, postman) == 0
    assert letter(one_letter).sent_at is None


def test_before_its_time_a_failed_letter_is_left_alone_and_then_sent(one_letter: World) -> None:
    postman = Postman()
    postman.broken = True
    send_waiting(one_letter.app, postman)
    postman.broken = False
    assert send_waiting(one_letter.app, postman) == 0
    one_letter.clock.moment += timedelta(minutes=2)
    assert send_waiting(one_letter.app, postman) == 1
    assert letter(one_letter).last_error == ""


def test_what_one_worker_holds_no_other_takes_until_it_is_given_up(one_letter: World) -> None:
    other = Postman()

    def slow(_one: Letter) -> None:
        assert send_waiting(one_letter.app, other) == 0
        raise SystemExit  # the machine goes down with the letter in hand

    with pytest.raises(SystemExit):
        send_waiting(one_letter.app, slow)
    assert send_waiting(one_letter.app, other) == 0
    one_letter.clock.moment += LEASE
    assert send_waiting(one_letter.app, other) == 1


def test_while_a_letter_is_on_its_way_others_can_work(one_letter: World) -> None:
    def deliver(_one: Letter) -> None:
        one_letter.sign_in("hr")  # writes: it would wait for a lock if sending held one

    assert send_waiting(one_letter.app, deliver) == 1


def test_the_worker_beside_the_server_stops_when_told(one_letter: World) -> None:
    before = threading.active_count()
    stop = start_beside(one_letter.app)
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "approval-worker":
            thread.join(10)
    assert threading.active_count() <= before
    Context().run(run, one_letter.app, once=True)
    assert letter(one_letter).sent_at is not None


def test_without_a_server_letters_are_files(tmp_path: Path) -> None:
    post_from(tmp_path, Post())(Letter(7, "E1043", "马骏", "工资条已发放", "/my/payslips/1"))
    mail = message_from_bytes((tmp_path / "letters" / "00000007-E1043.eml").read_bytes(), policy=default)
    assert mail["Subject"] == "工资条已发放"
    assert mail["To"] == "E1043@localhost"
    assert "http://127.0.0.1:8000/my/payslips/1" in mail.get_body().get_content()  # type: ignore[union-attr]


def test_no_line_break_gets_into_a_header() -> None:
    message = written(Letter(7, "E1043", "马骏", "工资条\r\nBcc: all@example.com", "/"), Post())
    assert message["Bcc"] is None
    with pytest.raises(ValueError, match="linefeed"):
        written(Letter(7, "E1043\r\nBcc: x@example.com", "马骏", "工资条", "/"), Post())


def test_the_way_out_is_read_from_the_environment() -> None:
    read = post_settings({"APPROVAL_SMTP": "mail:587", "APPROVAL_MAIL_DOMAIN": "example.com", "APPROVAL_SMTP_USER": ""})
    assert read == Post(server="mail:587", domain="example.com")


class _Smtp(socketserver.StreamRequestHandler):
    """As much SMTP as one letter needs, without encryption."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        said: list[bytes] = self.server.said  # type: ignore[attr-defined]
        while line := self.rfile.readline():
            said.append(line)
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    said.append(part)
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def smtp() -> Iterator[tuple[str, list[bytes]]]:
    """A mail server on this machine: its address, and the lines that it heard."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.said = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", server.said  # type: ignore[attr-defined]
        server.shutdown()
        thread.join(5)


def test_a_letter_goes_to_the_mail_server(smtp: tuple[str, list[bytes]], tmp_path: Path) -> None:
    address, said = smtp
    post_from(tmp_path, Post(server=address))(Letter(7, "E1043", "马骏", "工资条已发放", "/"))
    assert b"rcpt TO:<E1043@localhost>\r\n" in said
    assert b"Message-ID: <outbox-7@localhost>\r\n" in said


def test_no_password_goes_over_an_open_line(smtp: tuple[str, list[bytes]], tmp_path: Path) -> None:
    address, said = smtp
    with pytest.raises(OSError, match="no encryption"):
        post_from(tmp_path, Post(server=address, user="approval", password="secret"))(
            Letter(7, "E1043", "马骏", "工资条", "/")
        )
    assert b"secret" not in b"".join(said)


def test_a_silent_server_is_an_error_that_the_worker_keeps(tmp_path: Path) -> None:
    assert issubclass(smtplib.SMTPException, OSError)
    with pytest.raises(OSError, match=r".+"):
        post_from(tmp_path, Post(server="127.0.0.1:1"))(Letter(7, "E1043", "马骏", "工资条", "/"))
