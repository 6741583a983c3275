"""A QBFT network's side of a block: validators that seal headers by the published rules.

Written with pyrlp and eth_keys, apart from the codec under test. Source: Hyperledger Besu, QBFT.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import rlp
from eth_keys import keys
from eth_utils import keccak

from chainfin.codec.qbft import QbftExtra

VANITY = bytes(32)
MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
_DIRECTION = {True: b"\xff", False: b"\x00"}
"""Of a vote: to add a validator, or to remove one."""
PARENT_HASH, BENEFICIARY, DIFFICULTY, EXTRA_DATA, MIX = 0, 2, 7, 12, 13


@dataclass(frozen=True)
class Validator:
    """A validator's key, made from a name: these keys are public."""

    name: str

    @property
    def key(self) -> keys.PrivateKey:
        return keys.PrivateKey(keccak(text=f"chainfin test validator {self.name}"))

    @property
    def address(self) -> bytes:
        return bytes(self.key.public_key.to_canonical_address())

    @property
    def text(self) -> str:
        return "0x" + self.address.hex()


@dataclass(frozen=True)
class Ballot:
    """A vote to add a validator or to remove one."""

    subject: Validator
    is_addition: bool

    def members(self) -> list[bytes]:
        return [self.subject.address, _DIRECTION[self.is_addition]]


@dataclass(frozen=True)
class Proposal:
    """What consensus decides about a block.

    Attributes:
        validators: In force.
        proposer: Who made the block.
        sealers: Who seal it.
        ballot: The proposer's vote.
        round: In which it was agreed.
    """

    validators: Sequence[Validator]
    proposer: Validator
    sealers: Sequence[Validator]
    ballot: Ballot | None = None
    round: int = 0


def seal(fields: Sequence[bytes], proposal: Proposal) -> tuple[bytes, bytes]:
    """A header with its seals, and the block's hash, from the header another engine made."""
    header = list(fields)
    header[BENEFICIARY] = proposal.proposer.address
    header[DIFFICULTY] = b"\x01"
    header[MIX] = MIX_HASH
    digest = keccak(_encoded(header, proposal, proposal.round, []))
    seals = [each.key.sign_msg_hash(digest).to_bytes() for each in proposal.sealers]
    block_hash = keccak(_encoded(header, proposal, 0, []))
    return _encoded(header, proposal, proposal.round, seals), block_hash


def encode_extra(extra: QbftExtra) -> bytes:
    """Extra data as pyrlp writes them."""
    vote = extra.vote
    listed = [bytes.fromhex(each.removeprefix("0x")) for each in extra.validators]
    ballot = (
        []
        if vote is None
        else [bytes.fromhex(vote.subject.removeprefix("0x")), _DIRECTION[vote.is_addition]]
    )
    return bytes(rlp.encode([extra.vanity, listed, ballot, extra.round, list(extra.seals)]))


def addresses(validators: Iterable[Validator]) -> tuple[str, ...]:
    """As trust files list them: in order."""
    return tuple(sorted(each.text for each in validators))


def _encoded(
    fields: Sequence[bytes], proposal: Proposal, round_number: int, seals: Sequence[bytes]
) -> bytes:
    ballot = [] if proposal.ballot is None else proposal.ballot.members()
    listed = sorted(each.address for each in proposal.validators)
    header = list(fields)
    header[EXTRA_DATA] = rlp.encode([VANITY, listed, ballot, round_number, list(seals)])
    return bytes(rlp.encode(header))
