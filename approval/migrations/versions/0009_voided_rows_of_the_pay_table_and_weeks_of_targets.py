"""A row of the pay table of posts that was a mistake is voided: by whom, when and why. Weekly plans of targets."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from approval.models import base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "post_standard"
KEY = ["position_id", "grade", "code", "from_on"]
VOIDED = "(voided_at IS NULL) = (voided_by_id IS NULL) AND (voided_at IS NULL) = (void_reason = '')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _anew()
    else:
        for column in _columns():
            op.add_column(TABLE, column)
        op.drop_constraint(op.f("uq_post_standard_position_id_grade_code_from_on"), TABLE, type_="unique")
        op.create_check_constraint(op.f("ck_post_standard_voided_whole"), TABLE, VOIDED)
        op.create_foreign_key(
            op.f("fk_post_standard_voided_by_id_employee"), TABLE, "employee", ["voided_by_id"], ["id"]
        )
    live = sa.text("voided_at IS NULL")
    op.create_index("uq_post_standard_live", TABLE, KEY, unique=True, sqlite_where=live, postgresql_where=live)
    _weeks()


def _weeks() -> None:
    op.create_table(
        "week_target",
        sa.Column("id", BIG, nullable=False),
        sa.Column("personal_target_id", BIG, nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("value", base.Exact(6), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_week_target_not_negative")),
        sa.ForeignKeyConstraint(
            ["personal_target_id"],
            ["personal_target.id"],
            name=op.f("fk_week_target_personal_target_id_personal_target"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_target")),
        sa.UniqueConstraint("personal_target_id", "monday", name=op.f("uq_week_target_personal_target_id_monday")),
    )
    op.create_index(op.f("ix_week_target_personal_target_id"), "week_target", ["personal_target_id"])


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("voided_by_id", BIG, nullable=True),
        sa.Column("voided_at", base.Instant(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False, server_default=""),
    ]


def _anew() -> None:
    """SQLite can neither drop a key nor add a CHECK: the table, to which nothing points, is made anew with its rows."""
    rows = [dict(row) for row in op.get_bind().execute(sa.text(f"SELECT * FROM {TABLE}")).mappings()]  # noqa: S608
    op.drop_table(TABLE)
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("position_id", BIG, nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("value", base.Exact(6), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        *_columns(),
        sa.CheckConstraint("value >= 0", name=op.f("ck_post_standard_not_negative")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_post_standard_to_after_from")),
        sa.CheckConstraint(VOIDED, name=op.f("ck_post_standard_voided_whole")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_post_standard_position_id_position")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_post_standard_import_id_import_batch")
        ),
        sa.ForeignKeyConstraint(["voided_by_id"], ["employee.id"], name=op.f("fk_post_standard_voided_by_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_standard")),
    )
    op.create_index(op.f("ix_post_standard_position_id"), TABLE, ["position_id"])
    for row in rows:
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        op.get_bind().execute(sa.text(f"INSERT INTO {TABLE} ({names}) VALUES ({marks})"), row)  # noqa: S608
