"""A participant's wallet: pinned network, own sentence, keys that stay."""

from dataclasses import replace

import pytest

from chainfin.client.development import (
    development_key,
    development_person,
    development_secret,
)
from chainfin.client.wallet import Wallet, domain_document, explain, read_draft
from chainfin.codec.errors import WrongChain, WrongDomain, WrongTypes
from chainfin.codec.hashing import to_hex
from chainfin.codec.orders import TYPES
from chainfin.codec.typed_data import Domain, to_json

DOMAIN = Domain("chainfin", "1", 31337, "0x" + "11" * 20, b"\x22" * 32)
WALLET = Wallet(
    name="Harbour Steel Fabrication",
    organisation=4,
    url="http://127.0.0.1:8000",
    api_key="scf_x_y",
    keys={},
    domain=domain_document(DOMAIN),
    directory={5: "Linden Fasteners"},
)
MESSAGE = {
    "target": "0x" + "33" * 20,
    "organisation": 4,
    "nonce": 7,
    "deadline": 1_800_000_000,
    "lotId": 17 << 32 | 3,
    "faceValue": 508_048_00,
    "paid": 0,
    "to": 5,
    "expiresAt": 1_800_000_000,
    "remarkHash": bytes(32),
}
SEED = b"\x01" * 32


def draft() -> dict[str, object]:
    return to_json(DOMAIN, TYPES["ProposeTransfer"], MESSAGE)


def test_explain__of_a_draft__is_written_from_what_will_be_signed() -> None:
    text = explain(WALLET, draft(), currency="CNY")

    assert "17-3" in text
    assert "508048.00" in text
    assert "Linden Fasteners (no. 5)" in text


def test_draft__for_a_twin_network__is_not_read() -> None:
    twin = replace(WALLET, domain=domain_document(replace(DOMAIN, salt=b"\x23" * 32)))
    other = replace(WALLET, domain=domain_document(replace(DOMAIN, chain_id=1)))

    with pytest.raises(WrongDomain):
        read_draft(twin, draft())
    with pytest.raises(WrongChain):
        read_draft(other, draft())


def test_draft__with_a_type_changed_by_the_service__is_not_read() -> None:
    document = draft()
    fields = document["types"]["ProposeTransfer"]  # type: ignore[index]
    changed = document | {
        "types": document["types"]  # type: ignore[operator]
        | {"ProposeTransfer": [field for field in fields if field["name"] != "to"]}
    }

    with pytest.raises(WrongTypes):
        read_draft(WALLET, changed)


def test_wallet__shown__hides_its_credential() -> None:
    assert "scf_x_y" not in repr(WALLET)


def test_development_keys__from_one_seed__are_stable_and_unrelated() -> None:
    owners = ("linden fasteners", "harbour steel fabrication")
    roles = ("maker", "checker")
    keys = {development_key(SEED, owner, role).address for owner in owners for role in roles}

    assert len(keys) == len(owners) * len(roles)
    assert development_person(SEED, owners[0], "maker") != development_person(
        SEED, owners[0], "checker"
    )
    assert to_hex(development_secret(SEED, "a")) != to_hex(development_secret(SEED, "b"))
