"""The event feed: every business event of the chain, in order, to those it concerns."""

from typing import Any

from fastapi import APIRouter

from api.dependencies import CallerDep, ReadContextDep
from api.paging import Limit
from api.recording import RecordingRoute
from api.routers.receivables import as_of
from api.schemas import Number
from chainfin.services import event_feed

router = APIRouter(tags=["events"], route_class=RecordingRoute)


@router.get("/events")
def read_events(
    context: ReadContextDep,
    caller: CallerDep,
    after: Number = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Entries after a number that the caller may read, oldest first; none is ever changed.

    Where the chain took blocks back, an entry `ChainReorganised` says which entries it took with
    it; these carry its number in `taken_back_by`.
    """
    data = event_feed.read_feed(context, caller, after=after, limit=limit)
    return {
        "data": data,
        "has_more": len(data) == limit,
        "next_after": data[-1]["sequence"] if data else after,
        "as_of": as_of(context),
    }
