"""Alembic's entry: runs the versions on the connection that `server.schema` hands over."""

from alembic import context

from server.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
