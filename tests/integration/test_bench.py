"""Benchmarks, small: that they do their work, never how long it takes."""

import pytest

from chainfin.bench.evidence import measure_evidence
from chainfin.bench.gas import OPERATIONS, measure_gas
from chainfin.bench.lineage import measure_lineage


@pytest.fixture(scope="module")
def measured():
    return {entry.operation: entry for entry in measure_gas()}


def test_every_operation_is_measured(measured):
    assert list(measured) == [operation.name for operation in OPERATIONS]


@pytest.mark.parametrize("name", [operation.name for operation in OPERATIONS])
def test_no_act_is_cheaper_than_its_floor_or_costs_twice_as_much(measured, name):
    entry = measured[name]

    assert entry.floor < entry.gas < 2 * entry.floor


def test_lineage_is_read_from_each_store_there_is():
    measured = measure_lineage(20_000, lambda _: None)

    assert measured[0].store == "sqlite"
    assert all(entry.lineage_10000_bytes > 300_000 for entry in measured)


def test_evidence_of_many_facts_is_made_and_verified():
    measured = measure_evidence(20)

    assert measured["facts"] == 20
    assert measured["met"]
