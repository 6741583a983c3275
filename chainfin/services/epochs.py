"""The fingerprint key's epochs: documents carried to their fingerprints of the next, then opened.

A document on the chain goes by one fingerprint. Before the next epoch opens, the keeper states
for every document by which one it goes then; whatever is used of it stays used. A document
recorded while its next key was already held has that fingerprint computed; of others it is
computed from the sealed file, once the fingerprint it has follows from that file as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from chainfin.chain.calls import calldata
from chainfin.codec.fingerprint_keys import FingerprintKey
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.domain.service_errors import DocumentErased, DocumentUnnamed, EpochKeyMissing
from chainfin.models.documents import count_uncarried, live_epoch, uncarried
from chainfin.models.orders import AdministrationRow, administration_count
from chainfin.models.private_documents import (
    DocumentFingerprintRow,
    TradeDocumentRow,
    documents_by_fingerprint,
    fingerprints_in,
)
from chainfin.services.context import Caller, Context
from chainfin.services.council import prepare_call
from chainfin.services.fingerprints import Identity, entry_tag, log_use, require_keeper
from chainfin.services.submission import AdministrationStatus
from chainfin.services.vault import Content, Vault

DOCUMENTS_A_STATEMENT = 100
"""Documents one transaction carries: about 6,000,000 gas."""
STATEMENTS_AT_ONCE = 20
STATEMENT_SECONDS = 7 * 86_400
CARRYING = "carry documents"
_YEARS_AROUND = 2
_MOST_ORDINALS = 1_000


@dataclass(frozen=True, slots=True)
class Carrying:
    """Where the way to the next epoch stands.

    Attributes:
        live_epoch: The epoch the chain takes fingerprints of now.
        remaining: Documents on the chain that must still be carried.
        waiting: Statements that wait for their transaction.
        sent: Documents that statements were signed for just now.
        unnamed: Fingerprints of documents that cannot be carried from here, each with why.
    """

    live_epoch: int
    remaining: int
    waiting: int
    sent: int = 0
    unnamed: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """For the operator."""
        return asdict(self) | {"unnamed": dict(self.unnamed or {})}


def carrying(context: Context, caller: Caller) -> Carrying:
    """Where it stands; the operator's."""
    caller.require_operator()
    session = context.session
    return Carrying(
        live_epoch=live_epoch(session),
        remaining=count_uncarried(session),
        waiting=administration_count(
            session, CARRYING, (AdministrationStatus.RECEIVED, AdministrationStatus.SUBMITTED)
        ),
    )


def carry_documents(context: Context, caller: Caller) -> Carrying:
    """Sign for the documents still to be carried and have the worker send it, many at a time.

    While earlier statements wait nothing is signed, so whoever is interrupted calls it again.

    Raises:
        RightRequired: The caller is not the operator.
        EpochKeyMissing: This service does not hold the next epoch's key.
    """
    stands = carrying(context, caller)
    if stands.waiting:
        return stands
    key = _key_of(context, stands.live_epoch + 1)
    pairs: list[tuple[str, str]] = []
    unnamed: dict[str, str] = {}
    after = ""
    while len(pairs) < DOCUMENTS_A_STATEMENT * STATEMENTS_AT_ONCE:
        tags = uncarried(context.session, after, DOCUMENTS_A_STATEMENT)
        if not tags:
            break
        named, missing = _successors(context, tags, key)
        pairs += named.items()
        unnamed |= missing
        after = tags[-1]
    for start in range(0, len(pairs), DOCUMENTS_A_STATEMENT):
        _send(context, key.epoch, pairs[start : start + DOCUMENTS_A_STATEMENT])
    log_use(context, caller.organisation, "carry", len(pairs))
    waiting = -(-len(pairs) // DOCUMENTS_A_STATEMENT)
    return Carrying(stands.live_epoch, stands.remaining, waiting, len(pairs), unnamed)


def open_epoch(context: Context, caller: Caller) -> dict[str, Any] | None:
    """Have the next epoch opened: by the administration, or as a decision of the Council.

    Returns:
        The decision to vote on, where the Council governs alone.

    Raises:
        RightRequired: The caller is not the operator.
        EpochKeyMissing: This service does not hold its key.
        DocumentsNotCarried: A document was left behind.
    """
    caller.require_operator()
    epoch = _key_of(context, live_epoch(context.session) + 1).epoch
    registry = context.network.deployment.address("DocumentRegistry")
    data = calldata("DocumentRegistry", "openEpoch", [epoch])
    administrator = context.network.deployment.administrator
    if administrator is None:
        return prepare_call(context, caller, "open_epoch", registry, data)
    context.network.node.call(registry, data, sender=administrator)
    _queue(context, f"open epoch {epoch}", data)
    return None


def live_fingerprints(context: Context, documents: Iterable[TradeDocumentRow]) -> dict[str, str]:
    """By what fingerprint recorded documents go now, by that of their recording.

    Raises:
        EpochKeyMissing: This service does not hold the live key.
        DocumentUnnamed: Of one it cannot be computed any more.
    """
    rows = list(documents)
    epoch = live_epoch(context.session)
    named, missing = _named(context, rows, _key_of(context, epoch))
    for tag, because in missing.items():
        raise DocumentUnnamed(tag, epoch, because)
    return named


# --- fingerprints of the next epoch ----------------------------------------------------------


def _successors(
    context: Context, tags: Sequence[str], key: FingerprintKey
) -> tuple[dict[str, str], dict[str, str]]:
    """The next fingerprint by the one on the chain; and why there is none."""
    documents = documents_by_fingerprint(context.session, tags)
    unique = {row.fingerprint: row for row in documents.values()}
    named, missing = _named(context, unique.values(), key)
    found: dict[str, str] = {}
    unnamed: dict[str, str] = {}
    for tag in tags:
        row = documents.get(tag)
        if row is None:
            unnamed[tag] = "it was not recorded here"
        elif row.fingerprint in named:
            found[tag] = named[row.fingerprint]
        else:
            unnamed[tag] = missing[row.fingerprint]
    return found, unnamed


def _named(
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
    old = _key_of(context, row.epoch)
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


def _key_of(context: Context, epoch: int) -> FingerprintKey:
    for key in require_keeper(context).fingerprint_keys:
        if key.epoch == epoch:
            return key
    raise EpochKeyMissing(epoch)


# --- statements ------------------------------------------------------------------------------


def _send(context: Context, epoch: int, pairs: Sequence[tuple[str, str]]) -> None:
    keeper = require_keeper(context)
    deployment = context.network.deployment
    statement = {
        "target": deployment.address("DocumentRegistry"),
        "organisation": keeper.organisation,
        "deadline": context.as_of().block_timestamp + STATEMENT_SECONDS,
        "epoch": epoch,
        "documents": [
            {"fingerprint": from_hex(old, 32), "successor": from_hex(new, 32)} for old, new in pairs
        ],
    }
    signature = keeper.signer.sign_typed_data(deployment.domain, "CarryDocuments", statement)
    data = calldata(
        "DocumentRegistry", "carryDocuments", [statement, (keeper.signer.address, signature)]
    )
    _queue(context, f"{CARRYING} to epoch {epoch} from {pairs[0][0]}", data)


def _queue(context: Context, description: str, data: bytes) -> None:
    context.session.add(
        AdministrationRow(
            description=description,
            contract=context.network.deployment.address("DocumentRegistry"),
            calldata=data,
            status=AdministrationStatus.RECEIVED,
            recorded_at=context.now,
        )
    )
