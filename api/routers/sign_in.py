"""Signing in with a key (EIP-4361).

Nobody is known yet, so there is no Idempotency-Key: the nonce is what can be used but once.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from api.dependencies import (
    CallerDep,
    ChangesCredentials,
    ContextDep,
    ServiceDep,
    credential_of,
)
from api.schemas import SignInBody
from chainfin.services import credentials, sign_in
from chainfin.services.sign_in import Site

router = APIRouter(prefix="/sign-in", tags=["credentials"], dependencies=[ChangesCredentials])


def get_site(service: ServiceDep) -> Site:
    """This service, as people who sign in see it."""
    deployment = service.runtime.network.deployment
    return Site(service.settings.effective_public_url, deployment.chain_id)


SiteDep = Annotated[Site, Depends(get_site)]


@router.post("/nonce", status_code=201)
def begin(context: ContextDep, site: SiteDep) -> dict[str, Any]:
    """What a sign-in message needs: a fresh nonce, the page, the chain, the time."""
    return sign_in.begin_sign_in(context, site)


@router.post("", status_code=201)
def finish(body: SignInBody, context: ContextDep, site: SiteDep) -> dict[str, Any]:
    """A session for eight hours at most; a bearer token like an API key. Shown once."""
    return sign_in.sign_in(context, site, body.message, body.signature)


@router.delete("", status_code=204)
def leave(request: Request, context: ContextDep, _caller: CallerDep) -> None:
    """End the session that this request comes with."""
    credentials.close_session(context, credential_of(request))
