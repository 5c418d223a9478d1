"""A browser in front of the playground: the system's Chromium, the page, and the real app behind it."""

import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.playground.page import page_app
from bot.playground.settings import PAGE
from bot.playground.world import World
from tests.browser.person import Person

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PATIENCE_MS = 45_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-pictures",
        action="store_true",
        help="Write the screenshots of docs/ (the README's picture).",
    )


class Photographer:
    """Stores what the page looks like: always in test-results/, on request also where the docs want it."""

    def __init__(self, page: Page, *, story: str, update: bool) -> None:
        self._page, self._story, self._update = page, story, update
        self._number = 0
        self._folder = ROOT / "test-results"
        self._folder.mkdir(exist_ok=True)

    def take(self, name: str, *, docs: str = "") -> None:
        self._number += 1
        self._page.screenshot(path=self._folder / f"{self._story}-{self._number:02}-{name}.png")
        if docs and self._update:
            self._page.screenshot(path=ROOT / "docs" / f"{docs}.png")


# Not for the whole session: Playwright's event loop in this thread would forbid other tests to launch the engine.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(
            "SKIPPED LOUDLY: no Chromium on this machine (apt-get install chromium); the page was not clicked"
        )
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> str:
    """How Slack reaches the app: the same story has to hold in both. `ONE_MODE` where that makes no difference."""
    return str(request.param)


@pytest.fixture
def world(tmp_path: Path, mode: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh playground; a test parametrised (indirectly) over `world` says which of its options differ."""
    options = replace(PAGE, cooling_off=2, mode=mode, **getattr(request, "param", {}))
    with World(tmp_path / "world", options=options) as world:
        yield world
        # The curtain: an orderly end takes seconds, and has tests of its own (scenarios/test_world.py).
        world.app.kill9()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """Serve the page as `deletion-desk demo` does, and return its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            page_app(world), port=0, log_level="error", access_log=False, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 15
        while not server.started:
            assert time.monotonic() < deadline, "the page's server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh window on the page. The test fails when the page raised an error or its console shows one."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.goto(address)
    yield page
    context.close()
    # What the server refuses (409 Not possible) shows in the console too, and is said in the status line.
    assert not [one for one in wrong if "status of 409" not in one], f"the page had errors: {wrong}"


@pytest.fixture
def person(page: Page) -> Person:
    return Person(page)


@pytest.fixture
def photographer(page: Page, request: pytest.FixtureRequest) -> Photographer:
    story = re.sub(r"[^\w]+", "-", request.node.name.removeprefix("test_")).strip("-")
    return Photographer(
        page, story=story, update=request.config.getoption("--update-pictures", default=False)
    )
