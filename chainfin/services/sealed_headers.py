"""Which headers of a QBFT network evidence must carry, so that each can be believed by its seals.

Those with facts, the checkpoint, and those with votes from every epoch in which the validators
changed or a carried header holds a vote: a verifier that counts some votes of an epoch must see
all of them.
"""

from collections.abc import Iterable
from itertools import pairwise

from chainfin.chain.client import Node
from chainfin.chain.proofs import read_headers
from chainfin.codec import qbft
from chainfin.codec.headers import decode_header
from chainfin.codec.qbft import QbftExtra
from chainfin.domain.service_errors import EvidenceUnavailable
from chainfin.evidence.package import MOST_HEADERS
from chainfin.evidence.trust import ValidatorsRoot

MOST_READ = 1_000_000
"""Headers that are looked at for one file."""


def select_headers(
    node: Node, root: ValidatorsRoot, fact_blocks: Iterable[int], checkpoint: int
) -> list[bytes]:
    """The RLP of the headers that lead from the trusted validators to the checkpoint, in order.

    Raises:
        EvidenceUnavailable: A fact is older than the root, or there are too many headers.
        HeaderMalformed: The network does not keep its validators in its headers.
        NodeBehind, NodeUnavailable, NodeRefused: The node cannot tell.
    """
    needed = {*fact_blocks, checkpoint}
    if min(needed) <= root.block_number:
        raise EvidenceUnavailable(
            f"block {min(needed)} is not after block {root.block_number}, whose validators are "
            "trusted"
        )
    read = _Headers(node)
    numbers = sorted(needed | _voting_blocks(read, root, needed))
    if len(numbers) > MOST_HEADERS:
        raise EvidenceUnavailable(f"{len(numbers)} headers are needed, a file holds {MOST_HEADERS}")
    return [read.header(number) for number in numbers]


def validators_at(node: Node, number: int) -> tuple[str, ...]:
    """The validators that a block's header names.

    Raises:
        HeaderMalformed: It is no QBFT header, or names none.
        NodeBehind, NodeUnavailable, NodeRefused: The node cannot tell.
    """
    return _Headers(node).extra_data(number).validators


class _Headers:
    """Headers of a node, each read once."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._headers: dict[int, bytes] = {}

    def load(self, numbers: Iterable[int]) -> None:
        missing = sorted(set(numbers) - self._headers.keys())
        if len(missing) + len(self._headers) > MOST_READ:
            raise EvidenceUnavailable(f"more than {MOST_READ} headers must be looked at")
        found = read_headers(self._node, missing, qbft.block_hash)
        self._headers.update(zip(missing, found, strict=True))

    def header(self, number: int) -> bytes:
        self.load([number])
        return self._headers[number]

    def extra_data(self, number: int) -> QbftExtra:
        return qbft.decode_extra(decode_header(self.header(number), qbft.block_hash).extra_data)


def _voting_blocks(read: _Headers, root: ValidatorsRoot, needed: set[int]) -> set[int]:
    """The blocks with votes that a verifier must see.

    root ─── epoch ──┬── epoch ──┬── epoch ── checkpoint      the set named at each boundary and in
                     └ samples ──┘                            each needed header; where two follow
                                                              each other and differ, votes decided
    """
    length, last = root.epoch_length, max(needed)
    boundaries = range(root.block_number + length, last + 1, length)
    samples = sorted({*needed, *boundaries})
    read.load(samples)
    extras = {number: read.extra_data(number) for number in samples}
    named = [(root.block_number, root.validators)]
    named += [(number, extras[number].validators) for number in samples]
    epochs = {
        before // length for (before, one), (_, other) in pairwise(named) if set(one) != set(other)
    }
    epochs |= {number // length for number in needed if extras[number].vote}
    inside = [
        number
        for epoch in sorted(epochs)
        for number in range(max(epoch * length, root.block_number) + 1, (epoch + 1) * length)
        if number <= last
    ]
    read.load(inside)
    return {number for number in inside if read.extra_data(number).vote}
