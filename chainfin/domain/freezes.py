"""Freezes: what courts and authorities keep a lot where it is for (R-25 to R-27).

A freeze may lie over anything else, and over other freezes. Each ends by itself, by the clock or
when whoever ordered it lifts it; the lot is free when the last has ended. Of several, the earliest
that still holds says where money goes, so that a later court waits its turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chainfin.domain.receivable import LotId


@dataclass(frozen=True, slots=True)
class Freeze:
    """What one order keeps one lot for.

    Attributes:
        lot_id: The lot.
        reference_hash: SHA-256 of the order's document, or whatever its court refers to it by.
        holder: Whose lot it was when the freeze came.
        court: The court or authority, which alone renews or lifts it.
        is_hold: Whether it is a hold against money laundering, of 48 hours at most.
        to_court: Whether what is paid meanwhile goes to the court's account; else it waits.
        started_at: When it came, UTC seconds.
        expires_at: Its last instant.
        lifted_at: When it was lifted; None while it was not.
    """

    lot_id: LotId
    reference_hash: str
    holder: int
    court: int
    is_hold: bool
    to_court: bool
    started_at: int
    expires_at: int
    lifted_at: int | None = None

    def holds_at(self, instant: int) -> bool:
        """Whether it keeps the lot at an instant."""
        return self.lifted_at is None and instant <= self.expires_at


def frozen_until(freezes: Iterable[Freeze], instant: int) -> int | None:
    """The last instant at which a lot is frozen, as far as is ordered; None where it is not."""
    return max((each.expires_at for each in freezes if each.holds_at(instant)), default=None)


def payee_of(freezes: Iterable[Freeze], holder: int, instant: int) -> int | None:
    """Who is paid what is due to a lot at an instant; None where it has to wait.

    Args:
        freezes: The lot's, in the order they came.
        holder: Who holds it.
        instant: UTC seconds.
    """
    for freeze in freezes:
        if freeze.holds_at(instant):
            return freeze.court if freeze.to_court else None
    return holder
