"""The page behind the personal link, in Chromium: plain, equal, accessible, without scripts, and for one use."""

import http.client
import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from itsdangerous import URLSafeSerializer
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.customer_page import CHOICES, LOOKS, CustomerPage
from bot.web import web_app
from services.asking import ask
from services.customer.links import Links
from services.customer.texts import TemplateTexts
from services.domain.case import State
from services.domain.record import Case
from services.domain.scope import Scope
from services.ports import Desk
from tests.properties.story import do, write
from tests.properties.test_answering_stories import Mail
from tests.properties.world import ANA, MAYA, World, make_world

pytestmark = pytest.mark.browser

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
KEY = b"a key of the tests, 32 bytes long"
WCAG = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
SCREENS = {"desktop": {"width": 1200, "height": 900}, "mobile": {"width": 320, "height": 640}}


@dataclass(slots=True, kw_only=True)
class Site:
    """The page on a port of its own, before a desk in memory."""

    world: World
    case: Case
    port: int
    links: Links

    @property
    def link(self) -> str:
        return self.links.address_of(self.now)

    @property
    def now(self) -> Case:
        return self.world.cases.get(self.case.id)

    def request(
        self, method: str, path: str, body: str | bytes = b"", **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def post(self, path: str, body: str) -> http.client.HTTPResponse:
        return self.request("POST", path, body, **{"Content-Type": "application/x-www-form-urlencoded"})

    def path(self) -> str:
        return urlsplit(self.link).path


def serve(world: World, *, language: str = "en", secure: bool = False) -> Iterator[Site]:
    texts = TemplateTexts()
    policy = replace(world.desk.policy, company="Fernleaf", languages=("en", language))
    desk: Desk = replace(world.desk, texts=texts, channels=(Mail(),), policy=policy)
    case = write(world, "erase_data please delete my data").case
    case = ask(
        desk,
        case_id=case.id,
        version=case.version,
        actor=ANA,
        channel="email",
        intro="Hello",
        address=MAYA.value,
        language=language,
    )
    assert isinstance(case, Case)
    site = Site(world=world, case=case, port=0, links=Links(key=KEY, public_url="http://127.0.0.1:1"))
    page = CustomerPage(desk=desk, links=site.links, texts=texts, secure=secure)
    app = web_app(None, is_healthy=lambda: True, pages=page.routes())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < deadline, "the page's server did not start"
            time.sleep(0.01)
        site.port = server.servers[0].sockets[0].getsockname()[1]
        site.links = Links(key=KEY, public_url=f"http://127.0.0.1:{site.port}")
        yield site
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve(make_world())


def window(
    browser: Browser, *, screen: str = "desktop", scheme: str = "light", scripts: bool = True
) -> BrowserContext:
    return browser.new_context(
        viewport=SCREENS[screen], color_scheme=scheme, java_script_enabled=scripts, reduced_motion="reduce"
    )


def test_works_without_scripts_and_records_only_what_was_confirmed(browser: Browser, site: Site) -> None:
    """Two steps by plain forms; going back changes nothing; a second use is explained."""
    context = window(browser, scripts=False)
    page = context.new_page()
    page.goto(site.link)
    page.get_by_role("button", name="Choose: Erase everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this what you want?")
    page.get_by_role("button", name="No, go back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you like us to do?")
    page.get_by_role("button", name="Choose: Close the account only").click()
    assert site.now.state is State.AWAITING_CUSTOMER, "nothing is recorded before it was confirmed"
    page.get_by_role("button", name="Yes, confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. Your answer is recorded.")
    assert (site.now.state, site.now.scope) == (State.SCOPE_CONFIRMED, Scope.ACCOUNT_ONLY)
    page.goto(site.link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used")
    context.close()


def shown(site: Site, kind: str) -> None:
    """Bring the case to where the link shows this page."""
    if kind == "used":
        site.post(site.path(), "choice=account&step=confirm")
    elif kind == "expired":
        site.world.clock.forward(timedelta(days=60))
    elif kind == "ended":
        do(site.world, site.now, "withdraw")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", list(SCREENS))
def test_every_page_is_accessible(browser: Browser, site: Site, screen: str, scheme: str) -> None:
    """WCAG 2.2 AA by axe, at 320 pixels and on a desktop, light and dark; nothing has to be scrolled sideways."""
    context = window(browser, screen=screen, scheme=scheme)
    page = context.new_page()
    RESULTS.mkdir(exist_ok=True)
    link = site.link
    page.goto(link)
    check(page, f"ask-{screen}-{scheme}")
    page.get_by_role("button", name="Choose: Erase everything").click()
    check(page, f"review-{screen}-{scheme}")
    page.get_by_role("button", name="Yes, confirm").click()
    check(page, f"done-{screen}-{scheme}")
    page.goto(link)
    check(page, f"used-{screen}-{scheme}")
    page.goto(f"{link[:-3]}abc")
    check(page, f"forged-{screen}-{scheme}")
    context.close()


@pytest.mark.parametrize(
    ("kind", "heading"), [("expired", "This link has expired"), ("ended", "This request is closed")]
)
def test_what_no_longer_counts_is_explained(browser: Browser, site: Site, kind: str, heading: str) -> None:
    """Expired and closed are told apart, in plain words, accessibly."""
    link = site.link
    shown(site, kind)
    context = window(browser, screen="mobile")
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    check(page, f"{kind}-mobile-light")
    context.close()


@pytest.mark.parametrize("language", ["de", "ja"])
def test_other_languages_fit_too(browser: Browser, language: str) -> None:
    """Long words and other scripts stay within a small screen; the page names its language."""
    for site in serve(make_world(), language=language):
        context = window(browser, screen="mobile")
        page = context.new_page()
        page.goto(site.link)
        expect(page.locator("html")).to_have_attribute("lang", language)
        check(page, f"ask-mobile-{language}")
        context.close()


def check(page: Page, name: str) -> None:
    page.screenshot(path=RESULTS / f"customer-page-{name}.png", full_page=True)
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} has to be scrolled sideways by {wide} pixels"


def test_the_choices_are_equal(browser: Browser, site: Site) -> None:
    """Three buttons of one size, colour and weight; none chosen, focused or submitted by a stray Enter (rule 12)."""
    context = window(browser)
    page = context.new_page()
    page.goto(site.link)
    buttons = page.locator("button")
    expect(buttons).to_have_count(3)
    looks = page.evaluate(
        """() => [...document.querySelectorAll("button")].map((one) => {
          const style = getComputedStyle(one), box = one.getBoundingClientRect();
          return [style.backgroundColor, style.color, style.fontWeight, style.fontSize, box.width, box.height].join();
        })"""
    )
    assert len(set(looks)) == 1
    assert page.locator("[checked], [autofocus], [selected]").count() == 0
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you like us to do?")
    context.close()


def test_opening_changes_nothing(site: Site) -> None:
    """Mail scanners open every link, often several times: GET and HEAD leave the case as it is."""
    before = site.now
    for method in ("GET", "HEAD", "GET"):
        assert site.request(method, site.path()).status == 200
    assert site.now == before


def test_every_answer_has_the_strict_headers(site: Site) -> None:
    """Nothing is loaded, framed, stored, or told to other sites; the only style is ours."""
    for answer in (
        site.request("GET", site.path()),
        site.request("GET", "/c/nonsense"),
        site.post(site.path(), "choice=all"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "script" not in answer.text
        assert (
            "server" not in {name.lower() for name in answer.headers} or answer.headers["server"] == "uvicorn"
        )


def test_an_encrypted_page_asks_to_stay_so() -> None:
    """With an https address browsers are told never to use the plain one."""
    for site in serve(make_world(), secure=True):
        assert "max-age" in site.request("GET", site.path()).headers["Strict-Transport-Security"]


def test_forged_and_hostile_requests_are_answered_plainly(site: Site) -> None:
    """Made-up, altered, foreign and monstrous tokens and forms: an explanation, never an error, never a change."""
    before, token = site.now, site.path().rpartition("/")[2]
    foreign = URLSafeSerializer(b"another key", salt="customer link").dumps([site.case.id, "x", 1])
    for bad in ("x", "%00", "a" * 3000, token[:-1], token[::-1], foreign, f"{token}.x", "..%2f..%2fetc"):
        answer = site.request("GET", f"/c/{bad}")
        assert answer.status == 404, bad
    for body in ("", "choice=everything", "choice=all&step=confirm&" + "x" * 500, "\xff\xfe", "step=confirm"):
        assert site.post(site.path(), body).status in {200, 404}
    odd = site.request("POST", site.path(), "{}", **{"Content-Type": "application/json"})
    assert odd.status == 404
    assert site.now == before


def test_too_many_attempts_have_to_wait(site: Site) -> None:
    """Guessing and hammering are slowed down, and that is said."""
    statuses = [site.request("GET", "/c/guess").status for _ in range(LOOKS.amount + 1)]
    assert statuses[-1] == 429
    posts = [site.post(site.path(), "choice=all") for _ in range(CHOICES.amount + 1)]
    assert posts[-1].status == 429
    assert "Please wait" in posts[-1].text


def test_nothing_personal_in_address_or_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The link holds ids and a day; what happens with it leaves no name, address or choice in a log (rule 9)."""
    with caplog.at_level(logging.DEBUG):
        site.post(site.path(), "choice=all&step=confirm")
    payload = URLSafeSerializer(KEY, salt="customer link").loads_unsafe(site.path().rpartition("/")[2])[1]
    assert payload[:2] == [site.case.id, site.case.question.id]
    assert isinstance(payload[2], int)
    assert len(payload) == 3
    assert not re.search(r"maya|example\.org|erase", caplog.text, re.IGNORECASE)
