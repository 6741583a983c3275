"""The gas benchmark on a chain of its own."""

import pytest

from chainfin.bench.evidence import measure_evidence
from chainfin.bench.gas import OPERATIONS, measure_gas


@pytest.fixture(scope="module")
def measured():
    return {entry.operation: entry for entry in measure_gas()}


def test_every_operation_is_measured(measured):
    assert list(measured) == [operation.name for operation in OPERATIONS]


@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
def test_no_act_is_cheaper_than_its_floor_or_costs_twice_as_much(measured, name):
    entry = measured[name]

    assert entry.floor < entry.gas < 2 * entry.floor


def test_evidence_of_many_facts_is_made_and_verified():
    measured = measure_evidence(20)

    assert measured["facts"] == 20
    assert measured["met"]
