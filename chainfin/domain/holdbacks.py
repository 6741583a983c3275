"""Holdbacks: the last of what a lot is paid, which its seller keeps for itself (尾款).

A funder advances less than all of a lot and leaves the rest to the seller: what is collected goes
to the lot's holder first, up to its face less the holdback, and the rest to the seller, whoever
holds the lot by then. A shortfall is the seller's first: that is what a holdback secures.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holdback:
    """What is held back of a lot.

    Attributes:
        seller: Whose it is.
        amount_minor: The last so much of what is paid on the lot's face.
    """

    seller: int
    amount_minor: int


def owed(holdback: Holdback | None, *, holder: int, outstanding_minor: int) -> tuple[int, int]:
    """What of a lot's outstanding amount is its holder's, and what its seller's.

    A seller that holds the lot again holds nothing back from itself.

    Args:
        holdback: What is held back of the lot.
        holder: Who holds it.
        outstanding_minor: What is left to pay on its face.
    """
    if holdback is None or holdback.seller == holder:
        return outstanding_minor, 0
    sellers = min(holdback.amount_minor, outstanding_minor)
    return outstanding_minor - sellers, sellers


def divided(
    holdback: Holdback, *, face_value_minor: int, paid_minor: int, due_minor: int
) -> tuple[bool, int]:
    """Whether the next payment of a lot is the seller's, and how much of what is due it is.

    Args:
        holdback: What is held back of the lot.
        face_value_minor: The lot's face.
        paid_minor: What was paid on it before.
        due_minor: What is due to it now.
    """
    left = face_value_minor - holdback.amount_minor - paid_minor
    return (True, due_minor) if left <= 0 else (False, min(due_minor, left))
