"""What the page shows, part by part, and which parts have changed since it last asked."""

import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sqlalchemy.exc import OperationalError

from bot.playground.company import IN_SLACK
from bot.playground.mailbox import SUPPORT_ADDRESS
from bot.playground.page.owners import key_of, owners_of
from bot.playground.page.record import Record
from bot.playground.slack.people_api import whole_state
from bot.playground.world import World

Json = dict[str, Any]
# How stale the picture may be. Slack's changes wake a waiting page at once; files and twins have to be looked at.
EVERY = 0.12
# Short, so that a page notices soon that the playground has ended, and so that ending it keeps nobody waiting.
LONGEST_WAIT = 0.8


class Watch:
    """Reads the world for any number of pages; every method may be called from any thread.

    A number counts up with every change; a page says which number it knows and gets the parts that are newer.
    `epoch` tells this watch from the one of an earlier playground on the same port.
    """

    def __init__(self, world: World) -> None:
        self.epoch = str(time.time_ns())
        self.holding = False
        self._world = world
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._number = 0
        self._marks: dict[str, object] = {}
        self._parts: dict[str, tuple[int, Any]] = {}
        self._record = Record(world)

    def since(self, number: int, epoch: str, wait: float) -> Json:
        """Return the parts that are newer than `number`, waiting up to `wait` seconds for the first of them."""
        deadline = time.monotonic() + min(wait, LONGEST_WAIT)
        known = number if epoch == self.epoch else 0
        workspace = self._world.slack.workspace
        while True:
            heard = len(workspace.changes)
            with self._lock:
                self._look()
                newer = {name: value for name, (at, value) in self._parts.items() if at > known}
                reached = self._number
            left = deadline - time.monotonic()
            if newer or left <= 0:
                return {"ok": True, "epoch": self.epoch, "number": reached, "parts": newer}
            workspace.changes_since(heard, min(left, EVERY))

    def close(self) -> None:
        """Let go of the app's database, as a reset needs it. Idempotent; the next look opens it again."""
        with self._lock:
            self._record.close()
            self._marks.pop("ledger", None)

    def _look(self) -> None:
        slack = self._world.slack
        self._put("slack", (len(slack.workspace.changes), slack.connections), lambda: whole_state(slack))
        if time.monotonic() - self._looked < EVERY:
            return
        self._looked = time.monotonic()
        for name, read in (("app", self._app), ("mail", self._mail)):
            value = read()
            self._put(name, value, lambda value=value: value)  # type: ignore[misc]  # bound at once
        try:
            company = self._company()
        except (sqlite3.Error, RuntimeError):
            return  # the shop is being written anew or the world is not up yet: the next look finds it
        self._put("company", company, lambda: company)
        try:
            self._put("ledger", self._record.mark(), self._record.read)
        except OperationalError:
            self._record.close()  # the app is only just making its database

    def _put(self, name: str, mark: object, value: Callable[[], Any]) -> None:
        """Keep the part under a new number, if its mark is another than before."""
        if name in self._parts and self._marks.get(name) == mark:
            return
        found = value()
        self._marks[name] = mark
        self._number += 1
        self._parts[name] = (self._number, found)

    def _app(self) -> Json:
        world = self._world
        return {
            "running": world.app.is_running(),
            "connected": world.slack.connections > 0 or world.options.mode == "http",
            "faults": asdict(world.account.faults),
            "holding": self.holding,
            "cooling_off": world.options.cooling_off,
        }

    def _mail(self) -> Json:
        return {
            "support": SUPPORT_ADDRESS,
            "addresses": dict(IN_SLACK),
            "letters": [asdict(letter) for letter in self._world.mailbox.letters()],
        }

    def _company(self) -> Json:
        began, picture = self._world.began, self._world.picture()
        return {
            "people": [
                {"email": str(row["email"]).casefold(), "name": f"{row['firstName']} {row['lastName']}"}
                for row in began.contacts
            ],
            "owners": owners_of(began.shop),
            "tables": [
                {
                    "name": name,
                    "began": len(began.shop.get(name, ())),
                    "rows": [{"key": key_of(row), "row": row} for row in rows],
                }
                for name, rows in picture.shop.items()
            ],
            "contacts": picture.contacts,
            "archived": picture.archived,
        }
