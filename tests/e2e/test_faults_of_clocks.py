"""The fault matrix, F27: a process whose clock is an hour wrong. Business time is the block's."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select

from chainfin.chain.embedded import free_port
from chainfin.cli.runtime import Worker
from chainfin.client.api import Api, ApiProblem
from chainfin.domain.service_errors import LeaseLost
from chainfin.models.leases import LeaseRow
from tests.faulty import Faulty
from tests.world import ANCHOR

SKEWS = ("+1h", "-1h")
HALF_AN_HOUR = 1_800
START_SECONDS = 60
LEASE_SECONDS = 5
"""Longer than a busy machine lets a process wait."""


Shift = Callable[..., tuple[str, ...]]


@pytest.fixture
def shifted() -> Shift:
    """What to put before a command to shift its clock, "+1h".

    Not the program `faketime`: it starts the command as a child, which outlives its own end.
    """
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("no libfaketime in /usr/lib: install faketime")

    def command(by: str, *options: str) -> tuple[str, ...]:
        return ("env", f"LD_PRELOAD={library}", f"FAKETIME={by}", *options)

    return command


@pytest.mark.fault("F27", "worker's clock an hour wrong, beside one that is right")
@pytest.mark.parametrize("skew", SKEWS)
def test_f27__worker_with_a_wrong_clock__takes_no_job_and_expires_nothing(
    system: Faulty, shifted: Shift, skew: str
) -> None:
    world = system.world
    orders = [system.accepted() for _ in range(3)]
    module = "chainfin.cli.worker_process"
    wrong = world.process(module, before=shifted(skew), lease_seconds=LEASE_SECONDS)
    try:
        deadline = time.monotonic() + START_SECONDS
        while any(system.status(order) != "final" for order in orders):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        alone = tokens(system)
        if world.runtime.engine.dialect.name == "postgresql":
            for _ in range(30):
                idle_step(world.worker)
                time.sleep(0.05)
            assert tokens(system) == alone
    finally:
        wrong.kill()
        wrong.wait()
    time.sleep(LEASE_SECONDS + 0.2)

    system.check_done_once(*orders)
    assert {len(system.carried(order)) for order in orders} == {1}


def idle_step(worker: Worker) -> None:
    try:
        assert not worker.step()
    except LeaseLost:
        return  # It held the job before, and hears now that the other one has it.


def tokens(system: Faulty) -> dict[str, int]:
    with Session(system.world.runtime.engine) as session:
        return {row.name: row.token for row in session.exec(select(LeaseRow))}


@pytest.mark.fault("F27", "service's clock an hour ahead, half an hour before maturity")
def test_f27__service_with_a_fast_clock__pays_nothing_before_its_day(
    system: Faulty, shifted: Shift
) -> None:
    world = system.world
    receivable_id = world.issue(f"CLOCK-{time.monotonic_ns()}", 1_000_00)
    system.issued.add(f"receivable {receivable_id}")
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    world.move_clock(due_at - HALF_AN_HOUR)
    port = str(free_port())
    app = ("uvicorn", "api.main:create_app", "--factory", "--port", port)
    # Waits with a time-out hang under a shifted monotonic clock; the service needs no other one.
    service = world.process(*app, before=shifted("+1h", "FAKETIME_DONT_FAKE_MONOTONIC=1"))
    try:
        wait_for(f"http://127.0.0.1:{port}/v1/health/live")
        fast = Api(f"http://127.0.0.1:{port}", world[ANCHOR].wallet.api_key)
        part = {"receivable_id": receivable_id, "amount_minor": 500_00}
        with pytest.raises(ApiProblem) as refused:
            fast.draft("settle_receivable", part)
    finally:
        service.kill()
        service.wait()

    assert refused.value.code == "payment-before-maturity"


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(url).raise_for_status()
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return
