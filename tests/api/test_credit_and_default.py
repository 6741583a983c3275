"""Credit lines, maturities and what follows from default over HTTP: the stranger first."""

import pytest

from api.dependencies import CONSOLE_COOKIE
from chainfin.client.api import ApiProblem
from tests.world import ANCHOR, AUDITOR, CURRENCY, FUNDER, STRANGER, SUPPLIER, World


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/credit-lines"),
        ("GET", "/v1/credit-lines/utilisations"),
        ("POST", "/v1/credit-lines"),
        ("GET", "/v1/maturities"),
        ("GET", "/v1/dishonour-notices"),
        ("GET", "/v1/reports/arrears/1"),
        ("POST", "/v1/lots/1-1/recourse-claim"),
        ("POST", "/v1/lots/1-1/repurchase"),
        ("POST", "/v1/lots/1-1/write-off"),
    ],
)
def test_request__without_a_credential__is_not_answered(
    world: World, method: str, path: str
) -> None:
    assert world.client.request(method, path, json={}).status_code == 401


def test_stranger__sees_no_line_no_maturity_and_no_notice(world: World, receivable_id: int) -> None:
    for path in ("/credit-lines", "/credit-lines/utilisations", "/maturities"):
        assert world[STRANGER].api.get(path)["data"] == []
    assert world[STRANGER].api.get("/dishonour-notices")["data"] == []


@pytest.mark.parametrize("act", ["recourse-claim", "repurchase", "write-off"])
def test_stranger__orders_nothing_about_anothers_lot(
    world: World, receivable_id: int, act: str
) -> None:
    with pytest.raises(ApiProblem) as refusal:
        world[STRANGER].api.post(f"/lots/{receivable_id}-1/{act}", {})

    assert refusal.value.code in {"not-found", "not-holder"}


def test_line__of_no_funder__is_refused(world: World) -> None:
    with pytest.raises(ApiProblem) as refusal:
        world.draft(SUPPLIER, "set_credit_line", **line(world, 1))

    assert refusal.value.code == "kind-required"


def test_line__set__is_the_funders_and_the_auditors_to_read(world: World) -> None:
    world.order(FUNDER, "set_credit_line", **line(world, 5_000_00))

    (own,) = world[FUNDER].api.get("/credit-lines")["data"]
    assert own["available_minor"] == 5_000_00
    assert world[AUDITOR].api.get("/credit-lines")["data"] == [own]
    assert world[ANCHOR].api.get("/credit-lines")["data"] == []


def test_quote__beyond_the_line__is_refused_before_it_is_made(
    world: World, receivable_id: int
) -> None:
    """R-36: the buyer's limit comes before the bid."""
    world.order(FUNDER, "set_credit_line", **line(world, 999_99))
    world.order(SUPPLIER, "request_financing", lot_id=f"{receivable_id}-1")
    request = world[SUPPLIER].api.get("/financing-requests")["data"][-1]["request_id"]

    with pytest.raises(ApiProblem) as refusal:
        world.draft(FUNDER, "submit_quote", request_id=request, discount_rate_bps=300)

    assert refusal.value.code == "credit-line-exceeded"
    world.order(FUNDER, "set_credit_line", **line(world, 900_000_000_00))


def test_acts_of_default__before_it__are_refused(world: World, receivable_id: int) -> None:
    with pytest.raises(ApiProblem) as refusal:
        world.draft(SUPPLIER, "write_off_lot", lot_id=f"{receivable_id}-1")
    assert refusal.value.code == "not-in-default"

    with pytest.raises(ApiProblem) as refusal:
        world.draft(SUPPLIER, "claim_recourse", lot_id=f"{receivable_id}-1")
    assert refusal.value.code == "recourse-missing"


def test_maturities__of_an_anchor__name_what_it_owes(world: World, receivable_id: int) -> None:
    entries = list(world[ANCHOR].api.pages("/maturities"))

    entry = next(each for each in entries if each["receivable_id"] == receivable_id)
    assert entry["state"] == "active"
    assert entry["outstanding"] == {"amount_minor": 1_000_00, "currency": CURRENCY}
    assert entry["late_interest_minor"] == 0


def line(world: World, limit: int) -> dict[str, object]:
    return {"anchor": world[ANCHOR].number, "currency": CURRENCY, "limit_minor": limit}


@pytest.mark.parametrize("name", [STRANGER, ANCHOR, FUNDER])
def test_desk__of_each_organisation__shows_its_own_alone(
    world: World, receivable_id: int, name: str
) -> None:
    headers = {"cookie": f"{CONSOLE_COOKIE}={world[name].wallet.api_key}"}

    page = world.client.get("/maturities", headers=headers)

    assert page.status_code == 200
    is_anchor = f'href="/receivables/{receivable_id}"' in page.text
    assert is_anchor == (name == ANCHOR)


def test_maturities__in_pages__leave_nothing_out(world: World, receivable_id: int) -> None:
    world.issue("MATURITY-2", 700_00)
    whole = [entry["receivable_id"] for entry in world[ANCHOR].api.pages("/maturities")]
    paged = [entry["receivable_id"] for entry in world[ANCHOR].api.pages("/maturities", limit=1)]

    assert receivable_id in paged
    assert paged == whole


def test_maturities__with_a_cursor_nobody_gave_out__are_refused(world: World) -> None:
    with pytest.raises(ApiProblem) as refusal:
        world[ANCHOR].api.get("/maturities", cursor="tomorrow")

    assert refusal.value.code == "field-malformed"
