"""What members' own statements show as paid and is not settled: what their banks may attest.

Statements have thousands of lines, so what is said of them is read for many lots at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chainfin.domain.credit import head_of_group
from chainfin.domain.money import money_json
from chainfin.domain.receivable import LotId, ReceivableStatus
from chainfin.domain.refusals import (
    AttestedAmountDiffers,
    NotPayeesBank,
    PaymentShared,
    ReceivableNotActive,
    StatementLineUsed,
)
from chainfin.domain.statements import Direction
from chainfin.models.attestations import amounts_attested_by, confirmations_of
from chainfin.models.bank_statements import StatementLineRow, attestable_lines
from chainfin.models.deposits import get_deposit_account
from chainfin.models.participants import parents_of, settlement_banks_at
from chainfin.models.receivables import ReceivableRow, lots_by_id, receivables_by_number
from chainfin.services.attestations import (
    ATTESTED_LEVELS,
    PaymentByLine,
    payment_by_line,
    require_sum,
)
from chainfin.services.bank_statements import line_of
from chainfin.services.context import Caller, Context, lot_id_of, place_of
from chainfin.services.programmes import bank_of_deposit, programme_of

_LINES_A_QUERY = 500
_LOTS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class _Claim:
    """That a line paid a lot.

    Attributes:
        line: The line, as its importer has it.
        position: Which of the payments it was recognised as, from 0.
        lot_id: The lot.
    """

    line: StatementLineRow
    position: int
    lot_id: LotId


@dataclass(frozen=True, slots=True)
class _Known:
    """What the index knows of some lines and of those they name.

    Attributes:
        used_minor: How much of each line was attested, by its hash.
        banks: The bank each organisation named for each currency.
        confirmed: Lot, bank and line of what payees confirmed.
    """

    used_minor: Mapping[str, int]
    banks: Mapping[tuple[int, str], int]
    confirmed: AbstractSet[tuple[LotId, int, str]]


def proposal_views(
    context: Context, caller: Caller, *, after: str | None = None, limit: int
) -> list[dict[str, Any]]:
    """Lots that the caller's own statements show as paid, and that are not settled; by line.

    To the payee's bank they are what it may attest; to the payee, what it waits for, and may have
    to confirm. `cursor` is where a list goes on after an entry.

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
                direction, _, lot_text = key.partition(":")
                if direction == Direction.CREDIT and (line.line_number, position) > after:
                    yield _Claim(line, position, lot_id_of(lot_text))
        first = lines[-1].line_number + 1


def _of_claims(
    context: Context, organisation: int, claims: Sequence[_Claim]
) -> Iterator[dict[str, Any]]:
    """The proposals among claims: of lots that are still to be settled."""
    session, now_at = context.session, context.as_of().block_timestamp
    lots = lots_by_id(session, [claim.lot_id for claim in claims])
    open_lots = {lot_id: lot for lot_id, lot in lots.items() if not lot.is_settled}
    receivables = receivables_by_number(session, [lot.receivable_id for lot in open_lots.values()])
    payers = {receivable.obligor for receivable in receivables.values()}
    payees = {lot.holder for lot in open_lots.values()}
    known = _Known(
        amounts_attested_by(session, [claim.line.line_hash for claim in claims]),
        settlement_banks_at(session, payers | payees, now_at),
        confirmations_of(session, receivables),
    )
    for claim in claims:
        lot = open_lots.get(claim.lot_id)
        if lot is None:
            continue
        payment = payment_by_line(context, claim.line, lot, receivables[lot.receivable_id])
        if payment is not None:
            cursor = f"{claim.line.line_number}-{claim.position}"
            yield _proposal(context, organisation, payment, known) | {"cursor": cursor}


def _proposal(
    context: Context, organisation: int, payment: PaymentByLine, known: _Known
) -> dict[str, Any]:
    line, lot, receivable = payment.line, payment.lot, payment.receivable
    bank = known.banks.get((lot.holder, receivable.currency), 0)
    payers_bank = known.banks.get((receivable.obligor, receivable.currency), 0)
    used_minor = known.used_minor.get(line.line_hash, 0)
    is_named = bank != 0 and organisation in {bank, lot.holder}
    return {
        "lot_id": str(lot.lot_id),
        "line_hash": line.line_hash,
        "payer": receivable.obligor,
        "payee": lot.holder,
        "bank": bank or None,
        "amount": money_json(payment.amount_minor, receivable.currency),
        "late_interest": money_json(payment.late_interest_minor, receivable.currency),
        "line_amount": money_json(line.amount_minor, receivable.currency),
        "value_at": payment.value_at,
        "needs_confirmation": bool(bank)
        and _needs_confirmation(context, receivable, bank, payers_bank),
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


def _needs_confirmation(
    context: Context, receivable: ReceivableRow, bank: int, payers_bank: int
) -> bool:
    """Whether a bank may be the payer's too, so that the payee must confirm what it attests.

    It is, where it is of the payer's group or of that of the bank the payer named, or keeps the
    payer's deposit; and it may be, where the payer named none.
    """
    if not payers_bank:
        return True
    parents = context.once("parents", lambda: parents_of(context.session))
    group = head_of_group(bank, parents)
    if group in {head_of_group(receivable.obligor, parents), head_of_group(payers_bank, parents)}:
        return True
    return _keeper_of_deposit(context, receivable) == bank


def _keeper_of_deposit(context: Context, receivable: ReceivableRow) -> int | None:
    """The bank that keeps the payer's deposit under the receivable's programme, if one does."""
    payer, programme = receivable.obligor, programme_of(context, receivable.programme_id)
    if programme is None:
        return None
    account = context.once(
        ("deposit account", programme.deposit, payer),
        lambda: get_deposit_account(context.session, programme.deposit, payer),
    )
    return None if account is None else bank_of_deposit(context, programme.deposit)
