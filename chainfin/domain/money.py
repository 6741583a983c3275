"""Money: an exact number of minor units of one currency.

An amount is an integer: pounds are counted in pence, yen in yen, dinars in thousandths. It is
never a fraction, so adding and splitting lose nothing. The number of decimals is that of
ISO 4217; the largest amount is what a signed 64-bit column and the contracts hold.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from chainfin.domain.errors import (
    AmountTooLarge,
    CurrencyMismatch,
    CurrencyUnknown,
    WrongDecimal,
)

AMOUNT_LIMIT_MINOR = 2**63 - 1
"""Largest amount in minor units, here, in the tables and in the contracts."""

_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
    LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

EXPONENTS: Mapping[str, int] = MappingProxyType(
    {
        currency: exponent
        for exponent, currencies in ((0, _ZERO), (2, _TWO), (3, _THREE), (4, _FOUR))
        for currency in currencies.split()
    }
)
"""Decimals of each active currency (ISO 4217, list one; funds codes included, metals not)."""

_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_LONGEST_TEXT = 60
"""Longer text is no amount; the limit also keeps hostile digits away from `int`."""


def exponent_of(currency: str) -> int:
    """Number of decimals of a currency.

    Raises:
        CurrencyUnknown: not an active ISO 4217 code in capitals.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise CurrencyUnknown(currency) from None


@dataclass(frozen=True, slots=True)
class ExactDecimal:
    """A plain decimal number, exact: `digits` x 10^-`places`; "12.50" is (1250, 2).

    Quantities, unit prices and percentages are such numbers; amounts are `Money`.
    """

    digits: int
    places: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read plain decimal text; None if it is anything else.

        Plain is an optional minus, digits without leading zeros, and optionally a point followed
        by digits.
        """
        match = _DECIMAL.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
        if match is None:
            return None
        sign, whole, fraction = match.groups(default="")
        return cls(int(sign + whole + fraction), len(fraction))

    def normalised(self) -> Self:
        """The same number without zeros at the end of its decimals: 3.000 is 3."""
        digits, places = self.digits, self.places
        while places and digits % 10 == 0:
            digits, places = digits // 10, places - 1
        return type(self)(digits, places)

    def plus(self, other: "ExactDecimal") -> "ExactDecimal":
        """Exact sum, without zeros at the end of its decimals."""
        places = max(self.places, other.places)
        digits = sum(entry.digits * _power_of_ten(places - entry.places) for entry in (self, other))
        return ExactDecimal(digits, places).normalised()

    def __str__(self) -> str:
        """Plain decimal text, what `parse` reads."""
        sign, digits = "-" * (self.digits < 0), str(abs(self.digits)).zfill(self.places + 1)
        if not self.places:
            return sign + digits
        return f"{sign}{digits[: -self.places]}.{digits[-self.places :]}"

    def times_half_up(self, other: "ExactDecimal", currency: str) -> "Money":
        """Product as money, rounded once to the minor unit; halves go away from zero.

        Raises:
            CurrencyUnknown: not an active code.
            AmountTooLarge: beyond the limit.
        """
        return self.times_over_half_up(other, ExactDecimal(1, 0), currency)

    def times_over_half_up(
        self, other: "ExactDecimal", divisor: "ExactDecimal", currency: str
    ) -> "Money":
        """Product over a divisor above zero as money, rounded once; halves go away from zero.

        Raises:
            CurrencyUnknown: not an active code.
            AmountTooLarge: beyond the limit.
            ValueError: a divisor of zero or below.
        """
        if divisor.digits <= 0:
            raise ValueError("an amount is divided by a number above zero")
        digits = self.digits * other.digits
        numerator = abs(digits) * _power_of_ten(exponent_of(currency) + divisor.places)
        denominator = _power_of_ten(self.places + other.places) * divisor.digits
        units = (2 * numerator + denominator) // (2 * denominator)
        return Money(units if digits >= 0 else -units, currency)


def money_json(amount_minor: int, currency: str) -> dict[str, Any]:
    """An amount as the API writes it; of any currency, also one that is no longer active."""
    return {"amount_minor": amount_minor, "currency": currency}


def _power_of_ten(exponent: int) -> int:
    return int("1" + "0" * exponent)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency; negative for what is owed back, as on a credit note.

    Attributes:
        amount_minor: Minor units, between -(2^63 - 1) and 2^63 - 1.
        currency: ISO 4217 code.

    Raises:
        AmountTooLarge: beyond the limit.
        CurrencyUnknown: not an active code.
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        """Check both parts, so that an impossible amount cannot exist."""
        exponent_of(self.currency)
        if type(self.amount_minor) is not int:  # neither a bool nor a decimal is a count of units
            raise TypeError(f"minor units are an int, not {type(self.amount_minor).__name__}")
        if abs(self.amount_minor) > AMOUNT_LIMIT_MINOR:
            raise AmountTooLarge(self.amount_minor, AMOUNT_LIMIT_MINOR)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read exact decimal text: "48607.68" GBP is 4,860,768 minor units.

        Grouping, exponents, signs other than a leading minus, surrounding space and more decimals
        than the currency has are refused: an amount is never guessed and never rounded.

        Raises:
            CurrencyUnknown: not an active code.
            WrongDecimal: not exact decimal text of this currency.
            AmountTooLarge: beyond the limit.
        """
        exponent = exponent_of(currency)
        decimal = ExactDecimal.parse(text)
        if decimal is None or decimal.places > exponent:
            raise WrongDecimal(text[:_LONGEST_TEXT], currency, exponent)
        return cls(decimal.digits * _power_of_ten(exponent - decimal.places), currency)

    def decimal_text(self) -> str:
        """The amount with exactly the currency's decimals: "48607.68"; what `parse` reads."""
        exponent = exponent_of(self.currency)
        sign = "-" if self.amount_minor < 0 else ""
        digits = str(abs(self.amount_minor)).zfill(exponent + 1)
        if exponent == 0:
            return sign + digits
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"

    def __str__(self) -> str:
        """Currency and amount: "GBP 48607.68"."""
        return f"{self.currency} {self.decimal_text()}"

    def __add__(self, other: "Money") -> "Money":
        """Sum; raises CurrencyMismatch, AmountTooLarge."""
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Difference, possibly negative; raises CurrencyMismatch, AmountTooLarge."""
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        """The same amount owed the other way."""
        return Money(-self.amount_minor, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount_minor


def split_largest_remainder(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Share out fees or interest in proportion, without loss.

    Each share is floored; the units left over go one each to the largest remainders, on a tie to
    the earlier share. Entitlements of lots use `entitlement_floor` instead.

    Args:
        total_minor: What is shared, 0 or more minor units.
        weights: Relative sizes, 0 or more each, not all 0.

    Returns:
        Shares in minor units, in the order of the weights; their sum is `total_minor`.

    Raises:
        ValueError: a negative total or weight, or nothing to share by.
    """
    whole = sum(weights)
    if total_minor < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("a total of 0 or more is shared by weights of 0 or more, not all 0")
    shares = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(total_minor * weights[i] % whole), i)
    )
    for i in by_remainder[: total_minor - sum(shares)]:
        shares[i] += 1
    return shares


def entitlement_floor(lot_face_minor: int, paid_minor: int, face_minor: int) -> int:
    """What a lot has earned so far of what was paid on its receivable, rounded down.

    Contracts compute the same; what the floors leave stays earmarked until full payment.

    Args:
        lot_face_minor: Face of the lot, at most `face_minor`.
        paid_minor: Paid on the receivable so far, or late interest paid beside it; 0 or more.
        face_minor: Face of all lots that share in it, above 0.

    Raises:
        ValueError: an argument out of these bounds.
    """
    if not (0 <= lot_face_minor <= face_minor and face_minor and paid_minor >= 0):
        raise ValueError("a lot lies between 0 and the face of all that share in a payment")
    return lot_face_minor * paid_minor // face_minor
