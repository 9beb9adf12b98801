"""what was seen at the sites of shops"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sitecheck",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(length=63), nullable=False),
        sa.Column("site", sa.String(length=500), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sitecheck_shop", "sitecheck", ["shop"])


def downgrade() -> None:
    op.drop_table("sitecheck")
