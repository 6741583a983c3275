"""Private tables as they were before revisions were noted."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """To this revision. There is no way down: restore the backup made before."""
    op.create_table(
        "administration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("calldata", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_organisation"), ["organisation"], unique=False)

    op.create_table(
        "bank_account",
        sa.Column("organisation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("holder_name", sa.String(), nullable=False),
        sa.Column("bic", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "account", "currency"),
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index("ix_bank_account_owner", ["owner", "currency"], unique=False)

    op.create_table(
        "bank_statement",
        sa.Column("organisation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.String(), nullable=True),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("findings", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(length=66), nullable=False),
        sa.Column("file_hash", sa.String(length=66), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "number"),
    )
    with op.batch_alter_table("bank_statement", schema=None) as batch_op:
        batch_op.create_index(
            "ux_bank_statement_id", ["organisation", "account", "kind", "statement_id"], unique=True
        )

    op.create_table(
        "bank_statement_line",
        sa.Column("organisation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_hash", sa.String(length=66), nullable=False),
        sa.Column("line_number", sa.BigInteger(), nullable=False),
        sa.Column("statement_number", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("booking_date", sa.Date(), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.String(), nullable=True),
        sa.Column("end_to_end_id", sa.String(), nullable=True),
        sa.Column("remittance", sa.Text(), nullable=False),
        sa.Column("counterparty_account", sa.String(), nullable=True),
        sa.Column("counterparty_name", sa.String(), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=True),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("difference_minor", sa.BigInteger(), nullable=True),
        sa.Column("matched_at", sa.BigInteger(), nullable=True),
        sa.Column("exception", sa.String(length=32), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "line_hash"),
    )
    with op.batch_alter_table("bank_statement_line", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bank_statement_line_account", ["organisation", "account", "level"], unique=False
        )
        batch_op.create_index(
            "ux_bank_statement_line_number", ["organisation", "line_number"], unique=True
        )

    op.create_table(
        "batch_run",
        sa.Column("order_hash", sa.String(), nullable=False),
        sa.Column("run_index", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("order_hash", "run_index"),
    )
    op.create_table(
        "bulk_request",
        sa.Column("bulk_request_id", sa.String(), nullable=False),
        sa.Column("caller", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bulk_request_id"),
    )
    op.create_table(
        "bulk_request_item",
        sa.Column("bulk_request_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("order_hash", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("bulk_request_id", "position"),
    )
    op.create_table(
        "document_claim",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("order_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "order_hash"),
    )
    with op.batch_alter_table("document_claim", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_claim_order_hash"), ["order_hash"], unique=False
        )

    op.create_table(
        "document_match",
        sa.Column("match_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("match_key", "fingerprint"),
    )
    with op.batch_alter_table("document_match", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_match_fingerprint"), ["fingerprint"], unique=False
        )

    op.create_table(
        "document_rule",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("three_way_match", sa.Boolean(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id"),
    )
    op.create_table(
        "encryption_key",
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation"),
    )
    op.create_table(
        "fingerprint_use",
        sa.Column("use_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("use_id"),
    )
    with op.batch_alter_table("fingerprint_use", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fingerprint_use_organisation"), ["organisation"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_fingerprint_use_used_at"), ["used_at"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("caller", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("recorded", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_hash", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=False),
        sa.Column("maker_key", sa.String(), nullable=False),
        sa.Column("checker_key", sa.String(), nullable=True),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.Column("typed_data", sa.Text(), nullable=False),
        sa.Column("approvals", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("calldata", sa.LargeBinary(), nullable=True),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_hash"),
    )
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_maker_key"), ["maker_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_organisation"), ["organisation"], unique=False)
        batch_op.create_index("ix_order_status_id", ["status", "id"], unique=False)

    op.create_table(
        "order_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_hash", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("order_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_step_order_hash"), ["order_hash"], unique=False)

    op.create_table(
        "participant_profile",
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("legal_identifier", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("identity"),
        sa.UniqueConstraint("name_key"),
    )
    op.create_table(
        "quote",
        sa.Column("quote_hash", sa.String(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("funder", sa.BigInteger(), nullable=False),
        sa.Column("maker_key", sa.String(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("net_proceeds_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_rate_bps", sa.Integer(), nullable=False),
        sa.Column("day_count", sa.String(), nullable=False),
        sa.Column("tenor_days", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("typed_data", sa.Text(), nullable=False),
        sa.Column("approvals", sa.Text(), nullable=False),
        sa.Column("receipt_number", sa.Integer(), nullable=False),
        sa.Column("receipt_head", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quote_hash"),
    )
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quote_funder"), ["funder"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_maker_key"), ["maker_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_request_id"), ["request_id"], unique=False)
        batch_op.create_index("ux_quote_receipt", ["request_id", "receipt_number"], unique=True)

    op.create_table(
        "relay_replaced",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    with op.batch_alter_table("relay_replaced", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_relay_replaced_transaction_id"), ["transaction_id"], unique=False
        )

    op.create_table(
        "relay_transaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_hash", sa.String(), nullable=True),
        sa.Column("run_index", sa.Integer(), nullable=True),
        sa.Column("administration_id", sa.Integer(), nullable=True),
        sa.Column("is_empty", sa.Boolean(), nullable=False),
        sa.Column("relayer", sa.String(), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("fee_per_gas", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    with op.batch_alter_table("relay_transaction", schema=None) as batch_op:
        batch_op.create_index("ix_relay_status", ["status", "relayer", "nonce"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_relay_transaction_order_hash"), ["order_hash"], unique=False
        )
        batch_op.create_index("ux_relay_nonce", ["relayer", "nonce"], unique=True)

    op.create_table(
        "trade_document",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("seller", sa.BigInteger(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_keys", sa.Text(), nullable=True),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("erased_because", sa.String(), nullable=True),
        sa.Column("disputed_at", sa.BigInteger(), nullable=True),
        sa.Column("disputed_because", sa.String(), nullable=True),
        sa.Column("matched_with", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("fingerprint"),
        sa.UniqueConstraint("document_id"),
    )
    with op.batch_alter_table("trade_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_trade_document_commitment"), ["commitment"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_trade_document_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_trade_document_seller"), ["seller"], unique=False)
