"""The gas benchmark on a chain of its own."""

import pytest

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
