"""What outlives a completed case for its rechecks: sealed under a key of its own, and gone for good after the last one."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from services.domain.identity import Identifier, Identity
from services.domain.recheck import LookUp
from services.storage import SealBrokenError, Store

MAYA = "canary-maya@example.com"
LOOK_UP = LookUp(
    identity=Identity(
        identifiers=(
            Identifier(kind="email", value=MAYA),
            Identifier(kind="contact", value="17", system="activecampaign"),
        )
    ),
    not_theirs=("shop/customers:99",),
)
DAY = timedelta(days=1)


def raw(url: str) -> bytes:
    folder = Path(str(make_url(url).database)).parent
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def sealed_and_key(store: Store) -> tuple[bytes, bytes]:
    with store.engine.connect() as connection:
        row = connection.execute(text("SELECT sealed, wrapped FROM rechecks")).one()
    return bytes(row.sealed), bytes(row.wrapped)


def test_what_is_kept_comes_back_and_is_planned(store: Store, scenes: Any) -> None:
    """The look-up survives exactly; the rechecks come due one after the other, in the order of their moments."""
    case = scenes.opened(store)
    store.rechecks.keep(case.id, LOOK_UP, (scenes.now + 7 * DAY, scenes.now + DAY))
    assert store.rechecks.look_up(case.id) == LOOK_UP
    assert store.rechecks.due(scenes.now) == ()
    (first,) = store.rechecks.due(scenes.now + DAY)
    assert (first.case_id, first.number, first.planned_for) == (case.id, 1, scenes.now + DAY)
    assert store.rechecks.postpone(first, scenes.now + 2 * DAY)
    assert store.rechecks.due(scenes.now + DAY) == ()
    (again,) = store.rechecks.due(scenes.now + 2 * DAY)
    assert (again.number, again.planned_for) == (1, scenes.now + DAY), "when it was to be is not forgotten"
    assert store.rechecks.pass_on(again)
    assert not store.rechecks.pass_on(again), "somebody else was faster"
    assert not store.rechecks.postpone(again, scenes.now)
    second = store.rechecks.next_of(case.id)
    assert second is not None
    assert (second.number, second.not_before) == (2, scenes.now + 7 * DAY)
    assert store.rechecks.pass_on(second)
    assert store.rechecks.next_of(case.id) is None
    assert store.rechecks.look_up(case.id) is None
    assert store.rechecks.due(scenes.now + 99 * DAY) == ()


def test_nothing_is_kept_twice(store: Store, scenes: Any) -> None:
    """A second call (after a crash between keeping and shredding) changes nothing, not even when all is over."""
    case = scenes.opened(store)
    store.rechecks.keep(case.id, LOOK_UP, ())
    assert store.rechecks.next_of(case.id) is None, "no moments, nothing kept"
    store.rechecks.keep(case.id, LOOK_UP, (scenes.now,))
    before = sealed_and_key(store)
    store.rechecks.keep(case.id, LookUp(identity=Identity(identifiers=())), (scenes.now + DAY,))
    assert sealed_and_key(store) == before
    (only,) = store.rechecks.due(scenes.now)
    assert store.rechecks.pass_on(only)
    store.rechecks.keep(case.id, LOOK_UP, (scenes.now,))
    assert store.rechecks.look_up(case.id) is None


def test_the_key_is_its_own(store: Store, scenes: Any) -> None:
    """The case's shredding does not touch it, and neither key opens what the other has sealed."""
    case, other = scenes.opened(store), scenes.opened(store, ts="2")
    store.rechecks.keep(case.id, LOOK_UP, (scenes.now,))
    with store.engine.begin() as connection:
        own = connection.execute(
            text("SELECT wrapped FROM case_keys WHERE case_id = :id"), {"id": case.id}
        ).scalar_one()
        connection.execute(text("UPDATE rechecks SET wrapped = :key"), {"key": own})
    with pytest.raises(SealBrokenError):
        store.rechecks.look_up(case.id)
    assert store.rechecks.look_up(other.id) is None


def test_nothing_is_left_after_the_last(
    sqlite_url: str, opening: Callable[[str], Store], scenes: Any
) -> None:
    """Never in the clear; and after the end neither the sealed look-up nor its key is in .db, -wal or -shm."""
    store = opening(sqlite_url)
    case = scenes.opened(store, text="hello")
    store.rechecks.keep(case.id, LOOK_UP, (scenes.now,))
    sealed, key = sealed_and_key(store)
    before = raw(sqlite_url)
    assert MAYA.encode() not in before
    assert sealed in before, "the search must be able to find what is there"
    assert key in before
    (only,) = store.rechecks.due(scenes.now)
    assert store.rechecks.pass_on(only, last=True)
    after = raw(sqlite_url)
    assert sealed not in after
    assert key not in after


@pytest.mark.postgres
def test_postgres_rewrites_the_table(postgres_url: str, opening: Callable[[str], Store], scenes: Any) -> None:
    """On PostgreSQL too the table's file holds neither of them after the end."""
    store = opening(postgres_url)
    case = scenes.opened(store)
    store.rechecks.keep(case.id, LOOK_UP, (scenes.now,))
    sealed, key = sealed_and_key(store)
    assert sealed in _heap(store)
    (only,) = store.rechecks.due(scenes.now)
    assert store.rechecks.pass_on(only)
    # As long as another transaction on the server may still see the old row, PostgreSQL keeps it: wiped again later.
    deadline = time.monotonic() + 150
    while sealed in _heap(store) or key in _heap(store):
        assert time.monotonic() < deadline, "the table's file still holds what was destroyed"
        time.sleep(0.2)
        store.rechecks.forget_ended()


def _heap(store: Store) -> bytes:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        read = text("SELECT pg_read_binary_file(pg_relation_filepath('rechecks'))")
        return bytes(connection.execute(read).scalar_one())
