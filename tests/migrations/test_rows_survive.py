"""A table that SQLite writes anew keeps its rows and everything that points at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.exc import IntegrityError

from approval.db import prepare
from approval.migrations import configured, upgrade

FILLED: dict[str, dict[str, Any]] = {
    "department": {},
    "position": {},
    "employee": {"id": 1, "number": "E1", "left_by": ""},
    "policy_version": {"state": "draft"},
    "frozen_policy": {},
    "cycle": {"period": "2026-10"},
    "appraisal": {"state": "sampling", "employee_id": 1, "supervisor_id": 2, "score": None},
    "kpi_score": {"rater": "self"},
}


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Engine]:
    """A database of the first revisions with one month in it, foreign keys watched as in the running app."""
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    prepare(engine)
    command.upgrade(configured(engine), "0002")
    tables = MetaData()
    with engine.begin() as connection:
        tables.reflect(connection)
        for name, told in FILLED.items():
            _insert(connection, tables.tables[name], told)
            if name == "employee":
                _insert(connection, tables.tables[name], {"id": 2, "number": "E2", "left_by": ""})
    yield engine
    engine.dispose()


def _insert(connection: Connection, table: Any, told: dict[str, Any]) -> None:
    row = {}
    for column in table.columns:
        kind = str(column.type)
        if column.nullable or column.name in told:
            continue
        row[column.name] = "2026-10-01" if kind == "DATE" else "2026-10-01 00:00:00" if kind == "DATETIME" else 1
    row |= {name: value for name, value in told.items() if value is not None}
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table.name} ({names}) VALUES ({marks})"), row)


def test_a_month_and_its_scores_survive_and_may_be_concluded_afterwards(old: Engine) -> None:
    upgrade(old)
    with old.begin() as connection:
        assert connection.execute(text("SELECT state, supervisor_id FROM appraisal")).all() == [("sampling", 2)]
        assert connection.execute(text("SELECT appraisal_id FROM kpi_score")).scalars().all() == [1]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        connection.execute(text("UPDATE appraisal SET state = 'concluded', score = 9000, reviewed_by_id = 2"))
    for broken in ("state = 'unheard_of'", "score = NULL", "reviewed_by_id = NULL", "reviewed_by_id = 1"):
        with pytest.raises(IntegrityError), old.begin() as connection:
            connection.execute(text(f"UPDATE appraisal SET {broken}"))
    with pytest.raises(IntegrityError), old.begin() as connection:
        connection.execute(text("DELETE FROM appraisal"))
