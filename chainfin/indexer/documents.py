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


def document_carried(rows: Rows, _log: RawLog, event: said.DocumentCarried) -> None:
    """A document goes by its fingerprint of the next epoch; its stream goes on in a row of that."""
    key = (event.fingerprint,)
    if not rows.covers(DocumentRow, *key):
        return
    row = advance(rows, DocumentRow, key, event.sequence)
    row.carried_to = event.successor
    rows.add(
        _Document(
            fingerprint=event.successor,
            amount_minor=row.amount_minor,
            used_minor=row.used_minor,
            obligor=row.obligor,
            seller=row.seller,
            currency=row.currency,
            document_type=row.document_type,
            sequence=event.sequence,
            carried_to=None,
            carried_in=event.epoch,
        )
    )


def document_released(rows: Rows, _log: RawLog, event: said.DocumentReleased) -> None:
    """A document has room again."""
    if rows.covers(DocumentRow, event.fingerprint):
        _advance(rows, event.fingerprint, event.sequence).used_minor = event.used


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
                carried_to=None,
                carried_in=None,
            )
        )
        return
    row = _advance(rows, event.document_fingerprint, event.document_sequence)
    row.used_minor += event.face_value


def _advance(rows: Rows, fingerprint: str, sequence: int) -> DocumentRow:
    """The row of a document under the fingerprint it goes by now, one event further."""
    row = rows.find(DocumentRow, fingerprint)
    while row is not None and row.carried_to is not None:
        fingerprint = row.carried_to
        row = rows.find(DocumentRow, fingerprint)
    return advance(rows, DocumentRow, (fingerprint,), sequence)
