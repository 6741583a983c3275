"""Signing in to the console through an identity provider."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.dependencies import CONSOLE_COOKIE, ContextDep, ServiceDep
from chainfin.client.identity import IdentityProvider
from chainfin.domain.service_errors import NotFound, SignInRefused
from chainfin.services import sign_in
from chainfin.services.credentials import SESSION_SECONDS

router = APIRouter(prefix="/session/provider", include_in_schema=False)

STATE_COOKIE = "chainfin_state"
_Parameter = Annotated[str, Query(max_length=4_000)]


def _provider(service: ServiceDep) -> IdentityProvider:
    if service.provider is None:
        raise NotFound("identity provider", "of this service")
    return service.provider


def _return_address(service: ServiceDep) -> str:
    return f"{service.settings.effective_public_url.rstrip('/')}{router.prefix}/return"


@router.get("")
def go(service: ServiceDep, context: ContextDep) -> Response:
    """Send the browser to the provider."""
    provider = _provider(service)
    state, verifier = sign_in.begin_with_provider(context, provider.new_verifier())
    place = provider.authorisation_url(state, verifier, _return_address(service))
    response = RedirectResponse(place, HTTPStatus.SEE_OTHER)
    # Lax: the provider's redirect brings it back, which is another site's.
    response.set_cookie(
        STATE_COOKIE,
        state,
        max_age=sign_in.NONCE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=not service.settings.is_embedded,
    )
    return response


@router.get("/return")
def come_back(
    request: Request,
    service: ServiceDep,
    context: ContextDep,
    state: _Parameter = "",
    code: _Parameter = "",
) -> Response:
    """Open a session for whom the provider names, if the browser is the one that was sent."""
    provider = _provider(service)
    if not state or request.cookies.get(STATE_COOKIE) != state or not code:
        raise SignInRefused("another browser began it, or the provider refused")
    verifier = sign_in.verifier_of(context, state)
    subject = provider.redeem(code, verifier, _return_address(service))
    token = sign_in.open_person_session(context, provider.issuer, subject)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    response.delete_cookie(STATE_COOKIE)
    response.set_cookie(
        CONSOLE_COOKIE,
        token,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=not service.settings.is_embedded,
    )
    return response
