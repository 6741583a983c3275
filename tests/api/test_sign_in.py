"""Signing in with a key: for this page, this chain and now, once; and out when the key ends."""

import time
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session

from chainfin.client.api import Api, ApiProblem
from chainfin.client.sign_in import message_for, sign_in
from chainfin.client.wallet import CHECKER, MAKER
from chainfin.codec.hashing import to_hex
from chainfin.codec.signers import LocalSigner, Signer
from chainfin.codec.siwe import SignInMessage
from chainfin.domain.service_errors import SignInRefused
from chainfin.models.credentials import PersonRow, SessionRow, SignInRow
from chainfin.services.credentials import open_session
from tests.world import ANCHOR, STRANGER, SUPPLIER, URL, World

STRANGERS_KEY = LocalSigner(b"\x71" * 32)


def message(world: World, signer: Signer) -> SignInMessage:
    return message_for(signer, world.api("").post("/sign-in/nonce", {}), URL)


def handed_in(world: World, wanted: SignInMessage, signer: Signer) -> dict[str, Any]:
    text = wanted.to_text()
    body = {"message": text, "signature": to_hex(signer.sign_text(text.encode()))}
    return world.api("").post("/sign-in", body)


def refused(world: World, wanted: SignInMessage, signer: Signer) -> str:
    with pytest.raises(ApiProblem) as problem:
        handed_in(world, wanted, signer)
    assert (problem.value.status, problem.value.code) == (401, "sign-in-refused")
    return str(problem.value)


def ends(api: Api) -> bool:
    with pytest.raises(ApiProblem) as problem:
        api.get("/lots")
    return problem.value.code == "not-authenticated"


def test_sign_in__with_a_key_of_nobody__is_refused(world: World) -> None:
    assert "no valid key" in refused(world, message(world, STRANGERS_KEY), STRANGERS_KEY)


def test_sign_in__with_a_makers_key__reads_for_its_organisation_until_it_leaves(
    world: World,
) -> None:
    answer = sign_in(world.api(""), world.signer(SUPPLIER, MAKER), URL)

    assert answer["organisation"] == world[SUPPLIER].number
    assert {"read", "write"} <= set(answer["scopes"])
    session = world.api(answer["session"])
    mine = {entry["lot_id"] for entry in world[SUPPLIER].api.pages("/lots")}
    assert {entry["lot_id"] for entry in session.pages("/lots")} == mine
    session.delete("/sign-in")
    assert ends(session)


def test_client__asked_to_sign_in_elsewhere__signs_nothing(world: World) -> None:
    offered = world.api("").post("/sign-in/nonce", {}) | {"domain": "bank.example"}

    with pytest.raises(SignInRefused):
        message_for(world.signer(SUPPLIER, MAKER), offered, URL)


@pytest.mark.parametrize(
    "change",
    [
        {"domain": "elsewhere.example"},
        {"uri": "https://elsewhere.example/session"},
        {"chain_id": 1},
        {"scheme": "ftp"},
        {"nonce": "00000000000000000000000000000000"},
        {"issued_at": "2020-01-01T00:00:00Z"},
        {"issued_at": "2999-01-01T00:00:00Z"},
        {"expiration_time": "2020-01-01T00:00:00Z"},
        {"not_before": "2999-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_sign_in__for_another_page_chain_or_time__is_refused(
    world: World, change: dict[str, Any]
) -> None:
    signer = world.signer(SUPPLIER, MAKER)

    refused(world, replace(message(world, signer), **change), signer)


def test_sign_in__the_same_message_twice__is_refused_the_second_time(world: World) -> None:
    signer = world.signer(SUPPLIER, MAKER)
    wanted = message(world, signer)
    handed_in(world, wanted, signer)

    assert "nonce" in refused(world, wanted, signer)


def test_sign_in__too_late__is_refused(world: World) -> None:
    signer = world.signer(SUPPLIER, MAKER)
    wanted = message(world, signer)
    with Session(world.runtime.engine) as session:
        row = session.get(SignInRow, wanted.nonce)
        row.expires_at = int(time.time()) - 1
        session.add(row)
        session.commit()

    assert "nonce" in refused(world, wanted, signer)


def test_sign_in__signed_by_another_key_of_the_organisation__is_refused(world: World) -> None:
    wanted = message(world, world.signer(SUPPLIER, MAKER))

    assert "signature" in refused(world, wanted, world.signer(SUPPLIER, CHECKER))


def test_session__past_its_end_or_with_another_secret__opens_nothing(world: World) -> None:
    token = sign_in(world.api(""), world.signer(ANCHOR, MAKER), URL)["session"]
    assert ends(world.api(token[:-1] + ("0" if token[-1] != "0" else "1")))
    with Session(world.runtime.engine) as session:
        row = session.get(SessionRow, token.split("_")[1])
        assert token.split("_")[2] not in str(row.model_dump())
        row.expires_at = int(time.time()) - 1
        session.add(row)
        session.commit()

    assert ends(world.api(token))


def test_session__of_a_key_that_was_revoked__ends_at_once(world: World) -> None:
    signer = world.signer(STRANGER, CHECKER)
    session = world.api(sign_in(world.api(""), signer, URL)["session"])
    assert session.get("/lots")["data"] == []
    maker = world.signer(STRANGER, MAKER).address
    draft = world[STRANGER].api.draft("revoke_key", {"key": signer.address}, maker_key=maker)

    world[STRANGER].api.submit(draft, world.approvals(STRANGER, draft, (MAKER,)))
    world.work()

    assert ends(session)


def test_session__of_a_person__has_the_scopes_of_now_and_ends_with_them(world: World) -> None:
    issuer, subject = "https://id.example", "7"
    person = {"issuer": issuer, "subject": subject, "name": "A. Person", "scopes": ["read"]}
    world[SUPPLIER].api.post("/people", person)
    with Session(world.runtime.engine) as session:
        context = world.runtime.context(session, int(time.time()))
        token = open_session(context, world[SUPPLIER].number, issuer=issuer, subject=subject)
        session.commit()
    api = world.api(token)
    assert api.get("/lots")["data"] is not None

    world[SUPPLIER].api.post("/people", person | {"scopes": ["administer"]})
    with pytest.raises(ApiProblem) as problem:
        api.get("/lots")
    assert problem.value.code == "right-required"
    world[SUPPLIER].api.delete(f"/people?issuer={issuer}&subject={subject}")
    assert ends(api)


def test_person__of_another_organisation__is_neither_taken_nor_removed(world: World) -> None:
    person = {"issuer": "https://id.example", "subject": "taken", "name": "B", "scopes": ["read"]}
    world[SUPPLIER].api.post("/people", person)
    stranger = world[ANCHOR].api

    for ask in (
        lambda: stranger.post("/people", person),
        lambda: stranger.delete("/people?issuer=https://id.example&subject=taken"),
    ):
        with pytest.raises(ApiProblem):
            ask()
    with Session(world.runtime.engine) as session:
        row = session.get(PersonRow, ("https://id.example", "taken"))
        assert row.organisation == world[SUPPLIER].number
