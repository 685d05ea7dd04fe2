"""The process around the score: targets, one-to-one feedback, where results were posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from approval.models import base
from approval.models.triggers import keep_insert_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _chained(table: str) -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )  # type: ignore[return-value]


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    _posting()
    _feedback()
    _targets()
    _months()
    keep_insert_only(op.get_bind(), "publication_posting")


def _posting() -> None:
    table = "publication_posting"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("cycle_id", BIG, nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("kept_by_id", BIG, nullable=False),
        sa.Column("kept_at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.CheckConstraint("channel <> ''", name=op.f(f"ck_{table}_channel_named")),
        sa.CheckConstraint("in_app OR place <> ''", name=op.f(f"ck_{table}_place_named")),
        _to(table, "cycle_id", "cycle"),
        _to(table, "kept_by_id", "employee"),
    )
    op.create_index(op.f(f"ix_{table}_cycle_id"), table, ["cycle_id"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("appraisal_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("discussed", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("kept_by_id", BIG, nullable=False),
        sa.Column("kept_at", base.Instant(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("commented_at", base.Instant(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        *_chained("feedback"),
        sa.UniqueConstraint("appraisal_id", "round", name=op.f("uq_feedback_appraisal_id_round")),
        sa.CheckConstraint("discussed <> '' AND agreed <> ''", name=op.f("ck_feedback_says_something")),
        sa.CheckConstraint("(comment = '') = (commented_at IS NULL)", name=op.f("ck_feedback_commented_when")),
        _to("feedback", "appraisal_id", "appraisal"),
        _to("feedback", "kept_by_id", "employee"),
    )
    op.create_index(op.f("ix_feedback_appraisal_id"), "feedback", ["appraisal_id"])


def _targets() -> None:
    table = "annual_target"
    op.create_table(
        table,
        sa.Column("department_id", BIG, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("amount", base.Exact(6), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("set_by_id", BIG, nullable=False),
        sa.Column("set_at", base.Instant(), nullable=False),
        *_chained(table),
        sa.UniqueConstraint("department_id", "year", "measure", name=op.f(f"uq_{table}_department_id_year_measure")),
        sa.CheckConstraint("unit IN ('money', 'count')", name=op.f(f"ck_{table}_unit_known")),
        sa.CheckConstraint("amount > 0", name=op.f(f"ck_{table}_positive")),
        sa.CheckConstraint("basis <> ''", name=op.f(f"ck_{table}_has_basis")),
        _to(table, "department_id", "department"),
        _to(table, "set_by_id", "employee"),
    )
    op.create_index(op.f(f"ix_{table}_department_id"), table, ["department_id"])


def _months() -> None:
    table = "personal_target"
    op.create_table(
        table,
        sa.Column("target_id", BIG, nullable=False),
        sa.Column("employee_id", BIG, nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("set_by_id", BIG, nullable=False),
        sa.Column("set_at", base.Instant(), nullable=False),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        *_chained(table),
        sa.UniqueConstraint("target_id", "employee_id", name=op.f(f"uq_{table}_target_id_employee_id")),
        sa.CheckConstraint("set_by_id <> employee_id", name=op.f(f"ck_{table}_not_own")),
        _to(table, "target_id", "annual_target"),
        _to(table, "employee_id", "employee"),
        _to(table, "set_by_id", "employee"),
    )
    for column in ("target_id", "employee_id"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    table = "month_target"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("personal_target_id", BIG, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("value", base.Exact(6), nullable=False),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("personal_target_id", "period", name=op.f(f"uq_{table}_personal_target_id_period")),
        sa.CheckConstraint("value >= 0", name=op.f(f"ck_{table}_not_negative")),
        _to(table, "personal_target_id", "personal_target"),
        _to(table, "import_id", "import_batch"),
    )
    op.create_index(op.f(f"ix_{table}_personal_target_id"), table, ["personal_target_id"])
