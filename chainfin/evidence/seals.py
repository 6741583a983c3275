"""Whether blocks of a QBFT network were sealed by enough of its validators.

A block counts if at least two thirds of the validators in force sealed it. Who is in force follows
from the set an auditor trusts and from the votes in later blocks: each block may carry its
proposer's vote to add or to remove one validator, more than half of the set decides, and an epoch
block forgets what is outstanding.

    trusted set ── block ── block with a vote ── block with the deciding vote ── block …
        A B C D     3 of A B C D seal each of these                               4 of A B C D E

Headers without facts and votes are not needed. A header is believed only if the set worked out so
far is the set it names and a quorum of that set sealed it, so each new set is accepted by a quorum
of the one before, which sealed the votes. A vote left out of the file makes the next header name
another set than was worked out: `ValidatorsMismatch`.

Source: Hyperledger Besu, QBFT: quorum, seals, and validators chosen by votes in block headers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainfin.codec import qbft
from chainfin.codec.headers import Header
from chainfin.codec.qbft import QbftExtra, Vote
from chainfin.evidence.errors import (
    ProposerUnknown,
    SealByStranger,
    SealsTooFew,
    SealTwice,
    ValidatorsMismatch,
)
from chainfin.evidence.trust import ValidatorsRoot


def quorum(count: int) -> int:
    """How many of some validators must seal a block: two thirds, rounded up."""
    return -(-2 * count // 3)


@dataclass(frozen=True, slots=True)
class ValidatorChange:
    """A validator that votes added or removed.

    Attributes:
        block_number: The block with the deciding vote; the change holds from the next one.
        subject: The validator's address.
        is_addition: Whether it was added.
    """

    block_number: int
    subject: str
    is_addition: bool


@dataclass
class Validators:
    """The validators in force after a block, and the votes outstanding then."""

    members: set[str]
    epoch_length: int
    epoch: int
    votes: dict[Vote, set[str]] = field(default_factory=dict)

    def take(self, header: Header, vote: Vote | None) -> ValidatorChange | None:
        """Go on by a block; answers the change its vote decided, if it did."""
        epoch = header.number // self.epoch_length
        if epoch != self.epoch:
            self.votes.clear()
            self.epoch = epoch
        if vote is None or header.number % self.epoch_length == 0:
            return None
        # Who votes again takes the earlier vote on the same validator back.
        self.votes.get(Vote(vote.subject, not vote.is_addition), set()).discard(header.beneficiary)
        supporters = self.votes.setdefault(vote, set())
        supporters.add(header.beneficiary)
        if len(supporters) <= len(self.members) // 2:
            return None
        return self._decide(header.number, vote)

    def _decide(self, number: int, vote: Vote) -> ValidatorChange | None:
        for is_addition in (True, False):
            self.votes.pop(Vote(vote.subject, is_addition), None)
        before = set(self.members)
        if vote.is_addition:
            self.members.add(vote.subject)
        else:
            self.members.discard(vote.subject)
            for supporters in self.votes.values():
                supporters.discard(vote.subject)
        if before == self.members:
            return None
        return ValidatorChange(number, vote.subject, vote.is_addition)


@dataclass(frozen=True, slots=True)
class Seals:
    """What the seals of some headers said.

    Attributes:
        validators: In force after the last header, in order.
        changes: Of the validators, in order of blocks.
        seal_count: Seals checked.
    """

    validators: tuple[str, ...]
    changes: tuple[ValidatorChange, ...]
    seal_count: int


def check_seals(headers: Iterable[tuple[Header, bytes]], root: ValidatorsRoot) -> Seals:
    """Check the seals of headers in order of their numbers, all after the root.

    Args:
        headers: Each header, read, and its bytes.
        root: The validators the auditor trusts.

    Raises:
        HeaderMalformed: A header is not QBFT's, or a seal is no signature.
        ValidatorsMismatch: A header names other validators than are in force.
        ProposerUnknown: A block was proposed by none of them.
        SealByStranger, SealTwice, SealsTooFew: As their names say.
    """
    state = Validators(
        members=set(root.validators),
        epoch_length=root.epoch_length,
        epoch=root.block_number // root.epoch_length,
    )
    changes: list[ValidatorChange] = []
    count = 0
    for header, encoded in headers:
        extra = qbft.decode_extra(header.extra_data)
        _require_members(header, extra, state.members)
        _require_quorum(header, qbft.sealers(encoded), state.members)
        count += len(extra.seals)
        change = state.take(header, extra.vote)
        changes += [change] if change else []
    return Seals(tuple(sorted(state.members)), tuple(changes), count)


def _require_members(header: Header, extra: QbftExtra, members: set[str]) -> None:
    if list(extra.validators) != sorted(members):
        raise ValidatorsMismatch(
            f"block {header.number} names {len(extra.validators)} validators that are not "
            f"the {len(members)} in force"
        )
    if header.beneficiary not in members:
        raise ProposerUnknown(f"block {header.number} is by {header.beneficiary}")


def _require_quorum(header: Header, sealers: tuple[str, ...], members: set[str]) -> None:
    if strangers := sorted(set(sealers) - members):
        raise SealByStranger(f"block {header.number} is sealed by {strangers[0]}, no validator")
    if len(set(sealers)) != len(sealers):
        raise SealTwice(f"a validator sealed block {header.number} twice")
    if len(sealers) < quorum(len(members)):
        raise SealsTooFew(
            f"block {header.number} has {len(sealers)} seals, "
            f"{quorum(len(members))} of {len(members)} validators are needed"
        )
