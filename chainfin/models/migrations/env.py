"""Run by Alembic, on the connection and for the tables that `models.schema` hands it."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write columns of our own types, and SQLModel's text, as what the database keeps."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
