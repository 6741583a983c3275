"""Prices and interest on a straight discount, in integers.

A discount rate is applied to the face; a yield to what was paid. They are different numbers for
the same deal and never share a field. A time is `days` over `basis_days`, as `year_fraction`
gives it. Each function rounds once, at its end, in the direction its name says; half-up means a
half goes up. Source: domain.md section 6.
"""

from math import isqrt

from chainfin.domain.errors import DiscountExceedsFace, ProceedsNotPositive, TenorTooShort
from chainfin.domain.refusals import AmountMissing

BPS_PER_ONE = 10_000
"""Basis points in 1."""
HUNDREDTHS_OF_A_MILLE = 100_000
"""Hundredths of a per mille in 1."""
DAYS_A_MONTH = 30
"""A quote by the month counts every month as 30 days."""
SECONDS_A_DAY = 86_400
STATUTORY_DAILY_BPS = 5
"""R-17: 0.05 % a day where no rate was agreed."""
COST_BASIS_DAYS = 365
"""Annual costs are stated on calendar days over 365 whatever the quote's own convention."""


def straight_discount_half_up(
    *, face_minor: int, discount_rate_bps: int, days: int, basis_days: int
) -> int:
    """Bank discount D = F x r x t / B; what is paid out is P = F - D.

    The discount is rounded and the price follows, so discount and price always add up to the face.

    Args:
        face_minor: Face, 1 or more minor units.
        discount_rate_bps: Annual rate on the face, 0 or more.
        days: Days from value date to maturity, 0 or more.
        basis_days: Days of the convention's year.

    Returns:
        Minor units, 0 or more.

    Raises:
        DiscountExceedsFace: nothing would be paid out.
    """
    _require_bounds(
        amount_minor=face_minor, rate_bps=discount_rate_bps, days=days, basis=basis_days
    )
    return _discount_half_up(
        face_minor, face_minor * discount_rate_bps * days, BPS_PER_ONE * basis_days
    )


def per_mille_discount_half_up(
    *, face_minor: int, hundredths_per_mille_a_month: int, days: int
) -> int:
    """Discount of a quote by the month, as Chinese banks give it: D = F x m / 1000 x t / 30.

    Args:
        face_minor: Face, 1 or more minor units.
        hundredths_per_mille_a_month: The quote: 435 is 4.35 per mille a month.
        days: Calendar days from value date to maturity, 0 or more.

    Returns:
        Minor units, 0 or more; with the price it adds up to the face.

    Raises:
        DiscountExceedsFace: nothing would be paid out.
    """
    rate = hundredths_per_mille_a_month
    _require_bounds(amount_minor=face_minor, rate_bps=rate, days=days, basis=DAYS_A_MONTH)
    return _discount_half_up(
        face_minor, face_minor * rate * days, HUNDREDTHS_OF_A_MILLE * DAYS_A_MONTH
    )


def note_maturity_value_half_up(
    *, principal_minor: int, interest_rate_bps: int, days: int, basis_days: int
) -> int:
    """What an interest-bearing note pays at maturity: M = F x (1 + c x T).

    Args:
        principal_minor: F, 0 or more minor units.
        interest_rate_bps: c, annual, 0 or more.
        days: Days from issue to maturity, 0 or more.
        basis_days: Days of the convention's year.
    """
    _require_bounds(
        amount_minor=principal_minor, rate_bps=interest_rate_bps, days=days, basis=basis_days
    )
    one = BPS_PER_ONE * basis_days
    return _half_up(principal_minor * (one + interest_rate_bps * days), one)


def note_price_half_up(
    *,
    principal_minor: int,
    interest_rate_bps: int,
    note_fraction: tuple[int, int],
    discount_rate_bps: int,
    fraction: tuple[int, int],
) -> int:
    """Price of an interest-bearing note: P = F x (1 + c x T) x (1 - r x t / B).

    The discount is taken off what the note pays at maturity, before that is rounded.

    Args:
        principal_minor: F, 1 or more minor units.
        interest_rate_bps: c, the note's annual rate, 0 or more.
        note_fraction: T, from issue to maturity, as `year_fraction` gives it.
        discount_rate_bps: r, annual, 0 or more.
        fraction: t / B, from value date to maturity, likewise.

    Raises:
        ProceedsNotPositive: the price rounds to zero or less.
    """
    for rate, (days, basis) in (
        (interest_rate_bps, note_fraction),
        (discount_rate_bps, fraction),
    ):
        _require_bounds(amount_minor=principal_minor, rate_bps=rate, days=days, basis=basis)
    note_one, one = BPS_PER_ONE * note_fraction[1], BPS_PER_ONE * fraction[1]
    grown = note_one + interest_rate_bps * note_fraction[0]
    left = one - discount_rate_bps * fraction[0]
    price_minor = _half_up(principal_minor * grown * left, note_one * one) if left > 0 else 0
    if price_minor <= 0:
        raise ProceedsNotPositive(price_minor)
    return price_minor


def discount_to_yield_price_half_up(
    *, face_minor: int, yield_rate_bps: int, days: int, basis_days: int
) -> int:
    """Price at which the funder earns a simple yield: P = F / (1 + r x t / B).

    Args:
        face_minor: Face, 1 or more minor units.
        yield_rate_bps: Annual rate on the price, 0 or more.
        days: Days from value date to maturity, 0 or more.
        basis_days: Days of the convention's year.

    Returns:
        Minor units, at most the face.

    Raises:
        ProceedsNotPositive: the price rounds to zero.
    """
    _require_bounds(amount_minor=face_minor, rate_bps=yield_rate_bps, days=days, basis=basis_days)
    one = BPS_PER_ONE * basis_days
    price_minor = _half_up(face_minor * one, one + yield_rate_bps * days)
    if price_minor <= 0:
        raise ProceedsNotPositive(price_minor)
    return price_minor


def yield_of_price_half_up(
    *,
    face_minor: int,
    price_minor: int,
    days: int,
    basis_days: int,
    units_per_one: int = BPS_PER_ONE,
) -> int:
    """Simple yield of a price: y = (F / P - 1) x B / t.

    Args:
        face_minor: Face, at least the price.
        price_minor: What is paid today.
        days: Days to maturity.
        basis_days: Days of the convention's year.
        units_per_one: Unit of the answer; basis points unless more digits are wanted.

    Returns:
        Annual rate in `1 / units_per_one`.

    Raises:
        ProceedsNotPositive: the price is zero or less.
        TenorTooShort: less than a day.
    """
    _require_price(face_minor=face_minor, price_minor=price_minor, days=days)
    earned = face_minor - price_minor
    return _half_up(earned * basis_days * units_per_one, price_minor * days)


def semiannual_yield_of_price_half_up(
    *, face_minor: int, price_minor: int, days: int, year_days: int, units_per_one: int
) -> int:
    """Yield of a price more than half a year before maturity, interest added after that half.

    It solves P x (1 + (t / Y - 1 / 2) x i) x (1 + i / 2) = F. Source: 31 CFR 356 appendix B,
    section VI.D.

    Args:
        face_minor: F, at least the price.
        price_minor: P, what is paid today.
        days: t, more than half of `year_days`.
        year_days: Y, days of the year that begins today: 365 or 366.
        units_per_one: Unit of the answer.

    Returns:
        Annual rate in `1 / units_per_one`.

    Raises:
        ProceedsNotPositive: the price is zero or less.
        TenorTooShort: at most half a year.
    """
    _require_price(face_minor=face_minor, price_minor=price_minor, days=days)
    if 2 * days <= year_days:
        raise TenorTooShort(days, year_days // 2 + 1)
    # a x i^2 + b x i = c over integers, all of them times 4 x P x Y; then the larger root.
    a, b = (2 * days - year_days) * price_minor, 4 * days * price_minor
    c = 4 * year_days * (face_minor - price_minor)
    root = isqrt((b * b + 4 * a * c) * (2 * units_per_one) ** 2)
    doubled = (root - 2 * b * units_per_one) // (2 * a)
    return (doubled + 1) // 2


def discount_rate_of_price_half_up(
    *,
    face_minor: int,
    price_minor: int,
    days: int,
    basis_days: int,
    units_per_one: int = BPS_PER_ONE,
) -> int:
    """Bank discount rate of a price: r = (1 - P / F) x B / t; arguments as for the yield.

    Raises:
        ProceedsNotPositive: the price is zero or less.
        TenorTooShort: less than a day.
    """
    _require_price(face_minor=face_minor, price_minor=price_minor, days=days)
    earned = face_minor - price_minor
    return _half_up(earned * basis_days * units_per_one, face_minor * days)


def cost_on_proceeds_bps_up(*, face_minor: int, net_proceeds_minor: int, days: int) -> int:
    """All-in annual cost on the money received: (F - N) / N x 365 / t.

    Args:
        face_minor: What the seller gives up at maturity, at least the net proceeds.
        net_proceeds_minor: What it receives: price less every fee it pays.
        days: Calendar days from payment to maturity.

    Returns:
        Basis points, rounded up: a stated cost is never below the true one.

    Raises:
        ProceedsNotPositive: fees leave nothing.
        TenorTooShort: less than a day.
    """
    _require_price(face_minor=face_minor, price_minor=net_proceeds_minor, days=days)
    cost_minor = face_minor - net_proceeds_minor
    return _up(cost_minor * COST_BASIS_DAYS * BPS_PER_ONE, net_proceeds_minor * days)


def cost_on_face_bps_up(*, face_minor: int, net_proceeds_minor: int, days: int) -> int:
    """All-in annual cost on the face: (F - N) / F x 365 / t.

    Always shown beside the cost on proceeds, which is higher; arguments, rounding and errors are
    the same. For a flat discount of p % over k days it is p / k x 365.
    """
    _require_price(face_minor=face_minor, price_minor=net_proceeds_minor, days=days)
    cost_minor = face_minor - net_proceeds_minor
    return _up(cost_minor * COST_BASIS_DAYS * BPS_PER_ONE, face_minor * days)


def late_interest_half_up(
    *, unpaid_minor: int, late_rate_bps: int, days_late: int, basis_days: int = COST_BASIS_DAYS
) -> int:
    """Simple interest on what is overdue: unpaid x rate x days / basis.

    Args:
        unpaid_minor: Overdue principal, 0 or more minor units.
        late_rate_bps: Agreed annual rate; or the statutory daily rate (R-17) with a basis of 1.
        days_late: Days from the due date, 0 or more.
        basis_days: 365 for an annual rate, 1 for a daily one.

    Returns:
        Minor units; no compounding.
    """
    _require_bounds(
        amount_minor=unpaid_minor, rate_bps=late_rate_bps, days=days_late, basis=basis_days
    )
    return _half_up(unpaid_minor * late_rate_bps * days_late, BPS_PER_ONE * basis_days)


def fraction_half_up(amount_minor: int, rate_bps: int) -> int:
    """A rate of an amount that has no time in it, such as a fee or a tax; both 0 or more."""
    _require_bounds(amount_minor=amount_minor, rate_bps=rate_bps, days=0, basis=1)
    return _half_up(amount_minor * rate_bps, BPS_PER_ONE)


def advance_rate_bps_floor(*, face_minor: int, holdback_minor: int) -> int:
    """The share of a face that is bought now (融资比例); the rest is held back.

    A stated rate is never above the true one.

    Raises:
        AmountMissing: There is no face.
    """
    if face_minor <= 0:
        raise AmountMissing
    return (face_minor - holdback_minor) * BPS_PER_ONE // face_minor


def _discount_half_up(face_minor: int, numerator: int, denominator: int) -> int:
    discount_minor = _half_up(numerator, denominator)
    if discount_minor >= face_minor:
        raise DiscountExceedsFace(discount_minor, face_minor)
    return discount_minor


def late_interest_at(*, amount_minor: int, agreed_bps: int, maturity_at: int, paid_at: int) -> int:
    """Late interest on an amount paid at an instant, by whole days, as the contracts charge it.

    Args:
        amount_minor: What is paid of the face.
        agreed_bps: The programme's annual rate over 365 days; 0 where none was agreed, and the
            statutory daily rate counts (R-17).
        maturity_at: When it was due, UTC seconds.
        paid_at: When it is paid.
    """
    days_late = max(0, paid_at - maturity_at) // SECONDS_A_DAY
    if agreed_bps == 0:
        return late_interest_half_up(
            unpaid_minor=amount_minor,
            late_rate_bps=STATUTORY_DAILY_BPS,
            days_late=days_late,
            basis_days=1,
        )
    return late_interest_half_up(
        unpaid_minor=amount_minor, late_rate_bps=agreed_bps, days_late=days_late
    )


def _half_up(numerator: int, denominator: int) -> int:
    """Quotient of a numerator of 0 or more, halves rounded up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _up(numerator: int, denominator: int) -> int:
    """Quotient rounded up."""
    return -(-numerator // denominator)


def _require_bounds(*, amount_minor: int, rate_bps: int, days: int, basis: int) -> None:
    """Negative money, rates or days are a mistake of the caller, not a broken rule."""
    if min(amount_minor, rate_bps, days) < 0 or basis < 1:
        raise ValueError("amount, rate and days are 0 or more, and a year has days")


def _require_price(*, face_minor: int, price_minor: int, days: int) -> None:
    if price_minor <= 0:
        raise ProceedsNotPositive(price_minor)
    if days < 1:
        raise TenorTooShort(days, 1)
    if price_minor > face_minor:
        raise ValueError("a discounted price is at most the face")
