"""what platforms push to us, and the times in which a source was not heard"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "key"),
    )
    op.create_index(op.f("ix_letter_source"), "letter", ["source"], unique=False)
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_gap_source_began", "gap", ["source", "began_at"], unique=False)
    op.create_index("ix_mention_source_id", "mention", ["source", "external_id"], unique=False)
    op.create_index("ix_mention_source_author", "mention", ["source", "author"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_mention_source_author", "mention")
    op.drop_index("ix_mention_source_id", "mention")
    op.drop_table("gap")
    op.drop_table("letter")
