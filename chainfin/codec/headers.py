"""Block headers: rebuilt from a node's description, checked by hash, and read.

A header is an RLP list of fifteen fields, to which upgrades appended: the base fee (London), the
withdrawals root (Shanghai), three fields for blobs and the beacon root (Cancun), and the requests
hash (Prague). The first absent one ends the list.

The block's hash is the hash of those bytes on Ethereum and anvil. Besu's QBFT hashes the header
without its seals; give `qbft.block_hash` as `hash_of` there.
Source: Ethereum Yellow Paper, 4.4; EIP-1559, 4895, 4844, 4788, 7685.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from chainfin.codec import rlp, rpc
from chainfin.codec.errors import HeaderMalformed, HeaderMismatch, RlpMalformed
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, keccak, to_address, to_hex

BLOOM_BYTES = 256
_BLOOM_MASK = 8 * BLOOM_BYTES - 1
_INTEGER = None
_ANY_LENGTH = -1


class _Field(NamedTuple):
    """One member of a header: our name, the node's name, and its form."""

    name: str
    rpc_name: str
    size: int | None  # Bytes, or _INTEGER, or _ANY_LENGTH.


_FIELDS = (
    _Field("parent_hash", "parentHash", WORD_BYTES),
    _Field("ommers_hash", "sha3Uncles", WORD_BYTES),
    _Field("beneficiary", "miner", ADDRESS_BYTES),
    _Field("state_root", "stateRoot", WORD_BYTES),
    _Field("transactions_root", "transactionsRoot", WORD_BYTES),
    _Field("receipts_root", "receiptsRoot", WORD_BYTES),
    _Field("logs_bloom", "logsBloom", BLOOM_BYTES),
    _Field("difficulty", "difficulty", _INTEGER),
    _Field("number", "number", _INTEGER),
    _Field("gas_limit", "gasLimit", _INTEGER),
    _Field("gas_used", "gasUsed", _INTEGER),
    _Field("timestamp", "timestamp", _INTEGER),
    _Field("extra_data", "extraData", _ANY_LENGTH),
    _Field("mix_hash", "mixHash", WORD_BYTES),
    _Field("nonce", "nonce", 8),
    _Field("base_fee_per_gas", "baseFeePerGas", _INTEGER),
    _Field("withdrawals_root", "withdrawalsRoot", WORD_BYTES),
    _Field("blob_gas_used", "blobGasUsed", _INTEGER),
    _Field("excess_blob_gas", "excessBlobGas", _INTEGER),
    _Field("parent_beacon_block_root", "parentBeaconBlockRoot", WORD_BYTES),
    _Field("requests_hash", "requestsHash", WORD_BYTES),
)
_ALWAYS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A block header, read. Hashes and roots are 32 bytes.

    Attributes:
        hash: By the rule of the network that was named when it was read.
        beneficiary: Lower-case address.
        logs_bloom: 256 bytes; see `bloom_of`.
        timestamp: UTC seconds.
        extra_data: On QBFT the validators, round and seals; see `qbft.decode_extra`.
        base_fee_per_gas: Wei; this and the fields after it are None before their upgrade.
    """

    hash: bytes
    parent_hash: bytes
    ommers_hash: bytes
    beneficiary: str
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes
    logs_bloom: bytes
    difficulty: int
    number: int
    gas_limit: int
    gas_used: int
    timestamp: int
    extra_data: bytes
    mix_hash: bytes
    nonce: bytes
    base_fee_per_gas: int | None = None
    withdrawals_root: bytes | None = None
    blob_gas_used: int | None = None
    excess_blob_gas: int | None = None
    parent_beacon_block_root: bytes | None = None
    requests_hash: bytes | None = None


def header_from_rpc(block: Mapping[str, Any], hash_of: Callable[[bytes], bytes] = keccak) -> bytes:
    """Rebuild the bytes of a header from a node's JSON.

    Args:
        block: The raw answer to `eth_getBlockByNumber` or `-ByHash`.
        hash_of: From the header's bytes to the block's hash on this network.

    Raises:
        RpcMalformed: A field is absent or has another form.
        HeaderMismatch: The bytes do not have the hash that the JSON gives: the node is wrong, or
            the network has fields or a rule that this code does not know.
    """
    present = list(_FIELDS[:_ALWAYS])
    for field in _FIELDS[_ALWAYS:]:
        if block.get(field.rpc_name) is None:
            break
        present.append(field)
    header = rlp.encode([_from_rpc(block, field) for field in present])
    found, expected = hash_of(header), rpc.data(block, "hash", WORD_BYTES)
    if found != expected:
        raise HeaderMismatch(f"the header of {to_hex(expected)} hashes to {to_hex(found)}")
    return header


def decode_header(header: bytes, hash_of: Callable[[bytes], bytes] = keccak) -> Header:
    """Read the bytes of a header.

    Args:
        header: The RLP list.
        hash_of: From these bytes to the block's hash on this network.

    Raises:
        HeaderMalformed: They are not the canonical form of a header we know.
    """
    try:
        items = rlp.decode_list(header)
        if not _ALWAYS <= len(items) <= len(_FIELDS):
            raise HeaderMalformed(f"a header has no {len(items)} fields")
        fields = _FIELDS[: len(items)]
        pairs = zip(fields, items, strict=True)
        values: dict[str, Any] = {field.name: _read(item, field) for field, item in pairs}
    except RlpMalformed as error:
        raise HeaderMalformed(str(error)) from None
    return Header(hash=hash_of(header), **values)


def bloom_mask(item: bytes) -> int:
    """The bits that an address (20 bytes) or a topic (32 bytes) sets in a block's bloom filter."""
    # Three bits, each named by the low eleven bits of one of the hash's first three pairs of bytes.
    mask = 0
    for pair in struct.unpack_from(">3H", keccak(item)):
        mask |= 1 << (pair & _BLOOM_MASK)
    return mask


def bloom_of(items: Iterable[bytes]) -> int:
    """The bloom filter over the addresses and topics of logs, as an integer of 2,048 bits."""
    bloom = 0
    for item in set(items):
        bloom |= bloom_mask(item)
    return bloom


def _from_rpc(block: Mapping[str, Any], field: _Field) -> bytes:
    if field.size is _INTEGER:
        return rlp.encode_integer(rpc.quantity(block, field.rpc_name))
    return rpc.data(block, field.rpc_name, None if field.size == _ANY_LENGTH else field.size)


def _read(item: rlp.Item, field: _Field) -> int | bytes | str:
    if field.size is _INTEGER:
        return rlp.to_integer(item)
    data = rlp.to_bytes(item, None if field.size == _ANY_LENGTH else field.size)
    return to_address(data) if field.size == ADDRESS_BYTES else data
