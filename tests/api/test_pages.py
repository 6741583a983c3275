"""The console's pages: the stranger first, then what each may see, in both languages."""

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.dependencies import CONSOLE_COOKIE
from api.main import create_app
from api.web.lineage import MOST_CARDS, MOST_CHILDREN, lineage_of
from api.web.rendering import HERE, STATIC
from api.web.texts import TEXTS, Words
from chainfin.config import Mode
from chainfin.domain import events
from chainfin.domain.receivable import Encumbrance, ReceivableState
from chainfin.domain.service_errors import NodeUnavailable
from tests.trade_files import ubl
from tests.world import (
    ANCHOR,
    BANK_NAME,
    CURRENCY,
    FUNDER,
    STRANGER,
    SUB_SUPPLIER,
    SUPPLIER,
    World,
)

OWN_MACHINE = ("127.0.0.1", 50_000)
OTHER_MACHINE = ("203.0.113.7", 50_000)
HOST = "http://127.0.0.1:8000"
FACE = 1_270_120_00


def visitor(world: World, name: str | None = None, **options: Any) -> TestClient:
    """A browser on the machine the service runs on, signed in as an organisation or not at all."""
    options = {"base_url": HOST, "client": OWN_MACHINE, "app": world.app} | options
    cookies = {} if name is None else {CONSOLE_COOKIE: world[name].wallet.api_key}
    return TestClient(cookies=cookies, follow_redirects=False, **options)


@pytest.fixture
def production(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same service in production mode."""
    service = world.app.state.service
    settings = service.settings.model_copy(update={"mode": Mode.PRODUCTION})
    monkeypatch.setattr("api.main.build_service", lambda _: replace(service, settings=settings))
    return create_app(settings)


@pytest.fixture(scope="module")
def receivable_id(world: World) -> int:
    """Divided: a part passed on, a part of that financed, a part offered."""
    number = world.issue("CONSOLE-1", FACE)
    parts = [{"face_value_minor": 508_048_00}, {"face_value_minor": 254_024_00}]
    world.order(SUPPLIER, "split_lot", lot_id=f"{number}-1", parts=parts)
    receiver = world[SUB_SUPPLIER].number
    world.order(SUPPLIER, "propose_transfer", lot_id=f"{number}-2", to=receiver)
    world.order(SUB_SUPPLIER, "accept_transfer", lot_id=f"{number}-2")
    request = {"lot_id": f"{number}-2", "part_face_value_minor": 254_024_00}
    world.order(SUB_SUPPLIER, "request_financing", **request)
    requests = world[FUNDER].api.get("/financing-requests")["data"]
    (opened,) = [entry for entry in requests if entry["lot_id"] == f"{number}-2"]
    quote = world.quote(FUNDER, request_id=opened["request_id"], discount_rate_bps=380)
    world.order(SUB_SUPPLIER, "award_quote", quote_hash=quote)
    world.order(SUPPLIER, "propose_transfer", lot_id=f"{number}-3", to=receiver)
    return number


def text_of(page: str) -> str:
    """A page's words, without its tags and in single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())


# --- strangers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/receivables/{}", "/lots/{}-1", "/lots/{}-1/evidence"])
def test_page__for_a_stranger_in_production__is_only_the_form_to_sign_in(
    world: World, production: Any, receivable_id: int, path: str
) -> None:
    answer = visitor(world, app=production).get(path.format(receivable_id))

    assert answer.status_code == 401
    assert 'name="api_key"' in answer.text
    assert f'name="next_page" value="{path.format(receivable_id)}"' in answer.text
    assert SUPPLIER not in answer.text


@pytest.mark.parametrize(
    "options",
    [
        {"client": OTHER_MACHINE},
        {"base_url": "http://rebound.example"},
        {"headers": {"x-forwarded-for": "203.0.113.7"}},
        {"headers": {"forwarded": "for=203.0.113.7"}},
    ],
    ids=["another machine", "another name", "behind a proxy", "behind a standard proxy"],
)
def test_overview__of_the_embedded_network_from_elsewhere__asks_for_a_key(
    world: World, options: dict[str, Any]
) -> None:
    assert visitor(world, **options).get("/").status_code == 401


def test_overview__of_the_embedded_network_on_its_machine__is_the_operators(
    world: World, receivable_id: int
) -> None:
    answer = visitor(world).get("/")

    assert answer.status_code == 200
    assert "Embedded network: viewing as operator" in answer.text
    assert f"Receivable {receivable_id}" in text_of(answer.text)


def test_page__with_a_key_that_opens_nothing__forgets_it_and_asks_again(world: World) -> None:
    browser = visitor(world)
    browser.cookies.set(CONSOLE_COOKIE, "scf_0_0", domain="127.0.0.1")

    answer = browser.get("/")

    assert answer.status_code == 401
    assert "belongs to no organisation" in answer.text
    assert f'{CONSOLE_COOKIE}=""' in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/receivables/{}", "/lots/{}-1", "/lots/{}-1/evidence"])
def test_page__for_a_member_that_is_no_party__is_not_found(
    world: World, receivable_id: int, path: str
) -> None:
    answer = visitor(world, STRANGER).get(path.format(receivable_id))

    assert answer.status_code == 404
    assert SUPPLIER not in answer.text


@pytest.mark.parametrize(
    "path", ["/receivables/999999", "/receivables/x", "/lots/1", "/lots/0-0", "/?before=x"]
)
def test_page__of_what_does_not_exist__is_not_found(world: World, path: str) -> None:
    answer = visitor(world).get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


# --- signing in ---------------------------------------------------------------------------------


def test_session__with_a_key__is_kept_where_no_script_and_no_other_site_reaches_it(
    world: World, production: Any
) -> None:
    key = world[ANCHOR].wallet.api_key
    form = {"api_key": f" {key}\n", "next_page": "/receivables/1"}

    answer = visitor(world, app=production).post("/session", data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/receivables/1")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{CONSOLE_COOKIE}={key};")
    assert {"HttpOnly", "SameSite=strict", "Secure"} <= set(cookie.split("; "))


def test_session__with_nobodys_key__is_refused(world: World) -> None:
    answer = visitor(world).post("/session", data={"api_key": "scf_1_2"})

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("place", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_session__asked_to_lead_to_another_site__leads_to_the_first_page(
    world: World, place: str
) -> None:
    form = {"api_key": world[ANCHOR].wallet.api_key, "next_page": place}

    assert visitor(world).post("/session", data=form).headers["location"] == "/"


@pytest.mark.parametrize("path", ["/session", "/session/end"])
@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
def test_session__from_a_form_of_another_site__is_not_touched(
    world: World, path: str, headers: dict[str, str]
) -> None:
    form = {"api_key": world[ANCHOR].wallet.api_key}

    answer = visitor(world).post(path, data=form, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_session__ended__forgets_the_key(world: World) -> None:
    answer = visitor(world, ANCHOR).post("/session/end")

    assert answer.status_code == 303
    assert f'{CONSOLE_COOKIE}=""' in answer.headers["set-cookie"]


def test_member__signed_in_on_the_services_machine__sees_its_own_alone(world: World) -> None:
    answer = visitor(world, STRANGER).get("/")

    assert STRANGER in answer.text
    assert "viewing as operator" not in answer.text
    assert "No receivables yet" in answer.text


# --- what pages show ----------------------------------------------------------------------------


def test_overview__begins_with_the_newest_and_draws_the_newest_divided(
    world: World, receivable_id: int
) -> None:
    newest = world.issue("CONSOLE-NEWER", 5_000_00)

    page = visitor(world).get("/").text

    rows = [int(number) for number in re.findall(r'<th scope="row".*/receivables/(\d+)', page)]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] == newest
    assert f'data-lot="{receivable_id}-4" data-parent="{receivable_id}-2"' in page
    in_all = len(list(world.operator.pages("/receivables")))
    assert f"All {in_all}" in text_of(page)


def test_overview__of_many__leads_on_by_number(
    world: World, receivable_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.web.pages.RECEIVABLES_A_PAGE", 1)
    world.issue("CONSOLE-PAGE", 5_000_00)
    browser, seen, path = visitor(world), [], "/"

    while path:
        page = browser.get(path).text
        seen += re.findall(r'<th scope="row".*/receivables/(\d+)', page)
        found = re.search(r'rel="next" href="([^"]*)"', page)
        path = found[1] if found else ""

    assert list(map(int, seen)) == list(range(len(seen), 0, -1))


def test_receivable__shows_terms_lots_history_and_verdict(world: World, receivable_id: int) -> None:
    text = text_of(visitor(world, ANCHOR).get(f"/receivables/{receivable_id}").text)

    for expected in (
        "Face value CNY 1,270,120.00 = outstanding CNY 1,270,120.00 + paid CNY 0.00",
        "Index equals contract at block",
        "Value is conserved",
        f"{receivable_id}-4 Active {FUNDER} from {SUPPLIER} → {SUB_SUPPLIER} CNY 254,024.00",
        f"offered to {SUB_SUPPLIER}",
        "CNY 254,024.00 financing",
        f"{ANCHOR} undertook to pay CNY 1,270,120.00 on",
        f"Lot {receivable_id}-2 passed from {SUPPLIER} to {SUB_SUPPLIER}, which accepted it.",
        f"title passed from {SUB_SUPPLIER} to {FUNDER}.",
    ):
        assert expected in text


def test_receivable__that_the_contract_holds_otherwise__says_where(
    world: World, receivable_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_contract(monkeypatch, paid_minor=1)

    page = visitor(world).get(f"/receivables/{receivable_id}").text

    assert 'data-verdict="fails"' in page
    assert "Index differs from contract at block" in page
    assert "paid_minor is 0 in the tables, 1 on the chain" in page


def test_receivable__while_the_node_is_away__is_shown_and_not_compared(
    world: World, receivable_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise NodeUnavailable("it sleeps")

    monkeypatch.setattr("chainfin.services.audit.read_receivable", away)

    for path in ("/", f"/receivables/{receivable_id}", f"/lots/{receivable_id}-1"):
        answer = visitor(world).get(path)
        assert answer.status_code == 200
        assert "Not compared: the node does not answer" in answer.text


def test_receivable__refused_by_the_supplier__owes_nothing(world: World) -> None:
    tag = world.record(ANCHOR, SUPPLIER, "CONSOLE-VOID", 9_000_00)
    issue = {"programme_id": 1, "document_fingerprint": tag, "tenor_days": 90}
    world.order(ANCHOR, "issue_receivable", **issue)
    number = list(world[SUPPLIER].api.pages("/receivables"))[-1]["receivable_id"]
    world.order(SUPPLIER, "refuse_receivable", receivable_id=number)

    text = text_of(visitor(world).get(f"/receivables/{number}").text)

    assert "Nothing is owed and nothing was paid" in text
    assert f"{SUPPLIER} refused the receivable: it is void." in text


def test_lot__shows_its_own_trail_with_both_signers(world: World, receivable_id: int) -> None:
    page = visitor(world, FUNDER).get(f"/lots/{receivable_id}-4").text

    text = text_of(page)
    assert f"{receivable_id}-1 {receivable_id}-2 {receivable_id}-4" in text
    assert f"{FUNDER}'s quote under financing request" in text.replace("&#39;", "'")
    assert f"offered lot {receivable_id}-3" not in text
    trail = world[FUNDER].api.get(f"/lots/{receivable_id}-4/audit")
    for entry in trail["entries"]:
        for order in entry["orders"]:
            for value in (order["order_hash"], order["maker_key"], order["checker_key"]):
                assert f'title="{value}">{value[:6]}…{value[-4:]}<' in page


def test_lot__of_others_in_the_same_receivable__has_its_own_end_of_request(
    world: World, receivable_id: int
) -> None:
    trail = world[ANCHOR].api.get(f"/lots/{receivable_id}-3/audit")

    assert "QuoteAwarded" not in {entry["event"] for entry in trail["entries"]}


def test_evidence__is_a_file_to_keep(world: World, receivable_id: int) -> None:
    answer = visitor(world, FUNDER).get(f"/lots/{receivable_id}-4/evidence")

    assert answer.status_code == 200
    disposition = f'attachment; filename="evidence-{receivable_id}-4.json"'
    assert answer.headers["content-disposition"] == disposition
    assert answer.json()


def test_names__with_markup_in_them__are_only_text(world: World) -> None:
    name = "Crane <img src=x> & 'Sons'"
    world.admit({name: ["supplier"]})
    holders = [world[name].number]
    world.order(BANK_NAME, "open_deposit_accounts", holders=holders, currency=CURRENCY)
    number = world.issue("CONSOLE-MARKUP", 5_000_00, supplier=name)

    page = visitor(world).get(f"/receivables/{number}").text

    assert "<img src=x>" not in page
    assert "Crane &lt;img src=x&gt; &amp; &#39;Sons&#39;" in page


# --- every page ---------------------------------------------------------------------------------


@pytest.fixture(params=["/", "/receivables/{}", "/lots/{}-1", "/session", "/receivables/0"])
def page(request: pytest.FixtureRequest, world: World, receivable_id: int) -> Iterator[Any]:
    return visitor(world).get(request.param.format(receivable_id))


def test_page__carries_nothing_that_its_own_policy_forbids(page: Any) -> None:
    policy = page.headers["content-security-policy"].split("; ")

    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= set(policy)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]* src=)", page.text)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)


def test_page__links_only_to_files_that_are_there(world: World, page: Any) -> None:
    browser = visitor(world)
    for address in set(re.findall(r'"(/static/[^"]+)"', page.text)):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_vendored_files__have_their_licences_beside_them() -> None:
    libraries = {path.name.partition(".")[0] for path in (STATIC / "vendor").glob("*.js")}

    assert libraries
    for library in libraries:
        assert "Permission is hereby granted" in (
            STATIC / "vendor" / f"{library}.LICENSE.txt"
        ).read_text("utf-8")


# --- languages ----------------------------------------------------------------------------------


def test_language__asked_for_in_the_address__is_spoken_and_kept(world: World) -> None:
    browser = visitor(world)

    first = browser.get("/?lang=zh")
    second = browser.get("/")

    for answer in (first, second):
        assert '<html lang="zh-Hans">' in answer.text
        assert "应收账款" in answer.text
        assert "Receivables" not in text_of(answer.text)
    assert '<html lang="en">' in browser.get("/?lang=en").text


def test_language__of_the_browser__is_spoken_unless_another_was_chosen(world: World) -> None:
    answer = visitor(world).get("/session", headers={"accept-language": "zh-CN,zh;q=0.9"})

    assert '<html lang="zh-Hans">' in answer.text


def test_language__of_a_refusal__is_the_readers(world: World) -> None:
    answer = visitor(world).get("/receivables/999999?lang=zh")

    assert answer.status_code == 404
    assert "没有您可查看的" in answer.text


def test_texts__have_the_same_fields_in_both_languages() -> None:
    for key, text in TEXTS.items():
        assert all(text), key
        assert fields_of(text.en) == fields_of(text.zh), key


def test_texts__are_all_that_templates_ask_for_and_none_more() -> None:
    sources = [*HERE.glob("templates/*.html"), *HERE.glob("*.py")]
    source = "".join(path.read_text("utf-8") for path in sources if path.name != "texts.py")
    asked = set(re.findall(r"""["']([a-z]+\.[a-z_]+)["']""", source)) - {
        path.name for path in sources
    }
    built = tuple(
        f"{name}."
        for name in (
            "state",
            "act",
            "fact",
            "graph",
            "refusal",
            "export",
            "report",
            "statement",
            "why",
            "level",
            "claim",
            "ended",
            "todo",
        )
    )

    assert {key for key in asked if key.split(".")[0] in GROUPS} <= set(TEXTS)
    assert {key for key in TEXTS if not key.startswith(built)} <= asked


def test_texts__name_every_state_and_every_act_of_a_receivable() -> None:
    acts = [kind.__name__ for kind in events.ReceivableEvent.__args__]
    states = [*map(str, ReceivableState), *(held.name.lower() for held in Encumbrance)]

    assert {f"{group}.{act}" for group in ("act", "fact") for act in acts} <= set(TEXTS)
    assert {f"state.{state}" for state in states} <= set(TEXTS)


GROUPS = {key.split(".")[0] for key in TEXTS}


def fields_of(template: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(template)} - {None}


# --- large receivables --------------------------------------------------------------------------


def test_graph__of_many_lots__shows_some_and_counts_the_others() -> None:
    lots = [lot(1, None), *(lot(number, 1) for number in range(2, 500)), lot(500, 400)]

    lineage = lineage_of(view_of(lots), Words("en"))

    shown = [card.lot_id for card in lineage.cards]
    assert shown == ["5-1", "5-2", "5-3", "5-4", "5-5", "5-6", "5-400", "5-500"]
    assert lineage.left_out == {"5-1": 498 - MOST_CHILDREN}
    assert len(lineage.lots) == 500


def test_graph__of_a_deep_line__stops_before_it_is_no_picture() -> None:
    lots = [lot(1, None), *(lot(number, number - 1) for number in range(2, 300))]

    lineage = lineage_of(view_of(lots), Words("en"))

    assert len(lineage.cards) == MOST_CARDS
    assert lineage.left_out == {f"5-{MOST_CARDS}": 299 - MOST_CARDS}


def lot(number: int, parent: int | None) -> dict[str, Any]:
    return {
        "lot_id": f"5-{number}",
        "parent": None if parent is None else f"5-{parent}",
        "holder": 2,
        "original_face_value_minor": 100,
        "face_value_minor": 100,
        "paid_minor": 0,
        "tier": 1,
        "transfer_count": 0,
        "created_sequence": number,
        "encumbrance": "none",
        "is_settled": False,
    }


def view_of(lots: list[dict[str, Any]]) -> dict[str, Any]:
    receivable = {"status": "active", "state": "active", "face_value": {"currency": "CNY"}}
    nothing: dict[str, Any] = {"transfers": [], "financings": [], "names": {}}
    return {"receivable": receivable, "lots": lots} | nothing


def change_contract(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the contracts answer something else."""
    from chainfin.services import audit  # noqa: PLC0415

    read = audit.read_receivable

    def changed(*arguments: Any) -> Any:
        receivable, lots = read(*arguments)
        return replace(receivable, **changes), lots

    monkeypatch.setattr("chainfin.services.audit.read_receivable", changed)


# --- trade documents -------------------------------------------------------------------------

NEVER = "2099-12-31"


def hand_in(world: World, name: str | None, content: bytes, **fields: str) -> Any:
    files = {"file": ("invoice.xml", content)}
    return visitor(world, name).post("/documents", files=files, data=fields)


def test_documents__nobody_signed_in_from_elsewhere__asked_for_a_key(world: World) -> None:
    page = visitor(world, client=OTHER_MACHINE).get("/documents")

    assert page.status_code == 401


def test_documents__form_of_another_site__refused(world: World) -> None:
    browser = visitor(world, ANCHOR)
    page = browser.post(
        "/documents",
        files={"file": ("a.xml", ubl())},
        data={"record": "yes"},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert page.status_code == 403


def test_documents__uploaded_to_inspect__everything_wrong_is_listed(world: World) -> None:
    page = hand_in(world, STRANGER, ubl(gross="1.00", seller_vat="DE123456789"))

    assert page.status_code == 200
    assert "Refused" in page.text
    assert "/totals/gross" in page.text
    assert "no valid vat number" in page.text


def test_documents__uploaded_by_the_anchor__recorded_and_seen_by_its_parties(world: World) -> None:
    content = ubl(number="PAGE-1", currency="CNY", due_date=NEVER)

    page = hand_in(world, ANCHOR, content, record="yes")

    assert "Recorded" in page.text
    assert "119.00" in visitor(world, SUPPLIER).get("/documents").text
    assert "119.00" not in visitor(world, STRANGER).get("/documents").text


def test_documents__uploaded_by_a_stranger__refused_and_not_kept(world: World) -> None:
    content = ubl(
        number="PAGE-2", currency="CNY", due_date=NEVER, seller="<b>Nobody</b>".replace("<", "&lt;")
    )

    page = hand_in(world, STRANGER, content, record="yes")

    assert "Refused" in page.text
    assert "not your organisation" in page.text
    assert "<b>Nobody" not in page.text
