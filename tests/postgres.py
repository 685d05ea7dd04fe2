"""A throw-away PostgreSQL for the tests: the machine's own binaries, a cluster in a temporary folder, one per worker."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

NEEDED = ("initdb", "postgres")
UNPRIVILEGED = ("postgres", "nobody")
CLUSTER = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "timezone=UTC")
PATIENCE_S = 30
NOT_FOUND = (
    "These tests need PostgreSQL, and none was found (by pg_config, in /usr/lib/postgresql, on PATH). "
    "Install it (Debian: apt-get install postgresql) or put its folder of programs on PATH."
)


class NoPostgres(Exception):
    """PostgreSQL is missing or does not start: the tests stop instead of being skipped."""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of an empty database that this worker has to itself; stopped and deleted at the end."""
    binaries = _binaries()
    with tempfile.TemporaryDirectory(prefix="approval-pg-", ignore_cleanup_errors=True) as folder:
        server = _start(binaries, Path(folder))
        try:
            _wait(server, Path(folder))
            yield _new_database(folder, "approval_test")
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, not awaited
            server.wait(PATIENCE_S)


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> str:
    """SQLAlchemy URL of one more empty database, for a test that wants none of the others' rows."""
    folder = postgres_url.rpartition("host=")[2]
    return _new_database(folder, f"approval_{secrets.token_hex(6)}")


def _new_database(folder: str, name: str) -> str:
    with psycopg.connect(host=folder, user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"postgresql+psycopg://postgres@/{name}?host={folder}"


def _binaries() -> Path:
    """The folder that holds the server's programs, the newest version first."""
    for folder in _candidates():
        if all((folder / name).exists() for name in NEEDED):
            return folder
    raise NoPostgres(NOT_FOUND)


def _candidates() -> Iterator[Path]:
    asked = shutil.which("pg_config")
    if asked:
        answer = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip() or ".")
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)


def _start(binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Make the cluster and start it on a socket in `folder`; the server refuses to be root, so root lends it a user."""
    lent = _lent_user()
    if lent:
        os.chown(folder, lent["user"], lent["group"])
    data = str(folder / "data")
    made = subprocess.run(
        [binaries / "initdb", "-D", data, *CLUSTER], capture_output=True, text=True, cwd=folder, **lent
    )
    if made.returncode:
        raise NoPostgres(made.stderr or made.stdout)
    switches = [part for setting in SETTINGS for part in ("-c", setting)]
    command = [str(binaries / "postgres"), "-D", data, "-k", str(folder), *switches]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **lent)


def _lent_user() -> dict[str, Any]:
    """Arguments for subprocess that drop root's rights; none where we have none to drop."""
    if os.geteuid() != 0:
        return {}
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgres("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it as")


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError as refused:
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoPostgres((folder / "log").read_text(errors="replace")) from refused
            time.sleep(0.05)
        else:
            return
