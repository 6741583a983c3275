"""A holder's request for financing, and how it ends.

The holder of a lot asks for money for all or part of it. Funders quote off chain, sealed. The
award of one quote passes title to the funder and the price to the holder in one call; where the
price comes by bank transfer, title waits until the holder's bank has attested it.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from chainfin.domain.pricing import BPS_PER_ONE
from chainfin.domain.receivable import SECONDS_A_DAY, LotId

FUNDING_LONG_STOP_SECONDS = 7 * SECONDS_A_DAY
"""How long after it was to be paid an award still waits for its price; then anybody ends it."""


class InterestPayer(StrEnum):
    """Who bears the discount at which a lot is financed."""

    SELLER = "seller"
    OBLIGOR = "obligor"
    SPLIT = "split"
    """Obligor and seller, each its share."""

    @classmethod
    def of_share(cls, share_bps: int) -> "InterestPayer":
        """By the obligor's share."""
        if share_bps == 0:
            return cls.SELLER
        return cls.OBLIGOR if share_bps == BPS_PER_ONE else cls.SPLIT


class FinancingStatus(IntEnum):
    """Where a request stands, in the contract's order."""

    NONE = 0
    """There is no such request."""
    REQUESTED = 1
    """Open for quotes; the lot is locked."""
    FUNDED = 2
    """A quote was awarded: title and price have changed hands."""
    WITHDRAWN = 3
    """The holder took it back."""
    LAPSED = 4
    """Nobody's quote was awarded in time."""
    AWARDED = 5
    """A quote was awarded whose price is on its way; the lot is locked until a bank attests it."""
    FUNDING_FAILED = 6
    """That price did not come in; the lot is its holder's, and free."""


@dataclass(frozen=True, slots=True)
class FinancingRequest:
    """A request as the market has it.

    Attributes:
        request_id: Its number, from 1.
        receivable_id: The receivable of the lot.
        lot_sequence: The lot offered.
        part_face_value_minor: How much of the lot's face is offered.
        expires_at: Last instant at which a quote can be awarded.
        status: Where it stands.
        with_recourse: Whether the funder may claim from the holder if the anchor does not pay.
    """

    request_id: int
    receivable_id: int
    lot_sequence: int
    part_face_value_minor: int
    expires_at: int
    status: FinancingStatus
    with_recourse: bool

    @property
    def lot_id(self) -> LotId:
        """The lot offered."""
        return LotId(self.receivable_id, self.lot_sequence)

    def is_open(self, block_time: int) -> bool:
        """Whether a quote can still be awarded at this instant."""
        return self.status is FinancingStatus.REQUESTED and block_time <= self.expires_at
