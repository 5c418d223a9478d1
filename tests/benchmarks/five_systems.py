"""`make bench`: one case over five look-alike systems that answer after 50 ms, against the slowest of them alone.

Everything is real but the company behind the systems: store and durable engine on SQLite files, five systems of the
declarative connector over HTTP on loopback, a case taken through every verb. A run is measured by its own ledger, from
the entry that starts it to the one that concludes it, so that the engine's polling of its queue is no part of it.
"""

import base64
import http.server
import json
import logging
import secrets
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.engine import DurableEngine
from services.domain.case import State
from services.domain.denials import Denied
from services.domain.policy import Policy
from services.domain.record import Case
from services.http_api.reading import load
from services.http_api.system import HttpSystem
from services.ports import Desk
from services.storage import Store, open_store
from tests.properties.fakes import PlainReader, PlainTexts, weekends_only
from tests.properties.story import do, write
from tests.properties.world import LEA, MAYA, ROLES

ANSWERS_AFTER, SYSTEMS, ROUNDS, LIMIT = 0.05, 5, 7, 1.6
DEFINITION = """\
label: Look-alike
base: https://api.lookalike.example
hosts: [api.lookalike.example]
auth: {kind: bearer, secret: LOOKALIKE_TOKEN}
limits: {per_second: 1000}
lookup:
  {request: GET /people, params: {q: "{email}"}, records: people, id: id, match: [mail], maximum: 5, done: [200]}
steps:
  1: {request: "DELETE /people/{id}", done: [204], gone: [404]}
verify: {lookup: yes, read: {request: "GET /people/{id}", done: [200], gone: [404]}}
"""


class Clock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return it in UTC."""
        return datetime.now(UTC)  # what is measured is time


class People(http.server.ThreadingHTTPServer):
    """A system that holds people and takes its time for every answer."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.people: dict[str, str] = {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: People
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        name = unquote(parts.path.removeprefix("/people").strip("/"))
        if name:
            self._answer(200 if name in self.server.people else 404, {"id": name})
        else:
            people = [{"id": key, "mail": mail} for key, mail in self.server.people.items()]
            self._answer(200, {"people": people})

    def do_DELETE(self) -> None:
        name = unquote(self.path.removeprefix("/people/"))
        self._answer(404 if self.server.people.pop(name, None) is None else 204, None)

    def _answer(self, status: int, body: Any) -> None:
        time.sleep(ANSWERS_AFTER)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        pass


@dataclass(slots=True, kw_only=True)
class Bench:
    """Store, engine and five systems, used case after case."""

    store: Store
    engine_url: str
    servers: list[People]
    systems: list[HttpSystem]
    cases: int = 0

    def desk(self, engine: DurableEngine, numbers: tuple[int, ...]) -> Desk:
        """Return a desk on which only these systems are connected."""
        return Desk(
            clock=Clock(),
            cases=self.store.cases,
            vault=self.store.vault,
            switch=self.store.switch,
            posts=self.store.posts,
            engine=engine,
            rechecks=self.store.rechecks,
            classifier=PlainReader(),
            texts=PlainTexts(),
            systems=tuple(self.systems[number] for number in numbers),
            roles=ROLES,
            policy=Policy(company="Sample", cooling_off_all=timedelta(0), max_cases_a_day=10_000),
            is_working_day=weekends_only,
            dispatches=self.store.dispatches,
        )

    def seconds(self, *numbers: int) -> float:
        """Take a new customer through a case over these systems and return how long its run took."""
        self.cases += 1
        for number in numbers:
            self.servers[number].people = {f"p{self.cases}": MAYA.value}
        engine = DurableEngine(self.engine_url)
        desk = self.desk(engine, numbers)
        engine.launch(desk, lambda _event: "")
        try:
            return self._run(desk)
        finally:
            engine.close()

    def _run(self, desk: Desk) -> float:
        world: Any = SimpleNamespace(desk=desk, cases=desk.cases, clock=desk.clock)
        case = write(world, "erase_data please delete my data", ts=f"{self.cases}.0").case
        if case is None:
            raise SystemExit("the message opened no case")
        for name in ("ask", "record_answer", "search", "choose_identity", "make_plan", "send_for_approval"):
            _done(do(world, case, name), name)
        _done(do(world, case, "approve", LEA), "approve")
        ended = _wait(lambda: _ended(desk, case.id))
        if ended.state is not State.NOTIFYING:
            raise SystemExit(f"the run ended in {ended.state}: {ended.problem}")
        moments = {one.entry.action: one.entry.at for one in desk.cases.ledger(case.id)}
        return (moments["conclude"] - moments["start"]).total_seconds()


def _done(result: object, name: str) -> None:
    if isinstance(result, Denied):
        raise SystemExit(f"{name} was denied: {result}")


def _ended(desk: Desk, case_id: str) -> Case | None:
    case = desk.cases.get(case_id)
    running = {State.APPROVED, State.DELETING, State.VERIFYING}
    return None if case is None or case.state in running else case


def _wait(look: Callable[[], Case | None]) -> Case:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise SystemExit("the run did not end")


def main() -> None:
    """Measure, print, and exit 1 when the limit is not kept."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lookalike.yaml"
        path.write_text(DEFINITION)
        servers = [People() for _ in range(SYSTEMS)]
        systems = [
            HttpSystem(
                load(path), name=f"s{n}", secrets={"LOOKALIKE_TOKEN": "t"}, clock=Clock(), base=server.url
            )
            for n, server in enumerate(servers)
        ]
        for one in systems:
            one.is_mandatory = True  # a case without a mandatory system cannot be concluded (rule 3)
        key = base64.urlsafe_b64encode(secrets.token_bytes(32))
        store = open_store(f"sqlite:///{folder}/desk.db", key, ids=lambda: uuid.uuid4().hex)
        engine_url = f"sqlite:///{folder}/engine.db"
        bench = Bench(store=store, engine_url=engine_url, servers=servers, systems=systems)
        try:
            times: dict[str, list[float]] = {"five": [], **{f"s{n}": [] for n in range(SYSTEMS)}}
            bench.seconds(0)
            for _ in range(ROUNDS):
                times["five"].append(bench.seconds(*range(SYSTEMS)))
                for n in range(SYSTEMS):
                    times[f"s{n}"].append(bench.seconds(n))
        finally:
            store.close()
            for system in systems:
                system.close()
            for server in servers:
                server.shutdown()
                server.server_close()
    middle = {name: statistics.median(measured) for name, measured in times.items()}
    together = middle.pop("five")
    slowest, total = max(middle.values()), sum(middle.values())
    print(
        f"one case over {SYSTEMS} systems answering after {ANSWERS_AFTER * 1000:.0f} ms, median of {ROUNDS}:"
    )
    print(f"slowest alone {slowest:.3f} s, all five {together:.3f} s, one after the other {total:.3f} s")
    print(f"ratio {together / slowest:.2f} (limit {LIMIT})")
    if together > LIMIT * slowest:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
