"""The copy of the ledger: receivables and lots, and what became of the rows of a batch."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, Index, String, func, or_, text, tuple_
from sqlmodel import Field, Session, col, select

from chainfin.domain.holdbacks import Holdback, owed
from chainfin.domain.money import entitlement_floor
from chainfin.domain.receivable import (
    ROOT_SEQUENCE,
    Arrears,
    Lot,
    LotId,
    Receivable,
    ReceivableStatus,
    ReceivableTerms,
)
from chainfin.models.columns import (
    ArrearsOfReceivable,
    Currency,
    EncumbranceOfLot,
    Hash,
    IndexTable,
    Int64,
    KeyHash,
    KeyInt64,
    OptionalHash,
    OptionalInt64,
    StatusOfReceivable,
)

_DOCUMENT_TAG_LENGTH = len("0x") + 14
_SELECTOR_LENGTH = 10
_RECEIVABLES_A_QUERY = 200


class ReceivableRow(IndexTable, table=True):
    """A receivable, with the document it stands on and where it was issued.

    Attributes:
        late_interest_paid_minor: What the anchor has paid beside the face.
        late_interest_cleared_minor: What of it has reached the holders.
        attested_face_minor: Faces of its lots that were paid outside the chain: they share no more
            in what is set aside.
        attested_interest_minor: What of the late interest those had had before.
        reason_hash: Hash of the reason, where it was refused, withdrawn or cancelled.
        cancellation_proposed_by: Who would cancel it, in full or in part, while the other party
            may agree; the three beside it say how much, until when and why.
    """

    __tablename__: ClassVar[str] = "receivable"
    __table_args__ = (
        Index("ix_receivable_obligor", "obligor", "receivable_id"),
        Index("ix_receivable_supplier", "supplier", "receivable_id"),
        Index("ix_receivable_maturity", "maturity_at", "receivable_id"),
        Index("ix_receivable_document", "document_fingerprint"),
    )

    receivable_id: KeyInt64
    obligor: Int64
    supplier: Int64
    programme_id: Int64
    currency: Currency
    face_value_minor: Int64
    maturity_at: Int64
    grace_ends_at: Int64
    status: StatusOfReceivable
    paid_minor: Int64
    cleared_minor: Int64
    lot_count: Int64
    sequence: Int64
    document_type: Int64
    document_amount_minor: Int64
    document_sequence: Int64
    document_fingerprint: Hash
    document_commitment: Hash
    issued_at: Int64
    issued_block_number: Int64
    issued_transaction_hash: Hash
    arrears: ArrearsOfReceivable = Arrears.NONE
    late_interest_paid_minor: Int64 = 0
    late_interest_cleared_minor: Int64 = 0
    attested_face_minor: Int64 = 0
    attested_interest_minor: Int64 = 0
    reason_hash: OptionalHash = None
    cancellation_proposed_by: OptionalInt64 = None
    cancellation_amount_minor: OptionalInt64 = None
    cancellation_expires_at: OptionalInt64 = None
    cancellation_reason_hash: OptionalHash = None

    def to_domain(self) -> Receivable:
        """As the ledger has it."""
        return Receivable(
            receivable_id=self.receivable_id,
            terms=ReceivableTerms(
                obligor=self.obligor,
                supplier=self.supplier,
                programme_id=self.programme_id,
                maturity_at=self.maturity_at,
                grace_ends_at=self.grace_ends_at,
                face_value_minor=self.face_value_minor,
            ),
            status=self.status,
            paid_minor=self.paid_minor,
            cleared_minor=self.cleared_minor,
            lot_count=self.lot_count,
            sequence=self.sequence,
            document_tag=self.document_fingerprint[:_DOCUMENT_TAG_LENGTH],
            arrears=self.arrears,
        )


class LotRow(IndexTable, table=True):
    """A lot, with what only its history tells.

    Attributes:
        depth: How many lots lie between it and the root; 0 for the root.
        original_face_value_minor: Its face when it was made.
        created_sequence: The receivable's event that made it.
        pending_transfer_sequence: The event that offered it, while the offer is open.
        financing_request_id: The request it is locked for, while that is open.
        recourse_request_id: The request under which it was last sold with recourse, unless it was
            repurchased since.
        holdback_seller: Who gets the last of what is paid on its face, of those who sold it.
        holdback_minor: How much that is.
        sold_request_id: The request under which it was last sold.
        late_interest_minor: Late interest its holders were paid.
        is_attested: Whether it was paid outside the chain, on a bank's attestation.
    """

    __tablename__: ClassVar[str] = "lot"
    __table_args__ = (
        Index("ix_lot_holder", "holder", "receivable_id", "lot_sequence"),
        Index("ix_lot_parent", "receivable_id", "parent_sequence"),
        Index(
            "ix_lot_holdback",
            "holdback_seller",
            "receivable_id",
            "lot_sequence",
            sqlite_where=text("holdback_seller IS NOT NULL"),
            postgresql_where=text("holdback_seller IS NOT NULL"),
        ),
    )

    receivable_id: KeyInt64
    lot_sequence: KeyInt64
    parent_sequence: Int64
    depth: Int64
    holder: Int64
    original_face_value_minor: Int64
    face_value_minor: Int64
    paid_minor: Int64
    tier: Int64
    transfer_count: Int64
    encumbrance: EncumbranceOfLot
    is_settled: bool
    created_sequence: Int64
    late_interest_minor: Int64 = 0
    is_attested: bool = False
    holdback_minor: Int64 = 0
    pending_transfer_sequence: OptionalInt64 = None
    financing_request_id: OptionalInt64 = None
    recourse_request_id: OptionalInt64 = None
    holdback_seller: OptionalInt64 = None
    sold_request_id: OptionalInt64 = None

    @property
    def lot_id(self) -> LotId:
        """Its number."""
        return LotId(self.receivable_id, self.lot_sequence)

    @property
    def holdback(self) -> Holdback | None:
        """What of its payment is an earlier seller's."""
        seller = self.holdback_seller
        return None if seller is None else Holdback(seller, self.holdback_minor)

    @property
    def owed_minor(self) -> tuple[int, int]:
        """What is outstanding on it for its holder, and for the seller something is held back."""
        outstanding = 0 if self.is_settled else self.face_value_minor - self.paid_minor
        return owed(self.holdback, holder=self.holder, outstanding_minor=outstanding)

    def to_domain(self) -> Lot:
        """As the ledger has it."""
        return Lot(
            receivable_id=self.receivable_id,
            lot_sequence=self.lot_sequence,
            holder=self.holder,
            face_value_minor=self.face_value_minor,
            paid_minor=self.paid_minor,
            parent_sequence=self.parent_sequence,
            tier=self.tier,
            transfer_count=self.transfer_count,
            encumbrance=self.encumbrance,
            is_settled=self.is_settled,
            is_indivisible=(
                self.recourse_request_id is not None or self.holdback_seller is not None
            ),
        )


class BatchRowResultRow(IndexTable, table=True):
    """What became of one row of a batch: the receivable it was issued as, or the rule it broke.

    Attributes:
        refusal: Selector of the rule's error.
    """

    __tablename__: ClassVar[str] = "batch_row_result"
    __table_args__ = (Index("ix_batch_row_result_block", "block_number"),)

    order_hash: KeyHash
    row: KeyInt64
    receivable_id: OptionalInt64
    refusal: Annotated[str | None, Field(sa_type=String(_SELECTOR_LENGTH))]
    block_number: Int64


# --- receivables -----------------------------------------------------------------------------


def get_receivable(session: Session, receivable_id: int) -> Receivable | None:
    """A receivable as the ledger has it."""
    row = find_receivable(session, receivable_id)
    return None if row is None else row.to_domain()


def find_receivable(session: Session, receivable_id: int) -> ReceivableRow | None:
    """A receivable with its document and its issue."""
    return session.get(ReceivableRow, receivable_id)


def list_receivables(
    session: Session,
    *,
    obligor: int | None = None,
    supplier: int | None = None,
    party: int | None = None,
    participant: int | None = None,
    statuses: Iterable[ReceivableStatus] = (),
    maturity_from: int | None = None,
    maturity_to: int | None = None,
    after: int = 0,
    limit: int = 100,
) -> Sequence[ReceivableRow]:
    """Receivables by number.

    Args:
        session: The database.
        obligor: Only of this anchor.
        supplier: Only issued to this supplier.
        party: Only those this organisation owes, was issued, or holds a lot of.
        participant: Only those this organisation also owes, was issued, or holds a lot of.
        statuses: Only in one of these, if there are any.
        maturity_from: Only due at this instant or later.
        maturity_to: Only due before this instant.
        after: Only with a higher number.
        limit: At most so many.
    """
    row = ReceivableRow
    wanted = select(row).where(row.receivable_id > after)
    if obligor is not None:
        wanted = wanted.where(row.obligor == obligor)
    if supplier is not None:
        wanted = wanted.where(row.supplier == supplier)
    if party is not None:
        wanted = wanted.where(has_party(party))
    if participant is not None:
        wanted = wanted.where(has_party(participant))
    if found := list(statuses):
        wanted = wanted.where(col(row.status).in_(found))
    if maturity_from is not None:
        wanted = wanted.where(row.maturity_at >= maturity_from)
    if maturity_to is not None:
        wanted = wanted.where(row.maturity_at < maturity_to)
    return session.exec(wanted.order_by(col(row.receivable_id)).limit(limit)).all()


def receivables_by_number(
    session: Session, receivable_ids: Sequence[int]
) -> dict[int, ReceivableRow]:
    """Receivables by number, those that exist."""
    wanted = select(ReceivableRow).where(col(ReceivableRow.receivable_id).in_(receivable_ids))
    return {row.receivable_id: row for row in session.exec(wanted)}


def receivable_ids_on_documents(session: Session, fingerprints: Sequence[str]) -> list[int]:
    """The numbers of every receivable that ever used one of these documents."""
    wanted = select(ReceivableRow.receivable_id).where(
        col(ReceivableRow.document_fingerprint).in_(fingerprints)
    )
    return list(session.exec(wanted))


def newest_receivables(
    session: Session,
    *,
    party: int | None = None,
    before: int | None = None,
    is_divided: bool = False,
    limit: int = 100,
) -> Sequence[ReceivableRow]:
    """Receivables from the newest down.

    Args:
        session: The database.
        party: Only those this organisation owes, was issued, or holds a lot of.
        before: Only with a lower number.
        is_divided: Only those of several lots.
        limit: At most so many.
    """
    row = ReceivableRow
    wanted = select(row)
    if party is not None:
        wanted = wanted.where(has_party(party))
    if before is not None:
        wanted = wanted.where(row.receivable_id < before)
    if is_divided:
        wanted = wanted.where(row.lot_count > ROOT_SEQUENCE)
    return session.exec(wanted.order_by(col(row.receivable_id).desc()).limit(limit)).all()


class DatedCount(NamedTuple):
    """How many receivables have one status, maturity and end of grace."""

    status: ReceivableStatus
    maturity_at: int
    grace_ends_at: int
    receivables: int


def count_by_status_and_dates(
    session: Session, *, party: int | None = None
) -> Sequence[DatedCount]:
    """The counts of all receivables, or of those with a party."""
    row = ReceivableRow
    group = (col(row.status), col(row.maturity_at), col(row.grace_ends_at))
    wanted = select(*group, func.count())
    if party is not None:
        wanted = wanted.where(has_party(party))
    return [DatedCount(*found) for found in session.exec(wanted.group_by(*group))]


def is_party(session: Session, receivable_id: int, organisation: int) -> bool:
    """Whether an organisation owes a receivable, was issued it, or holds a lot of it."""
    found = list_receivables(session, party=organisation, after=receivable_id - 1, limit=1)
    return bool(found) and found[0].receivable_id == receivable_id


def has_party(organisation: int) -> ColumnElement[bool]:
    """Whether it owes a receivable, was issued it, or holds a lot of it."""
    row = ReceivableRow
    held = select(LotRow.receivable_id).where(LotRow.holder == organisation)
    return or_(
        col(row.obligor) == organisation,
        col(row.supplier) == organisation,
        col(row.receivable_id).in_(held),
    )


# --- lots ------------------------------------------------------------------------------------


def get_lot(session: Session, lot_id: LotId) -> Lot | None:
    """A lot as the ledger has it."""
    row = find_lot(session, lot_id)
    return None if row is None else row.to_domain()


def find_lot(session: Session, lot_id: LotId) -> LotRow | None:
    """A lot with what only its history tells."""
    return session.get(LotRow, (lot_id.receivable_id, lot_id.lot_sequence))


def lots_by_id(session: Session, lot_ids: Iterable[LotId]) -> dict[LotId, LotRow]:
    """Lots by their numbers, those that exist."""
    place = tuple_(col(LotRow.receivable_id), col(LotRow.lot_sequence))
    wanted = {(lot_id.receivable_id, lot_id.lot_sequence) for lot_id in lot_ids}
    return {row.lot_id: row for row in session.exec(select(LotRow).where(place.in_(wanted)))}


def list_lots(
    session: Session,
    *,
    holder: int | None = None,
    is_settled: bool | None = None,
    after: LotId | None = None,
    limit: int = 100,
) -> Sequence[LotRow]:
    """Lots by number, from the one after a number on."""
    wanted = select(LotRow)
    if holder is not None:
        wanted = wanted.where(LotRow.holder == holder)
    if is_settled is not None:
        wanted = wanted.where(col(LotRow.is_settled).is_(is_settled))
    place = tuple_(col(LotRow.receivable_id), col(LotRow.lot_sequence))
    if after is not None:
        wanted = wanted.where(place > (after.receivable_id, after.lot_sequence))
    ordered = wanted.order_by(col(LotRow.receivable_id), col(LotRow.lot_sequence))
    return session.exec(ordered.limit(limit)).all()


def lots_of(session: Session, receivable_id: int) -> Sequence[LotRow]:
    """Every lot of a receivable by number: its whole lineage, since parents come first."""
    wanted = select(LotRow).where(LotRow.receivable_id == receivable_id)
    return session.exec(wanted.order_by(col(LotRow.lot_sequence))).all()


def lots_of_receivables(session: Session, receivable_ids: Sequence[int]) -> dict[int, list[LotRow]]:
    """Every lot of several receivables, by receivable and number."""
    found: dict[int, list[LotRow]] = {receivable_id: [] for receivable_id in receivable_ids}
    wanted = select(LotRow).where(col(LotRow.receivable_id).in_(receivable_ids))
    for row in session.exec(wanted.order_by(col(LotRow.receivable_id), col(LotRow.lot_sequence))):
        found[row.receivable_id].append(row)
    return found


def ancestors_of(session: Session, lot_id: LotId) -> list[LotRow]:
    """A lot and what it was taken from, up to the root: the lot first, the root last.

    Parents have lower numbers, so the lots of the receivable up to this one hold them all.
    """
    wanted = select(LotRow).where(
        LotRow.receivable_id == lot_id.receivable_id, LotRow.lot_sequence <= lot_id.lot_sequence
    )
    by_sequence = {row.lot_sequence: row for row in session.exec(wanted)}
    line = []
    current = by_sequence.get(lot_id.lot_sequence)
    while current is not None:
        line.append(current)
        current = by_sequence.get(current.parent_sequence)
    return line


# --- batches ---------------------------------------------------------------------------------


def count_batch_results(session: Session, order_hash: str) -> tuple[int, int]:
    """How many rows of a batch were issued, and how many refused."""
    wanted = select(
        func.count(col(BatchRowResultRow.receivable_id)), func.count(col(BatchRowResultRow.refusal))
    ).where(BatchRowResultRow.order_hash == order_hash)
    issued, refused = session.exec(wanted).one()
    return issued, refused


def lots_due(session: Session) -> Iterator[tuple[ReceivableRow, list[LotRow]]]:
    """Lots that are due something of what was set aside for their receivable, by receivable.

    What floors leave waits as well and is nobody's yet, so that more receivables are looked at
    than are found.
    """
    row, number = ReceivableRow, col(ReceivableRow.receivable_id)
    waiting = select(row).where(
        or_(
            col(row.paid_minor) > col(row.cleared_minor),
            col(row.late_interest_paid_minor) > col(row.late_interest_cleared_minor),
        )
    )
    after = 0
    while rows := session.exec(
        waiting.where(number > after).order_by(number).limit(_RECEIVABLES_A_QUERY)
    ).all():
        lots = lots_of_receivables(session, [entry.receivable_id for entry in rows])
        for entry in rows:
            due = [lot for lot in lots[entry.receivable_id] if _is_due(lot, entry)]
            if due:
                yield entry, due
        after = rows[-1].receivable_id


def _is_due(lot: LotRow, row: ReceivableRow) -> bool:
    whole = row.face_value_minor - row.attested_face_minor
    if lot.is_attested or not whole:
        return False
    face, paid = lot.face_value_minor, row.paid_minor - row.attested_face_minor
    principal = 0 if lot.is_settled else entitlement_floor(face, paid, whole) - lot.paid_minor
    shared = row.late_interest_paid_minor - row.attested_interest_minor
    interest = entitlement_floor(face, shared, whole) - lot.late_interest_minor
    return principal > 0 or interest > 0
