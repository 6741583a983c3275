"""What each act costs on a real chain, beside its floor and the goal of its design.

Whole transactions, as receipts tell them: both signatures relayed, the transfer rules asked, every
event emitted. Each act is measured when it is done again: its signers' nonce words are in use, its
parties have accounts with money.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainfin.bench.consortium import (
    WITHOUT_KEYS,
    Consortium,
    Sent,
    random_word,
    temporary_network,
)
from chainfin.bench.floors import AUTHORITY, Work, floor_of
from chainfin.codec import merkle
from chainfin.codec.orders import approval_argument, as_contract_sees, order_hash, row_leaf
from chainfin.domain.participant import KeyRole

CURRENCY = "CNY"
FACE = 1_000_000_00
LOTS = 100
LOT_FACE = FACE // (2 * LOTS)
DAY = 86_400
TENOR_DAYS = 180

_ANCHOR, _SUPPLIER, _SUB_SUPPLIER = "anchor", "supplier", "sub-supplier"
_FUNDER, _BANK, _PAYEES_BANK, _KEEPER = "funder", "bank", "payee's bank", "keeper"
_KEEPER_KEYS = {"keeper": KeyRole.KEEPER}
_INVOICE = 4


@dataclass(frozen=True, slots=True)
class Operation:
    """One act to measure.

    Attributes:
        name: As printed.
        measure: Does it, twice where the first time costs more; answers the last transaction.
        work: What no implementation can leave out of that transaction.
        goal: What the design aims at, per piece; None where it names nothing.
        pieces: Lots or rows the transaction does it for: figures are per piece.
    """

    name: str
    measure: Callable[["Scene"], Sent]
    work: Work
    goal: int | None = None
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What one act costs, per piece, rounded up."""

    operation: str
    gas: int
    floor: int
    goal: int | None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return None if self.goal is None else self.gas <= self.goal

    def to_json(self) -> dict[str, Any]:
        """As `chainfin bench gas --json` prints it."""
        hundredths = self.gas * 100 // self.floor
        return {
            "operation": self.operation,
            "gas": self.gas,
            "floor": self.floor,
            "ratio": hundredths / 100,
            "goal": self.goal,
            "met": self.is_met,
        }


def measure_gas(names: Sequence[str] = ()) -> Iterator[Measured]:
    """Measure every operation, or those named, on one fresh network."""
    with temporary_network() as node:
        scene = Scene(Consortium(node))
        for operation in OPERATIONS:
            if not names or operation.name in names:
                yield _measure(scene, operation)


def _measure(scene: "Scene", operation: Operation) -> Measured:
    sent = operation.measure(scene)
    floor = floor_of(operation.work, sent.data, sent.receipt["logs"])
    return Measured(
        operation=operation.name,
        gas=-(-sent.gas // operation.pieces),
        floor=-(-floor // operation.pieces),
        goal=operation.goal,
    )


class Scene:
    """The parties of the measured acts, and the numbers the chain will give next."""

    def __init__(self, consortium: Consortium) -> None:
        """Admit the parties, give them accounts and money, open two programmes."""
        self.of = consortium
        self._receivables = 0
        self._requests = 0
        consortium.admit([_ANCHOR], ["anchor"])
        consortium.admit([_SUPPLIER, _SUB_SUPPLIER], ["supplier"])
        consortium.admit([_FUNDER], ["funder"])
        consortium.admit([_BANK], ["settlement_bank"])
        consortium.admit([_KEEPER], ["keeper"], _KEEPER_KEYS)
        consortium.add_deposit(_BANK, CURRENCY)
        owners = [_ANCHOR, _SUPPLIER, _SUB_SUPPLIER, _FUNDER]
        self.open_accounts(owners)
        for owner in owners:
            self.mint(owner, 20 * FACE)
        self.open_programme(is_acceptance_required=True)
        self.open_programme(is_acceptance_required=False)

    # --- money

    def number(self, name: str) -> int:
        """An organisation's number."""
        return self.of.organisations[name]

    def open_accounts(self, names: Sequence[str]) -> Sent:
        """Accounts at the bank."""
        holders = [self.number(name) for name in names]
        return self.of.order(_BANK, "open_deposit_accounts", {"holders": holders})

    def mint(self, to: str, amount: int) -> Sent:
        """Money for an organisation."""
        fields = {
            "to": self.number(to),
            "currency": CURRENCY.encode(),
            "amount": amount,
            "referenceHash": random_word(),
        }
        return self.of.order(_BANK, "mint_deposit", fields)

    def redeem(self, amount: int) -> Sent:
        """Money of the supplier, paid out."""
        fields = {"currency": CURRENCY.encode(), "amount": amount, "referenceHash": random_word()}
        return self.of.order(_SUPPLIER, "redeem_deposit", fields)

    # --- issue

    def open_programme(self, *, is_acceptance_required: bool) -> Sent:
        """Programme 1 wants transfers accepted, programme 2 does not."""
        fields = {
            "technique": 4,
            "currency": CURRENCY.encode(),
            "deposit": self.of.address("TokenisedDeposit"),
            "withRecourse": False,
            "acceptanceRequired": is_acceptance_required,
            "maximumTier": 5,
            "maximumLots": 500,
            "minimumLotFaceValue": 100_00,
            "maximumTenorDays": 365,
            "tenorReasonHash": random_word(),
            "legacy": False,
            "minimumTenorDays": 0,
            "filingRequired": False,
            "lateInterestBps": 1825,
            "replaces": 0,
            "termsHash": random_word(),
        }
        return self.of.order(_ANCHOR, "open_programme", fields)

    def row(self) -> dict[str, Any]:
        """A receivable to issue, on an invoice of its own."""
        due_at = self.of.now() + TENOR_DAYS * DAY
        return {
            "supplier": self.number(_SUPPLIER),
            "faceValue": FACE,
            "maturityAt": due_at,
            "graceEndsAt": due_at + 5 * DAY,
            "documentType": _INVOICE,
            "documentAmount": FACE,
            "documentFingerprint": random_word(),
            "documentCommitment": random_word(),
        }

    def attest(self, count: int, root: bytes) -> dict[str, Any]:
        """The keeper's word for the documents of some rows."""
        attestation = {
            "target": self.of.address("DocumentRegistry"),
            "organisation": self.number(_KEEPER),
            "deadline": self.of.now() + DAY,
            "epoch": 1,
            "obligor": self.number(_ANCHOR),
            "currency": CURRENCY.encode(),
            "count": count,
            "root": root,
        }
        (approval,) = self.of.approve(_KEEPER, "AttestDocuments", attestation, tuple(_KEEPER_KEYS))
        return {"attestation": attestation, "attestationApproval": approval_argument(approval)}

    def issue(self, programme: int) -> tuple[Sent, "Offer"]:
        """One receivable."""
        row = self.row()
        attached = self.attest(1, merkle.root([row_leaf(0, row)]))
        fields = {"programmeId": programme, "currency": CURRENCY.encode(), "row": row}
        sent = self.of.order(_ANCHOR, "issue_receivable", fields, **attached)
        self._receivables += 1
        return sent, Offer(self._receivables, programme, row["maturityAt"], row["graceEndsAt"])

    def issue_batch(self, count: int) -> Sent:
        """As many receivables in one run."""
        rows = [self.row() for _ in range(count)]
        leaves = [row_leaf(index, row) for index, row in enumerate(rows)]
        root = merkle.root(leaves)
        fields = {
            "programmeId": 1,
            "currency": CURRENCY.encode(),
            "count": count,
            "totalFaceValue": count * FACE,
            "fileHash": random_word(),
            "root": root,
        }
        run = {"level": merkle.depth(count), "index": 0, "proof": []}
        attached = self.attest(count, root) | {"rows": rows, "run": run}
        sent = self.of.order(_ANCHOR, "issue_batch", fields, **attached)
        self._receivables += count
        return sent

    def accept(self, offer: "Offer") -> Sent:
        """The supplier takes the receivable."""
        signed = {
            "receivableId": offer.receivable_id,
            "obligor": self.number(_ANCHOR),
            "programmeId": offer.programme,
            "faceValue": FACE,
            "maturityAt": offer.maturity_at,
            "graceEndsAt": offer.grace_ends_at,
        }
        fields = {"currency": CURRENCY.encode(), "totalFaceValue": FACE, "offers": [signed]}
        return self.of.order(_SUPPLIER, "accept_receivable", fields)

    def active(self, programme: int) -> "Offer":
        """A receivable that is issued and accepted."""
        _, offer = self.issue(programme)
        self.accept(offer)
        return offer

    # --- lots

    def split(self, lot: int, face: int, parts: Sequence[tuple[str, int]]) -> Sent:
        """Parts of a supplier's lot for others."""
        fields = {
            **_unpaid(lot, face),
            "expiresAt": self.of.now() + DAY,
            "parts": [{"to": self.number(to), "faceValue": part} for to, part in parts],
        }
        return self.of.order(_SUPPLIER, "split_lot", fields)

    def transfer_fields(self, lot: int) -> dict[str, Any]:
        """A whole lot of the supplier for the sub-supplier."""
        return {
            **_unpaid(lot, FACE),
            "to": self.number(_SUB_SUPPLIER),
            "expiresAt": self.of.now() + DAY,
            "remarkHash": random_word(),
        }

    def propose(self, lot: int) -> tuple[Sent, bytes]:
        """The lot offered, or moved where no acceptance is required; and the offer's hash."""
        message = self.of.message(_SUPPLIER, "ReceivableLedger", self.transfer_fields(lot))
        contract, function, kind = "ReceivableLedger", "proposeTransfer", "ProposeTransfer"
        sent = self.of.relay(_SUPPLIER, contract, function, kind, message, {})
        return sent, order_hash(kind, message)

    def accept_transfer(self, lot: int, offer: bytes) -> Sent:
        """The receiver takes the offered lot."""
        fields = {**_unpaid(lot, FACE), "offer": offer}
        return self.of.order(_SUB_SUPPLIER, "accept_transfer", fields)

    def reject_transfer(self, lot: int, offer: bytes) -> Sent:
        """The receiver turns the offered lot down."""
        fields = {**_unpaid(lot, FACE), "offer": offer}
        return self.of.order(_SUB_SUPPLIER, "reject_transfer", fields)

    def transfer_accepted(self, lot: int) -> Sent:
        """The lot moved with both signatures in hand."""
        message = self.of.message(_SUPPLIER, "ReceivableLedger", self.transfer_fields(lot))
        offer = order_hash("ProposeTransfer", message)
        fields = {**_unpaid(lot, FACE), "offer": offer}
        answer = self.of.message(_SUB_SUPPLIER, "ReceivableLedger", fields)
        answered = self.of.approve(_SUB_SUPPLIER, "AcceptTransfer", answer)
        attached = {"answer": answer, "answerApprovals": list(map(approval_argument, answered))}
        contract, function, kind = "ReceivableLedger", "transferLot", "ProposeTransfer"
        return self.of.relay(_SUPPLIER, contract, function, kind, message, attached)

    # --- financing

    def request(self, lot: int, face: int, part: int) -> Sent:
        """The holder asks for quotes."""
        fields = {
            **_unpaid(lot, face),
            "partFaceValue": part,
            "withRecourse": False,
            "expiresAt": self.of.now() + DAY,
        }
        self._requests += 1
        return self.of.order(_SUPPLIER, "request_financing", fields)

    def quoted(
        self, lot: int, face: int, part: int, *, holdback: int = 0, pay_by: int = 0
    ) -> dict[str, Any]:
        """A request, and a funder's quote for it."""
        self.request(lot, face, part)
        terms = {
            "discountRateBps": 550,
            "dayCount": "ACT/360",
            "tenorDays": TENOR_DAYS,
            "valueAt": self.of.now(),
            "salt": random_word(),
        }
        fields = {
            "requestId": self._requests,
            **_unpaid(lot, face),
            "partFaceValue": part,
            "holder": self.number(_SUPPLIER),
            "currency": CURRENCY.encode(),
            "netProceeds": (part - holdback) * 97 // 100,
            "holdback": holdback,
            "payBy": pay_by,
            "withRecourse": False,
            "terms": terms,
        }
        return self.of.message(_FUNDER, "FinancingMarket", fields)

    def fund(self, quote: Mapping[str, Any]) -> Sent:
        """The funder sets the face aside for its quote."""
        fields = {
            "requestId": quote["requestId"],
            "quote": order_hash("Quote", quote),
            "currency": CURRENCY.encode(),
            "amount": quote["partFaceValue"],
            "expiresAt": self.of.now() + DAY // 2,
        }
        return self.of.order(_FUNDER, "fund_quote", fields)

    def award(self, quote: Mapping[str, Any], *, is_funded: bool = False) -> Sent:
        """Title against money in one call; by bank transfer, two promises."""
        fields = {
            "requestId": quote["requestId"],
            "quote": order_hash("Quote", quote),
            "currency": CURRENCY.encode(),
            "netProceeds": quote["netProceeds"],
            "holdback": quote["holdback"],
            "obligorInterest": 0,
            "payBy": quote["payBy"],
            "quoteCount": 1,
            "quoteHead": random_word(),
        }
        approvals = () if is_funded else self.of.approve(_FUNDER, "Quote", quote)
        attached = {
            "quote": as_contract_sees("Quote", quote),
            "quoteApprovals": list(map(approval_argument, approvals)),
        }
        return self.of.order(_SUPPLIER, "award_quote", fields, **attached)

    def name_banks(self) -> None:
        """The supplier's bank, and the funder's, which is another."""
        if _PAYEES_BANK in self.of.organisations:
            return
        self.of.admit([_PAYEES_BANK], ["settlement_bank"])
        for name, bank in ((_SUPPLIER, _PAYEES_BANK), (_FUNDER, _BANK)):
            fields = {"currency": CURRENCY.encode(), "bank": self.number(bank)}
            self.of.order(name, "name_settlement_bank", fields)

    def attest_funding(self, quote: Mapping[str, Any]) -> Sent:
        """The supplier's bank says that the price came in."""
        fields = {
            "requestId": quote["requestId"],
            "quote": order_hash("Quote", quote),
            "payee": self.number(_SUPPLIER),
            "currency": CURRENCY.encode(),
            "amount": quote["netProceeds"],
            "valueAt": self.of.now(),
            "lineHash": random_word(),
            "lineAmount": quote["netProceeds"],
        }
        return self.of.order(_PAYEES_BANK, "attest_funding", fields)

    # --- settlement

    def settle(self, lots: int, holders: int) -> Sent:
        """A receivable of so many lots and holders, who all have had money, paid in full."""
        names = self.holders(holders)
        offer = self.active(2)
        wanted = [(names[place % holders], LOT_FACE) for place in range(lots - 1)]
        if wanted:
            self.split(_lot(offer.receivable_id, 1), FACE, wanted)
        self.of.move_clock(offer.maturity_at)
        fields = {
            "receivableId": offer.receivable_id,
            "faceValue": FACE,
            "paid": 0,
            "currency": CURRENCY.encode(),
            "amount": FACE,
            "lateInterest": 0,
        }
        sequences = list(range(1, lots + 1))
        return self.of.order(_ANCHOR, "settle_receivable", fields, lotSequences=sequences)

    def holders(self, count: int) -> list[str]:
        """Organisations with an account that has been used; made when they are first wanted."""
        names = [f"holder {place}" for place in range(count)]
        fresh = [name for name in names if name not in self.of.organisations]
        if fresh:
            self.of.admit(fresh, ["supplier"], WITHOUT_KEYS)
            self.open_accounts(fresh)
            for name in fresh:
                self.mint(name, 1)
        return names


@dataclass(frozen=True, slots=True)
class Offer:
    """A receivable as its supplier sees it."""

    receivable_id: int
    programme: int
    maturity_at: int
    grace_ends_at: int

    @property
    def root(self) -> int:
        """Its first lot."""
        return _lot(self.receivable_id, 1)


def _lot(receivable_id: int, sequence: int) -> int:
    return receivable_id << 32 | sequence


def _unpaid(lot: int, face: int) -> dict[str, Any]:
    return {"lotId": lot, "faceValue": face, "paid": 0}


# --- the acts -----------------------------------------------------------------------------------


def _split(scene: Scene) -> Sent:
    lot = scene.active(2).root
    part = [(_SUB_SUPPLIER, LOT_FACE)]
    scene.split(lot, FACE, part)
    return scene.split(lot, FACE - LOT_FACE, part)


def _split_offered(scene: Scene) -> Sent:
    lot = scene.active(1).root
    part = [(_SUB_SUPPLIER, LOT_FACE)]
    scene.split(lot, FACE, part)
    return scene.split(lot, FACE - LOT_FACE, part)


def _split_in_100(scene: Scene) -> Sent:
    return scene.split(scene.active(2).root, FACE, [(_SUB_SUPPLIER, LOT_FACE)] * LOTS)


def _transfer(scene: Scene) -> Sent:
    scene.propose(scene.active(2).root)
    return scene.propose(scene.active(2).root)[0]


def _propose(scene: Scene) -> Sent:
    return scene.propose(scene.active(1).root)[0]


def _accept_transfer(scene: Scene) -> Sent:
    first, second = scene.active(1).root, scene.active(1).root
    scene.accept_transfer(first, scene.propose(first)[1])
    return scene.accept_transfer(second, scene.propose(second)[1])


def _transfer_accepted(scene: Scene) -> Sent:
    scene.transfer_accepted(scene.active(1).root)
    return scene.transfer_accepted(scene.active(1).root)


def _issue(scene: Scene) -> Sent:
    scene.issue(1)
    return scene.issue(1)[0]


def _issue_batch(scene: Scene) -> Sent:
    scene.issue(1)
    return scene.issue_batch(LOTS)


def _accept(scene: Scene) -> Sent:
    scene.active(1)
    return scene.accept(scene.issue(1)[1])


def _request(scene: Scene) -> Sent:
    scene.request(scene.active(1).root, FACE, FACE)
    return scene.request(scene.active(1).root, FACE, FACE)


def _award(scene: Scene) -> Sent:
    scene.award(scene.quoted(scene.active(1).root, FACE, FACE))
    return scene.award(scene.quoted(scene.active(1).root, FACE, FACE))


def _award_part(scene: Scene) -> Sent:
    lot, part = scene.active(1).root, FACE // 10
    scene.award(scene.quoted(lot, FACE, part))
    return scene.award(scene.quoted(lot, FACE - part, part))


def _award_held_back(scene: Scene) -> Sent:
    return scene.award(scene.quoted(scene.active(1).root, FACE, FACE, holdback=FACE // 10))


def _fund_quote(scene: Scene) -> Sent:
    scene.fund(scene.quoted(scene.active(1).root, FACE, FACE))
    return scene.fund(scene.quoted(scene.active(1).root, FACE, FACE))


def _award_funded(scene: Scene) -> Sent:
    quote = scene.quoted(scene.active(1).root, FACE, FACE)
    scene.fund(quote)
    return scene.award(quote, is_funded=True)


def _award_by_transfer(scene: Scene) -> Sent:
    scene.name_banks()
    pay_by = scene.of.now() + 5 * DAY
    return scene.award(scene.quoted(scene.active(1).root, FACE, FACE, pay_by=pay_by))


def _attest_funding(scene: Scene) -> Sent:
    _fund_by_transfer(scene)
    return _fund_by_transfer(scene)


def _fund_by_transfer(scene: Scene) -> Sent:
    scene.name_banks()
    pay_by = scene.of.now() + 5 * DAY
    quote = scene.quoted(scene.active(1).root, FACE, FACE, pay_by=pay_by)
    scene.award(quote)
    return scene.attest_funding(quote)


def _settle_1(scene: Scene) -> Sent:
    return scene.settle(1, 1)


def _settle_10_holders(scene: Scene) -> Sent:
    return scene.settle(LOTS, 10)


def _settle_100_holders(scene: Scene) -> Sent:
    return scene.settle(LOTS, 100)


def _mint(scene: Scene) -> Sent:
    return scene.mint(_FUNDER, FACE)


def _redeem(scene: Scene) -> Sent:
    scene.redeem(LOT_FACE)
    return scene.redeem(LOT_FACE)


# Words of storage an act needs beside its authority, by what they hold.
_TITLE = Work(reads=1, updates=2)
"""The programme's rules; the lot, and its receivable's state with the running number."""
_RECEIVER = Work(reads=1)
"""Whether it may receive."""
_ISSUED = Work(creations=3)
"""What was undertaken, its first lot, its document; how it stands follows until it is accepted."""
_DVP = AUTHORITY + AUTHORITY + _TITLE + Work(accounts=1, updates=3)
"""Holder's and funder's signatures, the title, the request; two accounts in the bank's contract."""


def _settlement(lots: int, holders: int) -> Work:
    """The due instant and the programme; the receivable's state, each lot, the payer's account.

    Of each holder, whether it may be paid, and its account in the bank's contract.
    """
    shared = AUTHORITY + Work(accounts=1, reads=2, updates=2)
    return shared + Work(reads=holders, updates=lots + holders)


OPERATIONS = (
    Operation("split", _split, AUTHORITY + _TITLE + _RECEIVER + Work(creations=1), 120_000),
    Operation("split_offered", _split_offered, AUTHORITY + _TITLE + _RECEIVER + Work(creations=2)),
    Operation(
        "split_in_100",
        _split_in_100,
        AUTHORITY + _TITLE + _RECEIVER + Work(creations=LOTS),
        pieces=LOTS,
    ),
    Operation("transfer", _transfer, AUTHORITY + _TITLE + _RECEIVER, 92_000),
    Operation("propose", _propose, AUTHORITY + _TITLE + _RECEIVER + Work(creations=1)),
    Operation("accept_transfer", _accept_transfer, AUTHORITY + _TITLE + Work(clears=1)),
    Operation("transfer_accepted", _transfer_accepted, AUTHORITY + AUTHORITY + _TITLE, 120_000),
    Operation(
        "issue",
        _issue,
        AUTHORITY + _ISSUED + Work(signatures=1, reads=4, updates=1),
        210_000,
    ),
    Operation(
        "issue_batch",
        _issue_batch,
        AUTHORITY + Work(signatures=1, reads=4, updates=1, creations=3 * LOTS + 1),
        105_000,
        LOTS,
    ),
    Operation("accept", _accept, AUTHORITY + Work(reads=3, creations=1)),
    Operation("request", _request, AUTHORITY + _TITLE + Work(updates=1, creations=1)),
    Operation("award", _award, _DVP, 165_000),
    Operation("award_part", _award_part, _DVP + Work(creations=1), 190_000),
    Operation("award_held_back", _award_held_back, _DVP + Work(updates=1, creations=1)),
    Operation("fund_quote", _fund_quote, AUTHORITY + Work(reads=2, updates=2, creations=2)),
    Operation(
        "award_funded", _award_funded, AUTHORITY + _TITLE + Work(accounts=1, updates=3, clears=2)
    ),
    Operation(
        "award_by_transfer",
        _award_by_transfer,
        AUTHORITY + AUTHORITY + Work(reads=4, updates=2, creations=3),
    ),
    Operation(
        "attest_funding",
        _attest_funding,
        AUTHORITY + _TITLE + Work(reads=2, updates=1, creations=1, clears=3),
    ),
    Operation("settle_1_lot", _settle_1, _settlement(1, 1)),
    Operation("settle", _settle_10_holders, _settlement(LOTS, 10), 21_000, LOTS),
    Operation("settle_100_holders", _settle_100_holders, _settlement(LOTS, 100), 27_500, LOTS),
    Operation("mint", _mint, AUTHORITY + Work(updates=2)),
    Operation("redeem", _redeem, AUTHORITY + Work(updates=2)),
)
