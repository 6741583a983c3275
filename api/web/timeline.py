"""The facts of a trail as acts in words: what one transaction did, and who ordered it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from api.web.formats import instant_text, percentage_text
from api.web.names import Names

_ORGANISATIONS = frozenset(
    {
        "obligor",
        "supplier",
        "holder",
        "from",
        "to",
        "funder",
        "organisation",
        "payer",
        "payee",
        "pledgee",
        "court",
        "seller",
        "bank",
    }
)
_AMOUNTS = frozenset(
    {
        "face_value",
        "remaining_face_value",
        "amount",
        "paid",
        "part_face_value",
        "net_proceeds",
        "outstanding",
        "late_interest",
        "secured_amount",
    }
)
_INSTANTS = frozenset({"maturity_at", "expires_at", "due_at", "filed_at", "value_at", "pay_by"})

_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "ReceivableIssued": "issue",
        "ReceivableAccepted": "issue",
        "ReceivableRefused": "refusal",
        "ReceivableWithdrawn": "refusal",
        "ReceivableLapsed": "refusal",
        "CancellationProposed": "refusal",
        "ReceivableCancelled": "refusal",
        "LotUnsplit": "split",
        "TransferRejected": "refusal",
        "LotSplit": "split",
        "TransferProposed": "transfer",
        "TransferAccepted": "transfer",
        "LotTransferred": "transfer",
        "FinancingRequested": "financing",
        "LotPaidEarly": "payment",
        "LotFinanced": "financing",
        "FundingAwaited": "financing",
        "FundingConfirmed": "payment",
        "FundingAttested": "financing",
        "QuoteAwarded": "financing",
        "ReceivableSettled": "payment",
        "LotsPaid": "payment",
        "PaymentConfirmed": "payment",
        "PaymentAttested": "payment",
        "ReceivableOverdue": "refusal",
        "ReceivableDefaulted": "refusal",
        "LotWrittenOff": "refusal",
        "FilingRecorded": "financing",
        "QuoteFunded": "financing",
        "FundedQuoteEnded": "financing",
        "DepositReserved": "payment",
        "ReserveReleased": "payment",
        "HoldbackKept": "financing",
        "HoldbackEnded": "financing",
        "InterestBorne": "financing",
        "InterestEnded": "financing",
        "PledgeProposed": "financing",
        "LotPledged": "financing",
        "PledgeReleased": "issue",
        "PledgeEnforced": "refusal",
        "LotFrozen": "refusal",
        "LotHeld": "refusal",
        "FreezeRenewed": "refusal",
        "FreezeLifted": "issue",
        "RecourseClaimed": "financing",
        "LotRepurchased": "financing",
        "DepositEarmarked": "payment",
        "EarmarkPaid": "payment",
    }
)
"""The colour of an act by the fact that names it."""

_BEHIND = frozenset(
    {
        "DepositEarmarked",
        "DepositReserved",
        "EarmarkPaid",
        "FinancingRequestEnded",
        "FundedQuoteEnded",
        "HoldbackEnded",
        "HoldbackKept",
        "InterestEnded",
        "LateInterestCharged",
        "LateInterestPaid",
        "LotsPaid",
        "ReserveReleased",
    }
)
"""Facts that name an act only where no other fact of it does."""


@dataclass(frozen=True, slots=True)
class Act:
    """What one transaction did.

    Attributes:
        title: What kind of act it was.
        colour: Its group, for the mark beside it.
        facts: A sentence for each fact.
        orders: The orders it ran, as `audit` gives them.
        at: The block's time.
        block_number: The block.
        block_hash: The block's hash.
        transaction_hash: The transaction.
    """

    title: str
    colour: str
    facts: tuple[str, ...]
    orders: Sequence[Mapping[str, Any]]
    at: int
    block_number: int
    block_hash: str
    transaction_hash: str


def acts_of(
    entries: Sequence[Mapping[str, Any]],
    receivable: Mapping[str, Any],
    names: Names,
    lineage: frozenset[str] | None = None,
) -> list[Act]:
    """Entries of a trail by transaction, in chain order.

    Args:
        entries: As `audit.read_lot_history` and `audit.read_history` give them.
        receivable: The receivable they are about.
        names: Of organisations.
        lineage: Only payments to these lots are shown, if it is given.
    """
    writer = _Writer(receivable, names, lineage)
    by_transaction = groupby(entries, key=lambda entry: entry["transaction_hash"])
    return [_act(list(group), writer) for _, group in by_transaction]


def _act(entries: Sequence[Mapping[str, Any]], writer: "_Writer") -> Act:
    first = entries[0]
    events = [entry["event"] for entry in entries]
    naming = next((event for event in events if event not in _BEHIND), events[0])
    return Act(
        title=writer.title(naming),
        colour=_COLOURS.get(naming, "other"),
        facts=tuple(
            writer.sentence(_told_as(entry["event"], events), entry["facts"]) for entry in entries
        ),
        orders=first["orders"],
        at=first["at"],
        block_number=first["block_number"],
        block_hash=first["block_hash"],
        transaction_hash=first["transaction_hash"],
    )


def _told_as(event: str, events: Sequence[str]) -> str:
    """What a fact is told as beside others: a price by transfer is not paid with its award."""
    return f"{event}.awaited" if event == "QuoteAwarded" and "FundingAwaited" in events else event


class _Writer:
    """Writes facts as sentences."""

    def __init__(
        self, receivable: Mapping[str, Any], names: Names, lineage: frozenset[str] | None
    ) -> None:
        """Set how a field is shown, by its name."""
        self.receivable = receivable
        self.names = names
        self.lineage = lineage
        self._show: dict[str, Callable[[Any], str]] = {
            **dict.fromkeys(_ORGANISATIONS, names),
            **dict.fromkeys(_AMOUNTS, self._money),
            **dict.fromkeys(_INSTANTS, instant_text),
            "parts": self._parts,
            "payments": self._payments,
            "with_recourse": self._recourse,
            "share_bps": percentage_text,
            "status": self._ended,
        }

    def title(self, event: str) -> str:
        """What kind of act a fact is; its name, where there are no words for it."""
        key = f"act.{event}"
        return self.names.words(key) if self.names.words.has(key) else event

    def sentence(self, event: str, facts: Mapping[str, Any]) -> str:
        """A fact; its name, where there are no words for it."""
        key = f"fact.{event}"
        if not self.names.words.has(key):
            return event
        if event == "LotFinanced" and facts["lot_sequence"] == facts["parent_sequence"]:
            key += ".whole"
        parties = {name: self.receivable[name] for name in ("obligor", "supplier")}
        return self.names.words(key, **self._fields({**parties, **facts}))

    def _fields(self, facts: Mapping[str, Any]) -> dict[str, str]:
        shown = {name: self._show.get(name, str)(value) for name, value in facts.items()}
        for name, field in (("lot", "lot_sequence"), ("parent", "parent_sequence")):
            if field in facts:
                shown[name] = self._lot_id(facts[field])
        return shown

    def _parts(self, parts: Sequence[Mapping[str, Any]]) -> str:
        items = [self.names.words("item.part", **self._fields(part)) for part in parts]
        return self.names.words("item.separator").join(items)

    def _payments(self, payments: Sequence[Mapping[str, Any]]) -> str:
        """Payments to lots; those out of an earmark name no lot and repeat others."""
        items = [
            self.names.words("item.payment", **self._fields(payment))
            for payment in payments
            if "lot_sequence" in payment and self._is_shown(payment["lot_sequence"])
        ]
        return self.names.words("item.separator").join(items)

    def _is_shown(self, lot_sequence: int) -> bool:
        return self.lineage is None or self._lot_id(lot_sequence) in self.lineage

    def _recourse(self, value: Any) -> str:
        return self.names.words("recourse.yes" if value else "recourse.no")

    def _ended(self, value: str) -> str:
        """How a financing request ended; other statuses are in no sentence."""
        key = f"ended.{value}"
        return self.names.words(key) if self.names.words.has(key) else value

    def _lot_id(self, lot_sequence: int) -> str:
        return f"{self.receivable['receivable_id']}-{lot_sequence}"

    def _money(self, amount_minor: int) -> str:
        return self.names.money(amount_minor, self.receivable["face_value"]["currency"])
