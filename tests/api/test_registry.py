"""The registry over HTTP: for registrars alone, counted, and silent about all but one bit."""

import base64
from dataclasses import replace
from itertools import count

import pytest

from chainfin.client.api import Api, ApiProblem
from chainfin.codec.hashing import to_hex
from chainfin.domain.documents import registry_preimage, tag
from chainfin.services.registry import peer_over
from tests.trade_files import ubl
from tests.world import ANCHOR, AUDITOR, STRANGER, SUPPLIER, World

PLATFORM = "Second Platform"
_NUMBERS = count(1)


@pytest.fixture(scope="module", autouse=True)
def _registrar(world: World) -> None:
    world.admit({PLATFORM: ["registrar"]})


def registry_key(world: World, number: str) -> str:
    (key, *_) = world.runtime.keys.fingerprint_keys
    identifier = f"DEVELOPMENT {SUPPLIER.lower()}"
    return to_hex(tag(key.key, registry_preimage(identifier, "invoice", number, None)))


def ask(world: World, name: str, *keys: str) -> list[bool]:
    checks = [{"epoch": 1, "registry_key": key} for key in keys]
    answer = world[name].api.post("/registry/checks", {"checks": checks})
    assert all(set(entry) == {"registry_key", "financed"} for entry in answer["data"])
    return [entry["financed"] for entry in answer["data"]]


def uses_read_by(api: Api) -> list[dict]:
    return list(api.pages("/registry/uses"))


def hand_in(world: World, number: str) -> str:
    content = ubl(number=number, currency="CNY", due_date="2099-12-31")
    body = {"file": base64.b64encode(content).decode()}
    return str(world[ANCHOR].api.post("/documents/invoices", body)["document"]["fingerprint"])


@pytest.mark.parametrize("name", [STRANGER, ANCHOR, AUDITOR])
def test_check__asked_by_no_registrar__refused(world: World, name: str) -> None:
    with pytest.raises(ApiProblem) as caught:
        ask(world, name, "0x" + "11" * 32)

    assert (caught.value.status, caught.value.code) == (403, "right-required")


def test_check__recorded_then_used__no_then_yes(world: World) -> None:
    number = f"REG-{next(_NUMBERS)}"
    key, unknown = registry_key(world, number), "0x" + "22" * 32
    fingerprint = hand_in(world, number)
    before = ask(world, PLATFORM, key, unknown)
    world.order(
        ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=fingerprint, tenor_days=60
    )

    assert before == [False, False]
    assert ask(world, PLATFORM, key, unknown) == [True, False]
    # Another spelling of the number is the same claim.
    assert ask(world, PLATFORM, registry_key(world, number.lower().replace("-", "/"))) == [True]


def test_check__many_questions__counted_and_limited(world: World) -> None:
    service = world.app.state.service
    world.app.state.service = replace(
        service, settings=service.settings.model_copy(update={"registry_checks_a_minute": 3})
    )
    try:
        with pytest.raises(ApiProblem) as caught:
            ask(world, PLATFORM, *("0x" + f"{number:064x}" for number in range(9)))
    finally:
        world.app.state.service = service

    assert (caught.value.status, caught.value.code) == (429, "too-many-questions")
    own = uses_read_by(world[PLATFORM].api)
    assert {use["organisation"] for use in own} == {world[PLATFORM].number}
    assert "registry" in {use["purpose"] for use in own}
    assert own[-1] in uses_read_by(world.operator)
    assert own[-1] not in uses_read_by(world[STRANGER].api)


def test_contacts__the_operator_on_an_order__named_and_noted(world: World) -> None:
    number = f"REG-{next(_NUMBERS)}"
    hand_in(world, number)
    body = {"registry_key": registry_key(world, number), "order_reference": "(2026) 沪01执1号"}

    for name in (PLATFORM, STRANGER, ANCHOR):
        with pytest.raises(ApiProblem, match="operator"):
            world[name].api.post("/registry/contacts", body)
    answer = world.operator.post("/registry/contacts", body)

    assert answer["contacts"] == [ANCHOR]
    noted = [
        use["reference"] for use in uses_read_by(world.operator) if use["purpose"] == "contact"
    ]
    assert "(2026) 沪01执1号" in noted


def test_peer__that_does_not_answer__nothing_is_taken(world: World) -> None:
    def away(path: str, body: object) -> dict:
        raise ApiProblem(0, {"code": "service-unavailable"})

    service = world.app.state.service
    world.app.state.service = replace(service, peers=(peer_over("harbour registry", away),))
    try:
        with pytest.raises(ApiProblem) as caught:
            hand_in(world, f"REG-{next(_NUMBERS)}")
    finally:
        world.app.state.service = service

    assert (caught.value.status, caught.value.code) == (503, "registry-unavailable")
