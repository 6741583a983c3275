"""The copy of the market: requests for financing and how they ended. Quotes are private."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Index, or_
from sqlmodel import Session, col, select

from chainfin.domain.financing import FinancingRequest, FinancingStatus
from chainfin.models.columns import (
    Hash,
    IndexTable,
    Int64,
    KeyHash,
    KeyInt64,
    OptionalHash,
    OptionalInt64,
    StatusOfFinancing,
)
from chainfin.models.receivables import LotRow, ReceivableRow


class FinancingRequestRow(IndexTable, table=True):
    """A request, and the award that ended it if one did.

    Attributes:
        requested_sequence: The receivable's event that opened it.
        ended_sequence: The receivable's event that ended it.
        delivered_lot_sequence: The lot the funder received.
        quote_hash: The quote that was awarded.
        terms_hash: Hash of its rate, day count and salt.
        quote_count: How many quotes the holder signed it had seen.
        quote_head: Head of the chain of their receipts.
        pay_by: Where the price comes by bank transfer, until when.
        settlement_bank: Whose word counts for it: the holder's bank at the award.
        holdback_minor: What the holder gets of the lot's payment beside the price.
        obligor_interest_minor: What the anchor pays the holder beside the price.
        earlier_recourse_request_id: Where it was with recourse, the request under which the lot
            had been sold with recourse before.
        recourse_claimed_at: When the holder turned to the seller.
        repurchased_sequence: The receivable's event by which the seller took the lot back.
    """

    __tablename__: ClassVar[str] = "financing_request"
    __table_args__ = (
        Index("ix_financing_request_receivable", "receivable_id", "lot_sequence"),
        Index("ix_financing_request_holder", "holder", "request_id"),
        Index("ix_financing_request_funder", "funder", "request_id"),
        Index("ix_financing_request_status", "status", "request_id"),
    )

    request_id: KeyInt64
    receivable_id: Int64
    lot_sequence: Int64
    holder: Int64
    part_face_value_minor: Int64
    with_recourse: bool
    expires_at: Int64
    status: StatusOfFinancing
    requested_sequence: Int64
    requested_at: Int64
    ended_sequence: OptionalInt64 = None
    ended_at: OptionalInt64 = None
    funder: OptionalInt64 = None
    net_proceeds_minor: OptionalInt64 = None
    delivered_lot_sequence: OptionalInt64 = None
    quote_hash: OptionalHash = None
    terms_hash: OptionalHash = None
    quote_count: OptionalInt64 = None
    quote_head: OptionalHash = None
    pay_by: OptionalInt64 = None
    settlement_bank: OptionalInt64 = None
    holdback_minor: OptionalInt64 = None
    obligor_interest_minor: OptionalInt64 = None
    earlier_recourse_request_id: OptionalInt64 = None
    recourse_claimed_at: OptionalInt64 = None
    repurchased_sequence: OptionalInt64 = None
    repurchased_at: OptionalInt64 = None

    def to_domain(self) -> FinancingRequest:
        """As the market has it."""
        return FinancingRequest(
            request_id=self.request_id,
            receivable_id=self.receivable_id,
            lot_sequence=self.lot_sequence,
            part_face_value_minor=self.part_face_value_minor,
            expires_at=self.expires_at,
            status=self.status,
            with_recourse=self.with_recourse,
        )


class FilingRow(IndexTable, table=True):
    """What a funder filed with the national registry for a request; the latest record counts.

    Attributes:
        filing: Commitment to the number the registry gave.
        recorded_sequence: The receivable's event that recorded it.
    """

    __tablename__: ClassVar[str] = "filing"
    __table_args__ = (Index("ix_filing_receivable", "receivable_id"),)

    request_id: KeyInt64
    funder: KeyInt64
    receivable_id: Int64
    filed_at: Int64
    filing: Hash
    recorded_sequence: Int64
    recorded_at: Int64
    recorded_transaction_hash: Hash


class FundedQuoteRow(IndexTable, table=True):
    """A quote whose funder set money aside for it.

    Attributes:
        amount_minor: What at most is drawn.
        expires_at: Until when it binds.
        ended_sequence: The receivable's event that ended it; none while it binds or waits to be
            released.
        is_drawn: Whether that was its award.
    """

    __tablename__: ClassVar[str] = "funded_quote"
    __table_args__ = (
        Index("ix_funded_quote_receivable", "receivable_id"),
        Index("ix_funded_quote_request", "request_id"),
        Index("ix_funded_quote_open", "ended_sequence", "expires_at"),
    )

    funder: KeyInt64
    quote_hash: KeyHash
    request_id: Int64
    receivable_id: Int64
    amount_minor: Int64
    expires_at: Int64
    funded_sequence: Int64
    ended_sequence: OptionalInt64 = None
    is_drawn: bool = False


class FundingAttestationRow(IndexTable, table=True):
    """The price of an award that came in by bank transfer, by the word of its payee's bank.

    Attributes:
        sequence: The receivable's event that says so, by which title passed.
        amount_minor: The price.
        line_hash: The line of the bank's statement.
    """

    __tablename__: ClassVar[str] = "funding_attestation"
    __table_args__ = (
        Index("ix_funding_attestation_payee", "payee", "request_id"),
        Index("ix_funding_attestation_bank", "bank", "request_id"),
        Index("ix_funding_attestation_line", "line_hash"),
        Index("ix_funding_attestation_receivable", "receivable_id"),
    )

    request_id: KeyInt64
    receivable_id: Int64
    lot_sequence: Int64
    sequence: Int64
    payee: Int64
    funder: Int64
    bank: Int64
    amount_minor: Int64
    value_at: Int64
    line_hash: Hash
    attested_at: Int64
    transaction_hash: Hash


class FundingConfirmationRow(IndexTable, table=True):
    """A payee's own word that the price of an award came in; nothing is funded by it."""

    __tablename__: ClassVar[str] = "funding_confirmation"

    request_id: KeyInt64
    sequence: KeyInt64
    receivable_id: Int64
    payee: Int64
    bank: Int64
    amount_minor: Int64
    line_hash: Hash
    confirmed_at: Int64


class BorneInterestRow(IndexTable, table=True):
    """The share of a request's discount that the anchor bears; the latest counts.

    Attributes:
        amount_minor: What at most it pays, and has set aside.
        expires_at: Until when it binds.
        ended_sequence: The receivable's event that ended it; none while it binds or waits to be
            released.
        paid_minor: What of it reached the holder.
    """

    __tablename__: ClassVar[str] = "borne_interest"
    __table_args__ = (
        Index("ix_borne_interest_receivable", "receivable_id"),
        Index("ix_borne_interest_obligor", "obligor", "request_id"),
        Index("ix_borne_interest_open", "ended_sequence", "expires_at"),
    )

    request_id: KeyInt64
    receivable_id: Int64
    obligor: Int64
    share_bps: Int64
    amount_minor: Int64
    expires_at: Int64
    borne_sequence: Int64
    paid_minor: Int64 = 0
    ended_sequence: OptionalInt64 = None


def find_borne_interest(session: Session, request_id: int) -> BorneInterestRow | None:
    """The share of a request's discount that its anchor bears, or bore."""
    return session.get(BorneInterestRow, request_id)


def find_funded_quote(session: Session, funder: int, quote_hash: str) -> FundedQuoteRow | None:
    """A quote that was funded."""
    return session.get(FundedQuoteRow, (funder, quote_hash))


def funded_quotes_on(session: Session, request_id: int) -> Sequence[FundedQuoteRow]:
    """Quotes on a request that were funded and have not ended."""
    row = FundedQuoteRow
    return session.exec(
        select(row).where(row.request_id == request_id, col(row.ended_sequence).is_(None))
    ).all()


def releasable_quotes(session: Session, now_at: int, *, limit: int) -> Sequence[FundedQuoteRow]:
    """Funded quotes that bind no more: they have expired, or their request has ended."""
    row, request = FundedQuoteRow, FinancingRequestRow
    wanted = (
        select(row)
        .join(request, col(request.request_id) == col(row.request_id))
        .where(
            col(row.ended_sequence).is_(None),
            (col(row.expires_at) < now_at) | (col(request.status) != FinancingStatus.REQUESTED),
        )
    )
    return session.exec(wanted.order_by(col(row.request_id), col(row.funder)).limit(limit)).all()


def awarded_requests(
    session: Session, party: int | None, *, after: int = 0, limit: int = 100
) -> Sequence[FinancingRequestRow]:
    """Requests whose awarded price is on its way, from the one after a number on.

    Args:
        session: The database.
        party: Only those whose price this organisation gets, pays, or attests.
        after: Only requests after this one.
        limit: At most so many.
    """
    row = FinancingRequestRow
    wanted = select(row).where(row.status == FinancingStatus.AWARDED, row.request_id > after)
    if party is not None:
        parties = (row.holder, row.funder, row.settlement_bank)
        wanted = wanted.where(or_(*(col(column) == party for column in parties)))
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def requests_to_lapse(session: Session, before: int, *, limit: int) -> Sequence[int]:
    """Requests whose awarded price was to be paid before an instant and is still awaited."""
    row = FinancingRequestRow
    wanted = select(row.request_id).where(
        row.status == FinancingStatus.AWARDED, col(row.pay_by) < before
    )
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def find_funding_attestation(session: Session, request_id: int) -> FundingAttestationRow | None:
    """What a bank attested of a request's price."""
    return session.get(FundingAttestationRow, request_id)


def list_funding_attestations(
    session: Session, *, party: int | None, after: int, limit: int
) -> Sequence[tuple[FundingAttestationRow, ReceivableRow]]:
    """Attested prices by request, each with its receivable.

    Args:
        session: The database.
        party: Only those this organisation received, paid, or attested.
        after: Only of requests after this one.
        limit: At most so many.
    """
    row, receivable = FundingAttestationRow, ReceivableRow
    wanted = (
        select(row, receivable)
        .join(receivable, col(receivable.receivable_id) == row.receivable_id)
        .where(row.request_id > after)
    )
    if party is not None:
        parties = (row.payee, row.funder, row.bank)
        wanted = wanted.where(or_(*(col(column) == party for column in parties)))
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def lines_confirmed(session: Session, request_ids: Iterable[int]) -> dict[int, set[str]]:
    """The lines by which holders said that the price of these requests came in, by request."""
    row, wanted = FundingConfirmationRow, set(request_ids)
    confirmed: dict[int, set[str]] = {}
    for found in session.exec(select(row).where(col(row.request_id).in_(wanted))):
        confirmed.setdefault(found.request_id, set()).add(found.line_hash)
    return confirmed


def releasable_interests(
    session: Session, now_at: int, *, limit: int
) -> Sequence[BorneInterestRow]:
    """What anchors set aside and bear no more: it has expired, or its request has ended.

    Not while an awarded price is on its way, which may take what was set aside with it.
    """
    row, request = BorneInterestRow, FinancingRequestRow
    is_open = col(request.status) == FinancingStatus.REQUESTED
    wanted = (
        select(row)
        .join(request, col(request.request_id) == col(row.request_id))
        .where(
            col(row.ended_sequence).is_(None),
            ~is_open | (col(row.expires_at) < now_at),
            col(request.status) != FinancingStatus.AWARDED,
        )
    )
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def filings_on(session: Session, request_id: int) -> Sequence[FilingRow]:
    """What was filed for a request, by funder."""
    row = FilingRow
    wanted = select(row).where(row.request_id == request_id)
    return session.exec(wanted.order_by(col(row.funder))).all()


def get_financing_request(session: Session, request_id: int) -> FinancingRequest | None:
    """A request as the market has it."""
    row = find_financing_request(session, request_id)
    return None if row is None else row.to_domain()


def find_financing_request(session: Session, request_id: int) -> FinancingRequestRow | None:
    """A request with its holder and its end."""
    return session.get(FinancingRequestRow, request_id)


def financing_requests_by_number(
    session: Session, request_ids: Iterable[int]
) -> Sequence[FinancingRequestRow]:
    """These requests, in order."""
    row, wanted = FinancingRequestRow, set(request_ids)
    found = select(row).where(col(row.request_id).in_(wanted))
    return session.exec(found.order_by(col(row.request_id))).all()


def list_financing_requests(
    session: Session,
    *,
    holder: int | None = None,
    funder: int | None = None,
    party: int | None = None,
    statuses: Iterable[FinancingStatus] = (),
    after: int = 0,
    limit: int = 100,
) -> Sequence[FinancingRequestRow]:
    """Requests by number, from the one after a number on; a party asked or funded."""
    row = FinancingRequestRow
    wanted = select(row).where(row.request_id > after)
    if holder is not None:
        wanted = wanted.where(row.holder == holder)
    if funder is not None:
        wanted = wanted.where(row.funder == funder)
    if party is not None:
        wanted = wanted.where((col(row.holder) == party) | (col(row.funder) == party))
    if found := list(statuses):
        wanted = wanted.where(col(row.status).in_(found))
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def financing_requests_concerning(
    session: Session, organisation: int, *, after: int = 0, limit: int = 100
) -> Sequence[FinancingRequestRow]:
    """Requests on lots that an organisation offers or owes, from the one after a number on."""
    row = FinancingRequestRow
    owed = select(ReceivableRow.receivable_id).where(ReceivableRow.obligor == organisation)
    wanted = select(row).where(
        row.request_id > after,
        (col(row.holder) == organisation) | col(row.receivable_id).in_(owed),
    )
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def open_financing_requests(
    session: Session, block_time: int, *, after: int = 0, limit: int = 100
) -> Sequence[FinancingRequestRow]:
    """Requests whose lot is locked for them and that can still be awarded at this instant.

    A lot that was paid in full leaves its request as it was on chain; such a request is not open.
    """
    row = FinancingRequestRow
    wanted = select(row).join(
        LotRow,
        (col(LotRow.receivable_id) == col(row.receivable_id))
        & (col(LotRow.lot_sequence) == col(row.lot_sequence)),
    )
    wanted = wanted.where(
        row.status == FinancingStatus.REQUESTED,
        row.expires_at >= block_time,
        LotRow.financing_request_id == row.request_id,
        row.request_id > after,
    )
    return session.exec(wanted.order_by(col(row.request_id)).limit(limit)).all()


def open_requests_on_debt_of(
    session: Session, obligor: int, block_time: int, *, limit: int
) -> Sequence[FinancingRequestRow]:
    """Requests on what an organisation owes that can still be awarded, from the newest down."""
    row, receivable = FinancingRequestRow, ReceivableRow
    wanted = (
        select(row)
        .join(receivable, col(receivable.receivable_id) == col(row.receivable_id))
        .where(
            receivable.obligor == obligor,
            row.status == FinancingStatus.REQUESTED,
            row.expires_at >= block_time,
        )
    )
    return session.exec(wanted.order_by(col(row.request_id).desc()).limit(limit)).all()


def financings_of_receivable(session: Session, receivable_id: int) -> Sequence[FinancingRequestRow]:
    """Every request for a lot of a receivable, in order."""
    wanted = select(FinancingRequestRow).where(FinancingRequestRow.receivable_id == receivable_id)
    return session.exec(wanted.order_by(col(FinancingRequestRow.request_id))).all()
