"""The background work of one process: the inbox, the sweep, and the loops that drive them."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.digests import Digests
from bot.engine import DurableEngine
from bot.people import REREAD, SlackPeople
from bot.publisher import Publisher
from bot.sender import Sender
from bot.slack_thread import SlackThread
from handlers.cards import joined_message
from handlers.links import link_to
from handlers.messages import speaks_for_others, time_of
from handlers.words_of import words_and_sender
from services import afterwards, deletion, oversight, reminding
from services.domain.people import Actor, Role
from services.domain.record import Case
from services.handing import tell_approvers
from services.intake import Incoming, take_in
from services.ports import Desk
from services.storage import Arrival, Inbox, ProcessGuard, Store

log = logging.getLogger(__name__)

REMEMBER_EVENTS = timedelta(days=2)
AFTER_A_BAD_TURN = 2.0
MENTION = "mention"
JOINED = "joined"
# Opened by hand from a place that only names the message: its text has to be read from Slack.
POINTED_AT = frozenset({MENTION, "command"})


class Worker:
    """Does what must not happen before Slack's ack. Every piece of work is idempotent."""

    def __init__(
        self,
        *,
        desk: Desk,
        inbox: Inbox,
        engine: DurableEngine,
        thread: SlackThread,
        publisher: Publisher,
        tell_privacy_lead: Callable[[str, str], None],
        workspace_url: str = "",
    ) -> None:
        self._desk = desk
        self._inbox = inbox
        self._engine = engine
        self._thread = thread
        self._publisher = publisher
        self._tell_privacy_lead = tell_privacy_lead
        self._workspace_url = workspace_url

    def take_in(self, event_id: str) -> str:
        """Deal with one message of the inbox; return the id of the case that it opened or joined, or ""."""
        arrival = self._inbox.read(event_id)
        if arrival is None:
            return ""
        incoming = self._incoming(arrival)
        if incoming is None:
            log.warning(
                "a case was to be opened from a message that cannot be read; is the bot in that channel"
            )
            self._inbox.done(event_id)
            return ""
        taken = take_in(self._desk, incoming)
        if taken.is_elsewhere and taken.case:
            self._note_elsewhere(taken.case, incoming)
        if taken.is_new and taken.case:
            self._catch_up(taken.case, incoming)
        self._inbox.done(event_id)
        if taken.case is None and taken.reading.other_privacy:
            self._tell_privacy_lead(arrival.channel, arrival.ts)
        return taken.case.id if taken.case else ""

    def _catch_up(self, case: Case, first: Incoming) -> None:
        """Take in what was written under a message before it had a case: nobody could know then that it belongs here."""
        try:
            later = self._thread.after(channel=case.channel, thread_ts=case.thread_ts, ts=first.ts)
        except (SlackApiError, SlackClientError, OSError) as error:
            log.warning("what followed the message of %s was not read (%s)", case.ref, type(error).__name__)
            return
        for found in later:
            take_in(self._desk, self._read(found, replace(first, opened_by="", at=case.opened_at)))

    def _note_elsewhere(self, case: Case, incoming: Incoming) -> None:
        """Say under the message that it belongs to an open case; found again by its metadata, so never said twice."""
        place = {"channel": incoming.channel, "thread_ts": incoming.thread_ts or incoming.ts}
        name = {"case_id": case.id, "kind": JOINED}
        link = link_to(self._workspace_url, channel=case.channel, ts=case.thread_ts)
        try:
            if self._thread.find(**place, **name) is None:
                self._thread.post(**place, **name, message=joined_message(case, link))
        except (SlackApiError, SlackClientError, OSError) as error:
            # The message is in the case, whose own card says so: nothing is lost but this pointer.
            log.warning(
                "the note that a message joined %s was not posted (%s)", case.ref, type(error).__name__
            )

    def sweep(self) -> None:
        """Make good what crashes left undone, hand over what the engine gave up, forget what has ended."""
        for event_id in self._inbox.pending():
            self._engine.enqueue_intake(event_id)
        for case_id, revision in self._engine.lost_runs():
            deletion.fail(self._desk, case_id, revision, "end of the run")
        self._publisher.reconcile_closings()
        oversight.sweep(self._desk)
        afterwards.sweep(self._desk)
        tell_approvers(self._desk)
        self._engine.forget_ended(self._desk.clock.now())

    def remind(self) -> None:
        """Ask for the reminders that are due."""
        reminding.remind(self._desk)

    def _incoming(self, arrival: Arrival) -> Incoming | None:
        kind, _, opened_by = arrival.kind.partition(":")
        author_team, _, author = arrival.user.rpartition("/")
        incoming = Incoming(
            team_id=arrival.team,
            channel=arrival.channel,
            ts=arrival.ts,
            text=arrival.text,
            at=time_of(arrival.ts) or arrival.received_at,
            thread_ts=arrival.thread_ts,
            author=author,
            author_team=author_team,
            opened_by=opened_by,
            sender_name=arrival.name,
            sender_address=arrival.address,
        )
        if opened_by and kind in POINTED_AT and (kind != MENTION or arrival.thread_ts):
            return self._pointed_at(incoming, head=kind == MENTION)
        return incoming

    def _pointed_at(self, pointer: Incoming, *, head: bool) -> Incoming | None:
        """Return the message that an agent pointed at: the head of the thread for a mention, else the one named.

        None when it cannot be read and the pointer says nothing itself.
        """
        ts = pointer.thread_ts if head else pointer.ts
        thread_ts = pointer.thread_ts or pointer.ts
        found = self._thread.message(channel=pointer.channel, thread_ts=thread_ts, ts=ts)
        if found is None:
            return pointer if pointer.text else None
        return self._read(found, pointer)

    def _read(self, found: dict[str, Any], pointer: Incoming) -> Incoming:
        """Return a message as Slack holds it, in the place of the one that led to it."""
        ts = str(found["ts"])
        is_integration = speaks_for_others(found)
        text, sender = words_and_sender(found, is_integration=is_integration)
        return Incoming(
            team_id=pointer.team_id,
            channel=pointer.channel,
            ts=ts,
            text=text,
            at=time_of(ts) or pointer.at,
            thread_ts=str(found.get("thread_ts") or ts),
            author="" if is_integration else str(found.get("user") or ""),
            author_team=str(found.get("team") or pointer.team_id),
            opened_by=pointer.opened_by,
            sender_name=sender.name,
            sender_address=sender.address,
        )


def is_agent(desk: Desk, *, team_id: str, user_id: str) -> bool:
    """Whether a mention by this person opens a case by hand."""
    return desk.roles.holds(Actor(team_id=team_id, user_id=user_id), Role.AGENT)


class Loops:
    """The threads that drive publisher and sweep; `stop` ends them. A failing turn is reported and repeated."""

    def __init__(
        self,
        *,
        worker: Worker,
        publisher: Publisher,
        sender: Sender,
        people: SlackPeople,
        digests: Digests,
        store: Store,
        guard: ProcessGuard,
        clock_now: Callable[[], datetime],
    ) -> None:
        self._stopping = threading.Event()
        self._store = store
        self._guard = guard
        self._now = clock_now
        turns = (
            (publisher.publish_due, 0.15),
            (sender.send_due, 0.3),
            (worker.sweep, 0.5),
            (worker.remind, 30.0),
            (digests.send_due, 60.0),
            (people.refresh, REREAD.total_seconds()),
            (self._tidy, 3600.0),
            (self._check_guard, 5.0),
        )
        self._threads = [
            threading.Thread(target=self._drive, args=turn, name=turn[0].__name__, daemon=True)
            for turn in turns
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask the threads to end and wait for the turn that they are in."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():  # they were never started where only the app was built
                thread.join(timeout=10)

    def _tidy(self) -> None:
        self._store.inbox.purge(self._now() - REMEMBER_EVENTS)
        self._store.cases.forget_shredded()
        self._store.rechecks.forget_ended()

    def _check_guard(self) -> None:
        """End the process at once when it is no longer the only one: a second one may have begun to work."""
        if not self._guard.is_held():
            log.critical(
                "the connection that made this the only process was lost; ending, to be started anew"
            )
            os._exit(75)

    def _drive(self, turn: Callable[[], object], every: float) -> None:
        while not self._stopping.is_set():
            try:
                turn()
            except Exception as error:  # noqa: BLE001  # one bad turn (database down) must not end the loop; it is reported
                # Only the type: the text of a database error may hold what was written.
                log.warning("%s: a turn ended with %s", threading.current_thread().name, type(error).__name__)
                self._stopping.wait(AFTER_A_BAD_TURN)
            self._stopping.wait(every)
