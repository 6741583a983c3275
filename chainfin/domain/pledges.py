"""Pledges: one lot as security for a debt of its holder (R-24).

A pledge is offered by the holder and exists from its pledgee's acceptance, which names the filing
that registers it. The lot does not move then until its pledgee releases it, and what is paid on it
waits. After the secured debt was due its pledgee may enforce: it collects what is paid on the lot
up to what is secured, and the rest is the holder's. Title never passes by a pledge: an agreement
that it shall is void (Civil Code of China, article 428).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from chainfin.domain.freezes import Freeze
from chainfin.domain.freezes import payee_of as payee_under_freezes
from chainfin.domain.holdbacks import Holdback, divided
from chainfin.domain.receivable import LotId


class PledgeStatus(IntEnum):
    """Where a pledge stands; the contract's own, and that it ended."""

    NONE = 0
    """There is none."""
    PROPOSED = 1
    """The holder has offered it; nothing is encumbered."""
    HELD = 2
    """Accepted and registered."""
    ENFORCED = 3
    """Its pledgee collects."""
    RELEASED = 4
    """Its pledgee let the lot go."""


@dataclass(frozen=True, slots=True)
class Pledge:
    """The newest pledge of a lot.

    Attributes:
        lot_id: The lot.
        pledge_hash: Hash of the order that offered it: its name.
        holder: Who gave it.
        pledgee: Whose debt it secures.
        status: Where it stands.
        secured_minor: Up to how much.
        due_at: When the secured debt is due, UTC seconds.
        expires_at: Until when it could be accepted.
        paid_before_minor: What the lot had been paid before it was enforced.
        filing_hash: Of the filing that registers it; None before its acceptance.
        filed_at: When that was made.
        accepted_at: When it was accepted.
    """

    lot_id: LotId
    pledge_hash: str
    holder: int
    pledgee: int
    status: PledgeStatus
    secured_minor: int
    due_at: int
    expires_at: int
    paid_before_minor: int = 0
    filing_hash: str | None = None
    filed_at: int | None = None
    accepted_at: int | None = None

    @property
    def binds(self) -> bool:
        """Whether the lot is pledged."""
        return self.status in (PledgeStatus.HELD, PledgeStatus.ENFORCED)


def payment_of(
    freezes: Iterable[Freeze],
    pledge: Pledge | None,
    holdback: Holdback | None = None,
    *,
    holder: int,
    face_value_minor: int,
    paid_minor: int,
    due_minor: int,
    instant: int,
) -> tuple[int | None, int]:
    """Who is paid what is due to a lot's face, and how much of it; nobody while it has to wait.

    Args:
        freezes: The lot's, in the order they came.
        pledge: Its newest.
        holdback: What of it is an earlier seller's.
        holder: Who holds it.
        face_value_minor: Its face.
        paid_minor: What it was paid before.
        due_minor: What is due to it.
        instant: UTC seconds.
    """
    # What is held back for another is neither the holder's, nor its court's or pledgee's.
    if holdback is not None and holdback.seller != holder:
        is_sellers, due_minor = divided(
            holdback,
            face_value_minor=face_value_minor,
            paid_minor=paid_minor,
            due_minor=due_minor,
        )
        if is_sellers:
            return holdback.seller, due_minor
    payee = payee_under_freezes(freezes, holder, instant)
    if payee != holder or pledge is None:
        return payee, due_minor
    if pledge.status is PledgeStatus.HELD:
        return None, due_minor
    if pledge.status is PledgeStatus.ENFORCED:
        left = pledge.secured_minor - (paid_minor - pledge.paid_before_minor)
        if left > 0:
            return pledge.pledgee, min(due_minor, left)
    return holder, due_minor


def payee_of(
    freezes: Iterable[Freeze], pledge: Pledge | None, holder: int, instant: int
) -> int | None:
    """Who is paid late interest on a lot, which a pledge does not reach; None while it waits."""
    payee = payee_under_freezes(freezes, holder, instant)
    is_held = pledge is not None and pledge.status is PledgeStatus.HELD
    return None if payee == holder and is_held else payee
