"""The pay table of posts: a policy's figure by position and grade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from approval.models import base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "post_standard",
        sa.Column("id", BIG, nullable=False),
        sa.Column("position_id", BIG, nullable=False),
        sa.Column("grade", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("value", base.Exact(6), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.CheckConstraint("value >= 0", name=op.f("ck_post_standard_not_negative")),
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name=op.f("ck_post_standard_to_after_from")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_post_standard_position_id_position")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_batch.id"], name=op.f("fk_post_standard_import_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_standard")),
        sa.UniqueConstraint(
            "position_id", "grade", "code", "from_on", name=op.f("uq_post_standard_position_id_grade_code_from_on")
        ),
    )
    op.create_index(op.f("ix_post_standard_position_id"), "post_standard", ["position_id"])
