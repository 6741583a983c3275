"""What the benchmarks compute, apart from what they measure."""

from pathlib import Path

from chainfin.bench.floors import AUTHORITY, Work, calldata_gas, event_gas, floor_of
from chainfin.bench.gas import OPERATIONS, Measured
from chainfin.bench.machine import describe_machine

DEPOSIT_MINTED = {"topics": ["0x" + "11" * 32] * 2, "data": "0x" + "00" * 96}


def test_calldata_costs_less_for_zeros():
    assert calldata_gas(bytes([0, 0, 1])) == 2 * 4 + 16


def test_an_event_costs_its_topics_and_bytes():
    assert event_gas(DEPOSIT_MINTED) == 375 + 2 * 375 + 96 * 8


def test_a_floor_is_the_sum_of_its_parts():
    work = AUTHORITY + Work(accounts=1, creations=1, clears=1)

    floor = floor_of(work, b"\x01", [DEPOSIT_MINTED])

    signers = 2 * 3_100 + 3 * 2_100 + 5_000
    assert floor == 21_000 + 16 + signers + 2_600 + 22_100 + 200 + event_gas(DEPOSIT_MINTED)


def test_a_goal_is_met_to_the_unit():
    assert Measured("split", 120_000, 90_000, 120_000).is_met
    assert Measured("split", 120_001, 90_000, 120_000).is_met is False
    assert Measured("split", 120_001, 90_000, None).is_met is None
    assert Measured("split", 120_000, 90_000, None).to_json()["ratio"] == 1.33


def test_operations_have_names_of_their_own():
    names = [operation.name for operation in OPERATIONS]

    assert len(set(names)) == len(names)
    assert {"split", "transfer", "issue", "issue_batch", "award", "settle"} <= set(names)


def test_the_machine_says_what_it_is():
    machine = describe_machine()

    assert machine["cores"] >= 1
    assert machine["processor"]
    assert Path("/proc/meminfo").exists() <= (machine["memory_gib"] is not None)
