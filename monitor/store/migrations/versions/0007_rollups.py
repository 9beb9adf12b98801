"""counts of days, and what makes them stale; the sweep fills them bit by bit"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daycount",
        sa.Column("part", sa.String(length=15), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(length=63), nullable=False),
        sa.Column("shop", sa.String(length=63), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=63), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("neutral", sa.Integer(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.Column("unscored", sa.Integer(), nullable=False),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.Column("needs_reply", sa.Integer(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=False),
        sa.Column("reach_known", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("part", "day", "topic", "shop", "source", "language", "model"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "countedday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "staletime",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staletime_at", "staletime", ["at"])
    op.create_index("ix_alert_opened", "alert", ["opened_at"])


def downgrade() -> None:
    op.drop_index("ix_alert_opened", table_name="alert")
    op.drop_table("staletime")
    op.drop_table("countedday")
    op.drop_table("daycount")
