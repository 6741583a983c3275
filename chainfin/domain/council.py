"""The Council: members who decide by their orders, and what a decision goes through."""

from enum import IntEnum


class DecisionStatus(IntEnum):
    """Where a decision stands."""

    NONE = 0
    """Nobody has voted on it."""
    OPEN = 1
    """Votes are being given."""
    SCHEDULED = 2
    """It has passed and waits for its delay."""
    EXECUTED = 3
    """It is done."""
    CANCELLED = 4
    """It can no longer pass, or was stopped while it waited."""
