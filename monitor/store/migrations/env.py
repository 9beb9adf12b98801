"""Alembic's entry: runs the migrations on the connection that Store.migrate hands over."""

from alembic import context
from sqlmodel import SQLModel

from monitor.store import tables

assert tables.Mention.metadata is SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
