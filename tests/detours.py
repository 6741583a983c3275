"""The paths of a receivable's life that the story does not take, each on a real chain.

What anybody may do (lapse an offer, pay lots) is sent past the service, straight to the contracts.
"""

from dataclasses import replace
from typing import Any

from chainfin.chain.artifacts import load_artifact
from chainfin.chain.calls import calldata
from chainfin.chain.transactor import send_and_wait
from chainfin.client.development import (
    MAPPED_ROLES,
    development_key,
    development_person,
    load_seed,
)
from chainfin.client.wallet import MAKER, open_key
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.identities import sign_possession
from chainfin.codec.orders import approval_argument
from chainfin.codec.signers import LocalSigner
from chainfin.domain.names import normalise_name
from chainfin.domain.order import Approval
from chainfin.domain.participant import KeyRole
from chainfin.domain.receivable import LotId
from tests.world import ANCHOR, AUDITOR, CURRENCY, FUNDER, SUB_SUPPLIER, SUPPLIER, World

FOUNDRY, FORGE = "Vesper Castings", "Harrow Forge"
SUCCESSOR = "successor"
COURT, ORDER_OF_COURT = "Harbour District Court", "0x" + "a1" * 32
HOUR = 3_600
_NONCE_BITS = 96
_LANE = 1 << 20


def play_detours(world: World) -> int:
    """Offers that fail, requests that end, a payment in two parts; answers the receivable."""
    receivable_id = world.issue("DETOUR-1", 1_000_00)
    lot = f"{receivable_id}-2"
    receiver = world[SUB_SUPPLIER].number
    parts = [{"face_value_minor": 333_33, "to": receiver}, {"face_value_minor": 100_00}]
    world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=parts)
    world.order(SUB_SUPPLIER, "reject_transfer", lot_id=lot)
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=receiver)
    world.order(SUPPLIER, "revoke_transfer", lot_id=lot)
    world.order(SUPPLIER, "propose_transfer", lot_id=lot, to=receiver, expires_at=soon(world))
    wait(world)
    anyone(world, "ReceivableLedger", "lapseTransfer", [LotId.parse(lot).token_id])
    world.order(SUPPLIER, "request_financing", lot_id=lot)
    world.order(SUPPLIER, "withdraw_financing_request", request_id=newest_request(world))
    world.order(SUPPLIER, "request_financing", lot_id=lot, expires_at=soon(world))
    wait(world)
    anyone(world, "FinancingMarket", "lapseFinancingRequest", [newest_request(world)])
    pass_on_at_once(world, lot)
    settle_in_two(world, receivable_id)
    return receivable_id


def play_claims(world: World) -> int:
    """Others' claims in lots: frozen, pledged, paid early, held back of, its interest borne.

    Answers the receivable.
    """
    world.admit({COURT: ["registrar"]})
    receivable_id = world.issue("CLAIMS-1", 1_000_00)
    sold, secured = f"{receivable_id}-2", f"{receivable_id}-3"
    parts = [{"face_value_minor": 300_00}, {"face_value_minor": 200_00}]
    world.order(SUPPLIER, "split_lot", lot_id=f"{receivable_id}-1", parts=parts)
    sell_with_holdback(world, sold)
    freeze_and_pledge(world, receivable_id, secured)
    pay_early(world, f"{receivable_id}-1")
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    world.move_clock(due_at)
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)
    anyone(world, "Settlement", "payLots", [receivable_id, [2]])
    return receivable_id


def sell_with_holdback(world: World, lot: str) -> None:
    """A funded quote that holds a fifth back, half of its discount borne by the anchor."""
    world.order(SUPPLIER, "request_financing", lot_id=lot, with_recourse=True)
    request = newest_request(world)
    world.order(ANCHOR, "bear_interest", request_id=request, share_bps=5_000)
    terms = {"request_id": request, "discount_rate_bps": 380}
    quote = world.quote(FUNDER, holdback_minor=60_00, **terms)
    world.order(FUNDER, "fund_quote", quote_hash=quote)
    world.order(SUPPLIER, "award_quote", quote_hash=quote)


def freeze_and_pledge(world: World, receivable_id: int, lot: str) -> None:
    """A lot frozen and renewed, lifted, then pledged and released."""
    about = {"receivable_id": receivable_id, "reference_hash": ORDER_OF_COURT}
    world.order(
        COURT,
        "freeze_lots",
        **about,
        holder=world[SUPPLIER].number,
        lot_sequences=[LotId.parse(lot).lot_sequence],
        to_court=False,
        expires_at=soon(world),
    )
    world.order(COURT, "renew_freeze", **about, expires_at=soon(world) + HOUR)
    world.order(COURT, "lift_freeze", **about)
    pledge = {"pledgee": world[FUNDER].number, "secured_minor": 150_00}
    world.order(SUPPLIER, "propose_pledge", lot_id=lot, **pledge, due_at=soon(world))
    filed = {"filing_hash": "0x" + "f1" * 32, "filed_at": soon(world) - HOUR}
    world.order(FUNDER, "accept_pledge", lot_id=lot, **filed)
    world.order(FUNDER, "release_pledge", lot_id=lot)


def pay_early(world: World, lot: str) -> None:
    """The anchor pays a lot before it is due, at a discount."""
    world.order(SUPPLIER, "request_financing", lot_id=lot)
    terms = {"request_id": newest_request(world), "discount_rate_bps": 360}
    draft = world.draft(ANCHOR, "offer_early_payment", **terms)
    quote = world.submit(ANCHOR, draft, path="/quotes")["quote_hash"]
    world.order(SUPPLIER, "award_quote", quote_hash=quote)


def settle_in_two(world: World, receivable_id: int) -> None:
    """A part at maturity that reaches one lot, the others by anybody, then the rest."""
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    world.move_clock(due_at)
    draft = world.draft(
        ANCHOR, "settle_receivable", receivable_id=receivable_id, amount_minor=777_77
    )
    world.submit(ANCHOR, replace(draft, attachments={"lotSequences": [1]}))
    world.work()
    anyone(world, "Settlement", "payLots", [receivable_id, [2, 3]])
    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)


def pass_on_at_once(world: World, lot: str) -> None:
    """Offer and acceptance in one transaction, with both signatures in hand."""
    receiver = world[SUB_SUPPLIER]
    draft = world.draft(SUPPLIER, "propose_transfer", lot_id=lot, to=receiver.number)
    order = message_of(draft.typed_data)
    maker = open_key(world.settings.home, receiver.wallet, MAKER)
    answer = {
        name: order[name] for name in ("target", "deadline", "lotId", "faceValue", "paid")
    } | {
        "organisation": receiver.number,
        "nonce": int(maker.address, 16) << _NONCE_BITS | _LANE,
        "offer": from_hex(draft.order_hash),
    }
    answered = sign(world, SUB_SUPPLIER, "AcceptTransfer", answer)
    arguments = {
        "order": order,
        "approvals": [approval_argument(each) for each in world.approvals(SUPPLIER, draft)],
        "answer": answer,
        "answerApprovals": [approval_argument(each) for each in answered],
    }
    anyone(world, "ReceivableLedger", "transferLot", arguments)


def sign(world: World, name: str, primary_type: str, message: dict[str, Any]) -> list[Approval]:
    """Maker's and checker's signatures under a message that no service drafted."""
    domain = world.runtime.network.deployment.domain
    keys = [open_key(world.settings.home, world[name].wallet, role) for role in MAPPED_ROLES]
    return [
        Approval(key.address, key.sign_typed_data(domain, primary_type, message)) for key in keys
    ]


def pass_on_without_acceptance(world: World) -> int:
    """A programme whose receivers need not accept; answers the receivable."""
    opened = world.order(ANCHOR, "open_programme", currency=CURRENCY, acceptance_required=False)
    assert opened["status"] == "final"
    programme_id = world[AUDITOR].api.get("/programmes")["data"][-1]["programme_id"]
    receivable_id = issue(world, programme_id, "DIRECT-1")
    world.order(SUPPLIER, "accept_receivable", receivable_ids=[receivable_id])
    to = world[SUB_SUPPLIER].number
    world.order(
        SUPPLIER,
        "split_lot",
        lot_id=f"{receivable_id}-1",
        parts=[{"face_value_minor": 250_00, "to": to}],
    )
    world.order(SUPPLIER, "propose_transfer", lot_id=f"{receivable_id}-1", to=to)
    return receivable_id


def refuse(world: World) -> int:
    """An offer the supplier refuses; answers the receivable."""
    receivable_id = issue(world, 1, "REFUSED-1")
    world.order(SUPPLIER, "refuse_receivable", receivable_id=receivable_id)
    return receivable_id


def end_otherwise(world: World) -> list[int]:
    """An offer taken back; a credit note, a split undone, then a cancellation by both."""
    withdrawn = issue(world, 1, "WITHDRAWN-2")
    world.order(ANCHOR, "withdraw_receivable", receivable_id=withdrawn)
    reduced = world.issue("REDUCED-1", 900_00)
    world.order(SUPPLIER, "cancel_receivable", receivable_id=reduced, amount_minor=1_00)
    world.order(ANCHOR, "cancel_receivable", receivable_id=reduced)
    world.order(SUPPLIER, "split_lot", lot_id=f"{reduced}-1", parts=[{"face_value_minor": 200_00}])
    world.order(SUPPLIER, "unsplit_lot", lot_id=f"{reduced}-2")
    cancelled = world.issue("CANCELLED-1", 900_00)
    world.order(ANCHOR, "cancel_receivable", receivable_id=cancelled)
    world.order(SUPPLIER, "cancel_receivable", receivable_id=cancelled)
    return [withdrawn, reduced, cancelled]


def revoke_a_signer(world: World) -> int:
    """A supplier accepts, and then ends the key that checked it; answers the receivable."""
    admit_with_account(world, FOUNDRY)
    receivable_id = world.issue("REVOKED-1", 500_00, supplier=FOUNDRY)
    end_checker(world, FOUNDRY)
    return receivable_id


def rotate_a_signer(world: World) -> int:
    """A successor checks what the supplier accepts after the checker; answers the receivable."""
    admit_with_account(world, FORGE)
    receivable_id = world.issue("ROTATED-1", 500_00, supplier=FORGE)
    owner = normalise_name(FORGE)
    actor = world[FORGE]
    keys = {**actor.wallet.keys, SUCCESSOR: f"development:{owner}"}
    world.actors[FORGE] = replace(actor, wallet=replace(actor.wallet, keys=keys))
    register_key(world, FORGE, SUCCESSOR, KeyRole.CHECKER)
    end_checker(world, FORGE)
    draft = world.draft(
        FORGE, "split_lot", lot_id=f"{receivable_id}-1", parts=[{"face_value_minor": 200_00}]
    )
    world[FORGE].api.submit(draft, world.approvals(FORGE, draft, (MAKER, SUCCESSOR)))
    world.work()
    return receivable_id


def register_key(world: World, name: str, label: str, role: KeyRole) -> str:
    """A further key of an organisation, derived from the seed; answers its address."""
    seed, owner = load_seed(world.settings.home), normalise_name(name)
    key = LocalSigner(development_key(seed, owner, label))
    person = development_person(seed, owner, label)
    identity = world[name].api.get(f"/participants/{world[name].number}")["identity"]
    possession = sign_possession(
        key,
        world.runtime.network.deployment.domain,
        identity=from_hex(identity),
        roles=role.value,
        person=person,
    )
    world.order(
        name,
        "register_key",
        key=key.address,
        roles=[str(part.name).lower() for part in role],
        person=to_hex(person),
        possession=to_hex(possession),
    )
    return key.address


def admit_with_account(world: World, name: str) -> None:
    """A further supplier, with an account at the bank."""
    world.admit({name: ["supplier"]})
    world.order(
        "Chainfin Development Bank",
        "open_deposit_accounts",
        holders=[world[name].number],
        currency=CURRENCY,
    )


def end_checker(world: World, name: str) -> None:
    """The maker ends the checker's key."""
    checker = open_key(world.settings.home, world[name].wallet, "checker").address
    draft = world.draft(name, "revoke_key", key=checker)
    world[name].api.submit(draft, world.approvals(name, draft, (MAKER,)))
    world.work()


def issue_batch(world: World, count: int) -> int:
    """Receivables of one signed batch; answers the newest one's number."""
    tags = [world.record(ANCHOR, SUPPLIER, f"BATCH-{n}", 100_00 + n) for n in range(count)]
    rows = [{"document_fingerprint": tag, "tenor_days": 60} for tag in tags]
    world.order(ANCHOR, "issue_batch", programme_id=1, file_sha256="0x" + "5f" * 32, rows=rows)
    return newest_receivable(world)


def issue(world: World, programme_id: int, number: str) -> int:
    """A receivable on offer; answers its number."""
    tag = world.record(ANCHOR, SUPPLIER, number, 1_000_00)
    world.order(
        ANCHOR,
        "issue_receivable",
        programme_id=programme_id,
        document_fingerprint=tag,
        tenor_days=90,
    )
    return newest_receivable(world)


def anyone(world: World, contract: str, function: str, arguments: Any) -> None:
    """A call that needs no particular sender."""
    node, keys = world.runtime.network.node, world.runtime.keys
    assert keys is not None
    address = world.runtime.network.deployment.address(contract)
    send_and_wait(node, keys.relayer, address, calldata(contract, function, arguments))
    world.work()


def message_of(typed_data: dict[str, Any]) -> dict[str, Any]:
    """The values a typed-data document shows, as the contract's arguments."""
    fields = dict(
        load_artifact("ReceivableLedger").interface.functions["proposeTransfer"].inputs.fields
    )
    kinds = dict(fields["order"].fields)
    return {
        name: from_hex(value)
        if kinds[name].name.startswith("bytes")
        else int(value)
        if kinds[name].name.startswith("uint")
        else value
        for name, value in typed_data["message"].items()
    }


def newest_receivable(world: World) -> int:
    return int(list(world[AUDITOR].api.pages("/receivables"))[-1]["receivable_id"])


def newest_request(world: World) -> int:
    requests = world[SUPPLIER].api.get("/financing-requests")["data"]
    return int(max(entry["request_id"] for entry in requests))


def soon(world: World) -> int:
    return int(world.runtime.network.node.head().timestamp) + HOUR


def wait(world: World) -> None:
    world.move_clock(soon(world) + 1)
