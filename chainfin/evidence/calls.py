"""A transaction of the file, read: which act it called, which orders it carried, what it caused.

Only a direct call of an act is read. An order may also be relayed through a stranger's contract;
the chain accepts that, and this version of the evidence cannot show it (`CallUnknown`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from chainfin.codec.abi import SELECTOR_BYTES, decode_call
from chainfin.codec.events import EventDecoder
from chainfin.codec.hashing import to_hex
from chainfin.codec.interfaces import load_interfaces
from chainfin.codec.orders import TYPES, order_hash
from chainfin.codec.solidity_types import Struct
from chainfin.codec.typed_data import Prehashed
from chainfin.domain.events import Event, LogPosition, RawLog, ReceivableEvent
from chainfin.domain.order import Approval
from chainfin.domain.participant import KeyRole
from chainfin.evidence.errors import CallUnknown, FactNotOrdered
from chainfin.evidence.proofs import Included
from chainfin.evidence.trust import Trust

_Event = TypeVar("_Event")

MAKER_AND_CHECKER = (KeyRole.MAKER, KeyRole.CHECKER)
KEEPER_ALONE = (KeyRole.KEEPER,)


@dataclass(frozen=True, slots=True)
class _Signed:
    """Where an order stands among the arguments of a call.

    Attributes:
        primary_type: Its EIP-712 type.
        argument: The order.
        approvals: Its signatures.
        target: The contract it must be for.
        roles: What the keys must be allowed, in the order of the signatures.
    """

    primary_type: str
    argument: str
    approvals: str
    target: str
    roles: tuple[KeyRole, ...] = MAKER_AND_CHECKER


def _order(primary_type: str, contract: str, argument: str = "order") -> _Signed:
    return _Signed(primary_type, argument, "approvals", contract)


_ATTESTED = _Signed(
    "AttestDocuments", "attestation", "attestationApproval", "DocumentRegistry", KEEPER_ALONE
)
_LEDGER, _MARKET, _ISSUANCE = "ReceivableLedger", "FinancingMarket", "Issuance"
_SETTLEMENT, _ENCUMBRANCES, _FUNDING = "Settlement", "Encumbrances", "Funding"

_ACTS: Mapping[tuple[str, str], tuple[_Signed, ...]] = {
    (_ISSUANCE, "issueReceivable"): (_order("IssueReceivable", _ISSUANCE), _ATTESTED),
    (_ISSUANCE, "issueBatch"): (_order("IssueBatch", _ISSUANCE), _ATTESTED),
    (_ISSUANCE, "acceptReceivable"): (_order("AcceptReceivable", _ISSUANCE),),
    (_ISSUANCE, "refuseReceivable"): (_order("RefuseReceivable", _ISSUANCE),),
    (_ISSUANCE, "withdrawReceivable"): (_order("WithdrawReceivable", _ISSUANCE),),
    (_ISSUANCE, "lapseReceivable"): (),
    (_ISSUANCE, "cancelReceivable"): (_order("CancelReceivable", _ISSUANCE),),
    (_LEDGER, "splitLot"): (_order("SplitLot", _LEDGER),),
    (_LEDGER, "unsplitLot"): (_order("UnsplitLot", _LEDGER),),
    (_LEDGER, "proposeTransfer"): (_order("ProposeTransfer", _LEDGER),),
    (_LEDGER, "acceptTransfer"): (_order("AcceptTransfer", _LEDGER, "answer"),),
    (_LEDGER, "rejectTransfer"): (_order("RejectTransfer", _LEDGER, "answer"),),
    (_LEDGER, "revokeTransfer"): (_order("RevokeTransfer", _LEDGER, "answer"),),
    (_LEDGER, "lapseTransfer"): (),
    (_LEDGER, "transferLot"): (
        _order("ProposeTransfer", _LEDGER),
        _Signed("AcceptTransfer", "answer", "answerApprovals", _LEDGER),
    ),
    (_MARKET, "requestFinancing"): (_order("RequestFinancing", _MARKET),),
    (_MARKET, "withdrawFinancingRequest"): (_order("WithdrawFinancingRequest", _MARKET),),
    (_MARKET, "lapseFinancingRequest"): (),
    (_MARKET, "awardQuote"): (
        _order("AwardQuote", _MARKET),
        _Signed("Quote", "quote", "quoteApprovals", _MARKET),
    ),
    (_MARKET, "fundQuote"): (_order("FundQuote", _MARKET),),
    (_MARKET, "releaseQuote"): (),
    (_MARKET, "recordFiling"): (_order("RecordFiling", _MARKET),),
    (_MARKET, "claimRecourse"): (_order("ClaimRecourse", _MARKET),),
    (_MARKET, "repurchaseLot"): (_order("RepurchaseLot", _MARKET),),
    (_FUNDING, "bearInterest"): (_order("BearInterest", _FUNDING),),
    (_FUNDING, "releaseInterest"): (),
    (_FUNDING, "confirmFunding"): (_order("ConfirmFunding", _FUNDING),),
    (_FUNDING, "attestFunding"): (_order("AttestFunding", _FUNDING),),
    (_FUNDING, "releaseFunding"): (_order("ReleaseFunding", _FUNDING),),
    (_FUNDING, "denyFunding"): (_order("DenyFunding", _FUNDING),),
    (_FUNDING, "lapseFunding"): (),
    (_SETTLEMENT, "settleReceivable"): (_order("SettleReceivable", _SETTLEMENT),),
    (_SETTLEMENT, "payLots"): (),
    (_SETTLEMENT, "noteOverdue"): (),
    (_SETTLEMENT, "noteDefault"): (),
    (_ENCUMBRANCES, "freezeLots"): (_order("FreezeLots", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "holdLots"): (_order("HoldLots", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "renewFreeze"): (_order("RenewFreeze", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "liftFreeze"): (_order("LiftFreeze", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "proposePledge"): (_order("ProposePledge", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "acceptPledge"): (_order("AcceptPledge", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "releasePledge"): (_order("ReleasePledge", _ENCUMBRANCES),),
    (_ENCUMBRANCES, "enforcePledge"): (_order("EnforcePledge", _ENCUMBRANCES),),
    (_SETTLEMENT, "confirmPayment"): (_order("ConfirmPayment", _SETTLEMENT),),
    (_SETTLEMENT, "attestPayment"): (_order("AttestPayment", _SETTLEMENT),),
    (_SETTLEMENT, "writeOffLot"): (_order("WriteOffLot", _SETTLEMENT),),
}
"""Every call that can make a fact of a receivable, and the orders it must carry."""


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order out of calldata, not yet believed.

    Attributes:
        primary_type: What is ordered.
        message: The order, by its signed names; a hidden member is its hash.
        order_hash: EIP-712's hash of it, 32 bytes.
        approvals: Who signed, maker first.
        roles: What each signer must be allowed.
        target: The contract it must be for.
    """

    primary_type: str
    message: Mapping[str, Any]
    order_hash: bytes
    approvals: tuple[Approval, ...]
    roles: tuple[KeyRole, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Call:
    """One transaction: what was called and what came of it.

    Attributes:
        included: Where it is on the chain.
        function: The act's function.
        arguments: All its arguments, by name.
        orders: The orders it carried, in the order of the arguments.
        events: Everything our contracts said in it, in order.
        facts: Those that are facts of the receivable it is looked at for.
    """

    included: Included
    function: str
    arguments: Mapping[str, Any]
    orders: tuple[SignedOrder, ...]
    events: tuple[Event, ...]
    facts: tuple[ReceivableEvent, ...] = ()

    @property
    def timestamp(self) -> int:
        """The block's time, which is business time."""
        return self.included.header.timestamp

    @property
    def transaction_hash(self) -> str:
        """The transaction's hash."""
        return to_hex(self.included.transaction.hash)

    @property
    def receivable_ids(self) -> set[int]:
        """The receivables that have a fact in it."""
        return {event.receivable_id for event in self.events if isinstance(event, ReceivableEvent)}

    def about(self, receivable_id: int) -> "Call":
        """The call, looked at for one receivable."""
        facts = [
            event
            for event in self.events
            if isinstance(event, ReceivableEvent) and event.receivable_id == receivable_id
        ]
        return replace(self, facts=tuple(facts))

    def order(self, primary_type: str) -> SignedOrder:
        """The order of a type.

        Raises:
            FactNotOrdered: The call carried none.
        """
        for order in self.orders:
            if order.primary_type == primary_type:
                return order
        raise FactNotOrdered(f"{self.function} carries no {primary_type}")

    def said(self, kind: type[_Event]) -> list[_Event]:
        """The events of a kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]


def read_orders(to: str | None, calldata: bytes, trust: Trust) -> tuple[SignedOrder, ...]:
    """The orders that a transaction carries; raises as `read_call`."""
    contract, function, arguments = _read_calldata(to, calldata, trust)
    return _orders(contract, function, arguments)


def read_call(included: Included, decoder: EventDecoder, trust: Trust) -> Call:
    """Read a transaction and its receipt.

    Args:
        included: Both, proven to be on the chain.
        decoder: The events of the trusted contracts.
        trust: Where the contracts are.

    Raises:
        CallUnknown: It does not call an act of a trusted contract directly.
        CalldataNotCanonical: Its arguments are not in their one encoding.
        EventUnknown: A trusted contract said something we do not know.
        LogNotCanonical: A log is not the one encoding of its event.
    """
    transaction = included.transaction
    contract, function, arguments = _read_calldata(transaction.to, transaction.data, trust)
    known = set(decoder.addresses)
    logs = [log for log in included.receipt.logs if log.address in known]
    events = [
        decoder.decode(
            RawLog(log.address, tuple(map(to_hex, log.topics)), to_hex(log.data), _NOWHERE)
        )
        for log in logs
    ]
    return Call(
        included=included,
        function=function,
        arguments=arguments,
        orders=_orders(contract, function, arguments),
        events=tuple(events),
    )


def _read_calldata(
    to: str | None, calldata: bytes, trust: Trust
) -> tuple[str, str, dict[str, Any]]:
    names = {address: name for name, address in trust.contracts.items()}
    contract = names.get(to or "")
    if contract is None:
        raise CallUnknown(f"{to or 'a new contract'} is no trusted contract")
    functions = load_interfaces()[contract].interface.functions_by_selector()
    function = functions.get(calldata[:SELECTOR_BYTES])
    if function is None or (contract, function.name) not in _ACTS:
        raise CallUnknown(f"{contract}: {to_hex(calldata[:SELECTOR_BYTES])} is no act")
    return contract, function.name, decode_call(function, calldata)


def _orders(contract: str, function: str, arguments: Mapping[str, Any]) -> tuple[SignedOrder, ...]:
    return tuple([_signed_order(signed, arguments) for signed in _ACTS[contract, function]])


def _signed_order(signed: _Signed, arguments: Mapping[str, Any]) -> SignedOrder:
    message = arguments[signed.argument]
    given = arguments[signed.approvals]
    entries: Sequence[Mapping[str, Any]] = [given] if isinstance(given, Mapping) else given
    approvals = tuple([Approval(entry["key"], entry["signature"]) for entry in entries])
    return SignedOrder(
        primary_type=signed.primary_type,
        message=message,
        order_hash=order_hash(signed.primary_type, _hashed(signed.primary_type, message)),
        approvals=approvals,
        roles=signed.roles,
        target=signed.target,
    )


def _hashed(primary_type: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """The message with its hidden members, structs that the chain sees by their hashes."""
    kinds = dict(TYPES[primary_type].fields)
    return {
        name: Prehashed(value)
        if isinstance(kinds[name], Struct) and isinstance(value, bytes)
        else value
        for name, value in message.items()
    }


_NOWHERE = LogPosition(0, "", 0, "", 0, 0)
"""The decoder does not ask where a log is; the proof has said it."""
