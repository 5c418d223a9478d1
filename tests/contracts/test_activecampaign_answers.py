"""ActiveCampaign's client against a server that truncates, lies, answers in HTML or asks for long waits: never a success."""

import email.utils
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.activecampaign import ActiveCampaign, Settings
from services.domain.identity import Identifier, Identity
from services.domain.outcome import Count, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Job, SystemUnavailableError

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA = Identity(identifiers=(Identifier(kind="email", value="ada.canary@example.com", source="test"),))
PLANNED = SystemPlan(
    system="activecampaign",
    label="ActiveCampaign",
    order=20,
    digest="d",
    lines=(Count(table="contacts", action="delete", number=1),),
)
JOB = Job(identity=ADA, scope=Scope.ALL_PERSONAL_DATA, planned=PLANNED, key="c:1:activecampaign")
USER = b'{"user": {"id": "1"}}'
Answer = tuple[int, dict[str, str], bytes]
ODD: dict[str, Answer] = {
    "a page of HTML": (200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>"),
    "an error under 200": (200, {}, b'{"message": "You do not have permission", "code": 40101}'),
    "an empty list beside errors": (
        200,
        {},
        b'{"contacts": [], "contactArchives": [], "ecomOrders": [], "ecomCustomers": [], "user": {"id": 1}, "errors": [1]}',
    ),
    "nothing at all": (200, {}, b""),
    "half an answer": (200, {}, b'{"contacts": [], "contactArch'),
    "a list of something else": (200, {}, b"[]"),
    "rows that are no rows": (
        200,
        {},
        b'{"contacts": {}, "contactArchives": {}, "ecomOrders": 0, "user": []}',
    ),
    "rows without an id": (
        200,
        {},
        b'{"contacts": [{"email": "x@y"}], "contactArchives": [{}], "user": {}, "ecomOrders": [{}], "ecomCustomers": [{}]}',
    ),
    "no content": (204, {}, b""),
    "a length that is not kept": (200, {"Content-Length": "5000"}, b'{"contacts": []'),
}


class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


class Server(http.server.ThreadingHTTPServer):
    """Answers by path; `answers` may be changed while it runs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.seen: list[str] = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None: ...

    def _answer(self) -> None:
        name = self.path.partition("?")[0].removeprefix("/api/3/").partition("/")[0]
        self.server.seen.append(f"{self.command} {name}")
        status, headers, body = self.server.answers[name]
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    do_GET = do_DELETE = do_POST = _answer  # noqa: N815 - the names that http.server looks for


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    one.answers = {
        "users": (200, {}, USER),
        "contacts": (200, {}, b'{"contacts": []}'),
        "contactArchives": (200, {}, b'{"contactArchives": []}'),
        "ecomOrders": (200, {}, b'{"ecomOrders": []}'),
        "ecomCustomers": (200, {}, b'{"ecomCustomers": []}'),
    }
    yield one
    one.shutdown()
    thread.join()
    one.server_close()


@pytest.fixture
def system(server: Server) -> Iterator[ActiveCampaign]:
    settings = Settings(
        base_url=f"http://127.0.0.1:{server.server_port}",
        token="t",
        timeout=60.0,
        budget=5.0,
        rate=10_000,
        allow_http=True,
    )
    one = ActiveCampaign(settings, clock=Clock(), sleep=lambda _: None)
    yield one
    one.close()


def test_the_ground_is_true(system: ActiveCampaign) -> None:
    """What this server says when it behaves is success: the odd answers below are what makes the difference."""
    assert system.execute(JOB) is None
    assert system.verify(JOB).kind is OutcomeKind.VERIFIED_GONE


@pytest.mark.parametrize("name", ["users", "contacts", "contactArchives", "ecomOrders", "ecomCustomers"])
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_odd_answer_is_never_a_success(
    server: Server, system: ActiveCampaign, name: str, odd: str
) -> None:
    """Nothing that is not the API's own answer is read as "nobody there" or as a right that we have."""
    server.answers[name] = ODD[odd]
    planned = system.plan(ADA, Scope.ALL_PERSONAL_DATA)
    executed = system.execute(JOB)
    assert planned.problem
    assert executed is not None
    assert executed.kind in {OutcomeKind.FAILED, OutcomeKind.RETRY_LATER}
    said = [planned.problem, executed.reason]
    if name != "users":
        verified = system.verify(JOB)
        assert verified.kind in {OutcomeKind.FAILED, OutcomeKind.RETRY_LATER}
        said.append(verified.reason)
    if name in {"contacts", "contactArchives"}:
        with pytest.raises(SystemUnavailableError) as caught:
            system.find(ADA.identifiers)
        said.append(caught.value.reason)
    assert not any("canary" in one or "x@y" in one for one in said)
    assert not any(one.startswith("DELETE") for one in server.seen)


@pytest.mark.parametrize(
    "header", ["7200", email.utils.format_datetime(NOW + timedelta(hours=2), usegmt=True)]
)
@pytest.mark.parametrize("work", ["execute", "verify"])
def test_a_long_wait_is_an_outcome_with_its_moment(
    server: Server, system: ActiveCampaign, header: str, work: str
) -> None:
    """Retry-After as seconds or as a date, too long to be waited for here: RETRY_LATER at exactly that moment."""
    server.answers["contacts"] = (429, {"Retry-After": header}, b'{"message": "Too Many Requests"}')
    call: Callable[[Job], Any] = getattr(system, work)
    outcome = call(JOB)
    assert (outcome.kind, outcome.due) == (OutcomeKind.RETRY_LATER, NOW + timedelta(hours=2))
    assert server.seen.count("GET contacts") == 1, "a long wait is not tried away"


def test_a_contact_whose_address_only_folds_alike_is_not_touched(
    system: ActiveCampaign, server: Server
) -> None:
    """A server may find weiss@ for weiß@: the contact is somebody else's, and nothing is deleted for it."""
    server.answers["contacts"] = (200, {}, b'{"contacts": [{"id": "9", "email": "weiss@example.com"}]}')
    identity = Identity(identifiers=(Identifier(kind="email", value="weiß@example.com"),))
    assert system.find(identity.identifiers) == ()
    work = replace(JOB, identity=identity)
    assert system.execute(work) is None
    assert not any(one.startswith("DELETE") for one in server.seen)
