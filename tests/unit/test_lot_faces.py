"""A lot's face, played from its receivable's events."""

import pytest

from chainfin.domain.events import (
    LotFinanced,
    LotPart,
    LotSplit,
    LotUnsplit,
    ReceivableCancelled,
    ReceivableIssued,
)
from chainfin.domain.lot_faces import lot_face_at

ISSUED = ReceivableIssued(17, 1, 2, 1, 1_000, 9, 9, 4, 1_000, 1, "0x", "0x")
EVENTS = [
    ISSUED,
    ReceivableCancelled(17, 3, 100, "0x"),
    LotSplit(17, 4, 1, 500, (LotPart(2, 5, 250), LotPart(3, 5, 150))),
    LotUnsplit(17, 5, 1, 2, 250),
    LotFinanced(17, 6, 1, 4, 2, 7, 50),
    LotFinanced(17, 7, 3, 3, 5, 7, 150),
]


@pytest.mark.parametrize(
    ("lot", "faces"),
    [
        (1, [1_000, 1_000, 900, 500, 750, 700, 700]),
        (2, [0, 0, 0, 250, 0, 0, 0]),
        (3, [0, 0, 0, 150, 150, 150, 150]),
        (4, [0, 0, 0, 0, 0, 50, 50]),
    ],
)
def test_face__after_each_event__what_it_was_then(lot, faces):
    assert [lot_face_at(EVENTS, lot, sequence) for sequence in range(1, 8)] == faces
