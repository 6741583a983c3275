"""A chain in memory: the contracts' acts as a small simulation, and the logs they would emit.

`Ledger` changes state as the contracts do, written apart from the projection, so that the two can
be compared. `FakeChain` puts its events into blocks, encoded by the real ABIs, answers like a node,
and can be made to take blocks back.
"""

import json
import random
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum, IntFlag
from functools import cache
from hashlib import sha256
from pathlib import Path

from chainfin.codec.abi import Event as AbiEvent
from chainfin.codec.abi import load_abi
from chainfin.codec.abi_words import encode
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import from_hex, to_hex
from chainfin.codec.logs import bloom_of_logs
from chainfin.codec.solidity_types import Array, Struct
from chainfin.domain import events as said
from chainfin.domain.events import BlockRef, LogPosition, ProvenBlock, RawLog
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.participant import KeyKind, KeyRole, ParticipantKind, ParticipantStatus
from chainfin.domain.receivable import (
    Encumbrance,
    Lot,
    Receivable,
    ReceivableStatus,
    ReceivableTerms,
)

ARTIFACTS = Path(__file__).parents[1] / "chainfin" / "chain" / "artifacts"
ABIS = {path.stem: json.loads(path.read_text())["abi"] for path in sorted(ARTIFACTS.glob("*.json"))}
NO_ADDRESS = "0x" + "00" * 20
NO_HASH = "0x" + "00" * 32
DEPOSIT = "0x" + "d1" * 20
CONTRACTS = {
    "0x" + "a1" * 20: "ParticipantRegistry",
    "0x" + "a2" * 20: "DocumentRegistry",
    "0x" + "a3" * 20: "Issuance",
    "0x" + "a4" * 20: "ReceivableLedger",
    "0x" + "a5" * 20: "FinancingMarket",
    "0x" + "a6" * 20: "AccessManager",
    "0x" + "a7" * 20: "Settlement",
    "0x" + "a8" * 20: "CreditLines",
    "0x" + "a9" * 20: "Council",
    "0x" + "aa" * 20: "Encumbrances",
    "0x" + "ab" * 20: "Funding",
    DEPOSIT: "TokenisedDeposit",
}
ADDRESS = {name: address for address, name in CONTRACTS.items()}
START_TIME = 1_900_000_000
SECONDS_A_BLOCK = 60
MATURITY_SECONDS = 40 * SECONDS_A_BLOCK
STANDARD = {"Transfer": "ReceivableLedger"}

_INTERFACES = {name: load_abi(ABIS[name]) for name in set(CONTRACTS.values())}
_EMITTERS = {
    event.name: name
    for name, interface in _INTERFACES.items()
    for event in interface.events.values()
} | STANDARD


@cache
def decoder() -> EventDecoder:
    return EventDecoder(ABIS, CONTRACTS)


def digest(text: str) -> str:
    return "0x" + sha256(text.encode()).hexdigest()


def address_of(text: str) -> str:
    return digest(text)[:42]


# --- encoding --------------------------------------------------------------------------------


def encode_event(event: said.Event, contract: str | None = None) -> tuple[str, list[str], str]:
    """Address, topics and data of an event, by the ABI of its contract."""
    name = contract or _EMITTERS[type(event).__name__]
    abi = _INTERFACES[name].events[type(event).__name__]
    values = _plain(abi, event)
    topics = [to_hex(abi.topic)] + [
        to_hex(encode(kind, values[parameter])) for parameter, kind in abi.indexed.fields
    ]
    data = encode(abi.data, {parameter: values[parameter] for parameter in abi.data.names})
    return ADDRESS[name], topics, to_hex(data)


def _plain(abi: AbiEvent, event: said.Event) -> dict[str, object]:
    types = dict(abi.indexed.fields + abi.data.fields)
    names = {_snake(parameter): parameter for parameter in types}
    if abi.name == "Transfer" and "tokenId" in types:
        names["value"] = "tokenId"
    return {
        names[entry.name]: _word(types[names[entry.name]], getattr(event, entry.name))
        for entry in fields(event)
    }


def _word(kind: object, value: object) -> object:
    if isinstance(kind, Array):
        return [_word(kind.item, item) for item in value]
    if isinstance(kind, Struct):
        names = {_snake(name): name for name in kind.names}
        return {
            names[entry.name]: _word(
                dict(kind.fields)[names[entry.name]], getattr(value, entry.name)
            )
            for entry in fields(value)
        }
    if isinstance(value, IntEnum | IntFlag):
        return int(value)
    if kind.name == "bytes3":
        return value.encode() if not value.startswith("0x") else from_hex(value)
    return from_hex(value) if kind.name.startswith("bytes") else value


def _snake(name: str) -> str:
    text = "".join("_" + c.lower() if c.isupper() else c for c in name)
    return {"from": "from_"}.get(text, text)


# --- the contracts, simulated ----------------------------------------------------------------


@dataclass
class Account:
    balance: int = 0
    earmarked: int = 0
    sequence: int = 0


@dataclass
class Request:
    receivable_id: int
    lot_sequence: int
    part: int
    status: FinancingStatus = FinancingStatus.REQUESTED
    funder: int = 0
    price: int = 0


@dataclass
class Ledger:
    """State as the contracts keep it; each act returns the events it emits."""

    time: int = START_TIME
    participants: dict[int, int] = field(default_factory=dict)
    statuses: dict[int, ParticipantStatus] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    programmes: dict[int, said.Programme] = field(default_factory=dict)
    receivables: dict[int, Receivable] = field(default_factory=dict)
    lots: dict[tuple[int, int], Lot] = field(default_factory=dict)
    pending: dict[tuple[int, int], int] = field(default_factory=dict)
    cancellations: dict[int, tuple[int, int]] = field(default_factory=dict)
    fingerprints: dict[int, str] = field(default_factory=dict)
    documents: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    orders: int = 0
    epoch: int = 1
    council: int = 0
    term: int = 0

    # Council

    def change_council(self, *members: int) -> list[said.Event]:
        self.term += 1
        changed = said.CouncilChanged(self._next_of_council(), self.term, members, 1)
        return [changed]

    def decide(self, *, is_scheduled: bool) -> list[said.Event]:
        """A decision the first member puts forward and passes, and another changes its vote on."""
        decision = digest(f"decision {self.council}")
        events: list[said.Event] = [
            said.DecisionProposed(
                decision, self._next_of_council(), ADDRESS["Issuance"], "0x1234", NO_HASH
            ),
            said.DecisionVoted(decision, self._next_of_council(), 1, False),
            said.DecisionVoted(decision, self._next_of_council(), 1, True),
        ]
        if is_scheduled:
            executable_at = self.time + 3_600
            events.append(said.DecisionScheduled(decision, self._next_of_council(), executable_at))
            events.append(said.DecisionCancelled(decision, self._next_of_council()))
        else:
            events.append(said.DecisionExecuted(decision, self._next_of_council()))
        return events

    def _next_of_council(self) -> int:
        self.council += 1
        return self.council

    # Participants

    def admit(self, kinds: ParticipantKind, keys: int = 2) -> list[said.Event]:
        organisation = len(self.participants) + 1
        emitted: list[said.Event] = [
            said.ParticipantAdmitted(
                organisation, 1, kinds, digest(f"identity {organisation}"), START_TIME * 2, 0
            )
        ]
        self.participants[organisation] = 1
        self.statuses[organisation] = ParticipantStatus.ADMITTED
        for number in range(keys):
            key = address_of(f"key {organisation} {number}")
            self.keys[key] = organisation
            emitted.append(
                said.KeyRegistered(
                    organisation,
                    self._next_of(organisation),
                    key,
                    KeyRole.MAKER if number == 0 else KeyRole.CHECKER,
                    KeyKind.PLAIN,
                    self.time,
                    START_TIME * 2,
                    digest(f"person {key}")[:32],
                )
            )
        emitted.append(
            said.DualControlLimitSet(
                organisation, self._next_of(organisation), "CNY", 1_000 * organisation, self.time
            )
        )
        return emitted

    def change_status(self, organisation: int, status: ParticipantStatus) -> list[said.Event]:
        self.statuses[organisation] = status
        sequence = self._next_of(organisation)
        return [said.ParticipantStatusChanged(organisation, sequence, status)]

    def set_limit(self, organisation: int, currency: str, limit: int) -> list[said.Event]:
        sequence = self._next_of(organisation)
        event = said.DualControlLimitSet(
            organisation, sequence, currency, limit, self.time + 3_600 * (limit % 2)
        )
        return [*self._executed(organisation), event]

    def change_terms(self, organisation: int, kinds: ParticipantKind) -> list[said.Event]:
        sequence = self._next_of(organisation)
        return [said.ParticipantChanged(organisation, sequence, kinds, START_TIME * 3, ANCHOR)]

    def veto_key(self, organisation: int) -> list[said.Event]:
        key = address_of(f"waiting key {organisation} {self.participants[organisation]}")
        registered = said.KeyRegistered(
            organisation,
            self._next_of(organisation),
            key,
            KeyRole.MAKER,
            KeyKind.PLAIN,
            self.time + 3_600,
            START_TIME * 2,
            digest(f"person {key}")[:32],
        )
        vetoing_key = next(key for key, owner in self.keys.items() if owner == organisation)
        vetoed = said.KeyVetoed(organisation, self._next_of(organisation), key, vetoing_key)
        suspended = self.change_status(organisation, ParticipantStatus.SUSPENDED)
        return [registered, vetoed, *suspended, *self._executed(organisation)]

    def revoke_key(self, organisation: int) -> list[said.Event]:
        key = next(key for key, owner in self.keys.items() if owner == organisation)
        event = said.KeyRevoked(organisation, self._next_of(organisation), key)
        return [event, *self._executed(organisation)]

    def cancel_order(self, organisation: int, named_hash: str) -> list[said.Event]:
        self.orders += 1
        key = address_of(f"key {organisation} 0")
        cancelled = said.OrderCancelled(named_hash, organisation, key, 10**30 + self.orders)
        return [cancelled, *self._executed(organisation)]

    def _next_of(self, organisation: int) -> int:
        self.participants[organisation] += 1
        return self.participants[organisation]

    def _executed(self, organisation: int) -> list[said.Event]:
        self.orders += 1
        maker, checker = (address_of(f"key {organisation} {n}") for n in (0, 1))
        order_hash = digest(f"order {self.orders}")
        return [said.OrderExecuted(order_hash, organisation, maker, checker, self.orders)]

    # Programmes and issue

    def open_programme(
        self, anchor: int, *, acceptance_required: bool, replaces: int = 0
    ) -> list[said.Event]:
        number = len(self.programmes) + 1
        rules = said.Programme(
            anchor=anchor,
            currency="CNY",
            technique=3,
            with_recourse=False,
            acceptance_required=acceptance_required,
            maximum_tier=200,
            maximum_lots=1_000,
            minimum_lot_face_value=1,
            maximum_tenor_days=365,
            has_tenor_reason=True,
            legacy=False,
            minimum_tenor_days=15,
            filing_required=True,
            late_interest_bps=500,
            replaces=replaces,
            deposit=DEPOSIT,
            transfer_rules=address_of("rules"),
        )
        self.programmes[number] = rules
        opened = said.ProgrammeOpened(
            number, anchor, rules, digest(f"reason {number}"), digest(f"terms {number}")
        )
        return [opened, *self._executed(anchor)]

    def replace_rules(self, programme_id: int) -> list[said.Event]:
        return [said.TransferRulesReplaced(programme_id, address_of(f"rules {self.time}"))]

    def issue(
        self, programme_id: int, supplier: int, face: int, document: str, amount: int
    ) -> list[said.Event]:
        number = len(self.receivables) + 1
        anchor = self.programmes[programme_id].anchor
        current = self.current(document)
        used, _, document_sequence = self.documents.get(current, (0, amount, 0))
        self.documents[current] = (used + face, amount, document_sequence + 1)
        self.fingerprints[number] = document
        terms = ReceivableTerms(
            obligor=anchor,
            supplier=supplier,
            programme_id=programme_id,
            maturity_at=self.time + MATURITY_SECONDS,
            grace_ends_at=self.time + 2 * MATURITY_SECONDS,
            face_value_minor=face,
        )
        self.receivables[number] = Receivable(
            number, terms, ReceivableStatus.OFFERED, 0, 0, 1, 1, document[:16]
        )
        self.lots[number, 1] = Lot(
            number, 1, supplier, face, 0, 0, 1, 0, Encumbrance.NONE, is_settled=False
        )
        issued = said.ReceivableIssued(
            number,
            anchor,
            supplier,
            programme_id,
            face,
            terms.maturity_at,
            terms.grace_ends_at,
            4,
            amount,
            document_sequence + 1,
            document,
            digest(f"commitment {number}"),
        )
        return [issued, *self._minted(number, 1, supplier, 0, face)]

    def issue_batch(
        self, programme_id: int, rows: Sequence[tuple[int, int]], refused: Sequence[int] = ()
    ) -> list[said.Event]:
        """Rows are (supplier, face); the refused ones are named by index."""
        anchor = self.programmes[programme_id].anchor
        executed = self._executed(anchor)
        order_hash = executed[0].order_hash
        first = len(self.receivables) + 1
        emitted: list[said.Event] = [*executed]
        emitted += [said.BatchRowRefused(order_hash, row, "0xdeadbeef") for row in refused]
        issued = 0
        for row, (supplier, face) in enumerate(rows):
            if row not in refused:
                issued |= 1 << row
                emitted += self.issue(
                    programme_id, supplier, face, digest(f"batch {order_hash} {row}"), face
                )
        return [*emitted, said.BatchRowsIssued(order_hash, 0, issued, first)]

    def accept(self, number: int) -> list[said.Event]:
        sequence = self._act(number, status=ReceivableStatus.ACTIVE)
        supplier = self.receivables[number].terms.supplier
        return [*self._executed(supplier), said.ReceivableAccepted(number, sequence)]

    def refuse(self, number: int) -> list[said.Event]:
        sequence = self._void(number)
        refused = said.ReceivableRefused(number, sequence, digest(f"reason {number}"))
        supplier = self.receivables[number].terms.supplier
        return [*self._executed(supplier), *self._released(number), refused]

    def withdraw(self, number: int) -> list[said.Event]:
        sequence = self._void(number)
        withdrawn = said.ReceivableWithdrawn(number, sequence, digest(f"reason {number}"))
        obligor = self.receivables[number].terms.obligor
        return [*self._executed(obligor), *self._released(number), withdrawn]

    def lapse(self, number: int) -> list[said.Event]:
        sequence = self._void(number)
        return [*self._released(number), said.ReceivableLapsed(number, sequence)]

    def propose_cancellation(self, number: int, by: int, amount: int) -> list[said.Event]:
        self.cancellations[number] = (by, amount)
        sequence = self._act(number)
        reason = digest(f"reason {number}")
        expires_at = self.time + 10**5
        proposed = said.CancellationProposed(number, sequence, by, amount, expires_at, reason)
        return [*self._executed(by), proposed]

    def agree_to_cancel(self, number: int) -> list[said.Event]:
        by, amount = self.cancellations.pop(number)
        terms = self.receivables[number].terms
        released = self._released(number, amount)
        if amount == terms.face_value_minor:
            sequence = self._act(number, status=ReceivableStatus.CANCELLED)
            self._change(number, 1, is_settled=True)
        else:
            face = terms.face_value_minor - amount
            sequence = self._act(number, terms=replace(terms, face_value_minor=face))
            self._change(number, 1, face_value_minor=face)
        cancelled = said.ReceivableCancelled(number, sequence, amount, digest(f"reason {number}"))
        other = terms.obligor + terms.supplier - by
        return [*self._executed(other), *released, cancelled]

    def _void(self, number: int) -> int:
        self._change(number, 1, is_settled=True)
        return self._act(number, status=ReceivableStatus.VOID)

    def _released(self, number: int, amount: int | None = None) -> list[said.Event]:
        document = self.fingerprints[number]
        current = self.current(document)
        used, whole, sequence = self.documents[current]
        used -= self.receivables[number].terms.face_value_minor if amount is None else amount
        self.documents[current] = (used, whole, sequence + 1)
        return [said.DocumentReleased(document, sequence + 1, used, number)]

    # Documents

    def current(self, document: str) -> str:
        """The fingerprint a document goes by now."""
        while document in self.carried:
            document = self.carried[document]
        return document

    def successor(self, document: str) -> str:
        """Its fingerprint of the next epoch."""
        return digest(f"{document} in {self.epoch + 1}")

    def uncarried(self) -> list[str]:
        done = {self.successor(name) for name in self.carried}
        return [name for name in self.documents if name not in done]

    def carry(self, document: str) -> list[said.Event]:
        successor = self.successor(document)
        used, whole, sequence = self.documents.pop(document)
        self.documents[successor] = (used, whole, sequence + 1)
        self.carried[document] = successor
        return [said.DocumentCarried(document, successor, self.epoch + 1, sequence + 1)]

    def open_epoch(self) -> list[said.Event]:
        self.epoch += 1
        return [said.EpochOpened(self.epoch)]

    # Lots

    def split(self, number: int, parent: int, parts: Sequence[tuple[int, int]]) -> list[said.Event]:
        """Parts are (to, face)."""
        holder = self.lots[number, parent].holder
        executed = self._executed(holder)
        sequence = self._act(number)
        programme = self.programmes[self.receivables[number].terms.programme_id]
        shown, offers, minted = [], [], []
        for to, face in parts:
            child = self._take_off(number, parent, face)
            minted += self._minted(number, child, holder, parent, face)
            if to != holder and programme.acceptance_required:
                self._change(number, child, encumbrance=Encumbrance.LOCKED_TRANSFER)
                offers.append((child, to))
            elif to != holder:
                self._pass_on(number, child, to)
            shown.append(said.LotPart(child, self.lots[number, child].holder, face))
        remaining = self.lots[number, parent].face_value_minor
        emitted = [*executed, *minted]
        emitted.append(said.LotSplit(number, sequence, parent, remaining, tuple(shown)))
        for child, to in offers:
            emitted.append(self._offer(number, child, to, executed[0].order_hash, NO_HASH))
        return emitted

    def unsplit(self, number: int, lot: int) -> list[said.Event]:
        child = self.lots[number, lot]
        parent = self.lots[number, child.parent_sequence]
        sequence = self._act(number)
        face = parent.face_value_minor + child.face_value_minor
        self._change(number, parent.lot_sequence, face_value_minor=face)
        self._change(number, lot, face_value_minor=0, is_settled=True)
        returned = said.LotUnsplit(
            number, sequence, parent.lot_sequence, lot, child.face_value_minor
        )
        return [*self._executed(child.holder), returned]

    def propose(self, number: int, lot: int, to: int) -> list[said.Event]:
        holder = self.lots[number, lot].holder
        executed = self._executed(holder)
        programme = self.programmes[self.receivables[number].terms.programme_id]
        remark = digest(f"remark {self.orders}")
        if programme.acceptance_required:
            self._change(number, lot, encumbrance=Encumbrance.LOCKED_TRANSFER)
            return [*executed, self._offer(number, lot, to, executed[0].order_hash, remark)]
        sequence = self._act(number)
        self._pass_on(number, lot, to)
        moved = said.LotTransferred(number, sequence, lot, holder, to, remark)
        return [*executed, self._moved(number, lot, holder, to), moved]

    def transfer_with_both_signatures(self, number: int, lot: int, to: int) -> list[said.Event]:
        holder = self.lots[number, lot].holder
        executed = self._executed(holder) + self._executed(to)
        sequence = self._act(number)
        self._pass_on(number, lot, to)
        return [*executed, said.TransferAccepted(number, sequence, lot, holder, to)]

    def answer(self, number: int, lot: int, kind: type) -> list[said.Event]:
        """Accept, reject, revoke or lapse the lot's offer."""
        to = self.pending.pop((number, lot))
        holder = self.lots[number, lot].holder
        executed = [] if kind is said.TransferLapsed else self._executed(to)
        sequence = self._act(number)
        self._change(number, lot, encumbrance=Encumbrance.NONE)
        if kind is said.TransferAccepted:
            self._pass_on(number, lot, to)
        return [*executed, kind(number, sequence, lot, holder, to)]

    # Financing

    def request(self, number: int, lot: int, part: int) -> list[said.Event]:
        holder = self.lots[number, lot].holder
        executed = self._executed(holder)
        sequence = self._act(number)
        self._change(number, lot, encumbrance=Encumbrance.LOCKED_FINANCING)
        request_id = len(self.requests) + 1
        self.requests[request_id] = Request(number, lot, part)
        asked = said.FinancingRequested(
            request_id, number, sequence, lot, holder, part, True, self.time + 10**6
        )
        return [*executed, asked]

    def end_request(self, request_id: int, status: FinancingStatus) -> list[said.Event]:
        request = self.requests[request_id]
        request.status = status
        sequence = self._act(request.receivable_id)
        self._change(request.receivable_id, request.lot_sequence, encumbrance=Encumbrance.NONE)
        return [said.FinancingRequestEnded(request_id, request.receivable_id, sequence, status)]

    def award(self, request_id: int, funder: int, price: int) -> list[said.Event]:
        request = self.requests[request_id]
        request.status = FinancingStatus.FUNDED
        number, lot = request.receivable_id, request.lot_sequence
        holder = self.lots[number, lot].holder
        executed = self._executed(holder)
        self._change(number, lot, encumbrance=Encumbrance.NONE)
        delivered = lot
        if request.part != self.lots[number, lot].face_value_minor:
            delivered = self._take_off(number, lot, request.part)
        count = self.lots[number, delivered].transfer_count + 1
        self._change(number, delivered, holder=funder, transfer_count=count, is_indivisible=True)
        sequence = self._act(number)
        financed = said.LotFinanced(number, sequence, lot, delivered, holder, funder, request.part)
        quote = self._executed(funder)
        payer_sequence = self._move(funder, -price)
        payee_sequence = self._move(holder, price)
        quote_hash = quote[0].order_hash
        return [
            *executed,
            financed,
            *quote,
            said.DepositPaid(funder, payer_sequence, holder, payee_sequence, price, quote_hash),
            said.QuoteAwarded(
                request_id,
                number,
                sequence,
                funder,
                quote_hash,
                price,
                digest(f"quote terms {request_id}"),
                3,
                digest(f"head {request_id}"),
            ),
        ]

    def award_by_transfer(
        self, request_id: int, funder: int, price: int, bank: int
    ) -> list[said.Event]:
        """The lot stays its holder's, and locked, until the price has come in."""
        request = self.requests[request_id]
        request.status, request.funder, request.price = FinancingStatus.AWARDED, funder, price
        number = request.receivable_id
        executed = self._executed(self.lots[number, request.lot_sequence].holder)
        quote = self._executed(funder)
        sequence = self._act(number)
        return [
            *executed,
            *quote,
            said.FundingAwaited(request_id, number, sequence, bank, 0, 0, self.time + 600),
            said.QuoteAwarded(
                request_id,
                number,
                sequence,
                funder,
                quote[0].order_hash,
                price,
                digest(f"quote terms {request_id}"),
                3,
                digest(f"head {request_id}"),
            ),
        ]

    def confirm_funding(self, request_id: int, bank: int) -> list[said.Event]:
        request = self.requests[request_id]
        number = request.receivable_id
        payee = self.lots[number, request.lot_sequence].holder
        executed = self._executed(payee)
        line, price = digest(f"price {request_id}"), request.price
        sequence = self._act(number)
        return [
            *executed,
            said.FundingConfirmed(request_id, number, sequence, payee, bank, price, line),
        ]

    def attest_funding(self, request_id: int, bank: int) -> list[said.Event]:
        """The request ends, and title passes."""
        request = self.requests[request_id]
        number, lot = request.receivable_id, request.lot_sequence
        payee, count = self.lots[number, lot].holder, self.lots[number, lot].transfer_count
        executed = self._executed(bank)
        ended = self.end_request(request_id, FinancingStatus.FUNDED)
        self._change(
            number, lot, holder=request.funder, transfer_count=count + 1, is_indivisible=True
        )
        attested = said.FundingAttested(
            request_id,
            number,
            self._act(number),
            lot,
            payee,
            request.funder,
            bank,
            request.price,
            self.time,
            digest(f"price {request_id}"),
        )
        return [*executed, *ended, self._moved(number, lot, payee, request.funder), attested]

    # Settlement

    def settle(self, number: int, amount: int, lots: Sequence[int]) -> list[said.Event]:
        receivable = self.receivables[number]
        obligor = receivable.terms.obligor
        paid = receivable.paid_minor + amount
        is_full = paid == receivable.terms.face_value_minor
        status = ReceivableStatus.SETTLED if is_full else ReceivableStatus.ACTIVE
        sequence = self._act(number, paid_minor=paid, status=status)
        executed = self._executed(obligor)
        earmarked = self._move(obligor, -amount, earmark=amount)
        return [
            said.ReceivableSettled(number, sequence, amount, paid, status),
            *executed,
            said.DepositEarmarked(obligor, earmarked, amount, number),
            *self.pay_lots(number, lots),
        ]

    def pay_lots(self, number: int, lots: Sequence[int]) -> list[said.Event]:
        receivable = self.receivables[number]
        obligor, face = receivable.terms.obligor, receivable.terms.face_value_minor
        payments = []
        for sequence in lots:
            lot = self.lots[number, sequence]
            owed = lot.face_value_minor * receivable.paid_minor // face - lot.paid_minor
            blocked = self.statuses[lot.holder] is ParticipantStatus.BLOCKED
            if lot.is_settled or owed == 0 or blocked:
                continue
            self._change(number, sequence, paid_minor=lot.paid_minor + owed)
            if lot.paid_minor + owed == lot.face_value_minor:
                self.pending.pop((number, sequence), None)
                self._change(number, sequence, is_settled=True, encumbrance=Encumbrance.NONE)
            payments.append(said.LotPayment(sequence, lot.holder, owed))
        if not payments:
            return []
        total = sum(payment.amount for payment in payments)
        sequence = self._act(number, cleared_minor=receivable.cleared_minor + total)
        shown = tuple(
            said.DepositPayment(p.payee, self._move(p.payee, p.amount), p.amount) for p in payments
        )
        payer_sequence = self._move(obligor, 0, earmark=-total)
        return [
            said.LotsPaid(number, sequence, tuple(payments)),
            said.EarmarkPaid(obligor, payer_sequence, number, shown),
        ]

    # Deposits

    def open_account(self, organisation: int) -> list[said.Event]:
        self.accounts[organisation] = Account(sequence=1)
        return [said.DepositAccountOpened(organisation, 1)]

    def mint(self, organisation: int, amount: int) -> list[said.Event]:
        sequence = self._move(organisation, amount)
        return [said.DepositMinted(organisation, sequence, amount, digest(f"mint {amount}"))]

    def redeem(self, organisation: int, amount: int) -> list[said.Event]:
        sequence = self._move(organisation, -amount)
        return [said.DepositRedeemed(organisation, sequence, amount, digest("redeem"))]

    # Internals

    def _move(self, organisation: int, amount: int, earmark: int = 0) -> int:
        account = self.accounts[organisation]
        account.balance += amount
        account.earmarked += earmark
        account.sequence += 1
        assert min(account.balance, account.earmarked) >= 0
        return account.sequence

    def _act(self, number: int, **changes: object) -> int:
        receivable = self.receivables[number]
        sequence = receivable.sequence + 1
        self.receivables[number] = replace(receivable, sequence=sequence, **changes)
        return sequence

    def _change(self, number: int, lot: int, **changes: object) -> None:
        self.lots[number, lot] = replace(self.lots[number, lot], **changes)

    def _take_off(self, number: int, parent: int, face: int) -> int:
        source = self.lots[number, parent]
        assert 0 < face < source.face_value_minor
        receivable = self.receivables[number]
        child = receivable.lot_count + 1
        self.receivables[number] = replace(receivable, lot_count=child)
        self._change(number, parent, face_value_minor=source.face_value_minor - face)
        self.lots[number, child] = replace(
            source,
            lot_sequence=child,
            parent_sequence=parent,
            face_value_minor=face,
            encumbrance=Encumbrance.NONE,
            is_indivisible=False,
        )
        return child

    def _pass_on(self, number: int, lot: int, to: int) -> None:
        entry = self.lots[number, lot]
        self._change(
            number, lot, holder=to, tier=entry.tier + 1, transfer_count=entry.transfer_count + 1
        )

    def _offer(self, number: int, lot: int, to: int, offer: str, remark: str) -> said.Event:
        self.pending[number, lot] = to
        holder = self.lots[number, lot].holder
        return said.TransferProposed(
            number, self._act(number), lot, holder, to, self.time + 600, offer, remark
        )

    def _minted(
        self, number: int, lot: int, holder: int, parent: int, face: int
    ) -> list[said.Event]:
        token, source = number << 32 | lot, (number << 32 | parent) if parent else 0
        return [
            said.Transfer(NO_ADDRESS, f"0x{holder:040x}", token),
            said.SlotChanged(token, 0, number),
            said.TransferValue(source, token, face),
        ]

    def _moved(self, number: int, lot: int, holder: int, to: int) -> said.Event:
        return said.Transfer(f"0x{holder:040x}", f"0x{to:040x}", number << 32 | lot)

    # What an auditor reads

    def states(self, numbers: Sequence[int]) -> list[tuple[Receivable, list[Lot]]]:
        nothing = ReceivableTerms(0, 0, 0, 0, 0, 0)
        found = []
        for number in numbers:
            none = Receivable(number, nothing, ReceivableStatus.NONE, 0, 0, 0, 0, "0x" + "00" * 7)
            receivable = self.receivables.get(number, none)
            count = receivable.lot_count
            found.append((receivable, [self.lots[number, lot + 1] for lot in range(count)]))
        return found


# --- the chain -------------------------------------------------------------------------------


@dataclass
class Block:
    ref: BlockRef
    logs: list[RawLog]
    after: Ledger


class FakeChain:
    """Blocks, their logs and the state after each; answers as `ChainReader` asks."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.salt = 0
        genesis = BlockRef(0, digest("genesis"), NO_HASH, START_TIME - SECONDS_A_BLOCK)
        self.chain = [Block(genesis, [], deepcopy(self.ledger))]
        self.head_limit: int | None = None
        self.final_number = 0
        self.asked: list[str] = []

    @property
    def genesis(self) -> BlockRef:
        return self.chain[0].ref

    def mine(self, *transactions: Sequence[said.Event]) -> BlockRef:
        """One block with these transactions."""
        parent = self.chain[-1].ref
        number = parent.number + 1
        block_hash = digest(f"{parent.block_hash} {number} {self.salt}")
        timestamp = self.ledger.time
        logs: list[RawLog] = []
        for index, events in enumerate(transactions):
            transaction = digest(f"{block_hash} {index}")
            for event in events:
                address, topics, data = encode_event(event)
                position = LogPosition(number, block_hash, timestamp, transaction, index, len(logs))
                logs.append(RawLog(address, tuple(topics), data, position))
        ref = BlockRef(number, block_hash, parent.block_hash, timestamp, bloom_of_logs(logs))
        self.ledger.time += SECONDS_A_BLOCK
        self.chain.append(Block(ref, logs, deepcopy(self.ledger)))
        return ref

    def take_back(self, number: int) -> None:
        """Forget the blocks above a number; what comes next is another chain."""
        del self.chain[number + 1 :]
        self.ledger = deepcopy(self.chain[-1].after)
        self.salt += 1

    def states_at(self, number: int, numbers: Sequence[int]) -> list[tuple[Receivable, list[Lot]]]:
        return self.chain[number].after.states(numbers)

    # ChainReader

    def head(self) -> BlockRef:
        self.asked.append("head")
        return self.chain[-1 if self.head_limit is None else self.head_limit].ref

    def final_head(self) -> BlockRef:
        return self.chain[self.final_number].ref

    def block(self, number: int) -> BlockRef | None:
        self.asked.append(f"block {number}")
        return self.chain[number].ref if number < len(self.chain) else None

    def blocks(self, numbers: Sequence[int]) -> list[BlockRef | None]:
        self.asked.append(f"blocks {len(numbers)}")
        return [self.chain[n].ref if n < len(self.chain) else None for n in numbers]

    def logs(self, from_block: int, to_block: int) -> list[RawLog]:
        self.asked.append(f"logs {from_block} {to_block}")
        return [log for block in self.chain[from_block : to_block + 1] for log in block.logs]

    def proven_blocks(self, numbers: Sequence[int]) -> list[ProvenBlock]:
        self.asked.append(f"receipts {' '.join(map(str, numbers))}")
        found = [self.chain[number] for number in numbers]
        return [ProvenBlock(block.ref, tuple(block.logs)) for block in found]


# --- a random life ---------------------------------------------------------------------------

ANCHOR, SUPPLIERS, FUNDER, BANK = 1, (2, 3, 4), 5, 6


def founded() -> FakeChain:
    """A network with an anchor, suppliers, a funder and a bank, and money in their accounts."""
    chain = FakeChain()
    ledger = chain.ledger
    kinds = [
        ParticipantKind.ANCHOR,
        *[ParticipantKind.SUPPLIER] * len(SUPPLIERS),
        ParticipantKind.FUNDER,
        ParticipantKind.SETTLEMENT_BANK,
    ]
    chain.mine(*[ledger.admit(kind) for kind in kinds])
    accounts = [ledger.open_account(number) for number in range(1, BANK + 1)]
    money = [ledger.mint(number, 10**12) for number in (ANCHOR, FUNDER)]
    chain.mine([said.VenueAdmitted(ADDRESS["Issuance"])], *accounts, *money)
    chain.mine(
        ledger.open_programme(ANCHOR, acceptance_required=True),
        ledger.open_programme(ANCHOR, acceptance_required=False),
    )
    return chain


def dice_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a life is to be the same each time it is lived


def live(chain: FakeChain, blocks: int, dice: random.Random) -> None:
    """Let random acts happen, a few a block."""
    for _ in range(blocks):
        acts = [_random_act(chain.ledger, dice) for _ in range(dice.randrange(4))]
        chain.mine(*[events for events in acts if events])


def _random_act(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    return dice.choice(_ACTS)(ledger, dice)


def _issue(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    face = dice.randrange(100, 10_000)
    shared = f"document {dice.randrange(12)}"
    document = digest(shared) if dice.random() < 0.5 else digest(f"own {len(ledger.receivables)}")
    _, amount, _ = ledger.documents.get(ledger.current(document), (0, 10**9, 0))
    return ledger.issue(dice.choice([1, 2]), dice.choice(SUPPLIERS), face, document, amount)


def _issue_batch(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    rows = [(dice.choice(SUPPLIERS), dice.randrange(50, 500)) for _ in range(dice.randrange(2, 6))]
    return ledger.issue_batch(1, rows, refused=[dice.randrange(len(rows))])


def _carry(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    """One document goes on to the next epoch; or all that are left, and it opens."""
    left = ledger.uncarried()
    if left and dice.random() < 0.9:
        return ledger.carry(dice.choice(left))
    return [event for name in left for event in ledger.carry(name)] + ledger.open_epoch()


def _with_status(ledger: Ledger, status: ReceivableStatus) -> list[int]:
    return [n for n, entry in ledger.receivables.items() if entry.status is status]


def _answer_offer(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    offered = _with_status(ledger, ReceivableStatus.OFFERED)
    if not offered:
        return []
    number = dice.choice(offered)
    if dice.random() < 0.2:
        return dice.choice([ledger.refuse, ledger.withdraw, ledger.lapse])(number)
    return ledger.accept(number)


def _cancel(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    untouched = [
        lot
        for lot in _free_lots(ledger)
        if lot.transfer_count == 0 and ledger.receivables[lot.receivable_id].lot_count == 1
    ]
    if not untouched:
        return []
    lot = dice.choice(untouched)
    number = lot.receivable_id
    if number in ledger.cancellations:
        _, amount = ledger.cancellations[number]
        if amount <= lot.face_value_minor and dice.random() < 0.7:
            return ledger.agree_to_cancel(number)
    amount = lot.face_value_minor if dice.random() < 0.3 else lot.face_value_minor // 10 + 1
    terms = ledger.receivables[number].terms
    return ledger.propose_cancellation(number, dice.choice([terms.obligor, terms.supplier]), amount)


def _unsplit(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    free = {(lot.receivable_id, lot.lot_sequence): lot for lot in _free_lots(ledger)}
    children = []
    for lot in free.values():
        parent = free.get((lot.receivable_id, lot.parent_sequence))
        if parent is not None and (lot.holder, lot.tier, lot.transfer_count) == (
            parent.holder,
            parent.tier,
            parent.transfer_count,
        ):
            children.append(lot)
    if not children:
        return []
    lot = dice.choice(children)
    return ledger.unsplit(lot.receivable_id, lot.lot_sequence)


def _free_lots(ledger: Ledger) -> list[Lot]:
    active = set(_with_status(ledger, ReceivableStatus.ACTIVE))
    return [
        lot
        for lot in ledger.lots.values()
        if lot.receivable_id in active
        and lot.encumbrance is Encumbrance.NONE
        and not lot.is_settled
        and lot.paid_minor == 0
        and ledger.receivables[lot.receivable_id].paid_minor == 0
    ]


def _split(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    lots = [lot for lot in _free_lots(ledger) if lot.face_value_minor > 10]
    if not lots:
        return []
    lot = dice.choice(lots)
    others = [*SUPPLIERS, FUNDER]
    parts = [
        (dice.choice(others), dice.randrange(1, lot.face_value_minor // 4 + 1))
        for _ in range(dice.randrange(1, 4))
    ]
    return ledger.split(lot.receivable_id, lot.lot_sequence, parts)


def _transfer(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    lots = _free_lots(ledger)
    if not lots:
        return []
    lot = dice.choice(lots)
    to = dice.choice([number for number in (*SUPPLIERS, FUNDER) if number != lot.holder])
    way = ledger.propose if dice.random() < 0.7 else ledger.transfer_with_both_signatures
    return way(lot.receivable_id, lot.lot_sequence, to)


def _answer_transfer(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    active = set(_with_status(ledger, ReceivableStatus.ACTIVE))
    pending = [place for place in ledger.pending if place[0] in active]
    if not pending:
        return []
    answers = [
        said.TransferAccepted,
        said.TransferAccepted,
        said.TransferRejected,
        said.TransferRevoked,
        said.TransferLapsed,
    ]
    return ledger.answer(*dice.choice(pending), dice.choice(answers))


def _request(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    lots = [lot for lot in _free_lots(ledger) if lot.holder != FUNDER]
    if not lots:
        return []
    lot = dice.choice(lots)
    face = lot.face_value_minor
    part = face if dice.random() < 0.5 else dice.randrange(1, face + 1)
    return ledger.request(lot.receivable_id, lot.lot_sequence, part)


def _end_request(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    open_requests = [
        number
        for number, request in ledger.requests.items()
        if request.status is FinancingStatus.REQUESTED
        and ledger.lots[request.receivable_id, request.lot_sequence].encumbrance
        is Encumbrance.LOCKED_FINANCING
    ]
    if not open_requests:
        return []
    number = dice.choice(open_requests)
    request = ledger.requests[number]
    lot = ledger.lots[request.receivable_id, request.lot_sequence]
    receivable = ledger.receivables[request.receivable_id]
    can_fund = lot.paid_minor == 0 and receivable.status is ReceivableStatus.ACTIVE
    if can_fund and request.part == lot.face_value_minor and dice.random() < 0.5:
        price = max(1, request.part * 97 // 100)
        return ledger.award_by_transfer(number, FUNDER, price, BANK)
    if can_fund and dice.random() < 0.7:
        return ledger.award(number, FUNDER, max(1, request.part * 97 // 100))
    ended = dice.choice([FinancingStatus.WITHDRAWN, FinancingStatus.LAPSED])
    return ledger.end_request(number, ended)


def _end_award(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    """The price comes in, is confirmed first, or never does."""
    awards = [
        number
        for number, request in ledger.requests.items()
        if request.status is FinancingStatus.AWARDED
    ]
    if not awards:
        return []
    number = dice.choice(awards)
    request = ledger.requests[number]
    lot = ledger.lots[request.receivable_id, request.lot_sequence]
    is_locked = lot.encumbrance is Encumbrance.LOCKED_FINANCING
    if is_locked and lot.paid_minor == 0 and dice.random() < 0.7:
        if dice.random() < 0.3:
            return ledger.confirm_funding(number, BANK)
        return ledger.attest_funding(number, BANK)
    return ledger.end_request(number, FinancingStatus.FUNDING_FAILED)


def _settle(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    active = _with_status(ledger, ReceivableStatus.ACTIVE)
    if not active:
        return []
    number = dice.choice(active)
    receivable = ledger.receivables[number]
    amount = receivable.outstanding_minor
    if ledger.time >= receivable.terms.maturity_at and dice.random() < 0.5:
        amount = dice.randrange(1, amount + 1)
    return ledger.settle(number, amount, _some_lots(receivable, dice))


def _pay_rest(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    owing = [
        number
        for number, entry in ledger.receivables.items()
        if entry.paid_minor > entry.cleared_minor
    ]
    if not owing:
        return []
    number = dice.choice(owing)
    return ledger.pay_lots(number, _some_lots(ledger.receivables[number], dice))


def _some_lots(receivable: Receivable, dice: random.Random) -> list[int]:
    every = list(range(1, receivable.lot_count + 1))
    return dice.sample(every, dice.randrange(len(every) + 1))


def _administer(ledger: Ledger, dice: random.Random) -> list[said.Event]:
    organisation = dice.randrange(2, FUNDER)
    acts = [
        lambda: ledger.admit(ParticipantKind.SUPPLIER),
        lambda: ledger.change_status(organisation, dice.choice(list(ParticipantStatus)[1:])),
        lambda: ledger.set_limit(organisation, "CNY", dice.choice([5, 2**63 - 1])),
        lambda: ledger.revoke_key(organisation),
        lambda: ledger.change_terms(organisation, ParticipantKind.SUPPLIER),
        lambda: ledger.veto_key(organisation),
        lambda: ledger.cancel_order(organisation, digest(f"order {dice.randrange(1, 40)}")),
        lambda: ledger.replace_rules(1),
        lambda: ledger.open_programme(ANCHOR, acceptance_required=True),
        lambda: ledger.redeem(FUNDER, 1),
        lambda: [said.VenuePaused(ADDRESS["Issuance"], dice.random() < 0.5)],
        lambda: ledger.change_council(*range(1, dice.randrange(2, FUNDER))),
        lambda: ledger.decide(is_scheduled=dice.random() < 0.5) if ledger.term else [],
        lambda: [said.RoleGranted(1, address_of("admin"), 0, ledger.time, True)],
    ]
    return dice.choice(acts)()


_ACTS = (
    [_issue] * 4
    + [_issue_batch]
    + [_carry]
    + [_answer_offer] * 6
    + [_cancel] * 2
    + [_unsplit] * 2
    + [_split] * 4
    + [_transfer] * 4
    + [_answer_transfer] * 3
    + [_request] * 3
    + [_end_request] * 3
    + [_end_award] * 2
    + [_settle] * 2
    + [_pay_rest] * 2
    + [_administer] * 2
)
