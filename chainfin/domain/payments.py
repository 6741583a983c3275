"""Instructions to a bank: who pays whom how much, on which day, under which reference."""

from dataclasses import dataclass
from datetime import date

from chainfin.domain.money import Money


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """An account at a bank, and whose it is.

    Attributes:
        name: The holder.
        account: IBAN or another account number.
        bic: The bank's code, if it is needed to reach it.
    """

    name: str
    account: str
    bic: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """One payment of a file.

    Attributes:
        reference: By which the payment is recognised: it travels with the money.
        money: How much, above zero.
        creditor: Who is paid.
    """

    reference: str
    money: Money
    creditor: AccountHolder


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """Payments of one account on one day.

    Attributes:
        message_id: Names the file; a bank carries out one of a name.
        created_at: When it was made, UTC seconds.
        debtor: Who pays.
        execution_date: When.
        instructions: At least one, all of one currency.
    """

    message_id: str
    created_at: int
    debtor: AccountHolder
    execution_date: date
    instructions: tuple[PaymentInstruction, ...]
