"""The look-alike's journal: every call the app made and every delivery to the app, in order, with times."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Call:
    """One Web API call or response_url use by the app, with what Slack answered."""

    at: float
    method: str
    args: Json
    writes: bool
    answer: Json

    @property
    def ok(self) -> bool:
        """Whether Slack did it."""
        return bool(self.answer.get("ok"))

    @property
    def error(self) -> str | None:
        """Slack's error code, if it refused."""
        return self.answer.get("error")


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One attempt to hand an envelope to the app. `problem` says why it was not acked; None while open or acked."""

    at: float
    kind: str
    """events_api, interactive or slash_commands"""
    payload: Json
    envelope_id: str
    event_id: str | None = None
    attempt: int = 0
    retry_reason: str | None = None
    socket: int | None = None
    acked: bool = False
    ack_latency: float | None = None
    answer: Json | None = None
    problem: str | None = None


Entry = TypeVar("Entry", Call, Delivery)


@dataclass(slots=True)
class Journal:
    """Append-only, safe to read from any thread; `entries()` keeps the order across both kinds."""

    clock: Callable[[], float] = time.time
    _entries: list[Call | Delivery] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add_call(self, *, method: str, args: Json, writes: bool, answer: Json) -> Call:
        """Append and return one call by the app."""
        return self._add(Call(at=self.clock(), method=method, args=args, writes=writes, answer=answer))

    def add_delivery(self, delivery: Delivery) -> Delivery:
        """Append one delivery attempt; its ack is filled in when it comes."""
        return self._add(delivery)

    def _add(self, entry: Entry) -> Entry:
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[Call | Delivery]:
        """Return everything so far, in order."""
        with self._lock:
            return list(self._entries)

    def calls(self, method: str | None = None) -> list[Call]:
        """Return the app's calls, all or of one method."""
        return [e for e in self.entries() if isinstance(e, Call) and method in {None, e.method}]

    def writes(self, method: str | None = None) -> list[Call]:
        """Return the calls that changed something: writing methods that were answered ok."""
        return [call for call in self.calls(method) if call.writes and call.ok]

    def deliveries(self, kind: str | None = None) -> list[Delivery]:
        """Return the delivery attempts, all or of one kind."""
        return [e for e in self.entries() if isinstance(e, Delivery) and kind in {None, e.kind}]

    def as_json(self) -> list[Json]:
        """Return every entry as JSON, each with `entry: call|delivery`."""
        return [{"entry": type(entry).__name__.lower(), **asdict(entry)} for entry in self.entries()]
