"""All rows made again from the stored logs, beside the old ones, and put in their place at once.

```
 the database    rows ── readers read on ────────────────────┐      rows, new
                 logs ── the worker adds ── ─ ─ ─ ─ ─ ┐      │      ▲
                  │                                   ▼      ▼      │
 the shadow       └── project ── project ── project ─ the rest ── swap
                                                      └─ one transaction ─┘
```

The shadow is a set of empty tables of the same names that this connection sees in place of the
real ones: temporary tables in SQLite, a schema of its own in PostgreSQL. So a projection writes to
the shadow as it writes to the index, and nobody else sees it. Only the last part, the logs that
came meanwhile and the copy, holds the writer's place. The node is not asked.
"""

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import Engine
from sqlmodel import Session

from chainfin.codec.events import EventDecoder
from chainfin.domain.events import BlockRef
from chainfin.indexer.projection import project_all, read_events
from chainfin.indexer.rows import Rows
from chainfin.models.chain_index import count_logs, get_block, hold_cursor, logs_after, place_of
from chainfin.models.shadow import Shadow, create_shadow

Progress: TypeAlias = Callable[[int, int], None]
Place: TypeAlias = tuple[int, int]

LOGS_A_PAGE = 20_000
_START: Place = (-1, -1)


def rebuild(engine: Engine, decoder: EventDecoder, progress: Progress | None = None) -> int:
    """Make every projection again from the stored logs while others read and write.

    Should the chain take back a block that was projected already, it begins anew.

    Args:
        engine: The database; a connection of its own is taken and committed.
        decoder: The events of our contracts.
        progress: Told how many logs are done, and of how many, after each page.

    Returns:
        How many logs there were.

    Raises:
        LogGap: A log is missing from the store.
        RowMissing: A log is missing from the store.
    """
    while True:
        with create_shadow(engine) as shadow:
            done = _rebuild(shadow, decoder, progress)
        if done is not None:
            return done


def project_again(session: Session, decoder: EventDecoder) -> int:
    """Fill empty tables from the stored logs, in the session's own transaction; how many logs.

    Raises:
        LogGap: A log is missing from the store.
        RowMissing: A log is missing from the store.
    """
    place, done = _START, 0
    while (found := _project_page(session, decoder, place)) is not None:
        place, done = found[0], done + found[1]
    return done


def _rebuild(shadow: Shadow, decoder: EventDecoder, progress: Progress | None) -> int | None:
    """One attempt; None where what was projected is no longer on the chain."""
    last: BlockRef | None = None
    place, done = _START, 0
    while True:
        with shadow.projecting() as session:
            total = count_logs(session)
            found = _project_page(session, decoder, place)
            if found is None:
                break
            place, last = found[0], get_block(session, found[0][0])
        done += found[1]
        if progress is not None:
            progress(done, max(done, total))
    with shadow.swapping() as session:
        hold_cursor(session)
        if last is not None and get_block(session, last.number) != last:
            session.rollback()
            return None
        while (found := _project_page(session, decoder, place)) is not None:
            place = found[0]
            done += found[1]
    return done


def _project_page(
    session: Session, decoder: EventDecoder, place: Place
) -> tuple[Place, int] | None:
    """Project the logs after a place; where they end and how many there were, None for none."""
    logs = logs_after(session, place, LOGS_A_PAGE)
    if not logs:
        return None
    rows = Rows(session)
    project_all(rows, read_events(decoder, logs))
    rows.flush()
    return place_of(logs[-1]), len(logs)
