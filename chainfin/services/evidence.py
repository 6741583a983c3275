"""Evidence for somebody who trusts neither us nor a node: the file, and the auditor's checkpoint.

The file holds what it takes to follow a lot, a receivable or a participant's receivables from a
root of trust. It is verified here before it is handed out, by the same code that the auditor runs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from chainfin.chain.deployment import DOMAIN_NAME, DOMAIN_VERSION, check_deployment
from chainfin.chain.network import Network
from chainfin.chain.proofs import header_rule, read_block, read_headers, read_storage_proof
from chainfin.codec.errors import CodecError
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import from_address, to_hex
from chainfin.codec.headers import decode_header
from chainfin.codec.interfaces import load_interfaces
from chainfin.codec.receipts import inclusion_proof
from chainfin.codec.transactions import decode_transaction
from chainfin.domain.events import LogPosition, ReceivableEvent, ReceivableIssued
from chainfin.domain.receivable import LotId
from chainfin.domain.service_errors import EvidenceUnavailable, FieldMalformed, NotFound
from chainfin.evidence import verify
from chainfin.evidence.calls import read_orders
from chainfin.evidence.checkpoints import Demands
from chainfin.evidence.errors import (
    EvidenceRefused,
    LotUnknown,
    MemberMalformed,
    TrustMalformed,
)
from chainfin.evidence.package import (
    MOST_HEADERS,
    KeyPlace,
    LotPlace,
    Opening,
    Package,
    ReceivablePlaces,
    StatePlaces,
    Subject,
    TransactionPlace,
    read_package,
    subject_of,
    write_package,
)
from chainfin.evidence.paper import Language, Paper, print_paper
from chainfin.evidence.record import Record
from chainfin.evidence.report import Report
from chainfin.evidence.trust import (
    CONTRACTS,
    HEADER_HASHES,
    BlockRoot,
    Root,
    Trust,
    TrustedDomain,
    ValidatorsRoot,
    read_trust_file,
)
from chainfin.models.access import names_of
from chainfin.models.chain_index import logs_of_receivables
from chainfin.models.private_documents import TradeDocumentRow, documents_by_fingerprint
from chainfin.models.receivables import ReceivableRow, find_receivable, list_receivables
from chainfin.services.audit import require_reader
from chainfin.services.context import Caller, Context
from chainfin.services.documents import open_content
from chainfin.services.sealed_headers import select_headers, validators_at

MOST_RECEIVABLES = 1_000
"""In one file about a participant."""

_WORD_BYTES = 32


@dataclass(frozen=True, slots=True)
class RootWanted:
    """What the reader of a file will trust.

    Attributes:
        checkpoint: The last block; the index's own by default.
        validators_at: A block of a sealed network whose validators the reader trusts; without
            it the reader trusts the checkpoint itself.
        epoch_length: Blocks of that network's epoch.
    """

    checkpoint: int | None = None
    validators_at: int | None = None
    epoch_length: int | None = None


ANY_ROOT = RootWanted()


def take_checkpoint(
    network: Network, block: int | None = None, *, epoch_length: int | None = None
) -> Trust:
    """What an auditor writes down from a node of its own choice: the content of a trust file.

    Args:
        network: The node, and the contracts the auditor expects there.
        block: The block to trust; the newest by default.
        epoch_length: On a sealed network the length of its epochs: then the validators are
            trusted that are in force at the newest epoch block up to `block`.

    Raises:
        WrongChain, WrongGenesis, WrongNetworkContracts: It is another network, or other code.
        NodeBehind: There is no such block yet.
        HeaderMismatch: The network counts block hashes by a rule this version does not know.
        HeaderMalformed: The network does not name its validators in its headers.
        FieldMalformed: An epoch has at least one block.
    """
    check_deployment(network.node, network.deployment)
    number = network.node.head().number if block is None else block
    if epoch_length is None:
        return _trust(network, _block_root(network, number))
    _require_epoch(epoch_length)
    return _trust(network, _validators_root(network, number - number % epoch_length, epoch_length))


def export_evidence(
    context: Context,
    decoder: EventDecoder,
    caller: Caller,
    subject: Subject,
    wanted: RootWanted = ANY_ROOT,
) -> bytes:
    """Make evidence: one file of canonical JSON.

    Args:
        context: The unit of work.
        decoder: The events of the network's contracts.
        caller: A party to the receivables, or one who reads all.
        subject: What the file is to be about.
        wanted: Where it is to end, and what its reader trusts.

    Raises:
        NotFound: There is nothing of the subject that the caller may see, or was nothing then.
        FieldMalformed: The index has not read as far as the checkpoint.
        EvidenceUnavailable: The file would be too large, or would not verify.
        NodeRefused: The node proves nothing of that block.
    """
    rows = _rows(context, caller, subject)
    last = _checkpoint(context, wanted.checkpoint)
    chosen = _chosen(context, decoder, subject, rows, last)
    if not chosen:
        raise NotFound(subject.kind, f"{subject.id} at block {last}")
    try:
        return _make(context, caller, subject, chosen, wanted, last)
    except LotUnknown:
        raise NotFound(subject.kind, f"{subject.id} at block {last}") from None
    except (EvidenceRefused, CodecError) as error:
        raise EvidenceUnavailable(f"{type(error).__name__}: {error}") from error


def print_evidence(context: Context, content: bytes, language: Language) -> bytes:
    """A document for people, made from evidence that `export_evidence` gave.

    Organisations are named as this service knows them.
    """
    trust = read_package(content).trust
    verification = Verification(verify.verify(content, trust), trust, is_own_trust=True)
    return print_verification(context, content, verification, language)


@dataclass(frozen=True, slots=True)
class Verification:
    """Evidence that this service checked for somebody.

    Attributes:
        report: The verdicts.
        trust: What it was checked against.
        is_own_trust: Whether that came from this service's own node, not from who asked.
    """

    report: Report
    trust: Trust
    is_own_trust: bool


def verify_here(context: Context, content: bytes, trust_file: bytes | None) -> Verification:
    """Check evidence for somebody who has not got the command at hand.

    Args:
        context: The unit of work.
        content: The evidence.
        trust_file: Its reader's own; without one this service's node is asked whether the root
            the file names is the chain's.

    Raises:
        FieldMalformed: The trust file is none.
        NodeBehind, NodeUnavailable, NodeRefused: The node cannot tell.
    """
    try:
        if trust_file is not None:
            file = read_trust_file(trust_file)
            report = verify.verify_for(content, file, Demands())
            return Verification(report, file.trust, is_own_trust=False)
        trust = _own_trust(context.network, content)
    except TrustMalformed as error:
        raise FieldMalformed("trust", "as given", str(error)) from None
    return Verification(verify.verify(content, trust), trust, is_own_trust=True)


def _own_trust(network: Network, content: bytes) -> Trust:
    """The same kind of root as the file's, at the same block, from this service's node."""
    try:
        root = read_package(content).trust.root
    except (EvidenceRefused, CodecError):
        # What cannot be read is refused by its form, whatever is trusted.
        return _trust(network, _block_root(network, network.node.head().number))
    number = min(root.block_number, network.node.head().number)
    if isinstance(root, ValidatorsRoot):
        return _trust(network, _validators_root(network, number, root.epoch_length))
    return _trust(network, _block_root(network, number))


def print_verification(
    context: Context, content: bytes, verification: Verification, language: Language
) -> bytes:
    """A document for people, made from a verification; organisations are named as known here."""
    report, trust = verification.report, verification.trust
    return print_paper(Paper(content, report, trust, language, names_of(context.session)))


def evidence_subject(kind: str, identifier: str, from_block: int = 0) -> Subject:
    """What a file is to be about, from what people write.

    Raises:
        FieldMalformed: There is nothing of that kind or number.
    """
    try:
        return subject_of(kind, identifier, from_block)
    except MemberMalformed as error:
        raise FieldMalformed("subject", f"{kind} {identifier}", str(error)) from None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A receivable of the file: its row, and where its facts are up to the checkpoint."""

    row: ReceivableRow
    places: tuple[LogPosition, ...]
    lot_sequences: tuple[int, ...]


# --- which receivables, which facts, up to which block ----------------------------------------


def _rows(context: Context, caller: Caller, subject: Subject) -> Sequence[ReceivableRow]:
    """The receivables a subject may be about; a stranger finds none."""
    if subject.kind == "participant":
        number = int(subject.id)
        caller.require_party("participant", number, number)
        rows = list_receivables(context.session, party=number, limit=MOST_RECEIVABLES + 1)
        if len(rows) > MOST_RECEIVABLES:
            raise EvidenceUnavailable(
                f"participant {number} is a party to more than {MOST_RECEIVABLES} receivables"
            )
        return rows
    is_lot = subject.kind == "lot"
    receivable_id = LotId.parse(subject.id).receivable_id if is_lot else int(subject.id)
    require_reader(context, caller, receivable_id)
    row = find_receivable(context.session, receivable_id)
    if row is None:
        raise NotFound(subject.kind, subject.id)
    return [row]


def _checkpoint(context: Context, wanted: int | None) -> int:
    newest = context.as_of().block_number
    if wanted is not None and not 0 <= wanted <= newest:
        raise FieldMalformed("checkpoint", str(wanted), f"a block the index has read, to {newest}")
    return newest if wanted is None else wanted


def _chosen(
    context: Context,
    decoder: EventDecoder,
    subject: Subject,
    rows: Sequence[ReceivableRow],
    last: int,
) -> list[_Chosen]:
    chosen = []
    for row in rows:
        logs = [
            log
            for log in logs_of_receivables(context.session, [row.receivable_id])
            if log.position.block_number <= last
            and decoder.kind_of(log) in ReceivableEvent.__args__
        ]
        if not logs or logs[-1].position.block_number < subject.from_block:
            continue
        record = _record([decoder.decode(log) for log in logs])
        if subject.kind == "participant" and int(subject.id) not in record.parties:
            continue
        lots = tuple(sorted(record.lots))
        if subject.kind == "lot":
            lots = (LotId.parse(subject.id).lot_sequence,)
        chosen.append(_Chosen(row, tuple(log.position for log in logs), lots))
    return chosen


def _record(events: Sequence[object]) -> Record:
    """What the facts of a receivable say, by the verifier's own rules."""
    first, *rest = events
    if not isinstance(first, ReceivableIssued):
        raise EvidenceUnavailable(f"the index begins with {type(first).__name__}, no issue")
    record = Record(first)
    for event in rest:
        if isinstance(event, ReceivableEvent):
            record.apply(event)
    return record


# --- the file ---------------------------------------------------------------------------------


def _make(
    context: Context,
    caller: Caller,
    subject: Subject,
    chosen: Sequence[_Chosen],
    wanted: RootWanted,
    last: int,
) -> bytes:
    network = context.network
    places = [place for each in chosen for place in each.places]
    root = _root(network, wanted, last)
    trust = _trust(network, root)
    headers = _headers(network, trust, {place.block_number for place in places}, last)
    _require_same_chain(places, headers, trust)
    nodes = _Nodes()
    transactions, keys = _transactions(network, trust, places, nodes)
    openings = _openings(context, caller, chosen)
    ledger, receivables = _receivables(network, chosen, openings, last, nodes)
    package = Package(
        trust=trust,
        subject=subject,
        headers=tuple(headers),
        nodes=(),
        transactions=transactions,
        state=_state(network, ledger, keys, last, nodes),
        receivables=receivables,
        statement={},
    )
    package = replace(package, nodes=tuple(nodes.places))
    return write_package(replace(package, statement=dict(verify.state(package))))


def _headers(network: Network, trust: Trust, fact_blocks: set[int], last: int) -> list[bytes]:
    if isinstance(trust.root, ValidatorsRoot):
        return select_headers(network.node, trust.root, fact_blocks, last)
    first = min(fact_blocks)
    if last - first >= MOST_HEADERS:
        raise EvidenceUnavailable(
            f"from the first fact to the checkpoint are {last - first + 1} blocks, "
            f"a file holds {MOST_HEADERS}"
        )
    return read_headers(network.node, range(first, last + 1), trust.header_hash)


def _require_same_chain(
    places: Iterable[LogPosition], headers: Sequence[bytes], trust: Trust
) -> None:
    read = [decode_header(header, trust.header_hash) for header in headers]
    hashes = {header.number: to_hex(header.hash) for header in read}
    for place in places:
        if hashes[place.block_number] != place.block_hash:
            raise EvidenceUnavailable(f"block {place.block_number} is no longer {place.block_hash}")


# --- proofs -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Nodes:
    """Trie nodes, each once, in the order of first use."""

    places: dict[bytes, int] = field(default_factory=dict)

    def add(self, nodes: Iterable[bytes]) -> tuple[int, ...]:
        """Take nodes in; answers their places."""
        return tuple([self.places.setdefault(node, len(self.places)) for node in nodes])


def _transactions(
    network: Network, trust: Trust, places: Iterable[LogPosition], nodes: _Nodes
) -> tuple[tuple[TransactionPlace, ...], list[str]]:
    """The transactions of the facts with their proofs, and the keys that signed in them."""
    found: list[TransactionPlace] = []
    keys: set[str] = set()
    by_block: dict[int, set[int]] = {}
    for place in places:
        by_block.setdefault(place.block_number, set()).add(place.transaction_index)
    for number, indexes in sorted(by_block.items()):
        content = read_block(network.node, number)
        for index in sorted(indexes):
            transaction = decode_transaction(content.transactions[index])
            orders = read_orders(transaction.to, transaction.data, trust)
            keys.update(entry.key for order in orders for entry in order.approvals)
            proof = nodes.add(inclusion_proof(content.transactions, index))
            receipt = nodes.add(inclusion_proof(content.receipts, index))
            found.append(TransactionPlace(number, index, proof, receipt))
    return tuple(found), sorted(keys)


def _receivables(
    network: Network,
    chosen: Sequence[_Chosen],
    openings: Sequence[Opening | None],
    block: int,
    nodes: _Nodes,
) -> tuple[tuple[int, ...], tuple[ReceivablePlaces, ...]]:
    """The way to the ledger's account, and from there to each receivable's words."""
    slots = [slot for each in chosen for slot in _slots(each)]
    address = network.deployment.address("ReceivableLedger")
    proof = read_storage_proof(network.node, address, slots, block)
    account = nodes.add(proof.account)
    words = iter(proof.words)
    found = [
        ReceivablePlaces(
            receivable_id=each.row.receivable_id,
            undertaking=nodes.add(next(words)),
            standing=nodes.add(next(words)),
            programme=nodes.add(next(words)),
            lots=tuple([LotPlace(number, nodes.add(next(words))) for number in each.lot_sequences]),
            document=opening,
        )
        for each, opening in zip(chosen, openings, strict=True)
    ]
    return account, tuple(found)


def _slots(chosen: _Chosen) -> list[bytes]:
    """Where the ledger keeps how a receivable stands, its programme, and its lots."""
    ledger = load_interfaces()["ReceivableLedger"]
    number = chosen.row.receivable_id
    return [
        ledger.slot("_undertakings", _word(number)),
        ledger.slot("_standings", _word(number)),
        ledger.slot("_programmes", _word(chosen.row.programme_id)),
        *[
            ledger.slot("_lots", _word(LotId(number, sequence).token_id))
            for sequence in chosen.lot_sequences
        ],
    ]


def _state(
    network: Network, ledger: tuple[int, ...], keys: Sequence[str], block: int, nodes: _Nodes
) -> StatePlaces:
    registry = load_interfaces()["ParticipantRegistry"]
    slots = [registry.slot("_keys", from_address(key)) for key in keys]
    address = network.deployment.address("ParticipantRegistry")
    proof = read_storage_proof(network.node, address, slots, block)
    return StatePlaces(
        ledger=ledger,
        registry=nodes.add(proof.account),
        keys=tuple(
            KeyPlace(key, nodes.add(word)) for key, word in zip(keys, proof.words, strict=True)
        ),
    )


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD_BYTES, "big")


# --- documents and trust ----------------------------------------------------------------------


def _openings(context: Context, caller: Caller, chosen: Sequence[_Chosen]) -> list[Opening | None]:
    """The trade documents, for their owner, their seller, and those who read all."""
    tags = sorted({each.row.document_fingerprint for each in chosen})
    documents = documents_by_fingerprint(context.session, tags)
    return [
        _opening(context, caller, each.row, documents.get(each.row.document_fingerprint))
        for each in chosen
    ]


def _opening(
    context: Context,
    caller: Caller,
    receivable: ReceivableRow,
    document: TradeDocumentRow | None,
) -> Opening | None:
    if document is None or document.commitment != receivable.document_commitment:
        return None
    if not caller.may_read(document.owner, document.seller):
        return None
    if document.wrapped_keys is None or context.keeper is None:
        return None
    content = open_content(context, document)
    return Opening(content.salt, content.file, dict(content.facts))


def _root(network: Network, wanted: RootWanted, last: int) -> Root:
    if wanted.validators_at is None:
        return _block_root(network, last)
    if wanted.epoch_length is None:
        raise FieldMalformed("epoch_length", "absent", "the blocks of the network's epoch")
    _require_epoch(wanted.epoch_length)
    if not 0 <= wanted.validators_at <= last or wanted.validators_at % wanted.epoch_length:
        raise FieldMalformed(
            "validators_at", str(wanted.validators_at), f"an epoch block up to {last}"
        )
    return _validators_root(network, wanted.validators_at, wanted.epoch_length)


def _require_epoch(length: int) -> None:
    if length < 1:
        raise FieldMalformed("epoch_length", str(length), "a number of blocks from 1")


def _block_root(network: Network, number: int) -> BlockRoot:
    rule = header_rule(network.node)
    (header,) = read_headers(network.node, [number], HEADER_HASHES[rule])
    return BlockRoot(number, to_hex(HEADER_HASHES[rule](header)), rule)


def _validators_root(network: Network, number: int, epoch_length: int) -> ValidatorsRoot:
    return ValidatorsRoot(number, validators_at(network.node, number), epoch_length)


def _trust(network: Network, root: Root) -> Trust:
    deployment = network.deployment
    return Trust(
        chain_id=deployment.chain_id,
        contracts={name: deployment.address(name) for name in CONTRACTS},
        domain=TrustedDomain(DOMAIN_NAME, DOMAIN_VERSION, deployment.domain_salt),
        root=root,
    )
