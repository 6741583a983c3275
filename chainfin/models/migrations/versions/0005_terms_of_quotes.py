"""terms of quotes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """To this revision. There is no way down: restore the backup made before."""
    with op.batch_alter_table("quote", schema=None) as batch_op:
        # What was quoted before held nothing back, and was paid from the deposit.
        batch_op.add_column(
            sa.Column("holdback_minor", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("pay_by", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.alter_column("holdback_minor", server_default=None)
