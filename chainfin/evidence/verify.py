"""The verdicts on an evidence file, from the trusted block to the last word of its statement.

Each check stands on the ones before it, so the first that fails ends the verification and the
rest are not reached. Nothing is believed because the file says it: what is not proven is
recomputed, and what is neither is refused.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.commitments import document_commitment, fields_root
from chainfin.codec.errors import CodecError, ProofInvalid
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import from_address, to_hex
from chainfin.codec.headers import Header
from chainfin.codec.interfaces import load_interfaces
from chainfin.domain.events import LotFinanced, QuoteAwarded, ReceivableIssued
from chainfin.domain.participant import ParticipantKey
from chainfin.domain.receivable import Lot, ReceivableStatus, conserves_value
from chainfin.evidence.calls import Call, read_call
from chainfin.evidence.errors import (
    DocumentMismatch,
    EvidenceRefused,
    FactMissing,
    FactNotOrdered,
    KeySuperfluous,
    LotUnknown,
    StatementMismatch,
    StateMismatch,
    TransactionSuperfluous,
    ValueNotConserved,
)
from chainfin.evidence.ordered import check_ordered
from chainfin.evidence.package import Package, read_package
from chainfin.evidence.proofs import (
    Included,
    Storage,
    chain_headers,
    check_nodes,
    read_transactions,
)
from chainfin.evidence.record import Record, sequence_of
from chainfin.evidence.report import NOT_REACHED, Report, Verdict
from chainfin.evidence.signers import CheckedOrder, check_orders
from chainfin.evidence.statement import ProvenFact, lineage, make_statement
from chainfin.evidence.trust import Trust
from chainfin.evidence.words import (
    ProgrammeRules,
    Standing,
    read_key,
    read_lot,
    read_programme,
    read_standing,
)

_DEPOSIT = "TokenisedDeposit"


def verify(data: bytes, trust: Trust) -> Report:
    """Check an evidence file.

    Args:
        data: The file's bytes, from anybody.
        trust: The auditor's own.

    Returns:
        A verdict per check; it never raises for what is in the file.
    """
    examination = Examination(trust)
    checks: list[tuple[str, Callable[[], int]]] = [
        ("form", lambda: examination.read(data)),
        *examination.checks(),
        ("statement", examination.compare_statement),
    ]
    verdicts = tuple(_run(checks))
    holds = all(verdict.holds for verdict in verdicts)
    return Report(
        verdicts=verdicts,
        facts=len(examination.facts) if holds else 0,
        statement=examination.statement if holds else None,
    )


def state(package: Package, trust: Trust) -> dict[str, Any]:
    """The statement that a package proves, whatever statement it holds itself.

    Raises:
        EvidenceRefused: It proves none.
        CodecError: Bytes in it are not what their format says.
    """
    examination = Examination(trust)
    examination.package = package
    for _, check in examination.checks():
        check()
    return examination.make_statement()


def _run(checks: Iterable[tuple[str, Callable[[], int]]]) -> Iterable[Verdict]:
    has_failed = False
    for name, check in checks:
        if has_failed:
            yield Verdict(name, holds=False, facts=0, code=NOT_REACHED, reason="not reached")
            continue
        try:
            yield Verdict(name, holds=True, facts=check())
        except (EvidenceRefused, CodecError) as error:
            has_failed = True
            code = type(error).__name__
            yield Verdict(name, holds=False, facts=0, code=code, reason=f"{code}: {error}")


@dataclass
class Examination:
    """One verification: what is known so far. Each check returns how many things it found so."""

    trust: Trust
    package: Package = field(init=False)
    headers: list[Header] = field(init=False)
    included: list[Included] = field(init=False)
    standing: Standing = field(init=False)
    programme: ProgrammeRules = field(init=False)
    lot: Lot = field(init=False)
    keys: dict[str, ParticipantKey] = field(init=False)
    calls: list[Call] = field(init=False)
    orders: list[tuple[CheckedOrder, ...]] = field(init=False)
    facts: list[ProvenFact] = field(default_factory=list)
    record: Record | None = None
    statement: dict[str, Any] | None = None

    def checks(self) -> list[tuple[str, Callable[[], int]]]:
        """Everything between form and statement, in order."""
        return [
            ("headers", self.check_headers),
            ("inclusion", self.check_inclusion),
            ("state", self.check_state),
            ("orders", self.check_orders),
            ("lineage", self.check_lineage),
            ("conservation", self.check_conservation),
            ("document", self.check_document),
        ]

    def read(self, data: bytes) -> int:
        """The file is in the one form of its content."""
        self.package = read_package(data)
        return len(data)

    def check_headers(self) -> int:
        """The headers lead to the trusted block."""
        self.headers = chain_headers(self.package.headers, self.trust)
        return len(self.headers)

    def check_inclusion(self) -> int:
        """Each transaction and its receipt are in their block."""
        check_nodes(self.package)
        self.included = read_transactions(self.package, self.headers)
        return 2 * len(self.included)

    def check_state(self) -> int:
        """The contracts held these words at the checkpoint."""
        places, lot_id = self.package.state, self.package.lot_id
        ledger = self._storage("ReceivableLedger", places.ledger)
        slots = load_interfaces()["ReceivableLedger"]
        receivable = lot_id.receivable_id.to_bytes(32, "big")
        self.standing = read_standing(
            ledger.word(slots.slot("_standings", receivable), places.standing)
        )
        programme = self.standing.programme_id.to_bytes(32, "big")
        self.programme = read_programme(
            ledger.word(slots.slot("_programmes", programme), places.programme)
        )
        lot = lot_id.token_id.to_bytes(32, "big")
        self.lot = read_lot(lot_id, ledger.word(slots.slot("_lots", lot), places.lot))
        if not self.lot.holder:
            raise LotUnknown(f"there is no lot {lot_id}")
        self.keys = self._read_keys()
        return 3 + len(self.keys)

    def _read_keys(self) -> dict[str, ParticipantKey]:
        places = self.package.state
        registry = self._storage("ParticipantRegistry", places.registry)
        slots = load_interfaces()["ParticipantRegistry"]
        addresses = [entry.key for entry in places.keys]
        if sorted(set(addresses)) != addresses:
            raise KeySuperfluous("the keys are not in order")
        return {
            entry.key: read_key(
                entry.key, registry.word(slots.slot("_keys", from_address(entry.key)), entry.word)
            )
            for entry in places.keys
        }

    def _storage(self, contract: str, account: tuple[int, ...]) -> Storage:
        address = self.trust.contracts[contract]
        return Storage(self.package, self.headers[-1].state_root, address, account)

    def check_orders(self) -> int:
        """Every order was signed by keys valid then, and run."""
        decoder = event_decoder(self.trust, self.programme.deposit)
        receivable_id = self.package.lot_id.receivable_id
        self.calls = [read_call(each, decoder, receivable_id, self.trust) for each in self.included]
        domain = self.trust.signing_domain()
        self.orders = [
            tuple(check_orders(call, self.keys, self.trust, domain)) for call in self.calls
        ]
        orders = [entry.order for entries in self.orders for entry in entries]
        signed = {approval.key for order in orders for approval in order.approvals}
        if superfluous := sorted(set(self.keys) - signed):
            raise KeySuperfluous(f"key {superfluous[0]} signed nothing here")
        for order in orders:
            currency = order.message.get("currency", self.programme.currency.encode())
            if currency != self.programme.currency.encode():
                raise FactNotOrdered(f"a {order.primary_type} is in {currency!r}")
        return len(orders)

    def check_lineage(self) -> int:
        """The facts are all there are, each was ordered, and they lead to the proven state."""
        for call, orders in zip(self.calls, self.orders, strict=True):
            if not call.facts:
                raise TransactionSuperfluous(f"{call.transaction_hash} holds no fact")
            for event in call.facts:
                self._take(ProvenFact(event, call, orders))
        last = sequence_of(self.facts[-1].event)
        if last != self.standing.sequence or isinstance(self.facts[-1].event, LotFinanced):
            raise FactMissing(
                f"the facts end with number {last}, the ledger had counted "
                f"{self.standing.sequence} at the checkpoint"
            )
        self._compare_state(self._record())
        return len(self.facts)

    def _compare_state(self, record: Record) -> None:
        receivable = record.receivable
        found = Standing(
            status=receivable.status,
            paid_minor=receivable.paid_minor,
            cleared_minor=receivable.cleared_minor,
            lot_count=receivable.lot_count,
            programme_id=receivable.terms.programme_id,
            sequence=receivable.sequence,
        )
        if receivable.terms.obligor != self.programme.anchor:
            raise StateMismatch(f"the programme is not {receivable.terms.obligor}'s")
        if found != self.standing:
            raise StateMismatch(f"the facts lead to {found}, the ledger had {self.standing}")
        lot = record.lots.get(self.package.lot_id.lot_sequence)
        if lot != self.lot:
            raise StateMismatch(f"the facts lead to {lot}, the ledger had {self.lot}")

    def _take(self, fact: ProvenFact) -> None:
        event = fact.event
        _require_next(self.facts[-1] if self.facts else None, fact)
        check_ordered(fact.call, event, self.record)
        if self.record is None and isinstance(event, ReceivableIssued):
            self.record = Record(event)
        elif self.record is not None:
            self.record.apply(event)
        self.facts.append(fact)

    def _record(self) -> Record:
        if self.record is None:
            raise FactMissing("there is no issue")
        return self.record

    def check_conservation(self) -> int:
        """What lots are owed and were paid is the face, and every lot reaches the root."""
        record = self._record()
        lots, receivable = list(record.lots.values()), record.receivable
        if not conserves_value(receivable, lots):
            raise ValueNotConserved(f"receivable {receivable.receivable_id} does not add up")
        if receivable.status is ReceivableStatus.SETTLED and receivable.outstanding_minor:
            raise ValueNotConserved(f"receivable {receivable.receivable_id} is settled and owed")
        for lot in lots:
            lineage(record.lots, lot.lot_id)
        return len(lots)

    def check_document(self) -> int:
        """The document, where there is one, is the one committed to at issue."""
        issued, opening = self._record().issued, self.package.document
        if opening is None:
            return 0
        commitment = document_commitment(
            salt=opening.salt,
            file_hash=sha256(opening.file).digest(),
            fields_root=fields_root(opening.facts, opening.salt),
        )
        if to_hex(commitment) != issued.document_commitment:
            raise DocumentMismatch(
                f"the document's commitment is {to_hex(commitment)}, "
                f"on the chain is {issued.document_commitment}"
            )
        return 1

    def make_statement(self) -> dict[str, Any]:
        """The statement of what was proven."""
        return make_statement(
            checkpoint=self.headers[-1],
            lot_id=self.package.lot_id,
            facts=self.facts,
            record=self._record(),
            programme=self.programme,
            opening=self.package.document,
        )

    def compare_statement(self) -> int:
        """The file's statement is the recomputed one, byte for byte."""
        self.statement = self.make_statement()
        if canonical_bytes(self.statement) != canonical_bytes(self.package.statement):
            name = _first_difference(self.statement, self.package.statement)
            raise StatementMismatch(f"what the file says of “{name}” is not what it proves")
        return len(self.statement)


def event_decoder(trust: Trust, deposit: str) -> EventDecoder:
    """Reads what the trusted contracts and the programme's deposit say.

    Raises:
        ProofInvalid: The programme's deposit is one of the other contracts.
    """
    contracts = {address: name for name, address in trust.contracts.items()}
    if deposit in contracts:
        raise ProofInvalid(f"the programme's deposit is the {contracts[deposit]}")
    contracts[deposit] = _DEPOSIT
    abis = {name: load_interfaces()[name].abi for name in contracts.values()}
    return EventDecoder(abis, contracts)


def _require_next(before: ProvenFact | None, fact: ProvenFact) -> None:
    """Refuse a gap. An award is two facts under one number: the title, then its price."""
    number, last = sequence_of(fact.event), sequence_of(before.event) if before else 0
    is_title = before is not None and isinstance(before.event, LotFinanced)
    is_price = isinstance(fact.event, QuoteAwarded)
    if is_title != is_price:
        raise FactMissing(f"of the award under number {last} or {number} one half is missing")
    if number != last + (0 if is_price else 1):
        raise FactMissing(f"after fact number {last} comes number {number}")


def _first_difference(proven: dict[str, Any], said: dict[str, Any]) -> str:
    for name in sorted(set(proven) | set(said)):
        if canonical_bytes(proven.get(name)) != canonical_bytes(said.get(name)):
            return name
    return "its members"
