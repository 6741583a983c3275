"""Credentials of the caller's organisation: API keys, and people of an identity provider.

A secret is shown once: the answer to a repeated request is the first one without it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.dependencies import CallerDep, ChangesCredentials, ContextDep, ReadContextDep
from api.recording import RecordingRoute
from api.schemas import ApiKeyBody, Number, PersonBody
from chainfin.services import credentials

router = APIRouter(
    tags=["credentials"], route_class=RecordingRoute, dependencies=[ChangesCredentials]
)


@router.post("/participants/{organisation}/api-keys", status_code=201)
def create_first_key(
    organisation: Number, context: ContextDep, caller: CallerDep
) -> dict[str, Any]:
    """An organisation's first API key (operator), with every scope. Shown once."""
    key = credentials.create_api_key(context, organisation, created_by=caller.actor)
    return {"api_key": key}


@router.get("/access-keys")
def list_api_keys(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """The organisation's API keys, newest first, without their secrets."""
    return {"data": credentials.api_key_views(context, caller)}


@router.post("/access-keys", status_code=201)
def create_api_key(body: ApiKeyBody, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """A new API key, for no more than the caller's own credential may do. Shown once."""
    return {"api_key": credentials.order_api_key(context, caller, body.model_dump())}


@router.post("/access-keys/{key_id}/rotation", status_code=201)
def rotate_api_key(key_id: str, context: ContextDep, caller: CallerDep) -> dict[str, Any]:
    """A successor of an API key; the old one opens for one day more."""
    return {"api_key": credentials.rotate_api_key(context, caller, key_id)}


@router.delete("/access-keys/{key_id}", status_code=204)
def revoke_api_key(key_id: str, context: ContextDep, caller: CallerDep) -> None:
    """End an API key at once."""
    credentials.revoke_api_key(context, caller, key_id)


@router.get("/people")
def list_people(context: ReadContextDep, caller: CallerDep) -> dict[str, Any]:
    """Who may sign in for the organisation through an identity provider."""
    return {"data": credentials.person_views(context, caller)}


@router.post("/people", status_code=204)
def add_person(body: PersonBody, context: ContextDep, caller: CallerDep) -> None:
    """Let a person sign in for the organisation, or change what they may do."""
    credentials.add_person(context, caller, body.model_dump())


@router.delete("/people", status_code=204)
def remove_person(
    issuer: Annotated[str, Query(max_length=500)],
    subject: Annotated[str, Query(max_length=500)],
    context: ContextDep,
    caller: CallerDep,
) -> None:
    """Let a person in no longer; their sessions end with it."""
    credentials.remove_person(context, caller, issuer, subject)
