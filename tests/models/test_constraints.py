"""What the databases themselves refuse, whoever writes: asked with plain SQL on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.races.test_two_at_once import moved


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_database(request: pytest.FixtureRequest, prepared_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """The company with its batch prepared, as a bare database."""
    if request.param == "sqlite":
        path = tmp_path / "bare.db"
        shutil.copy(prepared_file, path)
        engine = create_engine(f"sqlite:///{path}")
    else:
        url: str = request.getfixturevalue("fresh_postgres_url")
        moved(prepared_file, url)
        engine = create_engine(url)
    yield engine
    engine.dispose()


REFUSED = {
    "an audit entry is not edited": "UPDATE audit_entry SET reason = 'x' WHERE id = 1",
    "an audit entry is not deleted": "DELETE FROM audit_entry WHERE id = 1",
    "a pay result is not edited": "UPDATE pay_result SET total_fen = total_fen + 1",
    "a frozen policy is not edited": "UPDATE frozen_policy SET fingerprint = 'x'",
    "a kept sample score is not deleted": "DELETE FROM sample_round",
    "nobody is paid twice": (
        "INSERT INTO payslip (id, version, audit_seq, audit_head, batch_id, appraisal_id, pay_result_id, employee_id, "
        "payee_name, payee_department, period, kind, total_fen, line_state, live, failure) "
        "SELECT 9999, 0, 0, '', batch_id, appraisal_id, pay_result_id, employee_id, payee_name, payee_department, "
        "period, kind, total_fen, 'due', live, '' FROM payslip LIMIT 1"
    ),
    "a paid payslip has its moment": "UPDATE payslip SET line_state = 'paid'",
    "a batch is signed by somebody": "UPDATE payout_batch SET state = 'signed_off'",
    "who prepared does not sign": "UPDATE payout_batch SET state = 'signed_off', signed_off_by_id = prepared_by_id",
    "a pool is not approved by nobody": "UPDATE bonus_pool SET approved_by_id = NULL, approved_fingerprint = NULL",
    "who submitted does not approve": "UPDATE bonus_pool SET approved_by_id = submitted_by_id",
    "a submitted share is not changed": "UPDATE pool_share SET share_fen = share_fen + 1",
    "a submitted share is not removed": "DELETE FROM pool_share",
    "the shares sum to the pool": "UPDATE bonus_pool SET payable_fen = payable_fen + 1",
    "nobody reviews himself": "UPDATE appraisal SET reviewed_by_id = employee_id",
    "nobody scores himself": "UPDATE appraisal SET supervisor_id = employee_id",
    "a reviewed month has its score": "UPDATE appraisal SET score = NULL",
    "a score stays in its range": "UPDATE appraisal SET score = 100000001",
    "a state is a known one": "UPDATE appraisal SET state = 'done'",
    "a paid month has its moment": "UPDATE appraisal SET state = 'paid'",
    "one open month a person and cycle": (
        "INSERT INTO appraisal (id, version, audit_seq, audit_head, state, cycle_id, employee_id, department_id, "
        "position_id, grade, supervisor_id, policy_version_id, frozen_policy_id, round) "
        "SELECT 9999, 0, 0, '', 'self_assessment', cycle_id, employee_id, department_id, position_id, grade, "
        "supervisor_id, policy_version_id, frozen_policy_id, 1 FROM appraisal LIMIT 1"
    ),
    "a sample's score has its scorer": "UPDATE sample SET scored_by_id = NULL",
    "nobody supervises himself": "UPDATE employment SET supervisor_id = employee_id",
    "a published policy has its moment": "UPDATE policy_version SET published_at = NULL",
}


def test_the_database_refuses_what_must_never_be(prepared_database: Engine) -> None:
    let_through = []
    for rule, statement in REFUSED.items():
        with prepared_database.connect() as connection, connection.begin() as transaction:
            try:
                connection.execute(text(statement))
            except DBAPIError:
                transaction.rollback()
            else:
                transaction.rollback()
                let_through.append(rule)
    assert let_through == []


def test_the_same_statements_reach_rows_at_all(prepared_database: Engine) -> None:
    for table in ("audit_entry", "pay_result", "payslip", "bonus_pool", "pool_share", "appraisal", "sample"):
        with prepared_database.connect() as connection:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar(), table


def test_an_old_entry_is_not_replaced_round_the_triggers(prepared_database: Engine) -> None:
    if prepared_database.dialect.name == "sqlite":
        statement = "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 1"
    else:
        statement = "TRUNCATE audit_entry"
    with prepared_database.connect() as connection, pytest.raises(DBAPIError, match="insert only"):
        connection.execute(text(statement))
