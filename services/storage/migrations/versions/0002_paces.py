"""The places of rate-limited accounts, counted for every worker of the installation.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; it begins empty."""
    op.create_table(
        "paces",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("until", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )
