"""Hands envelopes to the app: 3 s for an ack, events redelivered up to three times, everything else never."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from bot.playground.slack.journal import Delivery, Journal
from bot.playground.slack.settings import LookalikeSettings
from bot.playground.slack.workspace import Json

Result = TypeVar("Result")
EVENTS, INTERACTIVE, COMMANDS = "events_api", "interactive", "slash_commands"


class Transport(Protocol):
    """One way to the app: Socket Mode or signed HTTP. `offer` never raises for anything the app does."""

    async def offer(self, delivery: Delivery, *, within: float) -> None:
        """Try once; fill in `acked`, `ack_latency` and `answer`, or `problem`."""


class Courier:
    """Schedules deliveries on the server's loop; callable from any thread."""

    def __init__(
        self,
        *,
        settings: LookalikeSettings,
        journal: Journal,
        transport: Callable[[], Transport],
        announce: Callable[..., None],
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._transport = transport
        self._announce = announce
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = 0
        self._idle = threading.Condition()
        self._held: list[Json] | None = None
        self._sent: dict[str, Json] = {}

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell the courier on which loop it works."""
        self._loop = loop

    def event(self, payload: Json) -> None:
        """Deliver an event in the background, with Slack's redeliveries."""
        self._sent[payload["event_id"]] = payload
        if self._held is not None:
            self._held.append(payload)
            return
        for _ in range(2 if self._settings.duplicate_events else 1):
            self._run(self._deliver_event(payload))

    def interactive(self, payload: Json) -> Delivery:
        """Deliver a click, shortcut or view payload once and wait for the ack (or its absence)."""
        return self._run(self._attempt(INTERACTIVE, payload)).result()

    def command(self, payload: Json) -> Delivery:
        """Deliver a slash command once and wait for the ack (or its absence)."""
        return self._run(self._attempt(COMMANDS, payload)).result()

    def redeliver(self, event_id: str) -> Delivery:
        """Send an earlier event once more, as Slack does when it did not see the ack; returns the attempt."""
        payload = self._sent[event_id]
        return self._run(self._attempt(EVENTS, payload, attempt=1, reason="timeout")).result()

    def hold(self) -> None:
        """Keep new events back until `release`."""
        self._held = []

    def release(self, *, shuffle: random.Random | None = None) -> list[str]:
        """Deliver the events kept back, in order or shuffled; returns their event ids as sent."""
        held, self._held = self._held or [], None
        if shuffle is not None:
            shuffle.shuffle(held)
        for payload in held:
            self.event(payload)
        return [payload["event_id"] for payload in held]

    def forget(self) -> None:
        """Repeat no event that was sent so far."""
        self._sent.clear()

    def settle(self, timeout: float) -> bool:
        """Wait until no delivery is open or waiting for its redelivery; False when time ran out."""
        with self._idle:
            return self._idle.wait_for(lambda: self._open == 0, timeout)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something on the server's loop and return what came of it."""
        return self._run(work).result()

    def _run(self, work: Coroutine[Any, Any, Result]) -> "Future[Result]":
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise RuntimeError("start the look-alike first")
        with self._idle:
            self._open += 1
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: "Future[Any]") -> None:
        with self._idle:
            self._open -= 1
            self._idle.notify_all()

    async def _deliver_event(self, payload: Json) -> None:
        last = await self._attempt(EVENTS, payload)
        for number, delay in enumerate(self._settings.redelivery_delays, start=1):
            if last.acked or last.problem == "no_retry":
                return
            await asyncio.sleep(delay * self._settings.time_scale)
            if payload["event_id"] not in self._sent:
                return
            last = await self._attempt(EVENTS, payload, attempt=number, reason=last.problem)

    async def _attempt(
        self, kind: str, payload: Json, *, attempt: int = 0, reason: str | None = None
    ) -> Delivery:
        delivery = self._journal.add_delivery(
            Delivery(
                at=time.time(),
                kind=kind,
                payload=payload,
                envelope_id=f"{random.getrandbits(128):032x}",
                event_id=payload.get("event_id"),
                attempt=attempt,
                retry_reason=reason,
            ),
        )
        await self._transport().offer(delivery, within=self._settings.ack_timeout)
        self._announce("delivery", envelope=delivery.envelope_id, acked=delivery.acked)
        return delivery


def mark_acked(delivery: Delivery, *, started: float, answer: Json | None) -> None:
    """Record that the app acked, how fast, and what it answered."""
    delivery.ack_latency = time.monotonic() - started
    delivery.answer = answer
    delivery.acked = True
