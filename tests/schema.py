"""The schema that the models speak of, made at once: quicker than migrating, and held against it in tests/migrations."""

from __future__ import annotations

from sqlalchemy import Engine, MetaData

from approval.models import Base
from approval.models.triggers import create_triggers


def create_schema(engine: Engine) -> None:
    """Create every table and trigger in an empty database.

    From a copy of the models' tables: PostgreSQL makes the foreign keys of a circle afterwards and marks them so,
    and a SQLite database made later in the same process would go without them.
    """
    copied = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        table.to_metadata(copied)
    with engine.begin() as connection:
        copied.create_all(connection)
        create_triggers(connection)
