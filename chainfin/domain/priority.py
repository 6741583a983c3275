"""Who comes first when several hold rights in one claim (R-23).

A creditor may assign or pledge the same receivable twice, on different platforms or on none. The
Civil Code of China (articles 768 and 414) settles it by publicity: a registered right goes before
an unregistered one; of two registered ones the earlier registration goes first; of two
unregistered ones the one the debtor was told of first; those it was told of neither way share in
proportion to what they are owed. Assignment, factoring and pledge stand in one and the same order.
Behind them all is what a seller holds back: it agreed to be paid last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from chainfin.domain.money import split_largest_remainder
from chainfin.domain.refusals import AmountMissing


class ClaimKind(StrEnum):
    """By what right something is claimed; it does not itself change the order."""

    ASSIGNMENT = "assignment"
    """Title was assigned."""
    FACTORING = "factoring"
    """Title was assigned to a factor."""
    PLEDGE = "pledge"
    """The claim secures another debt."""
    HOLDBACK = "holdback"
    """The seller left it in the lot it sold."""


@dataclass(frozen=True, slots=True)
class CompetingClaim:
    """One right in a receivable.

    Attributes:
        claim_id: Names it, each once.
        claimant: The organisation.
        kind: By what right.
        amount_minor: What is claimed, above zero.
        filing_hash: Of the filing that registers it; None where there is none.
        registered_at: Instant of the registration, UTC seconds; with a filing only.
        notified_at: Instant the debtor was first told, UTC seconds; None where it was not.
        is_subordinate: Whether its claimant agreed to be paid after all others.
    """

    claim_id: str
    claimant: int
    kind: ClaimKind
    amount_minor: int
    filing_hash: str | None = None
    registered_at: int | None = None
    notified_at: int | None = None
    is_subordinate: bool = False

    @property
    def is_registered(self) -> bool:
        """Whether it stands in the register."""
        return self.filing_hash is not None and self.registered_at is not None


@dataclass(frozen=True, slots=True)
class Rank:
    """Claims that stand equal.

    Attributes:
        rank: 1 for the first.
        ground: What puts them there.
        claims: By their ids; more than one share in proportion.
    """

    rank: int
    ground: str
    claims: tuple[CompetingClaim, ...]


REGISTERED, NOTIFIED, NEITHER = "registered", "notified", "neither"
SUBORDINATE = "subordinate"


def rank_claims(claims: Sequence[CompetingClaim]) -> list[Rank]:
    """The order of competing claims, first the one that is paid first.

    Raises:
        AmountMissing: A claim is over nothing.
    """
    for claim in claims:
        if claim.amount_minor <= 0:
            raise AmountMissing
    ordered = sorted(claims, key=lambda claim: (*_place(claim), claim.claim_id))
    groups = [(place, tuple(group)) for place, group in groupby(ordered, key=_place)]
    return [
        Rank(number, _GROUNDS[place[0]], group) for number, (place, group) in enumerate(groups, 1)
    ]


def share_by_rank(amount_minor: int, claims: Sequence[CompetingClaim]) -> Mapping[str, int]:
    """What each claim gets of an amount: rank after rank in full, equals in proportion.

    What proportion leaves over of a minor unit goes to the largest remainders: nothing is lost.

    Returns:
        Minor units by claim id; at most what is claimed.
    """
    left = amount_minor
    shares: dict[str, int] = {}
    for rank in rank_claims(claims):
        wanted = sum(claim.amount_minor for claim in rank.claims)
        paid = min(left, wanted)
        parts = split_largest_remainder(paid, [claim.amount_minor for claim in rank.claims])
        shares |= {claim.claim_id: part for claim, part in zip(rank.claims, parts, strict=True)}
        left -= paid
    return shares


def _place(claim: CompetingClaim) -> tuple[int, int]:
    """Earlier tuples are paid first; equal ones stand equal."""
    if claim.is_subordinate:
        return 3, 0
    if claim.is_registered:
        return 0, claim.registered_at or 0
    if claim.notified_at is not None:
        return 1, claim.notified_at
    return 2, 0


_GROUNDS = {0: REGISTERED, 1: NOTIFIED, 2: NEITHER, 3: SUBORDINATE}
