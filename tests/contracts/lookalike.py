"""A look-alike of any HTTP API on loopback: it answers what a test's `play` says, and remembers what it was asked."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Answer = tuple[int, Any]
Play = Callable[[str, str, dict[str, str], Any], Answer]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class LookAlike(http.server.ThreadingHTTPServer):
    """Answers what the test's `play` says, and remembers the requests."""

    daemon_threads = True
    play: Play

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []
        self.headers: list[dict[str, str]] = []
        self.retry_after = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def changes(self) -> list[str]:
        return [
            f"{method} {path}" for method, path, _, _ in self.seen if "search" not in path and method != "GET"
        ]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: LookAlike

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        params = {key: values[0] for key, values in parse_qs(parts.query).items()}
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form")
        body = {k: v[0] for k, v in parse_qs(raw).items()} if form else json.loads(raw) if raw else None
        self.server.seen.append((self.command, parts.path, params, body))
        self.server.headers.append(dict(self.headers.items()))
        status, answer = self.server.play(self.command, parts.path, params, body)
        content = (
            answer.encode()
            if isinstance(answer, str)
            else b""
            if answer is None
            else json.dumps(answer).encode()
        )
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815  names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        pass


@contextmanager
def serving() -> Iterator[LookAlike]:
    """Serve one until the block ends."""
    one = LookAlike()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.shutdown()
    thread.join()
    one.server_close()
