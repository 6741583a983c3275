"""The event feed: told once, in chain order, each entry to those it concerns.

`tell` runs beside the index, in transactions of its own, and keeps its place by the hash of the
last block it read. Where the index no longer has that block, the chain took it back: the entries
above the last one that still stands are marked, one entry says so, and the feed goes on from there.
Numbers are given in one place and committed in their order, so whoever reads on from the last
number it saw misses nothing.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chainfin.codec.events import EventDecoder
from chainfin.domain.events import Event, LogPosition, RawLog
from chainfin.domain.facts import facts_of
from chainfin.domain.feed import (
    EVERYONE,
    REORGANISED,
    Audience,
    audience_of,
    is_told,
    lots_in,
    organisations_in,
)
from chainfin.models.chain_index import get_block, hold_cursor, logs_after
from chainfin.models.event_feed import (
    FeedEntryRow,
    FeedPlaceRow,
    FeedReaderRow,
    Parties,
    entries_for,
    feed_place,
    find_place,
    last_standing,
    read_parties,
    take_back,
)
from chainfin.models.participants import ExecutedOrderRow, orders_by_transaction
from chainfin.services.context import Caller, Context

MOST_AT_ONCE = 500
"""Logs that are looked at in one transaction."""

Told = tuple[RawLog, Event]


# --- tell -------------------------------------------------------------------------------------


def tell(context: Context, decoder: EventDecoder) -> bool:
    """Tell the next facts, or that some were taken back; whether there was anything to do."""
    # The index moves in transactions of its own; both sides of it must be of one state here.
    hold_cursor(context.session)
    place = feed_place(context.session)
    if not _stands(context, place):
        return _tell_reorganisation(context, place)
    logs = logs_after(context.session, (place.block_number, place.log_index), MOST_AT_ONCE)
    if not logs:
        return False
    told = [(log, decoder.decode(log)) for log in logs if is_told(decoder.kind_of(log))]
    parties = _parties(context, told)
    orders = orders_by_transaction(
        context.session, logs[0].position.block_number, logs[-1].position.block_number
    )
    for log, event in told:
        place.sequence += 1
        _add(context, place.sequence, log.position, event, orders, parties)
    last = logs[-1].position
    place.block_number, place.block_hash = last.block_number, last.block_hash
    place.log_index = last.log_index
    return True


def has_news(context: Context) -> bool:
    """Whether `tell` would do anything; only reads."""
    place = find_place(context.session)
    if place is None:
        return True
    after = (place.block_number, place.log_index)
    return not _stands(context, place) or bool(logs_after(context.session, after, 1))


def _stands(context: Context, place: FeedPlaceRow) -> bool:
    """Whether the last block told is still the chain's, as far as the index has come."""
    if place.block_number < 0 or place.block_number > context.as_of().block_number:
        # An index that went back by itself reads the same blocks again, as a rule.
        return True
    block = get_block(context.session, place.block_number)
    return block is not None and block.block_hash == place.block_hash


def _tell_reorganisation(context: Context, place: FeedPlaceRow) -> bool:
    """Mark what the chain took back, say so, and go back to the last entry that stands."""
    standing = last_standing(context.session)
    gone = take_back(
        context.session, 0 if standing is None else standing.sequence, place.sequence + 1
    )
    place.block_number = -1 if standing is None else standing.block_number
    place.block_hash = "" if standing is None else standing.block_hash
    place.log_index = -1 if standing is None else standing.log_index
    if gone is None:
        return True
    place.sequence += 1
    first, last = gone
    context.session.add(
        FeedEntryRow(
            sequence=place.sequence,
            event=REORGANISED,
            facts=json.dumps({"first_sequence": first, "last_sequence": last}),
            lot_ids="[]",
            order_hashes="[]",
            at=context.as_of().block_timestamp,
            block_number=max(place.block_number, 0),
            block_hash=place.block_hash,
            log_index=place.log_index,
        )
    )
    context.session.add(FeedReaderRow(organisation=EVERYONE, sequence=place.sequence))
    return True


def _add(
    context: Context,
    sequence: int,
    position: LogPosition,
    event: Event,
    orders: Mapping[tuple[int, str], Sequence[ExecutedOrderRow]],
    parties: Parties,
) -> None:
    receivable_id = getattr(event, "receivable_id", None)
    ran = orders.get((position.block_number, position.transaction_hash), ())
    context.session.add(
        FeedEntryRow(
            sequence=sequence,
            event=type(event).__name__,
            facts=json.dumps(facts_of(event)),
            receivable_id=receivable_id,
            lot_ids=json.dumps([f"{receivable_id}-{lot}" for lot in sorted(lots_in(event))]),
            order_hashes=json.dumps([order.order_hash for order in ran]),
            at=position.block_timestamp,
            block_number=position.block_number,
            block_hash=position.block_hash,
            transaction_hash=position.transaction_hash,
            log_index=position.log_index,
        )
    )
    makers = frozenset(
        order.organisation
        for order in ran
        if order.order_hash == getattr(event, "order_hash", None)
    )
    for reader in sorted(_readers(event, parties) | makers):
        context.session.add(FeedReaderRow(organisation=reader, sequence=sequence))


# --- who reads it -----------------------------------------------------------------------------


def _parties(context: Context, told: Sequence[Told]) -> Parties:
    """Who is a party to what these events are about."""
    about = [
        (receivable_id, event)
        for _, event in told
        if (receivable_id := getattr(event, "receivable_id", None)) is not None
    ]
    return read_parties(
        context.session,
        receivable_ids={number for number, _ in about},
        whole={number for number, event in about if _is_about_all(event)},
        lots={(number, lot) for number, event in about for lot in lots_in(event)},
        requests={event.request_id for _, event in about if hasattr(event, "request_id")},
    )


def _is_about_all(event: Event) -> bool:
    """Whether every holder of a receivable is concerned: the event names none of its lots."""
    return not lots_in(event) and not hasattr(event, "request_id")


def _readers(event: Event, parties: Parties) -> frozenset[int]:
    """The organisations that read an event, now and for ever."""
    audience = audience_of(type(event))
    if audience is Audience.EVERYONE:
        return frozenset({EVERYONE})
    if audience is Audience.ITS_FUNDER_ALONE:
        return frozenset({event.funder})  # type: ignore[union-attr]
    readers = set(organisations_in(event))
    if audience is Audience.FUNDERS:
        readers |= parties.funders
    receivable_id = getattr(event, "receivable_id", None)
    if receivable_id is not None:
        readers |= parties.owing.get(receivable_id, frozenset())
        if _is_about_all(event):
            readers |= parties.holding.get(receivable_id, frozenset())
        readers |= {
            parties.of_lots[receivable_id, lot]
            for lot in lots_in(event)
            if (receivable_id, lot) in parties.of_lots
        }
    holder = parties.of_requests.get(getattr(event, "request_id", 0))
    return frozenset(readers if holder is None else readers | {holder})


# --- read -------------------------------------------------------------------------------------


def read_feed(context: Context, caller: Caller, *, after: int, limit: int) -> list[dict[str, Any]]:
    """The entries after a number that a caller may read, in order; all for those who read all."""
    organisation = None if caller.reads_all else caller.organisation
    rows = entries_for(context.session, organisation, after=after, limit=limit)
    return [entry_view(row) for row in rows]


def entry_view(row: FeedEntryRow) -> dict[str, Any]:
    """An entry as its readers see it."""
    return {
        "sequence": row.sequence,
        "event": row.event,
        "facts": json.loads(row.facts),
        "receivable_id": row.receivable_id,
        "lot_ids": json.loads(row.lot_ids),
        "order_hashes": json.loads(row.order_hashes),
        "at": row.at,
        "block_number": row.block_number,
        "block_hash": row.block_hash,
        "transaction_hash": row.transaction_hash,
        "log_index": row.log_index,
        "taken_back_by": row.taken_back_by,
    }
