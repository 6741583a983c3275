"""Exports: an organisation's tables as files, made beside the chain, in pieces.

All rows of a file are true at one block: they are read in one transaction that only reads. A
process that ends in the middle leaves the export to the next one, which makes it anew.
"""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chainfin.domain.identifier import uuid7
from chainfin.domain.service_errors import ExportNotDone, NotFound, TooManyExports
from chainfin.interchange.table_csv import write_csv
from chainfin.models.exports import (
    ExportRow,
    add_piece,
    count_rows,
    count_unfinished,
    drop_pieces,
    expired_exports,
    exports_of,
    get_export,
    next_unfinished,
    pieces_of,
)
from chainfin.models.participants import reads_everything
from chainfin.services.context import Caller, Context
from chainfin.services.listings import LISTINGS, TableName, cursor_of

ROWS_A_PIECE = 1_000
MOST_UNFINISHED = 10
"""Exports one organisation may wait for at a time."""


class FileFormat(StrEnum):
    """What a table is written as."""

    CSV = "csv"
    JSONL = "jsonl"
    """One JSON object a line."""


class ExportStatus(StrEnum):
    """How far an export is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    """Its file was deleted."""


ENDED = frozenset({ExportStatus.DONE, ExportStatus.FAILED, ExportStatus.EXPIRED})


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file, and how many rows there were up to its end."""

    number: int
    content: bytes
    rows_done: int


# --- ask --------------------------------------------------------------------------------------


def request_export(
    context: Context, caller: Caller, table: TableName, file_format: FileFormat
) -> ExportRow:
    """Ask for a file; the worker makes it.

    Raises:
        TooManyExports: As many are waited for as may be.
    """
    waiting = count_unfinished(context.session, caller.organisation)
    if waiting >= MOST_UNFINISHED:
        raise TooManyExports(waiting, MOST_UNFINISHED)
    row = ExportRow(
        export_id=uuid7(context.now * 1000, secrets.token_bytes(10)),
        organisation=caller.organisation,
        reads_all=caller.reads_all,
        table_name=table,
        file_format=file_format,
        status=ExportStatus.QUEUED,
        requested_at=context.now,
    )
    context.session.add(row)
    context.session.flush()
    return row


def find_export(context: Context, caller: Caller, export_id: str) -> ExportRow:
    """One of the caller's own exports.

    Raises:
        NotFound: It is another's, or there is none.
    """
    row = get_export(context.session, export_id)
    if row is None or row.organisation != caller.organisation:
        raise NotFound("export", export_id[:60])
    return row


def list_exports(
    context: Context, caller: Caller, *, before: str | None, limit: int
) -> list[dict[str, Any]]:
    """The caller's exports, newest first."""
    rows = exports_of(context.session, caller.organisation, before=before, limit=limit)
    return [export_view(row) for row in rows]


def export_view(row: ExportRow) -> dict[str, Any]:
    """An export as whoever asked for it sees it."""
    return {
        "export_id": row.export_id,
        "table": row.table_name,
        "format": row.file_format,
        "status": row.status,
        "rows_done": row.rows_done,
        "rows_total": row.rows_total,
        "file_bytes": row.file_bytes,
        "requested_at": row.requested_at,
        "ended_at": row.ended_at,
        "expires_at": row.expires_at,
        "as_of": None
        if row.block_number is None
        else {"block_number": row.block_number, "block_hash": row.block_hash},
        "failure": row.failure,
    }


def require_file(row: ExportRow) -> None:
    """Refuse a file that is not there.

    Raises:
        ExportNotDone: It is not made yet, failed, or was deleted.
    """
    if row.status != ExportStatus.DONE:
        raise ExportNotDone(row.export_id, row.status)


def file_pieces(context: Context, export_id: str) -> Iterator[bytes]:
    """A file piece by piece."""
    return pieces_of(context.session, export_id)


# --- make -------------------------------------------------------------------------------------


def has_work(context: Context) -> bool:
    """Whether an export waits, or one has expired; only reads."""
    return (
        next_unfinished(context.session) is not None
        or len(expired_exports(context.session, context.now)) > 0
    )


def take_export(context: Context) -> ExportRow | None:
    """Take the oldest export that is not finished, and begin it anew."""
    row = next_unfinished(context.session)
    if row is None:
        return None
    drop_pieces(context.session, row.export_id)
    row.status, row.rows_done, row.file_bytes = ExportStatus.RUNNING, 0, 0
    context.session.flush()
    context.session.expunge(row)
    return row


def make_pieces(context: Context, row: ExportRow) -> Iterator[Piece]:
    """The file in pieces; the first is empty and says how many rows there will be.

    Args:
        context: A unit of work that only reads and sees one state to its end.
        row: What was asked for; its total and block are filled in.
    """
    # Whoever read all when they asked may not any more.
    reads_all = row.reads_all and reads_everything(context.session, row.organisation)
    caller = Caller(row.organisation, reads_all)
    party = None if caller.reads_all else caller.organisation
    listing = LISTINGS[TableName(row.table_name)]
    block = context.as_of()
    row.rows_total = count_rows(context.session, row.table_name, party)
    row.block_number, row.block_hash = block.block_number, block.block_hash
    rows_done, number, cursor = 0, 0, None
    while True:
        views = listing.read(context, caller, cursor, ROWS_A_PIECE)
        rows_done += len(views)
        content = _written(FileFormat(row.file_format), listing.columns, views, number)
        yield Piece(number, content, rows_done)
        if len(views) < ROWS_A_PIECE:
            return
        number, cursor = number + 1, cursor_of(listing, views)
        context.session.expunge_all()


def keep_piece(context: Context, made: ExportRow, piece: Piece) -> None:
    """Keep a piece, and say how far the export is."""
    row = get_export(context.session, made.export_id)
    if row is None:
        raise NotFound("export", made.export_id)
    add_piece(context.session, row.export_id, piece.number, piece.content)
    row.rows_done, row.rows_total = piece.rows_done, max(made.rows_total, piece.rows_done)
    row.block_number, row.block_hash = made.block_number, made.block_hash
    row.file_bytes += len(piece.content)


def finish(context: Context, export_id: str, keep_seconds: int) -> None:
    """Say that a file is complete, and how long it is kept."""
    row = get_export(context.session, export_id)
    if row is not None:
        row.status, row.ended_at = ExportStatus.DONE, context.now
        row.expires_at = context.now + keep_seconds


def fail(context: Context, export_id: str, failure: str) -> None:
    """Say that a file cannot be made."""
    row = get_export(context.session, export_id)
    if row is not None:
        drop_pieces(context.session, export_id)
        row.status, row.ended_at, row.failure = ExportStatus.FAILED, context.now, failure


def expire_exports(context: Context) -> int:
    """Delete the files whose time is over; how many."""
    rows = expired_exports(context.session, context.now)
    for row in rows:
        drop_pieces(context.session, row.export_id)
        row.status = ExportStatus.EXPIRED
    return len(rows)


# --- write ------------------------------------------------------------------------------------


def _written(
    file_format: FileFormat,
    columns: Sequence[str],
    views: Sequence[dict[str, Any]],
    number: int,
) -> bytes:
    if file_format is FileFormat.JSONL:
        lines = (json.dumps(view, ensure_ascii=False) + "\n" for view in views)
        return "".join(lines).encode()
    rows = [[cell for name in columns for cell in _cells(name, view[name])] for view in views]
    text = write_csv(_header(columns), rows)
    return (text if number == 0 else text.partition("\r\n")[2]).encode()


_MONEY = frozenset({"amount", "face_value", "net_proceeds", "paid", "part_face_value"})
"""Columns of amounts: in a CSV file minor units, and the currency beside them."""


def _header(columns: Sequence[str]) -> list[str]:
    return [
        name
        for column in columns
        for name in ((f"{column}_minor", f"{column}_currency") if column in _MONEY else (column,))
    ]


def _cells(name: str, value: Any) -> tuple[str | int, ...]:
    if name in _MONEY:
        return ("", "") if value is None else (value["amount_minor"], value["currency"])
    if value is None:
        return ("",)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, dict | list):
        return (json.dumps(value, ensure_ascii=False),)
    return (value,)
