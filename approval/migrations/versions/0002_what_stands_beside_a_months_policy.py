"""What stands beside a month's own policy: bonus policies that add lines, and a bonus that was voided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from approval.models import base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "appraisal_supplement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("appraisal_id", BIG, nullable=False),
        sa.Column("policy_version_id", BIG, nullable=False),
        sa.Column("frozen_policy_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["appraisal_id"], ["appraisal.id"], name=op.f("fk_appraisal_supplement_appraisal_id_appraisal")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_version.id"],
            name=op.f("fk_appraisal_supplement_policy_version_id_policy_version"),
        ),
        sa.ForeignKeyConstraint(
            ["frozen_policy_id"],
            ["frozen_policy.id"],
            name=op.f("fk_appraisal_supplement_frozen_policy_id_frozen_policy"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_supplement")),
        sa.UniqueConstraint(
            "appraisal_id", "policy_version_id", name=op.f("uq_appraisal_supplement_appraisal_id_policy_version_id")
        ),
    )
    op.create_index(op.f("ix_appraisal_supplement_appraisal_id"), "appraisal_supplement", ["appraisal_id"])
    op.create_table(
        "bonus_void",
        sa.Column("appraisal_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("entered_by_id", BIG, nullable=False),
        sa.Column("entered_at", base.Instant(), nullable=False),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audit_seq", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("reason <> '' AND evidence <> ''", name=op.f("ck_bonus_void_has_reason")),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> entered_by_id", name=op.f("ck_bonus_void_two_people")
        ),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"], name=op.f("fk_bonus_void_appraisal_id_appraisal")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["employee.id"], name=op.f("fk_bonus_void_entered_by_id_employee")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["employee.id"], name=op.f("fk_bonus_void_confirmed_by_id_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonus_void")),
        sa.UniqueConstraint("appraisal_id", name=op.f("uq_bonus_void_appraisal_id")),
    )
