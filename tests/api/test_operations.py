"""What an operator's machines ask: is it alive, is it ready, how much of everything."""

import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from chainfin.services import health
from chainfin.telemetry import JsonLines, Tracer
from tests.world import ANCHOR, SUPPLIER, World

TOKEN = "a-collectors-token"  # noqa: S105 - of this test alone


@pytest.fixture(scope="module")
def observed(world: World):
    """The same system, with metrics for whoever has the token."""
    app = create_app(world.settings.model_copy(update={"metrics_token": TOKEN}))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def scrape(client, token=TOKEN):
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"})


def test_metrics__without_the_token__are_not_there(world: World, observed) -> None:
    assert world.client.get("/metrics").status_code == 404
    assert observed.get("/metrics").status_code == 404
    assert scrape(observed, "another").status_code == 404
    assert scrape(world.client, "").status_code == 404


def test_metrics__after_an_order__tell_requests_orders_index_and_relayers(
    world: World, observed
) -> None:
    world.issue("METRICS-1", 900_00)
    observed.get("/v1/lots/1-1", headers={"authorization": "Bearer none"})

    told = scrape(observed).text

    relayer = next(iter(world.relayers))
    as_of = world[ANCHOR].api.get("/about/indexing")["as_of"]["block_number"]
    used = world.runtime.network.node.transaction_count(relayer)
    requests = 'chainfin_requests_total{method="GET",route="/v1/lots/{lot_id}",status="401"} 1.0'
    assert requests in told
    assert f"chainfin_index_block {float(as_of)}" in told
    assert f'chainfin_relayer_chain_nonce{{relayer="{relayer}"}} {float(used)}' in told
    assert f'chainfin_relayer_next_nonce{{relayer="{relayer}"}} {float(used)}' in told
    assert 'chainfin_orders{status="final"}' in told
    assert "chainfin_node_up 1.0" in told
    assert "chainfin_outbox_orders 0.0" in told
    assert "chainfin_webhook_deliveries_pending 0.0" in told


def test_ready__when_all_is_well__says_how_far_it_is(world: World) -> None:
    answer = world.client.get("/v1/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["lag_blocks"] == 0
    assert answer.json()["outbox"]["waiting"] == 0
    assert world.client.get("/v1/health/live").json() == {"status": "ok"}


def test_ready__while_no_block_takes_anything__is_degraded_and_accepts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_waiting_seconds", lambda _context: health.HALT_SECONDS + 1)

    answer = world.client.get("/v1/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")


def test_ready__without_its_node__is_unavailable(world: World, monkeypatch) -> None:
    node = world.app.state.service.runtime.network.node
    monkeypatch.setattr(node, "ask", node_away)

    answer = world.client.get("/v1/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert "node" in answer.json()["reasons"][0]


def node_away(_body):
    raise health.NodeUnavailable("gone")


def test_log__of_a_request_and_its_order__is_tied_together_and_shows_no_key(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tag = world.record(ANCHOR, SUPPLIER, "LOGGED-1", 900_00)
    draft = world.draft(
        ANCHOR, "issue_receivable", programme_id=1, document_fingerprint=tag, tenor_days=30
    )
    caplog.clear()

    world.submit(ANCHOR, draft)
    world.work()

    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    of_order = [line for line in lines if line.get("order_hash") == draft.order_hash]
    assert (of_order[0]["status"], of_order[-1]["status"]) == ("received", "final")
    (answered,) = (line for line in lines if line["message"] == "answered")
    assert (answered["method"], answered["route"], answered["status"]) == (
        "POST", "/v1/orders", 202
    )  # fmt: skip
    assert answered["request_id"]
    text = "".join(JsonLines().format(record) for record in caplog.records)
    assert world[ANCHOR].wallet.api_key not in text
    assert world.operator_key not in text


def test_traces__where_a_collector_is_named__reach_it(world: World) -> None:
    received = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/v1/traces"
    app = create_app(world.settings.model_copy(update={"traces_url": url}))
    try:
        with TestClient(app) as client:
            client.get("/v1/about")
        app.state.tracer.close()
        tracer = Tracer(url, "chainfin-worker")
        tracer.note("worker step", time.time_ns())
        tracer.close()
    finally:
        server.shutdown()

    (path, request), (_, step) = received
    assert path == "/v1/traces"
    assert b"GET /v1/about" in request
    assert b"worker step" in step
