"""R-09: splitting that looks unlike trade is found, and trade is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainfin.analysis.splits import EQUAL_PARTS, SplitLot, SplitPattern, abnormal_splits


def lot(sequence, parent=1, holder=3, face=100, tier=2, receivable=1):
    return SplitLot(receivable, sequence, parent, holder, face, tier, 10, 5)


ROOT = lot(1, parent=0, holder=2, face=10_000, tier=1)


def found(lots):
    return [(each.pattern, each.lot_sequence, each.count) for each in abnormal_splits(lots)]


def test_splits__of_different_faces_for_different_receivers__are_trade_r09():
    lots = [ROOT, *(lot(n, holder=n, face=100 * n) for n in range(2, 7))]

    assert found(lots) == []


@pytest.mark.parametrize(("count", "expected"), [(7, []), (8, [8])])
def test_splits__near_the_number_a_programme_allows__are_reported_r09(count, expected):
    lots = [ROOT, *(lot(n, face=n) for n in range(2, count + 1))]

    assert [each.count for each in abnormal_splits(lots)] == expected


def test_splits__at_the_last_tier__are_reported_with_the_first_of_them_r09():
    lots = [ROOT, lot(2, tier=5, face=1), lot(3, parent=2, tier=5, face=2), lot(4, face=3)]

    assert found(lots) == [(SplitPattern.AT_TIER_LIMIT, 2, 2)]


@pytest.mark.parametrize(("count", "expected"), [(EQUAL_PARTS - 1, []), (EQUAL_PARTS, [5])])
def test_splits__into_equal_parts_for_one_receiver__are_reported_r09(count, expected):
    lots = [ROOT, *(lot(n) for n in range(2, count + 2))]

    assert [each.count for each in abnormal_splits(lots)] == expected


def test_splits__of_two_receivables__are_told_apart_r09():
    parts = [lot(n) for n in range(2, 5)]
    others = [lot(n, receivable=2) for n in range(2, 5)]

    assert found([ROOT, *parts, lot(1, parent=0, tier=1, receivable=2), *others]) == []


@given(st.permutations(list(range(2, 9))))
def test_splits__in_whatever_order_parts_were_cut__give_the_same_findings(order):
    faces = dict(zip(order, [100] * 5 + [7, 8], strict=True))
    lots = [ROOT, *(lot(n, face=faces[n]) for n in range(2, 9))]

    assert {pattern for pattern, _, _ in found(lots)} == {
        SplitPattern.NEAR_LOT_LIMIT,
        SplitPattern.EQUAL_PARTS,
    }
