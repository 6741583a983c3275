"""Private table of quotes: sealed until award, receipts numbered and chained.

Only the request's holder reads the quotes on it; a funder reads its own; the operator can read
them all and says so in docs/architecture.md.
"""

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Text, func
from sqlmodel import Field, Session, SQLModel, col, select


class QuoteRow(SQLModel, table=True):
    """A funder's signed quote and the receipt it was given."""

    __tablename__: ClassVar[str] = "quote"
    __table_args__ = (Index("ux_quote_receipt", "request_id", "receipt_number", unique=True),)

    quote_hash: str = Field(primary_key=True)
    request_id: int = Field(sa_type=BigInteger, index=True)
    funder: int = Field(sa_type=BigInteger, index=True)
    maker_key: str = Field(index=True)
    nonce: int = Field(sa_type=BigInteger)
    net_proceeds_minor: int = Field(sa_type=BigInteger)
    holdback_minor: int = Field(default=0, sa_type=BigInteger)
    pay_by: int | None = Field(default=None, sa_type=BigInteger)
    discount_rate_bps: int
    day_count: str
    tenor_days: int
    expires_at: int = Field(sa_type=BigInteger)
    typed_data: str = Field(sa_column=Column(Text, nullable=False))
    approvals: str = Field(sa_column=Column(Text, nullable=False))
    receipt_number: int
    receipt_head: str
    received_at: int = Field(sa_type=BigInteger)


def quotes_on(session: Session, request_id: int) -> Sequence[QuoteRow]:
    """Quotes on a request in the order of their receipts."""
    wanted = select(QuoteRow).where(QuoteRow.request_id == request_id)
    return session.exec(wanted.order_by(col(QuoteRow.receipt_number))).all()


def highest_quote_number(session: Session, maker_key: str) -> int:
    """The highest running number of a funder's key in a quote; -1 for none."""
    wanted = select(func.coalesce(func.max(QuoteRow.nonce), -1))
    return int(session.exec(wanted.where(QuoteRow.maker_key == maker_key)).one())
