"""The look-ups of completed cases, sealed, until their last recheck.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; cases that were completed before have no rechecks."""
    op.create_table(
        "rechecks",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("planned", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("case_id", name="pk_rechecks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_rechecks_case_id"),
    )
    op.create_index("ix_rechecks_not_before", "rechecks", ["not_before"])
