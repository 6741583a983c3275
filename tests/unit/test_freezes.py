"""R-25 to R-27: how long a freeze holds, and who is paid meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.domain.freezes import Freeze, frozen_until, payee_of
from chainfin.domain.receivable import LotId
from chainfin.domain.refusals import FreezeTooLong
from chainfin.domain.rules import check_freeze, usual_end_of_freeze

HOLDER, COURT, OTHER_COURT = 2, 40, 41
NOW = int(datetime(2027, 2, 28, 9, tzinfo=UTC).timestamp())
HOURS, DAYS = 3_600, 86_400


def freeze(expires_at, *, court=COURT, to_court=True, lifted_at=None):
    return Freeze(
        lot_id=LotId(17, 3),
        reference_hash="0x" + "ab" * 32,
        holder=HOLDER,
        court=court,
        is_hold=False,
        to_court=to_court,
        started_at=0,
        expires_at=expires_at,
        lifted_at=lifted_at,
    )


def test_freeze__at_its_last_instant__still_holds_and_then_no_more__r25():
    kept = freeze(100)

    assert [kept.holds_at(instant) for instant in (1, 100, 101)] == [True, True, False]
    assert not replace(kept, lifted_at=50).holds_at(60)


def test_payment__while_frozen__goes_to_the_court_or_waits__r26():
    assert payee_of([freeze(100)], HOLDER, 100) == COURT
    assert payee_of([freeze(100, to_court=False)], HOLDER, 100) is None
    assert payee_of([freeze(100)], HOLDER, 101) == HOLDER
    assert payee_of([], HOLDER, 1) == HOLDER


def test_payment__under_several_freezes__follows_the_earliest_that_holds__r26():
    first, second = freeze(100), freeze(200, court=OTHER_COURT)

    assert payee_of([first, second], HOLDER, 100) == COURT
    assert payee_of([first, second], HOLDER, 101) == OTHER_COURT
    assert payee_of([replace(first, lifted_at=5), second], HOLDER, 6) == OTHER_COURT


@given(st.lists(st.builds(freeze, st.integers(0, 20), to_court=st.booleans())), st.integers(0, 25))
def test_holder__is_paid_just_while_the_lot_is_free__r26(freezes, instant):
    is_free = frozen_until(freezes, instant) is None

    assert (payee_of(freezes, HOLDER, instant) == HOLDER) == is_free


@pytest.mark.parametrize(
    ("until", "is_hold"),
    [(datetime(2030, 2, 28, 9, tzinfo=UTC).timestamp(), False), (NOW + 48 * HOURS, True)],
)
def test_rule__to_the_last_second__is_kept_and_not_one_more__r25_r27(until, is_hold):
    check_freeze(expires_at=int(until), now_at=NOW, is_hold=is_hold)

    with pytest.raises(FreezeTooLong) as refusal:
        check_freeze(expires_at=int(until) + 1, now_at=NOW, is_hold=is_hold)

    assert refusal.value.latest_at == until


def test_freeze__whose_order_names_no_end__lasts_a_year__a_hold_as_long_as_the_law_allows__r27():
    assert usual_end_of_freeze(NOW, is_hold=False) == NOW + 365 * DAYS
    assert usual_end_of_freeze(NOW, is_hold=True) == NOW + 48 * HOURS
    before_the_law = int(datetime(2006, 12, 31, tzinfo=UTC).timestamp())
    assert usual_end_of_freeze(before_the_law, is_hold=True) == before_the_law + 365 * DAYS
