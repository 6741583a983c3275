"""What a file proves, in words: recomputed by the verifier and compared with what the file says.

Integers that the contracts hold in more than 48 bits are decimal text, as in signed orders; an
instant is UTC seconds; an organisation is its number in the registry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Any

from chainfin.codec.hashing import to_hex
from chainfin.codec.headers import Header
from chainfin.domain.events import ReceivableEvent, ReceivableIssued
from chainfin.domain.receivable import Lot, LotId, Receivable
from chainfin.evidence.calls import Call
from chainfin.evidence.package import Opening
from chainfin.evidence.record import Record, sequence_of
from chainfin.evidence.signers import CheckedOrder
from chainfin.evidence.words import ProgrammeRules

_WIDE = frozenset(
    {
        "amount",
        "document_amount",
        "face_value",
        "net_proceeds",
        "paid",
        "part_face_value",
        "receivable_id",
        "remaining_face_value",
        "request_id",
    }
)
"""Fields of facts that the contracts hold in 64 bits."""


@dataclass(frozen=True, slots=True)
class ProvenFact:
    """A fact, the transaction it happened in, and the orders of that transaction."""

    event: ReceivableEvent
    call: Call
    orders: tuple[CheckedOrder, ...]


def make_statement(
    *,
    checkpoint: Header,
    lot_id: LotId,
    facts: Sequence[ProvenFact],
    record: Record,
    programme: ProgrammeRules,
    opening: Opening | None,
) -> dict[str, Any]:
    """The statement of what was proven."""
    lots = record.lots
    return {
        "as_of": {
            "block_hash": to_hex(checkpoint.hash),
            "block_number": checkpoint.number,
            "timestamp": checkpoint.timestamp,
        },
        "receivable": _receivable(record.receivable, programme),
        "lot": _lot(lots[lot_id.lot_sequence]),
        "lineage": [str(each) for each in lineage(lots, lot_id)],
        "conservation": {
            "face_value_minor": str(record.receivable.terms.face_value_minor),
            "outstanding_in_lots_minor": str(sum(each.outstanding_minor for each in lots.values())),
            "paid_to_lots_minor": str(sum(each.paid_minor for each in lots.values())),
        },
        "document": _document(record.issued, opening),
        "facts": [_fact(entry) for entry in facts],
        "orders": [_order(entry) for entry in _unique_orders(facts)],
    }


def lineage(lots: Mapping[int, Lot], lot_id: LotId) -> list[LotId]:
    """The lot, the one it was taken from, and so on to the root."""
    way = [lot_id.lot_sequence]
    while parent := lots[way[-1]].parent_sequence:
        way.append(parent)
    return [LotId(lot_id.receivable_id, sequence) for sequence in way]


def _receivable(receivable: Receivable, programme: ProgrammeRules) -> dict[str, Any]:
    terms = receivable.terms
    return {
        "receivable_id": str(receivable.receivable_id),
        "obligor": terms.obligor,
        "supplier": terms.supplier,
        "programme_id": terms.programme_id,
        "currency": programme.currency,
        "deposit": programme.deposit,
        "face_value_minor": str(terms.face_value_minor),
        "maturity_at": terms.maturity_at,
        "grace_ends_at": terms.grace_ends_at,
        "status": receivable.status.name.lower(),
        "paid_minor": str(receivable.paid_minor),
        "cleared_minor": str(receivable.cleared_minor),
        "lot_count": receivable.lot_count,
        "sequence": receivable.sequence,
    }


def _lot(lot: Lot) -> dict[str, Any]:
    return {
        "lot_id": str(lot.lot_id),
        "holder": lot.holder,
        "face_value_minor": str(lot.face_value_minor),
        "paid_minor": str(lot.paid_minor),
        "tier": lot.tier,
        "transfer_count": lot.transfer_count,
        "encumbrance": lot.encumbrance.name.lower(),
        "is_settled": lot.is_settled,
    }


def _document(issued: ReceivableIssued, opening: Opening | None) -> dict[str, Any]:
    return {
        "document_type": issued.document_type,
        "amount_minor": str(issued.document_amount),
        "fingerprint": issued.document_fingerprint,
        "commitment": issued.document_commitment,
        "is_opened": opening is not None,
        "file_sha256": to_hex(sha256(opening.file).digest()) if opening else None,
    }


def _fact(entry: ProvenFact) -> dict[str, Any]:
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


def _unique_orders(facts: Sequence[ProvenFact]) -> list[CheckedOrder]:
    """Every order once, in the order of the facts it caused."""
    found = {each.order.order_hash: each for entry in facts for each in entry.orders}
    return list(found.values())


def _order(entry: CheckedOrder) -> dict[str, Any]:
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
