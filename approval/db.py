"""The database of the running app: one engine, SQLite for one machine or PostgreSQL for several."""

from __future__ import annotations

from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event

from approval.models import Base

db = SQLAlchemy(model_class=Base)


def prepare(engine: Engine) -> None:
    """Set SQLite to what money needs: WAL, synchronous=FULL, foreign keys, and writers that queue instead of failing."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A reader that turns writer late would meet "database is locked": commands say so at the start.
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


def begin_writing() -> None:
    """Open the request's transaction as a writer's (BEGIN IMMEDIATE on SQLite; nothing special on PostgreSQL)."""
    if db.engine.dialect.name == "sqlite":
        db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
