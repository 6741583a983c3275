"""Fingerprints and match keys of documents, computed under the keeper's keys and logged."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chainfin.codec.fingerprint_keys import FingerprintKey
from chainfin.codec.hashing import to_hex
from chainfin.domain.documents import (
    MatchKind,
    digits_preimage,
    numbered_preimage,
    registry_preimage,
    row_preimage,
    terms_preimage,
)
from chainfin.domain.service_errors import DevelopmentOnly, EpochKeyMissing
from chainfin.models.documents import live_epoch
from chainfin.models.private_documents import FingerprintUseRow, list_fingerprint_uses
from chainfin.services.context import Caller, Context, Keeper


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a document from others.

    Attributes:
        seller: The seller's organisation number.
        seller_identifier: Its legal identifier; empty if it is not known.
        document_type: What it is.
        number: As printed; None for a ledger row.
        fiscal_year: Where the seller's numbers restart every year.
        issue_date: ISO 8601, or empty.
        currency: ISO 4217 code.
        amount_minor: Its amount.
    """

    seller: int
    seller_identifier: str
    document_type: str
    number: str | None
    fiscal_year: int | None
    issue_date: str
    currency: str
    amount_minor: int


def require_keeper(context: Context) -> Keeper:
    """The keeper, where this process holds it."""
    if context.keeper is None:
        raise DevelopmentOnly("documents: this service holds no keeper key")
    return context.keeper


def live_key(context: Context) -> FingerprintKey:
    """The key of the epoch that the chain takes fingerprints of now.

    Raises:
        EpochKeyMissing: This service does not hold it.
    """
    return key_of(context, live_epoch(context.session))


def key_of(context: Context, epoch: int) -> FingerprintKey:
    """The key of an epoch.

    Raises:
        EpochKeyMissing: This service does not hold it.
    """
    for key in require_keeper(context).fingerprint_keys:
        if key.epoch == epoch:
            return key
    raise EpochKeyMissing(epoch)


def numbered_tag(key: FingerprintKey, identity: Identity) -> bytes:
    """The fingerprint of a document with a number."""
    number = identity.number or ""
    return key.tag(
        numbered_preimage(identity.seller, identity.document_type, number, identity.fiscal_year)
    )


def row_tag(key: FingerprintKey, seller: int, canonical_row: bytes, ordinal: int) -> bytes:
    """The fingerprint of a ledger row."""
    return key.tag(row_preimage(seller, canonical_row, ordinal))


def entry_tag(key: FingerprintKey, identity: Identity, file: bytes, ordinal: int) -> bytes:
    """The fingerprint of a document: by its number, or by its content where it has none."""
    if identity.number is None:
        return row_tag(key, identity.seller, file, ordinal)
    return numbered_tag(key, identity)


def match_keys(keys: Iterable[FingerprintKey], identity: Identity) -> dict[str, tuple[str, int]]:
    """Match keys of a document with a number, under every epoch held: kind and epoch by tag."""
    preimages = {
        kind: preimage for kind, preimage in _preimages(identity).items() if preimage is not None
    }
    return {
        to_hex(key.tag(preimage)): (str(kind), key.epoch)
        for key in keys
        for kind, preimage in preimages.items()
    }


def registry_tags(keys: Iterable[FingerprintKey], identity: Identity) -> dict[int, str]:
    """What to ask other platforms by: the registry key by epoch; none without an identifier."""
    preimage = _preimages(identity).get(MatchKind.REGISTRY)
    if preimage is None:
        return {}
    return {key.epoch: to_hex(key.tag(preimage)) for key in keys}


def log_use(
    context: Context, organisation: int, purpose: str, tags: int, reference: str = ""
) -> None:
    """Note who had fingerprints computed or compared, how many and what for."""
    context.session.add(
        FingerprintUseRow(
            organisation=organisation,
            purpose=purpose,
            epoch=live_epoch(context.session),
            tags=tags,
            reference=reference,
            used_at=context.now,
        )
    )


def use_views(context: Context, caller: Caller, after: int, limit: int) -> list[dict[str, Any]]:
    """Who had fingerprints computed or compared: the caller's own uses, all for auditors."""
    organisation = None if caller.reads_all else caller.organisation
    rows = list_fingerprint_uses(
        context.session, organisation=organisation, after=after, limit=limit
    )
    return [
        {
            "use_id": row.use_id,
            "organisation": row.organisation,
            "purpose": row.purpose,
            "epoch": row.epoch,
            "tags": row.tags,
            "reference": row.reference,
            "used_at": row.used_at,
        }
        for row in rows
    ]


def _preimages(identity: Identity) -> dict[MatchKind, bytes | None]:
    number, kind = identity.number, identity.document_type
    if number is None:
        return {}
    return {
        MatchKind.REGISTRY: registry_preimage(
            identity.seller_identifier, kind, number, identity.fiscal_year
        )
        if identity.seller_identifier
        else None,
        MatchKind.SAME_DIGITS: digits_preimage(identity.seller, kind, number),
        MatchKind.SAME_TERMS: terms_preimage(
            identity.seller, kind, identity.issue_date, identity.currency, identity.amount_minor
        )
        if identity.issue_date
        else None,
    }
