"""Money that moved outside the chain: which lines of statements prove it, and who says so.

A line that was matched settles nothing. The bank that the payee named signs for it, and only that
pays the lot; where that bank may be the payer's too, the payee confirms the very same first. Only
lines that were recognised exactly are proposed: what is for a person is never attested.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chainfin.analysis.matching import MatchLevel
from chainfin.codec.hashing import from_hash
from chainfin.domain.credit import head_of_group
from chainfin.domain.money import money_json
from chainfin.domain.receivable import LotId
from chainfin.domain.refusals import AttestedAmountDiffers, NotPayeesBank, StatementLineUsed
from chainfin.domain.service_errors import LineNotAttestable, NotFound
from chainfin.domain.statements import Direction, payment_key, value_instant
from chainfin.models.attestations import (
    AttestationRow,
    amounts_attested_by,
    list_attestations,
)
from chainfin.models.bank_statements import StatementLineRow
from chainfin.models.deposits import get_deposit_account
from chainfin.models.participants import (
    parents_of,
    settlement_bank_at,
    settlement_banks_of,
)
from chainfin.models.receivables import LotRow, ReceivableRow, find_lot, find_receivable
from chainfin.services.bank_statements import line_of
from chainfin.services.context import Built, Caller, Context, lot_id_of, place_of, read_fields
from chainfin.services.holdbacks import require_holders_alone
from chainfin.services.programmes import bank_of_deposit, currency_bytes, programme_of
from chainfin.services.settlement import late_interest_on

ATTESTED_LEVELS = (MatchLevel.EXACT, MatchLevel.AGGREGATE)
"""Of lines that may be attested: their sum is what was expected, to the minor unit."""


class NameSettlementBankFields(msgspec.Struct, forbid_unknown_fields=True):
    """The bank that keeps the organisation's account in a currency; 0 for none."""

    currency: str
    bank: int


class AttestedLineFields(msgspec.Struct, forbid_unknown_fields=True):
    """The lot that was paid, and the line of the caller's own statement that shows it."""

    lot_id: str
    line_hash: str


@dataclass(frozen=True, slots=True)
class PaymentByLine:
    """A lot that a line paid, as the two of them say it.

    Attributes:
        line: The line, as its importer has it.
        value_at: When the money came in.
        late_interest_minor: What had accrued on the lot by then.
    """

    line: StatementLineRow
    lot: LotRow
    receivable: ReceivableRow
    value_at: int
    late_interest_minor: int

    @property
    def amount_minor(self) -> int:
        """All that is still owed on the lot."""
        return self.lot.face_value_minor - self.lot.paid_minor

    @property
    def total_minor(self) -> int:
        """What the line has to come to."""
        return self.amount_minor + self.late_interest_minor


# --- builders --------------------------------------------------------------------------------


def build_name_settlement_bank(
    _context: Context, _organisation: int, fields: Mapping[str, Any]
) -> Built:
    """The bank whose word counts for what the organisation is paid."""
    wanted = read_fields(NameSettlementBankFields, fields)
    return Built(
        fields={"currency": currency_bytes(wanted.currency), "bank": wanted.bank},
        attachments={},
        checker_required=True,
    )


def build_attest_payment(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The payee's bank vouches for a line.

    Raises:
        NotFound: The caller has imported no such line, or nothing of it is known.
        NotPayeesBank: The payee named another bank.
        LineNotAttestable: The line is for a person, or no booked credit under the bank's reference.
        AttestedAmountDiffers, StatementLineUsed: It is not just what was owed.
        PaymentShared: Not all of it is the payee's.
    """
    payment = _payment(context, organisation, read_fields(AttestedLineFields, fields))
    payee, currency = payment.lot.holder, payment.receivable.currency
    named = settlement_bank_at(context.session, payee, currency, context.as_of().block_timestamp)
    if named != organisation:
        raise NotPayeesBank(payee, named, organisation)
    require_holders_alone(context, payment.lot)
    return _built(payment, {"payee": payee})


def build_confirm_payment(context: Context, organisation: int, fields: Mapping[str, Any]) -> Built:
    """The payee says the same of its own statement, where its bank's word alone is not enough.

    Raises: As `build_attest_payment`, but `NotFound` for a lot that is not the caller's.
    """
    payment = _payment(context, organisation, read_fields(AttestedLineFields, fields))
    if payment.lot.holder != organisation:
        raise NotFound("lot", str(payment.lot.lot_id))
    require_holders_alone(context, payment.lot)
    currency = payment.receivable.currency
    now_at = context.as_of().block_timestamp
    bank = settlement_bank_at(context.session, organisation, currency, now_at)
    return _built(payment, {"bank": bank})


def _built(payment: PaymentByLine, party: Mapping[str, int]) -> Built:
    lot, currency = payment.lot, payment.receivable.currency
    return Built(
        fields={
            "lotId": lot.lot_id.token_id,
            "faceValue": lot.face_value_minor,
            "paid": lot.paid_minor,
            **party,
            "currency": currency.encode(),
            "amount": payment.amount_minor,
            "lateInterest": payment.late_interest_minor,
            "valueAt": payment.value_at,
            "lineHash": from_hash(payment.line.line_hash),
            "lineAmount": payment.line.amount_minor,
        },
        attachments={},
        currency=currency,
        amount_minor=payment.total_minor,
    )


def _payment(context: Context, organisation: int, wanted: AttestedLineFields) -> PaymentByLine:
    lot_id = lot_id_of(wanted.lot_id)
    line = line_to_attest(context, organisation, wanted.line_hash)
    if payment_key(Direction.CREDIT, lot_id) not in line.expected.split(","):
        raise NotFound("lot", f"{lot_id} in line {line.line_hash}")
    payment = _read(context, line, lot_id)
    if payment is None:
        raise NotFound("lot", str(lot_id))
    used = amounts_attested_by(context.session, [line.line_hash]).get(line.line_hash, 0)
    require_sum(payment, used)
    return payment


def require_sum(payment: PaymentByLine, used_minor: int) -> None:
    """What a line that pays one lot comes to is what is owed; of one that pays several, a part."""
    line, total = payment.line, payment.total_minor
    if payment.amount_minor == 0 or (pays_one(line) and total != line.amount_minor):
        raise AttestedAmountDiffers(
            str(payment.lot.lot_id), payment.amount_minor, payment.late_interest_minor
        )
    require_unused(line, used_minor, total)


def _read(context: Context, line: StatementLineRow, lot_id: LotId) -> PaymentByLine | None:
    lot = find_lot(context.session, lot_id)
    receivable = find_receivable(context.session, lot_id.receivable_id)
    if lot is None or receivable is None:
        return None
    return payment_by_line(context, line, lot, receivable)


def payment_by_line(
    context: Context, line: StatementLineRow, lot: LotRow, receivable: ReceivableRow
) -> PaymentByLine | None:
    """What a line is to a lot; None of a line without a day."""
    day = line.value_date or line.booking_date
    if day is None:
        return None
    value_at = value_instant(day, receivable.maturity_at)
    outstanding = lot.face_value_minor - lot.paid_minor
    accrued = late_interest_on(context, receivable, outstanding, value_at)
    return PaymentByLine(line, lot, receivable, value_at, accrued)


# --- lines -----------------------------------------------------------------------------------


def line_to_attest(context: Context, organisation: int, line_hash: str) -> StatementLineRow:
    """A line of the organisation's own statements that proves what it was recognised as.

    Raises:
        NotFound: It has imported no such line.
        LineNotAttestable: The line is for a person, or no booked credit under the bank's reference.
    """
    line = context.session.get(StatementLineRow, (organisation, line_hash))
    if line is None:
        raise NotFound("statement line", line_hash[:70])
    if line.level not in ATTESTED_LEVELS or not line_of(line).is_attestable:
        raise LineNotAttestable(line.line_hash, line.exception or line.level or "not matched")
    return line


def pays_one(line: StatementLineRow) -> bool:
    """Whether all of a line is for one thing."""
    return "," not in line.expected


def require_unused(line: StatementLineRow, used_minor: int, wanted_minor: int) -> None:
    """Refuse to take more of a line than is left of it.

    Raises:
        StatementLineUsed: It was attested as something else.
    """
    left = line.amount_minor - used_minor
    if wanted_minor > left:
        raise StatementLineUsed(line.line_hash, left, wanted_minor)


# --- whose word is enough --------------------------------------------------------------------


def needs_confirmation(
    context: Context, receivable: ReceivableRow, *, payer: int, payers_bank: int, bank: int
) -> bool:
    """Whether a bank may be the payer's too, so that the payee must confirm what it attests.

    It is, where it is of the payer's group or of that of the bank the payer named, or keeps the
    payer's deposit; and it may be, where the payer named none.
    """
    if not payers_bank:
        return True
    parents = context.once("parents", lambda: parents_of(context.session))
    group = head_of_group(bank, parents)
    if group in {head_of_group(payer, parents), head_of_group(payers_bank, parents)}:
        return True
    return _keeper_of_deposit(context, receivable, payer) == bank


def _keeper_of_deposit(context: Context, receivable: ReceivableRow, payer: int) -> int | None:
    """The bank that keeps a payer's deposit under the receivable's programme, if one does."""
    programme = programme_of(context, receivable.programme_id)
    if programme is None:
        return None
    account = context.once(
        ("deposit account", programme.deposit, payer),
        lambda: get_deposit_account(context.session, programme.deposit, payer),
    )
    return None if account is None else bank_of_deposit(context, programme.deposit)


# --- reads -----------------------------------------------------------------------------------


def attestation_views(
    context: Context, caller: Caller, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Payments outside the chain that the caller received, attested or owed, by lot.

    Raises:
        FieldMalformed: The cursor is none that was given out.
    """
    party = None if caller.reads_all else caller.organisation
    rows = list_attestations(context.session, party=party, after=place_of(after, 2), limit=limit)
    return [_view(row, receivable) for row, receivable in rows]


def _view(row: AttestationRow, receivable: ReceivableRow) -> dict[str, Any]:
    return {
        "lot_id": f"{row.receivable_id}-{row.lot_sequence}",
        "payer": receivable.obligor,
        "payee": row.payee,
        "bank": row.bank,
        "amount": money_json(row.amount_minor, receivable.currency),
        "late_interest": money_json(row.late_interest_minor, receivable.currency),
        "value_at": row.value_at,
        "line_hash": row.line_hash,
        "attested_at": row.attested_at,
        "transaction_hash": row.transaction_hash,
    }


def settlement_bank_views(
    context: Context, caller: Caller, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """The banks the caller named, by currency, and from when on each counts."""
    now_at = context.as_of().block_timestamp
    rows = settlement_banks_of(context.session, caller.organisation, after=after or "", limit=limit)
    return [
        {
            "currency": row.currency,
            "bank": row.bank_at(now_at) or None,
            "next_bank": row.next_bank or None,
            "next_from": row.next_from,
        }
        for row in rows
    ]
