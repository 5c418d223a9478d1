"""Long waits through the durable engine: no worker sleeps, the case waits, and a restart later it goes on by itself."""

import email.utils
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.activecampaign.twin import Account, Faults, Twin
from services.domain.case import State
from services.domain.outcome import OutcomeKind
from services.domain.record import Case
from tests.contracts.running_desk import RunningDesk
from tests.properties.world import MAYA

HOURS = timedelta(hours=2)


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin(Account(now=lambda: datetime.now(UTC), faults=Faults(rate=0))) as one:
        yield one


@pytest.fixture
def running(tmp_path: Path, twin: Twin, master_key: str) -> Callable[[], Iterator[RunningDesk]]:
    @contextmanager
    def make() -> Iterator[RunningDesk]:
        one = RunningDesk(folder=tmp_path, url=twin.url, token=twin.account.admin_token, key=master_key)
        one.launch()
        try:
            yield one
        finally:
            one.close()

    return make


def in_seconds() -> str:
    return str(int(HOURS.total_seconds()))


def as_a_date() -> str:
    return email.utils.format_datetime(datetime.now(UTC) + HOURS, usegmt=True)


def waits(one: RunningDesk, case: Case, twin: Twin) -> None:
    """It waits for about two hours, and nobody is asked meanwhile."""
    waiting = one.until(lambda: one.in_state(case, State.AWAITING_SYSTEMS), "the wait")
    assert waiting.resume_at is not None
    left = waiting.resume_at - one.clock.now()
    assert HOURS - timedelta(minutes=5) < left <= HOURS
    asked = len(twin.account.requests())
    for _ in range(20):
        one.turn()
    assert len(twin.account.requests()) == asked, "a waiting case must not ask"


@pytest.mark.parametrize("retry_after", [in_seconds, as_a_date])
def test_asked_to_wait_before_anything_began(
    running: Callable[[], Iterator[RunningDesk]], twin: Twin, retry_after: Callable[[], str]
) -> None:
    """Retry-After of two hours at the check before the run: nothing is deleted, and after a restart it goes on then."""
    twin.account.seed([{"email": MAYA.value, "archived": 1}])
    with running() as one:
        twin.account.set_faults(busy="")
        case = one.approved()
        twin.account.set_faults(busy=retry_after())
        waits(one, case, twin)
        assert "limiting the rate" in one.desk.cases.get(case.id).problem
        assert twin.account.journal() == []
    twin.account.set_faults(busy="")
    with running() as one:
        for _ in range(5):
            one.turn()
        assert one.in_state(case, State.AWAITING_SYSTEMS), "a restart is no reason to go on early"
        one.clock.forward(HOURS)
        done = one.until(lambda: one.in_state(case, State.NOTIFYING), "the run")
        assert [outcome.kind for outcome in done.outcomes] == [OutcomeKind.VERIFIED_GONE]
        assert one.desk.cases.ledger_flaws() == ()


@pytest.mark.parametrize("retry_after", [in_seconds, as_a_date])
def test_asked_to_wait_in_the_middle(
    running: Callable[[], Iterator[RunningDesk]], twin: Twin, retry_after: Callable[[], str]
) -> None:
    """The contact is archived when the wait comes: RETRY_LATER, and the next run purges the copy; nothing twice."""
    twin.account.seed([{"email": MAYA.value}])
    with running() as one:
        case = one.approved()
        twin.hold.set("DELETE", "contacts/")
        one.turn()
        one.until(lambda: twin.hold.reached.is_set() or None, "the DELETE")
        twin.account.set_faults(busy=retry_after())
        twin.hold.release()
        waits(one, case, twin)
        (outcome,) = one.desk.cases.get(case.id).outcomes
        assert (outcome.kind, outcome.reason) == (
            OutcomeKind.RETRY_LATER,
            "it is limiting the rate of requests",
        )
    twin.account.set_faults(busy="")
    with running() as one:
        one.clock.forward(HOURS)
        one.until(lambda: one.in_state(case, State.NOTIFYING), "the run")
    assert [effect.effect for effect in twin.account.journal()] == ["contact archived", "archive purged"]


def test_a_system_that_asks_again_and_again_is_for_a_person(
    running: Callable[[], Iterator[RunningDesk]], twin: Twin
) -> None:
    """A few waits by itself, then `needs_attention` says so; nothing was claimed."""
    twin.account.seed([{"email": MAYA.value}])
    with running() as one:
        case = one.approved()
        twin.account.set_faults(busy=in_seconds())
        for _ in range(50):
            now = one.until(
                lambda: (
                    one.in_state(case, State.AWAITING_SYSTEMS) or one.in_state(case, State.NEEDS_ATTENTION)
                ),
                "the next wait",
            )
            if now.state is State.NEEDS_ATTENTION:
                break
            one.clock.forward(HOURS)
            one.until(lambda version=now.version: _newer(one, case, version), "the next run")
        assert now.state is State.NEEDS_ATTENTION
        assert "ActiveCampaign: it is limiting the rate of requests" in now.problem
        assert twin.account.journal() == []


def test_a_system_that_is_down_is_for_a_person_at_once(
    running: Callable[[], Iterator[RunningDesk]], twin: Twin
) -> None:
    """It asked for nothing, it is just not there: `needs_attention` says so before anything began (rule 3)."""
    twin.account.seed([{"email": MAYA.value}])
    with running() as one:
        case = one.approved()
        twin.account.set_faults(down=True)
        waiting = one.until(lambda: one.in_state(case, State.NEEDS_ATTENTION), "the card to say so")
        assert "ActiveCampaign: it answered HTTP 503" in waiting.problem
        assert twin.account.journal() == []


def _newer(one: RunningDesk, case: Case, version: int) -> Case | None:
    now = one.desk.cases.get(case.id)
    return now if now and now.version > version else None
