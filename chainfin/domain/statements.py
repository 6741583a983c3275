"""A bank's statement of an account, line by line; and the reference by which payments are told.

A statement is what a bank says happened on an account. Its lines are what the system compares with
what was expected. Only booked lines count: what is pending may still be taken back.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from chainfin.domain.money import Money
from chainfin.domain.receivable import LotId

_SPACES = re.compile(r"\s+")
_REFERENCE = re.compile(r"RF[0-9]{2}([1-9][0-9]{0,18})L([1-9][0-9]{0,9})")
_PAYMENT_KEY = re.compile(r"(credit|debit):([0-9]+)-([0-9]+)")
_FUNDING_KEY = re.compile(r"(credit|debit):funding-([0-9]+)")
_SEPARATORS = re.compile(r"[\s.\-]+")
_CHECK_MODULUS = 97
_SECONDS_A_DAY = 86_400
_LETTER_VALUE = {chr(ord("A") + n): str(10 + n) for n in range(26)}


class Direction(StrEnum):
    """Which way money went, seen from the account."""

    CREDIT = "credit"
    """It came in."""
    DEBIT = "debit"
    """It went out."""


class LineStatus(StrEnum):
    """How far the bank is with a line."""

    BOOKED = "booked"
    """Final for the bank: it counts."""
    PENDING = "pending"
    """Announced; it may still not happen."""
    INFORMATION = "information"
    """Said for information only."""


class StatementKind(StrEnum):
    """What kind of message a statement came in."""

    STATEMENT = "camt.053"
    """All of an account's bookings of a period, with balances."""
    NOTIFICATION = "camt.054"
    """Some bookings, as they happen."""


class StatementFinding(StrEnum):
    """What is odd in a statement that can be read."""

    BALANCES_DO_NOT_ADD_UP = "balances_do_not_add_up"
    """Opening balance and booked entries do not give the closing balance."""
    DETAILS_DO_NOT_ADD_UP = "details_do_not_add_up"
    """The details of an entry have another sum than the entry; it is kept as one line."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booking, or one payment within a booking of several.

    Attributes:
        position: Place of its entry in the statement, from 1, and of its part within, from 1; 0
            where the entry is one line.
        money: How much, never negative.
        direction: Which way it went.
        status: How far the bank is.
        is_reversal: Whether it takes an earlier booking back.
        booking_date: When the bank booked it, if it says so.
        value_date: From when interest runs on it, if it says so.
        bank_reference: The bank's own reference of the booking; None where it gives none.
        end_to_end_id: The payer's reference, if one came through.
        references: What the payer wrote: structured creditor references, then free text.
        counterparty_account: The other side's account, if known.
        counterparty_name: The other side's name, if known.
        ordinal: How many lines of the statement before it are the same in everything.
    """

    position: tuple[int, int]
    money: Money
    direction: Direction
    status: LineStatus
    is_reversal: bool
    booking_date: date | None
    value_date: date | None
    bank_reference: str | None
    end_to_end_id: str | None
    references: tuple[str, ...]
    counterparty_account: str | None
    counterparty_name: str | None
    ordinal: int = 0

    @property
    def is_attestable(self) -> bool:
        """Whether a settlement bank can vouch on chain that this money came in.

        Only what is booked and stays: not pending, no reversal, and under the bank's own reference,
        without which two bookings may look the same and its hash can be guessed.
        """
        is_booked_in = self.status is LineStatus.BOOKED and self.direction is Direction.CREDIT
        return is_booked_in and not self.is_reversal and self.bank_reference is not None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a bank says of one account.

    Attributes:
        kind: The message it came in.
        version: Of that message, 2 to 12.
        message_id: The bank's number of the message.
        statement_id: The bank's number of the statement.
        sequence: The statement's running number, if it has one.
        account: The account, as `account_key` writes it.
        currency: The account's currency, that of every line.
        opening: Booked balance before the lines, if given in that currency; negative if owed.
        closing: Booked balance after them, likewise.
        lines: In the bank's order.
        findings: What is odd.
    """

    kind: StatementKind
    version: int
    message_id: str
    statement_id: str
    sequence: str | None
    account: str
    currency: str
    opening: Money | None
    closing: Money | None
    lines: tuple[StatementLine, ...]
    findings: tuple[StatementFinding, ...]


def account_key(text: str) -> str:
    """An account number as it is compared: in capitals and without spaces."""
    return _SPACES.sub("", text).upper()


def value_instant(day: date, maturity_at: int) -> int:
    """The instant that stands for a value date, in UTC seconds, the same for whoever reads it.

    The day's first second; on a day after the due one, the hour of the due instant, so that it is
    late by as many whole days as lie between.
    """
    midnight = int(datetime.combine(day, time(), UTC).timestamp())
    return midnight if midnight <= maturity_at else midnight + maturity_at % _SECONDS_A_DAY


# --- what lines are recognised as ------------------------------------------------------------


def payment_key(direction: Direction, lot_id: LotId) -> str:
    """Names what is owed on a lot among the payments expected on an account."""
    return f"{direction}:{lot_id}"


def lot_of_key(direction: Direction, key: str) -> LotId | None:
    """The lot whose payment, going this way, a key names; None if it names another thing."""
    found = _PAYMENT_KEY.fullmatch(key)
    if found is None or found[1] != direction:
        return None
    return LotId(int(found[2]), int(found[3]))


def funding_key(direction: Direction, request_id: int) -> str:
    """Names the price of a financing request's award among the payments expected on an account."""
    return f"{direction}:funding-{request_id}"


def request_of_key(direction: Direction, key: str) -> int | None:
    """The request whose price, going this way, a key names; None if it names another thing."""
    found = _FUNDING_KEY.fullmatch(key)
    return int(found[2]) if found is not None and found[1] == direction else None


# --- references ------------------------------------------------------------------------------


def payment_reference(lot_id: LotId) -> str:
    """The reference of payments on a lot: lot 17-3 is `RF7717L3` (ISO 11649, with check digits)."""
    body = f"{lot_id.receivable_id}L{lot_id.lot_sequence}"
    return f"RF{98 - _remainder(body + 'RF00'):02}{body}"


def lots_referred_to(text: str) -> tuple[LotId, ...]:
    """The lots whose references stand in a text, each once, in their order.

    Spaces, full stops and hyphens within a reference do not matter where none stands there without
    them; one whose check digits are wrong is not a reference.
    """
    capitals = text.upper()
    return _found_in(capitals) or _found_in(_SEPARATORS.sub("", capitals))


def _found_in(text: str) -> tuple[LotId, ...]:
    found = (_lot_of(match) for match in _REFERENCE.finditer(text))
    return tuple(dict.fromkeys(lot_id for lot_id in found if lot_id is not None))


def _lot_of(match: re.Match[str]) -> LotId | None:
    """The lot of the longest reference that begins here: what follows may be digits too."""
    receivable, sequence = match[1], match[2]
    for length in range(len(sequence), 0, -1):
        lot_id = LotId(int(receivable), int(sequence[:length]))
        if match[0].startswith(payment_reference(lot_id)):
            return lot_id
    return None


def _remainder(text: str) -> int:
    """Of the number that the letters and digits make, A being 10 (ISO 7064, MOD 97-10)."""
    return int("".join(_LETTER_VALUE.get(sign, sign) for sign in text)) % _CHECK_MODULUS
