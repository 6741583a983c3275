"""A receivable's facts applied one after another, by the rules of the ledger.

Written apart from the index, which serves queries: here every fact is compared with what the facts
before it allow, and what comes out must be the state the contracts had at the checkpoint.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from chainfin.domain.events import (
    CancellationProposed,
    FilingRecorded,
    FinancingRequested,
    FinancingRequestEnded,
    FreezeLifted,
    FreezeRenewed,
    FundedQuoteEnded,
    FundingAttested,
    FundingAwaited,
    FundingConfirmed,
    HoldbackEnded,
    HoldbackKept,
    InterestBorne,
    InterestEnded,
    LateInterestCharged,
    LateInterestPaid,
    LotFinanced,
    LotFrozen,
    LotHeld,
    LotPaidEarly,
    LotPayment,
    LotPledged,
    LotRepurchased,
    LotsPaid,
    LotSplit,
    LotTransferred,
    LotUnsplit,
    LotWrittenOff,
    PaymentAttested,
    PaymentConfirmed,
    PledgeEnforced,
    PledgeProposed,
    PledgeReleased,
    QuoteAwarded,
    QuoteFunded,
    ReceivableAccepted,
    ReceivableCancelled,
    ReceivableDefaulted,
    ReceivableEvent,
    ReceivableIssued,
    ReceivableLapsed,
    ReceivableOverdue,
    ReceivableRefused,
    ReceivableSettled,
    ReceivableWithdrawn,
    RecourseClaimed,
    TransferAccepted,
    TransferLapsed,
    TransferProposed,
    TransferRejected,
    TransferRevoked,
)
from chainfin.domain.financing import FinancingStatus
from chainfin.domain.freezes import Freeze
from chainfin.domain.holdbacks import Holdback
from chainfin.domain.money import entitlement_floor
from chainfin.domain.pledges import Pledge, PledgeStatus
from chainfin.domain.receivable import (
    ROOT_SEQUENCE,
    Arrears,
    Encumbrance,
    Lot,
    LotId,
    Receivable,
    ReceivableStatus,
    ReceivableTerms,
)
from chainfin.evidence.errors import FactImpossible

_TAG_DIGITS = len("0x") + 2 * 7


def sequence_of(event: ReceivableEvent) -> int:
    """The running number of a fact in its receivable's stream."""
    return 1 if isinstance(event, ReceivableIssued) else event.sequence


class Record:
    """What the facts up to now say.

    Attributes:
        issued: The first fact.
        receivable: The receivable.
        lots: Its lots by their numbers.
        offers: The offer each lot under offer waits for an answer to.
        requests: Every financing request, by its number.
        cancellation: What one party proposed last, unless both agreed since.
        parties: Organisations that owed it, or held a lot of it at some time.
        sellers: Who sold each lot with recourse, the latest last.
        late_interest_minor: What the anchor has paid beside the face.
        late_interest_paid: What of it each lot's holders received.
        attested: Lots that were paid outside the chain: they share no more in what is set aside.
        confirmed: Lot, bank and line of the payments that payees confirmed.
        interest_awarded: What the anchor pays beside a price that is on its way, by request.
        holdbacks: Who gets the last of a lot's payment, and how much.
        pledges: The newest pledge of each lot.
    """

    def __init__(self, issued: ReceivableIssued) -> None:
        """Begin with the first fact."""
        self.issued = issued
        terms = ReceivableTerms(
            obligor=issued.obligor,
            supplier=issued.supplier,
            programme_id=issued.programme_id,
            maturity_at=issued.maturity_at,
            grace_ends_at=issued.grace_ends_at,
            face_value_minor=issued.face_value,
        )
        self.receivable = Receivable(
            receivable_id=issued.receivable_id,
            terms=terms,
            status=ReceivableStatus.OFFERED,
            paid_minor=0,
            cleared_minor=0,
            lot_count=1,
            sequence=1,
            document_tag=issued.document_fingerprint[:_TAG_DIGITS],
        )
        root = Lot(
            receivable_id=issued.receivable_id,
            lot_sequence=ROOT_SEQUENCE,
            holder=issued.supplier,
            face_value_minor=issued.face_value,
            paid_minor=0,
            parent_sequence=0,
            tier=1,
            transfer_count=0,
            encumbrance=Encumbrance.NONE,
            is_settled=False,
        )
        self.lots: dict[int, Lot] = {ROOT_SEQUENCE: root}
        self.offers: dict[int, TransferProposed] = {}
        self.requests: dict[int, _Request] = {}
        self._funded: dict[tuple[int, str], QuoteFunded] = {}
        self.cancellation: CancellationProposed | None = None
        self.parties = {issued.obligor, issued.supplier}
        self.sellers: dict[int, list[int]] = {}
        self.late_interest_minor = 0
        self.late_interest_paid: dict[int, int] = {}
        self.attested: set[int] = set()
        self.confirmed: set[tuple[int, int, str]] = set()
        self._awards: dict[int, QuoteAwarded] = {}
        self._awaited: dict[int, FundingAwaited] = {}
        self._borne: dict[int, InterestBorne] = {}
        self.interest_awarded: dict[int, int] = {}
        self.holdbacks: dict[int, Holdback] = {}
        self._freezes: dict[tuple[int, str], Freeze] = {}
        self.pledges: dict[int, Pledge] = {}
        self._sale: tuple[int, int] | None = None
        self._holdback_ended: HoldbackEnded | None = None

    def lot(self, sequence: int) -> Lot:
        """A lot by its number.

        Raises:
            FactImpossible: The facts made none of that number.
        """
        if sequence not in self.lots:
            raise FactImpossible(f"lot {self.receivable.receivable_id}-{sequence} does not exist")
        return self.lots[sequence]

    def lineage(self, sequence: int) -> list[LotId]:
        """The lot, the one it was taken from, and so on to the root."""
        way = [self.lot(sequence)]
        while way[-1].parent_sequence:
            way.append(self.lot(way[-1].parent_sequence))
        return [lot.lot_id for lot in way]

    def offer(self, sequence: int) -> TransferProposed:
        """The offer a lot waits under.

        Raises:
            FactImpossible: It waits under none.
        """
        if sequence not in self.offers:
            raise FactImpossible(f"lot {self.receivable.receivable_id}-{sequence} is not offered")
        return self.offers[sequence]

    def is_open(self, request_id: int) -> bool:
        """Whether a financing request waits for its award."""
        found = self.requests.get(request_id)
        return found is not None and found.status is FinancingStatus.REQUESTED

    def funded_quote(self, funder: int, quote: str) -> QuoteFunded:
        """What a funder set aside for its quote.

        Raises:
            FactImpossible: Nothing, or no more.
        """
        found = self._funded.get((funder, quote))
        if found is None:
            raise FactImpossible(f"quote {quote} of {funder} is not funded")
        return found

    def request(self, request_id: int) -> FinancingRequested:
        """An open financing request.

        Raises:
            FactImpossible: There is none of that number that is open.
        """
        if not self.is_open(request_id):
            raise FactImpossible(f"financing request {request_id} is not open")
        return self.requests[request_id].event

    def apply(self, event: ReceivableEvent) -> None:
        """Take the next fact in.

        Raises:
            FactImpossible: It contradicts the facts before it.
        """
        _APPLY[type(event)](self, event)
        self.receivable = replace(self.receivable, sequence=sequence_of(event))

    # --- the receivable

    def accepted(self, _: ReceivableAccepted) -> None:
        """The lots may move."""
        self._require_status(ReceivableStatus.OFFERED)
        self.receivable = replace(self.receivable, status=ReceivableStatus.ACTIVE)

    def voided(self, _: ReceivableRefused | ReceivableWithdrawn | ReceivableLapsed) -> None:
        """The undertaking is void, and with it the only lot."""
        self._require_status(ReceivableStatus.OFFERED)
        self.receivable = replace(self.receivable, status=ReceivableStatus.VOID)
        self._change(ROOT_SEQUENCE, is_settled=True)

    def proposed_to_cancel(self, event: CancellationProposed) -> None:
        """One party would take an amount off; the other may agree in time."""
        self._require_untouched()
        parties = {self.receivable.terms.obligor, self.receivable.terms.supplier}
        _require(event.organisation in parties, f"{event.organisation} is no party to it")
        self.cancellation = event

    def cancelled(self, event: ReceivableCancelled) -> None:
        """Both agreed: all of it is gone, or a part by a credit note."""
        self._require_untouched()
        asked = self.cancellation
        same = asked is not None and (asked.amount, asked.reason_hash) == (
            event.amount,
            event.reason_hash,
        )
        _require(same, f"nobody proposed to take {event.amount} off")
        self.cancellation = None
        face = self.receivable.terms.face_value_minor - event.amount
        _require(face >= 0, f"{event.amount} is more than there is")
        if face == 0:
            self.receivable = replace(self.receivable, status=ReceivableStatus.CANCELLED)
            self._change(ROOT_SEQUENCE, is_settled=True)
            return
        terms = replace(self.receivable.terms, face_value_minor=face)
        self.receivable = replace(self.receivable, terms=terms)
        self._change(ROOT_SEQUENCE, face_value_minor=face)

    def _require_untouched(self) -> None:
        root = self._free(ROOT_SEQUENCE)
        untouched = len(self.lots) == 1 and root.transfer_count == 0
        _require(untouched, f"lot {root.lot_id} is not as it was issued")

    def settled(self, event: ReceivableSettled) -> None:
        """The anchor paid; what its holders wrote off it still owes."""
        before = self._require_owed()
        paid = self.receivable.paid_minor + event.amount
        face = self.receivable.terms.face_value_minor
        _require(event.paid == paid <= face, f"{event.paid} of {face} is not what was paid")
        status = ReceivableStatus.SETTLED if paid == face else before
        _require(event.status is status, f"with {paid} of {face} paid it is not {status.name}")
        self.receivable = replace(self.receivable, status=status, paid_minor=paid)
        if paid == face:
            self.receivable = replace(self.receivable, arrears=Arrears.NONE)

    def interest_charged(self, event: LateInterestCharged) -> None:
        """The anchor paid late, and interest beside the face."""
        self.late_interest_minor += event.amount
        same = event.paid == self.late_interest_minor
        _require(same, f"{event.paid} is not the late interest paid up to now")

    def interest_paid(self, event: LateInterestPaid) -> None:
        """Each lot got its floored share of the interest, less what it had."""
        face = self.receivable.terms.face_value_minor - self.attested_face_minor
        had = sum(self.late_interest_paid.get(sequence, 0) for sequence in self.attested)
        for payment in event.payments:
            lot = self.lot(payment.lot_sequence)
            _require(lot.lot_sequence not in self.attested, f"lot {lot.lot_id} was paid outside")
            share = entitlement_floor(lot.face_value_minor, self.late_interest_minor - had, face)
            due = share - self.late_interest_paid.get(lot.lot_sequence, 0)
            _require(payment.amount == due > 0, f"lot {lot.lot_id} is due {due} of interest")
            self._require_payee(lot, payment.payee)
            self.late_interest_paid[lot.lot_sequence] = share

    def overdue(self, event: ReceivableOverdue) -> None:
        """The day of payment ended."""
        self._note(Arrears.OVERDUE, event.outstanding)

    def defaulted(self, event: ReceivableDefaulted) -> None:
        """The grace ended."""
        self._note(Arrears.DEFAULTED, event.outstanding)

    def _note(self, arrears: Arrears, outstanding: int) -> None:
        self._require_status(ReceivableStatus.ACTIVE)
        _require(self.receivable.arrears < arrears, f"{arrears.name} was noted before")
        _require(outstanding == self.receivable.outstanding_minor, f"{outstanding} is not owed")
        self.receivable = replace(self.receivable, arrears=arrears)

    def written_off(self, event: LotWrittenOff) -> None:
        """A holder gave its lot up; the last one takes the receivable with it."""
        lot = self._free(event.lot_sequence)
        _require(self.receivable.arrears is Arrears.DEFAULTED, "no default was noted")
        _require(event.holder == lot.holder, f"lot {lot.lot_id} is not {event.holder}'s")
        _require(event.amount == lot.outstanding_minor, f"{event.amount} is not owed on the lot")
        self._change(event.lot_sequence, encumbrance=Encumbrance.WRITTEN_OFF)
        gone = all(each.encumbrance is Encumbrance.WRITTEN_OFF for each in self.lots.values())
        status = ReceivableStatus.WRITTEN_OFF if gone else ReceivableStatus.ACTIVE
        _require(event.status is status, f"the receivable is {status.name} after it")
        self.receivable = replace(self.receivable, status=status)

    def lots_paid(self, event: LotsPaid) -> None:
        """Each lot got its floored share of what was paid, less what it had."""
        for payment in event.payments:
            self._pay(payment)

    def _pay(self, payment: LotPayment) -> None:
        lot = self.lot(payment.lot_sequence)
        receivable = self.receivable
        due = 0 if lot.is_settled else self.share_of(lot) - lot.paid_minor
        whole = payment.amount == self._holders_part(lot, due) or payment.payee != lot.holder
        possible = whole and 0 < payment.amount <= due
        _require(possible, f"lot {lot.lot_id} is due {due}, not {payment.amount}")
        self._require_payee(lot, payment.payee)
        paid = lot.paid_minor + payment.amount
        self._change(lot.lot_sequence, paid_minor=paid)
        if paid == lot.face_value_minor:
            self._change(lot.lot_sequence, is_settled=True, encumbrance=Encumbrance.NONE)
            self.offers.pop(lot.lot_sequence, None)
        self.receivable = replace(
            receivable, cleared_minor=receivable.cleared_minor + payment.amount
        )

    def _holders_part(self, lot: Lot, due_minor: int) -> int:
        """What of a payment that is due is not an earlier seller's."""
        kept = self.holdbacks.get(lot.lot_sequence)
        if kept is None or kept.seller == lot.holder:
            return due_minor
        return min(due_minor, lot.face_value_minor - kept.amount_minor - lot.paid_minor)

    def _require_payee(self, lot: Lot, payee: int) -> None:
        """The holder, a court, its pledgee or the seller of a holdback: which, the clock says."""
        others = {each.court for each in self.freezes_of(lot.lot_sequence) if each.to_court}
        pledge = self.pledges.get(lot.lot_sequence)
        if pledge is not None and pledge.status is PledgeStatus.ENFORCED:
            others.add(pledge.pledgee)
        if lot.lot_sequence in self.holdbacks:
            others.add(self.holdbacks[lot.lot_sequence].seller)
        _require(payee in {lot.holder, *others}, f"lot {lot.lot_id} is not {payee}'s")

    def share_of(self, lot: Lot) -> int:
        """The lot's floored share of what was paid from the deposit up to now.

        Faces of lots that were paid outside the chain, and what they had before, are left out.
        """
        attested = self.attested_face_minor
        face = self.receivable.terms.face_value_minor - attested
        return entitlement_floor(lot.face_value_minor, self.receivable.paid_minor - attested, face)

    @property
    def attested_face_minor(self) -> int:
        """Faces of the lots that were paid outside the chain."""
        return sum(self.lots[sequence].face_value_minor for sequence in self.attested)

    def payment_confirmed(self, event: PaymentConfirmed) -> None:
        """The payee says so; nothing is paid by it."""
        lot = self.lot(event.lot_sequence)
        _require(event.payee == lot.holder, f"lot {lot.lot_id} is not {event.payee}'s")
        self.confirmed.add((event.lot_sequence, event.bank, event.line_hash))

    def payment_attested(self, event: PaymentAttested) -> None:
        """The payee's bank says that all that was outstanding came in outside the chain."""
        lot, before = self.lot(event.lot_sequence), self._require_owed()
        _require(not lot.is_settled, f"lot {lot.lot_id} is not owed")
        _require(event.payee == lot.holder, f"lot {lot.lot_id} is not {event.payee}'s")
        due = self.share_of(lot) - lot.paid_minor
        _require(due == 0, f"lot {lot.lot_id} is due {due} of what is set aside")
        _require(event.amount == lot.outstanding_minor, f"{event.amount} is not owed on the lot")
        receivable = self.receivable
        paid = receivable.paid_minor + event.amount
        whole = paid == receivable.terms.face_value_minor
        status = ReceivableStatus.SETTLED if whole else before
        _require((event.paid, event.status) == (paid, status), f"{paid} is paid after it")
        self.attested.add(event.lot_sequence)
        self._change(
            event.lot_sequence,
            paid_minor=lot.face_value_minor,
            is_settled=True,
            encumbrance=Encumbrance.NONE,
        )
        self.offers.pop(event.lot_sequence, None)
        self.receivable = replace(
            receivable,
            paid_minor=paid,
            cleared_minor=receivable.cleared_minor + event.amount,
            status=status,
            arrears=Arrears.NONE if whole else receivable.arrears,
        )

    # --- pledges

    def pledge(self, sequence: int, pledge_hash: str) -> Pledge:
        """A lot's newest pledge, by its name.

        Raises:
            FactImpossible: It is another, or there is none.
        """
        found = self.pledges.get(sequence)
        if found is None or found.pledge_hash != pledge_hash:
            raise FactImpossible(f"lot {sequence} has no pledge {pledge_hash}")
        return found

    def pledge_proposed(self, event: PledgeProposed) -> None:
        """A holder offers its lot; what it offered before is void."""
        lot = self.lot(event.lot_sequence)
        _require(event.holder == lot.holder, f"lot {lot.lot_id} is not {event.holder}'s")
        free = lot.encumbrance is Encumbrance.NONE and not lot.is_settled
        _require(free, f"lot {lot.lot_id} is not free")
        self.pledges[event.lot_sequence] = Pledge(
            lot_id=lot.lot_id,
            pledge_hash=event.pledge,
            holder=event.holder,
            pledgee=event.pledgee,
            status=PledgeStatus.PROPOSED,
            secured_minor=event.secured_amount,
            due_at=event.due_at,
            expires_at=event.expires_at,
        )

    def pledged(self, event: LotPledged) -> None:
        """Its pledgee accepted and registered it."""
        lot, pledge = self._free(event.lot_sequence), self.pledge(event.lot_sequence, event.pledge)
        _require(pledge.status is PledgeStatus.PROPOSED, f"pledge {event.pledge} is not on offer")
        _require(event.holder == lot.holder == pledge.holder, f"{event.holder} does not hold it")
        same = (event.pledgee, event.secured_amount, event.due_at)
        offered = (pledge.pledgee, pledge.secured_minor, pledge.due_at)
        _require(same == offered, "the pledge is not as it was offered")
        filed = replace(pledge, status=PledgeStatus.HELD, filed_at=event.filed_at)
        self.pledges[event.lot_sequence] = replace(filed, filing_hash=event.filing_hash)
        self._change(event.lot_sequence, encumbrance=Encumbrance.PLEDGED)

    def pledge_released(self, event: PledgeReleased) -> None:
        """Its pledgee let the lot go."""
        pledge = self.pledge(event.lot_sequence, event.pledge)
        _require(pledge.binds, f"pledge {event.pledge} does not bind")
        self.pledges[event.lot_sequence] = replace(pledge, status=PledgeStatus.RELEASED)
        if self.lot(event.lot_sequence).encumbrance is Encumbrance.PLEDGED:
            self._change(event.lot_sequence, encumbrance=Encumbrance.NONE)

    def pledge_enforced(self, event: PledgeEnforced) -> None:
        """Its pledgee collects from now on."""
        pledge = self.pledge(event.lot_sequence, event.pledge)
        _require(pledge.status is PledgeStatus.HELD, f"pledge {event.pledge} is not held")
        paid = self.lot(event.lot_sequence).paid_minor
        enforced = replace(pledge, status=PledgeStatus.ENFORCED, paid_before_minor=paid)
        self.pledges[event.lot_sequence] = enforced

    # --- freezes

    def freezes_of(self, sequence: int) -> list[Freeze]:
        """The freezes of a lot that were not lifted, in the order they came."""
        return [freeze for (lot, _), freeze in self._freezes.items() if lot == sequence]

    def freeze(self, sequence: int, reference_hash: str) -> Freeze:
        """A freeze by its reference.

        Raises:
            FactImpossible: There is none that was not lifted.
        """
        found = self._freezes.get((sequence, reference_hash))
        if found is None:
            raise FactImpossible(f"lot {sequence} is not frozen under {reference_hash}")
        return found

    def frozen(self, event: LotFrozen | LotHeld) -> None:
        """A court or an authority keeps a lot where it is."""
        lot = self.lot(event.lot_sequence)
        _require(event.holder == lot.holder, f"lot {lot.lot_id} is not {event.holder}'s")
        _require(not lot.is_settled, f"lot {lot.lot_id} is settled")
        self._freezes[event.lot_sequence, event.reference_hash] = Freeze(
            lot_id=lot.lot_id,
            reference_hash=event.reference_hash,
            holder=event.holder,
            court=event.court,
            is_hold=isinstance(event, LotHeld),
            to_court=isinstance(event, LotFrozen) and event.to_court,
            started_at=0,
            expires_at=event.expires_at,
        )

    def freeze_renewed(self, event: FreezeRenewed) -> None:
        """It holds longer."""
        freeze = self.freeze(event.lot_sequence, event.reference_hash)
        place = (event.lot_sequence, event.reference_hash)
        self._freezes[place] = replace(freeze, expires_at=event.expires_at)

    def freeze_lifted(self, event: FreezeLifted) -> None:
        """It holds no more."""
        self.freeze(event.lot_sequence, event.reference_hash)
        del self._freezes[event.lot_sequence, event.reference_hash]

    # --- splits and transfers

    def split(self, event: LotSplit) -> None:
        """Parts are taken off a lot."""
        parent = self._free(event.parent_sequence)
        _require(parent.paid_minor == 0, f"lot {parent.lot_id} is partly paid")
        for part in event.parts:
            child = self._take_off(event.parent_sequence, part.lot_sequence, part.face_value)
            if part.holder != parent.holder:
                self._hand(child.lot_sequence, part.holder, further_tier=1)
        left = self.lot(event.parent_sequence).face_value_minor
        _require(left == event.remaining_face_value, f"{left} is left of lot {parent.lot_id}")

    def unsplit(self, event: LotUnsplit) -> None:
        """A lot went back into the one it was split from."""
        child = self._free(event.lot_sequence)
        parent = self._free(event.parent_sequence)
        _require(
            child.parent_sequence == parent.lot_sequence
            and event.face_value == child.face_value_minor,
            f"lot {child.lot_id} is not {event.face_value} of lot {parent.lot_id}",
        )
        together = (child.holder, child.tier, child.transfer_count, child.paid_minor) == (
            parent.holder,
            parent.tier,
            parent.transfer_count,
            0,
        )
        _require(together and parent.paid_minor == 0, f"lot {child.lot_id} is apart")
        face = parent.face_value_minor + child.face_value_minor
        self._change(parent.lot_sequence, face_value_minor=face)
        self._change(child.lot_sequence, face_value_minor=0, is_settled=True)

    def proposed(self, event: TransferProposed) -> None:
        """A lot waits for its receiver's answer."""
        lot = self._free(event.lot_sequence)
        _require(event.from_ == lot.holder, f"lot {lot.lot_id} is not {event.from_}'s to offer")
        self._change(event.lot_sequence, encumbrance=Encumbrance.LOCKED_TRANSFER)
        self.offers[event.lot_sequence] = event

    def transfer_accepted(self, event: TransferAccepted) -> None:
        """The receiver signed: after an offer, or together with it."""
        if event.lot_sequence in self.offers:
            self._end_offer(event)
        self.transferred(event)

    def offer_ended(self, event: TransferRejected | TransferRevoked | TransferLapsed) -> None:
        """The lot is free again."""
        self._end_offer(event)

    def transferred(self, event: LotTransferred | TransferAccepted) -> None:
        """A lot changed hands at once."""
        lot = self._free(event.lot_sequence)
        _require(event.from_ == lot.holder, f"lot {lot.lot_id} is not {event.from_}'s to pass on")
        self._hand(event.lot_sequence, event.to, further_tier=1)

    def _end_offer(
        self, event: TransferAccepted | TransferRejected | TransferRevoked | TransferLapsed
    ) -> None:
        offer = self.offer(event.lot_sequence)
        same = (offer.from_, offer.to) == (event.from_, event.to)
        _require(same, f"lot {event.receivable_id}-{event.lot_sequence} is offered to {offer.to}")
        del self.offers[event.lot_sequence]
        self._change(event.lot_sequence, encumbrance=Encumbrance.NONE)

    # --- financing

    def requested(self, event: FinancingRequested) -> None:
        """A lot is locked while quotes may come in."""
        lot = self._free(event.lot_sequence)
        _require(event.holder == lot.holder, f"lot {lot.lot_id} is not {event.holder}'s")
        _require(event.request_id not in self.requests, f"request {event.request_id} came before")
        self._change(event.lot_sequence, encumbrance=Encumbrance.LOCKED_FINANCING)
        self.requests[event.request_id] = _Request(event, FinancingStatus.REQUESTED)

    def request_ended(self, event: FinancingRequestEnded) -> None:
        """Withdrawn or lapsed; or awarded, and the price came in or did not."""
        if event.request_id in self._awaited:
            awarded = self.requests[event.request_id]
            ends = {FinancingStatus.FUNDED, FinancingStatus.FUNDING_FAILED}
            is_awarded = awarded.status is FinancingStatus.AWARDED
            _require(is_awarded and event.status in ends, f"request {event.request_id} is awarded")
            request = awarded.event
            if event.status is FinancingStatus.FUNDING_FAILED:
                del self._awaited[event.request_id]
        else:
            request = self.request(event.request_id)
        self.requests[event.request_id] = _Request(request, event.status)
        self._change(request.lot_sequence, encumbrance=Encumbrance.NONE)

    def financed(self, event: LotFinanced) -> None:
        """Title passed to a funder: no further tier of the supply chain."""
        parent = self.lot(event.parent_sequence)
        locked = parent.encumbrance is Encumbrance.LOCKED_FINANCING
        _require(locked and event.from_ == parent.holder, f"lot {parent.lot_id} is not for sale")
        self._change(event.parent_sequence, encumbrance=Encumbrance.NONE)
        if event.lot_sequence == event.parent_sequence:
            same = event.face_value == parent.face_value_minor
            _require(same, f"lot {parent.lot_id} is not over {event.face_value}")
        else:
            self._take_off(event.parent_sequence, event.lot_sequence, event.face_value)
        self._hand(event.lot_sequence, event.to, further_tier=0)
        self._sale = (event.lot_sequence, event.from_)

    def paid_early(self, event: LotPaidEarly) -> None:
        """The anchor bought its own debt back: lot and receivable are smaller by it."""
        lot = self.lot(event.lot_sequence)
        locked = lot.encumbrance is Encumbrance.LOCKED_FINANCING
        _require(locked and event.holder == lot.holder, f"lot {lot.lot_id} is not for sale")
        left = lot.face_value_minor - event.face_value
        _require(left >= 0, f"lot {lot.lot_id} is not over {event.face_value}")
        self._change(
            event.lot_sequence,
            encumbrance=Encumbrance.NONE,
            face_value_minor=left,
            is_settled=left == 0,
        )
        face = self.receivable.terms.face_value_minor - event.face_value
        terms = replace(self.receivable.terms, face_value_minor=face)
        is_paid = face == self.receivable.paid_minor
        status = ReceivableStatus.SETTLED if is_paid else self.receivable.status
        self.receivable = replace(self.receivable, terms=terms, status=status)
        self._sale = None

    def awarded(self, event: QuoteAwarded) -> None:
        """The request ended by an award; the title passed with the fact before."""
        request = self.request(event.request_id)
        self._awards[event.request_id] = event
        if event.request_id in self._awaited:
            self.requests[event.request_id] = _Request(request, FinancingStatus.AWARDED)
            return
        if self._sale is not None:
            self._sold(request, *self._sale)
        self.requests[event.request_id] = _Request(request, FinancingStatus.FUNDED)

    def _sold(self, request: FinancingRequested, sequence: int, seller: int) -> None:
        if request.with_recourse:
            self.sellers.setdefault(sequence, []).append(seller)
            self._change(sequence, is_indivisible=True)

    def funding_awaited(self, event: FundingAwaited) -> None:
        """The price of the award that follows is on its way; the lot stays locked."""
        request = self.request(event.request_id)
        lot = self.lot(request.lot_sequence)
        whole = request.part_face_value == lot.face_value_minor
        _require(whole, f"only part of lot {lot.lot_id} is asked for")
        self._awaited[event.request_id] = event
        self.interest_awarded[event.request_id] = event.obligor_interest

    def awaiting(self, request_id: int) -> FundingAwaited:
        """An award whose price is on its way.

        Raises:
            FactImpossible: There is none under this request.
        """
        if request_id not in self._awaited:
            raise FactImpossible(f"financing request {request_id} awaits no price")
        return self._awaited[request_id]

    def award(self, request_id: int) -> QuoteAwarded:
        """The award of a request.

        Raises:
            FactImpossible: Nobody's quote was awarded.
        """
        if request_id not in self._awards:
            raise FactImpossible(f"financing request {request_id} was not awarded")
        return self._awards[request_id]

    def share_borne(self, request_id: int) -> InterestBorne:
        """What the anchor set aside for its share of a request's discount.

        Raises:
            FactImpossible: Nothing, or no more.
        """
        if request_id not in self._borne:
            raise FactImpossible(f"nobody bears a share under financing request {request_id}")
        return self._borne[request_id]

    def funding_confirmed(self, event: FundingConfirmed) -> None:
        """The payee says so; nothing is funded by it."""
        self._require_payee_of(event.request_id, event.payee)

    def funding_attested(self, event: FundingAttested) -> None:
        """The payee's bank says that the price came in: title passes."""
        awaited, lot = self._require_payee_of(event.request_id, event.payee), event.lot_sequence
        _require(event.bank == awaited.bank, f"the payee's bank is {awaited.bank}")
        found = self.requests[event.request_id]
        _require(found.status is FinancingStatus.FUNDED, "the request has not ended")
        _require(found.event.lot_sequence == lot, "the request is for another lot")
        self._free(lot)
        self._hand(lot, event.funder, further_tier=0)
        self._sold(found.event, lot, event.payee)
        del self._awaited[event.request_id]

    def _require_payee_of(self, request_id: int, payee: int) -> FundingAwaited:
        awaited = self.awaiting(request_id)
        lot = self.lot(self.requests[request_id].event.lot_sequence)
        _require(payee == lot.holder, f"lot {lot.lot_id} is not {payee}'s")
        return awaited

    def interest_borne(self, event: InterestBorne) -> None:
        """The anchor set money aside for its share of an open request's discount."""
        request = self.request(event.request_id)
        _require(event.request_id not in self._borne, "the anchor bears a share already")
        obligor = self.receivable.terms.obligor
        _require(event.obligor == obligor, f"{event.obligor} does not owe the receivable")
        in_time = event.expires_at <= request.expires_at
        _require(in_time and event.amount > 0, f"{event.amount} until {event.expires_at} is none")
        self._borne[event.request_id] = event

    def interest_ended(self, event: InterestEnded) -> None:
        """The anchor's share was paid, or released."""
        before = self.share_borne(event.request_id)
        del self._borne[event.request_id]
        _require(event.amount <= before.amount, f"{before.amount} was set aside")

    def holdback_kept(self, event: HoldbackKept) -> None:
        """The last that is paid on a lot is its seller's."""
        lot, before = self.lot(event.lot_sequence), self.holdbacks.get(event.lot_sequence)
        alone = before is None or before.seller == event.seller
        _require(alone, f"of lot {lot.lot_id} another seller holds back")
        within = 0 < event.amount < lot.face_value_minor and lot.paid_minor == 0
        _require(within, f"{event.amount} is not held back of lot {lot.lot_id}")
        self.holdbacks[event.lot_sequence] = Holdback(event.seller, event.amount)
        self._change(event.lot_sequence, is_indivisible=True)

    def holdback_ended(self, event: HoldbackEnded) -> None:
        """The seller has the lot again."""
        kept = Holdback(event.seller, event.amount)
        _require(self.holdbacks.get(event.lot_sequence) == kept, "so much was not held back")
        del self.holdbacks[event.lot_sequence]
        self._holdback_ended = event

    def _owed_to_holder(self, lot: Lot) -> int:
        """What is outstanding on a lot, less what of it is an earlier seller's."""
        kept = self.holdbacks.get(lot.lot_sequence)
        held_back = 0 if kept is None else kept.amount_minor
        ended = self._holdback_ended
        if ended is not None and ended.lot_sequence == lot.lot_sequence:
            held_back = ended.amount
        return max(lot.outstanding_minor - held_back, 0)

    def quote_funded(self, event: QuoteFunded) -> None:
        """A funder set money aside for its quote on an open request."""
        request = self.request(event.request_id)
        key = event.funder, event.quote
        _require(key not in self._funded, f"quote {event.quote} was funded before")
        within = 0 < event.amount <= request.part_face_value
        in_time = event.expires_at <= request.expires_at
        _require(within and in_time, f"{event.amount} until {event.expires_at} is not for a quote")
        self._funded[key] = event

    def funded_quote_ended(self, event: FundedQuoteEnded) -> None:
        """It was drawn, or released."""
        before = self.funded_quote(event.funder, event.quote)
        _require(before.request_id == event.request_id, f"{event.quote} is for another request")
        del self._funded[event.funder, event.quote]

    def filed(self, event: FilingRecorded) -> None:
        """A funder filed the lot of an open request with the registry."""
        self.request(event.request_id)

    def recourse_claimed(self, event: RecourseClaimed) -> None:
        """The holder turned to the latest seller with recourse."""
        lot = self.lot(event.lot_sequence)
        _require(event.holder == lot.holder, f"lot {lot.lot_id} is not {event.holder}'s")
        self._require_seller(event)
        _require(
            event.amount == self._owed_to_holder(lot), f"{event.amount} is not owed on the lot"
        )

    def repurchased(self, event: LotRepurchased) -> None:
        """The seller has its lot again, against what was outstanding on it."""
        lot = self._free(event.lot_sequence)
        _require(event.holder == lot.holder, f"lot {lot.lot_id} is not {event.holder}'s")
        self._require_seller(event)
        _require(
            event.amount == self._owed_to_holder(lot), f"{event.amount} is not owed on the lot"
        )
        self._holdback_ended = None
        sellers = self.sellers[event.lot_sequence]
        sellers.pop()
        self._hand(event.lot_sequence, event.seller, further_tier=0)
        is_indivisible = bool(sellers) or event.lot_sequence in self.holdbacks
        self._change(event.lot_sequence, is_indivisible=is_indivisible)

    def _require_seller(self, event: RecourseClaimed | LotRepurchased) -> None:
        latest = self.sellers.get(event.lot_sequence, [])[-1:]
        _require(
            latest == [event.seller], f"{event.seller} is not who last sold the lot with recourse"
        )

    # --- lots

    def _free(self, sequence: int) -> Lot:
        lot = self.lot(sequence)
        self._require_status(ReceivableStatus.ACTIVE)
        free = lot.encumbrance is Encumbrance.NONE and not lot.is_settled
        _require(free, f"lot {lot.lot_id} is not free to move")
        return lot

    def _take_off(self, parent_sequence: int, sequence: int, face: int) -> Lot:
        parent = self.lot(parent_sequence)
        _require(sequence == len(self.lots) + 1, f"the next lot is not number {sequence}")
        _require(0 < face < parent.face_value_minor, f"{face} cannot be taken off {parent.lot_id}")
        self._change(parent_sequence, face_value_minor=parent.face_value_minor - face)
        child = replace(
            parent,
            lot_sequence=sequence,
            face_value_minor=face,
            parent_sequence=parent_sequence,
            encumbrance=Encumbrance.NONE,
        )
        self.lots[sequence] = child
        self.receivable = replace(self.receivable, lot_count=sequence)
        return child

    def _hand(self, sequence: int, to: int, *, further_tier: int) -> None:
        lot = self.lot(sequence)
        self.parties.add(to)
        self._change(
            sequence,
            holder=to,
            tier=lot.tier + further_tier,
            transfer_count=lot.transfer_count + 1,
        )

    def _change(self, sequence: int, **changes: Any) -> None:
        self.lots[sequence] = replace(self.lot(sequence), **changes)

    def _require_status(self, wanted: ReceivableStatus) -> None:
        found = self.receivable.status
        _require(found is wanted, f"the receivable is {found.name}, not {wanted.name}")

    def _require_owed(self) -> ReceivableStatus:
        found = self.receivable.status
        owed = found in {ReceivableStatus.ACTIVE, ReceivableStatus.WRITTEN_OFF}
        _require(owed, f"the receivable is {found.name}, and not owed")
        return found


@dataclass(frozen=True, slots=True)
class _Request:
    """A financing request and where it stands."""

    event: FinancingRequested
    status: FinancingStatus


def _require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise FactImpossible(otherwise)


def _issued_twice(record: Record, _: ReceivableIssued) -> None:
    raise FactImpossible(f"receivable {record.receivable.receivable_id} is issued once")


_APPLY: dict[type, Callable[[Record, Any], None]] = {
    ReceivableIssued: _issued_twice,
    ReceivableAccepted: Record.accepted,
    ReceivableRefused: Record.voided,
    ReceivableWithdrawn: Record.voided,
    ReceivableLapsed: Record.voided,
    CancellationProposed: Record.proposed_to_cancel,
    ReceivableCancelled: Record.cancelled,
    LotUnsplit: Record.unsplit,
    LotSplit: Record.split,
    TransferProposed: Record.proposed,
    TransferAccepted: Record.transfer_accepted,
    TransferRejected: Record.offer_ended,
    TransferRevoked: Record.offer_ended,
    TransferLapsed: Record.offer_ended,
    LotTransferred: Record.transferred,
    LotPaidEarly: Record.paid_early,
    LotFinanced: Record.financed,
    ReceivableSettled: Record.settled,
    LotsPaid: Record.lots_paid,
    FinancingRequested: Record.requested,
    FinancingRequestEnded: Record.request_ended,
    QuoteAwarded: Record.awarded,
    FilingRecorded: Record.filed,
    QuoteFunded: Record.quote_funded,
    FundedQuoteEnded: Record.funded_quote_ended,
    RecourseClaimed: Record.recourse_claimed,
    LotRepurchased: Record.repurchased,
    ReceivableOverdue: Record.overdue,
    ReceivableDefaulted: Record.defaulted,
    LateInterestCharged: Record.interest_charged,
    LateInterestPaid: Record.interest_paid,
    LotWrittenOff: Record.written_off,
    PaymentConfirmed: Record.payment_confirmed,
    PaymentAttested: Record.payment_attested,
    LotFrozen: Record.frozen,
    LotHeld: Record.frozen,
    FreezeRenewed: Record.freeze_renewed,
    FreezeLifted: Record.freeze_lifted,
    PledgeProposed: Record.pledge_proposed,
    LotPledged: Record.pledged,
    PledgeReleased: Record.pledge_released,
    PledgeEnforced: Record.pledge_enforced,
    FundingAwaited: Record.funding_awaited,
    FundingConfirmed: Record.funding_confirmed,
    FundingAttested: Record.funding_attested,
    InterestBorne: Record.interest_borne,
    InterestEnded: Record.interest_ended,
    HoldbackKept: Record.holdback_kept,
    HoldbackEnded: Record.holdback_ended,
}
"""What each fact does."""
