"""Signing in through an identity provider: the right person, once, and no forged token."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey

from api.dependencies import CONSOLE_COOKIE
from chainfin.client.identity import IdentityProvider, nonce_of
from chainfin.domain.service_errors import SignInRefused
from tests.identity_provider import CLIENT, ISSUER, SECRET, Provider
from tests.world import SUPPLIER, World

VERIFIER = "a verifier of the one who began"


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def ours(provider: Provider) -> IdentityProvider:
    return IdentityProvider(ISSUER, CLIENT, SECRET, transport=provider.transport())


@pytest.fixture
def browser(world: World, ours: IdentityProvider) -> Iterator[TestClient]:
    before = world.app.state.service
    world.app.state.service = replace(before, provider=ours)
    client = TestClient(world.app, raise_server_exceptions=False, follow_redirects=False)
    yield client
    world.app.state.service = before


def begun(browser: TestClient, provider: Provider) -> dict[str, str]:
    """What the provider sends the browser back with."""
    place = browser.get("/session/provider").headers["location"]
    state = parse_qs(urlsplit(place).query)["state"][0]
    return {"state": state, "code": provider.consent(place)}


def back(browser: TestClient, query: dict[str, str]) -> httpx.Response:
    return browser.get("/session/provider/return", params=query)


def let_in(world: World, subject: str) -> None:
    person = {"issuer": ISSUER, "subject": subject, "name": "A. Person", "scopes": ["read"]}
    world[SUPPLIER].api.post("/people", person)


def test_person__nobody_has_named__is_refused(browser: TestClient, provider: Provider) -> None:
    provider.subject = "unknown"

    answer = back(browser, begun(browser, provider))

    assert answer.status_code == 401
    assert CONSOLE_COOKIE not in answer.cookies


def test_person__named_by_its_organisation__reads_for_it_in_the_console(
    world: World, browser: TestClient, provider: Provider
) -> None:
    let_in(world, provider.subject)

    answer = back(browser, begun(browser, provider))

    assert answer.status_code == 303
    session = answer.cookies[CONSOLE_COOKIE]
    mine = {entry["lot_id"] for entry in world[SUPPLIER].api.pages("/lots")}
    assert {entry["lot_id"] for entry in world.api(session).pages("/lots")} == mine


def test_return__twice_from_another_browser_or_without_a_code__is_refused(
    world: World, browser: TestClient, provider: Provider
) -> None:
    let_in(world, provider.subject)
    query = begun(browser, provider)
    other = TestClient(world.app, raise_server_exceptions=False, follow_redirects=False)

    assert back(other, query).status_code == 401
    assert back(browser, query | {"code": ""}).status_code == 401
    assert back(browser, query).status_code == 303
    browser.cookies.set("chainfin_state", query["state"])
    assert back(browser, query).status_code == 401


def test_provider__not_configured__is_not_there(world: World) -> None:
    assert world.client.get("/session/provider").status_code == 404


SPOILT: dict[str, Callable[[Provider], Any]] = {
    "another issuer": lambda it: it.changes.update(iss="https://evil.example"),
    "another audience": lambda it: it.changes.update(aud="another service"),
    "many audiences and another party": lambda it: it.changes.update(aud=[CLIENT, "x"], azp="x"),
    "expired": lambda it: it.changes.update(exp=1),
    "of the future": lambda it: it.changes.update(iat=2**40),
    "without an end": lambda it: it.changes.update(exp=None),
    "another nonce": lambda it: it.changes.update(nonce="x"),
    "nobody": lambda it: it.changes.update(sub=""),
    "another key": lambda it: setattr(it, "signs_with", RSAKey.generate_key(2048, {"kid": "r1"})),
    "unsigned": lambda it: setattr(it, "token", it.unsigned(nonce_of(VERIFIER))),
    "a shared secret": lambda it: setattr(it, "token", it.by_shared_secret(nonce_of(VERIFIER))),
    "no token": lambda it: setattr(it, "token", "x.y.z"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_token__forged_or_of_another__is_refused(
    provider: Provider, ours: IdentityProvider, spoil: Callable[[Provider], Any]
) -> None:
    code = provider.consent(ours.authorisation_url("state", VERIFIER, "https://here/return"))
    spoil(provider)

    with pytest.raises(SignInRefused):
        ours.redeem(code, VERIFIER, "https://here/return")


def test_code__with_another_verifier__is_refused(
    provider: Provider, ours: IdentityProvider
) -> None:
    code = provider.consent(ours.authorisation_url("state", VERIFIER, "https://here/return"))

    with pytest.raises(SignInRefused):
        ours.redeem(code, "another verifier", "https://here/return")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_keys__taken_into_use_meanwhile__are_asked_for_once(
    provider: Provider, algorithm: str
) -> None:
    now = [1_000_000_000_000.0]
    ours = IdentityProvider(
        ISSUER, CLIENT, SECRET, transport=provider.transport(), clock=lambda: now[0]
    )
    provider.changes = {"exp": int(now[0]) + 300, "iat": int(now[0])}
    nonce = nonce_of(VERIFIER)
    assert ours.subject_of(provider.made(nonce), nonce) == provider.subject
    assert ours.subject_of(provider.made(nonce), nonce) == provider.subject
    assert provider.key_set_asked == 1

    provider.take_into_use(algorithm)
    now[0] += 31
    assert ours.subject_of(provider.made(nonce), nonce) == provider.subject
    assert provider.key_set_asked == 2
