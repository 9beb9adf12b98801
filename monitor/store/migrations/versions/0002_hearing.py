"""how well sources are heard, their control, messages about them, deletions where posts stood"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COUNTS = ("slowdown", "mute_in_row", "gaps")
_TIMES = (
    "failing_since",
    "listening_since",
    "canary_at",
    "trouble_at",
    "paused_at",
    "run_requested_at",
    "replay_from",
)
_WORDS = ("last_outcome", "canary", "trouble", "paused_by")


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def upgrade() -> None:
    with op.batch_alter_table("sourcestate", schema=None) as batch_op:
        for name in _COUNTS:
            batch_op.add_column(_count(name))
        for name in _TIMES:
            batch_op.add_column(sa.Column(name, UTCDateTime(), nullable=True))
        for name in _WORDS:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))
        batch_op.add_column(sa.Column("longest_gap", sa.Float(), nullable=True))
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(_count("unreadable"))
        batch_op.add_column(_count("left_out"))
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gone_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("checked_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.alter_column("alert_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("source", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.execute("delete from delivery where alert_id is null")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("source")
        batch_op.alter_column("alert_id", existing_type=sa.Integer(), nullable=False)
    # Alembic would build the tables anew on SQLite, and dropping the old ones takes what refers to them.
    _drop("mention", "checked_at", "gone_at")
    _drop("run", "left_out", "unreadable")
    _drop("sourcestate", *_COUNTS, *_TIMES, *_WORDS, "longest_gap")


def _drop(table: str, *columns: str) -> None:
    for column in columns:
        op.execute(f"alter table {table} drop column {column}")
