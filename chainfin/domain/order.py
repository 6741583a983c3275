"""An order: what a participant signed, and its fate.

An order is an EIP-712 message signed by the organisation's own keys. The service relays it; the
contracts alone decide. It is told apart by its hash, on chain and off, never by a transaction.
"""

from dataclasses import dataclass
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands. See `ALLOWED` for what may follow what."""

    RECEIVED = "received"
    """Signed, checked, simulated and recorded; not yet relayed."""
    SUBMITTED = "submitted"
    """A transaction that carries it is stored and sent, or about to be."""
    INCLUDED = "included"
    """It has run in a block that may not be final yet."""
    FINAL = "final"
    """It has run in a final block."""
    REJECTED = "rejected"
    """Never relayed: a rule refused it when it arrived."""
    REVERTED = "reverted"
    """Relayed and refused by the contracts; it can still be run until its deadline."""
    EXPIRED = "expired"
    """Its deadline passed in a final block before it ran."""
    CANCELLED = "cancelled"
    """Its nonce was used up by a cancellation or another order."""


ALLOWED: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.REJECTED: frozenset({OrderStatus.RECEIVED, OrderStatus.FINAL}),
    OrderStatus.RECEIVED: frozenset(
        {OrderStatus.SUBMITTED, OrderStatus.FINAL, OrderStatus.EXPIRED, OrderStatus.CANCELLED}
    ),
    OrderStatus.SUBMITTED: frozenset(
        {
            OrderStatus.INCLUDED,
            OrderStatus.REVERTED,
            OrderStatus.FINAL,
            OrderStatus.EXPIRED,
            OrderStatus.CANCELLED,
        }
    ),
    OrderStatus.INCLUDED: frozenset({OrderStatus.FINAL, OrderStatus.SUBMITTED}),
    OrderStatus.REVERTED: frozenset(
        {OrderStatus.FINAL, OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.RECEIVED}
    ),
    OrderStatus.FINAL: frozenset({OrderStatus.SUBMITTED}),
    OrderStatus.EXPIRED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
"""FINAL and INCLUDED fall back to SUBMITTED only when a reorganisation takes the block away."""

LIVE = frozenset({OrderStatus.RECEIVED, OrderStatus.SUBMITTED, OrderStatus.INCLUDED})
"""Still on its way: a caller waits."""


@dataclass(frozen=True, slots=True)
class ActSpec:
    """How an act is ordered.

    Attributes:
        act: Its Python name, as in commands and URLs.
        primary_type: The EIP-712 type that is signed.
        contract: The contract the order is for.
        function: What the relayer calls.
    """

    act: str
    primary_type: str
    contract: str
    function: str


_SPECS = (
    ActSpec(
        "set_dual_control_limit",
        "SetDualControlLimit",
        "ParticipantRegistry",
        "setDualControlLimit",
    ),
    ActSpec(
        "name_settlement_bank", "NameSettlementBank", "ParticipantRegistry", "nameSettlementBank"
    ),
    ActSpec("register_key", "RegisterKey", "ParticipantRegistry", "registerKey"),
    ActSpec("veto_key", "VetoKey", "ParticipantRegistry", "vetoKey"),
    ActSpec("revoke_key", "RevokeKey", "ParticipantRegistry", "revokeKey"),
    ActSpec("cancel_order", "CancelOrder", "ParticipantRegistry", "cancelOrder"),
    ActSpec("vote", "CouncilVote", "Council", "vote"),
    ActSpec("open_programme", "OpenProgramme", "Issuance", "openProgramme"),
    ActSpec("issue_receivable", "IssueReceivable", "Issuance", "issueReceivable"),
    ActSpec("issue_batch", "IssueBatch", "Issuance", "issueBatch"),
    ActSpec("accept_receivable", "AcceptReceivable", "Issuance", "acceptReceivable"),
    ActSpec("refuse_receivable", "RefuseReceivable", "Issuance", "refuseReceivable"),
    ActSpec("withdraw_receivable", "WithdrawReceivable", "Issuance", "withdrawReceivable"),
    ActSpec("cancel_receivable", "CancelReceivable", "Issuance", "cancelReceivable"),
    ActSpec("split_lot", "SplitLot", "ReceivableLedger", "splitLot"),
    ActSpec("unsplit_lot", "UnsplitLot", "ReceivableLedger", "unsplitLot"),
    ActSpec("propose_transfer", "ProposeTransfer", "ReceivableLedger", "proposeTransfer"),
    ActSpec("accept_transfer", "AcceptTransfer", "ReceivableLedger", "acceptTransfer"),
    ActSpec("reject_transfer", "RejectTransfer", "ReceivableLedger", "rejectTransfer"),
    ActSpec("revoke_transfer", "RevokeTransfer", "ReceivableLedger", "revokeTransfer"),
    ActSpec("request_financing", "RequestFinancing", "FinancingMarket", "requestFinancing"),
    ActSpec(
        "withdraw_financing_request",
        "WithdrawFinancingRequest",
        "FinancingMarket",
        "withdrawFinancingRequest",
    ),
    ActSpec("award_quote", "AwardQuote", "FinancingMarket", "awardQuote"),
    ActSpec("fund_quote", "FundQuote", "FinancingMarket", "fundQuote"),
    ActSpec("record_filing", "RecordFiling", "FinancingMarket", "recordFiling"),
    ActSpec("claim_recourse", "ClaimRecourse", "FinancingMarket", "claimRecourse"),
    ActSpec("repurchase_lot", "RepurchaseLot", "FinancingMarket", "repurchaseLot"),
    ActSpec("bear_interest", "BearInterest", "Funding", "bearInterest"),
    ActSpec("attest_funding", "AttestFunding", "Funding", "attestFunding"),
    ActSpec("confirm_funding", "ConfirmFunding", "Funding", "confirmFunding"),
    ActSpec("release_funding", "ReleaseFunding", "Funding", "releaseFunding"),
    ActSpec("deny_funding", "DenyFunding", "Funding", "denyFunding"),
    ActSpec("set_credit_line", "SetCreditLine", "CreditLines", "setCreditLine"),
    ActSpec("freeze_lots", "FreezeLots", "Encumbrances", "freezeLots"),
    ActSpec("hold_lots", "HoldLots", "Encumbrances", "holdLots"),
    ActSpec("renew_freeze", "RenewFreeze", "Encumbrances", "renewFreeze"),
    ActSpec("lift_freeze", "LiftFreeze", "Encumbrances", "liftFreeze"),
    ActSpec("propose_pledge", "ProposePledge", "Encumbrances", "proposePledge"),
    ActSpec("accept_pledge", "AcceptPledge", "Encumbrances", "acceptPledge"),
    ActSpec("release_pledge", "ReleasePledge", "Encumbrances", "releasePledge"),
    ActSpec("enforce_pledge", "EnforcePledge", "Encumbrances", "enforcePledge"),
    ActSpec("settle_receivable", "SettleReceivable", "Settlement", "settleReceivable"),
    ActSpec("attest_payment", "AttestPayment", "Settlement", "attestPayment"),
    ActSpec("confirm_payment", "ConfirmPayment", "Settlement", "confirmPayment"),
    ActSpec("write_off_lot", "WriteOffLot", "Settlement", "writeOffLot"),
    ActSpec(
        "open_deposit_accounts", "OpenDepositAccounts", "TokenisedDeposit", "openDepositAccounts"
    ),
    ActSpec("mint_deposit", "MintDeposit", "TokenisedDeposit", "mint"),
    ActSpec("redeem_deposit", "RedeemDeposit", "TokenisedDeposit", "redeem"),
)

ACTS: dict[str, ActSpec] = {spec.act: spec for spec in _SPECS}
ACTS_BY_TYPE: dict[str, ActSpec] = {spec.primary_type: spec for spec in _SPECS}
SUBMIT_QUOTE = ActSpec("submit_quote", "Quote", "FinancingMarket", "awardQuote")
"""Signed like an order, kept off chain until it is awarded."""
OFFER_EARLY_PAYMENT = ActSpec("offer_early_payment", "Quote", "FinancingMarket", "awardQuote")
"""The anchor's quote for its own debt: the award pays it early and extinguishes the title."""
QUOTES: dict[str, ActSpec] = {spec.act: spec for spec in (SUBMIT_QUOTE, OFFER_EARLY_PAYMENT)}

_NUMBER_BITS = 96


def nonce_of(maker_key: str, number: int) -> int:
    """The nonce of an order: its maker's key in the upper 160 bits, a running number below.

    The key is part of what is signed: two people who may both be makers cannot make one order run
    once for each of them.
    """
    return int(maker_key, 16) << _NUMBER_BITS | number


def number_of(nonce: int) -> int:
    """The running number in a nonce."""
    return nonce & (1 << _NUMBER_BITS) - 1


@dataclass(frozen=True, slots=True)
class Approval:
    """One signature under an order: the key's address and what it signed with."""

    key: str
    signature: bytes
