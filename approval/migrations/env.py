"""Alembic's entry: runs the revisions on the engine that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

from approval.models import Base


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite's foreign keys off while tables are made anew; it takes the word only outside a transaction."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    (before,) = driver.execute("PRAGMA foreign_keys").fetchone()
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA foreign_keys = {before}")


engine = context.config.attributes["engine"]
with engine.connect() as connection, without_foreign_keys(connection), connection.begin():
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    context.run_migrations()
