"""full-text index of mentions; monitor.store.searching fills it after the migration"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE spoken USING fts5"
            " (said, author, content='', detail=column, tokenize='ascii')"
        )
        return
    op.execute(
        "CREATE TABLE spoken (mention_id integer PRIMARY KEY REFERENCES mention (id) ON DELETE CASCADE,"
        " said tsvector NOT NULL, whole tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_spoken_said ON spoken USING gin (said)")
    op.execute("CREATE INDEX ix_spoken_whole ON spoken USING gin (whole)")


def downgrade() -> None:
    op.execute("DROP TABLE spoken")
    op.execute("DELETE FROM setting WHERE name = 'search_index'")
