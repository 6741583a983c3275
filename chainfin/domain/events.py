"""What the contracts say: one frozen class per event, and where on the chain it was said.

A class holds facts only. Its name is the event's and its fields are the Solidity ones in snake
case, in the order of their declaration; `from`, which Python keeps for itself, is `from_`. Amounts
are minor units, instants UTC seconds, organisations registry numbers (0 is nobody), hashes and
addresses lower-case text behind `0x`. A currency is its ISO 4217 code; where an organisation wrote
other bytes, which only the limits of its own keys allow, it is those bytes behind `0x`.

Every act emits one event with the running number (`sequence`) of its stream: a receivable, an
organisation, a document, a deposit account. A number left out is a log that is missing.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from chainfin.domain.financing import FinancingStatus
from chainfin.domain.participant import KeyKind, KeyRole, ParticipantKind, ParticipantStatus
from chainfin.domain.receivable import ReceivableStatus

# --- where it was said -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block by number, hash, parent and time.

    Attributes:
        logs_bloom: The filter over what its logs say, of 2,048 bits; 0 once it was looked at, since
            it is not kept.
    """

    number: int
    block_hash: str
    parent_hash: str
    timestamp: int
    logs_bloom: int = 0


# The next two are made for every log that is read, so they are tuples: three times as fast.


class LogPosition(NamedTuple):
    """Where a log is. `block_timestamp` is 0 where the node did not tell it with the log."""

    block_number: int
    block_hash: str
    block_timestamp: int
    transaction_hash: str
    transaction_index: int
    log_index: int


class RawLog(NamedTuple):
    """A log as the chain holds it.

    Attributes:
        address: The contract that emitted it.
        topics: The event's own topic, then the indexed parameters; 32 bytes each. Left out, as the
            data is, beside an event that was made of them.
        data: The other parameters.
        position: Where it is.
    """

    address: str
    topics: tuple[str, ...]
    data: str
    position: LogPosition


@dataclass(frozen=True, slots=True)
class ProvenBlock:
    """A block whose hash, recomputed, commits to these logs of our contracts and to no others."""

    ref: BlockRef
    logs: tuple[RawLog, ...]


# --- ParticipantRegistry ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParticipantAdmitted:
    """An organisation has joined; number 1 of its stream."""

    organisation: int
    sequence: int
    kinds: ParticipantKind
    identity: str
    licence_expires_at: int
    parent: int


@dataclass(frozen=True, slots=True)
class ParticipantStatusChanged:
    """An organisation was suspended, blocked or readmitted."""

    organisation: int
    sequence: int
    status: ParticipantStatus


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """What an organisation is, how long it is licensed and who controls it from now on."""

    organisation: int
    sequence: int
    kinds: ParticipantKind
    licence_expires_at: int
    parent: int


@dataclass(frozen=True, slots=True)
class KeyRegistered:
    """A key will act for an organisation from `valid_from` on."""

    organisation: int
    sequence: int
    key: str
    roles: KeyRole
    kind: KeyKind
    valid_from: int
    valid_until: int
    person: str


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """A key has stopped acting, with this block."""

    organisation: int
    sequence: int
    key: str


@dataclass(frozen=True, slots=True)
class KeyVetoed:
    """A key that still waited has ended; its organisation is suspended with the next event."""

    organisation: int
    sequence: int
    key: str
    vetoing_key: str


@dataclass(frozen=True, slots=True)
class DualControlLimitSet:
    """How much one maker's key may order a day without a checker, from `valid_from` on."""

    organisation: int
    sequence: int
    currency: str
    limit: int
    valid_from: int


@dataclass(frozen=True, slots=True)
class SettlementBankNamed:
    """The bank that keeps an organisation's account, from `valid_from` on; 0 for none."""

    organisation: int
    sequence: int
    currency: str
    bank: int
    valid_from: int


# --- Council ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecisionProposed:
    """A member put a decision forward: this call of this contract."""

    decision: str
    sequence: int
    subject: str
    data: str
    salt: str


@dataclass(frozen=True, slots=True)
class DecisionVoted:
    """A member voted, or changed its vote."""

    decision: str
    sequence: int
    organisation: int
    in_favour: bool


@dataclass(frozen=True, slots=True)
class DecisionScheduled:
    """Enough members are in favour; it waits for its delay."""

    decision: str
    sequence: int
    executable_at: int


@dataclass(frozen=True, slots=True)
class DecisionExecuted:
    """It is done."""

    decision: str
    sequence: int


@dataclass(frozen=True, slots=True)
class DecisionCancelled:
    """So many objected that it cannot pass, or not be carried out."""

    decision: str
    sequence: int


@dataclass(frozen=True, slots=True)
class CouncilChanged:
    """Who sits in the Council from now on, and how many of them decide."""

    sequence: int
    term: int
    members: tuple[int, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class OrderExecuted:
    """A signed order has run. A single signature leaves `checker_key` the zero address."""

    order_hash: str
    organisation: int
    maker_key: str
    checker_key: str
    nonce: int


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """A maker's nonce was used up so that the order under it cannot run.

    The chain checks key and nonce. The order's hash is only what the canceller says.
    """

    order_hash: str
    organisation: int
    maker_key: str
    nonce: int


@dataclass(frozen=True, slots=True)
class VenueAdmitted:
    """A contract may now ask whether orders are signed."""

    venue: str


@dataclass(frozen=True, slots=True)
class VenuePaused:
    """Everything one contract authorises was stopped or restarted."""

    venue: str
    is_paused: bool


# --- DocumentRegistry ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DocumentReleased:
    """A void receivable gave back what it used of a document."""

    fingerprint: str
    sequence: int
    used: int
    receivable_id: int


@dataclass(frozen=True, slots=True)
class DocumentCarried:
    """A document goes by its fingerprint of the next epoch; its stream goes on."""

    fingerprint: str
    successor: str
    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EpochOpened:
    """Fingerprints are made with the next key from now on."""

    epoch: int


@dataclass(frozen=True, slots=True)
class IssuerAdmitted:
    """A contract may now use documents."""

    issuer: str


# --- Issuance --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BatchRowsIssued:
    """A run of a signed batch went through: bit n of `issued` stands for row `first_row` + n."""

    order_hash: str
    first_row: int
    issued: int
    first_receivable_id: int


@dataclass(frozen=True, slots=True)
class BatchRowRefused:
    """A rule refused one row of a batch; `reason` is the rule's selector."""

    order_hash: str
    row: int
    reason: str


# --- ReceivableLedger ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of the rules an anchor runs under, as its event shows it."""

    anchor: int
    currency: str
    technique: int
    with_recourse: bool
    acceptance_required: bool
    maximum_tier: int
    maximum_lots: int
    minimum_lot_face_value: int
    maximum_tenor_days: int
    has_tenor_reason: bool
    legacy: bool
    minimum_tenor_days: int
    filing_required: bool
    late_interest_bps: int
    replaces: int
    deposit: str
    transfer_rules: str


@dataclass(frozen=True, slots=True)
class LotPart:
    """One child of a split: its number, who holds it, its face."""

    lot_sequence: int
    holder: int
    face_value: int


@dataclass(frozen=True, slots=True)
class LotPayment:
    """What was paid on one lot: to its holder, or to the court that froze it."""

    lot_sequence: int
    payee: int
    amount: int


@dataclass(frozen=True, slots=True)
class ProgrammeOpened:
    """An anchor opened a version of its programme."""

    programme_id: int
    anchor: int
    programme: Programme
    tenor_reason_hash: str
    terms_hash: str


@dataclass(frozen=True, slots=True)
class TenorLimits:
    """How long receivables may run at issue, in days, until an instant and from it on."""

    maximum_days: int
    usual_days: int
    next_maximum_days: int
    next_usual_days: int
    next_from: int
    legacy_until: int


@dataclass(frozen=True, slots=True)
class TenorLimitsSet:
    """The Council changed how long receivables may run."""

    limits: TenorLimits


@dataclass(frozen=True, slots=True)
class TransferRulesReplaced:
    """A programme asks another contract whether a lot may move."""

    programme_id: int
    transfer_rules: str


@dataclass(frozen=True, slots=True)
class ReceivableIssued:
    """An anchor undertook to pay; number 1 of the receivable's stream, and one of the document's.

    The whole face is the first lot, in the supplier's hands.
    """

    receivable_id: int
    obligor: int
    supplier: int
    programme_id: int
    face_value: int
    maturity_at: int
    grace_ends_at: int
    document_type: int
    document_amount: int
    document_sequence: int
    document_fingerprint: str
    document_commitment: str


@dataclass(frozen=True, slots=True)
class ReceivableAccepted:
    """The supplier accepted: the lots may move."""

    receivable_id: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ReceivableRefused:
    """The supplier refused: the undertaking is void."""

    receivable_id: int
    sequence: int
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ReceivableWithdrawn:
    """The anchor took its offer back: the undertaking is void."""

    receivable_id: int
    sequence: int
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ReceivableLapsed:
    """Nobody accepted the offer before it was due: the undertaking is void."""

    receivable_id: int
    sequence: int


@dataclass(frozen=True, slots=True)
class CancellationProposed:
    """One party would take `amount` off the receivable; the other may agree until `expires_at`."""

    receivable_id: int
    sequence: int
    organisation: int
    amount: int
    expires_at: int
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ReceivableCancelled:
    """Both agreed to take `amount` off: all of it, or a part by a credit note."""

    receivable_id: int
    sequence: int
    amount: int
    reason_hash: str


@dataclass(frozen=True, slots=True)
class LotUnsplit:
    """A lot went back into the one it was split from."""

    receivable_id: int
    sequence: int
    parent_sequence: int
    lot_sequence: int
    face_value: int


@dataclass(frozen=True, slots=True)
class LotSplit:
    """Parts were taken off a lot. A part for another holder has changed hands already."""

    receivable_id: int
    sequence: int
    parent_sequence: int
    remaining_face_value: int
    parts: tuple[LotPart, ...]


@dataclass(frozen=True, slots=True)
class TransferProposed:
    """A lot was offered to a receiver and is locked until the answer."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    from_: int
    to: int
    expires_at: int
    offer: str
    remark_hash: str


@dataclass(frozen=True, slots=True)
class TransferAccepted:
    """A lot changed hands with its receiver's signature; an offer may have gone before it."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    from_: int
    to: int


@dataclass(frozen=True, slots=True)
class TransferRejected:
    """The receiver declined."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    from_: int
    to: int


@dataclass(frozen=True, slots=True)
class TransferRevoked:
    """The holder took its offer back."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    from_: int
    to: int


@dataclass(frozen=True, slots=True)
class TransferLapsed:
    """Nobody answered in time."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    from_: int
    to: int


@dataclass(frozen=True, slots=True)
class LotTransferred:
    """A lot changed hands under a programme whose receivers need not accept."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    from_: int
    to: int
    remark_hash: str


@dataclass(frozen=True, slots=True)
class LotFinanced:
    """Title passed to a funder: of `parent_sequence` itself, or of a part of it."""

    receivable_id: int
    sequence: int
    parent_sequence: int
    lot_sequence: int
    from_: int
    to: int
    face_value: int


@dataclass(frozen=True, slots=True)
class ReceivableSettled:
    """The anchor paid; `paid` is the sum of all its payments."""

    receivable_id: int
    sequence: int
    amount: int
    paid: int
    status: ReceivableStatus


@dataclass(frozen=True, slots=True)
class LotsPaid:
    """Holders were paid what is due to their lots."""

    receivable_id: int
    sequence: int
    payments: tuple[LotPayment, ...]


@dataclass(frozen=True, slots=True)
class ReceivableOverdue:
    """A receivable was not paid in full when its day of payment ended."""

    receivable_id: int
    sequence: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class ReceivableDefaulted:
    """A receivable was not paid in full when its grace ended: the dishonour notice."""

    receivable_id: int
    sequence: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class LateInterestCharged:
    """An anchor paid late, and interest beside it; `paid` is all the interest up to now."""

    receivable_id: int
    sequence: int
    amount: int
    paid: int


@dataclass(frozen=True, slots=True)
class LateInterestPaid:
    """Late interest reached the holders of lots, by the share of their face."""

    receivable_id: int
    sequence: int
    payments: tuple[LotPayment, ...]


@dataclass(frozen=True, slots=True)
class LotWrittenOff:
    """A holder gave a lot up in its books; `status` is the receivable's after it."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    amount: int
    status: ReceivableStatus


@dataclass(frozen=True, slots=True)
class PaymentConfirmed:
    """A payee said that it was paid outside the chain, by a line of its own statement."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    payee: int
    bank: int
    amount: int
    late_interest: int
    line_hash: str


@dataclass(frozen=True, slots=True)
class PaymentAttested:
    """A lot was paid in full outside the chain, by its payee's bank's word.

    `paid` and `status` are the receivable's after it.
    """

    receivable_id: int
    sequence: int
    lot_sequence: int
    payee: int
    bank: int
    amount: int
    late_interest: int
    value_at: int
    line_hash: str
    paid: int
    status: ReceivableStatus


# --- Encumbrances ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LotFrozen:
    """A court froze a lot; with `to_court`, what is paid on it meanwhile is the court's to keep."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    court: int
    reference_hash: str
    to_court: bool
    expires_at: int


@dataclass(frozen=True, slots=True)
class LotHeld:
    """An authority held a lot on suspicion of money laundering."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    court: int
    reference_hash: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class FreezeRenewed:
    """A court's freeze holds longer."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    reference_hash: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class FreezeLifted:
    """Whoever froze or held a lot let it go."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    reference_hash: str


@dataclass(frozen=True, slots=True)
class PledgeProposed:
    """A holder offered a lot as security; `pledge`, the order's hash, is its name from now on."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    pledgee: int
    secured_amount: int
    due_at: int
    expires_at: int
    pledge: str
    agreement_hash: str


@dataclass(frozen=True, slots=True)
class LotPledged:
    """The pledgee accepted, with the filing that registers the pledge."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    pledgee: int
    secured_amount: int
    due_at: int
    pledge: str
    filing_hash: str
    filed_at: int


@dataclass(frozen=True, slots=True)
class PledgeReleased:
    """The pledgee let the lot go."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    pledgee: int
    pledge: str


@dataclass(frozen=True, slots=True)
class PledgeEnforced:
    """The pledgee collects what is paid on the lot, up to what is secured."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    pledgee: int
    pledge: str


@dataclass(frozen=True, slots=True)
class HoldbackKept:
    """A lot was sold for less than all of it: the last `amount` it is paid is the seller's."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    seller: int
    amount: int


@dataclass(frozen=True, slots=True)
class HoldbackEnded:
    """The seller has the lot again, and with it what was held back."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    seller: int
    amount: int


# --- CreditLines -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreditLineSet:
    """A funder's limit on an anchor, or on a group's parent; 0 closes it."""

    funder: int
    anchor: int
    currency: str
    sequence: int
    limit: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class CreditLineUtilised:
    """A lot the funder bought uses its line; `utilised` is all that is used after it."""

    funder: int
    anchor: int
    currency: str
    sequence: int
    lot_id: int
    amount: int
    utilised: int


@dataclass(frozen=True, slots=True)
class CreditLineReleased:
    """A lot gave a line back what it does not use any more."""

    funder: int
    anchor: int
    currency: str
    sequence: int
    lot_id: int
    amount: int
    utilised: int


@dataclass(frozen=True, slots=True)
class CreditLineReserved:
    """A funded quote uses a line until it is awarded or ends."""

    funder: int
    anchor: int
    currency: str
    sequence: int
    quote: str
    amount: int
    utilised: int


@dataclass(frozen=True, slots=True)
class CreditReserveReleased:
    """A funded quote ended; where it was awarded, its lot uses as much of the line next."""

    funder: int
    anchor: int
    currency: str
    sequence: int
    quote: str
    amount: int
    utilised: int


# --- FinancingMarket -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FinancingRequested:
    """A holder asked for financing; the lot is locked meanwhile."""

    request_id: int
    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    part_face_value: int
    with_recourse: bool
    expires_at: int


@dataclass(frozen=True, slots=True)
class FinancingRequestEnded:
    """A request was withdrawn or lapsed, or its awarded price came in or did not."""

    request_id: int
    receivable_id: int
    sequence: int
    status: FinancingStatus


@dataclass(frozen=True, slots=True)
class LotPaidEarly:
    """The anchor bought its own debt back before it was due: it is owed no more.

    One act with the `QuoteAwarded` that follows and repeats its number.
    """

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    face_value: int


@dataclass(frozen=True, slots=True)
class QuoteAwarded:
    """A funder's quote was taken.

    One act with the `LotFinanced`, `LotPaidEarly` or `FundingAwaited` before it.
    """

    request_id: int
    receivable_id: int
    sequence: int
    funder: int
    quote: str
    net_proceeds: int
    terms: str
    quote_count: int
    quote_head: str


@dataclass(frozen=True, slots=True)
class FilingRecorded:
    """A funder filed a request's lot with the national registry; `filing` commits to the number."""

    request_id: int
    receivable_id: int
    sequence: int
    funder: int
    filed_at: int
    filing: str


@dataclass(frozen=True, slots=True)
class QuoteFunded:
    """A funder set money aside for its quote, and reserved its credit line where it keeps one."""

    request_id: int
    receivable_id: int
    sequence: int
    funder: int
    quote: str
    amount: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class FundedQuoteEnded:
    """What was set aside for a quote is drawn by the award that follows, or free again."""

    request_id: int
    receivable_id: int
    sequence: int
    funder: int
    quote: str
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class RecourseClaimed:
    """A holder turned to the seller that sold it a lot with recourse; the anchor is in default."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    holder: int
    seller: int
    amount: int
    late_interest: int


@dataclass(frozen=True, slots=True)
class LotRepurchased:
    """A seller paid the holder what was outstanding on a lot, and has it again."""

    receivable_id: int
    sequence: int
    lot_sequence: int
    seller: int
    holder: int
    amount: int
    late_interest: int


# --- Funding ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FundingAwaited:
    """The price of an award is on its way by bank transfer; `bank` is whose word counts.

    One act with the `QuoteAwarded` that follows and repeats its number.
    """

    request_id: int
    receivable_id: int
    sequence: int
    bank: int
    holdback: int
    obligor_interest: int
    pay_by: int


@dataclass(frozen=True, slots=True)
class FundingConfirmed:
    """The payee says that the price came in; nothing is funded by it alone."""

    request_id: int
    receivable_id: int
    sequence: int
    payee: int
    bank: int
    amount: int
    line_hash: str


@dataclass(frozen=True, slots=True)
class FundingAttested:
    """The payee's bank says that the price came in: title is the funder's."""

    request_id: int
    receivable_id: int
    sequence: int
    lot_sequence: int
    payee: int
    funder: int
    bank: int
    amount: int
    value_at: int
    line_hash: str


@dataclass(frozen=True, slots=True)
class InterestBorne:
    """The anchor set money aside for its share of the discount of a request."""

    request_id: int
    receivable_id: int
    sequence: int
    obligor: int
    share_bps: int
    amount: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class InterestEnded:
    """Of what the anchor set aside `amount` is the holder's, and the rest is free again."""

    request_id: int
    receivable_id: int
    sequence: int
    obligor: int
    amount: int


# --- TokenisedDeposit ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DepositPayment:
    """One payment into one account."""

    payee: int
    payee_sequence: int
    amount: int


@dataclass(frozen=True, slots=True)
class DepositAccountOpened:
    """The bank opened an account; number 1 of its stream."""

    organisation: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DepositMinted:
    """The bank credited an account."""

    organisation: int
    sequence: int
    amount: int
    reference_hash: str


@dataclass(frozen=True, slots=True)
class DepositRedeemed:
    """An owner gave deposit money back to the bank."""

    organisation: int
    sequence: int
    amount: int
    reference_hash: str


@dataclass(frozen=True, slots=True)
class DepositPaid:
    """The price of an award was paid; one event of two accounts."""

    payer: int
    payer_sequence: int
    payee: int
    payee_sequence: int
    amount: int
    order_hash: str


@dataclass(frozen=True, slots=True)
class DepositEarmarked:
    """An anchor's money was set aside for a receivable."""

    organisation: int
    sequence: int
    amount: int
    receivable_id: int


@dataclass(frozen=True, slots=True)
class DepositReserved:
    """A funder's money was set aside for the price of its quote."""

    organisation: int
    sequence: int
    amount: int
    quote: str


@dataclass(frozen=True, slots=True)
class ReserveReleased:
    """What was set aside for a quote is free again, or its price is paid next."""

    organisation: int
    sequence: int
    amount: int
    quote: str


@dataclass(frozen=True, slots=True)
class EarmarkPaid:
    """Money set aside reached holders; one event of the payer's account and of each payee's."""

    payer: int
    payer_sequence: int
    receivable_id: int
    payments: tuple[DepositPayment, ...]


# --- standards' events: decoded for an auditor, not projected ---------------------------------


@dataclass(frozen=True, slots=True)
class Transfer:
    """ERC-721's and ERC-20's event of one name: `value` is the lot's number, or the amount."""

    from_: str
    to: str
    value: int


@dataclass(frozen=True, slots=True)
class TransferValue:
    """ERC-3525: face value went from one lot to another; 0 stands for none."""

    from_token_id: int
    to_token_id: int
    value: int


@dataclass(frozen=True, slots=True)
class SlotChanged:
    """ERC-3525: a lot belongs to a receivable."""

    token_id: int
    old_slot: int
    new_slot: int


@dataclass(frozen=True, slots=True)
class AuthorityUpdated:
    """A contract is administered by another AccessManager."""

    authority: str


@dataclass(frozen=True, slots=True)
class OperationScheduled:
    """An administrative act waits for its delay."""

    operation_id: str
    nonce: int
    schedule: int
    caller: str
    target: str
    data: str


@dataclass(frozen=True, slots=True)
class OperationExecuted:
    """A scheduled administrative act ran."""

    operation_id: str
    nonce: int


@dataclass(frozen=True, slots=True)
class OperationCanceled:
    """A scheduled administrative act was called off."""

    operation_id: str
    nonce: int


@dataclass(frozen=True, slots=True)
class RoleLabel:
    """A role of the administration has a name."""

    role_id: int
    label: str


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """An account holds a role from `since` on, and acts in it with a delay."""

    role_id: int
    account: str
    delay: int
    since: int
    new_member: bool


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """An account lost a role."""

    role_id: int
    account: str


@dataclass(frozen=True, slots=True)
class RoleAdminChanged:
    """Another role grants this one."""

    role_id: int
    admin: int


@dataclass(frozen=True, slots=True)
class RoleGuardianChanged:
    """Another role may call off this one's scheduled acts."""

    role_id: int
    guardian: int


@dataclass(frozen=True, slots=True)
class RoleGrantDelayChanged:
    """New members of a role wait longer or shorter."""

    role_id: int
    delay: int
    since: int


@dataclass(frozen=True, slots=True)
class TargetClosed:
    """A contract's administration was closed or reopened."""

    target: str
    closed: bool


@dataclass(frozen=True, slots=True)
class TargetFunctionRoleUpdated:
    """A function is for the holders of another role."""

    target: str
    selector: str
    role_id: int


@dataclass(frozen=True, slots=True)
class TargetAdminDelayUpdated:
    """Changes to a contract's administration wait longer or shorter."""

    target: str
    delay: int
    since: int


ParticipantEvent: TypeAlias = (
    ParticipantAdmitted
    | ParticipantStatusChanged
    | ParticipantChanged
    | KeyRegistered
    | KeyRevoked
    | KeyVetoed
    | DualControlLimitSet
    | SettlementBankNamed
)
"""The stream of an organisation."""

ReceivableAct: TypeAlias = (
    ReceivableAccepted
    | ReceivableRefused
    | ReceivableWithdrawn
    | ReceivableLapsed
    | CancellationProposed
    | ReceivableCancelled
    | LotSplit
    | LotUnsplit
    | TransferProposed
    | TransferAccepted
    | TransferRejected
    | TransferRevoked
    | TransferLapsed
    | LotTransferred
    | LotFinanced
    | LotPaidEarly
    | ReceivableSettled
    | LotsPaid
    | FinancingRequested
    | FinancingRequestEnded
    | QuoteAwarded
    | FilingRecorded
    | QuoteFunded
    | FundedQuoteEnded
    | RecourseClaimed
    | LotRepurchased
    | FundingAwaited
    | FundingConfirmed
    | FundingAttested
    | InterestBorne
    | InterestEnded
    | ReceivableOverdue
    | ReceivableDefaulted
    | LateInterestCharged
    | LateInterestPaid
    | LotWrittenOff
    | PaymentConfirmed
    | PaymentAttested
    | LotFrozen
    | LotHeld
    | FreezeRenewed
    | FreezeLifted
    | PledgeProposed
    | LotPledged
    | PledgeReleased
    | PledgeEnforced
    | HoldbackKept
    | HoldbackEnded
)
"""The stream of a receivable after its issue."""

ReceivableEvent: TypeAlias = ReceivableIssued | ReceivableAct
"""The stream of a receivable."""

DepositEvent: TypeAlias = (
    DepositAccountOpened
    | DepositMinted
    | DepositRedeemed
    | DepositPaid
    | DepositEarmarked
    | DepositReserved
    | ReserveReleased
    | EarmarkPaid
)
"""The streams of deposit accounts."""

CreditLineEvent: TypeAlias = (
    CreditLineSet
    | CreditLineUtilised
    | CreditLineReleased
    | CreditLineReserved
    | CreditReserveReleased
)
"""The streams of credit lines."""

CouncilEvent: TypeAlias = (
    DecisionProposed
    | DecisionVoted
    | DecisionScheduled
    | DecisionExecuted
    | DecisionCancelled
    | CouncilChanged
)
"""The stream of the Council."""

NetworkEvent: TypeAlias = (
    CouncilEvent
    | ProgrammeOpened
    | TransferRulesReplaced
    | TenorLimitsSet
    | VenueAdmitted
    | VenuePaused
    | EpochOpened
    | IssuerAdmitted
)
"""Facts of the network as a whole."""

OrderEvent: TypeAlias = OrderExecuted | OrderCancelled
"""The end of an order."""

BatchEvent: TypeAlias = BatchRowsIssued | BatchRowRefused
"""What became of rows of a batch."""

StandardEvent: TypeAlias = (
    Transfer
    | TransferValue
    | SlotChanged
    | AuthorityUpdated
    | OperationScheduled
    | OperationExecuted
    | OperationCanceled
    | RoleLabel
    | RoleGranted
    | RoleRevoked
    | RoleAdminChanged
    | RoleGuardianChanged
    | RoleGrantDelayChanged
    | TargetClosed
    | TargetFunctionRoleUpdated
    | TargetAdminDelayUpdated
)
"""Said for explorers (ERC-20, ERC-721, ERC-3525) or by OpenZeppelin's administration."""

Event: TypeAlias = (
    ParticipantEvent
    | ReceivableEvent
    | DepositEvent
    | CreditLineEvent
    | NetworkEvent
    | OrderEvent
    | BatchEvent
    | DocumentReleased
    | DocumentCarried
    | StandardEvent
)
"""Everything our contracts can say."""
