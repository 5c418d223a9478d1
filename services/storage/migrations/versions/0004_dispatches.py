"""Intents to write to customers outside Slack.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of intents."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "dispatches",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("wanted_at", moment, nullable=False),
        sa.Column("not_before", moment),
        sa.Column("intent_at", moment),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dispatches"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_dispatches_case_id"),
    )
    op.create_index("ix_dispatches_status_wanted_at", "dispatches", ["status", "wanted_at"])
    op.create_index("ix_dispatches_case_id", "dispatches", ["case_id"])
