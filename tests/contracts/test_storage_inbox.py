"""The inbox on both databases: once each, sealed, and forgotten when done."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.storage import SealBrokenError, Store


def put(store: Store, scenes: Any, event_id: str = "Ev1", **changes: Any) -> bool:
    message = {
        "event_id": event_id,
        "team": "T1",
        "channel": "C1",
        "ts": "1.1",
        "thread_ts": "",
        "user": "U1",
        "kind": "message",
        "text": "please delete my data",
        "received_at": scenes.now,
    }
    return store.inbox.put(**message | changes)


def test_each_event_once(store: Store, scenes: Any) -> None:
    """A redelivery is recognised, also after the message was dealt with, and until it is purged."""
    assert put(store, scenes)
    assert not put(store, scenes)
    assert store.inbox.pending() == ("Ev1",)
    store.inbox.done("Ev1")
    store.inbox.done("Ev1")
    assert not put(store, scenes), "a late redelivery must not be worked on again"
    assert store.inbox.pending() == ()
    assert store.inbox.read("Ev1") is None
    assert store.inbox.purge(scenes.now) == 0, "received at that very moment is not before it"
    assert store.inbox.purge(scenes.now + timedelta(seconds=1)) == 1
    assert put(store, scenes)


def test_one_of_eight_deliveries_is_new(store: Store, scenes: Any) -> None:
    """When Slack delivers the same event eight times at once exactly one delivery is new."""
    barrier = threading.Barrier(8)

    def deliver(_: int) -> bool:
        barrier.wait(timeout=30)
        return put(store, scenes)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(deliver, range(8))).count(True) == 1


def test_read_returns_the_message(store: Store, scenes: Any) -> None:
    """The message comes back whole, whatever characters Slack sent."""
    words = "x" * 40_000 + "🗑\x00\ud83d"
    assert put(store, scenes, text=words, thread_ts="0.9")
    arrival = store.inbox.read("Ev1")
    assert arrival is not None
    assert (arrival.text, arrival.user, arrival.thread_ts) == (words, "U1", "0.9")
    assert arrival.received_at == scenes.now
    assert arrival.received_at.tzinfo is not None
    assert store.inbox.read("unknown") is None


def test_pending_is_oldest_first(store: Store, scenes: Any) -> None:
    """Messages wait in the order in which they came, at most as many as asked for."""
    for n, event_id in enumerate(["Ev3", "Ev1", "Ev2"]):
        assert put(store, scenes, event_id, received_at=scenes.now + timedelta(seconds=n))
    assert store.inbox.pending() == ("Ev3", "Ev1", "Ev2")
    assert store.inbox.pending(limit=2) == ("Ev3", "Ev1")
    assert store.inbox.purge(scenes.now + timedelta(days=1)) == 0, "what nobody dealt with is never purged"


def test_done_keeps_the_id_only(store: Store, scenes: Any) -> None:
    """Of a message that was dealt with nothing stays but its id, when it came, and that it is done."""
    assert put(store, scenes)
    store.inbox.done("Ev1")
    with store.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM inbox")).one()._asdict()
    kept = {name for name, value in row.items() if value}
    assert kept == {"event_id", "received_at", "done"}, f"done() must erase {kept - {'event_id'}}"


def test_a_payload_cannot_be_moved(store: Store, scenes: Any) -> None:
    """A sealed message that was put in another's place is refused instead of read."""
    assert put(store, scenes, "Ev1")
    assert put(store, scenes, "Ev2")
    with store.engine.begin() as connection:
        connection.execute(
            text("UPDATE inbox SET payload = (SELECT payload FROM inbox WHERE event_id = 'Ev1')")
        )
    assert store.inbox.read("Ev1") is not None
    with pytest.raises(SealBrokenError):
        store.inbox.read("Ev2")
