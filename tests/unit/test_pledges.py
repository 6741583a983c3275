"""R-24: who is paid what is due to a pledged lot."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.domain.freezes import Freeze
from chainfin.domain.pledges import Pledge, PledgeStatus, payee_of, payment_of
from chainfin.domain.receivable import LotId

HOLDER, PLEDGEE, COURT, NOW = 2, 9, 40, 1_000
HELD = Pledge(LotId(17, 3), "0x" + "ab" * 32, HOLDER, PLEDGEE, PledgeStatus.HELD, 700, 500, 100)
ENFORCED = replace(HELD, status=PledgeStatus.ENFORCED)
FREEZE = Freeze(LotId(17, 3), "0x" + "cd" * 32, HOLDER, COURT, False, True, 0, 2_000)


def pay(pledge, *, paid=0, due=1_000, freezes=(), holdback=None):
    return payment_of(
        freezes,
        pledge,
        holdback,
        holder=HOLDER,
        face_value_minor=1_000,
        paid_minor=paid,
        due_minor=due,
        instant=NOW,
    )


@pytest.mark.parametrize("status", [PledgeStatus.PROPOSED, PledgeStatus.RELEASED])
def test_payment__without_a_binding_pledge__is_the_holders__r24(status):
    assert pay(None) == (HOLDER, 1_000)
    assert pay(replace(HELD, status=status)) == (HOLDER, 1_000)


def test_payment__while_a_pledge_is_held__waits__r24():
    assert pay(HELD) == (None, 1_000)
    assert payee_of([], HELD, HOLDER, NOW) is None


def test_payment__of_an_enforced_pledge__is_the_pledgees_up_to_what_is_secured__r24():
    assert pay(ENFORCED) == (PLEDGEE, 700)
    assert pay(ENFORCED, paid=700, due=300) == (HOLDER, 300)
    assert pay(replace(ENFORCED, paid_before_minor=400), paid=400, due=600) == (PLEDGEE, 600)
    assert payee_of([], ENFORCED, HOLDER, NOW) == HOLDER


def test_payment__of_a_pledged_lot_under_a_freeze__is_the_courts__r26():
    for pledge in (HELD, ENFORCED):
        assert pay(pledge, freezes=[FREEZE]) == (COURT, 1_000)
        assert payee_of([FREEZE], pledge, HOLDER, NOW) == COURT


@given(st.lists(st.integers(1, 400), min_size=1, max_size=9), st.integers(1, 2_000))
def test_pledgee__over_any_payments__gets_what_is_secured_and_no_more__r24(dues, secured):
    pledge, paid, got = replace(ENFORCED, secured_minor=secured), 0, 0
    for due in dues:
        left = due
        while left:
            payee, amount = pay(pledge, paid=paid, due=left)
            paid, left = paid + amount, left - amount
            got += amount if payee == PLEDGEE else 0

    assert got == min(secured, sum(dues))
