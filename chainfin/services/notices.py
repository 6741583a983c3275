"""Documents about receivables for their parties: what there is, and what each says.

Everything is read from the index at its newest block, whose time is the time of the document.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from chainfin.codec.events import EventDecoder
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.lot_faces import lot_face_at
from chainfin.domain.money import Money, split_largest_remainder
from chainfin.domain.notices import (
    TITLES,
    Instant,
    Notice,
    NoticeKind,
    NoticeNumber,
    Party,
    Percentage,
    Table,
    Value,
    to_json,
)
from chainfin.domain.pricing import STATUTORY_DAILY_BPS
from chainfin.domain.receivable import (
    SECONDS_A_DAY,
    UNPAID_STATES,
    LotId,
    ReceivableState,
    TransferStatus,
    state_at,
)
from chainfin.domain.service_errors import NotFound
from chainfin.domain.statements import payment_reference
from chainfin.models.access import names_of
from chainfin.models.chain_index import logs_of_receivables
from chainfin.models.financings import financings_of_receivable
from chainfin.models.receivables import LotRow, ReceivableRow, find_receivable, lots_of
from chainfin.models.settlements import arrears_of_receivable
from chainfin.models.transfers import transfers_of_receivable
from chainfin.services.audit import require_reader
from chainfin.services.context import Caller, Context
from chainfin.services.settlement import agreed_late_interest_bps, late_interest_on

_ISSUED = (
    ReceivableState.ACTIVE,
    ReceivableState.DUE,
    ReceivableState.OVERDUE,
    ReceivableState.DEFAULTED,
    ReceivableState.SETTLED,
    ReceivableState.WRITTEN_OFF,
)
_IN_DEFAULT = (ReceivableState.DEFAULTED, ReceivableState.WRITTEN_OFF)
_PASSED = (TransferStatus.ACCEPTED, TransferStatus.DIRECT)


@dataclass(frozen=True, slots=True)
class LateInterest:
    """Late interest at an instant, and how it comes about.

    Attributes:
        days_late: Whole days since maturity.
        rate_bps: Of a year, or of a day where no rate was agreed (R-17).
        is_statutory: Whether it is the statutory daily rate.
        interest_minor: On everything unpaid.
    """

    days_late: int
    rate_bps: int
    is_statutory: bool
    interest_minor: int


@dataclass(frozen=True, slots=True)
class _Hop:
    """A passing of title that is done: by transfer, by funding, or back by repurchase."""

    lot_id: LotId
    sequence: int
    sender: int
    receiver: int
    at: int
    order_hash: str | None
    with_recourse: bool | None
    holdback_minor: int = 0


@dataclass(frozen=True, slots=True)
class _Subject:
    """A receivable with all its notices are made of."""

    context: Context
    decoder: EventDecoder
    row: ReceivableRow
    lots: Mapping[int, LotRow]
    hops: tuple[_Hop, ...]
    names: Mapping[int, str]
    state: ReceivableState
    now_at: int
    earlier_party: int | None

    def party(self, organisation: int) -> Party:
        return Party(organisation, self.names.get(organisation, ""))

    def money(self, amount_minor: int) -> Money:
        return Money(amount_minor, self.row.currency)

    @property
    def unpaid_minor(self) -> int:
        return self.row.face_value_minor - self.row.paid_minor


# --- reading ---------------------------------------------------------------------------------


def list_notices(
    context: Context, decoder: EventDecoder, caller: Caller, receivable_id: int
) -> list[dict[str, Any]]:
    """What documents there are about a receivable, for its readers.

    Raises:
        NotFound: The caller may not read the receivable.
    """
    subject = _subject(context, decoder, caller, receivable_id)
    return [
        {"number": str(number), "kind": str(number.kind), "title": TITLES[number.kind]._asdict()}
        for number, _ in _available(subject)
    ]


def find_notice(context: Context, decoder: EventDecoder, caller: Caller, number: str) -> Notice:
    """One document by its number.

    Raises:
        NotFound: There is none of this number, or the caller may not read its receivable.
    """
    wanted = NoticeNumber.parse(number)
    if wanted is None:
        raise NotFound("notice", number[:80])
    subject = _subject(context, decoder, caller, wanted.receivable_id)
    for found, make in _available(subject):
        if found == wanted:
            return _notice(subject, found, *make(subject))
    raise NotFound("notice", number)


def notice_view(notice: Notice) -> dict[str, Any]:
    """A document for machines."""
    return to_json(notice)


# --- what there is ---------------------------------------------------------------------------


def _subject(
    context: Context, decoder: EventDecoder, caller: Caller, receivable_id: int
) -> _Subject:
    """A receivable for its readers, and for whoever once held a part of it."""
    lots = {lot.lot_sequence: lot for lot in lots_of(context.session, receivable_id)}
    passed = list(_hops(context, receivable_id))
    back = _repurchases(context, receivable_id, lots, passed)
    hops = tuple(sorted([*passed, *back], key=lambda hop: hop.sequence))
    earlier_party = _earlier_party(context, caller, receivable_id, hops)
    row = find_receivable(context.session, receivable_id)
    if row is None:
        raise NotFound("receivable", str(receivable_id))
    now_at = context.as_of().block_timestamp
    return _Subject(
        context=context,
        decoder=decoder,
        row=row,
        lots=lots,
        hops=hops,
        names=names_of(context.session),
        state=state_at(row, now_at),
        now_at=now_at,
        earlier_party=earlier_party,
    )


def _earlier_party(
    context: Context, caller: Caller, receivable_id: int, hops: Iterable[_Hop]
) -> int | None:
    """The caller, where it held a part and reads the receivable no longer; None for its readers."""
    try:
        require_reader(context, caller, receivable_id)
    except NotFound:
        if any(caller.organisation in {hop.sender, hop.receiver} for hop in hops):
            return caller.organisation
        raise
    return None


def _hops(context: Context, receivable_id: int) -> Iterator[_Hop]:
    for hop in transfers_of_receivable(context.session, receivable_id):
        if hop.status in _PASSED:
            sequence, at = hop.answered_sequence, hop.answered_at
            yield _Hop(
                lot_id=hop.lot_id,
                sequence=sequence or hop.proposed_sequence,
                sender=hop.sender,
                receiver=hop.receiver,
                at=at or hop.proposed_at,
                order_hash=hop.offer_hash,
                with_recourse=None,
            )
    for row in financings_of_receivable(context.session, receivable_id):
        if row.status is FinancingStatus.FUNDED and row.delivered_lot_sequence and row.funder:
            yield _Hop(
                lot_id=LotId(receivable_id, row.delivered_lot_sequence),
                sequence=row.ended_sequence or 0,
                sender=row.holder,
                receiver=row.funder,
                at=row.ended_at or 0,
                order_hash=None,
                with_recourse=row.with_recourse,
                holdback_minor=row.holdback_minor or 0,
            )


def _repurchases(
    context: Context, receivable_id: int, lots: Mapping[int, LotRow], hops: Iterable[_Hop]
) -> Iterator[_Hop]:
    """Lots that their sellers took back, from whoever held them then.

    The index keeps the request, not the lot: where the lot the funder received was divided since,
    it cannot tell which part went back, and no paper is made of it.
    """
    divided = {lot.parent_sequence for lot in lots.values()}
    held = list(hops)
    for row in financings_of_receivable(context.session, receivable_id):
        sequence, lot_sequence = row.repurchased_sequence, row.delivered_lot_sequence
        if sequence is None or lot_sequence is None or lot_sequence in divided:
            continue
        lot_id = LotId(receivable_id, lot_sequence)
        before = [hop for hop in held if hop.lot_id == lot_id and hop.sequence < sequence]
        yield _Hop(
            lot_id=lot_id,
            sequence=sequence,
            sender=max(before, key=lambda hop: hop.sequence).receiver,
            receiver=row.holder,
            at=row.repurchased_at or 0,
            order_hash=None,
            with_recourse=None,
        )


def _available(subject: _Subject) -> Iterator[tuple[NoticeNumber, "_Maker"]]:
    """The numbers there are, each with what makes the document.

    An earlier party gets the papers of its own hops, and the notice that is meant for it.
    """
    number, earlier_party = subject.row.receivable_id, subject.earlier_party
    if subject.state in _ISSUED and earlier_party is None:
        yield NoticeNumber(NoticeKind.PAYMENT_UNDERTAKING, number), _payment_undertaking
    for hop in subject.hops:
        if earlier_party in {None, hop.sender, hop.receiver}:
            place = (number, hop.lot_id.lot_sequence, hop.sequence)
            yield NoticeNumber(NoticeKind.TRANSFER_SLIP, *place), partial(_transfer_slip, hop)
            assignment = NoticeNumber(NoticeKind.NOTICE_OF_ASSIGNMENT, *place)
            yield assignment, partial(_notice_of_assignment, hop)
    if subject.state in UNPAID_STATES:
        yield NoticeNumber(NoticeKind.DISHONOUR_NOTICE, number), _dishonour_notice
    if subject.state in _IN_DEFAULT and earlier_party is None:
        yield NoticeNumber(NoticeKind.DEFAULT_CERTIFICATE, number), _default_certificate


# --- each kind -------------------------------------------------------------------------------


_Content: TypeAlias = tuple[dict[str, Value], dict[str, Table]]
"""Facts and tables of a notice."""
_Maker: TypeAlias = Callable[[_Subject], _Content]


def _payment_undertaking(subject: _Subject) -> _Content:
    row = subject.row
    facts: dict[str, Value] = {
        **_terms(subject),
        "grace_ends_at": Instant(row.grace_ends_at),
        "issued_at": Instant(row.issued_at),
        "programme": row.programme_id,
        "document": row.document_commitment,
        "transaction": row.issued_transaction_hash,
    }
    return facts, {}


def _transfer_slip(hop: _Hop, subject: _Subject) -> _Content:
    return {**_terms(subject), **_hop_facts(subject, hop)}, {}


def _notice_of_assignment(hop: _Hop, subject: _Subject) -> _Content:
    facts, tables = _transfer_slip(hop, subject)
    return facts | {"reference": payment_reference(hop.lot_id)}, tables


def _dishonour_notice(subject: _Subject) -> _Content:
    row = subject.row
    earlier = dict.fromkeys(
        [row.supplier, *(party for hop in subject.hops for party in (hop.sender, hop.receiver))]
    )
    facts: dict[str, Value] = {
        **_terms(subject),
        "paid": subject.money(row.paid_minor),
        "unpaid": subject.money(subject.unpaid_minor),
        "grace_ends_at": Instant(row.grace_ends_at),
        **_noted(subject),
    }
    table = Table(("participant",), tuple((subject.party(number),) for number in earlier))
    return facts, {"earlier_parties": table}


def _default_certificate(subject: _Subject) -> _Content:
    row, late = subject.row, _late_interest(subject)
    facts: dict[str, Value] = {
        **_terms(subject),
        "grace_ends_at": Instant(row.grace_ends_at),
        "paid": subject.money(row.paid_minor),
        "unpaid": subject.money(subject.unpaid_minor),
        "days_late": late.days_late,
        "late_rate": Percentage(late.rate_bps),
        "late_rate_basis": "a_day" if late.is_statutory else "a_year",
        "late_rate_source": "statutory" if late.is_statutory else "agreed",
        "late_interest": subject.money(late.interest_minor),
        "total_due": subject.money(subject.unpaid_minor + late.interest_minor),
        **_noted(subject),
    }
    return facts, {"unpaid_lots": _unpaid_lots(subject, late)}


def _noted(subject: _Subject) -> dict[str, Value]:
    """Where the chain itself says that the anchor did not pay, the newest first."""
    noted = arrears_of_receivable(subject.context.session, subject.row.receivable_id)
    if not noted:
        return {}
    return {"noted_at": Instant(noted[-1].noted_at), "transaction": noted[-1].transaction_hash}


def _unpaid_lots(subject: _Subject, late: LateInterest) -> Table:
    """What each holder is owed, with its share of the late interest, and what is its seller's."""
    unpaid = [lot for lot in subject.lots.values() if lot.to_domain().outstanding_minor]
    owed = [lot.to_domain().outstanding_minor for lot in unpaid]
    shares = split_largest_remainder(late.interest_minor, owed) if owed else []
    rows = []
    for lot, interest in zip(unpaid, shares, strict=True):
        to_holder, to_seller = lot.owed_minor
        rows.append(
            (
                str(lot.lot_id),
                subject.party(lot.holder),
                subject.money(to_holder),
                subject.money(interest),
                subject.money(to_seller),
            )
        )
    return Table(("lot", "holder", "outstanding", "late_interest", "holdback"), tuple(rows))


def _late_interest(subject: _Subject) -> LateInterest:
    """What everything unpaid has accrued, as the contracts would charge it now."""
    context, row = subject.context, subject.row
    agreed_bps = agreed_late_interest_bps(context, row)
    return LateInterest(
        days_late=(subject.now_at - row.maturity_at) // SECONDS_A_DAY,
        rate_bps=agreed_bps or STATUTORY_DAILY_BPS,
        is_statutory=agreed_bps == 0,
        interest_minor=late_interest_on(context, row, subject.unpaid_minor, subject.now_at),
    )


# --- what notices are made of ----------------------------------------------------------------


def _terms(subject: _Subject) -> dict[str, Value]:
    row = subject.row
    return {
        "receivable": str(row.receivable_id),
        "obligor": subject.party(row.obligor),
        "supplier": subject.party(row.supplier),
        "face_value": subject.money(row.face_value_minor),
        "maturity_at": Instant(row.maturity_at),
    }


def _hop_facts(subject: _Subject, hop: _Hop) -> dict[str, Value]:
    facts: dict[str, Value] = {
        "lot": str(hop.lot_id),
        "sender": subject.party(hop.sender),
        "receiver": subject.party(hop.receiver),
        "face_value": subject.money(_face_at(subject, hop)),
        "transferred_at": Instant(hop.at),
    }
    if hop.order_hash is not None:
        facts["order"] = hop.order_hash
    if hop.with_recourse is not None:
        facts["with_recourse"] = "with_recourse" if hop.with_recourse else "without_recourse"
    if hop.holdback_minor:
        facts["holdback"] = subject.money(hop.holdback_minor)
    return facts


def _face_at(subject: _Subject, hop: _Hop) -> int:
    """The lot's face when it passed: splits and credit notes change it before and after."""
    logs = logs_of_receivables(subject.context.session, [subject.row.receivable_id])
    return lot_face_at(map(subject.decoder.decode, logs), hop.lot_id.lot_sequence, hop.sequence)


def _notice(
    subject: _Subject,
    number: NoticeNumber,
    facts: Mapping[str, Value],
    tables: Mapping[str, Table],
) -> Notice:
    return Notice(
        kind=number.kind,
        number=str(number),
        facts=facts,
        tables=tables,
        as_of=subject.context.as_of(),
        chain_id=subject.context.network.deployment.chain_id,
    )
