"""The durable engine: ids make a repeated call a no-op, what ended is forgotten, what fails rests before it is tried again."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine import DurableEngine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DurableEngine]:
    one = DurableEngine(f"sqlite:///{tmp_path}/engine.db")
    yield one
    one.close()


def wait(until: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.02)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_message_is_dealt_with_once_and_then_forgotten(engine: DurableEngine, tmp_path: Path) -> None:
    """A repeated enqueue is a no-op; after the end the engine's tables hold nothing of it."""
    seen: list[str] = []
    engine.launch(None, lambda event_id: seen.append(event_id) or "")  # type: ignore[arg-type, func-returns-value]
    for _ in range(5):
        engine.enqueue_intake("Ev1")
    wait(lambda: seen, "the worker")
    wait(lambda: engine.forget_ended(now()), "the end of the workflow")
    assert seen == ["Ev1"]
    assert b"inbox/Ev1" not in (tmp_path / "engine.db").read_bytes()


def test_a_message_that_fails_rests_before_it_is_tried_again(engine: DurableEngine) -> None:
    """A message that cannot be dealt with is neither lost nor tried in a tight loop."""
    tried: list[str] = []

    def fail(event_id: str) -> str:
        tried.append(event_id)
        raise RuntimeError("a bug")

    engine.launch(None, fail)  # type: ignore[arg-type]
    engine.enqueue_intake("Ev2")
    wait(lambda: tried, "the first try")
    for _ in range(20):
        engine.forget_ended(now())
        engine.enqueue_intake("Ev2")
        time.sleep(0.02)
    assert tried == ["Ev2"]
    wait(lambda: engine.forget_ended(now() + timedelta(minutes=2)), "the rest to be over")
    engine.enqueue_intake("Ev2")
    wait(lambda: len(tried) == 2, "the second try")
