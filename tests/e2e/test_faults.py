"""The fault matrix: each test is named by its row. What is accepted is done once, whatever fails.

The systems here are shared by the tests of a file: a fault leaves nothing behind either.
"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
from sqlmodel import Session

from api.main import create_app
from chainfin.bench.node_proxy import hang, lose_answer, lose_request
from chainfin.chain.embedded import start_network
from chainfin.chain.transactor import sign
from chainfin.cli.runtime import Worker, runtime_of
from chainfin.client.api import ApiProblem
from chainfin.codec.hashing import to_hex
from chainfin.codec.transactions import decode_transaction
from chainfin.domain.service_errors import LeaseLost, NodeUnavailable, WrongGenesis
from chainfin.models.relay import RelayReplacedRow, RelayStatus
from chainfin.services import orders as orders_service
from chainfin.services import submission
from chainfin.services.development import BANK_NAME
from tests.faulty import Faulty
from tests.world import ANCHOR, CURRENCY, FUNDER, SUPPLIER, World

RIVAL = "Southgate Bank"
LEASE_SECONDS = 1.2
"""A little longer than a worker's lease in these systems."""
KILL_SECONDS = 60
ETHER = 10**18
GWEI = 10**9


@pytest.mark.fault("F1", "answer lost after the broadcast")
def test_f1__answer_lost_after_broadcast__runs_once(system: Faulty) -> None:
    order = system.accepted()
    system.proxy.plan("eth_sendRawTransaction", lose_answer)

    system.check_done_once(order)

    assert len(system.carried(order)) == 1


@pytest.mark.fault("F2", "answer later than the time-out")
def test_f2__answer_later_than_anybody_waits__runs_once(system: Faulty) -> None:
    order = system.accepted()
    node = system.world.runtime.network.node
    system.proxy.plan("eth_sendRawTransaction", hang(1.5))
    waits, node.timeout_seconds = node.timeout_seconds, 0.5
    try:
        system.check_done_once(order)
    finally:
        node.timeout_seconds = waits

    assert len(system.carried(order)) == 1


@pytest.mark.fault("F3", "request lost before the node")
def test_f3__request_lost_before_the_node__same_bytes_again(system: Faulty) -> None:
    order = system.accepted()
    system.proxy.plan("eth_sendRawTransaction", lose_request)

    system.check_done_once(order)

    assert system.proxy.methods.count("eth_sendRawTransaction") > 1
    assert len(system.carried(order)) == 1


@pytest.mark.fault("F4", "transaction dropped from the pool")
def test_f4__node_forgets_what_it_took__same_bytes_again(system: Faulty) -> None:
    order = system.accepted()
    system.node.request("evm_setAutomine", [False])
    system.step(submission.plan)
    system.send()
    (row,) = system.carried(order)
    system.node.request("anvil_dropTransaction", [row.hash])
    system.node.request("evm_setAutomine", [True])

    system.check_done_once(order)

    assert [entry.hash for entry in system.carried(order)] == [row.hash]


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(
            "between commit and broadcast", marks=pytest.mark.fault("F5", "kill -9 after commit")
        ),
        pytest.param(
            "between broadcast and note", marks=pytest.mark.fault("F6", "kill -9 after broadcast")
        ),
        pytest.param(
            "between nonce and signature", marks=pytest.mark.fault("F7", "kill -9 before commit")
        ),
    ],
)
def test_f5_f6_f7__worker_killed__the_next_one_finishes(system: Faulty, moment: str) -> None:
    orders = [system.accepted() for _ in range(3)]
    time.sleep(LEASE_SECONDS)

    killed = system.world.process("tests.e2e.killed_worker", moment)

    assert killed.wait(KILL_SECONDS) == -signal.SIGKILL
    time.sleep(LEASE_SECONDS)
    system.check_done_once(*orders)
    assert {len(system.carried(order)) for order in orders} == {1}


@pytest.mark.fault("F8", "nonce of what no node takes")
@pytest.mark.fault("F36", "gas beyond any block")
def test_f8_f36__no_node_takes_one__its_nonce_runs_empty_and_the_next_one_runs(
    system: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(orders_service, "gas_limit", lambda _order: 10**10)
        impossible = system.accepted()
    system.issued.remove(impossible)
    order = system.accepted()

    system.check_done_once(order)

    assert system.status(impossible) == "reverted"
    reason = system.world[ANCHOR].api.get(f"/orders/{impossible}")["reason"]
    assert reason["name"] == "TransactionImpossible"
    (row,) = system.carried(impossible)
    assert (row.is_empty, row.status) == (True, RelayStatus.INCLUDED)


@pytest.mark.fault("F9", "raw transaction with our key")
def test_f9__somebody_else_uses_our_key__goes_out_with_another_nonce(
    system: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    order = system.accepted()
    system.step(submission.plan)
    (row,) = system.carried(order)
    signer = system.world.relayers[row.relayer]
    chain_id = system.node.chain_id()
    foreign = sign(signer, chain_id=chain_id, nonce=row.nonce, to=row.relayer, data=b"", gas=30_000)
    system.node.request("eth_sendRawTransaction", [to_hex(foreign.raw)])

    system.check_done_once(order)

    assert [entry.status for entry in system.carried(order)] == ["lost", "included"]
    assert "used by a transaction not ours" in caplog.text


@pytest.mark.fault("F10", "base fee raised")
def test_f10__base_fee_rises__offers_more_under_the_same_nonce(system: Faulty) -> None:
    order = system.accepted()
    system.step(submission.plan)
    (row,) = system.carried(order)
    system.node.request("anvil_setBalance", [row.relayer, hex(ETHER)])
    system.node.request("anvil_setNextBlockBaseFeePerGas", [hex(GWEI)])
    system.node.request("evm_mine")

    system.world.work()
    system.node.request("anvil_setNextBlockBaseFeePerGas", ["0x0"])
    system.node.request("evm_mine")

    system.check_done_once(order)
    (after,) = system.carried(order)
    assert after.nonce == row.nonce
    assert after.fee_per_gas > 0
    with Session(system.world.runtime.engine) as session:
        assert session.get(RelayReplacedRow, row.hash) is not None


@pytest.mark.fault("F11", "competing transaction of the same nonce")
def test_f11__replaced_in_the_pool__goes_out_with_another_nonce(system: Faulty) -> None:
    order = system.accepted()
    system.node.request("evm_setAutomine", [False])
    system.step(submission.plan)
    system.send()
    (row,) = system.carried(order)
    signer = system.world.relayers[row.relayer]
    system.node.request("anvil_setBalance", [row.relayer, hex(ETHER)])
    other = sign(
        signer,
        chain_id=system.node.chain_id(),
        nonce=row.nonce,
        to=row.relayer,
        data=b"",
        gas=30_000,
        fee_per_gas=2 * GWEI,
    )
    system.node.request("eth_sendRawTransaction", [to_hex(other.raw)])
    system.node.request("evm_mine")
    system.node.request("evm_setAutomine", [True])

    system.check_done_once(order)

    assert [entry.status for entry in system.carried(order)] == ["lost", "included"]


@pytest.mark.fault("F12", "one POST 50 times, 8 at once")
def test_f12__one_request_fifty_times_at_once__is_one_order(system: Faulty) -> None:
    world, draft = system.world, system.drafted()
    approvals = world.approvals(ANCHOR, draft)
    system.issued.add(draft.order_hash)

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: world[ANCHOR].api.submit(draft, approvals, idempotency_key="one"),
                range(50),
            )
        )

    assert {answer["order_hash"] for answer in answers} == {draft.order_hash}
    system.check_done_once(draft.order_hash)


@pytest.mark.fault("F21", "node away")
def test_f21__chain_away__orders_wait_and_then_run_once(system: Faulty) -> None:
    orders = [system.accepted() for _ in range(3)]
    system.proxy.is_down = True
    for _ in range(3):
        with pytest.raises(NodeUnavailable):
            system.world.worker.step()
    assert {system.status(order) for order in orders} <= {"received", "submitted"}
    system.proxy.is_down = False

    system.check_done_once(*orders)


@pytest.mark.fault("F21", "outbox at its limit")
def test_f21__outbox_full__asks_to_come_again_and_loses_nothing(system: Faulty) -> None:
    order = system.accepted()
    service = system.world.app.state.service
    settings = service.settings
    limited = settings.model_copy(update={"outbox_limit": 1})
    object.__setattr__(service, "settings", limited)
    try:
        with pytest.raises(ApiProblem, match="wait for the network") as refused:
            system.accepted()
    finally:
        object.__setattr__(service, "settings", settings)
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE

    system.check_done_once(order)


@pytest.mark.fault("F34", "error text nobody knows")
def test_f34__unknown_error_text__never_means_failed(system: Faulty) -> None:
    order = system.accepted()

    def refuse(_forward: Any) -> bytes:
        return (
            b'[{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"the moon is not right"}}]'
        )

    system.proxy.plan("eth_sendRawTransaction", refuse, times=3)

    system.check_done_once(order)

    assert len(system.carried(order)) == 1


@pytest.mark.fault("F13", "two workers at once")
def test_f13__two_workers__nothing_is_done_twice(system: Faulty) -> None:
    world = system.world
    orders = [system.accepted() for _ in range(6)]
    other = Worker(world.runtime, world.settings)

    def run(worker: Worker) -> None:
        for _ in range(40):
            try:
                worker.step()
            except LeaseLost:
                continue

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, [world.worker, other]))
    other.stop()
    run(world.worker)  # What it did not hold any more, it takes back.

    system.check_done_once(*orders)
    for order in orders:
        assert len(system.carried(order)) == 1


def test_drafts__two_before_either_is_handed_in__both_run(system: Faulty) -> None:
    drafts = [system.drafted() for _ in range(2)]
    for draft in reversed(drafts):
        system.world.submit(ANCHOR, draft)
        system.issued.add(draft.order_hash)

    system.check_done_once(*(draft.order_hash for draft in drafts))


@pytest.mark.fault("F17", "ranges over 10 blocks refused")
def test_f17__node_refuses_long_ranges__index_asks_for_shorter_ones(system: Faulty) -> None:
    order = system.accepted()
    system.node.request("anvil_mine", [hex(60)])

    def refuse(params: list[Any]) -> tuple[int, str] | None:
        first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
        return (
            (-32005, "Requested range exceeds maximum RPC range limit")
            if last - first >= 10
            else None
        )

    system.proxy.refusals["eth_getLogs"] = refuse
    try:
        system.check_done_once(order)
    finally:
        del system.proxy.refusals["eth_getLogs"]


@pytest.mark.fault("F19", "node of a fresh genesis, same chain id")
def test_f19__node_of_a_twin_network__service_does_not_start_and_signs_nothing(
    system: Faulty,
) -> None:
    order = system.accepted()
    twin = start_network(None)
    try:
        settings = system.world.settings.model_copy(update={"rpc_url": twin.url})
        with pytest.raises(WrongGenesis):
            runtime_of(settings)
        with pytest.raises(WrongGenesis):
            create_app(settings)
    finally:
        twin.stop()

    assert system.carried(order) == []
    system.check_done_once(order)


@pytest.mark.fault("F35", "two banks' quotes awarded in one block")
def test_f35__two_banks_finance_one_lot__one_wins_and_the_other_hears_why(system: Faulty) -> None:
    world = system.world
    if RIVAL not in world.actors:
        add_funder(world, RIVAL)
    receivable_id = world.issue(f"RACE-{world.settings.home.parent.name}", 1_000_00)
    system.issued.add(f"receivable {receivable_id}")
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    (request,) = world[FUNDER].api.get("/financing-requests")["data"]
    quotes = [
        world.quote(bank, request_id=request["request_id"], discount_rate_bps=380)
        for bank in (FUNDER, RIVAL)
    ]
    drafts = [world.draft(SUPPLIER, "award_quote", quote_hash=quote) for quote in quotes]
    system.node.request("evm_setAutomine", [False])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda draft: world.submit(SUPPLIER, draft), drafts))
    system.step(submission.plan)
    system.send()
    system.node.request("evm_mine")
    system.node.request("evm_setAutomine", [True])
    world.work()

    orders = [world[SUPPLIER].api.get(f"/orders/{draft.order_hash}") for draft in drafts]
    assert sorted(order["status"] for order in orders) == ["final", "reverted"]
    (lost,) = (order for order in orders if order["status"] == "reverted")
    assert lost["reason"]["name"] == "RequestNotOpen"
    carried = [row.hash for draft in drafts for row in system.carried(draft.order_hash)]
    assert len({system.node.receipt(hash_)["blockNumber"] for hash_ in carried}) == 1
    lineage = world[SUPPLIER].api.get(f"/receivables/{receivable_id}/lineage")
    winner = FUNDER if orders[0]["status"] == "final" else RIVAL
    assert [lot["holder"] for lot in lineage["lots"] if lot["face_value_minor"]] == [
        world[winner].number
    ]


def add_funder(world: World, name: str) -> None:
    world.admit({name: ["funder"]})
    holder = world[name].number
    world.order(BANK_NAME, "open_deposit_accounts", holders=[holder], currency=CURRENCY)
    world.order(BANK_NAME, "mint_deposit", to=holder, amount_minor=5_000_00, currency=CURRENCY)


@pytest.mark.fault("F20", "raw transaction of another chain id")
def test_f20__transaction_of_another_chain__is_refused(system: Faulty) -> None:
    order = system.accepted()
    system.step(submission.plan)
    (row,) = system.carried(order)
    ours = decode_transaction(row.raw)
    signer = system.world.relayers[row.relayer]
    foreign = sign(
        signer,
        chain_id=ours.chain_id + 1,
        nonce=row.nonce,
        to=ours.to,
        data=ours.data,
        gas=ours.gas,
    )

    answer = system.node.send("eth_sendRawTransaction", [to_hex(foreign.raw)])

    assert "chain" in answer.message.lower()
    system.check_done_once(order)
