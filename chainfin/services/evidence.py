"""Evidence for somebody who trusts neither us nor a node: the file, and the auditor's checkpoint.

The file holds what it takes to follow a lot's whole history from one block hash. It is verified
here before it is handed out, by the same code that the auditor runs.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chainfin.chain.deployment import DOMAIN_NAME, DOMAIN_VERSION, check_deployment
from chainfin.chain.network import Network
from chainfin.chain.proofs import read_block, read_headers, read_storage_proof
from chainfin.codec.errors import CodecError
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import from_address, to_hex
from chainfin.codec.headers import decode_header
from chainfin.codec.interfaces import load_interfaces
from chainfin.codec.receipts import inclusion_proof
from chainfin.codec.transactions import decode_transaction
from chainfin.domain.events import LogPosition, ReceivableEvent
from chainfin.domain.receivable import LotId
from chainfin.domain.service_errors import EvidenceUnavailable, FieldMalformed, NotFound
from chainfin.evidence import verify
from chainfin.evidence.calls import read_orders
from chainfin.evidence.errors import EvidenceRefused, LotUnknown
from chainfin.evidence.package import (
    MOST_HEADERS,
    KeyPlace,
    Opening,
    Package,
    StatePlaces,
    TransactionPlace,
    write_package,
)
from chainfin.evidence.trust import CONTRACTS, Trust, TrustedDomain
from chainfin.models.chain_index import logs_of_receivables
from chainfin.models.private_documents import documents_by_fingerprint
from chainfin.models.receivables import ReceivableRow, find_receivable
from chainfin.services.audit import require_reader
from chainfin.services.context import Caller, Context

_WORD_BYTES = 32


def take_checkpoint(network: Network, block: int | None = None) -> dict[str, Any]:
    """What an auditor writes down from a node of its own choice: the content of a trust file.

    Args:
        network: The node, and the contracts the auditor expects there.
        block: The block to trust; the newest by default.

    Raises:
        WrongChain, WrongGenesis, WrongNetworkContracts: It is another network, or other code.
        NodeBehind: There is no such block yet.
        HeaderMismatch: The network counts block hashes by a rule this version does not know.
    """
    check_deployment(network.node, network.deployment)
    number = network.node.head().number if block is None else block
    (header,) = read_headers(network.node, number, number)
    return _trust(network, header).to_json()


def export_lot(
    context: Context,
    decoder: EventDecoder,
    caller: Caller,
    lot_id: LotId,
    *,
    checkpoint: int | None = None,
) -> bytes:
    """Make the evidence of a lot: one file of canonical JSON.

    Args:
        context: The unit of work.
        decoder: The events of the network's contracts.
        caller: A party to the receivable, or one who reads all.
        lot_id: The lot.
        checkpoint: The block the auditor trusts; the index's own by default.

    Raises:
        NotFound: There is no such lot that the caller may see, or was none then.
        FieldMalformed: The index has not read as far as the checkpoint.
        EvidenceUnavailable: The file would be too large, or would not verify.
        NodeRefused: The node proves nothing of that block.
    """
    require_reader(context, caller, lot_id.receivable_id)
    receivable = find_receivable(context.session, lot_id.receivable_id)
    if receivable is None:
        raise NotFound("lot", str(lot_id))
    last = _checkpoint(context, checkpoint)
    places = _fact_places(context, decoder, lot_id, last)
    first = min((place.block_number for place in places), default=last + 1)
    if first > last:
        raise NotFound("lot", f"{lot_id} at block {last}")
    if last - first >= MOST_HEADERS:
        raise EvidenceUnavailable(
            f"from the first fact to the checkpoint are {last - first + 1} blocks, "
            f"a file holds {MOST_HEADERS}"
        )
    opening = _opening(context, caller, receivable)
    try:
        return _make(context, receivable, lot_id, places, range(first, last + 1), opening)
    except LotUnknown:
        raise NotFound("lot", f"{lot_id} at block {last}") from None
    except (EvidenceRefused, CodecError) as error:
        raise EvidenceUnavailable(f"{type(error).__name__}: {error}") from error


def _make(
    context: Context,
    receivable: ReceivableRow,
    lot_id: LotId,
    places: Sequence[LogPosition],
    blocks: range,
    opening: Opening | None,
) -> bytes:
    network = context.network
    headers = read_headers(network.node, blocks[0], blocks[-1])
    _require_same_chain(places, headers, blocks[0])
    trust = _trust(network, headers[-1])
    nodes = _Nodes()
    transactions, keys = _transactions(network, trust, places, nodes)
    package = Package(
        lot_id=lot_id,
        headers=tuple(headers),
        nodes=(),
        transactions=transactions,
        state=_state(network, receivable.programme_id, lot_id, keys, blocks[-1], nodes),
        document=opening,
        statement={},
    )
    package = replace(package, nodes=tuple(nodes.places))
    return write_package(replace(package, statement=verify.state(package, trust)))


# --- which facts, up to which block -----------------------------------------------------------


def _checkpoint(context: Context, wanted: int | None) -> int:
    newest = context.as_of().block_number
    if wanted is not None and not 0 <= wanted <= newest:
        raise FieldMalformed("checkpoint", str(wanted), f"a block the index has read, to {newest}")
    return newest if wanted is None else wanted


def _fact_places(
    context: Context, decoder: EventDecoder, lot_id: LotId, last: int
) -> list[LogPosition]:
    """Where the receivable's facts are, up to a block."""
    kinds = ReceivableEvent.__args__
    return [
        log.position
        for log in logs_of_receivables(context.session, [lot_id.receivable_id])
        if log.position.block_number <= last and decoder.kind_of(log) in kinds
    ]


def _require_same_chain(
    places: Iterable[LogPosition], headers: Sequence[bytes], first: int
) -> None:
    for place in places:
        found = to_hex(decode_header(headers[place.block_number - first]).hash)
        if found != place.block_hash:
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


def _state(
    network: Network,
    programme_id: int,
    lot_id: LotId,
    keys: Sequence[str],
    block: int,
    nodes: _Nodes,
) -> StatePlaces:
    ledger_address = network.deployment.address("ReceivableLedger")
    registry_address = network.deployment.address("ParticipantRegistry")
    ledger, registry = (
        load_interfaces()["ReceivableLedger"],
        load_interfaces()["ParticipantRegistry"],
    )
    slots = [
        ledger.slot("_standings", _word(lot_id.receivable_id)),
        ledger.slot("_programmes", _word(programme_id)),
        ledger.slot("_lots", _word(lot_id.token_id)),
    ]
    of_ledger = read_storage_proof(network.node, ledger_address, slots, block)
    slots = [registry.slot("_keys", from_address(key)) for key in keys]
    of_registry = read_storage_proof(network.node, registry_address, slots, block)
    account = nodes.add(of_ledger.account)
    standing, programme, lot = [nodes.add(word) for word in of_ledger.words]
    return StatePlaces(
        ledger=account,
        standing=standing,
        programme=programme,
        lot=lot,
        registry=nodes.add(of_registry.account),
        keys=tuple(
            KeyPlace(key, nodes.add(word))
            for key, word in zip(keys, of_registry.words, strict=True)
        ),
    )


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD_BYTES, "big")


# --- document and trust -----------------------------------------------------------------------


def _opening(context: Context, caller: Caller, receivable: ReceivableRow) -> Opening | None:
    """The trade document, for its owner, its seller, and those who read all."""
    tag = receivable.document_fingerprint
    row = documents_by_fingerprint(context.session, [tag]).get(tag)
    if row is None or row.commitment != receivable.document_commitment:
        return None
    if not caller.may_read(row.owner, row.seller):
        return None
    return Opening(row.salt, row.file, json.loads(row.facts))


def _trust(network: Network, header: bytes) -> Trust:
    deployment, block = network.deployment, decode_header(header)
    return Trust(
        chain_id=deployment.chain_id,
        block_number=block.number,
        block_hash=to_hex(block.hash),
        contracts={name: deployment.address(name) for name in CONTRACTS},
        domain=TrustedDomain(DOMAIN_NAME, DOMAIN_VERSION, deployment.domain_salt),
    )
