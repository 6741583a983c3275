"""A receivable, its lots, and the hops by which a lot changes hands.

A *receivable* is an anchor's undertaking to pay a sum at maturity. A *lot* is a part of it in one
holder's hands: at first there is one, the root, with the whole face. Splitting takes a part off a
lot and makes a child of it; nothing is ever merged, so every lot leads back to the root, and

    face of the receivable = what live lots are still owed + what all lots were paid.

Status, encumbrance and financing are separate matters and separate fields. That a receivable is
due, overdue or in default follows from the clock and is computed, never stored. Chain and tables
give the same `Receivable` and `Lot`, so that comparing them is `==`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol, Self

ROOT_SEQUENCE = 1
"""The first lot of a receivable. Every other lot descends from it."""

SECONDS_A_DAY = 86_400

_SEQUENCE_BITS = 32
_LOT_ID = re.compile(r"([1-9][0-9]{0,19})-([1-9][0-9]{0,9})")
_LARGEST_RECEIVABLE_ID = 2**63 - 1
_LARGEST_SEQUENCE = 2**_SEQUENCE_BITS - 1


# --- statuses --------------------------------------------------------------------------------


class ReceivableStatus(IntEnum):
    """What the ledger stores, in the contract's order."""

    NONE = 0
    """There is no such receivable."""
    OFFERED = 1
    """The anchor has signed its undertaking; the supplier has not answered."""
    VOID = 2
    """Refused, lapsed or withdrawn before acceptance."""
    ACTIVE = 3
    """Accepted: its lots may move."""
    CANCELLED = 4
    """Cancelled by both while untouched."""
    SETTLED = 5
    """Paid in full."""
    WRITTEN_OFF = 6
    """Given up by its holders."""


class ReceivableState(StrEnum):
    """The status as a reader sees it at an instant; three of them only the clock makes."""

    NONE = "none"
    """There is no such receivable."""
    OFFERED = "offered"
    """Waits for the supplier's answer."""
    VOID = "void"
    """Refused, lapsed or withdrawn before acceptance."""
    ACTIVE = "active"
    """Accepted and not yet due."""
    DUE = "due"
    """The day of payment has begun."""
    OVERDUE = "overdue"
    """Not paid in full when the day of payment ended; late interest runs."""
    DEFAULTED = "defaulted"
    """Not paid in full when the grace period ended."""
    CANCELLED = "cancelled"
    """Cancelled by both while untouched."""
    SETTLED = "settled"
    """Paid in full."""
    WRITTEN_OFF = "written_off"
    """Given up by its holders."""


class Encumbrance(IntEnum):
    """What holds a lot, in the contract's order; at most one thing does."""

    NONE = 0
    """Free to move."""
    LOCKED_TRANSFER = 1
    """Offered to a receiver that has not answered."""
    LOCKED_FINANCING = 2
    """Under an open financing request."""
    PLEDGED = 3
    """Security for a debt of its holder."""
    POOLED = 4
    """Part of a pool."""
    WRITTEN_OFF = 5
    """Given up by its holder after default; still owed, and free again once it is paid."""


class Arrears(IntEnum):
    """What was noted of an anchor that has not paid, in the contract's order."""

    NONE = 0
    """Nothing."""
    OVERDUE = 1
    """Unpaid when the day of payment ended."""
    DEFAULTED = 2
    """Unpaid when the grace ended: every earlier party has notice of the dishonour."""


class TransferStatus(StrEnum):
    """The fate of a transfer."""

    PROPOSED = "proposed"
    """Offered; the receiver has not answered."""
    ACCEPTED = "accepted"
    """The receiver signed: the lot is theirs."""
    REJECTED = "rejected"
    """The receiver declined."""
    REVOKED = "revoked"
    """The sender took it back."""
    LAPSED = "lapsed"
    """Nobody answered in time."""
    DIRECT = "direct"
    """The programme asks no acceptance: the lot was theirs at once."""
    EXTINGUISHED = "extinguished"
    """The lot was paid in full before the receiver answered."""


# --- numbers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class LotId:
    """The number of a lot: its receivable's number and its own within it, written `17-3`."""

    receivable_id: int
    lot_sequence: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `17-3`.

        Raises:
            ValueError: It is no lot number: signs, spaces, zeros before it, or out of range.
        """
        match = _LOT_ID.fullmatch(text)
        if match is None:
            raise ValueError(f"{text[:40]!r} is no lot number such as 17-3")
        lot_id = cls(int(match[1]), int(match[2]))
        if lot_id.receivable_id > _LARGEST_RECEIVABLE_ID or lot_id.lot_sequence > _LARGEST_SEQUENCE:
            raise ValueError(f"{text[:40]!r} is larger than any lot number")
        return lot_id

    @classmethod
    def from_token(cls, token_id: int) -> Self:
        """From the single number that contracts and signed orders use."""
        return cls(token_id >> _SEQUENCE_BITS, token_id & _LARGEST_SEQUENCE)

    @property
    def token_id(self) -> int:
        """The single number that contracts and signed orders use."""
        return self.receivable_id << _SEQUENCE_BITS | self.lot_sequence

    def __str__(self) -> str:
        """As people write it: `17-3`."""
        return f"{self.receivable_id}-{self.lot_sequence}"


# --- values ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceivableTerms:
    """What never changes after issue.

    Attributes:
        obligor: The anchor, who owes.
        supplier: To whom it was issued.
        programme_id: The version of the programme whose rules it keeps for life.
        maturity_at: When it falls due.
        grace_ends_at: From when non-payment is default.
        face_value_minor: The sum owed.
    """

    obligor: int
    supplier: int
    programme_id: int
    maturity_at: int
    grace_ends_at: int
    face_value_minor: int


@dataclass(frozen=True, slots=True)
class Receivable:
    """A receivable as the ledger has it.

    Attributes:
        receivable_id: Its number, from 1.
        terms: What never changes.
        status: What the ledger stores; `state_at` adds the clock.
        paid_minor: What the anchor has paid.
        cleared_minor: What of it has reached the holders.
        lot_count: How many lots it has; they are numbered from 1.
        sequence: Running number of its events.
        document_tag: First 7 bytes of the fingerprint of the trade document it stands on.
        arrears: What was noted of its anchor's not paying; the clock itself says more.
    """

    receivable_id: int
    terms: ReceivableTerms
    status: ReceivableStatus
    paid_minor: int
    cleared_minor: int
    lot_count: int
    sequence: int
    document_tag: str
    arrears: Arrears = Arrears.NONE

    @property
    def maturity_at(self) -> int:
        """When it falls due."""
        return self.terms.maturity_at

    @property
    def grace_ends_at(self) -> int:
        """From when non-payment is default."""
        return self.terms.grace_ends_at

    @property
    def outstanding_minor(self) -> int:
        """What the anchor has still to pay."""
        return self.terms.face_value_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot as the ledger has it.

    Attributes:
        receivable_id: The receivable it is a part of.
        lot_sequence: Its number within it.
        holder: Who owns it.
        face_value_minor: Its face; a split makes it smaller.
        paid_minor: What its holders were paid on it.
        parent_sequence: The lot it was taken from; 0 for the root.
        tier: How many hands down the supply chain, from 1.
        transfer_count: How often it, or what it was taken from, changed hands.
        encumbrance: What holds it.
        is_settled: Paid in full, or void with its receivable; it never changes again.
        is_indivisible: Whether it stays whole: its holder has recourse to its seller, or a seller a
            claim to what is collected.
    """

    receivable_id: int
    lot_sequence: int
    holder: int
    face_value_minor: int
    paid_minor: int
    parent_sequence: int
    tier: int
    transfer_count: int
    encumbrance: Encumbrance
    is_settled: bool
    is_indivisible: bool = False

    @property
    def lot_id(self) -> LotId:
        """Its number; `str` of it is `17-3`."""
        return LotId(self.receivable_id, self.lot_sequence)

    @property
    def outstanding_minor(self) -> int:
        """What its holder is still owed; nothing once it is settled or void."""
        return 0 if self.is_settled else self.face_value_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class TransferHop:
    """One passing of a lot from holder to holder, done or offered.

    Attributes:
        receivable_id: The lot's receivable.
        lot_sequence: The lot.
        proposed_sequence: The receivable's event that began it; with the lot, its number.
        sender: Who passed it on, or offers to.
        receiver: To whom.
        status: Its fate.
        offer_hash: Hash of the sender's order; None where no offer went before.
        expires_at: Last instant for the answer; None likewise.
        remark_hash: Hash of the sender's remark; None where there is none.
        proposed_at: When it began.
        answered_sequence: The event that ended it; None while it is open.
        answered_at: When it ended; None while it is open.
    """

    receivable_id: int
    lot_sequence: int
    proposed_sequence: int
    sender: int
    receiver: int
    status: TransferStatus
    offer_hash: str | None
    expires_at: int | None
    remark_hash: str | None
    proposed_at: int
    answered_sequence: int | None
    answered_at: int | None

    @property
    def is_open(self) -> bool:
        """Whether the receiver has still to answer."""
        return self.status is TransferStatus.PROPOSED

    @property
    def lot_id(self) -> LotId:
        """The lot that passes."""
        return LotId(self.receivable_id, self.lot_sequence)


# --- what follows ----------------------------------------------------------------------------


UNPAID_STATES = (
    ReceivableState.OVERDUE,
    ReceivableState.DEFAULTED,
    ReceivableState.WRITTEN_OFF,
)
"""What a holder writes off in its books is still owed."""


class Dated(Protocol):
    """What state follows from: a receivable's status and its two instants, UTC seconds."""

    @property
    def status(self) -> ReceivableStatus:
        """As the ledger keeps it."""

    @property
    def maturity_at(self) -> int:
        """When it falls due."""

    @property
    def grace_ends_at(self) -> int:
        """From when non-payment is default."""


def state_at(
    receivable: Dated, block_time: int, *, due_seconds: int = SECONDS_A_DAY
) -> ReceivableState:
    """What a receivable is at an instant: the stored status, or what the clock made of it.

    ```
            maturity_at    + due_seconds     grace_ends_at
    ACTIVE      |      DUE       |    OVERDUE     |    DEFAULTED
    ```

    Without grace the last line comes first: nothing is overdue that is already in default.

    Args:
        receivable: Of which only status and instants count.
        block_time: The head block's time, which is business time.
        due_seconds: How long the day of payment lasts.
    """
    is_active = receivable.status is ReceivableStatus.ACTIVE
    if not is_active or block_time < receivable.maturity_at:
        return ReceivableState[receivable.status.name]
    if block_time > receivable.grace_ends_at:
        return ReceivableState.DEFAULTED
    if block_time >= receivable.maturity_at + due_seconds:
        return ReceivableState.OVERDUE
    return ReceivableState.DUE


@dataclass(frozen=True, slots=True)
class SplitLot:
    """A lot of a split receivable, with its programme's limits.

    Attributes:
        receivable_id: The receivable.
        lot_sequence: Its number there.
        parent_sequence: The lot it was taken from; 0 for the root.
        holder: Who holds it.
        original_face_value_minor: Its face when it was made.
        tier: Of the supply chain.
        maximum_lots: The programme's.
        maximum_tier: The programme's.
    """

    receivable_id: int
    lot_sequence: int
    parent_sequence: int
    holder: int
    original_face_value_minor: int
    tier: int
    maximum_lots: int
    maximum_tier: int


def conserves_value(receivable: Receivable, lots: Iterable[Lot]) -> bool:
    """The law of conservation over all lots of one receivable.

    What live lots are owed and what all were paid is the face; what all were paid is what was
    cleared. A void or cancelled receivable has no live lot and nothing paid.
    """
    known = list(lots)
    owed = sum(lot.outstanding_minor for lot in known)
    paid = sum(lot.paid_minor for lot in known)
    if paid != receivable.cleared_minor or paid > receivable.paid_minor:
        return False
    if receivable.status in {ReceivableStatus.VOID, ReceivableStatus.CANCELLED}:
        return owed == paid == 0
    return owed + paid == receivable.terms.face_value_minor
