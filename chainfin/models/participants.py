"""The copy of the registry: organisations, keys, limits, venues, programmes, orders that ran."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from sqlalchemy import ColumnElement, Index
from sqlmodel import Session, col, select

from chainfin.domain.participant import (
    Participant,
    ParticipantKey,
    ParticipantKind,
    ParticipantStatus,
)
from chainfin.models.columns import (
    Address,
    Currency,
    Hash,
    IndexTable,
    Int64,
    KeyAddress,
    KeyCurrency,
    KeyInt64,
    KeyUint256,
    KindOfKey,
    KindsOfParticipant,
    OptionalHash,
    OptionalInt64,
    RolesOfKey,
    ShortText,
    StatusOfParticipant,
)

_BLOCKS_A_QUERY = 500


class ParticipantRow(IndexTable, table=True):
    """An organisation of the network. Who it is in the world is a private profile."""

    __tablename__: ClassVar[str] = "participant"
    __table_args__ = (Index("ix_participant_identity", "identity"),)

    organisation: KeyInt64
    kinds: KindsOfParticipant
    status: StatusOfParticipant
    identity: Hash
    admitted_at: Int64
    licence_expires_at: Int64
    parent: Int64
    sequence: Int64

    def to_domain(self) -> Participant:
        """As the registry has it."""
        return Participant(
            organisation=self.organisation,
            kinds=self.kinds,
            status=self.status,
            admitted_at=self.admitted_at,
            licence_expires_at=self.licence_expires_at,
            parent=self.parent,
            sequence=self.sequence,
        )


class ParticipantKeyRow(IndexTable, table=True):
    """A key of an organisation, revoked ones included."""

    __tablename__: ClassVar[str] = "participant_key"
    __table_args__ = (Index("ix_participant_key_organisation", "organisation"),)

    key: KeyAddress
    organisation: Int64
    roles: RolesOfKey
    kind: KindOfKey
    valid_from: Int64
    valid_until: Int64
    person: ShortText
    registered_sequence: Int64
    revoked_sequence: OptionalInt64 = None

    def to_domain(self) -> ParticipantKey:
        """As the registry has it."""
        return ParticipantKey(
            key=self.key,
            organisation=self.organisation,
            roles=self.roles,
            kind=self.kind,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            person=self.person,
        )


class DualControlLimitRow(IndexTable, table=True):
    """How much one maker's key may order a day without a checker, by currency.

    Attributes:
        limit_minor: What counts before `next_from`.
        next_limit_minor: What counts from then on.
    """

    __tablename__: ClassVar[str] = "dual_control_limit"

    organisation: KeyInt64
    currency: KeyCurrency
    limit_minor: Int64
    next_limit_minor: Int64
    next_from: Int64

    def limit_at(self, block_time: int) -> int:
        """What counts at an instant."""
        return self.limit_minor if block_time < self.next_from else self.next_limit_minor


class SettlementBankRow(IndexTable, table=True):
    """The bank an organisation named for a currency: it attests what the organisation is paid.

    Attributes:
        bank: What counts before `next_from`; 0 for none.
        next_bank: What counts from then on.
    """

    __tablename__: ClassVar[str] = "settlement_bank"
    __table_args__ = (Index("ix_settlement_bank_next", "next_bank", "currency"),)

    organisation: KeyInt64
    currency: KeyCurrency
    bank: Int64
    next_bank: Int64
    next_from: Int64

    def bank_at(self, block_time: int) -> int:
        """What counts at an instant."""
        return self.bank if block_time < self.next_from else self.next_bank


class VenueRow(IndexTable, table=True):
    """A contract that may ask whether orders are signed."""

    __tablename__: ClassVar[str] = "venue"

    address: KeyAddress
    is_paused: bool


class ProgrammeRow(IndexTable, table=True):
    """One version of the rules an anchor runs under.

    Attributes:
        tenor_reason_hash: Why it runs longer than is usual; None where it gave no reason.
        is_legacy: Whether its receivables were carried over from before the rules (R-11).
        minimum_tenor_days: How long a lot must still run when it is financed.
        is_filing_required: Whether a funder files with the registry before it buys (R-07).
        replaces: The version before it; 0 for the first.
        replaced_by: The version after it, which closed it for new issue.
    """

    __tablename__: ClassVar[str] = "programme"
    __table_args__ = (Index("ix_programme_anchor", "anchor", "programme_id"),)

    programme_id: KeyInt64
    anchor: Int64
    currency: Currency
    technique: Int64
    with_recourse: bool
    acceptance_required: bool
    maximum_tier: Int64
    maximum_lots: Int64
    minimum_lot_face_value_minor: Int64
    maximum_tenor_days: Int64
    tenor_reason_hash: OptionalHash
    is_legacy: bool
    minimum_tenor_days: Int64
    is_filing_required: bool
    late_interest_bps: Int64
    replaces: Int64
    deposit: Address
    transfer_rules: Address
    terms_hash: Hash
    opened_at: Int64
    replaced_by: OptionalInt64 = None

    @property
    def is_open(self) -> bool:
        """Whether receivables can still be issued under it."""
        return self.replaced_by is None


class ExecutedOrderRow(IndexTable, table=True):
    """A maker's nonce that is used up: by an order that ran, or by a cancellation.

    The nonce of a maker's key is used once for ever, so it is the key here. The hash is not: of a
    cancelled order the chain knows only what the canceller says, and nothing keeps one digest from
    running under two makers' nonces.
    """

    __tablename__: ClassVar[str] = "executed_order"
    __table_args__ = (Index("ix_executed_order_place", "block_number", "log_index"),)

    maker_key: KeyAddress
    nonce: KeyUint256
    order_hash: Hash
    organisation: Int64
    checker_key: Address
    is_cancelled: bool
    transaction_hash: Hash
    block_number: Int64
    log_index: Int64


# --- queries ---------------------------------------------------------------------------------


def get_participant(session: Session, organisation: int) -> Participant | None:
    """An organisation by number."""
    row = session.get(ParticipantRow, organisation)
    return None if row is None else row.to_domain()


def get_standing(session: Session, organisation: int) -> Participant | None:
    """An organisation with the status that counts: blocked, if one that controls it is (R-29)."""
    found = get_participant(session, organisation)
    above = found
    while found is not None and above is not None and above.parent:
        above = get_participant(session, above.parent)
        if above is not None and above.status is ParticipantStatus.BLOCKED:
            return replace(found, status=ParticipantStatus.BLOCKED)
    return found


def is_admitted_as(session: Session, organisation: int, kind: ParticipantKind) -> bool:
    """Whether an organisation is admitted, and of this kind; neither suspended nor blocked."""
    found = get_standing(session, organisation) if organisation else None
    return found is not None and kind in found.kinds and found.status is ParticipantStatus.ADMITTED


def reads_everything(session: Session, organisation: int) -> bool:
    """Whether it is the operator of this service (0) or an admitted auditor."""
    return organisation == 0 or is_admitted_as(session, organisation, ParticipantKind.AUDITOR)


def list_participants(
    session: Session, *, after: int = 0, limit: int = 100
) -> Sequence[ParticipantRow]:
    """Organisations by number, from the one after a number on."""
    wanted = select(ParticipantRow).where(ParticipantRow.organisation > after)
    return session.exec(wanted.order_by(col(ParticipantRow.organisation)).limit(limit)).all()


def get_key(session: Session, key: str) -> ParticipantKey | None:
    """A key by address."""
    row = session.get(ParticipantKeyRow, key)
    return None if row is None else row.to_domain()


def keys_of(session: Session, organisation: int) -> list[ParticipantKey]:
    """Every key an organisation ever had, in the order of registration."""
    wanted = select(ParticipantKeyRow).where(ParticipantKeyRow.organisation == organisation)
    rows = session.exec(wanted.order_by(col(ParticipantKeyRow.registered_sequence)))
    return [row.to_domain() for row in rows]


def settlement_banks_of(
    session: Session, organisation: int, *, after: str = "", limit: int = 100
) -> Sequence[SettlementBankRow]:
    """The banks an organisation named, by currency, from the one after a currency on."""
    row = SettlementBankRow
    wanted = select(row).where(row.organisation == organisation, row.currency > after)
    return session.exec(wanted.order_by(col(row.currency)).limit(limit)).all()


def settlement_bank_at(session: Session, organisation: int, currency: str, block_time: int) -> int:
    """The bank an organisation named for a currency, as it counts at an instant; 0 for none."""
    row = session.get(SettlementBankRow, (organisation, currency))
    return 0 if row is None else row.bank_at(block_time)


def settlement_banks_at(
    session: Session, organisations: Iterable[int], block_time: int
) -> dict[tuple[int, str], int]:
    """The bank each of these organisations named for each currency, as they count at an instant."""
    row, wanted = SettlementBankRow, set(organisations)
    found = session.exec(select(row).where(col(row.organisation).in_(wanted)))
    return {(entry.organisation, entry.currency): entry.bank_at(block_time) for entry in found}


def dual_control_limits_of(session: Session, organisation: int) -> Sequence[DualControlLimitRow]:
    """An organisation's limits; a currency without one has 0."""
    row = DualControlLimitRow
    wanted = select(row).where(row.organisation == organisation).order_by(row.currency)
    return session.exec(wanted).all()


def dual_control_limit_at(
    session: Session, organisation: int, currency: str, block_time: int
) -> int:
    """What one maker's key may order a day without a checker at an instant, in minor units."""
    row = session.get(DualControlLimitRow, (organisation, currency))
    return 0 if row is None else row.limit_at(block_time)


def get_programme(session: Session, programme_id: int) -> ProgrammeRow | None:
    """A version of a programme by number."""
    return session.get(ProgrammeRow, programme_id)


def list_programmes(
    session: Session, *, anchor: int | None = None, after: int = 0, limit: int = 100
) -> Sequence[ProgrammeRow]:
    """Programmes by number, all or one anchor's."""
    wanted = select(ProgrammeRow).where(ProgrammeRow.programme_id > after)
    if anchor is not None:
        wanted = wanted.where(ProgrammeRow.anchor == anchor)
    return session.exec(wanted.order_by(col(ProgrammeRow.programme_id)).limit(limit)).all()


def highest_nonce_used(session: Session, maker_key: str) -> int:
    """The highest nonce a maker's key has used up; -1 for none."""
    wanted = select(ExecutedOrderRow.nonce).where(ExecutedOrderRow.maker_key == maker_key)
    highest = session.exec(wanted.order_by(col(ExecutedOrderRow.nonce).desc()).limit(1)).first()
    return -1 if highest is None else highest


def parents_of(session: Session) -> dict[int, int]:
    """The parent of each organisation that has one."""
    row = ParticipantRow
    wanted = select(row.organisation, row.parent).where(row.parent != 0)
    return dict(session.exec(wanted).all())


def orders_by_transaction(
    session: Session, from_block: int, to_block: int
) -> dict[tuple[int, str], list[ExecutedOrderRow]]:
    """The orders that ran in a closed range of blocks, by (block, transaction), each in order."""
    return _by_transaction(
        session, col(ExecutedOrderRow.block_number).between(from_block, to_block)
    )


def orders_of_blocks(
    session: Session, numbers: Iterable[int]
) -> dict[tuple[int, str], list[ExecutedOrderRow]]:
    """The orders that ran in these blocks, likewise."""
    wanted = sorted(set(numbers))
    found: dict[tuple[int, str], list[ExecutedOrderRow]] = {}
    for start in range(0, len(wanted), _BLOCKS_A_QUERY):
        some = wanted[start : start + _BLOCKS_A_QUERY]
        found |= _by_transaction(session, col(ExecutedOrderRow.block_number).in_(some))
    return found


def _by_transaction(
    session: Session, condition: ColumnElement[bool]
) -> dict[tuple[int, str], list[ExecutedOrderRow]]:
    row = ExecutedOrderRow
    wanted = select(row).where(condition).order_by(col(row.block_number), col(row.log_index))
    found: dict[tuple[int, str], list[ExecutedOrderRow]] = {}
    for order in session.exec(wanted):
        found.setdefault((order.block_number, order.transaction_hash), []).append(order)
    return found
