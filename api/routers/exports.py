"""Exports: tables as files, made by the worker, with their progress."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from sqlmodel import Session

from api.dependencies import CallerDep, ContextDep, ReadContextDep, Service, ServiceDep
from api.paging import Cursor, Limit, page
from api.recording import RecordingRoute
from api.schemas import Body
from chainfin.services import exports
from chainfin.services.context import Caller, Context
from chainfin.services.exports import ENDED, FileFormat
from chainfin.services.listings import TableName

router = APIRouter(prefix="/exports", tags=["exports"], route_class=RecordingRoute)

_LOOK_SECONDS = 0.2
_MOST_SECONDS = 3_600
_MEDIA_TYPES = {FileFormat.CSV: "text/csv; charset=utf-8", FileFormat.JSONL: "application/jsonl"}


class ExportBody(Body):
    """A table and what it shall be written as."""

    table: TableName = Field(strict=False, examples=["receivables"])
    format: FileFormat = Field(default=FileFormat.CSV, strict=False, examples=["csv"])


@router.post("", status_code=202)
def request_export(
    body: ExportBody, context: ContextDep, caller: CallerDep, response: Response
) -> dict[str, Any]:
    """Ask for a file of everything of a kind that the caller may read."""
    row = exports.request_export(context, caller, body.table, body.format)
    response.headers["location"] = f"/v1/exports/{row.export_id}"
    return exports.export_view(row)


@router.get("")
def list_exports(
    context: ReadContextDep,
    caller: CallerDep,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """The caller's exports, newest first."""
    data = exports.list_exports(context, caller, before=cursor, limit=limit)
    return page(data, limit, "export_id")


@router.get("/{export_id}")
def read_export(export_id: str, context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """How far an export is."""
    return exports.export_view(exports.find_export(context, caller, export_id))


def require_own_export(export_id: str, context: ReadContextDep, caller: CallerDep) -> None:
    """Refuse another's export before the stream begins."""
    exports.find_export(context, caller, export_id)


@router.get(
    "/{export_id}/progress",
    response_class=EventSourceResponse,
    dependencies=[Depends(require_own_export, scope="function")],
)
async def follow_export(
    export_id: str, caller: CallerDep, service: ServiceDep
) -> AsyncIterator[ServerSentEvent]:
    """How far an export is, again with each change, as server-sent events until it has ended."""
    shown = None
    end = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < end:
        view = await run_in_threadpool(_view, service, caller, export_id)
        if view != shown:
            shown = view
            yield ServerSentEvent(event="progress", data=view)
        if view["status"] in ENDED:
            return
        await anyio.sleep(_LOOK_SECONDS)


@router.get("/{export_id}/file", response_class=StreamingResponse)
def download_export(
    export_id: str, context: ReadContextDep, caller: CallerDep, service: ServiceDep
) -> StreamingResponse:
    """The file of an export that is done."""
    return file_of(service, context, caller, export_id)


def file_of(
    service: Service, context: Context, caller: Caller, export_id: str
) -> StreamingResponse:
    """The file of one of the caller's exports, piece by piece."""
    row = exports.find_export(context, caller, export_id)
    exports.require_file(row)
    file_format = FileFormat(row.file_format)
    headers = {
        "Content-Disposition": f'attachment; filename="{row.table_name}.{file_format}"',
        "Content-Length": str(row.file_bytes),
    }
    content = _file(service, row.export_id)
    return StreamingResponse(content, media_type=_MEDIA_TYPES[file_format], headers=headers)


def _view(service: Service, caller: Caller, export_id: str) -> dict[str, Any]:
    """An export at this moment, through a session of its own."""
    with Session(service.readings) as session:
        context = _context(service, session)
        return exports.export_view(exports.find_export(context, caller, export_id))


def _file(service: Service, export_id: str) -> Iterator[bytes]:
    """A file from a session of its own: the request's is closed before it is sent."""
    with Session(service.readings) as session:
        yield from exports.file_pieces(_context(service, session), export_id)


def _context(service: Service, session: Session) -> Context:
    return service.runtime.context(session, int(time.time()))
