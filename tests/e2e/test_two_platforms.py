"""Two deployments that share nothing but the fingerprint key: the second learns one bit."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from chainfin.client.api import ApiProblem
from chainfin.services.registry import peer_over
from tests.trade_files import cii, ubl
from tests.world import ANCHOR, STRANGER, SUPPLIER, World, running_world

PLATFORM = "Second Platform"
INVOICE = {"number": "HSF-2026/0193", "currency": "CNY", "due_date": "2099-12-31"}


def hand_in(world: World, content: bytes) -> dict:
    body = {"file": base64.b64encode(content).decode()}
    return world[ANCHOR].api.post("/documents/invoices", body)


def test_invoice__financed_on_one_platform__refused_by_the_other(tmp_path: Path) -> None:
    first_url, second_url = (f"sqlite:///{tmp_path / name}.db" for name in ("first", "second"))
    with (
        running_world(tmp_path / "first", first_url) as first,
        running_world(tmp_path / "second", second_url) as second,
    ):
        first.populate()
        first.admit({PLATFORM: ["registrar"]})
        # Members have other numbers on the second platform: a stranger was admitted before them.
        second.work()
        second.admit({STRANGER: ["supplier"]})
        second.populate()
        share_fingerprint_key(first, second)
        asked: list[dict] = []
        second.app.state.service = replace(
            second.app.state.service, peers=(peer_over("first", recorder(first, asked)),)
        )

        fingerprint = hand_in(first, ubl(**INVOICE))["document"]["fingerprint"]
        assert hand_in(second, ubl(**INVOICE | {"number": "HSF-7"}))["accepted"]
        first.order(
            ANCHOR,
            "issue_receivable",
            programme_id=1,
            document_fingerprint=fingerprint,
            tenor_days=60,
        )
        with pytest.raises(ApiProblem) as caught:
            hand_in(second, cii(**INVOICE))

        assert (caught.value.status, caught.value.code) == (409, "document-used-elsewhere")
        assert first[SUPPLIER].number != second[SUPPLIER].number
        # What went out: keyed tags, under each epoch's key. What came back: a bit for each.
        free, taken = asked
        assert {name for check in taken["question"]["checks"] for name in check} == {
            "epoch",
            "registry_key",
        }
        assert [entry["financed"] for entry in free["answer"]["data"]] == [False, False]
        assert [entry["financed"] for entry in taken["answer"]["data"]] == [True, True]
        assert {name for entry in taken["answer"]["data"] for name in entry} == {
            "registry_key",
            "financed",
        }
        told = str(caught.value.problem) + str(asked)
        for secret in (fingerprint, "HSF-2026", SUPPLIER, "119.00", PLATFORM):
            assert secret not in told


def share_fingerprint_key(first: World, second: World) -> None:
    service = second.app.state.service
    keys = replace(service.runtime.keys, fingerprint_keys=first.runtime.keys.fingerprint_keys)
    second.app.state.service = replace(service, runtime=replace(service.runtime, keys=keys))


def recorder(world: World, asked: list[dict]):
    def post(path: str, body: dict) -> dict:
        answer = world[PLATFORM].api.post(path, body)
        asked.append({"question": body, "answer": answer})
        return answer

    return post
