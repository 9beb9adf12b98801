"""mentions in the order they were spoken, by index

SQLAlchemy cannot read indexes on expressions from SQLite: a later migration that builds the table `mention`
anew there must drop these two first and make them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SPOKEN_AT = "coalesce(posted_at, found_at)"


def upgrade() -> None:
    op.create_index("ix_mention_spoken", "mention", [sa.text(_SPOKEN_AT)])
    op.create_index("ix_mention_shop_spoken", "mention", ["shop", sa.text(_SPOKEN_AT)])


def downgrade() -> None:
    op.drop_index("ix_mention_shop_spoken", table_name="mention")
    op.drop_index("ix_mention_spoken", table_name="mention")
