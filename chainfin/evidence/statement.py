"""What a file proves, in words: recomputed by the verifier and compared with what the file says.

Integers that the contracts hold in more than 48 bits are decimal text, as in signed orders; an
instant is UTC seconds; an organisation is its number in the registry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import IntEnum
from hashlib import sha256
from typing import Any

from chainfin.codec.hashing import to_hex
from chainfin.codec.headers import Header
from chainfin.domain.events import ReceivableIssued
from chainfin.domain.participant import ParticipantKey
from chainfin.domain.receivable import Lot
from chainfin.evidence.claims import make_claims
from chainfin.evidence.history import History, ProvenFact
from chainfin.evidence.package import Opening, Subject
from chainfin.evidence.record import Record, sequence_of
from chainfin.evidence.seals import Seals, ValidatorChange
from chainfin.evidence.signers import CheckedOrder
from chainfin.evidence.stated import (
    StatedChain,
    StatedChange,
    StatedDocument,
    StatedFact,
    StatedKey,
    StatedLot,
    StatedOrder,
    StatedReceivable,
    StatedSeals,
    Statement,
)
from chainfin.evidence.trust import Trust

_WIDE = frozenset(
    {
        "amount",
        "document_amount",
        "face_value",
        "late_interest",
        "net_proceeds",
        "outstanding",
        "paid",
        "part_face_value",
        "receivable_id",
        "remaining_face_value",
        "request_id",
    }
)
"""Fields of facts that the contracts hold in 64 bits."""


def make_statement(
    *,
    trust: Trust,
    subject: Subject,
    headers: Sequence[Header],
    seals: Seals | None,
    histories: Sequence[History],
    keys: Mapping[str, ParticipantKey],
) -> Statement:
    """The statement of what was proven."""
    facts = [fact for history in histories for fact in history.facts]
    return {
        "subject": {"kind": subject.kind, "id": subject.id, "from_block": subject.from_block},
        "chain": _chain(trust, headers, seals),
        "receivables": [_history(history) for history in histories],
        "keys": [_key(keys[address]) for address in sorted(keys)],
        "orders": [_order(entry) for entry in _unique_orders(facts)],
        "claims": make_claims(subject, seals, [each.opening is not None for each in histories]),
    }


def _chain(trust: Trust, headers: Sequence[Header], seals: Seals | None) -> StatedChain:
    checkpoint = headers[-1]
    return {
        "chain_id": trust.chain_id,
        "block_hash": to_hex(checkpoint.hash),
        "block_number": checkpoint.number,
        "timestamp": checkpoint.timestamp,
        "header_count": len(headers),
        "seals": None if seals is None else _seals(seals),
    }


def _seals(seals: Seals) -> StatedSeals:
    return {
        "seal_count": seals.seal_count,
        "validators": list(seals.validators),
        "changes": [_change(change) for change in seals.changes],
    }


def _change(change: ValidatorChange) -> StatedChange:
    return {
        "block_number": change.block_number,
        "subject": change.subject,
        "is_addition": change.is_addition,
    }


def _history(history: History) -> StatedReceivable:
    record = history.known()
    receivable, terms, lots = record.receivable, record.receivable.terms, record.lots
    return {
        "receivable_id": str(receivable.receivable_id),
        "obligor": terms.obligor,
        "supplier": terms.supplier,
        "programme_id": terms.programme_id,
        "currency": history.programme.currency,
        "deposit": history.programme.deposit,
        "face_value_minor": str(terms.face_value_minor),
        "maturity_at": terms.maturity_at,
        "grace_ends_at": terms.grace_ends_at,
        "status": receivable.status.name.lower(),
        "paid_minor": str(receivable.paid_minor),
        "cleared_minor": str(receivable.cleared_minor),
        "lot_count": receivable.lot_count,
        "sequence": receivable.sequence,
        "lots": [_lot(lot, record) for lot in history.lots],
        "conservation": {
            "face_value_minor": str(terms.face_value_minor),
            "outstanding_in_lots_minor": str(sum(each.outstanding_minor for each in lots.values())),
            "paid_to_lots_minor": str(sum(each.paid_minor for each in lots.values())),
        },
        "document": _document(record.issued, history.opening),
        "facts": [_fact(entry) for entry in history.facts],
    }


def _lot(lot: Lot, record: Record) -> StatedLot:
    return {
        "lot_id": str(lot.lot_id),
        "lineage": [str(each) for each in record.lineage(lot.lot_sequence)],
        "holder": lot.holder,
        "face_value_minor": str(lot.face_value_minor),
        "paid_minor": str(lot.paid_minor),
        "tier": lot.tier,
        "transfer_count": lot.transfer_count,
        "encumbrance": lot.encumbrance.name.lower(),
        "is_settled": lot.is_settled,
    }


def _document(issued: ReceivableIssued, opening: Opening | None) -> StatedDocument:
    return {
        "document_type": issued.document_type,
        "amount_minor": str(issued.document_amount),
        "fingerprint": issued.document_fingerprint,
        "commitment": issued.document_commitment,
        "is_opened": opening is not None,
        "file_sha256": to_hex(sha256(opening.file).digest()) if opening else None,
    }


def _fact(entry: ProvenFact) -> StatedFact:
    header = entry.call.included.header
    return {
        "event": type(entry.event).__name__,
        "sequence": sequence_of(entry.event),
        "block_number": header.number,
        "transaction_hash": entry.call.transaction_hash,
        "at": header.timestamp,
        "details": _details(asdict(entry.event)),
        "orders": [to_hex(each.order.order_hash) for each in entry.orders],
    }


def _details(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A fact's own fields; its sequence stands beside them."""
    return {
        name.removesuffix("_"): _shown(name, value)
        for name, value in fields.items()
        if name != "sequence"
    }


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, tuple | list):
        return [_details(item) for item in value]
    return str(value) if name in _WIDE else value


def _key(key: ParticipantKey) -> StatedKey:
    return {
        "key": key.key,
        "organisation": key.organisation,
        "roles": [str(role.name).lower() for role in key.roles],
        "kind": key.kind.name.lower(),
        "valid_from": key.valid_from,
        "valid_until": key.valid_until,
        "person": key.person,
    }


def _unique_orders(facts: Sequence[ProvenFact]) -> list[CheckedOrder]:
    """Every order once, in the order of the facts it caused."""
    found = {each.order.order_hash: each for entry in facts for each in entry.orders}
    return list(found.values())


def _order(entry: CheckedOrder) -> StatedOrder:
    order = entry.order
    keys = [approval.key for approval in order.approvals]
    return {
        "order_hash": to_hex(order.order_hash),
        "primary_type": order.primary_type,
        "organisation": order.message["organisation"],
        "at": entry.at,
        "signatures": [
            {
                "key": key,
                "role": str(role.name).lower(),
                "is_recovered": key not in entry.contract_keys,
            }
            for key, role in zip(keys, order.roles, strict=False)
        ],
    }
