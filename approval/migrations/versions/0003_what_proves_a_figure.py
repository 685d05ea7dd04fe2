"""What proves a figure: the document behind one that its policy asks evidence for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("figure", sa.Column("evidence", sa.String(length=200), nullable=False, server_default=""))
