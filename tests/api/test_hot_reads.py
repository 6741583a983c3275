"""Hot reads: the routes' own answers, to whom the routes give them, and to nobody else."""

from unittest.mock import patch

import pytest

from api import hot_reads
from chainfin.client.api import ApiProblem
from chainfin.services.credentials import Callers
from tests.world import ANCHOR, AUDITOR, STRANGER, SUPPLIER, World

PATHS = ("/lots/{}-1", "/lots/{}-1/lineage", "/receivables/{}")


@pytest.mark.parametrize("path", PATHS)
def test_hot_read__by_a_stranger__is_not_found(world: World, receivable_id: int, path: str) -> None:
    api = world[STRANGER].api
    for _ in range(2):  # The second time the credential is known.
        with pytest.raises(ApiProblem) as refused:
            api.get(path.format(receivable_id))
        assert refused.value.status == 404


@pytest.mark.parametrize("path", PATHS)
def test_hot_read__by_a_party__is_the_route_s_answer(
    world: World, receivable_id: int, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine may take longer for the three reads than who asks is remembered.
    monkeypatch.setattr(Callers, "SECONDS", 60.0)
    api = world[SUPPLIER].api
    by_route = api.get(path.format(receivable_id), unknown="x")
    with patch.object(hot_reads, "_read", wraps=hot_reads._read) as read:  # noqa: SLF001
        answers = [api.get(path.format(receivable_id)) for _ in range(2)]

    assert read.call_count == len(answers)
    assert answers == [by_route, by_route]


def test_hot_read__by_an_auditor__is_left_to_the_routes(world: World, receivable_id: int) -> None:
    api = world[AUDITOR].api
    with patch.object(hot_reads, "_read", wraps=hot_reads._read) as read:  # noqa: SLF001
        for _ in range(2):
            assert api.get(f"/lots/{receivable_id}-1")["holder"] == world[SUPPLIER].number

    assert not read.called


def test_hot_read__with_a_key_that_was_just_revoked__is_refused(
    world: World, receivable_id: int
) -> None:
    asked = {"label": "hot", "scopes": ["read"]}
    key = str(world[SUPPLIER].api.post("/access-keys", asked)["api_key"])
    api = world.api(key)
    for _ in range(2):
        assert api.get(f"/receivables/{receivable_id}")["obligor"] == world[ANCHOR].number

    world[SUPPLIER].api.delete(f"/access-keys/{key.split('_')[1]}")

    with pytest.raises(ApiProblem) as refused:
        api.get(f"/receivables/{receivable_id}")
    assert refused.value.status == 401
