"""Projections: how much of each trade document is used."""

from chainfin.domain import events as said
from chainfin.domain.events import RawLog
from chainfin.indexer.rows import Rows, advance, staged
from chainfin.models.documents import DocumentEpochRow, DocumentRow

# Rows in the making: see `rows.staged`.
_Document = staged(DocumentRow)
_DocumentEpoch = staged(DocumentEpochRow)


def epoch_opened(rows: Rows, log: RawLog, event: said.EpochOpened) -> None:
    """Fingerprints are made with the next key."""
    rows.add(_DocumentEpoch(epoch=event.epoch, opened_at=log.position.block_timestamp))


def document_released(rows: Rows, _log: RawLog, event: said.DocumentReleased) -> None:
    """A document has room again."""
    key = (event.fingerprint,)
    if rows.covers(DocumentRow, *key):
        advance(rows, DocumentRow, key, event.sequence).used_minor = event.used


def occupy(rows: Rows, event: said.ReceivableIssued, currency: str) -> None:
    """The first use of a document enters it."""
    if event.document_sequence == 1:
        rows.add(
            _Document(
                fingerprint=event.document_fingerprint,
                amount_minor=event.document_amount,
                used_minor=event.face_value,
                obligor=event.obligor,
                seller=event.supplier,
                currency=currency,
                document_type=event.document_type,
                sequence=1,
            )
        )
        return
    key = (event.document_fingerprint,)
    advance(rows, DocumentRow, key, event.document_sequence).used_minor += event.face_value
