"""R-23: who comes first when several hold rights in one claim."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.domain.priority import ClaimKind, CompetingClaim, rank_claims, share_by_rank
from chainfin.domain.refusals import AmountMissing


def claim(name, amount=100, *, registered_at=None, notified_at=None, kind=ClaimKind.FACTORING):
    filing = None if registered_at is None else f"filing {name}"
    return CompetingClaim(name, 1, kind, amount, filing, registered_at, notified_at)


def order(*claims):
    return [[entry.claim_id for entry in rank.claims] for rank in rank_claims(claims)]


def test_ranking__registered_beats_an_earlier_notice__r23():
    assert order(claim("told", notified_at=1), claim("filed", registered_at=9)) == [
        ["filed"], ["told"]
    ]  # fmt: skip


def test_ranking__of_two_registered__the_earlier_goes_first_whatever_the_kind__r23():
    pledge = claim("pledge", registered_at=5, kind=ClaimKind.PLEDGE)
    assignment = claim("assignment", registered_at=6, kind=ClaimKind.ASSIGNMENT)

    assert order(assignment, pledge) == [["pledge"], ["assignment"]]


def test_ranking__what_a_seller_holds_back__stands_behind_all_others__d7():
    last = replace(claim("last", registered_at=1), is_subordinate=True, kind=ClaimKind.HOLDBACK)

    assert order(last, claim("told", notified_at=9), claim("c")) == [["told"], ["c"], ["last"]]


def test_ranking__of_none_registered__the_first_notice_goes_first__r23():
    assert order(claim("b", notified_at=7), claim("a", notified_at=8), claim("c")) == [
        ["b"], ["a"], ["c"]
    ]  # fmt: skip


def test_ranking__a_filing_hash_without_its_time__is_no_registration__r23():
    unproven = replace(claim("unproven"), filing_hash="0x1f")

    assert order(unproven, claim("told", notified_at=3)) == [["told"], ["unproven"]]


def test_sharing__of_what_is_too_little__pays_rank_by_rank_and_equals_in_proportion__r23():
    claims = [claim("first", 60, registered_at=1), claim("x", 100), claim("y", 200), claim("z", 1)]

    assert share_by_rank(160, claims) == {"first": 60, "x": 33, "y": 67, "z": 0}


def test_ranking__of_a_claim_over_nothing__is_refused():
    with pytest.raises(AmountMissing):
        rank_claims([claim("nothing", 0)])


instants = st.none() | st.integers(1, 4)
some_claims = st.lists(
    st.tuples(st.integers(1, 10**12), instants, instants), min_size=1, max_size=8
).map(
    lambda rows: [
        claim(f"c{n}", amount, registered_at=registered, notified_at=notified)
        for n, (amount, registered, notified) in enumerate(rows)
    ]
)


@given(some_claims, st.integers(0, 10**13))
def test_sharing__of_any_amount__loses_nothing_and_overpays_nobody__r23(claims, amount):
    shares = share_by_rank(amount, claims)

    claimed = {entry.claim_id: entry.amount_minor for entry in claims}
    assert sum(shares.values()) == min(amount, sum(claimed.values()))
    assert all(0 <= shares[name] <= claimed[name] for name in claimed)


@given(some_claims, st.integers(0, 10**13))
def test_sharing__of_any_amount__pays_a_later_rank_only_after_the_one_before__r23(claims, amount):
    shares = share_by_rank(amount, claims)

    ranks = rank_claims(claims)
    for before, after in pairwise(ranks):
        if any(shares[entry.claim_id] for entry in after.claims):
            assert all(shares[entry.claim_id] == entry.amount_minor for entry in before.claims)


@given(some_claims, st.randoms())
def test_ranking__in_whatever_order_claims_come__is_the_same__r23(claims, dice):
    shuffled = list(claims)
    dice.shuffle(shuffled)

    assert rank_claims(shuffled) == rank_claims(claims)
