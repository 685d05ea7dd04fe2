"""The demo company for tests: told once, a copy for each module that wants it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from approval import demo
from approval.app import create_app
from approval.clock import machine_time
from approval.config import Settings
from approval.db import db
from approval.migrations import upgrade
from tests.app_fixtures import ZONE, OutsideClient, TestClock, World

READERS = {one: one for one in ("E1043", "S0207", "D0012", "G0001", "H0001", "F0001", "A0001", "D0009")}


def settings_in(folder: Path) -> Settings:
    return Settings(f"sqlite:///{folder}/demo.db", "x" * 40, folder, demo=True)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo company as it is first told."""
    folder = Path(tmp_path_factory.mktemp("demo"))
    with create_app(settings_in(folder)).app_context():
        upgrade(db.engine)
        demo.tell(db.session, machine_time())  # type: ignore[arg-type]
        db.session.commit()
        db.session.remove()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return folder / "demo.db"


@pytest.fixture(scope="module")
def demo_app(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The product over a copy of the demo company."""
    folder = Path(tmp_path_factory.mktemp("demo_copy"))
    shutil.copy(demo_file, folder / "demo.db")
    app = create_app(settings_in(folder))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def company(demo_app: Flask) -> Iterator[World]:
    """The demo company on the day that it tells, its accounts by their numbers."""
    demo_app.testing = True
    demo_app.test_client_class = OutsideClient
    with demo_app.app_context():
        yield World(demo_app, TestClock(datetime(2026, 11, 5, 10, tzinfo=ZONE)), READERS)
        db.session.remove()
