"""The hash by which a line of a bank's statement is named outside the bank and its customers.

Bank and customer compute it each from its own file. It does not depend on the message a booking
came in, so that a notification and the later statement of one booking have one hash, and a booking
can be used once.
"""

from chainfin.codec.canonical_json import canonical_bytes
from chainfin.codec.hashing import keccak
from chainfin.domain.statements import StatementLine

STATEMENT_LINE_DOMAIN = b"chainfin/statement-line/1\x00"


def statement_line_hash(account: str, line: StatementLine) -> bytes:
    """32 bytes over what the bank says of one booking.

    Without a reference of the bank's two bookings may look the same, and whoever guesses account,
    day and amount can test the guess; attestations are for lines with one.

    Args:
        account: The account, as `account_key` writes it.
        line: The line.
    """
    facts = {
        "account": account,
        "amount_minor": str(line.money.amount_minor),
        "currency": line.money.currency,
        "direction": str(line.direction),
        "is_reversal": line.is_reversal,
        "booking_date": line.booking_date.isoformat() if line.booking_date else None,
        "value_date": line.value_date.isoformat() if line.value_date else None,
        "bank_reference": line.bank_reference,
        "end_to_end_id": line.end_to_end_id,
        "ordinal": line.ordinal,
    }
    return keccak(STATEMENT_LINE_DOMAIN + canonical_bytes(facts))
