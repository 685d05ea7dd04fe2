"""A period that ends without money, the day when an evaluation closed, and a bonus voided by two people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from approval.models import base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "'self_assessment', 'sampling', 'department_review', 'publication', 'split_approval', 'payout', 'paid'"
CHECKS = {
    "state_known": (f"state IN ({STATES}, 'cancelled')", f"state IN ({STATES}, 'concluded', 'cancelled')"),
    "scored_before_review": (
        "state NOT IN ('department_review', 'publication', 'split_approval', 'payout', 'paid') OR score IS NOT NULL",
        "state NOT IN ('department_review', 'publication', 'split_approval', 'payout', 'paid', 'concluded') "
        "OR score IS NOT NULL",
    ),
    "reviewed_before_publication": (
        "state NOT IN ('publication', 'split_approval', 'payout', 'paid') OR reviewed_by_id IS NOT NULL",
        "state NOT IN ('publication', 'split_approval', 'payout', 'paid', 'concluded') OR reviewed_by_id IS NOT NULL",
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_appraisal()
    else:
        for name, (_, after) in CHECKS.items():
            op.drop_constraint(op.f(f"ck_appraisal_{name}"), "appraisal", type_="check")
            op.create_check_constraint(op.f(f"ck_appraisal_{name}"), "appraisal", after)
    op.add_column("cycle", sa.Column("evaluation_closed_on", sa.Date(), nullable=True))
    _make_bonus_void_anew()


def _rebuild_appraisal() -> None:
    """SQLite changes no CHECK: the table is written anew with its rows, then takes the old one's name and indexes."""
    bind = op.get_bind()
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'appraisal' AND sql IS NOT NULL"
    told = bind.exec_driver_sql(query).all()
    (table,) = [sql for kind, sql in told if kind == "table"]
    for before, after in CHECKS.values():
        if before not in table:
            raise RuntimeError(f"the table appraisal has no check {before}")
        table = table.replace(before, after)
    head, rest = table.split("(", 1)
    bind.exec_driver_sql(f"{head.replace('appraisal', 'appraisal_anew')}({rest}")
    bind.exec_driver_sql("INSERT INTO appraisal_anew SELECT * FROM appraisal")
    bind.exec_driver_sql("DROP TABLE appraisal")
    bind.exec_driver_sql("ALTER TABLE appraisal_anew RENAME TO appraisal")
    for kind, sql in told:
        if kind == "index":
            bind.exec_driver_sql(sql)


def _make_bonus_void_anew() -> None:
    """Nothing has written a row of the table before."""
    op.drop_table("bonus_void")
    op.create_table(
        "bonus_void",
        sa.Column("appraisal_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", BIG, nullable=False),
        sa.Column("entered_at", base.Instant(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('entered', 'confirmed', 'dropped')", name=op.f("ck_bonus_void_state_known")),
        sa.CheckConstraint("reason <> '' AND evidence <> ''", name=op.f("ck_bonus_void_has_reason")),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by_id <> entered_by_id", name=op.f("ck_bonus_void_two_people")
        ),
        sa.CheckConstraint(
            "(state = 'entered') = (decided_by_id IS NULL)", name=op.f("ck_bonus_void_decided_by_someone")
        ),
        sa.CheckConstraint("state <> 'dropped' OR decision <> ''", name=op.f("ck_bonus_void_dropped_for_a_reason")),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"], name=op.f("fk_bonus_void_appraisal_id_appraisal")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["employee.id"], name=op.f("fk_bonus_void_entered_by_id_employee")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["employee.id"], name=op.f("fk_bonus_void_decided_by_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonus_void")),
    )
    one = sa.text("state <> 'dropped'")
    op.create_index(
        "uq_bonus_void_one", "bonus_void", ["appraisal_id"], unique=True, sqlite_where=one, postgresql_where=one
    )
