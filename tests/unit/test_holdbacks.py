"""D7: who is paid what is collected on a lot of which a seller holds something back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.domain.financing import InterestPayer
from chainfin.domain.freezes import Freeze
from chainfin.domain.holdbacks import Holdback, owed
from chainfin.domain.pledges import Pledge, PledgeStatus, payment_of
from chainfin.domain.pricing import advance_rate_bps_floor
from chainfin.domain.receivable import LotId
from chainfin.domain.refusals import AmountMissing

SELLER, HOLDER, PLEDGEE, COURT, NOW = 1, 2, 9, 40, 1_000
HELD = Pledge(LotId(17, 3), "0x" + "ab" * 32, HOLDER, PLEDGEE, PledgeStatus.HELD, 300, 500, 100)
ENFORCED = replace(HELD, status=PledgeStatus.ENFORCED)
FREEZE = Freeze(LotId(17, 3), "0x" + "cd" * 32, HOLDER, COURT, False, True, 0, 2_000)
WAITS = replace(FREEZE, to_court=False)


def collect(face, holdback, dues, *, freezes=(), pledge=None, holder=HOLDER):
    """What each got of the payments on a lot; under None what waits."""
    got, paid = {}, 0
    for due in dues:
        left = min(due, face - paid)
        while left:
            payee, amount = payment_of(
                freezes,
                pledge,
                holdback,
                holder=holder,
                face_value_minor=face,
                paid_minor=paid,
                due_minor=left,
                instant=NOW,
            )
            assert 0 < amount <= left
            got[payee] = got.get(payee, 0) + amount
            paid, left = paid + amount, left - amount
            if payee is None:
                return got
    return got


faces = st.integers(2, 2_000).flatmap(
    lambda face: st.tuples(
        st.just(face), st.integers(1, face - 1), st.lists(st.integers(1, face), max_size=9)
    )
)


@given(faces)
def test_collection__is_the_holders_up_to_its_share_and_the_rest_the_sellers(terms):
    face, amount, dues = terms
    paid = min(sum(dues), face)

    got = collect(face, Holdback(SELLER, amount), dues)

    assert got.get(HOLDER, 0) == min(paid, face - amount)
    assert got.get(SELLER, 0) == max(0, paid - (face - amount))


@given(faces)
def test_collection__under_a_freeze__takes_the_courts_from_the_holder_and_not_from_the_seller(
    terms,
):
    face, amount, dues = terms
    paid = min(sum(dues), face)

    got = collect(face, Holdback(SELLER, amount), dues, freezes=[FREEZE])

    assert got.get(COURT, 0) == min(paid, face - amount)
    assert got.get(SELLER, 0) == max(0, paid - (face - amount))
    assert set(collect(face, Holdback(SELLER, amount), dues, freezes=[WAITS])) <= {None}


@given(faces)
def test_collection__of_a_pledged_lot__is_the_pledgees_within_the_holders_share(terms):
    face, amount, dues = terms
    paid = min(sum(dues), face)
    to_holder = min(paid, face - amount)

    got = collect(face, Holdback(SELLER, amount), dues, pledge=ENFORCED)

    assert got.get(PLEDGEE, 0) == min(to_holder, ENFORCED.secured_minor)
    assert got.get(HOLDER, 0) == to_holder - got.get(PLEDGEE, 0)
    assert got.get(SELLER, 0) == paid - to_holder
    assert set(collect(face, Holdback(SELLER, amount), dues, pledge=HELD)) <= {None}


@given(faces)
def test_seller__that_holds_the_lot_again__holds_nothing_back_from_itself(terms):
    face, amount, dues = terms
    paid = min(sum(dues), face)

    got = collect(face, Holdback(SELLER, amount), dues, holder=SELLER)

    assert got == ({SELLER: paid} if paid else {})
    assert owed(Holdback(SELLER, amount), holder=SELLER, outstanding_minor=face) == (face, 0)


@given(faces)
def test_owed__is_what_full_payment_would_bring_each(terms):
    face, amount, dues = terms
    holdback, paid = Holdback(SELLER, amount), min(sum(dues), face)
    rest = collect(face, holdback, [*dues, face])

    to_holder, to_seller = owed(holdback, holder=HOLDER, outstanding_minor=face - paid)

    so_far = collect(face, holdback, dues)
    assert rest.get(HOLDER, 0) - so_far.get(HOLDER, 0) == to_holder
    assert rest.get(SELLER, 0) - so_far.get(SELLER, 0) == to_seller


def test_owed__without_a_holdback__is_all_the_holders():
    assert owed(None, holder=HOLDER, outstanding_minor=7) == (7, 0)


@pytest.mark.parametrize(
    ("face", "holdback", "bps"), [(1_000, 0, 10_000), (1_000, 200, 8_000), (3, 1, 6_666)]
)
def test_advance_rate__is_never_stated_above_the_true_one(face, holdback, bps):
    assert advance_rate_bps_floor(face_minor=face, holdback_minor=holdback) == bps


def test_advance_rate__of_no_face__is_none():
    with pytest.raises(AmountMissing):
        advance_rate_bps_floor(face_minor=0, holdback_minor=0)


@pytest.mark.parametrize(
    ("share_bps", "payer"), [(0, "seller"), (1, "split"), (9_999, "split"), (10_000, "obligor")]
)
def test_interest_payer__by_the_obligors_share__d6(share_bps, payer):
    assert InterestPayer.of_share(share_bps) == payer
