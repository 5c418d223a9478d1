"""Rechecks on the real store and the durable engine, with a moved clock, and killed with -9 in the middle."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.activecampaign.twin import Account, Faults, Twin
from services.domain.case import State
from services.domain.ledger import Entry
from services.domain.record import Case
from services.storage import Store
from tests.contracts.running_desk import RunningDesk, until
from tests.properties.world import MAYA

ROOT = Path(__file__).parents[2]
DAY = timedelta(days=1)


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin(Account(now=lambda: datetime.now(UTC), faults=Faults(rate=0))) as one:
        yield one


@pytest.fixture
def desk(tmp_path: Path, twin: Twin, master_key: str) -> Callable[[], RunningDesk]:
    def make() -> RunningDesk:
        return RunningDesk(folder=tmp_path, url=twin.url, token=twin.account.admin_token, key=master_key)

    return make


@contextmanager
def running(desk: Callable[[], RunningDesk]) -> Iterator[RunningDesk]:
    one = desk()
    one.launch()
    try:
        yield one
    finally:
        one.close()


@contextmanager
def another_process(tmp_path: Path, twin: Twin, key: str) -> Iterator["subprocess.Popen[str]"]:
    program = [sys.executable, "-m", "tests.contracts.running_desk"]
    arguments = [str(tmp_path), twin.url, twin.account.admin_token, key]
    with subprocess.Popen([*program, *arguments], cwd=ROOT, text=True) as child:  # noqa: S603  # our own program
        try:
            yield child
        finally:
            child.kill()


def linked_to(store: Store, case: Case) -> list[Case]:
    return [one for one in store.cases.in_states(tuple(State)) if one.linked_to == case.id]


def notes(store: Store, case: Case) -> list[Entry]:
    return [one.entry for one in store.cases.ledger(case.id) if one.entry.action == "recheck"]


def rechecked(store: Store, case: Case, times: int) -> bool | None:
    return True if len(notes(store, case)) == times else None


def test_nothing_is_back_and_in_the_end_nothing_is_kept(desk: Callable[[], RunningDesk], twin: Twin) -> None:
    """One, seven and thirty days later: read, on record, passed on; then identifiers and key are destroyed."""
    twin.account.seed([{"email": MAYA.value, "archived": 1}])
    with running(desk) as one:
        case = one.completed()
        effects = twin.account.journal()
        for number, days in ((1, 1), (2, 6), (3, 23)):
            one.clock.forward(days * DAY)
            one.until(partial(rechecked, one.store, case, number), f"recheck {number}")
        assert [dict(entry.facts)["result"] for entry in notes(one.store, case)] == ["clear"] * 3
        one.until(lambda: True if one.store.rechecks.next_of(case.id) is None else None, "the end of them")
        assert one.store.rechecks.look_up(case.id) is None
        assert (linked_to(one.store, case), twin.account.journal()) == ([], effects)
        assert one.store.cases.ledger_flaws() == ()


def test_killed_while_looking_a_hit_opens_one_linked_case(
    desk: Callable[[], RunningDesk], twin: Twin, tmp_path: Path, master_key: str
) -> None:
    """kill -9 while ActiveCampaign holds its answer: the next process finishes, one linked case, nothing erased."""
    twin.account.seed([{"email": MAYA.value}])
    with running(desk) as one:
        case = one.completed()
        one.clock.forward(DAY)
    (number,) = twin.account.seed([{"email": MAYA.value}])
    effects = twin.account.journal()
    twin.hold.set("GET", "contacts")
    with another_process(tmp_path, twin, master_key) as first:
        assert twin.hold.reached.wait(120), "the recheck never asked"
        first.kill()
        first.wait(60)
    twin.hold.release()
    looker = desk()
    try:
        assert linked_to(looker.store, case) == []
        with another_process(tmp_path, twin, master_key):
            (linked,) = until(lambda: linked_to(looker.store, case) or None, "the linked case")
            ended = lambda: True if looker.store.rechecks.next_of(case.id) is None else None  # noqa: E731
            until(ended, "the end of the rechecks")
            # Some turns more: nothing is opened a second time, and nothing is erased.
            looker.clock.forward(40 * DAY)
            before: Any = looker.store.cases.ledger()
            assert twin.account.contact(number), "a returning customer is never erased automatically"
        assert linked_to(looker.store, case) == [looker.store.cases.get(linked.id)]
        assert (linked.state, linked.thread_ts) == (State.DETECTED, case.thread_ts)
        assert "card" in {one.kind for one in looker.store.posts.of_case(linked.id)}
        assert looker.store.cases.get(case.id) == case
        assert twin.account.journal() == effects
        assert MAYA.value not in repr(before)
        assert looker.store.cases.ledger_flaws() == ()
    finally:
        looker.close()


def test_a_bug_while_looking_is_no_end(desk: Callable[[], RunningDesk], twin: Twin, mocker: Any) -> None:
    """A system that raises: the recheck is done an hour later, and the text of the error is nowhere."""
    twin.account.seed([{"email": MAYA.value}])
    with running(desk) as one:
        case = one.completed()
        broken = mocker.patch.object(one.system, "find", side_effect=RuntimeError(MAYA.value))
        one.clock.forward(DAY)
        one.until(lambda: _put_off_to(one, case), "the recheck to be put off")
        mocker.stop(broken)
        one.clock.forward(timedelta(hours=1))
        one.until(partial(rechecked, one.store, case, 1), "the recheck")
        assert dict(notes(one.store, case)[0].facts)["result"] == "clear"


def _put_off_to(one: RunningDesk, case: Case) -> datetime | None:
    planned = one.store.rechecks.next_of(case.id)
    return planned.not_before if planned and planned.not_before > planned.planned_for else None
