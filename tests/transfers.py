"""Money outside the chain: accounts, transfers in statements, awards that wait for them."""

from datetime import date
from typing import Any

from chainfin.bench.statements import SampleEntry, sample_statement
from chainfin.cli.runtime import unit_of_work
from chainfin.domain.calendar import utc_day
from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import payment_reference
from chainfin.services.development import BANK_NAME
from tests.api.test_statements import file_of
from tests.detours import anyone
from tests.world import ANCHOR, CURRENCY, FUNDER, SUPPLIER, World

ACCOUNT = "GB29NWBK60161331926819"
DAY = 86_400
FACE, HELD_BACK = 1_000_00, 200_00


def now_at(world: World) -> int:
    """The time of the newest block that is read."""
    with unit_of_work(world.runtime) as context:
        return context.as_of().block_timestamp


def name_bank(world: World, name: str, bank: str) -> None:
    """An organisation names its bank, and waits until that counts."""
    world.order(name, "name_settlement_bank", currency=CURRENCY, bank=world[bank].number)
    (entry,) = world[name].api.get("/settlement-banks")["data"]
    world.move_clock(max(entry["next_from"] or 0, now_at(world)) + 1)


def open_account(world: World, name: str, *banks: str, account: str = ACCOUNT) -> None:
    """An organisation and its banks import the statements of its account."""
    body = {"account": account, "currency": CURRENCY, "holder_name": name}
    world[name].api.post("/bank-accounts", body)
    for bank in banks:
        world[bank].api.post("/bank-accounts", body | {"owner": world[name].number})


def award_by_transfer(world: World, lot: str, *, name: str = SUPPLIER, **terms: int) -> int:
    """A lot is sold for a price that is to come within five days; answers the request."""
    world.order(name, "request_financing", lot_id=lot)
    request_id = int(world[name].api.get("/financing-requests")["data"][-1]["request_id"])
    fields = {"request_id": request_id, "discount_rate_bps": 400} | terms
    quote = world.quote(FUNDER, pay_by=now_at(world) + 5 * DAY, **fields)
    world.order(name, "award_quote", quote_hash=quote)
    return request_id


def awaited(world: World, name: str, request_id: int) -> list[dict[str, Any]]:
    """What somebody sees of the price of a request, while it is on its way."""
    found = world[name].api.pages("/fundings/awaited")
    return [entry for entry in found if entry["request_id"] == request_id]


def pay_in(
    world: World,
    lot: LotId,
    amount_minor: int,
    *importers: str,
    account: str = ACCOUNT,
    day: date | None = None,
) -> str:
    """A transfer under a lot's reference, imported and matched, today; answers its line."""
    day = day or utc_day(now_at(world))
    entry = SampleEntry(Money(amount_minor, CURRENCY), payment_reference(lot), day, f"P-{lot}")
    content = sample_statement([entry], account=account)
    file = file_of(content.replace(b"SAMPLE-1", f"PAID-{lot}".encode()))
    lines: list[str] = []
    for name in importers:
        (imported,) = world[name].api.post("/statements", file)["data"]
        world[name].api.post("/reconciliation/matches", {})
        found = world[name].api.get(f"/statements/{imported['number']}")["lines"]
        lines += [str(line["line_hash"]) for line in found]
    (line_hash,) = set(lines)
    return line_hash


def play_transfers(world: World) -> int:
    """Three prices that do not come in, and one that does; answers the receivable.

    The third award is with a holdback, and the anchor bears half of its discount.
    """
    name_bank(world, SUPPLIER, BANK_NAME)
    open_account(world, SUPPLIER, BANK_NAME)
    receivable_id = world.issue("TRANSFERS-1", FACE)
    lot = f"{receivable_id}-1"
    released = award_by_transfer(world, lot)
    world.order(FUNDER, "release_funding", request_id=released)
    denied = award_by_transfer(world, lot)
    world.move_clock(awaited(world, SUPPLIER, denied)[0]["pay_by"] + 1)
    world.order(BANK_NAME, "deny_funding", request_id=denied)
    lapsed = award_by_transfer(world, lot)
    world.move_clock(awaited(world, SUPPLIER, lapsed)[0]["lapses_at"] + 1)
    anyone(world, "Funding", "lapseFunding", [lapsed])
    fund(world, LotId(receivable_id, 1))
    return receivable_id


def fund(world: World, lot: LotId) -> int:
    """The price of a lot comes in, with a holdback and the anchor's share beside it; the price."""
    world.order(SUPPLIER, "request_financing", lot_id=str(lot))
    request_id = world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"]
    share = {"share_bps": 5_000, "amount_minor": 50_00}
    world.order(ANCHOR, "bear_interest", request_id=request_id, **share)
    terms = {"request_id": request_id, "discount_rate_bps": 400, "holdback_minor": HELD_BACK}
    quote = world.quote(FUNDER, pay_by=now_at(world) + 5 * DAY, **terms)
    world.order(SUPPLIER, "award_quote", quote_hash=quote)
    (award,) = awaited(world, SUPPLIER, request_id)
    amount = award["net_proceeds"]["amount_minor"]
    line = pay_in(world, lot, amount, SUPPLIER, BANK_NAME)
    named = {"request_id": request_id, "line_hash": line}
    world.order(SUPPLIER, "confirm_funding", **named)
    world.order(BANK_NAME, "attest_funding", **named)
    return int(amount)
