"""ReceivableLedger and LedgerLens: receivables and lots as the contracts have them."""

from collections.abc import Sequence
from typing import Any

from chainfin.chain.client import BlockTag
from chainfin.chain.network import Network
from chainfin.codec.hashing import to_hex
from chainfin.domain.receivable import (
    Arrears,
    Encumbrance,
    Lot,
    Receivable,
    ReceivableStatus,
    ReceivableTerms,
)

PAGE = 50


def read_receivable(
    network: Network, receivable_id: int, block: BlockTag
) -> tuple[Receivable, list[Lot]]:
    """A receivable and all its lots at a block."""
    state = network.read("LedgerLens", "receivable", [receivable_id], block)
    return receivable_of(receivable_id, state)


def read_receivables(
    network: Network, receivable_ids: Sequence[int], block: BlockTag
) -> list[tuple[Receivable, list[Lot]]]:
    """Receivables by ascending number, with their lots, at a block, in pages."""
    found: list[tuple[Receivable, list[Lot]]] = []
    wanted = list(receivable_ids)
    while wanted:
        first = wanted[0]
        page = [number for number in wanted[:PAGE] if number < first + PAGE]
        wanted = wanted[len(page) :]
        count = page[-1] - first + 1
        states = network.read("LedgerLens", "receivables", [first, count], block)
        found += [receivable_of(number, states[number - first]) for number in page]
    return found


def receivable_of(receivable_id: int, state: dict[str, Any]) -> tuple[Receivable, list[Lot]]:
    """LedgerLens' state as domain values."""
    terms, progress = state["terms"], state["progress"]
    receivable = Receivable(
        receivable_id=receivable_id,
        terms=ReceivableTerms(
            obligor=terms["obligor"],
            supplier=terms["supplier"],
            programme_id=terms["programmeId"],
            maturity_at=terms["maturityAt"],
            grace_ends_at=terms["graceEndsAt"],
            face_value_minor=terms["faceValue"],
        ),
        status=ReceivableStatus(progress["status"]),
        paid_minor=progress["paid"],
        cleared_minor=progress["cleared"],
        lot_count=progress["lotCount"],
        sequence=progress["sequence"],
        document_tag=to_hex(progress["documentTag"]),
        arrears=Arrears(progress["arrears"]),
    )
    lots = [
        Lot(
            receivable_id=receivable_id,
            lot_sequence=index,
            holder=entry["holder"],
            face_value_minor=entry["faceValue"],
            paid_minor=entry["paid"],
            parent_sequence=entry["parent"],
            tier=entry["tier"],
            transfer_count=entry["transferCount"],
            encumbrance=Encumbrance(entry["encumbrance"]),
            is_settled=entry["settled"],
            is_indivisible=entry["indivisible"],
        )
        for index, entry in enumerate(state["lots"], start=1)
    ]
    return receivable, lots
