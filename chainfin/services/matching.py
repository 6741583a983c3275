"""Banks' statements against the payments that were expected; payment files for those to come.

What is expected follows from the index: what holders of lots are still owed, or are to be paid for
them by bank transfer, seen from the payer's account or the holder's. A match is a note of the
organisation that imported the statement; on chain nothing is settled by it. That takes the
settlement bank's own signature over the line.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from chainfin.analysis.matching import (
    DEFAULT_TOLERANCE,
    ExpectedPayment,
    Matching,
    Tolerance,
    match_payments,
)
from chainfin.domain.calendar import next_working_day, utc_day
from chainfin.domain.money import Money, money_json
from chainfin.domain.payments import AccountHolder, PaymentFile, PaymentInstruction
from chainfin.domain.receivable import ReceivableStatus
from chainfin.domain.refusals import PaymentShared
from chainfin.domain.service_errors import AccountMissing, FieldMalformed, NotFound
from chainfin.domain.statements import (
    Direction,
    account_key,
    funding_key,
    payment_key,
    payment_reference,
    value_instant,
)
from chainfin.interchange.calendars import calendar_of_currency
from chainfin.interchange.payments import write_payments
from chainfin.models.bank_statements import (
    BankAccountRow,
    StatementLineRow,
    accounts_of_owners,
    bank_accounts,
    count_lines,
    exception_lines,
    lock_account,
    matched_keys,
    unmatched_lines,
)
from chainfin.models.financings import FinancingRequestRow, awarded_requests
from chainfin.models.participants import settlement_bank_at
from chainfin.models.receivables import (
    LotRow,
    ReceivableRow,
    find_receivable,
    list_lots,
    list_receivables,
    lots_of,
    lots_of_receivables,
    receivables_by_number,
)
from chainfin.services.bank_statements import line_of, line_view
from chainfin.services.context import Caller, Context
from chainfin.services.proposals import proposal_views
from chainfin.services.settlement import late_interest_on

MOST_EXPECTED = 20_000
"""Receivables or lots one run looks at, from the oldest."""

_LONGEST_NOTE = 500


# --- matching --------------------------------------------------------------------------------


def match_statements(
    context: Context, caller: Caller, tolerance: Tolerance = DEFAULT_TOLERANCE
) -> dict[str, Any]:
    """Match what the caller's accounts show with what was expected there; a rerun adds only.

    Returns:
        How many lines were recognised by level, how many are for a person, how many expected
        payments are open.
    """
    found = {"exact": 0, "tolerance": 0, "aggregate": 0, "exception": 0, "open": 0}
    for account in bank_accounts(context.session, caller.organisation):
        matching = _match_account(context, account, tolerance)
        for match in matching.matches:
            found[match.level] += len(match.lines)
        found["exception"] += len(matching.exceptions)
        found["open"] += len(matching.open)
    return found


def _match_account(context: Context, account: BankAccountRow, tolerance: Tolerance) -> Matching:
    session, organisation = context.session, account.organisation
    lock_account(session, organisation, account.account, account.currency)
    known = matched_keys(session, organisation)
    expected = [
        payment for payment in expected_payments(context, account) if payment.key not in known
    ]
    rows = unmatched_lines(session, organisation, account.account, account.currency)
    matching = match_payments([line_of(row) for row in rows], expected, tolerance)
    for match in matching.matches:
        for index in match.lines:
            row = rows[index]
            row.level, row.exception = match.level, None
            row.expected = ",".join(match.expected)
            row.difference_minor, row.matched_at = match.difference_minor, context.now
    for index, reason in matching.exceptions.items():
        rows[index].exception = reason
    session.flush()
    return matching


def expected_payments(context: Context, account: BankAccountRow) -> list[ExpectedPayment]:
    """What should still appear on an account: payments on lots, and prices of lots by transfer."""
    is_known = _is_known_customer(context, account)
    return [
        *(_incoming(context, account) if is_known else ()),
        *(_outgoing(context, account) if is_known else ()),
        *_prices(context, account, is_known=is_known),
    ]


def _is_known_customer(context: Context, account: BankAccountRow) -> bool:
    """Whether an account is the importer's own, or its owner named the importer as its bank.

    Nobody is shown what others are owed for the mere saying that it banks them.
    """
    if account.owner == account.organisation:
        return True
    now_at = context.as_of().block_timestamp
    named = settlement_bank_at(context.session, account.owner, account.currency, now_at)
    return named == account.organisation


def _incoming(context: Context, account: BankAccountRow) -> list[ExpectedPayment]:
    session = context.session
    lots = list_lots(session, holder=account.owner, is_settled=False, limit=MOST_EXPECTED)
    receivables = receivables_by_number(session, [lot.receivable_id for lot in lots])
    owed = [
        (lot, receivable)
        for lot in lots
        if not _is_shared(lot)
        and (receivable := receivables[lot.receivable_id]).currency == account.currency
        and receivable.status is ReceivableStatus.ACTIVE
    ]
    payers = _account_by_owner(context, {row.obligor for _, row in owed}, account.currency)
    return [
        _expected(context, lot, receivable, Direction.CREDIT, payers.get(receivable.obligor))
        for lot, receivable in owed
        if receivable.obligor != account.owner
    ]


def _outgoing(context: Context, account: BankAccountRow) -> list[ExpectedPayment]:
    session = context.session
    receivables = {
        row.receivable_id: row
        for row in list_receivables(
            session,
            obligor=account.owner,
            statuses=[ReceivableStatus.ACTIVE],
            limit=MOST_EXPECTED,
        )
        if row.currency == account.currency
    }
    lots = [
        lot
        for some in lots_of_receivables(session, list(receivables)).values()
        for lot in some
        if not lot.is_settled and not _is_shared(lot)
    ]
    payees = _account_by_owner(context, {lot.holder for lot in lots}, account.currency)
    return [
        _expected(
            context,
            lot,
            receivables[lot.receivable_id],
            Direction.DEBIT,
            payees.get(lot.holder),
        )
        for lot in lots
        if lot.holder != account.owner
    ]


def _prices(
    context: Context, account: BankAccountRow, *, is_known: bool
) -> Iterator[ExpectedPayment]:
    """Prices of awards on their way to or from an account's owner.

    The bank that the owner had named at an award sees that award's price, whatever it named since.
    """
    session, owner = context.session, account.owner
    rows = awarded_requests(session, owner, limit=MOST_EXPECTED)
    if not rows:
        return
    receivables = receivables_by_number(session, [row.receivable_id for row in rows])
    parties = {party for row in rows for party in (row.holder, row.funder) if party is not None}
    others = _account_by_owner(context, parties, account.currency)
    for row in rows:
        if receivables[row.receivable_id].currency != account.currency:
            continue
        if row.holder == owner and (is_known or row.settlement_bank == account.organisation):
            yield _price(row, Direction.CREDIT, others.get(row.funder or 0), account.currency)
        elif row.funder == owner and is_known:
            yield _price(row, Direction.DEBIT, others.get(row.holder), account.currency)


def _price(
    row: FinancingRequestRow, direction: Direction, other: BankAccountRow | None, currency: str
) -> ExpectedPayment:
    return ExpectedPayment(
        key=funding_key(direction, row.request_id),
        lot_id=row.to_domain().lot_id,
        direction=direction,
        money=Money(row.net_proceeds_minor or 0, currency),
        due_date=utc_day(row.pay_by or 0),
        counterparty_account=other.account if other else None,
    )


def _is_shared(lot: LotRow) -> bool:
    """Whether a part of a lot is an earlier seller's: then only the anchor's deposit settles it."""
    _, to_seller = lot.owed_minor
    return to_seller > 0


def _expected(
    context: Context,
    lot: LotRow,
    receivable: ReceivableRow,
    direction: Direction,
    other: BankAccountRow | None,
) -> ExpectedPayment:
    outstanding = lot.to_domain().outstanding_minor

    def late_interest(day: date) -> int:
        paid_at = value_instant(day, receivable.maturity_at)
        return late_interest_on(context, receivable, outstanding, paid_at)

    return ExpectedPayment(
        key=payment_key(direction, lot.lot_id),
        lot_id=lot.lot_id,
        direction=direction,
        money=Money(outstanding, receivable.currency),
        due_date=utc_day(receivable.maturity_at),
        counterparty_account=other.account if other else None,
        late_interest=late_interest,
    )


def _account_by_owner(
    context: Context, owners: set[int], currency: str
) -> dict[int, BankAccountRow]:
    """The account each gave first for a currency."""
    rows = accounts_of_owners(context.session, owners, currency)
    return {row.owner: row for row in reversed(rows)}


# --- the work list ---------------------------------------------------------------------------


def reconciliation_view(context: Context, caller: Caller) -> dict[str, Any]:
    """How far the caller's statements are recognised, and what is expected and not there yet.

    What was recognised and not attested is not settled, and stands under `unattested`.
    """
    known = matched_keys(context.session, caller.organisation)
    missing = [
        payment
        for account in bank_accounts(context.session, caller.organisation)
        for payment in expected_payments(context, account)
        if payment.key not in known
    ]
    return {
        "lines": count_lines(context.session, caller.organisation),
        "open": [_open_view(payment) for payment in missing[:MOST_EXPECTED]],
        "unattested": proposal_views(context, caller, limit=MOST_EXPECTED),
    }


def _open_view(payment: ExpectedPayment) -> dict[str, Any]:
    return {
        "lot_id": str(payment.lot_id),
        "direction": payment.direction,
        "reference": payment_reference(payment.lot_id),
        "amount": money_json(payment.money.amount_minor, payment.money.currency),
        "due_date": payment.due_date.isoformat(),
    }


def exception_views(
    context: Context, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Lines a person has to look at, the oldest first."""
    rows = exception_lines(context.session, caller.organisation, after=after, limit=limit)
    return [line_view(row) for row in rows]


def resolve_exception(
    context: Context, caller: Caller, line_hash: str, resolution: str
) -> dict[str, Any]:
    """Take a line off the work list with what a person found; the same again changes nothing.

    Raises:
        NotFound: The caller has no such line on its list.
        FieldMalformed: No note, or too long a one.
    """
    row = context.session.get(
        StatementLineRow, (caller.organisation, line_hash), with_for_update=True
    )
    if row is None or row.exception is None:
        raise NotFound("exception", line_hash)
    note = resolution.strip()
    if not 0 < len(note) <= _LONGEST_NOTE:
        raise FieldMalformed("resolution", note[:40], f"1 to {_LONGEST_NOTE} characters")
    if row.resolution is None:
        row.resolution, row.resolved_at = note, context.now
    return line_view(row)


# --- payments to come ------------------------------------------------------------------------


def payment_file(
    context: Context,
    caller: Caller,
    receivable_id: int,
    *,
    account: str,
    execution_date: date | None = None,
) -> bytes:
    """The anchor's payments on a receivable, one for each lot, as pain.001.

    Args:
        context: The unit of work.
        caller: The anchor.
        receivable_id: What is paid.
        account: The account it is paid from, one of the anchor's own.
        execution_date: When; unless given, the day it falls due, or the next on which the market
            of its currency works.

    Raises:
        NotFound: The caller does not owe it, nothing of it is open, or the account is not named.
        AccountMissing: A holder has not named an account in that currency.
        PaymentShared: A part of a lot is held back for its seller: no transfer settles that.
        PaymentMalformed: As `write_payments`.
    """
    receivable = find_receivable(context.session, receivable_id)
    if receivable is None or receivable.obligor != caller.organisation:
        raise NotFound("receivable", str(receivable_id))
    payer = context.session.get(
        BankAccountRow, (caller.organisation, account_key(account), receivable.currency)
    )
    if payer is None:
        raise NotFound("account", account[:40])
    lots = [lot for lot in lots_of(context.session, receivable_id) if _is_open(receivable, lot)]
    if not lots:
        raise NotFound("payment", f"on receivable {receivable_id}")
    for lot in lots:
        to_holder, to_seller = lot.owed_minor
        if to_seller:
            raise PaymentShared(str(lot.lot_id), lot.holder, to_holder)
    day = execution_date or _payment_day(receivable)
    file = PaymentFile(
        message_id=f"SCF-{receivable_id}-{receivable.paid_minor}-{day:%Y%m%d}",
        created_at=context.now,
        debtor=_holder(payer),
        execution_date=day,
        instructions=_instructions(context, receivable, lots),
    )
    return write_payments(file)


def _payment_day(receivable: ReceivableRow) -> date:
    due, calendar = utc_day(receivable.maturity_at), calendar_of_currency(receivable.currency)
    return due if calendar is None else next_working_day(due, calendar)


def _instructions(
    context: Context, receivable: ReceivableRow, lots: Sequence[LotRow]
) -> tuple[PaymentInstruction, ...]:
    payees = _account_by_owner(context, {lot.holder for lot in lots}, receivable.currency)
    for lot in lots:
        if lot.holder not in payees:
            raise AccountMissing(lot.holder, receivable.currency)
    return tuple(
        PaymentInstruction(
            reference=payment_reference(lot.lot_id),
            money=Money(lot.to_domain().outstanding_minor, receivable.currency),
            creditor=_holder(payees[lot.holder]),
        )
        for lot in lots
    )


def _is_open(receivable: ReceivableRow, lot: LotRow) -> bool:
    return receivable.status is ReceivableStatus.ACTIVE and not lot.is_settled


def _holder(row: BankAccountRow) -> AccountHolder:
    return AccountHolder(row.holder_name, row.account, row.bic)
