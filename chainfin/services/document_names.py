"""By what fingerprints recorded documents go in an epoch.

A document recorded while an epoch's key was held has its fingerprint of that epoch computed; of
others it is computed from the sealed file, once the fingerprint it has follows from that file.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from chainfin.codec.fingerprint_keys import FingerprintKey
from chainfin.codec.hashing import to_hex
from chainfin.domain.service_errors import DocumentErased, DocumentUnnamed, EpochKeyMissing
from chainfin.models.documents import live_epoch
from chainfin.models.private_documents import (
    DocumentFingerprintRow,
    TradeDocumentRow,
    fingerprints_in,
)
from chainfin.services.context import Context
from chainfin.services.fingerprints import Identity, entry_tag, key_of, require_keeper
from chainfin.services.vault import Content, Vault

_YEARS_AROUND = 2
_MOST_ORDINALS = 1_000


def live_fingerprints(context: Context, documents: Iterable[TradeDocumentRow]) -> dict[str, str]:
    """By what fingerprint recorded documents go now, by that of their recording.

    Raises:
        EpochKeyMissing: This service does not hold the live key.
        DocumentUnnamed: Of one it cannot be computed any more.
    """
    rows = list(documents)
    epoch = live_epoch(context.session)
    named, missing = fingerprints_under(context, rows, key_of(context, epoch))
    for tag, because in missing.items():
        raise DocumentUnnamed(tag, epoch, because)
    return named


def fingerprints_under(
    context: Context, documents: Iterable[TradeDocumentRow], key: FingerprintKey
) -> tuple[dict[str, str], dict[str, str]]:
    """The fingerprint of each document under a key, computed where it was not; and why not."""
    rows = list(documents)
    named = fingerprints_in(context.session, rows, key.epoch)
    missing: dict[str, str] = {}
    for row in rows:
        if row.fingerprint in named:
            continue
        try:
            tag = _computed(context, row, key)
        except (DocumentErased, EpochKeyMissing) as error:
            missing[row.fingerprint] = error.detail()
            continue
        if tag is None:
            missing[row.fingerprint] = "its fingerprint does not follow from its file"
            continue
        named[row.fingerprint] = tag
        context.session.add(
            DocumentFingerprintRow(fingerprint=tag, document=row.fingerprint, epoch=key.epoch)
        )
    return named, missing


def _computed(context: Context, row: TradeDocumentRow, key: FingerprintKey) -> str | None:
    """From the sealed file, if the fingerprint it was recorded under follows from it."""
    content = Vault(require_keeper(context).document_key).open(row)
    old = key_of(context, row.epoch)
    for identity, ordinal in _identities(row, content):
        if to_hex(entry_tag(old, identity, content.file, ordinal)) == row.fingerprint:
            return to_hex(entry_tag(key, identity, content.file, ordinal))
    return None


def _identities(row: TradeDocumentRow, content: Content) -> Iterator[tuple[Identity, int]]:
    """What the document may have been recorded as: year and ordinal are not kept with it."""

    def identity(fiscal_year: int | None) -> Identity:
        return Identity(
            row.seller,
            "",
            row.document_type,
            content.number,
            fiscal_year,
            "",
            row.currency,
            row.amount_minor,
        )

    if content.number is None:
        for ordinal in range(_MOST_ORDINALS):
            yield identity(None), ordinal
        return
    yield identity(None), 0
    recorded = datetime.fromtimestamp(row.recorded_at, UTC).year
    issued = content.facts.get("issue_date", "")[:4]
    around = {int(issued)} if issued.isdecimal() else set()
    for year in around | set(range(recorded - _YEARS_AROUND, recorded + _YEARS_AROUND)):
        yield identity(year), 0
