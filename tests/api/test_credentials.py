"""API keys: for what they were made, as long as they live, two of a label at a time."""

from typing import Any

import pytest
from sqlmodel import Session

from chainfin.client.api import Api, ApiProblem
from chainfin.models.credentials import ApiKeyRow
from chainfin.services.credentials import OVERLAP_SECONDS
from tests.world import STRANGER, SUPPLIER, World


def made(world: World, label: str, *scopes: str, **options: Any) -> str:
    body = {"label": label, "scopes": list(scopes)} | options
    return str(world[SUPPLIER].api.post("/access-keys", body)["api_key"])


def refused(api: Api, method: str, path: str, *body: Any) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        getattr(api, method)(path, *body)
    return caught.value


def row(world: World, key: str) -> ApiKeyRow:
    with Session(world.runtime.engine) as session:
        found = session.get(ApiKeyRow, key.split("_")[1])
        assert found is not None
        return found


def change(world: World, key: str, **values: int) -> None:
    with Session(world.runtime.engine) as session:
        found = session.get(ApiKeyRow, key.split("_")[1])
        for name, value in values.items():
            setattr(found, name, value)
        session.add(found)
        session.commit()


def test_api_key__of_another_organisation__does_not_exist(world: World) -> None:
    key_id = made(world, "strangers", "read").split("_")[1]
    stranger = world[STRANGER].api

    assert refused(stranger, "post", f"/access-keys/{key_id}/rotation", {}).status == 404
    assert refused(stranger, "delete", f"/access-keys/{key_id}").status == 404
    assert key_id not in {entry["key_id"] for entry in stranger.get("/access-keys")["data"]}


def test_api_key__made_to_read__reads_and_does_nothing_else(world: World) -> None:
    reader = world.api(made(world, "reader", "read"))

    assert reader.get("/receivables")["data"] is not None
    for path in ("/orders", "/access-keys"):
        problem = refused(reader, "post", path, {})
        assert (problem.status, problem.code) == (403, "right-required")


def test_api_key__made_by_one_with_fewer_scopes__has_no_more_than_that(world: World) -> None:
    administrator = world.api(made(world, "administrator", "administer"))

    problem = refused(administrator, "post", "/access-keys", {"label": "x", "scopes": ["write"]})

    assert problem.code == "right-required"


@pytest.mark.parametrize(
    "body",
    [
        {"label": "x", "scopes": ["everything"]},
        {"label": "x", "scopes": []},
        {"label": "x", "scopes": ["read"], "expires_at": 1},
        {"label": "x", "scopes": ["read"], "organisation": 0},
    ],
)
def test_api_key__asked_for_wrongly__is_refused(world: World, body: dict[str, Any]) -> None:
    assert refused(world[SUPPLIER].api, "post", "/access-keys", body).status == 422


def test_api_key__past_its_end_or_revoked__opens_nothing(world: World) -> None:
    key, other = made(world, "ends", "read"), made(world, "revoked", "read")
    change(world, key, expires_at=1)
    world[SUPPLIER].api.delete(f"/access-keys/{other.split('_')[1]}")

    for ended in (key, other, key[:-1] + ("0" if key[-1] != "0" else "1"), key.rpartition("_")[0]):
        assert refused(world.api(ended), "get", "/lots").code == "not-authenticated"


def test_api_key__rotated__both_open_for_a_day_and_there_is_no_third(world: World) -> None:
    old = made(world, "rotated", "read")
    path = f"/access-keys/{old.split('_')[1]}/rotation"

    new = world[SUPPLIER].api.post(path, {})["api_key"]

    for key in (old, new):
        assert world.api(key).get("/lots")["data"] is not None
    left = (row(world, old).expires_at or 0) - row(world, old).created_at
    assert OVERLAP_SECONDS <= left < OVERLAP_SECONDS + 60
    assert row(world, new).expires_at is None
    assert refused(world[SUPPLIER].api, "post", path, {}).code == "too-many-credentials"


def test_api_key__kept__is_a_hash_with_its_last_use(world: World) -> None:
    key = made(world, "kept", "read")
    secret = key.split("_")[2]
    assert row(world, key).last_used_at is None

    world.api(key).get("/lots")
    made(world, "another request that writes", "read")

    kept = row(world, key)
    assert kept.last_used_at is not None
    assert secret not in str(kept.model_dump())
    assert secret not in str(world[SUPPLIER].api.get("/access-keys"))
