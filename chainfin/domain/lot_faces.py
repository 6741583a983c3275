"""What a lot's face was at a moment of its receivable's history.

The ledger keeps the face of now. Splits take from it, a split undone gives back, a credit note
makes the first lot smaller: only the events, played from the beginning, say what it was.
"""

from collections.abc import Iterable

from chainfin.domain.events import (
    Event,
    LotFinanced,
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
        match event:
            case ReceivableIssued():
                faces[ROOT_SEQUENCE] = event.face_value
            case ReceivableCancelled() if event.sequence <= sequence:
                faces[ROOT_SEQUENCE] -= event.amount
            case LotSplit() if event.sequence <= sequence:
                faces[event.parent_sequence] = event.remaining_face_value
                faces |= {part.lot_sequence: part.face_value for part in event.parts}
            case LotUnsplit() if event.sequence <= sequence:
                faces[event.parent_sequence] += event.face_value
                faces[event.lot_sequence] = 0
            case LotFinanced() if event.sequence <= sequence:
                if event.lot_sequence != event.parent_sequence:
                    faces[event.parent_sequence] -= event.face_value
                    faces[event.lot_sequence] = event.face_value
            case _:
                pass
    return faces.get(lot_sequence, 0)
