"""What a lot's face was at a moment of its receivable's history.

The ledger keeps the face of now. Splits take from it, a split undone gives back, a credit note
makes the first lot smaller, an early payment any lot: only the events, played from the beginning,
say what it was.
"""

from collections.abc import Iterable

from chainfin.domain.events import (
    Event,
    LotFinanced,
    LotPaidEarly,
    LotSplit,
    LotUnsplit,
    ReceivableCancelled,
    ReceivableIssued,
)
from chainfin.domain.receivable import ROOT_SEQUENCE


def lot_face_at(events: Iterable[Event], lot_sequence: int, sequence: int) -> int:
    """A lot's face right after an event of its receivable.

    Args:
        events: Of one receivable, in chain order; others among them are passed over.
        lot_sequence: The lot.
        sequence: Running number of the event.

    Returns:
        Minor units; 0 where the lot was not made yet.
    """
    faces: dict[int, int] = {}
    for event in events:
        if isinstance(event, _CHANGES) and event.sequence > sequence:
            continue
        _play(faces, event)
    return faces.get(lot_sequence, 0)


_CHANGES = (ReceivableCancelled, LotSplit, LotUnsplit, LotFinanced, LotPaidEarly)


def _play(faces: dict[int, int], event: Event) -> None:
    match event:
        case ReceivableIssued():
            faces[ROOT_SEQUENCE] = event.face_value
        case ReceivableCancelled():
            faces[ROOT_SEQUENCE] -= event.amount
        case LotSplit():
            faces[event.parent_sequence] = event.remaining_face_value
            faces |= {part.lot_sequence: part.face_value for part in event.parts}
        case LotUnsplit():
            faces[event.parent_sequence] += event.face_value
            faces[event.lot_sequence] = 0
        case LotFinanced() if event.lot_sequence != event.parent_sequence:
            faces[event.parent_sequence] -= event.face_value
            faces[event.lot_sequence] = event.face_value
        case LotPaidEarly():
            faces[event.lot_sequence] -= event.face_value
        case _:
            pass
