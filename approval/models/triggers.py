"""What the database itself refuses, on SQLite and PostgreSQL: changed records, and a split that misses one fen."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

RECORD_TABLES = (
    "audit_entry",
    "ledger_entry",
    "pay_result",
    "frozen_policy",
    "sample_round",
    "policy_consultation",
    "policy_acknowledgement",
    "month_flag",
    "advice_evidence",
    "publication_posting",
    "policy_signature",
    "coaching_record",
    "coaching_void",
    "kpi_count",
)


def trigger_statements(dialect: str) -> list[str]:
    """The CREATE statements of every trigger, in order."""
    return _statements(dialect, RECORD_TABLES)


def _statements(dialect: str, records: Sequence[str]) -> list[str]:
    if dialect == "sqlite":
        return [s for table in records for s in _sqlite_insert_only(table)] + _sqlite_split()
    return [
        *_POSTGRES_FUNCTIONS,
        *(s for table in records for s in _postgres_insert_only(table)),
        *_POSTGRES_SPLIT,
    ]


def create_triggers(connection: Connection) -> None:
    """Create every trigger of the tables that are there; one that comes later brings its own (`keep_insert_only`)."""
    there = set(inspect(connection).get_table_names())
    _create(connection, _statements(connection.dialect.name, [one for one in RECORD_TABLES if one in there]))


def keep_insert_only(connection: Connection, table: str) -> None:
    """Create the triggers of one table of record, for the migration that brings it."""
    kinds = {"sqlite": _sqlite_insert_only, "postgresql": _postgres_insert_only}
    _create(connection, kinds[connection.dialect.name](table))


def _create(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(text(statement.replace(":", "\\:")))


def missing_triggers(connection: Connection) -> tuple[str, ...]:
    """Names of triggers that are not in the database: a batch migration on SQLite drops them silently."""
    wanted = [
        statement.split()[2]
        for statement in trigger_statements(connection.dialect.name)
        if "TRIGGER" in statement.split()[1]
    ]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    found = set(connection.execute(text(query)).scalars())
    return tuple(name for name in wanted if name not in found)


def _sqlite_insert_only(table: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is a record: insert only'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE would walk past the two above.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN NEW.id IS NOT NULL AND EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}",
    ]


def _postgres_insert_only(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION approval_insert_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION approval_insert_only()",
    ]


_SPLIT_SUM = "(SELECT COALESCE(SUM(share_fen), 0) FROM pool_share WHERE split_id = NEW.split_id)"


def _sqlite_split() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the shares do not sum to the pool'); END"
    frozen = "BEGIN SELECT RAISE(ABORT, 'a submitted split is not changed'); END"
    return [
        "CREATE TRIGGER bonus_pool_exact_split BEFORE UPDATE ON bonus_pool "
        f"WHEN NEW.state <> 'splitting' AND NEW.payable_fen <> {_SPLIT_SUM} {refuse}",
        *(
            f"CREATE TRIGGER pool_share_frozen_{verb.lower()} BEFORE {verb} ON pool_share WHEN EXISTS ("
            f"SELECT 1 FROM pool_split WHERE id = {row}.split_id AND fingerprint <> '') {frozen}"
            for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
        ),
    ]


_POSTGRES_FUNCTIONS = (
    "CREATE FUNCTION approval_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '% is a record: insert only', TG_TABLE_NAME; END $$",
    "CREATE FUNCTION approval_exact_split() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF NEW.state <> 'splitting' AND NEW.payable_fen <> {_SPLIT_SUM} THEN "
    "RAISE EXCEPTION 'the shares do not sum to the pool'; END IF; RETURN NEW; END $$",
    "CREATE FUNCTION approval_split_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "DECLARE split bigint; BEGIN "
    "IF TG_OP = 'INSERT' THEN split = NEW.split_id; ELSE split = OLD.split_id; END IF; "
    "IF EXISTS (SELECT 1 FROM pool_split WHERE id = split AND fingerprint <> '') THEN "
    "RAISE EXCEPTION 'a submitted split is not changed'; END IF; "
    "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
)

_POSTGRES_SPLIT = (
    "CREATE TRIGGER bonus_pool_exact_split BEFORE UPDATE ON bonus_pool "
    "FOR EACH ROW EXECUTE FUNCTION approval_exact_split()",
    "CREATE TRIGGER pool_share_frozen BEFORE INSERT OR UPDATE OR DELETE ON pool_share "
    "FOR EACH ROW EXECUTE FUNCTION approval_split_frozen()",
)
