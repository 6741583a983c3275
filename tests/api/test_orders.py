"""Drafts and orders over HTTP: the stranger first, then every way an order can be wrong."""

from typing import Any

import pytest
from sqlmodel import Session

from chainfin.client.api import ApiProblem, Draft
from chainfin.client.development import (
    MAPPED_ROLES,
    development_admission,
    development_key,
    load_seed,
)
from chainfin.client.wallet import CHECKER, MAKER, Wallet, approve
from chainfin.codec.errors import WrongDomain
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.identities import sign_possession
from chainfin.codec.signers import LocalSigner
from chainfin.domain.names import normalise_name
from chainfin.domain.order import Approval
from tests.world import ANCHOR, FUNDER, STRANGER, SUB_SUPPLIER, SUPPLIER, World, signature_of

SPLIT = [{"face_value_minor": 400_00}]


def refused(call: Any, *arguments: Any, **fields: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        call(*arguments, **fields)
    return caught.value


def split(world: World, receivable_id: int) -> Draft:
    return world.draft(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=SPLIT)


def state(world: World, order_hash: str) -> str:
    return str(world.operator.get(f"/orders/{order_hash}")["status"])


# --- strangers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/orders"),
        ("GET", "/v1/receivables"),
        ("GET", "/v1/lots"),
        ("GET", "/v1/participants"),
        ("GET", "/v1/financing-requests"),
        ("GET", "/v1/deposits"),
        ("POST", "/v1/orders/draft"),
        ("POST", "/v1/orders"),
        ("POST", "/v1/participants"),
        ("POST", "/v1/documents"),
        ("POST", "/v1/simulations/clock"),
    ],
)
def test_request__without_a_credential__is_not_answered(
    world: World, method: str, path: str
) -> None:
    answer = world.client.request(method, path, json={})

    assert answer.status_code in {401, 422}
    if method == "GET":
        assert answer.json()["code"] == "not-authenticated"


def test_request__with_an_invented_credential__is_not_answered(world: World) -> None:
    problem = refused(world.api("scf_0123456789abcdef_" + "00" * 32).get, "/orders")

    assert (problem.status, problem.code) == (401, "not-authenticated")


def test_order__of_another_organisation__is_not_found(world: World, receivable_id: int) -> None:
    draft = split(world, receivable_id)
    world.submit(SUPPLIER, draft)

    assert refused(world[STRANGER].api.get, f"/orders/{draft.order_hash}").status == 404
    world.work()


def test_admission__asked_by_a_member__needs_the_operator(world: World) -> None:
    problem = refused(world[ANCHOR].api.post, "/participants", {"admissions": []})

    assert (problem.status, problem.code) == (403, "right-required")


def test_lot__of_another_holder__is_not_split(world: World, receivable_id: int) -> None:
    wanted = {"lot_id": f"{receivable_id}-1", "parts": SPLIT}

    stranger = refused(world[STRANGER].api.draft, "split_lot", wanted)
    party = refused(world[ANCHOR].api.draft, "split_lot", wanted)

    assert stranger.code == "not-found"
    assert party.code == "not-holder"


# --- signatures ------------------------------------------------------------------------------


def test_order__signed_by_a_strangers_keys__is_refused_and_recorded(
    world: World, receivable_id: int
) -> None:
    draft = split(world, receivable_id)
    foreign = world.approvals(STRANGER, draft)

    problem = refused(world[SUPPLIER].api.submit, draft, foreign)

    assert (problem.status, problem.code) == (403, "signer-unknown")
    assert problem.problem["order"]["status"] == "rejected"
    assert state(world, draft.order_hash) == "rejected"


def test_order__signed_by_the_maker_twice__is_refused(world: World, receivable_id: int) -> None:
    """The same key is no checker, whoever holds it."""
    draft = split(world, receivable_id)
    (maker,) = world.approvals(SUPPLIER, draft, (MAKER,))

    problem = refused(world[SUPPLIER].api.submit, draft, [maker, maker])

    assert problem.code == "role-required"


def test_order__with_the_checkers_signature_over_something_else__is_refused(
    world: World, receivable_id: int
) -> None:
    draft = split(world, receivable_id)
    other = world.draft(
        SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=[{"face_value_minor": 900_00}]
    )
    (maker,) = world.approvals(SUPPLIER, draft, (MAKER,))
    (checker,) = world.approvals(SUPPLIER, other, (CHECKER,))

    problem = refused(world[SUPPLIER].api.submit, draft, [maker, checker])

    assert problem.code == "signature-invalid"


def test_order__with_the_maker_alone_above_the_limit__needs_a_checker(
    world: World, receivable_id: int
) -> None:
    draft = split(world, receivable_id)
    assert draft.checker_required

    problem = refused(world[SUPPLIER].api.submit, draft, world.approvals(SUPPLIER, draft, (MAKER,)))

    assert (problem.status, problem.code) == (403, "checker-required")


def test_order__with_the_high_twin_of_a_signature__is_refused(
    world: World, receivable_id: int
) -> None:
    """A malleable signature is another spelling of the same consent: refused."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    draft = split(world, receivable_id)
    maker, checker = world.approvals(SUPPLIER, draft)
    s = int.from_bytes(maker.signature[32:64], "big")
    twin = maker.signature[:32] + (order - s).to_bytes(32, "big")
    twin += bytes([55 - maker.signature[64]])

    problem = refused(world[SUPPLIER].api.submit, draft, [Approval(maker.key, twin), checker])

    assert problem.code == "signature-invalid"


def test_maker_alone__within_the_limit__suffices_until_the_day_is_spent(world: World) -> None:
    world.order(SUB_SUPPLIER, "set_dual_control_limit", currency="CNY", limit_minor=1_500_00)
    first = world.issue("LIMIT-1", 1_000_00, supplier=SUB_SUPPLIER)
    second = world.issue("LIMIT-2", 1_000_00, supplier=SUB_SUPPLIER)
    api = world[SUB_SUPPLIER].api

    draft = world.draft(SUB_SUPPLIER, "split_lot", lot_id=f"{first}-1", parts=SPLIT)
    assert not draft.checker_required
    api.submit(draft, world.approvals(SUB_SUPPLIER, draft, (MAKER,)))
    world.work()
    assert state(world, draft.order_hash) == "final"

    draft = world.draft(SUB_SUPPLIER, "split_lot", lot_id=f"{second}-1", parts=SPLIT)
    problem = refused(api.submit, draft, world.approvals(SUB_SUPPLIER, draft, (MAKER,)))
    assert problem.code == "checker-required"


# --- once, here, in time ---------------------------------------------------------------------


def test_order__that_has_run__cannot_run_again(world: World, receivable_id: int) -> None:
    draft = split(world, receivable_id)
    world.submit(SUPPLIER, draft, idempotency_key="once")
    world.work()

    again = world.submit(SUPPLIER, draft, idempotency_key="another-key")

    assert again["status"] == "final"
    lineage = world[SUPPLIER].api.get(f"/receivables/{receivable_id}/lineage")
    assert len(lineage["lots"]) == 2


def test_order__with_a_used_nonce__is_refused(world: World, receivable_id: int) -> None:
    draft = split(world, receivable_id)
    other = world.draft(
        SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=[{"face_value_minor": 3_00}]
    )
    other.typed_data["message"]["nonce"] = draft.typed_data["message"]["nonce"]
    world.submit(SUPPLIER, draft)
    world.work()

    problem = refused(world.submit, SUPPLIER, other)

    # As signed comes after once: the nonce is asked first.
    assert problem.code == "order-already-used"


def test_order__for_another_chain__is_malformed(world: World, receivable_id: int) -> None:
    draft = split(world, receivable_id)
    foreign = draft.typed_data | {"domain": draft.typed_data["domain"] | {"chainId": 1}}
    body = {
        "typed_data": foreign,
        "approvals": [signature_of(entry) for entry in world.approvals(SUPPLIER, draft)],
    }

    problem = refused(world[SUPPLIER].api.post, "/orders", body)

    assert (problem.status, problem.code) == (422, "order-malformed")
    assert "WrongChain" in str(problem)


def test_wallet__pinned_to_its_network__signs_for_no_other(
    world: World, receivable_id: int
) -> None:
    draft = split(world, receivable_id)
    ours = world[SUPPLIER].wallet
    other = Wallet(
        name=ours.name,
        organisation=ours.organisation,
        url=ours.url,
        api_key=ours.api_key,
        keys=ours.keys,
        domain=dict(ours.domain) | {"salt": to_hex(bytes(32))},
    )

    with pytest.raises(WrongDomain):
        approve(world.settings.home, other, draft.typed_data, [MAKER])


def test_order__drafted_with_a_past_deadline__is_refused(world: World, receivable_id: int) -> None:
    body = {
        "act": "split_lot",
        "fields": {"lot_id": f"{receivable_id}-1", "parts": SPLIT},
        "deadline_at": 1_000_000_000,
    }

    assert refused(world[SUPPLIER].api.post, "/orders/draft", body).code == "order-expired"


# --- idempotency -----------------------------------------------------------------------------


def test_post__without_an_idempotency_key__is_refused(world: World, receivable_id: int) -> None:
    draft = split(world, receivable_id)
    answer = world.client.post(
        "/v1/orders",
        json={
            "typed_data": draft.typed_data,
            "approvals": [signature_of(entry) for entry in world.approvals(SUPPLIER, draft)],
        },
        headers={"authorization": f"Bearer {world[SUPPLIER].wallet.api_key}"},
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency-key-missing"


def test_post__twice_with_one_key__gives_the_same_order(world: World, receivable_id: int) -> None:
    draft = split(world, receivable_id)

    first = world.submit(SUPPLIER, draft, idempotency_key="same")
    second = world.submit(SUPPLIER, draft, idempotency_key="same")

    assert first["order_hash"] == second["order_hash"]
    world.work()


def test_post__of_another_order_under_a_used_key__is_refused(
    world: World, receivable_id: int
) -> None:
    draft = split(world, receivable_id)
    world.submit(SUPPLIER, draft, idempotency_key="reused")
    other = world.draft(
        SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=[{"face_value_minor": 2_00}]
    )

    problem = refused(world.submit, SUPPLIER, other, idempotency_key="reused")

    assert (problem.status, problem.code) == (422, "idempotency-key-reused")
    world.work()


def test_commit__that_fails__is_a_500_and_not_a_202(
    world: World, receivable_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = split(world, receivable_id)

    def fail(_: Session) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("api.dependencies.Session.commit", fail)
    problem = refused(world.submit, SUPPLIER, draft)
    monkeypatch.undo()

    assert problem.status == 500
    assert refused(world.operator.get, f"/orders/{draft.order_hash}").status == 404


# --- acts and their rules --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "fields", "code"),
    [
        ("split_the_lot", {}, "act-unknown"),
        ("split_lot", {"lot_id": "seven"}, "field-malformed"),
        ("split_lot", {"lot_id": "999-1", "parts": SPLIT}, "not-found"),
        ("split_lot", {"parts": SPLIT, "owner": 3}, "field-malformed"),
        ("split_lot", {"parts": [{"face_value_minor": False}]}, "field-malformed"),
        ("accept_receivable", {"receivable_ids": [999]}, "not-found"),
    ],
)
def test_draft__of_something_wrong__names_the_rule(
    world: World, receivable_id: int, act: str, fields: dict[str, Any], code: str
) -> None:
    own = {"lot_id": f"{receivable_id}-1"} if "parts" in fields else {}

    assert refused(world[SUPPLIER].api.draft, act, own | fields).code == code


def test_split__above_the_lot__is_refused_by_the_contracts_rule(
    world: World, receivable_id: int
) -> None:
    problem = refused(
        world[SUPPLIER].api.draft,
        "split_lot",
        {"lot_id": f"{receivable_id}-1", "parts": [{"face_value_minor": 1_000_00}]},
    )

    assert (problem.status, problem.code) == (422, "part-too-large")
    assert problem.problem["fields"]["lot_id"] == f"{receivable_id}-1"


def test_issue__of_more_than_the_invoice__is_refused(world: World) -> None:
    """R-04: the sum of uses of one invoice is at most its amount."""
    tag = world.record(ANCHOR, SUPPLIER, "OVER-1", 500_00)
    fields = {"programme_id": 1, "document_fingerprint": tag, "tenor_days": 30}

    above = refused(
        world[ANCHOR].api.draft, "issue_receivable", fields | {"face_value_minor": 500_01}
    )
    world.order(ANCHOR, "issue_receivable", **fields, face_value_minor=300_00)
    again = refused(
        world[ANCHOR].api.draft, "issue_receivable", fields | {"face_value_minor": 200_01}
    )

    assert above.problem["fields"]["reason"] == "FaceValueAboveDocument"
    assert again.problem["fields"]["reason"] == "DocumentAlreadyUsed"


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"maturity_date": "2020-01-31"}, "maturity-in-the-past"),
        ({"tenor_days": 0}, "tenor-too-short"),
        ({"tenor_days": 10**12}, "calendar-not-published"),
        ({"tenor_days": 30, "grace_days": 10**12}, "calendar-not-published"),
        ({"tenor_days": 30, "maturity_date": "2027-01-31"}, "field-malformed"),
    ],
)
def test_issue__due_on_an_impossible_day__is_refused(
    world: World, dates: dict[str, Any], code: str
) -> None:
    tag = world.record(ANCHOR, SUPPLIER, f"WHEN-{'-'.join(map(str, dates.values()))}", 500_00)

    problem = refused(
        world[ANCHOR].api.draft,
        "issue_receivable",
        {"programme_id": 1, "document_fingerprint": tag, **dates},
    )

    assert (problem.status, problem.code) == (422, code)


def test_issue__to_an_organisation_nobody_admitted__is_refused(world: World) -> None:
    document = {
        "seller": 4_000_000,
        "document_type": "invoice",
        "number": "NOBODY-1",
        "file": "",
        "facts": {},
        "amount_minor": 100,
        "currency": "CNY",
    }
    (recorded,) = world[ANCHOR].api.post("/documents", {"documents": [document]})["data"]

    problem = refused(
        world[ANCHOR].api.draft,
        "issue_receivable",
        {
            "programme_id": 1,
            "document_fingerprint": recorded["fingerprint"],
            "tenor_days": 30,
        },
    )

    assert problem.problem["fields"]["reason"] == "SupplierNotAdmitted"


def test_refusal__of_an_offer__gives_the_document_back(world: World) -> None:
    """R-14: a supplier can refuse; nothing is held before it has accepted."""
    tag = world.record(ANCHOR, SUPPLIER, "REFUSED-1", 700_00)
    fields = {"programme_id": 1, "document_fingerprint": tag, "tenor_days": 30}
    world.order(ANCHOR, "issue_receivable", **fields)
    offered = list(world[SUPPLIER].api.pages("/receivables"))[-1]
    problem = refused(
        world[SUPPLIER].api.draft,
        "split_lot",
        {"lot_id": f"{offered['receivable_id']}-1", "parts": SPLIT},
    )

    world.order(SUPPLIER, "refuse_receivable", receivable_id=offered["receivable_id"])
    world.order(ANCHOR, "issue_receivable", **fields)

    assert problem.code == "receivable-not-active"
    answer = world[SUPPLIER].api.get(f"/receivables/{offered['receivable_id']}")
    assert answer["state"] == "void"


def test_withdrawal__of_an_offer__is_its_anchors_alone(world: World) -> None:
    tag = world.record(ANCHOR, SUPPLIER, "WITHDRAWN-1", 700_00)
    fields = {"programme_id": 1, "document_fingerprint": tag, "tenor_days": 30}
    world.order(ANCHOR, "issue_receivable", **fields)
    number = list(world[SUPPLIER].api.pages("/receivables"))[-1]["receivable_id"]

    strange = refused(world[FUNDER].api.post, f"/receivables/{number}/withdrawal", {})
    not_its_own = refused(world[SUPPLIER].api.post, f"/receivables/{number}/withdrawal", {})
    world.order(ANCHOR, "withdraw_receivable", receivable_id=number)
    world.order(ANCHOR, "issue_receivable", **fields)

    assert strange.code == "not-found"
    assert not_its_own.code == "not-obligor"
    assert world[SUPPLIER].api.get(f"/receivables/{number}")["state"] == "void"


def test_credit_note__when_anchor_and_supplier_order_it__makes_the_receivable_smaller(
    world: World,
) -> None:
    """R-20: only while nobody else has a right in it, and only by both."""
    number = world.issue("CREDIT-1", 900_00)
    url = f"/receivables/{number}/cancellation"

    strange = refused(world[FUNDER].api.post, url, {"amount_minor": 1})
    world.order(ANCHOR, "cancel_receivable", receivable_id=number, amount_minor=100_00)
    before = world[SUPPLIER].api.get(f"/receivables/{number}")
    world.order(SUPPLIER, "cancel_receivable", receivable_id=number)
    after = world[SUPPLIER].api.get(f"/receivables/{number}")
    world.order(SUPPLIER, "split_lot", lot_id=f"{number}-1", parts=[{"face_value_minor": 200_00}])
    late = refused(world[ANCHOR].api.post, url, {})
    world.order(SUPPLIER, "unsplit_lot", lot_id=f"{number}-2")
    lot = world[SUPPLIER].api.get(f"/lots/{number}-1")

    assert strange.code == "not-found"
    assert before["face_value"]["amount_minor"] == 900_00
    assert before["cancellation"]["proposed_by"] == world[ANCHOR].number
    assert after["face_value"]["amount_minor"] == 800_00
    assert after["cancellation"] is None
    assert late.code == "receivable-touched"
    assert lot["face_value_minor"] == 800_00


def test_quotes__before_award__are_read_by_holder_and_their_funder_alone(
    world: World, receivable_id: int
) -> None:
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    request = next(
        entry
        for entry in world[FUNDER].api.get("/financing-requests")["data"]
        if entry["lot_id"] == f"{receivable_id}-1"
    )
    path = f"/financing-requests/{request['request_id']}/quotes"
    hash_ = world.quote(FUNDER, request_id=request["request_id"], discount_rate_bps=410)

    assert [entry["quote_hash"] for entry in world[SUPPLIER].api.get(path)["data"]] == [hash_]
    assert [entry["quote_hash"] for entry in world[FUNDER].api.get(path)["data"]] == [hash_]
    assert world[ANCHOR].api.get(path)["data"] == []
    assert refused(world[STRANGER].api.get, path).status == 404
    assert world.operator.get(path)["data"] == []
    (quote,) = world[SUPPLIER].api.get(path)["data"]
    assert quote["annual_cost_on_proceeds_bps"] > 410
    assert quote["receipt"]["number"] == 1


def test_order__signed_by_one_person_with_two_keys__is_refused(world: World) -> None:
    """The chain knows two people apart, not two keys (AUTHORITY)."""
    name = "One Man Trading"
    seed = load_seed(world.settings.home)
    domain = world.runtime.network.deployment.domain
    entry = development_admission(seed, domain, name, kinds=["supplier"])
    checker = LocalSigner(development_key(seed, normalise_name(name), CHECKER))
    person = entry["keys"][0]["person"]
    possession = sign_possession(
        checker,
        domain,
        identity=from_hex(entry["identity"]),
        roles=MAPPED_ROLES[CHECKER].value,
        person=from_hex(person),
    )
    entry["keys"][1] |= {"person": person, "possession": to_hex(possession)}
    world.operator.post("/participants", {"admissions": [entry]})
    world.work()
    number = world.operator.post("/participants/lookup", {"names": [name]})["found"][name]
    world.actors[name] = world.actor(name, number)

    draft = world.draft(name, "set_dual_control_limit", currency="CNY", limit_minor=1_00)
    problem = refused(world.submit, name, draft)

    assert (problem.status, problem.code) == (403, "same-person")


def test_quote__of_a_funder_whose_licence_lapsed__is_refused(world: World) -> None:
    """R-06: only licensed actors fund."""
    name = "Lapsed Capital"
    entry = development_admission(
        load_seed(world.settings.home),
        world.runtime.network.deployment.domain,
        name,
        kinds=["funder"],
        licence_expires_at=1,
    )
    world.operator.post("/participants", {"admissions": [entry]})
    world.work()
    number = world.operator.post("/participants/lookup", {"names": [name]})["found"][name]
    world.actors[name] = world.actor(name, number)

    problem = refused(
        world[name].api.draft, "submit_quote", {"request_id": 1, "discount_rate_bps": 400}
    )

    assert problem.code == "licence-lapsed"


def test_lot__on_offer__is_read_by_its_receiver_and_no_stranger(
    world: World, receivable_id: int
) -> None:
    lot = f"{receivable_id}-1"
    before = refused(world[SUB_SUPPLIER].api.get, f"/lots/{lot}")
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=world[SUB_SUPPLIER].number)

    assert before.status == 404
    assert world[SUB_SUPPLIER].api.get(f"/lots/{lot}")["encumbrance"] == "locked_transfer"
    assert refused(world[STRANGER].api.get, f"/lots/{lot}").status == 404


def test_cancellation__of_an_order_not_yet_run__uses_up_its_nonce(
    world: World, receivable_id: int
) -> None:
    draft = split(world, receivable_id)
    world.submit(SUPPLIER, draft)
    cancel = world.draft(SUPPLIER, "cancel_order", order_hash=draft.order_hash)
    world[SUPPLIER].api.submit(cancel, world.approvals(SUPPLIER, cancel, (MAKER,)))

    world.work()

    # Both were on their way in this order: what ran first stands, and nothing ran twice.
    states = {state(world, draft.order_hash), state(world, cancel.order_hash)}
    assert states == {"final", "reverted"}
