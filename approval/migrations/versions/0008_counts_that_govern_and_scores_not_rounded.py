"""Counts kept with a closed score, months' scores with six places, and people as what a week is drawn from."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from approval.models import base
from approval.models.triggers import keep_insert_only

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SCORES = ("score", "self_score", "supervisor_score")


def upgrade() -> None:
    _kpi_count()
    op.add_column("draw", sa.Column("goes_first", sa.Text(), nullable=False, server_default="[]"))
    kinds = ("kind IN ('customers', 'work_items')", "kind IN ('customers', 'work_items', 'staff')")
    ranges = [
        (f"{one} IS NULL OR {one} BETWEEN 0 AND 10000", f"{one} IS NULL OR {one} BETWEEN 0 AND 100000000")
        for one in SCORES
    ]
    if op.get_bind().dialect.name == "sqlite":
        _rebuild("work_item", [kinds], {})
        _rebuild("appraisal", ranges, {one: f"{one} * 10000" for one in SCORES})
        return
    op.drop_constraint(op.f("ck_work_item_kind_known"), "work_item", type_="check")
    op.create_check_constraint(op.f("ck_work_item_kind_known"), "work_item", kinds[1])
    for one, (_before, after) in zip(SCORES, ranges, strict=True):
        name = op.f(f"ck_appraisal_{one}_in_range")
        op.drop_constraint(name, "appraisal", type_="check")
        op.execute(f"UPDATE appraisal SET {one} = {one} * 10000 WHERE {one} IS NOT NULL")  # noqa: S608
        op.create_check_constraint(name, "appraisal", after)


def _kpi_count() -> None:
    op.create_table(
        "kpi_count",
        sa.Column("id", BIG, nullable=False),
        sa.Column("appraisal_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("quantity", base.Exact(6), nullable=False),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.Column("entered_by_id", BIG, nullable=True),
        sa.Column("counted_at", base.Instant(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_kpi_count_not_negative")),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"], name=op.f("fk_kpi_count_appraisal_id_appraisal")),
        sa.ForeignKeyConstraint(["import_id"], ["import_batch.id"], name=op.f("fk_kpi_count_import_id_import_batch")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["employee.id"], name=op.f("fk_kpi_count_entered_by_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_count")),
        sa.UniqueConstraint("appraisal_id", "round", "code", name=op.f("uq_kpi_count_appraisal_id_round_code")),
    )
    op.create_index(op.f("ix_kpi_count_appraisal_id"), "kpi_count", ["appraisal_id"])
    keep_insert_only(op.get_bind(), "kpi_count")


def _rebuild(table: str, checks: list[tuple[str, str]], values: dict[str, str]) -> None:
    """SQLite cannot change a CHECK: the table is made anew from its own words, filled, and takes the old one's name.

    Foreign keys are off meanwhile (migrations/env.py); its indexes and triggers come back as they were.
    """
    bind = op.get_bind()
    found = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL ORDER BY rowid")
    parts = bind.execute(found, {"table": table}).all()
    made = next(sql for kind, sql in parts if kind == "table")
    made = re.sub(rf'CREATE TABLE "?{table}"?', f"CREATE TABLE {table}_anew", made, count=1)
    for before, after in checks:
        if before not in made:
            raise RuntimeError(f"{table}: no CHECK says {before}")
        made = made.replace(before, after, 1)
    names = [column["name"] for column in sa.inspect(bind).get_columns(table)]
    taken = ", ".join(values.get(name, f'"{name}"') for name in names)
    told = ", ".join(f'"{name}"' for name in names)
    bind.exec_driver_sql(made)
    bind.exec_driver_sql(f"INSERT INTO {table}_anew ({told}) SELECT {taken} FROM {table}")  # noqa: S608
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for kind, sql in parts:
        if kind != "table":
            bind.exec_driver_sql(sql)
    if bind.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise RuntimeError(f"{table}: a row refers to one that is gone")
