"""Lines of a bank statement against the payments that were expected, in four levels.

| level     | a line and what was expected                                                        |
|-----------|-------------------------------------------------------------------------------------|
| exact     | the reference and the amount; without any reference: account, amount and day, and   |
|           | nothing else it could be                                                            |
| tolerance | the same, but the amount or the day is off by no more than allowed                  |
| aggregate | one line pays several, or several lines pay one, and the sum is exact               |
| exception | everything else: a person decides, from the work list                               |

A line and an expected payment are each used once. Whatever could be two things is none of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from chainfin.domain.money import Money
from chainfin.domain.pricing import BPS_PER_ONE
from chainfin.domain.receivable import LotId
from chainfin.domain.statements import Direction, LineStatus, StatementLine, lots_referred_to


class MatchLevel(StrEnum):
    """How surely a line was recognised."""

    EXACT = "exact"
    """Reference and amount."""
    TOLERANCE = "tolerance"
    """Amount or day a little off."""
    AGGREGATE = "aggregate"
    """A sum of several."""


class ExceptionReason(StrEnum):
    """Why a person has to look at a line."""

    NOTHING_EXPECTED = "nothing_expected"
    """No payment like this was expected."""
    AMOUNT_DIFFERS = "amount_differs"
    """What it refers to was expected with another amount."""
    AMBIGUOUS = "ambiguous"
    """It could be more than one expected payment."""
    ALREADY_MATCHED = "already_matched"
    """Another line is matched with what it refers to."""
    REVERSAL = "reversal"
    """The bank takes an earlier booking back."""


@dataclass(frozen=True, slots=True)
class ExpectedPayment:
    """A payment that should appear on an account.

    Attributes:
        key: Names it among all expected payments.
        lot_id: The lot it is for, by whose reference it is recognised.
        direction: Which way it goes, seen from the account.
        money: How much, above zero.
        due_date: When.
        counterparty_account: The other side's account, if known.
        late_interest: What has to come beside it when it comes on a day; none unless it is late.
    """

    key: str
    lot_id: LotId
    direction: Direction
    money: Money
    due_date: date
    counterparty_account: str | None
    late_interest: Callable[[date], int] = field(default=lambda _: 0, compare=False)

    def minor_on(self, day: date | None) -> int:
        """What has to come on a day, with the interest on what is late then."""
        return self.money.amount_minor + (self.late_interest(day) if day else 0)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far off a payment may be and still be recognised by itself.

    Attributes:
        amount_bps: Of what was expected, either way: charges of banks on the way.
        days: Between the due day and the booking, either way.
    """

    amount_bps: int = 10
    days: int = 5


DEFAULT_TOLERANCE = Tolerance()


@dataclass(frozen=True, slots=True)
class PaymentMatch:
    """Lines and the expected payments they are.

    Attributes:
        level: How surely.
        lines: Indexes of the lines.
        expected: Keys of the expected payments.
        difference_minor: What the lines come to, less what was expected.
    """

    level: MatchLevel
    lines: tuple[int, ...]
    expected: tuple[str, ...]
    difference_minor: int


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of the lines and of what was expected.

    Attributes:
        matches: In the order they were found: the surest first.
        exceptions: Why a person has to look, by index of the line.
        open: Keys of what was expected and is not there.
    """

    matches: tuple[PaymentMatch, ...]
    exceptions: dict[int, ExceptionReason]
    open: tuple[str, ...]


def match_payments(
    lines: Sequence[StatementLine],
    expected: Sequence[ExpectedPayment],
    tolerance: Tolerance = DEFAULT_TOLERANCE,
) -> Matching:
    """Match booked lines with expected payments; lines that are not booked are passed over.

    Args:
        lines: Of one account, in the bank's order.
        expected: What may appear there; keys are distinct.
        tolerance: How far off a payment may be.
    """
    matcher = _Matcher(lines, expected, tolerance)
    for step in (
        matcher.by_reference,
        matcher.by_reference_nearly,
        matcher.several_references,
        matcher.in_instalments,
        matcher.by_account,
        matcher.by_account_nearly,
        matcher.all_of_a_day,
    ):
        step()
    return matcher.result()


class _Matcher:
    """What is still free, and the steps from sure to less sure."""

    def __init__(
        self,
        lines: Sequence[StatementLine],
        expected: Sequence[ExpectedPayment],
        tolerance: Tolerance,
    ) -> None:
        self._lines = lines
        self._tolerance = tolerance
        self._payments = {payment.key: payment for payment in expected}
        self._free_payments = dict.fromkeys(self._payments)
        self._matches: list[PaymentMatch] = []
        self._free_lines = {
            index: _lots_of(line)
            for index, line in enumerate(lines)
            if line.status is LineStatus.BOOKED
        }
        self._reversals = {index for index in self._free_lines if lines[index].is_reversal}
        for index in self._reversals:
            del self._free_lines[index]
        self._by_lot: dict[tuple[LotId, Direction, str], list[ExpectedPayment]] = defaultdict(list)
        self._by_account: dict[tuple[str | None, Direction, str], list[ExpectedPayment]] = (
            defaultdict(list)
        )
        for payment in expected:
            kind = (payment.direction, payment.money.currency)
            self._by_lot[payment.lot_id, *kind].append(payment)
            self._by_account[payment.counterparty_account, *kind].append(payment)

    # --- by reference

    def by_reference(self) -> None:
        self._one_each(self._referred, self._is_equal, MatchLevel.EXACT)

    def by_reference_nearly(self) -> None:
        self._one_each(self._referred, self._is_near, MatchLevel.TOLERANCE)

    def several_references(self) -> None:
        """One line that names several payments and comes to their sum."""
        for index in list(self._free_lines):
            payments = self._referred(index)
            if len(payments) > 1 and self._sum_on([index], payments) == self._amount(index):
                self._match(MatchLevel.AGGREGATE, [index], payments)

    def in_instalments(self) -> None:
        """Several lines that name one payment and come to its amount."""
        naming: dict[str, list[int]] = defaultdict(list)
        for index in self._free_lines:
            payments = self._referred(index)
            if len(payments) == 1:
                naming[payments[0].key].append(index)
        for key, indexes in naming.items():
            payment = self._payments[key]
            if sum(map(self._amount, indexes)) == self._sum_on(indexes, [payment]):
                self._match(MatchLevel.AGGREGATE, indexes, [payment])

    # --- by account, where the payer wrote no reference

    def by_account(self) -> None:
        def is_it(index: int, payment: ExpectedPayment) -> bool:
            return self._is_equal(index, payment) and self._days_off(index, payment) == 0

        self._one_each(self._of_account, is_it, MatchLevel.EXACT)

    def by_account_nearly(self) -> None:
        self._one_each(self._of_account, self._is_equal, MatchLevel.TOLERANCE)

    def all_of_a_day(self) -> None:
        """One line that comes to everything due to or from its other side on one day."""
        for index in list(self._free_lines):
            by_day: dict[date, list[ExpectedPayment]] = defaultdict(list)
            for payment in self._of_account(index):
                by_day[payment.due_date].append(payment)
            amount = self._amount(index)
            sums = [found for found in by_day.values() if self._sum_on([index], found) == amount]
            if len(sums) == 1 and len(sums[0]) > 1:
                self._match(MatchLevel.AGGREGATE, [index], sums[0])

    # --- what steps are made of

    def _one_each(
        self,
        candidates: Callable[[int], list[ExpectedPayment]],
        fits: Callable[[int, ExpectedPayment], bool],
        level: MatchLevel,
    ) -> None:
        """Match where a line fits one payment and no other line fits that one."""
        pairs = {
            index: [payment for payment in candidates(index) if fits(index, payment)]
            for index in self._free_lines
        }
        wanted: dict[str, int] = defaultdict(int)
        for payments in pairs.values():
            for payment in payments:
                wanted[payment.key] += 1
        for index, payments in pairs.items():
            if len(payments) == 1 and wanted[payments[0].key] == 1:
                self._match(level, [index], payments)

    def _referred(self, index: int) -> list[ExpectedPayment]:
        line = self._lines[index]
        kind = (line.direction, line.money.currency)
        return self._free(
            payment
            for lot_id in self._free_lines[index]
            for payment in self._by_lot.get((lot_id, *kind), ())
        )

    def _of_account(self, index: int) -> list[ExpectedPayment]:
        """What a line without reference may be: of the same other side, about that day."""
        line = self._lines[index]
        if self._free_lines[index] or line.counterparty_account is None:
            return []
        kind = (line.direction, line.money.currency)
        return self._free(
            payment
            for payment in self._by_account.get((line.counterparty_account, *kind), ())
            if self._days_off(index, payment) <= self._tolerance.days
        )

    def _free(self, payments: Iterable[ExpectedPayment]) -> list[ExpectedPayment]:
        return [payment for payment in payments if payment.key in self._free_payments]

    def _amount(self, index: int) -> int:
        return self._lines[index].money.amount_minor

    def _day(self, index: int) -> date | None:
        return self._lines[index].value_date or self._lines[index].booking_date

    def _is_equal(self, index: int, payment: ExpectedPayment) -> bool:
        return self._amount(index) == payment.minor_on(self._day(index))

    def _is_near(self, index: int, payment: ExpectedPayment) -> bool:
        expected = payment.minor_on(self._day(index))
        off = abs(self._amount(index) - expected)
        return off * BPS_PER_ONE <= expected * self._tolerance.amount_bps

    def _sum_on(self, indexes: Sequence[int], payments: Iterable[ExpectedPayment]) -> int:
        """What should have come by the last day of the lines."""
        days = [day for day in map(self._day, indexes) if day is not None]
        last = max(days, default=None)
        return sum(payment.minor_on(last) for payment in payments)

    def _days_off(self, index: int, payment: ExpectedPayment) -> int:
        day = self._day(index)
        return abs((day - payment.due_date).days) if day else self._tolerance.days

    def _match(
        self, level: MatchLevel, indexes: Sequence[int], payments: Sequence[ExpectedPayment]
    ) -> None:
        difference = sum(map(self._amount, indexes)) - self._sum_on(indexes, payments)
        keys = tuple(payment.key for payment in payments)
        self._matches.append(PaymentMatch(level, tuple(indexes), keys, difference))
        for index in indexes:
            del self._free_lines[index]
        for key in keys:
            del self._free_payments[key]

    # --- the end

    def result(self) -> Matching:
        exceptions = {index: self._reason(index) for index in self._free_lines}
        exceptions |= dict.fromkeys(self._reversals, ExceptionReason.REVERSAL)
        return Matching(
            tuple(self._matches), dict(sorted(exceptions.items())), tuple(self._free_payments)
        )

    def _reason(self, index: int) -> ExceptionReason:
        line = self._lines[index]
        if referred := self._referred(index):
            is_equal = any(self._is_equal(index, payment) for payment in referred)
            return ExceptionReason.AMBIGUOUS if is_equal else ExceptionReason.AMOUNT_DIFFERS
        kind = (line.direction, line.money.currency)
        if any(self._by_lot.get((lot_id, *kind)) for lot_id in self._free_lines[index]):
            return ExceptionReason.ALREADY_MATCHED
        is_like_another = any(self._is_equal(index, found) for found in self._of_account(index))
        return ExceptionReason.AMBIGUOUS if is_like_another else ExceptionReason.NOTHING_EXPECTED


def _lots_of(line: StatementLine) -> tuple[LotId, ...]:
    """Every lot a line refers to, each once."""
    texts = (line.end_to_end_id or "", *line.references)
    return tuple(dict.fromkeys(lot_id for text in texts for lot_id in lots_referred_to(text)))
