"""What members' own statements show and nobody has attested: payments of lots, prices of awards.

Statements have thousands of lines, so what is said of them is read for many lots at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chainfin.domain.money import money_json
from chainfin.domain.receivable import LotId, ReceivableStatus
from chainfin.domain.refusals import (
    AttestedAmountDiffers,
    NotPayeesBank,
    PaymentShared,
    ReceivableNotActive,
    StatementLineUsed,
)
from chainfin.domain.statements import Direction, lot_of_key, request_of_key
from chainfin.models.attestations import amounts_attested_by, confirmations_of
from chainfin.models.bank_statements import StatementLineRow, attestable_lines
from chainfin.models.participants import settlement_banks_at
from chainfin.models.receivables import (
    LotRow,
    ReceivableRow,
    lots_by_id,
    receivables_by_number,
)
from chainfin.services.attestations import (
    ATTESTED_LEVELS,
    PaymentByLine,
    needs_confirmation,
    payment_by_line,
    require_sum,
)
from chainfin.services.bank_statements import line_of
from chainfin.services.context import Caller, Context, place_of
from chainfin.services.funding import Award, awards_by_request, price_proposal

_LINES_A_QUERY = 500
_LOTS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class _Claim:
    """That a line paid a lot, or the price of a request's award.

    Attributes:
        line: The line, as its importer has it.
        position: Which of the things it was recognised as, from 0.
        lot_id: The lot; None where it is a price.
        request_id: The request; None where it is a payment.
    """

    line: StatementLineRow
    position: int
    lot_id: LotId | None
    request_id: int | None

    @property
    def cursor(self) -> str:
        return f"{self.line.line_number}-{self.position}"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the index knows of some lines and of those they name.

    Attributes:
        used_minor: How much of each line was attested, by its hash.
        lots: The lots they may have paid, which are still to be settled.
        receivables: Of those lots.
        banks: The bank each organisation named for each currency.
        confirmed: Lot, bank and line of what payees confirmed.
        awards: The awards whose price they may be, by request.
    """

    used_minor: Mapping[str, int]
    lots: Mapping[LotId, LotRow]
    receivables: Mapping[int, ReceivableRow]
    banks: Mapping[tuple[int, str], int]
    confirmed: AbstractSet[tuple[LotId, int, str]]
    awards: Mapping[int, Award]


def proposal_views(
    context: Context, caller: Caller, *, after: str | None = None, limit: int
) -> list[dict[str, Any]]:
    """Payments of lots, and prices of awards, that the caller's own statements show; by line.

    Those that nobody attested: to the payee's bank they are what it may attest; to the payee, what
    it waits for, and may have to confirm. A price has its request's number. `cursor` is where a
    list goes on after an entry.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    place = place_of(after, 2) or (0, -1)
    if caller.organisation == 0:
        return []
    return list(islice(_proposals(context, caller.organisation, place), limit))


def _proposals(
    context: Context, organisation: int, after: tuple[int, int]
) -> Iterator[dict[str, Any]]:
    claims = _claims(context, organisation, after)
    while some := list(islice(claims, _LOTS_A_QUERY)):
        yield from _of_claims(context, organisation, some)


def _claims(context: Context, organisation: int, after: tuple[int, int]) -> Iterator[_Claim]:
    """What an organisation's lines say was paid, behind a place: line and position in it."""
    first = after[0]
    while lines := attestable_lines(
        context.session, organisation, ATTESTED_LEVELS, first=first, limit=_LINES_A_QUERY
    ):
        for line in lines:
            if not line_of(line).is_attestable:
                continue
            for position, key in enumerate(line.expected.split(",")):
                lot_id = lot_of_key(Direction.CREDIT, key)
                request_id = request_of_key(Direction.CREDIT, key)
                is_claim = lot_id is not None or request_id is not None
                if is_claim and (line.line_number, position) > after:
                    yield _Claim(line, position, lot_id, request_id)
        first = lines[-1].line_number + 1


def _of_claims(
    context: Context, organisation: int, claims: Sequence[_Claim]
) -> Iterator[dict[str, Any]]:
    """The proposals among claims: of lots still to be settled, of prices still on their way."""
    known = _known(context, claims)
    for claim in claims:
        if claim.request_id is None:
            proposal = _of_payment(context, organisation, claim, known)
        else:
            proposal = _of_price(organisation, claim, known)
        if proposal is not None:
            yield proposal | {"cursor": claim.cursor}


def _known(context: Context, claims: Sequence[_Claim]) -> _Known:
    session, now_at = context.session, context.as_of().block_timestamp
    lots = lots_by_id(session, [claim.lot_id for claim in claims if claim.lot_id is not None])
    open_lots = {lot_id: lot for lot_id, lot in lots.items() if not lot.is_settled}
    receivables = receivables_by_number(session, [lot.receivable_id for lot in open_lots.values()])
    payers = {receivable.obligor for receivable in receivables.values()}
    payees = {lot.holder for lot in open_lots.values()}
    requests = [claim.request_id for claim in claims if claim.request_id is not None]
    return _Known(
        amounts_attested_by(session, [claim.line.line_hash for claim in claims]),
        open_lots,
        receivables,
        settlement_banks_at(session, payers | payees, now_at),
        confirmations_of(session, receivables),
        awards_by_request(context, requests),
    )


def _of_payment(
    context: Context, organisation: int, claim: _Claim, known: _Known
) -> dict[str, Any] | None:
    lot = None if claim.lot_id is None else known.lots.get(claim.lot_id)
    if lot is None:
        return None
    payment = payment_by_line(context, claim.line, lot, known.receivables[lot.receivable_id])
    return None if payment is None else _proposal(context, organisation, payment, known)


def _of_price(organisation: int, claim: _Claim, known: _Known) -> dict[str, Any] | None:
    award = None if claim.request_id is None else known.awards.get(claim.request_id)
    if award is None:
        return None
    used_minor = known.used_minor.get(claim.line.line_hash, 0)
    return price_proposal(organisation, award, claim.line, used_minor)


def _proposal(
    context: Context, organisation: int, payment: PaymentByLine, known: _Known
) -> dict[str, Any]:
    line, lot, receivable = payment.line, payment.lot, payment.receivable
    payer = receivable.obligor
    bank = known.banks.get((lot.holder, receivable.currency), 0)
    payers_bank = known.banks.get((payer, receivable.currency), 0)
    used_minor = known.used_minor.get(line.line_hash, 0)
    is_named = bank != 0 and organisation in {bank, lot.holder}
    return {
        "lot_id": str(lot.lot_id),
        "request_id": None,
        "line_hash": line.line_hash,
        "payer": payer,
        "payee": lot.holder,
        "bank": bank or None,
        "amount": money_json(payment.amount_minor, receivable.currency),
        "late_interest": money_json(payment.late_interest_minor, receivable.currency),
        "line_amount": money_json(line.amount_minor, receivable.currency),
        "value_at": payment.value_at,
        "needs_confirmation": bool(bank)
        and needs_confirmation(
            context, receivable, payer=payer, payers_bank=payers_bank, bank=bank
        ),
        "is_confirmed": (lot.lot_id, bank, line.line_hash) in known.confirmed,
        "refusal": _refusal(payment, used_minor, is_named=is_named),
    }


def _refusal(payment: PaymentByLine, used_minor: int, *, is_named: bool) -> str | None:
    """The rule by which an attestation of a payment would be refused now, if one does."""
    try:
        require_sum(payment, used_minor)
    except (AttestedAmountDiffers, StatementLineUsed) as error:
        return error.code
    _, to_seller = payment.lot.owed_minor
    if to_seller:
        return PaymentShared.code
    if payment.receivable.status not in {ReceivableStatus.ACTIVE, ReceivableStatus.WRITTEN_OFF}:
        return ReceivableNotActive.code
    return None if is_named else NotPayeesBank.code
