"""Countersigning of a policy, records of training and coaching, and the evidence behind an advice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from approval.models import base
from approval.models.triggers import keep_insert_only

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GROUNDS = "'health_check', 'work_injury', 'illness', 'pregnancy', 'near_retirement', 'other'"


def upgrade() -> None:
    _countersigning()
    _coaching()
    _protection()
    if op.get_bind().dialect.name == "sqlite":
        _make_evidence_anew()
    else:
        _widen_evidence()
    for table in ("policy_signature", "coaching_record", "coaching_void"):
        keep_insert_only(op.get_bind(), table)


def _key(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return sa.Column("id", BIG, nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _check(table: str, name: str, text: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(text, name=op.f(f"ck_{table}_{name}"))


def _countersigning() -> None:
    table = "policy_countersigner"
    op.create_table(
        table,
        *_key(table),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("seat", sa.String(length=60), nullable=False),
        sa.Column("employee_id", BIG, nullable=True),
        sa.Column("office", sa.String(length=24), nullable=False),
        sa.Column("department_id", BIG, nullable=True),
        sa.Column("named_by_id", BIG, nullable=True),
        sa.Column("named_at", base.Instant(), nullable=False),
        sa.UniqueConstraint("version_id", "seat", name=op.f(f"uq_{table}_version_id_seat")),
        _check(table, "office_known", "office IN ('', 'hr', 'finance', 'gm_office', 'department_head')"),
        _check(table, "person_or_office", "(employee_id IS NULL) = (office <> '')"),
        _check(table, "head_has_department", "(office = 'department_head') = (department_id IS NOT NULL)"),
        _to(table, "version_id", "policy_version"),
        _to(table, "employee_id", "employee"),
        _to(table, "department_id", "department"),
        _to(table, "named_by_id", "employee"),
    )
    op.create_index(op.f(f"ix_{table}_version_id"), table, ["version_id"])
    table = "policy_signature"
    op.create_table(
        table,
        *_key(table),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("seat", sa.String(length=60), nullable=False),
        sa.Column("employee_id", BIG, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        _check(table, "kind_known", "kind IN ('signed', 'objected')"),
        _check(table, "objects_with_a_reason", "kind = 'signed' OR remark <> ''"),
        _to(table, "version_id", "policy_version"),
        _to(table, "employee_id", "employee"),
    )
    op.create_index(op.f(f"ix_{table}_version_id"), table, ["version_id"])


def _coaching() -> None:
    table = "coaching_record"
    op.create_table(
        table,
        *_key(table),
        sa.Column("employee_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("led_by", sa.String(length=80), nullable=False),
        sa.Column("material", sa.String(length=200), nullable=False),
        sa.Column("kept_by_id", BIG, nullable=False),
        sa.Column("kept_at", base.Instant(), nullable=False),
        _check(table, "kind_known", "kind IN ('talk', 'coaching', 'training', 'transfer')"),
        _check(table, "said", "content <> '' AND led_by <> ''"),
        _check(table, "ends_after_begins", "ends_on IS NULL OR ends_on >= begins_on"),
        _check(table, "not_own", "kept_by_id <> employee_id"),
        _to(table, "employee_id", "employee"),
        _to(table, "kept_by_id", "employee"),
    )
    op.create_index(op.f(f"ix_{table}_employee_id"), table, ["employee_id"])
    table = "coaching_void"
    op.create_table(
        table,
        *_key(table),
        sa.Column("record_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voided_by_id", BIG, nullable=False),
        sa.Column("voided_at", base.Instant(), nullable=False),
        sa.UniqueConstraint("record_id", name=op.f(f"uq_{table}_record_id")),
        _check(table, "has_reason", "reason <> ''"),
        _to(table, "record_id", "coaching_record"),
        _to(table, "voided_by_id", "employee"),
    )


def _protection() -> None:
    table = "protected_state"
    op.create_table(
        table,
        *_key(table),
        sa.Column("employee_id", BIG, nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("kept_by_id", BIG, nullable=False),
        sa.Column("kept_at", base.Instant(), nullable=False),
        _check(table, "ground_known", f"ground IN ({GROUNDS})"),
        _check(table, "to_after_from", "to_on IS NULL OR to_on >= from_on"),
        _to(table, "employee_id", "employee"),
        _to(table, "kept_by_id", "employee"),
    )
    op.create_index(op.f(f"ix_{table}_employee_id"), table, ["employee_id"])


def _widen_evidence() -> None:
    table = "advice_evidence"
    op.drop_constraint(op.f("uq_advice_evidence_advice_id_item"), table, type_="unique")
    op.add_column(table, sa.Column("held_on", sa.Date(), nullable=True))
    for column, other in (("coaching_id", "coaching_record"), ("appraisal_id", "appraisal")):
        op.add_column(table, sa.Column(column, BIG, nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_{column}_{other}"), table, other, [column], ["id"])


def _make_evidence_anew() -> None:
    """SQLite drops no constraint: the table is made anew with its rows, and its triggers after it; nothing refers to it."""
    table, anew = "advice_evidence", "advice_evidence_anew"
    op.create_table(
        anew,
        *_key(table),
        sa.Column("advice_id", BIG, nullable=False),
        sa.Column("item", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kept_by_id", BIG, nullable=False),
        sa.Column("kept_at", base.Instant(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("coaching_id", BIG, nullable=True),
        sa.Column("appraisal_id", BIG, nullable=True),
        _check(table, "said", "note <> ''"),
        _to(table, "advice_id", "advice"),
        _to(table, "kept_by_id", "employee"),
        _to(table, "coaching_id", "coaching_record"),
        _to(table, "appraisal_id", "appraisal"),
    )
    columns = "id, advice_id, item, note, kept_by_id, kept_at"
    op.execute(f"INSERT INTO {anew} ({columns}) SELECT {columns} FROM {table}")  # noqa: S608
    op.drop_table(table)
    op.rename_table(anew, table)
    op.create_index(op.f(f"ix_{table}_advice_id"), table, ["advice_id"])
    keep_insert_only(op.get_bind(), table)
