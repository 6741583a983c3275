"""What anybody may send and nobody has to sign, sent by the worker when its time has come.

That a receivable is overdue or in default follows from the clock; that a lot is paid what the
anchor set aside for it, that a credit line gets back what was paid, a funder what it set aside for
a quote that ended, an anchor what it did not bear of a discount, and a holder its lot where the
price of an award never came in, follows from the ledger. The contracts check each again, so sending
one of them twice, or too late, does nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from chainfin.chain.calls import calldata
from chainfin.codec.hashing import from_hex
from chainfin.domain.financing import FUNDING_LONG_STOP_SECONDS
from chainfin.domain.freezes import Freeze
from chainfin.domain.pledges import Pledge, payee_of, payment_of
from chainfin.domain.receivable import SECONDS_A_DAY
from chainfin.models.credit_lines import releasable_lots
from chainfin.models.financings import (
    releasable_interests,
    releasable_quotes,
    requests_to_lapse,
)
from chainfin.models.freezes import freezes_of_receivable
from chainfin.models.orders import known_descriptions
from chainfin.models.pledges import pledges_of_receivable
from chainfin.models.receivables import LotRow, lots_due
from chainfin.models.settlements import unnoted_arrears
from chainfin.services.context import Context
from chainfin.services.settlement import MOST_LOTS
from chainfin.services.submission import queue_call

MOST_AT_ONCE = 32
"""Of one kind, and in one question whether they were sent before."""
MOST_CALLS = 200
"""New ones in one transaction, about; the others' turn is the next."""

_Wanted = tuple[str, str, bytes]


def plan(context: Context) -> int:
    """Record what is to be sent; returns how many calls are new.

    A call is described with the state that asks for it, so one that does nothing (a holder is
    blocked, somebody else was faster) is not made again before that state has changed.
    """
    calls = chain(
        _arrears(context),
        _releases(context),
        _funded_quotes(context),
        _unpaid_awards(context),
        _interests(context),
        _payments(context),
    )
    planned = 0
    while planned < MOST_CALLS and (some := list(islice(calls, MOST_AT_ONCE))):
        known = known_descriptions(context.session, [each for each, _, _ in some])
        for description, contract, data in some:
            if description not in known:
                address = context.network.deployment.address(contract)
                queue_call(context, description, address, data)
                planned += 1
    return planned


def _arrears(context: Context) -> Iterator[_Wanted]:
    now_at = context.as_of().block_timestamp
    overdue, defaulted = unnoted_arrears(
        context.session,
        due_before=now_at - SECONDS_A_DAY + 1,
        grace_before=now_at,
        limit=MOST_AT_ONCE,
    )
    for function, numbers in (("noteOverdue", overdue), ("noteDefault", defaulted)):
        for number in numbers:
            data = calldata("Settlement", function, [number])
            yield f"{function} {number}", "Settlement", data


def _payments(context: Context) -> Iterator[_Wanted]:
    now_at = context.as_of().block_timestamp
    for row, due in lots_due(context.session):
        number = row.receivable_id
        freezes = [row.to_domain() for row in freezes_of_receivable(context.session, number)]
        pledges = {row.lot_sequence: row for row in pledges_of_receivable(context.session, number)}
        payable = []
        for lot in due:
            own = [freeze for freeze in freezes if freeze.lot_id == lot.lot_id]
            offered = pledges.get(lot.lot_sequence)
            pledge = None if offered is None else offered.to_domain()
            if _is_payable(lot, own, pledge, now_at):
                payable.append(lot.lot_sequence)
        if payable:
            # A freeze ends by the clock: what waited for that is another call of the same state.
            ended = sum(not freeze.holds_at(now_at) for freeze in freezes)
            data = calldata("Settlement", "payLots", [number, payable[:MOST_LOTS]])
            yield f"payLots {number} at {row.sequence}, {ended} ended", "Settlement", data


def _is_payable(lot: LotRow, freezes: Sequence[Freeze], pledge: Pledge | None, now_at: int) -> bool:
    """Whether anybody may be paid now: the holder, in its place a court, or an earlier seller."""
    if payee_of(freezes, pledge, lot.holder, now_at) is not None:
        return True
    payee, _ = payment_of(
        freezes,
        pledge,
        lot.holdback,
        holder=lot.holder,
        face_value_minor=lot.face_value_minor,
        paid_minor=lot.paid_minor,
        due_minor=lot.face_value_minor - lot.paid_minor,
        instant=now_at,
    )
    return payee is not None


def _interests(context: Context) -> Iterator[_Wanted]:
    now_at = context.as_of().block_timestamp
    for row in releasable_interests(context.session, now_at, limit=MOST_AT_ONCE):
        data = calldata("Funding", "releaseInterest", [row.request_id])
        yield f"releaseInterest {row.request_id} of {row.borne_sequence}", "Funding", data


def _funded_quotes(context: Context) -> Iterator[_Wanted]:
    now_at = context.as_of().block_timestamp
    for row in releasable_quotes(context.session, now_at, limit=MOST_AT_ONCE):
        data = calldata("FinancingMarket", "releaseQuote", [row.funder, from_hex(row.quote_hash)])
        description = f"releaseQuote {row.funder} {row.quote_hash} of {row.funded_sequence}"
        yield description, "FinancingMarket", data


def _unpaid_awards(context: Context) -> Iterator[_Wanted]:
    before = context.as_of().block_timestamp - FUNDING_LONG_STOP_SECONDS
    for request_id in requests_to_lapse(context.session, before, limit=MOST_AT_ONCE):
        data = calldata("Funding", "lapseFunding", [request_id])
        yield f"lapseFunding {request_id}", "Funding", data


def _releases(context: Context) -> Iterator[_Wanted]:
    for lot_id, owed in releasable_lots(context.session, limit=MOST_AT_ONCE):
        data = calldata("CreditLines", "release", [[lot_id.token_id]])
        yield f"release {lot_id} to {owed}", "CreditLines", data
