"""Settings, read from the environment once; what is unsafe in production refuses to start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEMO_SECRET_FILE = "secret.key"


class Unsafe(Exception):
    """A setting that production must not run with."""


@dataclass(frozen=True)
class Settings:
    """`database_url` SQLAlchemy URL; `secret_key` signs cookies and forms; `demo` shows accounts and shifts the clock."""

    database_url: str
    secret_key: str
    data_dir: Path
    demo: bool = False
    secure_cookies: bool = False
    trusted_hosts: tuple[str, ...] = ()


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read APPROVAL_DATABASE_URL, _SECRET_KEY, _DATA_DIR, _DEMO, _SECURE_COOKIES and _TRUSTED_HOSTS."""
    data_dir = Path(environ.get("APPROVAL_DATA_DIR", "var")).absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    url = environ.get("APPROVAL_DATABASE_URL", f"sqlite:///{data_dir / 'approval.db'}")
    hosts = tuple(host for host in environ.get("APPROVAL_TRUSTED_HOSTS", "").split(",") if host)
    return Settings(
        database_url=url,
        secret_key=environ.get("APPROVAL_SECRET_KEY") or _kept_secret(data_dir),
        data_dir=data_dir,
        demo=environ.get("APPROVAL_DEMO", "") == "1",
        secure_cookies=environ.get("APPROVAL_SECURE_COOKIES", "") == "1",
        trusted_hosts=hosts,
    )


def _kept_secret(data_dir: Path) -> str:
    """Make a secret on the first start and keep it beside the embedded database, readable by its owner alone."""
    path = data_dir / DEMO_SECRET_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def refuse_unsafe(settings: Settings, *, database_is_demo: bool) -> None:
    """Raise Unsafe where a demo database would run without the demo switch, or a secret is too short."""
    if database_is_demo and not settings.demo:
        raise Unsafe("this database holds the demo company: start it with APPROVAL_DEMO=1, or use another database")
    if len(settings.secret_key) < 32:
        raise Unsafe("APPROVAL_SECRET_KEY is shorter than 32 characters")
