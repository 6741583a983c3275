"""One rule, one name: what the API refuses, the contracts refuse too, and say why alike.

Each row signs an order wrongly. It is handed in at the API, and sent raw to the contract by
somebody who never asks us.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from chainfin.chain.transactor import broadcast, raise_revert, sign, wait_for_receipt
from chainfin.cli.runtime import reading
from chainfin.client.api import ApiProblem, Draft
from chainfin.client.development import development_admission, development_key, load_seed
from chainfin.client.wallet import CHECKER, MAKER, approve_with
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.identities import sign_possession
from chainfin.codec.signers import LocalSigner
from chainfin.domain.errors import ChainfinError
from chainfin.domain.names import normalise_name
from chainfin.domain.order import Approval
from chainfin.domain.participant import KeyRole
from chainfin.domain.refusals import (
    ApprovalsMalformed,
    CheckerRequired,
    KeyNotValid,
    NonceOfAnotherKey,
    OrderAlreadyUsed,
    OrderExpired,
    RoleRequired,
    SamePerson,
    SignatureInvalid,
    SignerUnknown,
)
from chainfin.services.calls import calldata_of
from chainfin.services.signed_orders import read_order
from tests.world import ANCHOR, STRANGER, SUPPLIER, World, running_world, signature_of

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BYSTANDER = LocalSigner(b"\x61" * 32)
FORGE, SECOND, SUCCESSOR = "Vulcan Forge", "second", "successor"
GAS = 1_000_000
HOUR = 3_600


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("alike")
    with running_world(folder / "home", f"sqlite:///{folder / 'chainfin.db'}") as world:
        world.populate()
        admit_forge(world)
        yield world


def admit_forge(world: World) -> None:
    """An organisation with an administrator, and a second key in its maker's hands."""
    roles = {
        MAKER: KeyRole.MAKER | KeyRole.ADMINISTRATOR,
        CHECKER: KeyRole.CHECKER | KeyRole.ADMINISTRATOR,
        SECOND: KeyRole.CHECKER,
    }
    seed, domain = load_seed(world.settings.home), world.runtime.network.deployment.domain
    entry = development_admission(seed, domain, FORGE, kinds=["supplier"], key_roles=roles)
    second = LocalSigner(development_key(seed, normalise_name(FORGE), SECOND))
    person = entry["keys"][0]["person"]
    possession = sign_possession(
        second,
        domain,
        identity=from_hex(entry["identity"]),
        roles=KeyRole.CHECKER.value,
        person=from_hex(person),
    )
    entry["keys"][2] |= {"person": person, "possession": to_hex(possession)}
    world.operator.post("/participants", {"admissions": [entry]})
    world.work()
    number = world.operator.post("/participants/lookup", {"names": [FORGE]})["found"][FORGE]
    world.actors[FORGE] = world.actor(FORGE, number)
    world.signers[FORGE, SECOND] = second


@dataclass
class Attempt:
    """An order somebody signs wrongly."""

    world: World
    name: str = SUPPLIER
    draft: Draft = field(init=False)

    def __post_init__(self) -> None:
        self.draft = self.prepare()

    def prepare(self, **options: object) -> Draft:
        """A draft; the options stand over those of an ordinary one."""
        api = self.world[self.name].api
        body = {
            "act": "set_dual_control_limit",
            "fields": {"currency": "CNY", "limit_minor": 7_00},
        }
        return Draft.of(api.post("/orders/draft", body | options))

    def signed_by(self, *signers: tuple[str, str]) -> list[Approval]:
        """The draft signed by organisations' keys by their labels, in order."""
        wallet = self.world[self.name].wallet
        return [
            approve_with(self.world.signer(*signer), wallet, self.draft.typed_data)
            for signer in signers
        ]

    # --- as the table tells them

    def by_a_strangers_keys(self) -> list[Approval]:
        return self.signed_by((STRANGER, MAKER), (STRANGER, CHECKER))

    def by_the_maker_twice(self) -> list[Approval]:
        return self.signed_by((self.name, MAKER), (self.name, MAKER))

    def by_one_person_with_two_keys(self) -> list[Approval]:
        self.name = FORGE
        self.draft = self.prepare()
        return self.signed_by((FORGE, MAKER), (FORGE, SECOND))

    def by_the_maker_alone(self) -> list[Approval]:
        return self.signed_by((self.name, MAKER))

    def by_nobody(self) -> list[Approval]:
        return []

    def by_checker_as_maker(self) -> list[Approval]:
        checker = self.world.signer(self.name, CHECKER).address
        self.draft = self.prepare(maker_key=checker)
        return self.signed_by((self.name, CHECKER), (self.name, MAKER))

    def under_anothers_nonce(self) -> list[Approval]:
        checker = self.world.signer(self.name, CHECKER).address
        self.draft = self.prepare(maker_key=checker)
        return self.signed_by((self.name, MAKER), (self.name, CHECKER))

    def over_another_order(self) -> list[Approval]:
        elsewhere = Attempt(self.world, self.name)
        return elsewhere.signed_by((self.name, MAKER), (self.name, CHECKER))

    def with_the_malleable_twin(self) -> list[Approval]:
        maker, checker = self.signed_by((self.name, MAKER), (self.name, CHECKER))
        return [replace(maker, signature=twin(maker.signature)), checker]

    def past_its_deadline(self) -> list[Approval]:
        now_at = self.world.runtime.network.node.head().timestamp
        self.draft = self.prepare(deadline_at=now_at + HOUR)
        approvals = self.signed_by((self.name, MAKER), (self.name, CHECKER))
        self.world.move_clock(now_at + HOUR + 1)
        return approvals

    def replayed(self) -> list[Approval]:
        """It ran already, sent by somebody else."""
        approvals = self.signed_by((self.name, MAKER), (self.name, CHECKER))
        assert raw(self.world, self.draft, approvals) is None
        return approvals


def twin(signature: bytes) -> bytes:
    """The other signature of the same key over the same digest, with the higher s."""
    s = int.from_bytes(signature[32:64], "big")
    return signature[:32] + (ORDER - s).to_bytes(32, "big") + bytes((signature[64] ^ 7,))


CASES: Sequence[tuple[Callable[[Attempt], list[Approval]], type[ChainfinError]]] = [
    (Attempt.by_a_strangers_keys, SignerUnknown),
    (Attempt.by_the_maker_twice, RoleRequired),
    (Attempt.by_one_person_with_two_keys, SamePerson),
    (Attempt.by_the_maker_alone, CheckerRequired),
    (Attempt.by_nobody, ApprovalsMalformed),
    (Attempt.by_checker_as_maker, RoleRequired),
    (Attempt.under_anothers_nonce, NonceOfAnotherKey),
    (Attempt.over_another_order, SignatureInvalid),
    (Attempt.with_the_malleable_twin, SignatureInvalid),
    (Attempt.past_its_deadline, OrderExpired),
    (Attempt.replayed, OrderAlreadyUsed),
]


def asked(world: World, name: str, draft: Draft, approvals: Sequence[Approval]) -> str:
    """The rule the API refuses by, as its code."""
    with pytest.raises(ApiProblem) as problem:
        world[name].api.submit(draft, approvals)
    return problem.value.code


def raw(world: World, draft: Draft, approvals: Sequence[Approval]) -> str | None:
    """The rule the contract reverts by, as its code; None if it runs."""
    with reading(world.runtime) as context:
        order = read_order(
            context, draft.typed_data, [signature_of(each) for each in approvals], draft.attachments
        )
        data = calldata_of(context, order)
    node, target = world.runtime.network.node, order.message["target"]
    transaction = sign(
        BYSTANDER,
        chain_id=node.chain_id(),
        nonce=node.transaction_count(BYSTANDER.address),
        to=target,
        data=data,
        gas=GAS,
    )
    broadcast(node, transaction.raw)
    receipt = wait_for_receipt(node, transaction.hash)
    if int(receipt["status"], 16) == 1:
        return None
    try:
        raise_revert(node, receipt, target, data, BYSTANDER.address)
    except ChainfinError as refusal:
        return refusal.code
    raise AssertionError("a revert without a reason")


@pytest.mark.parametrize(("wrongly", "rule"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_order__signed_wrongly__is_refused_by_api_and_contract_by_one_name(
    world: World, wrongly: Callable[[Attempt], list[Approval]], rule: type[ChainfinError]
) -> None:
    attempt = Attempt(world)
    approvals = wrongly(attempt)

    by_api = asked(world, attempt.name, attempt.draft, approvals)
    by_contract = raw(world, attempt.draft, approvals)

    assert (by_api, by_contract) == (rule.code, rule.code)


def test_order__that_ran_before_and_is_handed_in_again__stays_what_it_is(world: World) -> None:
    """The API knows its own order and answers its fate; the contract refuses the second run."""
    draft = Attempt(world, ANCHOR).draft
    approvals = world.approvals(ANCHOR, draft)
    world[ANCHOR].api.submit(draft, approvals)
    world.work()

    again = world[ANCHOR].api.submit(draft, approvals)

    assert (again["status"], again["order_hash"]) == ("final", draft.order_hash)
    assert raw(world, draft, approvals) == OrderAlreadyUsed.code


def rotate(world: World, name: str) -> None:
    """A successor in the maker's hands, registered by two administrators."""
    old, successor = world.signer(name, MAKER).address, LocalSigner(b"\x62" * 32)
    person = next(entry["person"] for entry in keys_of(world, name) if entry["key"] == old)
    identity = world[name].api.get(f"/participants/{world[name].number}")["identity"]
    possession = sign_possession(
        successor,
        world.runtime.network.deployment.domain,
        identity=from_hex(identity),
        roles=KeyRole.MAKER.value,
        person=from_hex(person),
    )
    world.order(
        name,
        "register_key",
        key=successor.address,
        roles=["maker"],
        person=person,
        possession=to_hex(possession),
    )
    world.signers[name, SUCCESSOR] = successor


def keys_of(world: World, name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = world[name].api.get(f"/participants/{world[name].number}/keys")[
        "data"
    ]
    return listed


@pytest.mark.fault("F29", "key rotated, the old one still signs")
def test_f29__key_rotated__what_the_old_one_signed_is_refused_by_both_and_the_new_one_acts(
    world: World,
) -> None:
    name, rule = FORGE, KeyNotValid.code
    before, after, drained = (Attempt(world, name) for _ in range(3))
    signed_before = world.approvals(name, before.draft)
    ran = world.approvals(name, drained.draft)
    world[name].api.submit(drained.draft, ran)
    world.work()

    rotate(world, name)
    revoke = before.prepare(
        act="revoke_key",
        fields={"key": world.signer(name, MAKER).address},
        maker_key=world.signer(name, CHECKER).address,
    )
    world[name].api.submit(revoke, world.approvals(name, revoke, (CHECKER,)))
    world.work()
    signed_after = world.approvals(name, after.draft)

    for attempt, approvals in ((before, signed_before), (after, signed_after)):
        assert asked(world, name, attempt.draft, approvals) == rule
        assert raw(world, attempt.draft, approvals) == rule
    # What ran before stands, and does not run again.
    assert raw(world, drained.draft, ran) == rule
    assert world[name].api.get(f"/orders/{drained.draft.order_hash}")["status"] == "final"
    valid = {entry["key"]: entry["is_valid"] for entry in keys_of(world, name)}
    assert not valid[world.signer(name, MAKER).address]
    after.draft = after.prepare(maker_key=world.signer(name, SUCCESSOR).address)
    world[name].api.submit(after.draft, after.signed_by((name, SUCCESSOR), (name, CHECKER)))
    world.work()
    assert world[name].api.get(f"/orders/{after.draft.order_hash}")["status"] == "final"
