"""The crash table: whatever dies between two steps, nothing accepted is lost or done twice."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from chainfin.chain.calls import calldata
from chainfin.cli.issue import Issuer
from chainfin.cli.runtime import reading, unit_of_work
from chainfin.codec.hashing import to_hex
from chainfin.codec.transactions import decode_transaction
from chainfin.models.orders import AdministrationRow, BatchRunRow
from chainfin.models.relay import RelayStatus, RelayTransactionRow, relayed_with_status
from chainfin.models.session import read_only
from chainfin.services import relaying, submission
from chainfin.services.service_keys import development_service_keys
from tests.world import ANCHOR, SUPPLIER, World

LEDGER_ROWS = 700
KILL_SECONDS = 60
MAPPING = """
date_format = "%Y-%m-%d"
[columns]
amount = "Amount"
beneficiary = "Beneficiary"
invoice_number = "Number"
[constants]
currency = "CNY"
tenor_days = 60
calendar = "CN"
"""


def drafted(world: World) -> str:
    """A signed and accepted order that the worker has not seen yet; its hash."""
    tag = world.record(ANCHOR, SUPPLIER, "INV-1", 900_00)
    draft = world.draft(
        ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
    )
    world.submit(ANCHOR, draft)
    return draft.order_hash


def issued(world: World) -> int:
    return len(list(world[SUPPLIER].api.pages("/receivables")))


def plan(world: World) -> None:
    with unit_of_work(world.runtime) as context:
        submission.plan(context, world.relayers)


def send_and_forget(world: World) -> None:
    """The bytes leave, and the process dies before it can write so."""
    with reading(world.runtime) as context:
        assert relaying.broadcast_stored(context, world.relayers)


def send(world: World) -> None:
    with reading(world.runtime) as context:
        sent = relaying.broadcast_stored(context, world.relayers)
    with unit_of_work(world.runtime) as context:
        submission.note_broadcast(context, world.relayers, sent)


def plan_and_forget(world: World) -> None:
    """A nonce is allotted and bytes are signed, and the process dies before it commits."""
    with Session(world.runtime.engine) as session:
        submission.plan(world.runtime.context(session, 0), world.relayers)
        session.rollback()


CRASHES: dict[str, list[Callable[[World], None]]] = {
    "before the plan": [],
    "F7 between allotting a nonce and storing the bytes": [plan_and_forget],
    "F5 after storing the bytes": [plan],
    "F6 after sending, before noting it": [plan, send_and_forget],
    "after sending": [plan, send],
}


@pytest.mark.parametrize("steps", CRASHES.values(), ids=CRASHES.keys())
def test_crash__at_each_step__order_runs_exactly_once(
    world: World, steps: list[Callable[[World], None]]
) -> None:
    order_hash = drafted(world)

    for step in steps:
        step(world)
    world.work()

    assert world[ANCHOR].api.get(f"/orders/{order_hash}")["status"] == "final"
    assert issued(world) == 1
    with Session(world.runtime.engine) as session:
        nonces = [row.nonce for row in session.exec(select(RelayTransactionRow))]
    assert sorted(nonces) == list(range(min(nonces), max(nonces) + 1))


def test_node_that_forgets__after_taking_the_bytes__gets_them_again(world: World) -> None:
    """F4: the pool is wiped; the same bytes go out again."""
    order_hash = drafted(world)
    node = world.runtime.network.node
    node.request("evm_setAutomine", [False])
    plan(world)
    send(world)
    with Session(world.runtime.engine) as session:
        row = session.exec(
            select(RelayTransactionRow).where(RelayTransactionRow.order_hash == order_hash)
        ).one()
        node.request("anvil_dropTransaction", [row.hash])
    node.request("evm_setAutomine", [True])

    world.work()

    assert world[ANCHOR].api.get(f"/orders/{order_hash}")["status"] == "final"
    assert issued(world) == 1


def test_order__relayed_by_a_stranger__is_final_all_the_same(world: World) -> None:
    """Orders are matched by their hash, never by our transaction."""
    order_hash = drafted(world)
    plan(world)
    with Session(world.runtime.engine) as session:
        row = session.exec(
            select(RelayTransactionRow).where(RelayTransactionRow.order_hash == order_hash)
        ).one()
        raw = bytes(row.raw)
    transaction = decode_transaction(raw)
    node = world.runtime.network.node
    stranger = node.request("eth_accounts")[0]
    call = {"from": stranger, "to": transaction.to, "data": to_hex(transaction.data)}
    node.request("eth_sendTransaction", [call | {"gasPrice": "0x0", "gas": hex(5_000_000)}])

    world.work()

    assert world[ANCHOR].api.get(f"/orders/{order_hash}")["status"] == "final"
    assert issued(world) == 1


# --- a batch, and a worker that is killed ----------------------------------------------------


def ledger(folder: Path) -> tuple[Path, Path]:
    rows = [f"{1000 + row}.10,{SUPPLIER},N-{row}" for row in range(LEDGER_ROWS)]
    path, mapping = folder / "ledger.csv", folder / "mapping.toml"
    path.write_text("Amount,Beneficiary,Number\n" + "\n".join(rows) + "\n")
    mapping.write_text(MAPPING)
    return path, mapping


def batch_state(world: World) -> tuple[int, int, int]:
    """Of a batch: transactions stored, transactions a node took, runs done."""
    # Only reading: a session that may write would wait until the worker is done.
    with Session(read_only(world.runtime.engine)) as session:
        relayed = session.exec(
            select(RelayTransactionRow).where(col(RelayTransactionRow.run_index).is_not(None))
        ).all()
        runs = session.exec(select(BatchRunRow)).all()
    taken = [row for row in relayed if row.status != RelayStatus.STORED]
    return len(relayed), len(taken), sum(run.is_done for run in runs)


def kill_when(world: World, is_time: Callable[[tuple[int, int, int]], bool]) -> tuple[int, ...]:
    """Let a worker run until a moment of the batch comes, then kill it; answers the state left."""
    process = world.process("chainfin.cli.worker_process")
    deadline = time.monotonic() + KILL_SECONDS
    while not is_time(batch_state(world)):
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return batch_state(world)


def test_worker__killed_in_the_middle_of_a_batch__every_row_is_issued_once(
    world: World, tmp_path: Path
) -> None:
    """kill -9 once the bytes are stored, again once they are sent; then a last worker finishes."""
    path, mapping = ledger(tmp_path)
    anchor = world[ANCHOR]
    left: list[tuple[int, ...]] = []

    class Killing(Issuer):
        def _follow(self, draft, count):  # type: ignore[no-untyped-def]
            left.append(kill_when(world, lambda state: state[0] > 0))
            left.append(kill_when(world, lambda state: state[1] > 0))
            world.work()
            return super()._follow(draft, count)

    outcome = Killing(world.settings, anchor.wallet, anchor.api, None, quiet=True).issue_ledger(
        path, mapping
    )

    runs = -(-LEDGER_ROWS // 64)
    assert (outcome.issued, outcome.refused_by_chain) == (LEDGER_ROWS, 0)
    assert [stored for stored, _, _ in left] == [runs, runs], left
    assert left[0][2] < runs, left
    assert issued(world) == LEDGER_ROWS
    faces = sorted(
        entry["face_value"]["amount_minor"] for entry in world[SUPPLIER].api.pages("/receivables")
    )
    assert faces == [100_000 + 10 + 100 * row for row in range(LEDGER_ROWS)]


def test_ledger__issued_twice_or_with_rows_appended__issues_nothing_twice(
    world: World, tmp_path: Path
) -> None:
    path, mapping = ledger(tmp_path)
    anchor = world[ANCHOR]

    class Working(Issuer):
        def _follow(self, draft, count):  # type: ignore[no-untyped-def]
            world.work()
            return super()._follow(draft, count)

    issuer = Working(world.settings, anchor.wallet, anchor.api, None, quiet=True)
    first = issuer.issue_ledger(path, mapping)
    again = issuer.issue_ledger(path, mapping)
    with path.open("a") as file:
        file.write(f"55.55,{SUPPLIER},N-new\n-10.00,{SUPPLIER},N-credit\nten,{SUPPLIER},N-x\n")
    appended = issuer.issue_ledger(path, mapping)

    assert (first.issued, first.before) == (LEDGER_ROWS, 0)
    assert (again.issued, again.before) == (0, LEDGER_ROWS)
    assert (appended.issued, appended.before) == (1, LEDGER_ROWS)
    refused = {(row.line, type(row.error).__name__) for row in appended.refused}
    assert refused == {(LEDGER_ROWS + 3, "CreditNoteRow"), (LEDGER_ROWS + 4, "WrongDecimal")}
    assert issued(world) == LEDGER_ROWS + 1
    assert json.dumps(appended.to_json(path))


def test_administration__worker_without_its_account__leaves_it_to_the_one_that_has_it(
    world: World,
) -> None:
    """Two relayers: only the first is the administration."""
    keys = development_service_keys(world.settings.home, relayers=2)
    signers = {signer.address: signer for signer in keys.relayers}
    first, second = (signer.address for signer in keys.relayers)
    with unit_of_work(world.runtime) as context:
        context.session.add(
            AdministrationRow(
                description="pause",
                contract=world.runtime.network.deployment.address("ParticipantRegistry"),
                calldata=calldata("ParticipantRegistry", "groupOf", [1]),
                status=submission.AdministrationStatus.RECEIVED,
                recorded_at=0,
            )
        )

    with unit_of_work(world.runtime) as context:
        assert submission.plan(context, {second: signers[second]}, first) == 0
    with unit_of_work(world.runtime) as context:
        assert submission.plan(context, dict(reversed(signers.items())), first) == 1
        (row,) = relayed_with_status(context.session, RelayStatus.STORED, 1)
        assert row.relayer == first
