"""Letters as mail: through SMTP where it is configured, else as .eml files in the data folder."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

PATIENCE_S = 20


@dataclass(frozen=True)
class Letter:
    """One letter: its number (the same letter twice has the same), the employee, the subject and the page."""

    id: int
    number: str
    name: str
    subject: str
    link: str


@dataclass(frozen=True)
class Post:
    """How mail leaves: `server` host:port or empty for files, the account there, the sender, `url` before each link."""

    server: str = ""
    user: str = ""
    password: str = ""
    sender: str = "approval@localhost"
    domain: str = "localhost"
    url: str = "http://127.0.0.1:8000"


def post_settings(environ: Mapping[str, str] = os.environ) -> Post:
    """Read APPROVAL_SMTP, _SMTP_USER, _SMTP_PASSWORD, _MAIL_FROM, _MAIL_DOMAIN and _URL."""
    names = {
        "server": "APPROVAL_SMTP",
        "user": "APPROVAL_SMTP_USER",
        "password": "APPROVAL_SMTP_PASSWORD",
        "sender": "APPROVAL_MAIL_FROM",
        "domain": "APPROVAL_MAIL_DOMAIN",
        "url": "APPROVAL_URL",
    }
    return Post(**{field: environ[name] for field, name in names.items() if environ.get(name)})


def written(letter: Letter, how: Post) -> EmailMessage:
    """The letter as a message; a line break in a header is refused by the mail library."""
    message = EmailMessage(policy=SMTP)
    message["From"] = how.sender
    message["To"] = f"{letter.number}@{how.domain}"
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = f"<outbox-{letter.id}@{how.domain}>"
    message.set_content(f"{letter.name}\n\n{letter.subject}\n\n{how.url}{letter.link}\n")
    return message


def post_from(data_dir: Path, how: Post | None = None) -> Callable[[Letter], None]:
    """The way letters leave this installation; what it returns raises OSError where a letter could not be sent."""
    chosen = how or post_settings()
    if chosen.server:
        return lambda letter: _send(written(letter, chosen), chosen)
    return lambda letter: _keep(letter, written(letter, chosen), data_dir / "letters")


def _keep(letter: Letter, message: EmailMessage, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{letter.id:08d}-{letter.number}.eml").write_bytes(message.as_bytes())


def _send(message: EmailMessage, how: Post) -> None:
    """Hand a message to the server; a password goes over an encrypted line or not at all."""
    host, _, port = how.server.partition(":")
    with smtplib.SMTP(host, int(port or "25"), timeout=PATIENCE_S) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        elif how.user:
            raise OSError("the mail server offers no encryption, so no password was sent")
        if how.user:
            smtp.login(how.user, how.password)
        smtp.send_message(message)
