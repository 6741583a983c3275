"""The private audit log: who read or did what, chained, and its head on chain from time to time.

What is done is noted in its own transaction; what auditors and the operator read, before they are
answered. The worker seals the entries and puts the head on chain.
"""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from chainfin.codec.audit_chain import (
    ENTRY_FIELDS,
    GENESIS,
    Link,
    anchor_data,
    findings,
    read_anchor,
    seal_hash,
)
from chainfin.codec.hashing import from_hex
from chainfin.models.audit_log import (
    AuditAnchorRow,
    AuditEntryRow,
    AuditSealRow,
    anchors,
    first_entry_at,
    newest_anchor,
    newest_seal,
    sealed_after,
    unsealed,
)
from chainfin.models.bulk import add_rows
from chainfin.models.orders import AdministrationRow
from chainfin.services.context import Caller, Context
from chainfin.services.submission import queue_call

MOST_AT_ONCE = 1_000


def note(
    session: Session, caller: Caller, now: int, *, action: str, subject: str, request_id: str
) -> None:
    """Add what somebody reads or does."""
    session.add(
        AuditEntryRow(
            at=now,
            organisation=caller.organisation,
            actor=caller.actor,
            action=action,
            subject=subject,
            request_id=request_id,
        )
    )


def has_work(context: Context, account: str | None, seconds: int) -> bool:
    """Whether something was noted that is not chained yet, or the head is to be put on chain.

    Args:
        context: A unit of work that only reads.
        account: As `anchor` takes it.
        seconds: Likewise.
    """
    return bool(unsealed(context.session, 1)) or _unanchored(context, account, seconds) is not None


def seal(context: Context) -> int:
    """Chain the entries that are not chained yet; how many. One process at a time does this."""
    rows = unsealed(context.session, MOST_AT_ONCE)
    head = newest_seal(context.session)
    sequence, previous = (0, GENESIS) if head is None else (head.sequence, head.hash)
    seals = []
    for row in rows:
        sequence += 1
        previous = seal_hash(sequence, _entry(row), previous)
        seals.append(AuditSealRow(sequence=sequence, entry_id=row.id or 0, hash=previous))
    add_rows(context.session, seals)
    return len(rows)


def anchor(context: Context, account: str | None, seconds: int) -> bool:
    """Have the head put on chain, unless it is there or was lately; whether it will be.

    A transaction to the sending account itself that carries the head: it needs no contract, and
    a block proves it like any other.

    Args:
        context: A unit of work.
        account: The relayer that sends it; None where this process has no key of it.
        seconds: How long the last one is enough.
    """
    head = _unanchored(context, account, seconds)
    if head is None or account is None:
        return False
    data = anchor_data(head.sequence, head.hash)
    call = queue_call(context, f"anchor audit log {head.sequence}", account, data)
    context.session.flush()
    context.session.add(
        AuditAnchorRow(
            sequence=head.sequence,
            hash=head.hash,
            administration_id=call.id or 0,
            at=context.now,
        )
    )
    return True


def _unanchored(context: Context, account: str | None, seconds: int) -> AuditSealRow | None:
    """The head, if it is not on chain, none was put there for this long, and this process can."""
    head, last = newest_seal(context.session), newest_anchor(context.session)
    is_there = head is not None and last is not None and last.sequence == head.sequence
    if head is None or account is None or is_there:
        return None
    since = (first_entry_at(context.session) or context.now) if last is None else last.at
    return head if context.now - since >= seconds else None


def verify(context: Context) -> dict[str, Any]:
    """The chain recomputed, and compared with the heads that are on chain.

    Heads are read from the blocks themselves, by their transactions: what the database says of
    them is not believed.
    """
    on_chain, problems, waiting = {}, [], 0
    for row in anchors(context.session):
        call = context.session.get(AdministrationRow, row.administration_id)
        if call is None or call.transaction_hash is None:
            waiting += 1
            continue
        found = _on_chain(context, call.transaction_hash)
        if found is None:
            problems.append(f"head {row.sequence} is not on chain in {call.transaction_hash}")
        else:
            on_chain[found[0]] = found[1]
    problems += findings(links(context), on_chain)
    head = newest_seal(context.session)
    return {
        "entries": 0 if head is None else head.sequence,
        "head": GENESIS if head is None else head.hash,
        "heads_on_chain": len(on_chain),
        "heads_waiting": waiting,
        "findings": problems,
        "holds": not problems,
    }


def links(context: Context) -> Iterator[Link]:
    """The chain from the first entry on."""
    sequence = 0
    while rows := sealed_after(context.session, sequence, MOST_AT_ONCE):
        for row, entry in rows:
            yield Link(row.sequence, None if entry is None else _entry(entry), row.hash)
            sequence = row.sequence


def _entry(row: AuditEntryRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ENTRY_FIELDS}


def _on_chain(context: Context, transaction_hash: str) -> tuple[int, str] | None:
    node = context.network.node
    (found,) = node.batch([("eth_getTransactionByHash", [transaction_hash])])
    if found is None or found.get("blockNumber") is None:
        return None
    return read_anchor(from_hex(found["input"]))
