"""Letters as mail: through SMTP where it is configured, else as .eml files in the data folder."""

from __future__ import annotations

import os
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path


@dataclass(frozen=True)
class Letter:
    """One letter: its number (the same letter twice has the same), the employee, the subject and the page."""

    id: int
    number: str
    name: str
    subject: str
    link: str


def written(letter: Letter, host: str) -> EmailMessage:
    """The letter as a message; header injection is refused by the mail library."""
    message = EmailMessage(policy=SMTP)
    message["From"] = os.environ.get("APPROVAL_MAIL_FROM", "approval@localhost")
    message["To"] = f"{letter.number}@{os.environ.get('APPROVAL_MAIL_DOMAIN', 'localhost')}"
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = f"<outbox-{letter.id}@approval>"
    message.set_content(f"{letter.name}\n\n{letter.subject}\n\n{host}{letter.link}\n")
    return message


def post(letter: Letter, data_dir: Path) -> None:
    """Send a letter; OSError where it could not be sent."""
    message = written(letter, os.environ.get("APPROVAL_URL", "http://127.0.0.1:8000"))
    server = os.environ.get("APPROVAL_SMTP", "")
    if not server:
        folder = data_dir / "letters"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{letter.id:08d}-{letter.number}.eml").write_bytes(message.as_bytes())
        return
    host, _, port = server.partition(":")
    with smtplib.SMTP(host, int(port or "25"), timeout=20) as smtp:
        smtp.send_message(message)
