"""The fault matrix: each test is named by its row. What is accepted is done once, whatever fails.

The systems here are shared by the tests of a file: a fault leaves nothing behind either.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from sqlmodel import Session, select

from chainfin.chain.client import Node
from chainfin.chain.transactor import sign
from chainfin.cli.runtime import Worker, reading, unit_of_work
from chainfin.client.api import ApiProblem
from chainfin.codec.hashing import to_hex
from chainfin.codec.transactions import decode_transaction
from chainfin.domain.service_errors import LeaseLost, NodeUnavailable
from chainfin.models.relay import RelayReplacedRow, RelayStatus, RelayTransactionRow, relayed_for
from chainfin.services import orders as orders_service
from chainfin.services import relaying, submission
from tests.node_proxy import NodeProxy, hang, lose_answer, lose_request, proxied
from tests.world import ANCHOR, SUPPLIER, World, running_world

ETHER = 10**18
GWEI = 10**9


@dataclass
class Faulty:
    """A system that reaches its node through a proxy."""

    world: World
    proxy: NodeProxy
    node: Node
    """Past the proxy."""
    issued: int = 0

    def accepted(self) -> str:
        """An order that is accepted and not yet relayed; its hash."""
        world = self.world
        self.issued += 1
        tag = world.record(ANCHOR, SUPPLIER, f"F-{self.issued}", 900_00)
        draft = world.draft(
            ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
        )
        world.submit(ANCHOR, draft)
        return str(draft.order_hash)

    def step(self, action: Any) -> None:
        with unit_of_work(self.world.runtime) as context:
            action(context, self.world.relayers)

    def send(self) -> None:
        with reading(self.world.runtime) as context:
            sent = relaying.broadcast_stored(context, self.world.relayers)
        with unit_of_work(self.world.runtime) as context:
            submission.note_broadcast(context, self.world.relayers, sent)

    def carried(self, order_hash: str) -> list[RelayTransactionRow]:
        with Session(self.world.runtime.engine) as session:
            return list(relayed_for(session, order_hash))

    def status(self, order_hash: str) -> str:
        return str(self.world[ANCHOR].api.get(f"/orders/{order_hash}")["status"])

    def check_done_once(self, *hashes: str) -> None:
        """I1, I2, I4: every order is final, has run once, and no nonce is missing."""
        self.world.work()
        for hash_ in hashes:
            assert self.status(hash_) == "final"
        receivables = list(self.world[SUPPLIER].api.pages("/receivables"))
        assert len(receivables) == self.issued
        with Session(self.world.runtime.engine) as session:
            rows = session.exec(select(RelayTransactionRow)).all()
        nonces = sorted(row.nonce for row in rows)
        assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
        used = self.node.transaction_count(rows[0].relayer)
        assert used == nonces[-1] + 1


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def system(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Faulty]:
    home = tmp_path_factory.mktemp("faults")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'chainfin.db'}"
    else:
        cluster = request.getfixturevalue("postgresql_cluster")
        url = cluster.new_database()
    with running_world(home / "home", url, through=proxied) as world:
        world.populate()
        assert world.proxy is not None
        yield Faulty(world, world.proxy, Node(world.network.url))


def test_f1__answer_lost_after_broadcast__runs_once(system: Faulty) -> None:
    order = system.accepted()
    system.proxy.plan("eth_sendRawTransaction", lose_answer)

    system.check_done_once(order)

    assert len(system.carried(order)) == 1


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


def test_f3__request_lost_before_the_node__same_bytes_again(system: Faulty) -> None:
    order = system.accepted()
    system.proxy.plan("eth_sendRawTransaction", lose_request)

    system.check_done_once(order)

    assert system.proxy.methods.count("eth_sendRawTransaction") > 1
    assert len(system.carried(order)) == 1


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


def test_f8_f36__no_node_takes_one__its_nonce_runs_empty_and_the_next_one_runs(
    system: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(orders_service, "gas_limit", lambda _order: 10**10)
        impossible = system.accepted()
    system.issued -= 1
    order = system.accepted()

    system.check_done_once(order)

    assert system.status(impossible) == "reverted"
    reason = system.world[ANCHOR].api.get(f"/orders/{impossible}")["reason"]
    assert reason["name"] == "TransactionImpossible"
    (row,) = system.carried(impossible)
    assert (row.is_empty, row.status) == (True, RelayStatus.INCLUDED)


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


def test_f12__one_request_fifty_times_at_once__is_one_order(system: Faulty) -> None:
    world = system.world
    system.issued += 1
    tag = world.record(ANCHOR, SUPPLIER, f"F-{system.issued}", 900_00)
    draft = world.draft(
        ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
    )
    approvals = world.approvals(ANCHOR, draft)

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: world[ANCHOR].api.submit(draft, approvals, idempotency_key="one"),
                range(50),
            )
        )

    assert {answer["order_hash"] for answer in answers} == {draft.order_hash}
    system.check_done_once(draft.order_hash)


def test_f21__chain_away__orders_wait_and_then_run_once(system: Faulty) -> None:
    orders = [system.accepted() for _ in range(3)]
    system.proxy.is_down = True
    for _ in range(3):
        with pytest.raises(NodeUnavailable):
            system.world.worker.step()
    assert {system.status(order) for order in orders} <= {"received", "submitted"}
    system.proxy.is_down = False

    system.check_done_once(*orders)


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
    system.issued -= 1

    system.check_done_once(order)


def test_f34__unknown_error_text__never_means_failed(system: Faulty) -> None:
    order = system.accepted()

    def refuse(_forward: Any) -> bytes:
        return (
            b'[{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"the moon is not right"}}]'
        )

    system.proxy.plan("eth_sendRawTransaction", refuse, times=3)

    system.check_done_once(order)

    assert len(system.carried(order)) == 1


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

    system.check_done_once(*orders)
    for order in orders:
        assert len(system.carried(order)) == 1


def test_drafts__two_before_either_is_handed_in__both_run(system: Faulty) -> None:
    world = system.world
    drafts = []
    for _ in range(2):
        system.issued += 1
        tag = world.record(ANCHOR, SUPPLIER, f"F-{system.issued}", 900_00)
        drafts.append(
            world.draft(
                ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
            )
        )
    for draft in reversed(drafts):
        world.submit(ANCHOR, draft)

    system.check_done_once(*(draft.order_hash for draft in drafts))


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
