"""The history of one receivable: its facts in order, each as ordered, up to the proven state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from chainfin.codec.commitments import document_commitment, fields_root
from chainfin.codec.hashing import to_hex
from chainfin.domain.events import (
    FundingAwaited,
    LotFinanced,
    LotPaidEarly,
    QuoteAwarded,
    ReceivableEvent,
    ReceivableIssued,
)
from chainfin.domain.receivable import Lot, ReceivableStatus, conserves_value
from chainfin.evidence.calls import Call
from chainfin.evidence.errors import (
    DocumentMismatch,
    FactMissing,
    FactNotOrdered,
    StateMismatch,
    ValueNotConserved,
)
from chainfin.evidence.ordered import check_ordered
from chainfin.evidence.package import Opening
from chainfin.evidence.record import Record, sequence_of
from chainfin.evidence.signers import CheckedOrder
from chainfin.evidence.words import ProgrammeRules, Standing, Undertaking

_TITLES = (LotFinanced, LotPaidEarly, FundingAwaited)
"""What an award does to the title, or has it wait for; its price is the fact after it."""


@dataclass(frozen=True, slots=True)
class ProvenFact:
    """A fact, the transaction it happened in, and the orders of that transaction."""

    event: ReceivableEvent
    call: Call
    orders: tuple[CheckedOrder, ...]


@dataclass
class History:
    """A receivable as it is known so far.

    Attributes:
        receivable_id: Its number.
        undertaking: What was undertaken, as it was at the checkpoint, proven.
        standing: How it stood then, proven.
        programme: The rules of its programme, proven.
        lots: The lots the subject asks for as they were at the checkpoint, proven.
        opening: The trade document, if the file discloses it.
        facts: Taken in, in order.
        record: What they say.
    """

    receivable_id: int
    undertaking: Undertaking
    standing: Standing
    programme: ProgrammeRules
    lots: Sequence[Lot]
    opening: Opening | None
    facts: list[ProvenFact] = field(default_factory=list)
    record: Record | None = None

    def take_all(self, calls: Iterable[tuple[Call, tuple[CheckedOrder, ...]]]) -> None:
        """Take every fact in and compare the outcome with the state at the checkpoint.

        Raises:
            FactMissing: There is a gap, or the facts end before the ledger's own count.
            FactNotOrdered, FactImpossible, PaymentMissing: A fact is not what was ordered, or
                contradicts those before it.
            StateMismatch: The facts lead elsewhere.
        """
        for call, orders in calls:
            self._require_currency(orders)
            for event in call.facts:
                self._take(ProvenFact(event, call, orders))
        last = sequence_of(self.facts[-1].event) if self.facts else 0
        is_half = bool(self.facts) and isinstance(self.facts[-1].event, _TITLES)
        if last != self.standing.sequence or is_half:
            raise FactMissing(
                f"the facts of receivable {self.receivable_id} end with number {last}, the ledger "
                f"had counted {self.standing.sequence} at the checkpoint"
            )
        self._compare_state()

    def known(self) -> Record:
        """What the facts say.

        Raises:
            FactMissing: There are none.
        """
        if self.record is None:
            raise FactMissing(f"there is no issue of receivable {self.receivable_id}")
        return self.record

    def check_conservation(self) -> int:
        """What lots are owed and were paid is the face, and every lot reaches the root.

        Raises:
            ValueNotConserved: It does not add up.
        """
        record = self.known()
        lots, receivable = list(record.lots.values()), record.receivable
        if not conserves_value(receivable, lots):
            raise ValueNotConserved(f"receivable {self.receivable_id} does not add up")
        if receivable.status is ReceivableStatus.SETTLED and receivable.outstanding_minor:
            raise ValueNotConserved(f"receivable {self.receivable_id} is settled and owed")
        for lot in lots:
            record.lineage(lot.lot_sequence)
        return len(lots)

    def check_document(self) -> int:
        """The document, where there is one, is the one committed to at issue.

        Raises:
            DocumentMismatch: It is another.
        """
        issued, opening = self.known().issued, self.opening
        if opening is None:
            return 0
        commitment = document_commitment(
            salt=opening.salt,
            file_hash=sha256(opening.file).digest(),
            fields_root=fields_root(opening.fields, opening.salt),
        )
        if to_hex(commitment) != issued.document_commitment:
            raise DocumentMismatch(
                f"the document's commitment is {to_hex(commitment)}, "
                f"on the chain is {issued.document_commitment}"
            )
        return 1

    def _take(self, fact: ProvenFact) -> None:
        event = fact.event
        _require_next(self.facts[-1] if self.facts else None, fact)
        check_ordered(fact.call, event, self.record)
        if self.record is None and isinstance(event, ReceivableIssued):
            self.record = Record(event)
        elif self.record is not None:
            self.record.apply(event)
        self.facts.append(fact)

    def _require_currency(self, orders: Iterable[CheckedOrder]) -> None:
        expected = self.programme.currency.encode()
        for entry in orders:
            found = entry.order.message.get("currency", expected)
            if found != expected:
                raise FactNotOrdered(f"a {entry.order.primary_type} is in {found!r}")

    def _compare_state(self) -> None:
        record = self.known()
        receivable = record.receivable
        terms = receivable.terms
        undertaken = Undertaking(
            supplier=terms.supplier,
            maturity_at=terms.maturity_at,
            grace_ends_at=terms.grace_ends_at,
            face_value_minor=terms.face_value_minor,
            document_tag=receivable.document_tag,
            programme_id=terms.programme_id,
        )
        if undertaken != self.undertaking:
            raise StateMismatch(
                f"the facts lead to {undertaken}, the ledger had {self.undertaking}"
            )
        found = Standing(
            status=receivable.status,
            paid_minor=receivable.paid_minor,
            cleared_minor=receivable.cleared_minor,
            lot_count=receivable.lot_count,
            programme_id=receivable.terms.programme_id,
            sequence=receivable.sequence,
            arrears=receivable.arrears,
            has_attested=bool(record.attested),
        )
        if receivable.terms.obligor != self.programme.anchor:
            raise StateMismatch(f"the programme is not {receivable.terms.obligor}'s")
        if found != self.standing:
            raise StateMismatch(f"the facts lead to {found}, the ledger had {self.standing}")
        for proven in self.lots:
            lot = record.lots.get(proven.lot_sequence)
            if lot != proven:
                raise StateMismatch(f"the facts lead to {lot}, the ledger had {proven}")


def _require_next(before: ProvenFact | None, fact: ProvenFact) -> None:
    """Refuse a gap. An award is two facts under one number: the title, then its price."""
    number, last = sequence_of(fact.event), sequence_of(before.event) if before else 0
    is_title = before is not None and isinstance(before.event, _TITLES)
    is_price = isinstance(fact.event, QuoteAwarded)
    if is_title != is_price:
        raise FactMissing(f"of the award under number {last} or {number} one half is missing")
    if number != last + (0 if is_price else 1):
        raise FactMissing(f"after fact number {last} comes number {number}")
