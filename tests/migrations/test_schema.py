"""The migrated database is the one that the models speak of: tables, columns, CHECKs, indexes and triggers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from approval.db import prepare
from approval.migrations import configured, upgrade
from approval.models import Base
from approval.models.triggers import missing_triggers
from tests.schema import create_schema


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """A migrated database and one made from the models, of the same kind."""
    if request.param == "sqlite":
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("migrated", "modelled")]
        engines = [create_engine(url) for url in urls]
    else:
        url: str = request.getfixturevalue("fresh_postgres_url")
        options = ("-csearch_path=migrated", "-csearch_path=modelled")
        engines = [create_engine(url, connect_args={"options": option}) for option in options]
        plain = create_engine(url)
        with plain.begin() as connection:
            for name in ("migrated", "modelled"):
                connection.execute(text(f"CREATE SCHEMA {name}"))
        plain.dispose()
    migrated, modelled = engines
    upgrade(migrated)
    create_schema(modelled)
    yield migrated, modelled
    for engine in engines:
        engine.dispose()


def told(engine: Engine) -> dict[str, list[str]]:
    """What a database holds, as comparable text."""
    seen, found = inspect(engine), {}
    for table in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        columns = [f"{c['name']} {c['type']} {c['nullable']}" for c in seen.get_columns(table)]
        checks = [f"{c['name']} {c['sqltext']}" for c in seen.get_check_constraints(table)]
        indexes = [f"{i['name']} {i['column_names']} {bool(i['unique'])}" for i in seen.get_indexes(table)]
        uniques = [f"{u['name']} {u['column_names']}" for u in seen.get_unique_constraints(table)]
        foreign = [f"{f['constrained_columns']} {f['referred_table']}" for f in seen.get_foreign_keys(table)]
        found[table] = sorted([*columns, *checks, *indexes, *uniques, *foreign])
    return found


def test_the_migrated_schema_is_the_models_schema(pair: tuple[Engine, Engine]) -> None:
    migrated, modelled = pair
    assert told(migrated) == told(modelled)
    assert set(told(migrated)) == set(Base.metadata.tables)


def test_no_trigger_is_lost_on_the_way(pair: tuple[Engine, Engine]) -> None:
    with pair[0].connect() as connection:
        assert missing_triggers(connection) == ()


def test_migrating_twice_changes_nothing(pair: tuple[Engine, Engine]) -> None:
    before = told(pair[0])
    upgrade(pair[0])
    assert told(pair[0]) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_evidence_kept_before_it_had_days_stays_as_it_was(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if kind == "sqlite" else request.getfixturevalue("fresh_postgres_url")
    engine = create_engine(url)
    revision = ScriptDirectory.from_config(configured(engine)).get_revision("0007")
    command.upgrade(configured(engine), str(revision.down_revision))
    row = "(7, 1, 'talk', '面谈记录 MT-3', 1, '2026-10-12 01\\:00\\:00')"
    with engine.begin() as connection:
        if kind == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        columns = "id, advice_id, item, note, kept_by_id, kept_at"
        connection.execute(text(f"INSERT INTO advice_evidence ({columns}) VALUES {row}"))
        with Operations.context(MigrationContext.configure(connection)):
            revision.module.upgrade()
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT id, item, note, held_on FROM advice_evidence")).one()
        assert tuple(kept) == (7, "talk", "面谈记录 MT-3", None)
        assert not [one for one in missing_triggers(connection) if one.startswith("advice_evidence")]
    engine.dispose()


def a_month_before(engine: Engine) -> None:
    """One month of a running company as revision 0002 has it, 85.30 points, with every row that it refers to."""
    prepare(engine)
    command.upgrade(configured(engine), "0002")
    told = {"appraisal": {"score": 8530, "self_score": 9000, "supervisor_id": 2, "state": "sampling"}}
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for table in ("department", "position", "employee", "cycle", "frozen_policy", "policy_version", "appraisal"):
            columns = inspect(engine).get_columns(table)
            row = {one["name"]: 1 for one in columns if not one["nullable"]} | told.get(table, {})
            for number in (1, 2) if table == "employee" else (1,):
                values = row | {"id": number, **({"number": f"E{number}"} if table == "employee" else {})}
                marks = ", ".join("?" for _one in values)
                raw.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
        raw.execute("PRAGMA ignore_check_constraints = OFF")
        raw.execute("PRAGMA foreign_keys = ON")


def test_scores_keep_their_worth_when_a_running_company_migrates(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/running.db")
    a_month_before(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT score, self_score FROM appraisal").all() == [(85_300_000, 90_000_000)]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert missing_triggers(connection) == ()
    engine.dispose()


def test_a_migration_that_finds_a_lost_reference_changes_nothing(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/broken.db")
    a_month_before(engine)
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DELETE FROM cycle")
        raw.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(RuntimeError, match="refers to one that is gone"):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT score FROM appraisal").scalar() == 8530
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()
