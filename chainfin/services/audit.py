"""The trail of a lot back to its root, and its reconciliation with the contracts.

One entry per fact, in chain order: what happened, who ordered it with which keys, where it is on
the chain, which document it stands on. Then the same block is read from the contracts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Connection

from chainfin.chain.contracts.receivable_ledger import read_receivable
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import NO_ADDRESS
from chainfin.domain.audit import AsOf, differences
from chainfin.domain.events import RawLog, ReceivableEvent, ReceivableIssued
from chainfin.domain.facts import facts_of
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.money import money_json
from chainfin.domain.participant import ParticipantKind
from chainfin.domain.receivable import (
    Lot,
    LotId,
    Receivable,
    ReceivableStatus,
    conserves_value,
    state_at,
)
from chainfin.domain.service_errors import FieldMalformed, NotFound
from chainfin.evidence.record import Record
from chainfin.models.access import names_of
from chainfin.models.chain_index import logs_of_receivables
from chainfin.models.financings import FinancingRequestRow, financings_of_receivable
from chainfin.models.freezes import has_frozen
from chainfin.models.holdbacks import has_held_back
from chainfin.models.hot_reads import (
    LotFound,
    ReceivableFound,
    Told,
    lot_for,
    receivable_for,
)
from chainfin.models.lineage import COLUMNS, ancestors_json, descendants_json
from chainfin.models.orders import orders_by_hash
from chainfin.models.participants import (
    ExecutedOrderRow,
    is_admitted_as,
    list_programmes,
    orders_of_blocks,
)
from chainfin.models.pledges import is_pledgee
from chainfin.models.receivables import (
    LotRow,
    ReceivableRow,
    ancestors_of,
    count_by_status_and_dates,
    get_lot,
    get_receivable,
    is_party,
    list_lots,
    list_receivables,
    lots_of,
    newest_receivables,
)
from chainfin.models.transfers import transfers_of_receivable
from chainfin.services.context import Caller, Context

HotAnswer: TypeAlias = tuple[AsOf, bytes] | None
"""A block, and the JSON that is true for it."""
_NOT_SHOWN = {"sequence"}


def require_reader(context: Context, caller: Caller, receivable_id: int) -> None:
    """Refuse whoever has no business with a receivable.

    Its parties read it, whoever reads all, a court that froze one of its lots, a pledgee, a seller
    that a part of a lot is held back for, a receiver that is to answer an offer of one of its lots,
    funders while one of its lots asks for financing, and the one whose quote was awarded while its
    price is on its way.
    """
    session, organisation = context.session, caller.organisation
    claims = (is_party, has_frozen, is_pledgee, has_held_back)
    if caller.reads_all or any(has(session, receivable_id, organisation) for has in claims):
        return
    hops = transfers_of_receivable(session, receivable_id)
    if any(hop.is_open and hop.receiver == organisation for hop in hops):
        return
    requests = financings_of_receivable(session, receivable_id)
    awarded = {row.funder for row in requests if row.status is FinancingStatus.AWARDED}
    if organisation in awarded:
        return
    is_offered = any(row.status is FinancingStatus.REQUESTED for row in requests)
    if is_offered and is_funder(context, organisation):
        return
    raise NotFound("receivable", str(receivable_id))


def is_funder(context: Context, organisation: int) -> bool:
    """Whether an organisation is admitted as a funder."""
    return is_admitted_as(context.session, organisation, ParticipantKind.FUNDER)


def read_trail(
    context: Context, decoder: EventDecoder, caller: Caller, lot_id: LotId
) -> dict[str, Any]:
    """Everything that happened to a lot and its ancestors, with every signature."""
    trail = read_lot_history(context, decoder, caller, lot_id)
    return trail | {"reconciliation": reconcile(context, lot_id.receivable_id)}


def read_lot_history(
    context: Context, decoder: EventDecoder, caller: Caller, lot_id: LotId
) -> dict[str, Any]:
    """The trail as the index has it: the contracts are not asked."""
    require_reader(context, caller, lot_id.receivable_id)
    if get_lot(context.session, lot_id) is None:
        raise NotFound("lot", str(lot_id))
    lineage = {row.lot_sequence for row in ancestors_of(context.session, lot_id)}
    logs = logs_of_receivables(context.session, [lot_id.receivable_id])
    return {
        "lot_id": str(lot_id),
        "lineage": [f"{lot_id.receivable_id}-{sequence}" for sequence in sorted(lineage)],
        "entries": _entries(context, decoder, logs, lineage),
    }


def read_history(
    context: Context, decoder: EventDecoder, caller: Caller, receivable_id: int, *, limit: int
) -> dict[str, Any]:
    """What happened to a receivable and all its lots: the newest facts, in chain order."""
    require_reader(context, caller, receivable_id)
    logs = logs_of_receivables(context.session, [receivable_id])
    entries = _entries(context, decoder, logs[-limit:])
    return {"entries": entries, "is_complete": len(logs) <= limit}


def reconcile(context: Context, receivable_id: int) -> dict[str, Any]:
    """A receivable's rows against the contracts at the index's own block.

    Returns:
        `matches`, the differences found, and both sides of the conservation law.
    """
    indexed = get_receivable(context.session, receivable_id)
    if indexed is None:
        raise NotFound("receivable", str(receivable_id))
    block = context.as_of().block_number
    on_chain, chain_lots = read_receivable(context.network, receivable_id, block)
    index_lots = [row.to_domain() for row in lots_of(context.session, receivable_id)]
    found = differences(indexed, on_chain)
    if len(index_lots) != len(chain_lots):
        found.append(f"{len(index_lots)} lots in the tables, {len(chain_lots)} on the chain")
    for ours, theirs in zip(index_lots, chain_lots, strict=False):
        found += [f"lot {ours.lot_id}: {text}" for text in differences(ours, theirs)]
    return {
        "block_number": block,
        "matches": not found,
        "differences": found,
        "conserved": conserves_value(indexed, index_lots) and conserves_value(on_chain, chain_lots),
        "face_value_minor": on_chain.terms.face_value_minor,
        "outstanding_in_lots_minor": sum(lot.outstanding_minor for lot in chain_lots),
        "paid_to_lots_minor": sum(lot.paid_minor for lot in chain_lots),
    }


def receivable_view(context: Context, caller: Caller, receivable_id: int) -> dict[str, Any]:
    """A receivable with its terms, state and document, and the block it is as of."""
    told, row = _readable_receivable(context, caller, receivable_id)
    return _receivable(row, told.block.block_timestamp) | {"as_of": block_view(told.block)}


def _readable_receivable(
    context: Context, caller: Caller, receivable_id: int
) -> tuple[Told, ReceivableFound]:
    found = receivable_for(context.session, receivable_id, caller.organisation)
    if found is None:
        raise NotFound("receivable", str(receivable_id))
    _require_told(context, caller, receivable_id, found[0])
    return found


def _require_told(context: Context, caller: Caller, receivable_id: int, told: Told) -> None:
    """Refuse whoever may not read what was found; from now on no node behind its block is asked."""
    if not (told.is_party or caller.reads_all):
        require_reader(context, caller, receivable_id)
    context.network.node.at_least(told.block.block_number)


def block_view(block: AsOf) -> dict[str, Any]:
    """The block an answer is true for, as answers say it."""
    return {"block_number": block.block_number, "block_hash": block.block_hash}


@dataclass(frozen=True, slots=True)
class ReceivableFilter:
    """Which receivables are wanted.

    Attributes:
        statuses: Only in one of these, if there are any.
        maturity_from: Only due at this instant or later.
        maturity_to: Only due before this instant.
        participant: Only those this organisation is a party to as well.
    """

    statuses: tuple[ReceivableStatus, ...] = ()
    maturity_from: int | None = None
    maturity_to: int | None = None
    participant: int | None = None


EVERY_RECEIVABLE = ReceivableFilter()


def receivable_views(
    context: Context,
    caller: Caller,
    *,
    after: int,
    limit: int,
    wanted: ReceivableFilter = EVERY_RECEIVABLE,
) -> list[dict[str, Any]]:
    """The receivables a caller may read, by number; all, or those that are wanted."""
    rows = list_receivables(
        context.session,
        party=None if caller.reads_all else caller.organisation,
        participant=wanted.participant,
        statuses=wanted.statuses,
        maturity_from=wanted.maturity_from,
        maturity_to=wanted.maturity_to,
        after=after,
        limit=limit,
    )
    return _receivables(context, rows)


def newest_receivable_views(
    context: Context, caller: Caller, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """The receivables a caller may read, from the newest down."""
    party = None if caller.reads_all else caller.organisation
    rows = newest_receivables(context.session, party=party, before=before, limit=limit)
    return _receivables(context, rows)


def featured_receivable(context: Context, caller: Caller) -> int | None:
    """The newest receivable of several lots that a caller may read, else the newest."""
    party = None if caller.reads_all else caller.organisation
    divided = newest_receivables(context.session, party=party, is_divided=True, limit=1)
    found = divided or newest_receivables(context.session, party=party, limit=1)
    return found[0].receivable_id if found else None


def count_by_state(context: Context, caller: Caller) -> dict[str, int]:
    """How many of the receivables a caller may read are in each state."""
    party = None if caller.reads_all else caller.organisation
    now_at = context.as_of().block_timestamp
    found: Counter[str] = Counter()
    groups = count_by_status_and_dates(context.session, party=party)
    for group in groups:
        found[str(state_at(group, now_at))] += group.receivables
    return dict(found)


def lot_view(context: Context, caller: Caller, lot_id: LotId) -> dict[str, Any]:
    """A lot with its holder and history counts, and the block it is as of."""
    told, row = _readable_lot(context, caller, lot_id)
    return _lot(row) | {"as_of": block_view(told.block)}


def _readable_lot(context: Context, caller: Caller, lot_id: LotId) -> tuple[Told, LotFound]:
    found = lot_for(context.session, lot_id, caller.organisation)
    if found is None:
        # A stranger hears the same of a lot that is not there and of one that is.
        require_reader(context, caller, lot_id.receivable_id)
        raise NotFound("lot", str(lot_id))
    _require_told(context, caller, lot_id.receivable_id, found[0])
    return found


def lot_views(
    context: Context, caller: Caller, *, after: LotId | None, limit: int
) -> list[dict[str, Any]]:
    """The lots a caller holds, or all for those who read all."""
    holder = None if caller.reads_all else caller.organisation
    rows = list_lots(context.session, holder=holder, after=after, limit=limit)
    return [_lot(row) for row in rows]


def read_lineage(context: Context, caller: Caller, receivable_id: int) -> dict[str, Any]:
    """A receivable's whole tree of lots with its hops, for graphs."""
    told, row = _readable_receivable(context, caller, receivable_id)
    view = _receivable(row, told.block.block_timestamp)
    names = names_of(context.session)
    lots = [
        _lot(row) | {"holder_name": names.get(row.holder, "")}
        for row in lots_of(context.session, receivable_id)
    ]
    hops = [
        {
            "lot_id": str(hop.lot_id),
            "from": hop.sender,
            "to": hop.receiver,
            "status": str(hop.status),
            "proposed_at": hop.proposed_at,
            "answered_at": hop.answered_at,
            "sequence": hop.answered_sequence or hop.proposed_sequence,
        }
        for hop in transfers_of_receivable(context.session, receivable_id)
    ]
    financings = [
        _financing(row) for row in financings_of_receivable(context.session, receivable_id)
    ]
    return {
        "receivable": view,
        "lots": lots,
        "transfers": hops,
        "financings": financings,
        "names": names,
    }


def read_lot_lineage(
    context: Context, caller: Caller, lot_id: LotId, direction: str, *, after: int, limit: int
) -> bytes:
    """A page of a lot's lineage as JSON, with the block it is as of.

    `data` has an array of `columns` for each lot.

    Args:
        context: The unit of work.
        caller: Who asks.
        lot_id: The lot.
        direction: `ancestors`, the root first, or `descendants`, by number; both with the lot.
        after: Only lots with a higher number.
        limit: At most so many.
    """
    told, _ = _readable_lot(context, caller, lot_id)
    read = {"ancestors": ancestors_json, "descendants": descendants_json}.get(direction)
    if read is None:
        raise FieldMalformed("direction", direction, "ancestors or descendants")
    return _lineage(told, read(context.session, lot_id, after=after, limit=limit))


def _lineage(told: Told, lots: bytes) -> bytes:
    head = msgspec.json.encode({"columns": COLUMNS, "as_of": block_view(told.block)})
    return b'%b,"data":%b}' % (head[:-1], lots)


# --- hot reads -------------------------------------------------------------------------------
# The same answers for a party, through a bare connection; None for whoever is not plainly one.


def lot_for_party(connection: Connection, caller: Caller, lot_id: LotId) -> HotAnswer:
    """`lot_view` as JSON."""
    found = lot_for(connection, lot_id, caller.organisation)
    if found is None or not found[0].is_party:
        return None
    told, row = found
    return told.block, msgspec.json.encode(_lot(row) | {"as_of": block_view(told.block)})


def receivable_for_party(connection: Connection, caller: Caller, receivable_id: int) -> HotAnswer:
    """`receivable_view` as JSON."""
    found = receivable_for(connection, receivable_id, caller.organisation)
    if found is None or not found[0].is_party:
        return None
    told, row = found
    view = _receivable(row, told.block.block_timestamp) | {"as_of": block_view(told.block)}
    return told.block, msgspec.json.encode(view)


def line_for_party(connection: Connection, caller: Caller, lot_id: LotId, limit: int) -> HotAnswer:
    """The first page of `read_lot_lineage`, towards the root."""
    with connection.begin():
        found = lot_for(connection, lot_id, caller.organisation)
        if found is None or not found[0].is_party:
            return None
        lots = ancestors_json(connection, lot_id, limit=limit)
    return found[0].block, _lineage(found[0], lots)


def receivable_at(
    context: Context, decoder: EventDecoder, caller: Caller, receivable_id: int, block_number: int
) -> dict[str, Any]:
    """What a receivable and its lots looked like after a block, told anew from its facts up to it.

    Raises:
        NotFound: It is not the caller's to read, or was not issued by then.
        FieldMalformed: The block was not read yet.
    """
    require_reader(context, caller, receivable_id)
    newest = context.as_of().block_number
    if not 0 <= block_number <= newest:
        raise FieldMalformed("as_of_block", str(block_number), f"a block from 0 to {newest}")
    logs = [
        log
        for log in logs_of_receivables(context.session, [receivable_id])
        if log.position.block_number <= block_number
    ]
    events = [event for event in map(decoder.decode, logs) if isinstance(event, ReceivableEvent)]
    if not events or not isinstance(events[0], ReceivableIssued):
        raise NotFound("receivable", f"{receivable_id} at block {block_number}")
    record = Record(events[0])
    for event in events[1:]:
        record.apply(event)
    last = logs[-1].position
    return {
        **_plain(record.receivable),
        "lots": [_plain(record.lots[sequence]) for sequence in sorted(record.lots)],
        "changed_at": last.block_timestamp,
        "changed_block_number": last.block_number,
        "as_of": {"block_number": block_number},
    }


def _plain(value: Receivable | Lot) -> dict[str, Any]:
    """A domain value as JSON: enumerations by their names, terms among the rest."""
    found: dict[str, Any] = {}
    for name, member in asdict(value).items():
        if isinstance(member, dict):
            found |= member
        else:
            found[name] = member.name.lower() if isinstance(member, IntEnum) else member
    return found


def programme_views(context: Context) -> list[dict[str, Any]]:
    """Every version of every programme, by number."""
    return [row.model_dump() for row in list_programmes(context.session, limit=1_000)]


def _receivables(context: Context, rows: Sequence[ReceivableRow]) -> list[dict[str, Any]]:
    block_time = context.as_of().block_timestamp
    return [_receivable(row, block_time) for row in rows]


def _receivable(row: ReceivableRow | ReceivableFound, block_time: int) -> dict[str, Any]:
    return {
        "receivable_id": row.receivable_id,
        "obligor": row.obligor,
        "supplier": row.supplier,
        "programme_id": row.programme_id,
        "face_value": money_json(row.face_value_minor, row.currency),
        "paid": money_json(row.paid_minor, row.currency),
        "maturity_at": row.maturity_at,
        "grace_ends_at": row.grace_ends_at,
        "status": row.status.name.lower(),
        "state": str(state_at(row, block_time)),
        "lot_count": row.lot_count,
        "document_fingerprint": row.document_fingerprint,
        "document_commitment": row.document_commitment,
        "issued_at": row.issued_at,
        "cancellation": _cancellation(row),
    }


def _cancellation(row: ReceivableRow | ReceivableFound) -> dict[str, Any] | None:
    """What one party proposed to take off and the other has not agreed to."""
    if row.cancellation_proposed_by is None or row.cancellation_amount_minor is None:
        return None
    return {
        "proposed_by": row.cancellation_proposed_by,
        "amount": money_json(row.cancellation_amount_minor, row.currency),
        "expires_at": row.cancellation_expires_at,
        "reason_hash": row.cancellation_reason_hash,
    }


def _lot(row: LotRow | LotFound) -> dict[str, Any]:
    return {
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "receivable_id": row.receivable_id,
        "parent": f"{row.receivable_id}-{row.parent_sequence}" if row.parent_sequence else None,
        "holder": row.holder,
        "original_face_value_minor": row.original_face_value_minor,
        "face_value_minor": row.face_value_minor,
        "paid_minor": row.paid_minor,
        "tier": row.tier,
        "transfer_count": row.transfer_count,
        "created_sequence": row.created_sequence,
        "encumbrance": row.encumbrance.name.lower(),
        "is_settled": row.is_settled,
        "holdback_seller": row.holdback_seller,
        "holdback_minor": row.holdback_minor,
    }


def _financing(row: FinancingRequestRow) -> dict[str, Any]:
    delivered = row.delivered_lot_sequence
    return {
        "request_id": row.request_id,
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "delivered_lot_id": f"{row.receivable_id}-{delivered}" if delivered else None,
        "from": row.holder,
        "to": row.funder,
        "status": row.status.name.lower(),
        "requested_at": row.requested_at,
        "ended_at": row.ended_at,
        "sequence": row.ended_sequence or row.requested_sequence,
    }


def _entries(
    context: Context,
    decoder: EventDecoder,
    logs: Iterable[RawLog],
    lineage: set[int] | None = None,
) -> list[dict[str, Any]]:
    """Facts in chain order: all, or those about a lineage of lots."""
    lots_of_requests: dict[int, int] = {}
    told = []
    for log in logs:
        event = decoder.decode(log)
        facts = facts_of(event)
        named = _lots_named(facts, lots_of_requests)
        if lineage is None or not named or named & lineage:
            told.append((log, type(event).__name__, facts))
    orders = _orders_of(context, [log for log, _, _ in told])
    return [_entry(log, name, facts, orders) for log, name, facts in told]


def _orders_of(
    context: Context, logs: Sequence[RawLog]
) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """The orders of the logs' transactions, by block and transaction; all of them read together."""
    session = context.session
    executed = orders_of_blocks(session, [log.position.block_number for log in logs])
    places = {(log.position.block_number, log.position.transaction_hash) for log in logs}
    rows = [row for place in places for row in executed.get(place, ())]
    known = orders_by_hash(session, {row.order_hash for row in rows})
    names = names_of(session, {row.organisation for row in rows})
    return {
        place: [_order(row, known, names) for row in executed.get(place, ())] for place in places
    }


def _lots_named(facts: Mapping[str, Any], lots_of_requests: dict[int, int]) -> set[int]:
    """The lots an event is about; none where it is about the receivable itself.

    The end of a financing request names only the request, whose lot `lots_of_requests` remembers.
    """
    named = {facts[name] for name in ("lot_sequence", "parent_sequence") if name in facts}
    for part in (*facts.get("parts", ()), *facts.get("payments", ())):
        named |= {part["lot_sequence"]} if "lot_sequence" in part else set()
    if "request_id" in facts and named:
        lots_of_requests[facts["request_id"]] = facts["lot_sequence"]
    elif lot := lots_of_requests.get(facts.get("request_id", 0)):
        named.add(lot)
    return named


def _entry(
    log: RawLog,
    name: str,
    facts: Mapping[str, Any],
    orders: Mapping[tuple[int, str], Sequence[dict[str, Any]]],
) -> dict[str, Any]:
    position = log.position
    return {
        "event": name,
        "facts": {key: value for key, value in facts.items() if key not in _NOT_SHOWN},
        "sequence": facts.get("sequence", 1),
        "at": position.block_timestamp,
        "block_number": position.block_number,
        "block_hash": position.block_hash,
        "transaction_hash": position.transaction_hash,
        "log_index": position.log_index,
        "orders": orders[position.block_number, position.transaction_hash],
    }


def _order(
    row: ExecutedOrderRow, known: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, Any]:
    order = known.get(row.order_hash)
    approvals = json.loads(order.approvals) if order is not None else []
    return {
        "order_hash": row.order_hash,
        "act": order.act if order is not None else None,
        "organisation": row.organisation,
        "name": names.get(row.organisation, ""),
        "maker_key": row.maker_key,
        "checker_key": None if row.checker_key == NO_ADDRESS else row.checker_key,
        "signatures": approvals,
    }
