"""Signed transactions as bytes: made, read, and rebuilt from a node's description.

Two kinds are made: fee-market transactions (type 2, EIP-1559), and legacy ones with a chain id
(EIP-155) for networks that know no other. Access-list transactions (type 1, EIP-2930) and legacy
ones without a chain id are only read, because others may have sent them. Every other type is
refused by name: a hash over bytes whose form is not understood proves nothing.
Amounts are wei, gas is units of gas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from chainfin.codec import rlp, rpc
from chainfin.codec.errors import (
    RlpMalformed,
    SignatureMalformed,
    TransactionMalformed,
    TransactionMismatch,
    TransactionTypeUnsupported,
)
from chainfin.codec.hashing import ADDRESS_BYTES, WORD_BYTES, from_address, keccak, to_address
from chainfin.codec.signatures import SigningKey, recover, sign_digest, split_signature

LEGACY = 0
ACCESS_LIST = 1
FEE_MARKET = 2

# What stands before y parity, r and s; in front of `to` are only numbers.
_NUMBERS = {
    LEGACY: ("nonce", "gasPrice", "gas"),
    ACCESS_LIST: ("chainId", "nonce", "gasPrice", "gas"),
    FEE_MARKET: ("chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas"),
}
_FIRST_LIST_PREFIX = 0xC0
_FIRST_V = 27
_FIRST_PROTECTED_V = 35  # EIP-155: v = 35 + 2 * chain id + y parity


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeMarketFields:
    """What a type 2 transaction says before it is signed; it carries no access list.

    Attributes:
        to: Lower-case address, or None to create a contract.
        max_fee_per_gas: Wei; 0 on a free-gas network.
        max_priority_fee_per_gas: Wei, the part of it for the proposer.
    """

    chain_id: int
    nonce: int
    to: str | None
    data: bytes
    gas: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    value: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyFields:
    """What a legacy transaction says before it is signed.

    Attributes:
        to: Lower-case address, or None to create a contract.
        gas_price: Wei; 0 on a free-gas network.
    """

    chain_id: int
    nonce: int
    to: str | None
    data: bytes
    gas: int
    gas_price: int
    value: int = 0


Fields: TypeAlias = FeeMarketFields | LegacyFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A signed transaction, read.

    Attributes:
        hash: 32 bytes, Keccak-256 of the raw transaction.
        type: 0 legacy, 1 access list, 2 fee market.
        chain_id: None in a legacy transaction that any chain would take.
        to: Lower-case address, or None if it creates a contract.
        sender: Lower-case address, recovered from the signature.
        max_fee_per_gas: Wei; the gas price where the type has only that.
        max_priority_fee_per_gas: Wei, likewise.
    """

    hash: bytes
    type: int
    chain_id: int | None
    nonce: int
    to: str | None
    value: int
    data: bytes
    gas: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    sender: str


def transaction_hash(raw: bytes) -> bytes:
    """The hash by which a raw transaction is known, before and after anybody saw it."""
    return keccak(raw)


def sign_transaction(private_key: bytes | SigningKey, fields: Fields) -> bytes:
    """Sign a transaction.

    Returns:
        The raw bytes for `eth_sendRawTransaction`; the same for the same input, always.

    Raises:
        KeyMalformed: The key is no key.
        RlpMalformed: A number is negative or exceeds 256 bits.
        HexMalformed: `to` is no address.
    """
    return add_signature(fields, sign_digest(private_key, signing_digest(fields)))


def signing_digest(fields: Fields) -> bytes:
    """The 32 bytes that the sender signs, for keys that live elsewhere."""
    members = _members(fields)
    if isinstance(fields, FeeMarketFields):
        return keccak(bytes((FEE_MARKET,)) + rlp.encode(members))
    return keccak(rlp.encode([*members, rlp.encode_integer(fields.chain_id), b"", b""]))


def add_signature(fields: Fields, signature: bytes) -> bytes:
    """Join fields and the signature of their `signing_digest` into a raw transaction.

    Args:
        fields: What was signed.
        signature: 65 bytes r, s, v with v of 27 or 28.

    Raises:
        SignatureMalformed: It is not. Whose it is, only a look at the sender tells.
    """
    r, s, parity = split_signature(signature)
    if isinstance(fields, FeeMarketFields):
        tail = [rlp.encode_integer(number) for number in (parity, r, s)]
        return bytes((FEE_MARKET,)) + rlp.encode([*_members(fields), *tail])
    v = _FIRST_PROTECTED_V + 2 * fields.chain_id + parity
    tail = [rlp.encode_integer(number) for number in (v, r, s)]
    return rlp.encode([*_members(fields), *tail])


def decode_transaction(raw: bytes) -> Transaction:
    """Read a raw transaction and recover its sender.

    Raises:
        TransactionTypeUnsupported: Its type is neither 0, 1 nor 2.
        TransactionMalformed: The bytes are not the canonical form of such a transaction, or its
            signature is none.
    """
    if not raw:
        raise TransactionMalformed("there are no bytes")
    try:
        if raw[0] >= _FIRST_LIST_PREFIX:
            return _decode_legacy(raw)
        return _decode_typed(raw)
    except (RlpMalformed, SignatureMalformed) as error:
        raise TransactionMalformed(str(error)) from None


def transaction_from_rpc(document: Mapping[str, Any]) -> bytes:
    """Rebuild the raw bytes of a transaction from a node's JSON, whoever sent it.

    Raises:
        TransactionTypeUnsupported: Its type is neither 0, 1 nor 2: a blob transaction, say.
        RpcMalformed: The JSON lacks a field or has it in another form.
        TransactionMismatch: The bytes do not have the hash that the JSON gives.
    """
    kind = rpc.quantity(document, "type") if document.get("type") is not None else LEGACY
    _require_known(kind)
    members: list[rlp.Item] = [_number(document, name) for name in _NUMBERS[kind]]
    members.append(rpc.data(document, "to", ADDRESS_BYTES) if document.get("to") else b"")
    members.append(_number(document, "value"))
    members.append(rpc.data(document, "input"))
    prefix = b""
    if kind != LEGACY:
        members.append(_access_list(document))
        prefix = bytes((kind,))
    v = "yParity" if kind != LEGACY and "yParity" in document else "v"
    members.extend(_number(document, name) for name in (v, "r", "s"))
    raw = prefix + rlp.encode(members)
    if keccak(raw) != rpc.data(document, "hash", WORD_BYTES):
        raise TransactionMismatch(f"the fields of {document['hash']} have another hash")
    return raw


def _members(fields: Fields) -> list[rlp.Item]:
    """All that is signed of a transaction, but for its type and a legacy one's chain id."""
    to = from_address(fields.to) if fields.to is not None else b""
    body = [to, rlp.encode_integer(fields.value), fields.data]
    match fields:
        case LegacyFields():
            head = (fields.nonce, fields.gas_price, fields.gas)
            return [*map(rlp.encode_integer, head), *body]
        case FeeMarketFields():
            fees = (fields.max_priority_fee_per_gas, fields.max_fee_per_gas)
            head_and_fees = (fields.chain_id, fields.nonce, *fees, fields.gas)
            return [*map(rlp.encode_integer, head_and_fees), *body, []]


def _decode_legacy(raw: bytes) -> Transaction:
    *members, v_item, r, s = rlp.to_list(rlp.decode(raw), 9)
    v = rlp.to_integer(v_item)
    nonce, price, gas = map(rlp.to_integer, members[:3])
    if v >= _FIRST_PROTECTED_V:
        chain_id, parity = divmod(v - _FIRST_PROTECTED_V, 2)
        signed = [*members, rlp.encode_integer(chain_id), b"", b""]
        sender = _sender(rlp.encode(signed), parity, r, s)
        return _transaction(raw, LEGACY, (chain_id, nonce, price, price, gas), members[3:], sender)
    sender = _sender(rlp.encode(members), v - _FIRST_V, r, s)
    return _transaction(raw, LEGACY, (None, nonce, price, price, gas), members[3:], sender)


def _decode_typed(raw: bytes) -> Transaction:
    kind = raw[0]
    if kind == LEGACY:
        raise TransactionTypeUnsupported("a legacy transaction does not name its type")
    _require_known(kind)
    count = len(_NUMBERS[kind])
    *members, parity, r, s = rlp.to_list(rlp.decode(raw[1:]), count + 7)
    _require_access_list(members[-1])
    numbers = [rlp.to_integer(member) for member in members[:count]]
    if kind == ACCESS_LIST:
        numbers.insert(2, numbers[2])  # One price is both the fee and its ceiling.
    chain_id, nonce, tip, fee, gas = numbers
    sender = _sender(raw[:1] + rlp.encode(members), rlp.to_integer(parity), r, s)
    return _transaction(raw, kind, (chain_id, nonce, tip, fee, gas), members[count:], sender)


def _transaction(
    raw: bytes,
    kind: int,
    numbers: tuple[int | None, int, int, int, int],
    body: Sequence[rlp.Item],
    sender: str,
) -> Transaction:
    chain_id, nonce, tip, fee, gas = numbers
    to = rlp.to_bytes(body[0])
    return Transaction(
        hash=keccak(raw),
        type=kind,
        chain_id=chain_id,
        nonce=nonce,
        to=to_address(rlp.to_bytes(to, ADDRESS_BYTES)) if to else None,
        value=rlp.to_integer(body[1]),
        data=rlp.to_bytes(body[2]),
        gas=gas,
        max_fee_per_gas=fee,
        max_priority_fee_per_gas=tip,
        sender=sender,
    )


def _sender(signed: bytes, parity: int, r: rlp.Item, s: rlp.Item) -> str:
    if parity not in {0, 1}:
        raise TransactionMalformed(f"the y parity is {parity}")
    halves = b"".join([rlp.to_integer(half).to_bytes(WORD_BYTES, "big") for half in (r, s)])
    return recover(keccak(signed), halves + bytes((_FIRST_V + parity,)))


def _require_known(kind: int) -> None:
    if kind not in _NUMBERS:
        raise TransactionTypeUnsupported(f"transactions of type {kind} are not supported")


def _require_access_list(item: rlp.Item) -> None:
    for entry in rlp.to_list(item):
        address, keys = rlp.to_list(entry, 2)
        rlp.to_bytes(address, ADDRESS_BYTES)
        for key in rlp.to_list(keys):
            rlp.to_bytes(key, WORD_BYTES)


def _access_list(document: Mapping[str, Any]) -> list[rlp.Item]:
    return [
        [
            rpc.data(entry, "address", ADDRESS_BYTES),
            [
                rpc.data({"key": key}, "key", WORD_BYTES)
                for key in rpc.members(entry, "storageKeys")
            ],
        ]
        for entry in rpc.members(document, "accessList")
    ]


def _number(document: Mapping[str, Any], name: str) -> bytes:
    return rlp.encode_integer(rpc.quantity(document, name))
