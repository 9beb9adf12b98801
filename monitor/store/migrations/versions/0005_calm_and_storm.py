"""storms, shop events, silences, mutes, ready-made replies, aftermath; messages about more than one alert"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aftermath",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.Column("first_answer", sa.Float(), nullable=False),
        sa.Column("followed_until", UTCDateTime(), nullable=False),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("saved", sa.Boolean(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("mention_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index(op.f("ix_aftermath_outcome"), "aftermath", ["outcome"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(length=63), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_silence_ends_at"), "silence", ["ends_at"], unique=False)
    op.create_table(
        "mute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(length=63), nullable=True),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("phrase", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "shopevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(length=63), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_shopevent_shop_at", "shopevent", ["shop", "at"], unique=False)
    op.create_table(
        "storm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(length=63), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("noticed_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("window", sa.Float(), nullable=False),
        sa.Column("cause", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_storm_ended_at"), "storm", ["ended_at"], unique=False)
    op.create_index("ix_storm_shop_began", "storm", ["shop", "began_at"], unique=False)
    op.create_table(
        "readyreply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("retired_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", "lang"),
    )
    op.add_column("delivery", sa.Column("storm_id", sa.Integer(), nullable=True))
    op.create_index("ix_delivery_storm_id", "delivery", ["storm_id"])
    op.add_column("delivery", sa.Column("period", sa.String(length=100), nullable=True))
    op.add_column("delivery", sa.Column("within", sa.String(length=63), nullable=True))


def downgrade() -> None:
    op.execute("delete from delivery where alert_id is null and source is null")
    op.drop_index("ix_delivery_storm_id", table_name="delivery")
    for column in ("within", "period", "storm_id"):
        op.execute(f"alter table delivery drop column {column}")
    op.drop_table("readyreply")
    op.drop_table("storm")
    op.drop_table("shopevent")
    op.drop_table("mute")
    op.drop_table("silence")
    op.drop_table("aftermath")
