"""`send` against a real server on loopback that drops, stalls, redirects, limits and lies."""

import datetime as dt
import email.utils
import http.server
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.transport import (
    Broken,
    Patience,
    Request,
    Response,
    RetryLater,
    client,
    send,
    silence_library_loggers,
)

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
EMAIL = "ada.canary@example.com"
Step = tuple[int, dict[str, str], bytes] | str


class Clock:
    """A clock that stands still."""

    def now(self) -> dt.datetime:
        return NOW


class Time:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return sum(self.slept)


class Server(http.server.ThreadingHTTPServer):
    """Plays a script, one step a request, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Step] = []
        self.seen: list[tuple[str, str]] = []
        self.go_on = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None: ...

    def _play(self) -> None:
        self.server.seen.append((self.command, self.path))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        step = self.server.script.pop(0)
        if isinstance(step, str):
            if step == "stall":
                self.server.go_on.wait(60)
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, body = step
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_DELETE = do_POST = _play  # noqa: N815 - the names that http.server looks for


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield one
    one.go_on.set()
    one.shutdown()
    thread.join()
    one.server_close()


def patient(server: Server, *, timeout: float = 30.0) -> httpx.Client:
    """Only a test about time-outs asks for a short one: a busy machine is no failure of the code."""
    return client(
        server.url, headers={"X-Key": "secret"}, allowed_hosts={"127.0.0.1"}, timeout=timeout, allow_http=True
    )


@pytest.fixture
def http_client(server: Server) -> Iterator[httpx.Client]:
    with patient(server) as one:
        yield one


def ask(
    http_client: httpx.Client, method: str = "DELETE", *, time: Time | None = None, repeatable: bool = False
) -> Response | RetryLater | Broken:
    time = time or Time()
    return send(
        http_client,
        Request(method=method, path="contacts", params={"email": EMAIL}, repeatable=repeatable),
        clock=Clock(),
        patience=Patience(attempts=3, budget=10, first_wait=0.1),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )


def test_a_good_answer_is_one_request(server: Server, http_client: httpx.Client) -> None:
    """A success costs exactly one request and comes back as a value with its body."""
    server.script = [(200, {}, b'{"ok": 1}')]
    assert ask(http_client) == Response(status=200, content=b'{"ok": 1}')
    assert len(server.seen) == 1, "transport retries must stay 0: tenacity alone repeats"


@pytest.mark.parametrize(
    "after", ["2", email.utils.format_datetime(NOW + dt.timedelta(seconds=2), usegmt=True)]
)
def test_a_short_wait_is_waited_in_place(server: Server, http_client: httpx.Client, after: str) -> None:
    """429 with seconds or a date within the budget: wait at least so long, then repeat."""
    server.script = [(429, {"Retry-After": after}, b""), (200, {}, b"{}")]
    time = Time()
    assert isinstance(ask(http_client, time=time), Response)
    assert (len(server.seen), time.slept) == (2, [2.0])


@pytest.mark.parametrize(
    "after", ["3600", email.utils.format_datetime(NOW + dt.timedelta(hours=1), usegmt=True)]
)
def test_a_long_wait_is_handed_back(server: Server, http_client: httpx.Client, after: str) -> None:
    """A wait beyond the budget is never slept: it is a value with the moment to come back."""
    server.script = [(429, {"Retry-After": after}, b"")]
    time = Time()
    result = ask(http_client, time=time)
    assert result == RetryLater(
        at=NOW + dt.timedelta(hours=1), reason="is limiting the rate of requests", asked=True
    )
    assert (len(server.seen), time.slept) == (1, [])


def test_a_server_that_stays_down_ends_the_tries(server: Server, http_client: httpx.Client) -> None:
    """Three attempts, then a moment to come back; whether it may have acted is remembered."""
    server.script = [(503, {}, b"")] * 3
    result = ask(http_client)
    assert result == RetryLater(
        at=NOW + dt.timedelta(seconds=60), reason="answered HTTP 503", maybe_done=True
    )
    assert len(server.seen) == 3


def test_a_dropped_delete_is_repeated_and_remembered(server: Server, http_client: httpx.Client) -> None:
    """After a lost answer a 404 is no refusal: the response says that an earlier attempt may have acted."""
    server.script = ["drop", (404, {}, b"")]
    assert ask(http_client) == Response(status=404, maybe_done=True)


def test_a_stalled_answer_is_maybe_done(server: Server) -> None:
    """A timeout while reading is not "not sent"."""
    server.script = ["stall"] * 3
    with patient(server, timeout=0.3) as one:
        result = ask(one)
    assert isinstance(result, RetryLater)
    assert (result.maybe_done, result.reason) == (True, "did not answer in time")


def test_a_post_that_may_have_acted_is_not_repeated(server: Server, http_client: httpx.Client) -> None:
    """One lost answer to an unkeyed POST ends it: doing it twice is worse than asking a person."""
    server.script = ["drop"]
    result = ask(http_client, "POST")
    assert isinstance(result, Broken)
    assert (result.maybe_done, len(server.seen)) == (True, 1)


def test_a_keyed_post_is_repeated(server: Server, http_client: httpx.Client) -> None:
    """Declared repeatable, a POST is treated like a DELETE."""
    server.script = ["drop", (202, {}, b"")]
    assert ask(http_client, "POST", repeatable=True) == Response(status=202, maybe_done=True)


def test_a_post_that_was_turned_away_is_repeated(server: Server, http_client: httpx.Client) -> None:
    """429 means that nothing was done: even an unkeyed POST may come again."""
    server.script = [(429, {"Retry-After": "1"}, b""), (200, {}, b"")]
    assert isinstance(ask(http_client, "POST"), Response)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(server: Server, http_client: httpx.Client, status: int) -> None:
    """A redirected DELETE would become a GET with our key on another host: it is broken instead."""
    server.script = [(status, {"Location": "/elsewhere"}, b"")]
    assert isinstance(ask(http_client), Broken)
    assert len(server.seen) == 1


def test_html_is_no_json(server: Server, http_client: httpx.Client) -> None:
    """A proxy's page of HTML under status 200 reads as None, not as an empty result."""
    server.script = [(200, {"Content-Type": "text/html"}, b"<html>hello</html>")]
    result = ask(http_client, "GET")
    assert isinstance(result, Response)
    assert result.json() is None


def test_an_undecodable_body_is_broken(server: Server, http_client: httpx.Client) -> None:
    """A body that claims to be gzip and is not ends in a value, not in an exception."""
    server.script = [(200, {"Content-Encoding": "gzip"}, b"no gzip")]
    assert isinstance(ask(http_client, "GET"), Broken)


def test_nobody_listening_is_not_sent() -> None:
    """A closed port is repeated, even for a POST, and ends as a later try that surely did nothing."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with client(url, headers={}, allowed_hosts={"127.0.0.1"}, allow_http=True) as one:
            result = ask(one, "POST")
    assert isinstance(result, RetryLater)
    assert (result.reason, result.maybe_done) == ("cannot be reached", False)


def test_other_hosts_are_refused_before_anything_is_sent(http_client: httpx.Client, server: Server) -> None:
    """An absolute address (a "next" link, say) cannot lead our key to another host."""
    elsewhere = Request(method="GET", path=f"http://localhost:{server.server_port}/api")
    assert isinstance(send(http_client, elsewhere, clock=Clock()), Broken)
    assert server.seen == []


@pytest.mark.parametrize(
    "url", ["http://shop.test", "https://other.test", "http://127.0.0.1:1", "not a url", "https://", ""]
)
def test_a_client_is_not_built_for_a_wrong_address(url: str) -> None:
    """Plain HTTP, a host that is not on the list or no address at all is refused when the client is made."""
    with pytest.raises(ValueError, match="must be https"):
        client(url, headers={}, allowed_hosts={"shop.test", "127.0.0.1"})


def test_an_unknown_certificate_is_refused(server: Server, tmp_path: Path) -> None:
    """TLS verification is on: a self-signed server is for a person to look at, and learns nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        plain, _ = listener.accept()
        try:
            with context.wrap_socket(plain, server_side=True):
                server.seen.append(("TLS", "accepted"))
        except OSError:
            plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with client(url, headers={}, allowed_hosts={"127.0.0.1"}) as one:
        result = ask(one)
    thread.join(60)
    listener.close()
    assert isinstance(result, Broken), "an unverified certificate must never be accepted"
    assert "certificate" in result.reason


def test_no_address_reaches_a_log_or_a_value(
    server: Server, http_client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The libraries print URLs with e-mail addresses: not one record of theirs, nor a repr, holds the address."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore.connection", "httpcore.http11", "httpx"):
        logging.getLogger(name).debug("%s", name)
    server.script = [(200, {}, EMAIL.encode()), (302, {"Location": f"/?{EMAIL}"}, b""), *["drop"] * 3]
    values = [ask(http_client) for _ in range(3)]
    text = caplog.text + repr(values) + repr(Request(method="GET", path="x", params={"email": EMAIL}))
    assert any(EMAIL.partition("@")[0] in path for _, path in server.seen), "the test must send the address"
    assert EMAIL not in text
    assert "ada.canary" not in text
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]


def test_silencing_covers_every_library_and_can_be_repeated() -> None:
    """The libraries stay quiet, their child loggers included, whatever level somebody sets afterwards."""
    silence_library_loggers()
    silence_library_loggers()
    for name in ("httpx", "httpcore.http11", "httpx2", "httpcore2.http11", "openai._base_client"):
        assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
        handlers = logging.getLogger(name.partition(".")[0]).handlers
        assert len([one for one in handlers if type(one) is logging.NullHandler]) == 1


@pytest.mark.parametrize("name", ["httpx", "openai", "uvicorn.access"])
def test_a_level_set_afterwards_gives_no_voice_back(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Another server's configuration or OPENAI_LOG may set a level: the record is dropped all the same."""
    silence_library_loggers()
    caplog.set_level(logging.DEBUG, logger=name)
    logging.getLogger(name).info("GET /?email=%s", EMAIL)
    assert not caplog.records


def test_json_nested_without_end_is_no_json(server: Server, http_client: httpx.Client) -> None:
    """An answer that no parser can follow reads as None: it must not end a run with an error nobody expects."""
    server.script = [(200, {}, b"[" * 200_000)]
    result = ask(http_client, "GET")
    assert isinstance(result, Response)
    assert result.json() is None


def test_a_letter_that_no_header_takes_is_not_quoted(http_client: httpx.Client) -> None:
    """An address with ü in a header ends in a value, and nothing of it is in there."""
    request = Request(method="GET", path="contacts", headers={"X-User": "j\u00fcrgen@example.com"})
    result = send(http_client, request, clock=Clock())
    assert isinstance(result, Broken)
    assert "rgen" not in repr(result)
