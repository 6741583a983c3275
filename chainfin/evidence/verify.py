"""The verdicts on an evidence file, from the auditor's root of trust to the last word it states.

Each check names the checks it stands on: where one of those failed, it is not reached. Nothing is
believed because the file says it: what is not proven is recomputed, and what is neither is
refused.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.errors import CodecError, ProofInvalid
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import WORD_BYTES, from_address
from chainfin.codec.headers import Header
from chainfin.codec.interfaces import load_interfaces
from chainfin.codec.transactions import Transaction
from chainfin.domain.participant import ParticipantKey
from chainfin.domain.receivable import ROOT_SEQUENCE, LotId
from chainfin.evidence.calls import Call, read_call
from chainfin.evidence.checkpoints import Demands, Vouched, check_vouchers
from chainfin.evidence.errors import (
    CheckpointMismatch,
    EvidenceRefused,
    KeySuperfluous,
    LotUnknown,
    StatementMismatch,
    SubjectMismatch,
    TransactionSuperfluous,
    TrustMismatch,
)
from chainfin.evidence.history import History
from chainfin.evidence.package import Package, ReceivablePlaces, read_package
from chainfin.evidence.proofs import (
    Included,
    Storage,
    read_headers,
    read_receipts,
    read_transactions,
    require_no_other_headers,
)
from chainfin.evidence.report import NOT_REACHED, Report, Verdict
from chainfin.evidence.seals import Seals, check_seals
from chainfin.evidence.signers import CheckedOrder, check_orders
from chainfin.evidence.stated import Statement
from chainfin.evidence.statement import make_statement
from chainfin.evidence.trust import Root, Trust, TrustFile, ValidatorsRoot
from chainfin.evidence.words import (
    read_key,
    read_lot,
    read_programme,
    read_standing,
    read_undertaking,
)

_DEPOSIT = "TokenisedDeposit"


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: Its verdict's name.
        run: Answers how many things it found so, or refuses.
        needs: The checks it stands on.
    """

    name: str
    run: Callable[[], int]
    needs: tuple[str, ...]


def verify(data: bytes, trust: Trust) -> Report:
    """Check an evidence file.

    Args:
        data: The file's bytes, from anybody.
        trust: The auditor's own.

    Returns:
        A verdict per check; it never raises for what is in the file.
    """
    examination = Examination(trust)
    checks = [
        Check("form", lambda: examination.read(data), ()),
        *examination.checks(),
    ]
    everything = tuple(check.name for check in checks)
    checks.append(Check("statement", examination.compare_statement, everything))
    verdicts = tuple(_run(checks))
    holds = all(verdict.holds for verdict in verdicts)
    return Report(
        verdicts=verdicts,
        facts=examination.fact_count if holds else 0,
        statement=examination.statement if holds else None,
    )


def verify_for(data: bytes, file: TrustFile, demands: Demands) -> Report:
    """Check an evidence file and who vouches for the trust file it is checked against.

    Returns:
        As `verify`, with a verdict `trust` before the others: how many keys signed the trust, and
        the stamp if one was asked for.
    """
    vouched = next(iter(_run([Check("trust", lambda: _count(check_vouchers(file, demands)), ())])))
    report = verify(data, file.trust)
    verdicts = (vouched, *report.verdicts)
    return replace(report, verdicts=verdicts) if vouched.holds else Report(verdicts, 0, None)


def _count(vouched: Vouched) -> int:
    return len(vouched.keys) + (vouched.stamped_at is not None)


def state(package: Package) -> Statement:
    """The statement that a package proves to whoever trusts its root, whatever it states itself.

    Raises:
        EvidenceRefused: It proves none.
        CodecError: Bytes in it are not what their format says.
    """
    examination = Examination(package.trust)
    examination.package = package
    for check in examination.checks():
        check.run()
    return examination.make_statement()


def _run(checks: Iterable[Check]) -> Iterable[Verdict]:
    failed: set[str] = set()
    for check in checks:
        if failed.intersection(check.needs):
            failed.add(check.name)
            yield Verdict(check.name, holds=False, code=NOT_REACHED, reason="not reached")
            continue
        try:
            yield Verdict(check.name, holds=True, count=check.run())
        except (EvidenceRefused, CodecError) as error:
            failed.add(check.name)
            code = type(error).__name__
            yield Verdict(check.name, holds=False, code=code, reason=f"{code}: {error}")


@dataclass
class Examination:
    """One verification: what is known so far. Each check returns how many things it found so."""

    trust: Trust
    package: Package = field(init=False)
    headers: list[Header] = field(init=False)
    seals: Seals | None = None
    transactions: list[tuple[Header, Transaction]] = field(init=False)
    included: list[Included] = field(init=False)
    keys: dict[str, ParticipantKey] = field(init=False)
    histories: list[History] = field(default_factory=list)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    orders: list[tuple[CheckedOrder, ...]] = field(init=False)
    statement: Statement | None = None

    @property
    def fact_count(self) -> int:
        """How many facts were proven."""
        return sum(len(history.facts) for history in self.histories)

    def checks(self) -> list[Check]:
        """Everything between form and statement, in order."""
        return [
            Check("headers", self.check_headers, ("form",)),
            Check("seals", self.check_seals, ("headers",)),
            Check("transactions", self.check_transactions, ("headers",)),
            Check("receipts", self.check_receipts, ("transactions",)),
            Check("state", self.check_state, ("headers",)),
            Check("orders", self.check_orders, ("receipts", "state")),
            Check("lineage", self.check_lineage, ("orders",)),
            Check("conservation", self.check_conservation, ("lineage",)),
            Check("documents", self.check_documents, ("lineage",)),
        ]

    def read(self, data: bytes) -> int:
        """The file is in the one form of its content; answers its bytes."""
        self.package = read_package(data)
        return len(data)

    def check_headers(self) -> int:
        """The headers lead to the auditor's root of trust."""
        _require_same_trust(self.package.trust, self.trust)
        self.headers = read_headers(self.package.headers, self.trust)
        require_no_other_headers(self.package, self.headers)
        return len(self.headers)

    def check_seals(self) -> int:
        """Each header was sealed by a quorum of the validators; 0 where one block is trusted."""
        if isinstance(self.trust.root, ValidatorsRoot):
            pairs = zip(self.headers, self.package.headers, strict=True)
            self.seals = check_seals(pairs, self.trust.root)
        return self.seals.seal_count if self.seals else 0

    def check_transactions(self) -> int:
        """Each transaction is in its block."""
        self.transactions = read_transactions(self.package, self.headers)
        return len(self.transactions)

    def check_receipts(self) -> int:
        """Each transaction's receipt is in the same block; it succeeded."""
        self.included = read_receipts(self.package, self.transactions)
        return len(self.included)

    def check_state(self) -> int:
        """The contracts held these words at the checkpoint; they are those the subject asks for."""
        ledger = self._storage("ReceivableLedger", self.package.state.ledger)
        numbers = [places.receivable_id for places in self.package.receivables]
        if not numbers or sorted(set(numbers)) != numbers:
            raise SubjectMismatch("the receivables are not in order, each once")
        self.histories = [_read_history(ledger, each) for each in self.package.receivables]
        self.keys = self._read_keys()
        _require_subject(self.package, self.histories)
        return sum(2 + len(each.lots) for each in self.histories) + len(self.keys)

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
        for deposit in sorted({history.programme.deposit for history in self.histories}):
            decoder = event_decoder(self.trust, deposit)
            self.calls[deposit] = [read_call(each, decoder, self.trust) for each in self.included]
        # The orders of a transaction are the same whichever deposit its events were read with.
        calls = next(iter(self.calls.values()))
        domain = self.trust.signing_domain()
        self.orders = [tuple(check_orders(call, self.keys, self.trust, domain)) for call in calls]
        orders = [entry.order for entries in self.orders for entry in entries]
        signed = {approval.key for order in orders for approval in order.approvals}
        if superfluous := sorted(set(self.keys) - signed):
            raise KeySuperfluous(f"key {superfluous[0]} signed nothing here")
        return len(orders)

    def check_lineage(self) -> int:
        """The facts are all there are, each was ordered, and they lead to the proven state."""
        places = self._places_of_facts()
        for history in self.histories:
            calls = self.calls[history.programme.deposit]
            history.take_all(
                (calls[place].about(history.receivable_id), self.orders[place])
                for place in places[history.receivable_id]
            )
        _require_part(self.package, self.histories)
        return self.fact_count

    def _places_of_facts(self) -> Mapping[int, list[int]]:
        """Which transactions hold facts of each receivable; each must hold one."""
        found: dict[int, list[int]] = {each.receivable_id: [] for each in self.histories}
        calls = next(iter(self.calls.values()))
        for place, call in enumerate(calls):
            numbers = found.keys() & call.receivable_ids
            if not numbers:
                raise TransactionSuperfluous(f"{call.transaction_hash} holds no fact")
            for number in numbers:
                found[number].append(place)
        return found

    def check_conservation(self) -> int:
        """What lots are owed and were paid is the face, and every lot reaches the root."""
        return sum(history.check_conservation() for history in self.histories)

    def check_documents(self) -> int:
        """Each disclosed document is the one committed to at issue."""
        return sum(history.check_document() for history in self.histories)

    def make_statement(self) -> Statement:
        """The statement of what was proven."""
        return make_statement(
            trust=self.trust,
            subject=self.package.subject,
            headers=self.headers,
            seals=self.seals,
            histories=self.histories,
            keys=self.keys,
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


def _require_same_trust(found: Trust, wanted: Trust) -> None:
    """Refuse evidence for another network; of the same one, the root decides by its headers."""
    for name in ("chain_id", "contracts", "domain"):
        if getattr(found, name) != getattr(wanted, name):
            raise TrustMismatch(f"the file's {name} is not the one in the trust file")
    if found.root != wanted.root:
        raise CheckpointMismatch(
            f"the file was made for {_root(found.root)}, trusted is {_root(wanted.root)}: export "
            "for that root, or take a checkpoint that fits the file"
        )


def _root(root: Root) -> str:
    if isinstance(root, ValidatorsRoot):
        return f"{len(root.validators)} validators at block {root.block_number}"
    return f"block {root.block_number} {root.block_hash}"


def _read_history(ledger: Storage, places: ReceivablePlaces) -> History:
    slots = load_interfaces()["ReceivableLedger"]
    number = places.receivable_id
    key = _word(number)
    undertaking = read_undertaking(
        ledger.word(slots.slot("_undertakings", key), places.undertaking)
    )
    standing = read_standing(
        ledger.word(slots.slot("_standings", key), places.standing), undertaking
    )
    programme = ledger.word(
        slots.slot("_programmes", _word(undertaking.programme_id)), places.programme
    )
    lots = []
    for place in places.lots:
        lot_id = LotId(number, place.lot)
        word = ledger.word(slots.slot("_lots", _word(lot_id.token_id)), place.word)
        lots.append(read_lot(lot_id, word))
        if not lots[-1].holder:
            raise LotUnknown(f"there is no lot {lot_id}")
    return History(number, undertaking, standing, read_programme(programme), lots, places.document)


def _word(number: int) -> bytes:
    return number.to_bytes(WORD_BYTES, "big")


def _require_subject(package: Package, histories: Iterable[History]) -> None:
    """Refuse other receivables and lots than the subject asks for."""
    subject, found = package.subject, list(histories)
    if subject.kind == "lot":
        wanted = [
            str(LotId(each.receivable_id, lot.lot_sequence)) for each in found for lot in each.lots
        ]
        if wanted != [subject.id]:
            raise SubjectMismatch(f"the file proves {', '.join(wanted) or 'nothing'}")
        return
    if subject.kind == "receivable" and [str(each.receivable_id) for each in found] != [subject.id]:
        raise SubjectMismatch(f"the file proves other receivables than {subject.id}")
    for history in found:
        numbers = [lot.lot_sequence for lot in history.lots]
        if numbers != list(range(ROOT_SEQUENCE, history.standing.lot_count + ROOT_SEQUENCE)):
            raise SubjectMismatch(f"not every lot of {history.receivable_id} is proven")


def _require_part(package: Package, histories: Iterable[History]) -> None:
    """Refuse receivables that a participant had no part in, or not in the time asked for."""
    subject = package.subject
    if subject.kind != "participant":
        return
    for history in histories:
        if int(subject.id) not in history.known().parties:
            raise SubjectMismatch(f"{subject} had no part in {history.receivable_id}")
        last = history.facts[-1].call.included.header.number
        if last < subject.from_block:
            raise SubjectMismatch(f"{history.receivable_id} has no fact since its first block")


def _first_difference(proven: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    for name in sorted(set(proven) | set(said)):
        if canonical_bytes(proven.get(name)) != canonical_bytes(said.get(name)):
            return name
    return "its members"
