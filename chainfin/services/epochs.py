"""The fingerprint key's epochs: documents carried to their fingerprints of the next, then opened.

A document on the chain goes by one fingerprint. Before the next epoch opens, the keeper states
for every document by which one it goes then; whatever is used of it stays used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chainfin.chain.calls import calldata
from chainfin.codec.fingerprint_keys import FingerprintKey
from chainfin.codec.hashing import from_hash
from chainfin.models.documents import count_uncarried, live_epoch, uncarried
from chainfin.models.orders import administration_count
from chainfin.models.private_documents import documents_by_fingerprint
from chainfin.services.context import Caller, Context
from chainfin.services.council import prepare_call
from chainfin.services.document_names import fingerprints_under
from chainfin.services.fingerprints import key_of, log_use, require_keeper
from chainfin.services.submission import AdministrationStatus, queue_call

DOCUMENTS_A_STATEMENT = 100
"""Documents one transaction carries: about 6,000,000 gas."""
STATEMENTS_AT_ONCE = 20
STATEMENT_SECONDS = 7 * 86_400
CARRYING = "carry documents"


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
    key = key_of(context, stands.live_epoch + 1)
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
    epoch = key_of(context, live_epoch(context.session) + 1).epoch
    registry = context.network.deployment.address("DocumentRegistry")
    data = calldata("DocumentRegistry", "openEpoch", [epoch])
    administrator = context.network.deployment.administrator
    if administrator is None:
        return prepare_call(context, caller, "open_epoch", registry, data)
    context.network.node.call(registry, data, sender=administrator)
    registry = context.network.deployment.address("DocumentRegistry")
    queue_call(context, f"open epoch {epoch}", registry, data)
    return None


# --- fingerprints of the next epoch ----------------------------------------------------------


def _successors(
    context: Context, tags: Sequence[str], key: FingerprintKey
) -> tuple[dict[str, str], dict[str, str]]:
    """The next fingerprint by the one on the chain; and why there is none."""
    documents = documents_by_fingerprint(context.session, tags)
    unique = {row.fingerprint: row for row in documents.values()}
    named, missing = fingerprints_under(context, unique.values(), key)
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
            {"fingerprint": from_hash(old), "successor": from_hash(new)} for old, new in pairs
        ],
    }
    signature = keeper.signer.sign_typed_data(deployment.domain, "CarryDocuments", statement)
    data = calldata(
        "DocumentRegistry", "carryDocuments", [statement, (keeper.signer.address, signature)]
    )
    description = f"{CARRYING} to epoch {epoch} from {pairs[0][0]}"
    queue_call(context, description, deployment.address("DocumentRegistry"), data)
