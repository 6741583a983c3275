"""What Hyperledger Besu's QBFT writes into a header's extra data, and the two hashes around it.

The extra data are an RLP list: 32 free bytes, the validators, a vote, the round in which the block
was agreed, and the committed seals. A validator seals before the seals exist, and the round may
be known only afterwards, so each hash leaves something out:

    block hash    = keccak256(header with round 0 and no seals)
    sealed digest = keccak256(header with its round and no seals)

Whose seals are enough is not a question of format: `chainfin.evidence.seals` answers it.
Source: Hyperledger Besu, QBFT extra data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chainfin.codec import rlp
from chainfin.codec.errors import HeaderMalformed, RlpMalformed
from chainfin.codec.hashing import ADDRESS_BYTES, keccak, to_address
from chainfin.codec.signatures import recover

_EXTRA_DATA = 12  # Its place among the fields of a header.
_VANITY_BYTES = 32
_SEAL_BYTES = 65
_FIRST_V = 27
_ADD, _REMOVE = b"\xff", b"\x00"


@dataclass(frozen=True, slots=True)
class Vote:
    """What the proposer of a block wants of the validators.

    Attributes:
        subject: Lower-case address of the validator to add or to remove.
        is_addition: Whether to add it.
    """

    subject: str
    is_addition: bool


@dataclass(frozen=True, slots=True)
class QbftExtra:
    """The extra data, read.

    Attributes:
        vanity: 32 free bytes.
        validators: Lower-case addresses in force for this block; none where a contract keeps them.
        vote: The proposer's, if it has one.
        round: The round in which the block was agreed, from 0.
        seals: 65 bytes each, r, s and v of 0 or 1, over `sealed_digest`.
    """

    vanity: bytes
    validators: tuple[str, ...]
    vote: Vote | None
    round: int
    seals: tuple[bytes, ...]


def decode_extra(extra_data: bytes) -> QbftExtra:
    """Read the extra data of a QBFT header.

    Raises:
        HeaderMalformed: They are in another form.
    """
    try:
        vanity, validators, vote, round_number, seals = rlp.to_list(rlp.decode(extra_data), 5)
        return QbftExtra(
            vanity=rlp.to_bytes(vanity, _VANITY_BYTES),
            validators=tuple(
                to_address(rlp.to_bytes(item, ADDRESS_BYTES)) for item in rlp.to_list(validators)
            ),
            vote=_read_vote(rlp.to_list(vote)),
            round=rlp.to_integer(round_number),
            seals=tuple(rlp.to_bytes(item, _SEAL_BYTES) for item in rlp.to_list(seals)),
        )
    except RlpMalformed as error:
        raise HeaderMalformed(f"the extra data are not QBFT's: {error}") from None


def _read_vote(items: Sequence[rlp.Item]) -> Vote | None:
    if not items:
        return None
    subject, direction = map(rlp.to_bytes, rlp.to_list(items, 2))
    if len(subject) != ADDRESS_BYTES or direction not in {_ADD, _REMOVE}:
        raise RlpMalformed("a vote is a validator and a byte: add or remove")
    return Vote(to_address(subject), direction == _ADD)


def block_hash(header: bytes) -> bytes:
    """The hash of a block: of its header with round 0 and no seals.

    Raises:
        HeaderMalformed: It is no header, or its extra data are not QBFT's.
    """
    return _hash_without_seals(header, round_number=b"")


def sealed_digest(header: bytes) -> bytes:
    """What each committed seal signs: the hash of the header with its round and no seals.

    Raises:
        HeaderMalformed: It is no header, or its extra data are not QBFT's.
    """
    return _hash_without_seals(header, round_number=None)


def sealers(header: bytes) -> tuple[str, ...]:
    """Who made the committed seals of a header: lower-case addresses in the order of the seals.

    Raises:
        HeaderMalformed: It is no QBFT header, or a seal is no signature.
    """
    digest = sealed_digest(header)
    extra = decode_extra(rlp.to_bytes(rlp.decode_list(header)[_EXTRA_DATA]))
    try:
        return tuple(recover(digest, s[:-1] + bytes((s[-1] + _FIRST_V,))) for s in extra.seals)
    except ValueError as error:
        raise HeaderMalformed(f"a seal is no signature: {error}") from None


def _hash_without_seals(header: bytes, round_number: bytes | None) -> bytes:
    """The hash of a header without seals and with the given round, or its own if None."""
    try:
        fields = rlp.decode_list(header)
        extra = rlp.to_list(rlp.decode(rlp.to_bytes(fields[_EXTRA_DATA])), 5)
    except (RlpMalformed, IndexError) as error:
        raise HeaderMalformed(f"this is no QBFT header: {error}") from None
    kept = extra[3] if round_number is None else round_number
    fields[_EXTRA_DATA] = rlp.encode([*extra[:3], kept, []])
    return keccak(rlp.encode(fields))
