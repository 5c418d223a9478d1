"""A desk with store, durable engine and ActiveCampaign's look-alike, on a clock that a file moves: to be run and killed.

Started as a program it works until it is killed; the tests look at its store and at the look-alike from outside.
"""

import logging
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from bot.engine import DurableEngine
from services import closing, oversight
from services.activecampaign import ActiveCampaign, Settings
from services.domain.case import State
from services.domain.denials import Denied
from services.domain.policy import Policy
from services.domain.record import Case
from services.ports import Desk
from services.storage import Store, open_store
from tests.properties.fakes import PlainReader, PlainTexts, weekends_only
from tests.properties.story import do, write
from tests.properties.world import LEA, ROLES

T = TypeVar("T")
PATIENCE = 120.0  # a busy machine is no failure of the code


class FileClock:
    """The machine's time, moved by as many seconds as stand in the file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"

    def now(self) -> datetime:
        moved = float(self._file.read_text()) if self._file.exists() else 0.0
        return datetime.now(UTC) + timedelta(seconds=moved)

    def forward(self, by: timedelta) -> None:
        moved = float(self._file.read_text()) if self._file.exists() else 0.0
        beside = self._file.with_suffix(".new")
        beside.write_text(str(moved + by.total_seconds()))
        beside.replace(self._file)


class RunningDesk:
    """One desk over one folder. `launch` before a run, `close` at the end; the folder outlives both."""

    def __init__(
        self,
        *,
        folder: Path,
        url: str,
        token: str,
        key: str,
        store_url: str = "",
        rate: int = 1000,
        pause: float = 0.0,
    ) -> None:
        self.clock = FileClock(folder)
        self.store: Store = open_store(
            store_url or f"sqlite:///{folder}/desk.db", key, ids=lambda: uuid.uuid4().hex
        )
        settings = Settings(base_url=url, token=token, pause=pause, timeout=60.0, rate=rate, allow_http=True)
        self.system = ActiveCampaign(settings, clock=self.clock, places=self.store.places)
        self.engine = DurableEngine(f"sqlite:///{folder}/engine.db")
        self.desk = Desk(
            clock=self.clock,
            cases=self.store.cases,
            vault=self.store.vault,
            switch=self.store.switch,
            posts=self.store.posts,
            engine=self.engine,
            rechecks=self.store.rechecks,
            classifier=PlainReader(),
            texts=PlainTexts(),
            systems=(self.system,),
            roles=ROLES,
            policy=Policy(company="Sample", cooling_off_all=timedelta(0), max_cases_a_day=100_000),
            is_working_day=weekends_only,
            dispatches=self.store.dispatches,
        )

    def launch(self) -> None:
        self.engine.launch(self.desk, lambda _event: "")

    def close(self) -> None:
        self.engine.close()
        self.system.close()
        self.store.close()

    def turn(self) -> None:
        """What the sweep does in one turn."""
        for case_id, revision in self.engine.lost_runs():
            raise AssertionError(f"the engine gave up {case_id}/{revision}")
        oversight.sweep(self.desk)
        self.engine.forget_ended(self.clock.now())

    def until(self, look: Callable[[], T | None], what: str) -> T:
        """Sweep until there is something to return."""
        return until(look, what, meanwhile=self.turn)

    def approved(self, ts: str = "1.0") -> Case:
        """Take a new customer's case (MAYA) as far as its approval."""
        world: Any = SimpleNamespace(desk=self.desk, cases=self.desk.cases, clock=self.clock)
        case = write(world, "erase_data please delete my data", ts=ts).case
        assert case is not None
        for name in ("ask", "record_answer", "search", "choose_identity", "make_plan", "send_for_approval"):
            done = do(world, case, name)
            assert not isinstance(done, Denied), f"{name}: {done}"
        approved = do(world, case, "approve", LEA)
        assert isinstance(approved, Case)
        return approved

    def completed(self, ts: str = "1.0") -> Case:
        """Take it to its end: erased, told, shredded."""
        case = self.approved(ts)
        world: Any = SimpleNamespace(desk=self.desk, cases=self.desk.cases, clock=self.clock)
        self.until(lambda: self.in_state(case, State.NOTIFYING), "the run")
        do(world, self.desk.cases.get(case.id), "send_in_thread")
        (post,) = (one for one in self.store.posts.of_case(case.id) if one.kind == "closing")
        self.store.posts.posted(post, ts="17.1", done=post.wanted, at=self.clock.now())
        closing.delivered(self.desk, case_id=case.id, evidence="17.1")
        for one in self.store.posts.of_case(case.id):
            self.store.posts.posted(one, ts="17.2", done=one.wanted, at=self.clock.now())
        done = self.until(lambda: self.in_state(case, State.COMPLETED), "the end of the case")
        return self.until(
            lambda: self.desk.cases.get(done.id) if self._is_shredded(done) else None, "the shredding"
        )

    def in_state(self, case: Case, state: State) -> Case | None:
        now = self.desk.cases.get(case.id)
        return now if now is not None and now.state is state else None

    def _is_shredded(self, case: Case) -> bool:
        now = self.desk.cases.get(case.id)
        return now is not None and now.shredded


def until(look: Callable[[], T | None], what: str, *, meanwhile: Callable[[], object] = lambda: None) -> T:
    deadline = time.monotonic() + PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"waited too long for {what}"
        meanwhile()
        time.sleep(0.05)
    return found


def main() -> None:
    """Work until killed."""
    logging.disable(logging.CRITICAL)
    folder, url, token, key = sys.argv[1:5]
    one = RunningDesk(folder=Path(folder), url=url, token=token, key=key)
    one.launch()
    while True:
        one.turn()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
