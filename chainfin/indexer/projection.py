"""What each event does to the rows: one small function per event, one table of them.

A function checks its event's number against its stream's, loads the row, changes it, and is done.
It decides nothing, since the contracts have decided, and it touches nothing but `rows`. Where one
event is of two streams, each half asks `rows.covers`, so that one stream can be rebuilt alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from chainfin.codec.events import EventDecoder
from chainfin.domain import events as said
from chainfin.domain.events import Event, RawLog
from chainfin.indexer import (
    attestations,
    council,
    credit_lines,
    deposits,
    documents,
    financings,
    freezes,
    participants,
    pledges,
    receivables,
    settlements,
    transfers,
)
from chainfin.indexer.ahead import load_ahead
from chainfin.indexer.rows import Rows

Projection: TypeAlias = Callable[[Rows, RawLog, Any], None]


def read_events(decoder: EventDecoder, logs: Iterable[RawLog]) -> list[tuple[RawLog, Event]]:
    """The events of logs in order, without those that change no row; they are not even decoded.

    Raises:
        EventUnknown: One of our contracts said something we do not know.
        LogNotCanonical: A log is not the one encoding of its event.
    """
    return decoder.read(logs, IGNORED)


def project_all(rows: Rows, entries: Sequence[tuple[RawLog, Event]]) -> None:
    """Apply events in order, after loading together what they will ask for.

    Raises:
        LogGap: A log of its stream is missing.
        RowMissing: An event speaks of what no earlier one made.
    """
    load_ahead(rows, entries)
    for log, event in entries:
        PROJECTIONS[type(event)](rows, log, event)


def ignore(_rows: Rows, _log: RawLog, _event: Event) -> None:
    """Nothing: the event repeats for a standard's readers what another says, or is kept raw."""


PROJECTIONS: Mapping[type, Projection] = MappingProxyType(
    {
        said.ParticipantAdmitted: participants.participant_admitted,
        said.ParticipantStatusChanged: participants.participant_status_changed,
        said.ParticipantChanged: participants.participant_changed,
        said.KeyRegistered: participants.key_registered,
        said.KeyRevoked: participants.key_ended,
        said.KeyVetoed: participants.key_ended,
        said.DualControlLimitSet: participants.dual_control_limit_set,
        said.SettlementBankNamed: participants.settlement_bank_named,
        said.DecisionProposed: council.decision_proposed,
        said.DecisionVoted: council.decision_voted,
        said.DecisionScheduled: council.decision_scheduled,
        said.DecisionExecuted: council.decision_executed,
        said.DecisionCancelled: council.decision_cancelled,
        said.CouncilChanged: council.council_changed,
        said.OrderExecuted: participants.order_executed,
        said.OrderCancelled: participants.order_cancelled,
        said.VenueAdmitted: participants.venue_admitted,
        said.VenuePaused: participants.venue_paused,
        said.DocumentReleased: documents.document_released,
        said.DocumentCarried: documents.document_carried,
        said.EpochOpened: documents.epoch_opened,
        said.BatchRowsIssued: receivables.batch_rows_issued,
        said.BatchRowRefused: receivables.batch_row_refused,
        said.ProgrammeOpened: receivables.programme_opened,
        said.TransferRulesReplaced: receivables.transfer_rules_replaced,
        said.ReceivableIssued: receivables.receivable_issued,
        said.ReceivableAccepted: receivables.receivable_accepted,
        said.ReceivableRefused: receivables.receivable_refused,
        said.ReceivableWithdrawn: receivables.receivable_withdrawn,
        said.ReceivableLapsed: receivables.receivable_lapsed,
        said.CancellationProposed: receivables.cancellation_proposed,
        said.ReceivableCancelled: receivables.receivable_cancelled,
        said.LotUnsplit: receivables.lot_unsplit,
        said.LotSplit: receivables.lot_split,
        said.TransferProposed: transfers.transfer_proposed,
        said.TransferAccepted: transfers.transfer_accepted,
        said.TransferRejected: transfers.transfer_rejected,
        said.TransferRevoked: transfers.transfer_revoked,
        said.TransferLapsed: transfers.transfer_lapsed,
        said.LotTransferred: transfers.lot_transferred,
        said.LotPaidEarly: financings.lot_paid_early,
        said.LotFinanced: financings.lot_financed,
        said.ReceivableSettled: settlements.receivable_settled,
        said.LotsPaid: settlements.lots_paid,
        said.LateInterestCharged: settlements.late_interest_charged,
        said.LateInterestPaid: settlements.late_interest_paid,
        said.ReceivableOverdue: settlements.receivable_overdue,
        said.ReceivableDefaulted: settlements.receivable_defaulted,
        said.LotWrittenOff: settlements.lot_written_off,
        said.PaymentConfirmed: attestations.payment_confirmed,
        said.PaymentAttested: attestations.payment_attested,
        said.LotFrozen: freezes.lot_frozen,
        said.LotHeld: freezes.lot_held,
        said.FreezeRenewed: freezes.freeze_renewed,
        said.FreezeLifted: freezes.freeze_lifted,
        said.PledgeProposed: pledges.pledge_proposed,
        said.LotPledged: pledges.lot_pledged,
        said.PledgeReleased: pledges.pledge_released,
        said.PledgeEnforced: pledges.pledge_enforced,
        said.FinancingRequested: financings.financing_requested,
        said.FinancingRequestEnded: financings.financing_request_ended,
        said.QuoteAwarded: financings.quote_awarded,
        said.FilingRecorded: financings.filing_recorded,
        said.QuoteFunded: financings.quote_funded,
        said.FundedQuoteEnded: financings.funded_quote_ended,
        said.RecourseClaimed: financings.recourse_claimed,
        said.LotRepurchased: financings.lot_repurchased,
        said.FundingAwaited: financings.funding_awaited,
        said.FundingConfirmed: financings.funding_confirmed,
        said.FundingAttested: financings.funding_attested,
        said.InterestBorne: financings.interest_borne,
        said.InterestEnded: financings.interest_ended,
        said.HoldbackKept: financings.holdback_kept,
        said.HoldbackEnded: financings.holdback_ended,
        said.CreditLineSet: credit_lines.credit_line_set,
        said.CreditLineUtilised: credit_lines.credit_line_utilised,
        said.CreditLineReleased: credit_lines.credit_line_released,
        said.CreditLineReserved: credit_lines.credit_line_reserved,
        said.CreditReserveReleased: credit_lines.credit_reserve_released,
        said.DepositAccountOpened: deposits.deposit_account_opened,
        said.DepositMinted: deposits.deposit_minted,
        said.DepositRedeemed: deposits.deposit_redeemed,
        said.DepositPaid: deposits.deposit_paid,
        said.DepositEarmarked: deposits.deposit_earmarked,
        said.DepositReserved: deposits.deposit_reserved,
        said.ReserveReleased: deposits.reserve_released,
        said.EarmarkPaid: deposits.earmark_paid,
        # Kept raw: administration and what standards ask for.
        said.IssuerAdmitted: ignore,
        said.TenorLimitsSet: ignore,
        said.Transfer: ignore,
        said.TransferValue: ignore,
        said.SlotChanged: ignore,
        said.AuthorityUpdated: ignore,
        said.OperationScheduled: ignore,
        said.OperationExecuted: ignore,
        said.OperationCanceled: ignore,
        said.RoleLabel: ignore,
        said.RoleGranted: ignore,
        said.RoleRevoked: ignore,
        said.RoleAdminChanged: ignore,
        said.RoleGuardianChanged: ignore,
        said.RoleGrantDelayChanged: ignore,
        said.TargetClosed: ignore,
        said.TargetFunctionRoleUpdated: ignore,
        said.TargetAdminDelayUpdated: ignore,
    }
)
"""What each event does. An event that is not here stops the reader."""

IGNORED = frozenset(kind for kind, change in PROJECTIONS.items() if change is ignore)
"""Events that change no row; they are not even decoded."""
