"""Funding by bank transfer: an award whose price is on its way, and whose word ends the wait.

The holder's settlement bank of the day of the award attests the price by a line of its statement,
and title passes; where that bank may be the funder's too, the holder confirms the very same first.
A price that did not come in is given up by its funder, denied by that bank, or lapses.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chainfin.codec.hashing import from_hash
from chainfin.domain.financing import FUNDING_LONG_STOP_SECONDS, FinancingStatus
from chainfin.domain.money import money_json
from chainfin.domain.refusals import (
    FundedAmountDiffers,
    FundingAwaitedUntil,
    FundingNotAwaited,
    NotFunder,
    NotPayeesBank,
    RequestUnknown,
    StatementLineUsed,
)
from chainfin.domain.service_errors import NotFound
from chainfin.domain.statements import (
    Direction,
    funding_key,
    payment_reference,
    value_instant,
)
from chainfin.models.attestations import amounts_attested_by
from chainfin.models.bank_statements import StatementLineRow, accounts_of_owners
from chainfin.models.financings import (
    FinancingRequestRow,
    FundingAttestationRow,
    awarded_requests,
    financing_requests_by_number,
    find_financing_request,
    find_funding_attestation,
    lines_confirmed,
    list_funding_attestations,
)
from chainfin.models.participants import settlement_banks_at
from chainfin.models.receivables import ReceivableRow, find_receivable, receivables_by_number
from chainfin.services.attestations import (
    line_to_attest,
    needs_confirmation,
    pays_one,
    require_unused,
)
from chainfin.services.audit import require_reader
from chainfin.services.context import Built, Caller, Context, read_fields
from chainfin.services.portfolio import financing_request_view

_NO_QUOTE = "0x" + "00" * 32


class FundingLineFields(msgspec.Struct, forbid_unknown_fields=True):
    """The request whose price came in, and the line of the caller's own statement that shows it."""

    request_id: int
    line_hash: str


class FundingEndFields(msgspec.Struct, forbid_unknown_fields=True):
    """The request whose award is to end without its price."""

    request_id: int


@dataclass(frozen=True, slots=True)
class Award:
    """An award whose price is on its way.

    Attributes:
        price_minor: What the holder is to be paid.
        bank: Whose word counts.
        pay_by: Until when the funder is to pay, UTC seconds.
        needs_confirmation: Whether that bank may be the funder's too: the holder's word is asked.
        confirmed_lines: The lines by which the holder said that it was paid.
    """

    request: FinancingRequestRow
    receivable: ReceivableRow
    quote_hash: str
    funder: int
    price_minor: int
    bank: int
    pay_by: int
    needs_confirmation: bool
    confirmed_lines: frozenset[str]

    @property
    def lot_id(self) -> str:
        """The lot that is sold, as `17-3`."""
        return f"{self.request.receivable_id}-{self.request.lot_sequence}"


# --- builders --------------------------------------------------------------------------------


def build_attest_funding(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The holder's bank vouches for a line: the price of an award.

    Raises:
        NotFound: The caller has imported no such line, or it shows another thing.
        LineNotAttestable: The line is for a person, or no booked credit under the bank's reference.
        FundingNotAwaited: The request awaits no price, or no more.
        NotPayeesBank: At the award the holder's bank was another.
        FundedAmountDiffers, StatementLineUsed: It is not just the price.
    """
    award, line = _line_of(context, organisation, read_fields(FundingLineFields, fields))
    payee = award.request.holder
    if award.bank != organisation:
        raise NotPayeesBank(payee, award.bank, organisation)
    return _built(award, line, {"payee": payee})


def build_confirm_funding(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The holder says the same of its own statement, where its bank's word alone is not enough.

    Raises: As `build_attest_funding`, but `NotFound` for a request that is not the caller's.
    """
    award, line = _line_of(context, organisation, read_fields(FundingLineFields, fields))
    if award.request.holder != organisation:
        raise NotFound("financing request", str(award.request.request_id))
    return _built(award, line, {"bank": award.bank})


def build_release_funding(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The funder gives up an award whose price it has not paid.

    Raises:
        FundingNotAwaited: The request awaits no price, or no more.
        NotFunder: Another's quote was awarded.
    """
    award = _award(context, read_fields(FundingEndFields, fields).request_id)
    if award.funder != organisation:
        raise NotFunder(award.request.request_id, award.funder, organisation)
    return _ended(award)


def build_deny_funding(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The holder's bank says that the price did not come in in time.

    Raises:
        NotFound: The caller is not the bank of that award.
        FundingNotAwaited: The request awaits no price any more.
        FundingAwaitedUntil: The funder may still pay in time.
    """
    request_id = read_fields(FundingEndFields, fields).request_id
    request = find_financing_request(context.session, request_id)
    if request is None or request.settlement_bank != organisation:
        raise NotFound("financing request", str(request_id))
    award = _award(context, request_id)
    if context.as_of().block_timestamp <= award.pay_by:
        raise FundingAwaitedUntil(request_id, award.pay_by)
    return _ended(award)


def _built(award: Award, line: StatementLineRow, party: Mapping[str, int]) -> Built:
    receivable = award.receivable
    day = line.value_date or line.booking_date
    if day is None:
        raise NotFound("value date", line.line_hash)
    return Built(
        fields=_named(award)
        | {
            **party,
            "currency": receivable.currency.encode(),
            "amount": award.price_minor,
            "valueAt": value_instant(day, receivable.maturity_at),
            "lineHash": from_hash(line.line_hash),
            "lineAmount": line.amount_minor,
        },
        attachments={},
        currency=receivable.currency,
        amount_minor=award.price_minor,
        notes=_notes(award) | {"needs_confirmation": award.needs_confirmation},
    )


def _ended(award: Award) -> Built:
    return Built(fields=_named(award), attachments={}, notes=_notes(award))


def _named(award: Award) -> dict[str, Any]:
    return {
        "requestId": award.request.request_id,
        "quote": from_hash(award.quote_hash),
    }


def _notes(award: Award) -> dict[str, Any]:
    return {
        "lot_id": award.lot_id,
        "holder": award.request.holder,
        "funder": award.funder,
        "net_proceeds_minor": award.price_minor,
        "pay_by": award.pay_by,
    }


def _line_of(
    context: Context, organisation: int, wanted: FundingLineFields
) -> tuple[Award, StatementLineRow]:
    line = line_to_attest(context, organisation, wanted.line_hash)
    if funding_key(Direction.CREDIT, wanted.request_id) not in line.expected.split(","):
        raise NotFound("financing request", f"{wanted.request_id} in line {line.line_hash}")
    award = _award(context, wanted.request_id)
    used = amounts_attested_by(context.session, [line.line_hash]).get(line.line_hash, 0)
    _require_price(award, line, used)
    return award, line


def _require_price(award: Award, line: StatementLineRow, used_minor: int) -> None:
    """What a line for one price comes to is that price; of one for several things, a part."""
    if pays_one(line) and line.amount_minor != award.price_minor:
        raise FundedAmountDiffers(award.request.request_id, award.price_minor, line.amount_minor)
    require_unused(line, used_minor, award.price_minor)


def _award(context: Context, request_id: int) -> Award:
    request = find_financing_request(context.session, request_id)
    if request is None:
        raise RequestUnknown(request_id)
    for award in _awards(context, [request]):
        return award
    raise FundingNotAwaited(request_id, request.quote_hash or _NO_QUOTE)


# --- awards ----------------------------------------------------------------------------------


def awards_by_request(context: Context, request_ids: Collection[int]) -> dict[int, Award]:
    """The awards of these requests whose price is still on its way."""
    rows = financing_requests_by_number(context.session, request_ids) if request_ids else []
    return {award.request.request_id: award for award in _awards(context, rows)}


def _awards(context: Context, requests: Iterable[FinancingRequestRow]) -> Iterator[Award]:
    rows = [row for row in requests if row.status is FinancingStatus.AWARDED]
    if not rows:
        return
    session, now_at = context.session, context.as_of().block_timestamp
    receivables = receivables_by_number(session, [row.receivable_id for row in rows])
    banks = settlement_banks_at(session, {row.funder or 0 for row in rows}, now_at)
    confirmed = lines_confirmed(session, [row.request_id for row in rows])
    for row in rows:
        receivable, funder = receivables[row.receivable_id], row.funder or 0
        bank = row.settlement_bank or 0
        yield Award(
            row,
            receivable,
            quote_hash=row.quote_hash or _NO_QUOTE,
            funder=funder,
            price_minor=row.net_proceeds_minor or 0,
            bank=bank,
            pay_by=row.pay_by or 0,
            needs_confirmation=needs_confirmation(
                context,
                receivable,
                payer=funder,
                payers_bank=banks.get((funder, receivable.currency), 0),
                bank=bank,
            ),
            confirmed_lines=frozenset(confirmed.get(row.request_id, ())),
        )


def price_proposal(
    organisation: int, award: Award, line: StatementLineRow, used_minor: int
) -> dict[str, Any]:
    """An awaited price as an organisation's own statement shows it; see `proposals`."""
    currency, payee = award.receivable.currency, award.request.holder
    day = line.value_date or line.booking_date
    return {
        "lot_id": award.lot_id,
        "request_id": award.request.request_id,
        "line_hash": line.line_hash,
        "payer": award.funder,
        "payee": payee,
        "bank": award.bank,
        "amount": money_json(award.price_minor, currency),
        "late_interest": money_json(0, currency),
        "line_amount": money_json(line.amount_minor, currency),
        "value_at": None if day is None else value_instant(day, award.receivable.maturity_at),
        "needs_confirmation": award.needs_confirmation,
        "is_confirmed": line.line_hash in award.confirmed_lines,
        "refusal": _refusal(award, line, used_minor, is_named=organisation in {award.bank, payee}),
    }


def _refusal(
    award: Award, line: StatementLineRow, used_minor: int, *, is_named: bool
) -> str | None:
    """The rule by which an attestation of the price would be refused now, if one does."""
    try:
        _require_price(award, line, used_minor)
    except (FundedAmountDiffers, StatementLineUsed) as error:
        return error.code
    return None if is_named else NotPayeesBank.code


# --- reads -----------------------------------------------------------------------------------


def awaited_funding_views(
    context: Context, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Awards whose price is on its way to the caller, from it, or through it as its bank.

    The funder is shown the account that the holder gave as its own, to pay to.
    """
    party = None if caller.reads_all else caller.organisation
    rows = awarded_requests(context.session, party, after=after, limit=limit)
    return [_awaited(context, caller, award) for award in _awards(context, rows)]


def _awaited(context: Context, caller: Caller, award: Award) -> dict[str, Any]:
    request = award.request
    return {
        "request_id": request.request_id,
        "lot_id": award.lot_id,
        "holder": request.holder,
        "funder": award.funder,
        "settlement_bank": award.bank,
        "quote_hash": award.quote_hash,
        "net_proceeds": money_json(award.price_minor, award.receivable.currency),
        "reference": payment_reference(request.to_domain().lot_id),
        "account": _account(context, award) if caller.organisation == award.funder else None,
        "pay_by": award.pay_by,
        "lapses_at": award.pay_by + FUNDING_LONG_STOP_SECONDS,
        "needs_confirmation": award.needs_confirmation,
        "confirmed_lines": sorted(award.confirmed_lines),
    }


def _account(context: Context, award: Award) -> dict[str, Any] | None:
    """Where the holder is paid, as it said first; None where it said nothing."""
    rows = accounts_of_owners(context.session, [award.request.holder], award.receivable.currency)
    return next(
        ({"account": row.account, "holder_name": row.holder_name, "bic": row.bic} for row in rows),
        None,
    )


def request_view(context: Context, caller: Caller, request_id: int) -> dict[str, Any]:
    """A financing request; to the parties of its award, that award and how it is paid.

    Others get the same fields without what is in them.

    Raises:
        NotFound: The caller has no business with it.
    """
    request = find_financing_request(context.session, request_id)
    if request is None:
        raise NotFound("financing request", str(request_id))
    parties = {request.holder, request.funder, request.settlement_bank}
    is_party = caller.reads_all or caller.organisation in parties
    if not is_party:
        require_reader(context, caller, request.receivable_id)
    award = _award_view(context, request)
    shown = award if is_party else dict.fromkeys(award)
    return financing_request_view(context, request) | shown


def _award_view(context: Context, request: FinancingRequestRow) -> dict[str, Any]:
    receivable = find_receivable(context.session, request.receivable_id)
    currency = "" if receivable is None else receivable.currency
    proceeds, pay_by = request.net_proceeds_minor, request.pay_by
    attested = find_funding_attestation(context.session, request.request_id)
    award = next(_awards(context, [request]), None)
    confirmed = lines_confirmed(context.session, [request.request_id])
    return {
        "funder": request.funder,
        "quote_hash": request.quote_hash,
        "net_proceeds": None if proceeds is None else money_json(proceeds, currency),
        "pay_by": pay_by,
        "lapses_at": None if pay_by is None else pay_by + FUNDING_LONG_STOP_SECONDS,
        "settlement_bank": request.settlement_bank,
        "needs_confirmation": None if award is None else award.needs_confirmation,
        "confirmed_lines": sorted(confirmed.get(request.request_id, ())),
        "attestation": None if attested is None else _attestation(attested, currency),
        "ended_at": request.ended_at,
    }


def funding_attestation_views(
    context: Context, caller: Caller, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """Prices that the caller received, paid or attested, by request."""
    party = None if caller.reads_all else caller.organisation
    rows = list_funding_attestations(context.session, party=party, after=after, limit=limit)
    return [_attestation(row, receivable.currency) for row, receivable in rows]


def _attestation(row: FundingAttestationRow, currency: str) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "payer": row.funder,
        "payee": row.payee,
        "bank": row.bank,
        "amount": money_json(row.amount_minor, currency),
        "value_at": row.value_at,
        "line_hash": row.line_hash,
        "attested_at": row.attested_at,
        "transaction_hash": row.transaction_hash,
    }
