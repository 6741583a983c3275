"""Checks of the index: its rows against the contracts, its logs against the blocks' receipts.

Neither believes the index. The first asks the contracts what they hold at one block. The second
asks for the receipts of every block, recomputes the root by which the header commits to them, and
follows the headers, each hashed here, from the first block we read to the cursor: whose logs are
the same has all of them, and none invented.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from sqlmodel import Session

from chainfin.domain.audit import AsOf, Completeness, Finding, Reconciliation, differences
from chainfin.domain.events import ProvenBlock, RawLog
from chainfin.domain.receivable import Lot, Receivable, ReceivableStatus, conserves_value
from chainfin.models.chain_index import as_of, logs_between
from chainfin.models.receivables import lots_of_receivables, receivables_by_number

Progress: TypeAlias = Callable[[int, int], None]
State: TypeAlias = tuple[Receivable, Sequence[Lot]]
States: TypeAlias = Callable[[AsOf, Sequence[int]], Sequence[State]]
Blocks: TypeAlias = Callable[[Sequence[int]], Sequence[ProvenBlock | Finding]]

RECEIVABLES_A_PAGE = 500
BLOCKS_A_PAGE = 50


# --- rows against contracts ------------------------------------------------------------------


def verify(session: Session, read_states: States) -> Reconciliation:
    """Compare every receivable and lot with the contracts, at the block the index is true for.

    Args:
        session: The database.
        read_states: Reads the ledger: given a block and receivables' numbers, each receivable with
            all its lots, in that order; a number nobody has gives status NONE and no lots.
    """
    block = as_of(session)
    findings: list[Finding] = []
    receivables = lots = 0
    first = 1
    while page := _page(session, read_states, block, first):
        for ours, theirs in page:
            findings += _compare(ours, theirs)
            receivables += 1
            lots += len(theirs[1])
        first += RECEIVABLES_A_PAGE
    return Reconciliation(block, receivables, lots, tuple(findings))


def _page(
    session: Session, read_states: States, block: AsOf, first: int
) -> list[tuple[State | None, State]]:
    """A run of receivables as indexed and as on the chain; empty after the last of both."""
    numbers = range(first, first + RECEIVABLES_A_PAGE)
    on_chain = read_states(block, numbers)
    lots = lots_of_receivables(session, numbers)
    indexed: dict[int, State] = {
        number: (row.to_domain(), [lot.to_domain() for lot in lots[number]])
        for number, row in receivables_by_number(session, numbers).items()
    }
    session.expunge_all()
    pairs = zip((indexed.get(number) for number in numbers), on_chain, strict=True)
    return [
        (ours, theirs)
        for ours, theirs in pairs
        if ours is not None or theirs[0].status is not ReceivableStatus.NONE
    ]


def _compare(ours: State | None, theirs: State) -> Iterator[Finding]:
    receivable, lots = theirs
    place = f"receivable {receivable.receivable_id}"
    if ours is None:
        yield Finding(place, "is on the chain and not in the tables")
        return
    if receivable.status is ReceivableStatus.NONE:
        yield Finding(place, "is in the tables and not on the chain")
        return
    for difference in differences(ours[0], receivable):
        yield Finding(place, difference)
    yield from _compare_lots(ours[1], lots)
    if not conserves_value(receivable, lots):
        yield Finding(place, "what its lots are owed and were paid is not its face value")


def _compare_lots(ours: Sequence[Lot], theirs: Sequence[Lot]) -> Iterator[Finding]:
    indexed = {lot.lot_id: lot for lot in ours}
    on_chain = {lot.lot_id: lot for lot in theirs}
    for lot_id in sorted(indexed.keys() | on_chain.keys()):
        place = f"lot {lot_id}"
        if lot_id not in indexed:
            yield Finding(place, "is on the chain and not in the tables")
        elif lot_id not in on_chain:
            yield Finding(place, "is in the tables and not on the chain")
        else:
            for difference in differences(indexed[lot_id], on_chain[lot_id]):
                yield Finding(place, difference)


# --- logs against receipts -------------------------------------------------------------------


def verify_logs(
    session: Session, read_blocks: Blocks, start_block: int, progress: Progress | None = None
) -> Completeness:
    """Compare the stored logs with the receipts of every block up to the cursor.

    Args:
        session: The database.
        read_blocks: The blocks of these numbers, in order, each proven by its own hash, with the
            logs of our contracts; or what is wrong with it.
        start_block: The block before our contracts: nothing of ours is older.
        progress: Told how many blocks are done, and of how many, after each page.
    """
    block = as_of(session)
    findings: list[Finding] = []
    logs, before = 0, ""
    total = block.block_number - start_block
    for first in range(start_block + 1, block.block_number + 1, BLOCKS_A_PAGE):
        numbers = range(first, min(first + BLOCKS_A_PAGE, block.block_number + 1))
        stored = _by_block(logs_between(session, numbers[0], numbers[-1]))
        for number, found in zip(numbers, read_blocks(numbers), strict=True):
            ours = stored.get(number, [])
            logs += len(ours)
            findings += _compare_block(number, ours, found, before)
            before = found.ref.block_hash if isinstance(found, ProvenBlock) else ""
        if progress is not None:
            progress(numbers[-1] - start_block, total)
    if before and before != block.block_hash:
        findings.append(Finding(f"block {block.block_number}", "is not the block that was read"))
    return Completeness(block, total, logs, tuple(findings))


def _by_block(logs: Sequence[RawLog]) -> dict[int, list[RawLog]]:
    found: dict[int, list[RawLog]] = {}
    for log in logs:
        found.setdefault(log.position.block_number, []).append(log)
    return found


def _compare_block(
    number: int, ours: Sequence[RawLog], proven: ProvenBlock | Finding, parent_hash: str
) -> Iterator[Finding]:
    if isinstance(proven, Finding):
        yield proven
        return
    if parent_hash and proven.ref.parent_hash != parent_hash:
        yield Finding(f"block {number}", "does not follow the block below it")
    stored = {log.position.log_index: log for log in ours}
    true = {log.position.log_index: log for log in proven.logs}
    for index in sorted(stored.keys() | true.keys()):
        place = f"block {number}, log {index}"
        if index not in stored:
            yield Finding(place, f"of {true[index].address} is missing in the tables")
        elif index not in true:
            yield Finding(place, f"of {stored[index].address} is in no receipt")
        elif stored[index] != true[index]:
            yield Finding(place, "is not as in its receipt")
