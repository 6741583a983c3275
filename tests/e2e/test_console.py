"""The console in a real browser: drawn, quiet, offline, readable at any width and in the dark."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from api.web.rendering import PLACES
from tests.world import ANCHOR, STRANGER, SUB_SUPPLIER, SUPPLIER, World, play_story, running_world

START_SECONDS = 10
WIDE, PHONE = (1440, 900), (390, 844)
SHOWN = {"wide": WIDE, "phone": PHONE}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Console"]:
    """A divided, partly financed receivable, and the console on a free port."""
    folder: Path = tmp_path_factory.mktemp("console")
    with running_world(folder / "home", f"sqlite:///{folder / 'chainfin.db'}") as world:
        world.populate()
        number = play_story(world)
        parts = [{"face_value_minor": 200_000_00}]
        world.order(SUPPLIER, "split_lot", lot_id=f"{number}-1", parts=parts)
        receiver = world[SUB_SUPPLIER].number
        world.order(SUPPLIER, "propose_transfer", lot_id=f"{number}-4", to=receiver)
        with served(world.app) as address:
            yield Console(address, world, number)


@dataclass(frozen=True)
class Console:
    address: str
    world: World
    receivable_id: int

    def url(self, path: str) -> str:
        return self.address + path.format(self.receivable_id)


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium_path), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@dataclass
class Watch:
    """A page, and everything it should not do."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def look(browser: Browser, console: Console) -> Iterator[Any]:
    """Opens pages; at the end of the test none of them has complained or asked elsewhere."""
    watches: list[Watch] = []

    def open_page(path: str, size: tuple[int, int] = WIDE, **options: Any) -> Page:
        viewport: Any = {"width": size[0], "height": size[1]}
        watch = Watch(browser.new_context(viewport=viewport, **options).new_page())
        watches.append(watch)
        watch.page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        watch.page.on("console", lambda said: note(watch, said.type, said.text))
        watch.page.on("request", lambda request: note_request(watch, console, request.url))
        watch.page.goto(console.url(path))
        return watch.page

    yield open_page
    for watch in watches:
        watch.page.context.close()
    assert [watch.complaints for watch in watches if watch.complaints] == []


def note(watch: Watch, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        watch.complaints.append(text)


def note_request(watch: Watch, console: Console, url: str) -> None:
    if not url.startswith(console.address + "/"):
        watch.complaints.append(f"asked {url}")


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the service does not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def boxes(page: Page) -> list[dict[str, float]]:
    """Where the cards of the graph are."""
    page.wait_for_selector("[data-drawn]")
    found = [card.bounding_box() for card in page.locator(".card-body").all()]
    return [box for box in found if box is not None]


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


def line_pixels(page: Page) -> int:
    """How many pixels of the canvas are not empty."""
    page.wait_for_selector("[data-drawn]")
    page.wait_for_timeout(200)
    script = """() => [...document.querySelectorAll(".lineage-canvas canvas")].reduce(
      (sum, canvas) => {
        const size = [canvas.width, canvas.height];
        const pixels = canvas.getContext("2d").getImageData(0, 0, ...size).data;
        return sum + pixels.filter((value, index) => index % 4 === 3 && value > 0).length;
      }, 0)"""
    return int(page.evaluate(script))


# --- the graph ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("path", ["/", "/receivables/{}"])
def test_graph__at_any_width__has_every_lot_apart_and_joined_by_lines(
    look: Any, size: tuple[int, int], path: str
) -> None:
    page = look(path, size)

    cards = boxes(page)

    assert len(cards) == 4
    assert not [pair for i, one in enumerate(cards) for pair in cards[:i] if overlap(one, pair)]
    stage = page.locator(".lineage-stage").bounding_box()
    for card in cards:
        assert stage["x"] <= card["x"]
        assert card["x"] + card["width"] <= stage["x"] + stage["width"]
        assert stage["y"] <= card["y"]
        assert card["y"] + card["height"] <= stage["y"] + stage["height"]
    assert line_pixels(page) > 100


def test_graph__by_keyboard__is_walked_traced_and_followed(look: Any, console: Console) -> None:
    page = look("/")
    boxes(page)

    page.locator(".card-body").nth(2).focus()

    traced = page.locator(".card.is-traced").evaluate_all(
        "cards => cards.map(card => card.dataset.lot)"
    )
    assert traced == [f"{console.receivable_id}-1", f"{console.receivable_id}-2"]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/lots/{console.receivable_id}-3")


def test_graph__enlarged__can_be_shown_whole_again(look: Any) -> None:
    page = look("/receivables/{}")
    before = boxes(page)

    page.get_by_role("button", name="Enlarge").click()
    enlarged = boxes(page)
    page.get_by_role("button", name="Show all").click()

    assert enlarged[0]["width"] > before[0]["width"]
    assert [round(box["width"]) for box in boxes(page)] == [round(box["width"]) for box in before]


def test_graph__without_scripts__is_a_list_of_the_same_lots(look: Any) -> None:
    page = look("/", java_script_enabled=False)

    assert page.locator(".card-body").count() == 4
    assert page.locator(".card-body").first.is_visible()


# --- every page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SHOWN.values(), ids=SHOWN)
def test_pages__in_both_languages_and_lights__fit_their_width(
    look: Any, tmp_path: Path, size: tuple[int, int], scheme: str, language: str
) -> None:
    for name, path in {
        "overview": "/",
        "receivable": "/receivables/{}",
        "lot": "/lots/{}-3",
    }.items():
        page = look(f"{path}?lang={language}", size, color_scheme=scheme)

        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        page.screenshot(path=tmp_path / f"{name}-{size[0]}-{scheme}-{language}.png", full_page=True)


@pytest.mark.parametrize("path", [path for path, _ in PLACES])
def test_places__from_the_bar__fit_a_phone_and_lead_to_each_other(look: Any, path: str) -> None:
    page = look(path, PHONE)
    links = page.locator(".bar-nav a")

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses == [place for place, _ in PLACES if place != "/statements"]
    if path != "/statements":
        assert page.locator(".bar-nav a[aria-current]").get_attribute("href") == path


def test_pages__in_the_dark__are_dark(look: Any) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"

    assert look("/", color_scheme="light").evaluate(ground) == "rgb(244, 246, 249)"
    assert look("/", color_scheme="dark").evaluate(ground) == "rgb(12, 19, 28)"


def test_texts__of_every_page__stand_out_from_their_ground(look: Any) -> None:
    for scheme in ("light", "dark"):
        for path in ("/", "/receivables/{}", "/lots/{}-3", "/session"):
            assert look(path, color_scheme=scheme).evaluate(FAINT_TEXTS) == []


def test_reader__changes_the_language__and_keeps_it(look: Any) -> None:
    page = look("/")

    page.get_by_role("link", name="中文").click()
    page.get_by_role("link", name="应收账款 1").first.click()

    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert "区块" in page.inner_text("main")


def test_act__opened_by_keyboard__shows_its_keys_in_full(look: Any) -> None:
    page = look("/lots/{}-3")
    summary = page.locator("summary").first

    summary.focus()
    page.keyboard.press("Enter")

    assert "Maker's key" in page.locator("details[open]").inner_text()


# --- signing in ---------------------------------------------------------------------------------


def test_member__signs_in_and_out__and_sees_its_own(look: Any, console: Console) -> None:
    page = look("/")
    page.get_by_role("link", name="Sign in as an organisation").click()

    page.get_by_label("API key").fill(console.world[STRANGER].wallet.api_key)
    page.get_by_role("button", name="Sign in").click()

    assert "No receivables yet" in page.inner_text("main")
    assert STRANGER in page.inner_text("header")
    assert ANCHOR not in page.inner_text("main")
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    assert "Embedded network" in page.inner_text("aside")


FAINT_TEXTS = """() => {
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (!own.length || !element.checkVisibility()) continue;
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) faint.push(`${element.className || element.tagName}: ${contrast}`);
  }
  return faint;
}"""
"""Texts whose contrast with what is behind them is below 4.5, by the formula of WCAG 2."""
