"""The feed: what is told to whom, of everything the contracts said.

Every business event becomes one entry with the next number of the feed. Its readers are fixed when
it is told: whoever it names, and the parties of the receivable it is about. A few facts are every
member's to know. What standards' events and the administration repeat is not told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any, get_args

from chainfin.domain import events as said
from chainfin.domain.events import Event

EVERYONE = 0
"""Stands for every member among an entry's readers; no organisation has this number."""

REORGANISED = "ChainReorganised"
"""The one entry that no contract said: entries were taken back, since their blocks are gone."""

ORGANISATIONS = frozenset(
    {
        "anchor", "bank", "court", "from_", "funder", "holder", "obligor", "organisation", "payee",
        "payer", "pledgee", "seller", "supplier", "to",
    }
)  # fmt: skip
"""The members of events that are numbers of organisations, all of which may read the event."""

_LOTS = ("lot_sequence", "parent_sequence")
_TO_ALL = (said.ParticipantAdmitted, said.ParticipantStatusChanged, *get_args(said.NetworkEvent))
_TO_FUNDERS = (said.FinancingRequested, said.FinancingRequestEnded)
_TO_THEIR_FUNDER = get_args(said.CreditLineEvent)
_NOT_TOLD = get_args(said.StandardEvent)


class Audience(StrEnum):
    """Who reads an event besides the organisations it names."""

    NOBODY_ELSE = "nobody_else"
    EVERYONE = "everyone"
    """Every member."""
    ITS_FUNDER_ALONE = "its_funder_alone"
    """The funder, and not whoever else is named: an anchor is not shown what a bank would lend."""
    FUNDERS = "funders"
    """Whoever is admitted as a funder: the market's open requests are theirs to see."""


def is_told(kind: type[Event]) -> bool:
    """Whether an event becomes an entry of the feed."""
    return kind not in _NOT_TOLD


def audience_of(kind: type[Event]) -> Audience:
    """Who reads such an event besides the organisations it names and a receivable's parties."""
    if kind in _TO_ALL:
        return Audience.EVERYONE
    if kind in _TO_THEIR_FUNDER:
        return Audience.ITS_FUNDER_ALONE
    return Audience.FUNDERS if kind in _TO_FUNDERS else Audience.NOBODY_ELSE


def organisations_in(event: Event) -> frozenset[int]:
    """The organisations an event names, in itself and in its parts."""
    return frozenset(
        value
        for name, value in _members(asdict(event))
        if name in ORGANISATIONS and isinstance(value, int) and value
    )


def lots_in(event: Event) -> frozenset[int]:
    """The lots of its receivable that an event names, by number."""
    return frozenset(value for name, value in _members(asdict(event)) if name in _LOTS and value)


def _members(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every member by name, of parts and payments too."""
    for name, value in facts.items():
        if isinstance(value, tuple | list):
            for part in value:
                if isinstance(part, Mapping):
                    yield from _members(part)
        elif isinstance(value, Mapping):
            yield from _members(value)
        else:
            yield name, value
