"""Credit lines: how much of an anchor's debt a funder takes on.

A line on a parent is a group limit, shared by its subsidiaries. A funder that has set a line buys
nothing without one: the anchor's own where there is one, and its nearest parent's where there is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One funder's limit on one anchor in one currency.

    Attributes:
        funder: Whose limit.
        anchor: On whom; a group's parent makes it a group limit.
        currency: ISO 4217 code.
        limit_minor: At most so much face; 0 is a closed line.
        utilised_minor: Face of lots bought and not paid.
        expires_at: Last instant of a new award.
    """

    funder: int
    anchor: int
    currency: str
    limit_minor: int
    utilised_minor: int
    expires_at: int

    @property
    def available_minor(self) -> int:
        """What is left; nothing where the limit was lowered below what is used."""
        return max(0, self.limit_minor - self.utilised_minor)

    @property
    def is_open(self) -> bool:
        """Whether there is a limit at all."""
        return self.limit_minor > 0


def head_of_group(organisation: int, parents: Mapping[int, int]) -> int:
    """The organisation at the head of a group: itself, if nobody controls it."""
    seen = {organisation}
    while (parent := parents.get(organisation, 0)) and parent not in seen:
        seen.add(parent)
        organisation = parent
    return organisation


def lines_used(
    obligor: int, parents: Mapping[int, int], lines: Iterable[CreditLine]
) -> list[CreditLine]:
    """The lines a purchase of an obligor's debt takes up: its own, and its nearest parent's.

    Args:
        obligor: Who owes.
        parents: Parent of each organisation; 0 or none for those without.
        lines: The funder's lines in the currency.
    """
    by_anchor = {line.anchor: line for line in lines if line.is_open}
    found = [by_anchor[obligor]] if obligor in by_anchor else []
    seen = {obligor}
    parent = parents.get(obligor, 0)
    while parent and parent not in seen:
        if parent in by_anchor:
            return [*found, by_anchor[parent]]
        seen.add(parent)
        parent = parents.get(parent, 0)
    return found
