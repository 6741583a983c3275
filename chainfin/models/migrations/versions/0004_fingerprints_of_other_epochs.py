"""Fingerprints of documents under other epochs than that of their recording."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """To this revision. There is no way down: restore the backup made before."""
    op.create_table(
        "document_fingerprint",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
    )
    with op.batch_alter_table("document_fingerprint", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_fingerprint_document"), ["document"], unique=False
        )
