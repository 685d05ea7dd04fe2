"""Alembic's entry: runs the revisions on the engine that it is given."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection

from approval.models import Base


def _foreign_keys(connection: Connection, wanted: int | None) -> int | None:
    """Set SQLite's foreign keys outside of any transaction, and tell what they were: a table is rebuilt without them."""
    if connection.dialect.name != "sqlite" or wanted is None:
        return None
    raw: Any = connection.connection.dbapi_connection
    (before,) = raw.execute("PRAGMA foreign_keys").fetchone()
    raw.execute(f"PRAGMA foreign_keys={wanted}")
    return int(before)


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    context.run_migrations()
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"rows that point nowhere after the migration: {broken[:3]}")


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    before = _foreign_keys(connection, 0)
    try:
        with connection.begin():
            _run(connection)
    finally:
        _foreign_keys(connection, before)
