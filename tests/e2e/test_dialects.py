"""The node speaks another dialect: the same story, the same faults, the same end."""

from collections.abc import Iterator
from typing import Any

import pytest

from chainfin.bench.node_proxy import lose_answer
from chainfin.chain.client import Node
from chainfin.chain.embedded import move_clock
from chainfin.chain.probing import probe
from chainfin.domain.finality import Finality
from chainfin.domain.service_errors import NodeUnavailable
from tests.dialects import BESU, FISCO
from tests.e2e.test_invoice_to_settlement import FACE, findings
from tests.faulty import Faulty
from tests.world import ANCHOR, AUDITOR, play_story, running_world

NOT_ALLOWED = (-32007, "Sender account not authorized to send transactions")
TOKEN = "a.json.web-token"  # noqa: S105 - of these tests alone


@pytest.fixture(scope="module", params=[BESU, FISCO], ids=["besu", "fisco"])
def system(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Faulty]:
    home = tmp_path_factory.mktemp("dialect")
    url = f"sqlite:///{home / 'chainfin.db'}"
    with running_world(home / "home", url, through=request.param) as world:
        world.populate()
        assert world.proxy is not None
        yield Faulty(world, world.proxy, Node(world.network.url))


def test_story__over_another_dialect__ends_as_over_ours(system: Faulty) -> None:
    world = system.world
    receivable_id = play_story(world)
    system.issued.add(f"receivable {receivable_id}")
    due_at = world[ANCHOR].api.get(f"/receivables/{receivable_id}")["maturity_at"]
    move_clock(system.node, due_at)
    system.node.request("anvil_mine", [hex(60)])
    world.work()

    world.order(ANCHOR, "settle_receivable", receivable_id=receivable_id)

    assert findings(world) == ()
    settled = world[AUDITOR].api.get(f"/receivables/{receivable_id}")
    assert (settled["state"], settled["face_value"]["amount_minor"]) == ("settled", FACE)


@pytest.mark.fault("F34", "Besu's and FISCO's words for a transaction that is there already")
def test_answer__lost_over_another_dialect__runs_once(system: Faulty) -> None:
    order = system.accepted()
    system.proxy.plan("eth_sendRawTransaction", lose_answer)

    system.check_done_once(order)

    assert len(system.carried(order)) == 1


@pytest.mark.fault("F34", "account not on the node's allowlist")
def test_relayer__not_on_the_allowlist__waits_until_it_is(system: Faulty) -> None:
    order = system.accepted()
    system.proxy.refusals["eth_sendRawTransaction"] = lambda _params: NOT_ALLOWED
    try:
        for _ in range(3):
            system.world.worker.step()
        assert system.status(order) == "submitted"
    finally:
        del system.proxy.refusals["eth_sendRawTransaction"]

    system.check_done_once(order)


def test_node__that_asks_for_a_token__is_used_with_it_alone(system: Faulty) -> None:
    system.proxy.token = TOKEN
    try:
        with pytest.raises(NodeUnavailable, match="401"):
            Node(system.proxy.url).chain_id()
        assert Node(system.proxy.url, token=TOKEN).chain_id() == system.node.chain_id()
    finally:
        system.proxy.token = ""


def test_doctor__of_another_dialect__tells_what_it_lacks(system: Faulty) -> None:
    finality = Finality.parse("instant")
    told = {"finality": finality, "block_range": 2_000, "is_embedded": True, "now": 0}
    found = {line.name: line for line in probe(Node(system.proxy.url), **told)}

    assert "seals" in found["extra data"].detail
    unfit = {name for name, line in found.items() if not line.fits}
    assert unfit in ({"proof depth"}, set())
