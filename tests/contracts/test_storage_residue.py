"""Shredded means shredded: the raw bytes of the database hold nothing of the customer's, nor of the key."""

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from services.domain.case import State
from services.domain.record import Case, CaseFile
from services.storage import Store

CANARY = "canary-maya@example.com"
CASES = 120


def raw(url: str) -> bytes:
    """Everything that lies in the store's folder: the file, its write-ahead log and its index."""
    folder = Path(str(make_url(url).database)).parent
    files = sorted(folder.iterdir())
    assert "desk.db" in {file.name for file in files}
    return b"".join(file.read_bytes() for file in files)


def secrets_of(store: Store) -> dict[str, tuple[bytes, bytes]]:
    """The wrapped key and the sealed file of every case, as they lie in the database."""
    query = (
        "SELECT k.case_id, k.wrapped, f.sealed FROM case_keys k JOIN case_files f ON f.case_id = k.case_id"
    )
    with store.engine.connect() as connection:
        return {
            row.case_id: (bytes(row.wrapped), bytes(row.sealed)) for row in connection.execute(text(query))
        }


def shred(store: Store, scenes: Any, case: Case) -> None:
    ended = replace(case, version=case.version + 1, state=State.WITHDRAWN, shredded=True)
    assert store.cases.shred(ended, scenes.entry(ended))


def fill(store: Store, scenes: Any) -> list[Case]:
    """Many cases with files from a few bytes to several pages, each rewritten once."""
    sizes = random.Random(7)  # noqa: S311  # the same sizes every time, not a secret
    cases = []
    for n in range(CASES):
        case = scenes.opened(store, ts=f"{n}", text=CANARY)
        case = replace(case, version=2)
        longer = CaseFile(text=CANARY + "x" * sizes.randrange(12_000))
        assert store.cases.save(case, scenes.entry(case), file=longer)
        cases.append(case)
    return cases


def test_nothing_of_a_shredded_case_is_left(
    sqlite_url: str, opening: Callable[[str], Store], scenes: Any
) -> None:
    """After shredding neither the sealed file, nor the wrapped key, nor any text is in .db, -wal or -shm."""
    store = opening(sqlite_url)
    cases = fill(store, scenes)
    secrets = secrets_of(store)
    before = raw(sqlite_url)
    assert CANARY.encode() not in before, "personal data must be sealed from the first moment"
    assert all(key in before for key, _ in secrets.values()), "the search must be able to find what is there"
    random.Random(3).shuffle(cases)  # noqa: S311  # the same order every time, not a secret
    gone, kept = cases[: CASES * 3 // 4], cases[CASES * 3 // 4 :]
    for case in gone:
        shred(store, scenes, case)
    after = raw(sqlite_url)
    for case in gone:
        key, sealed = secrets[case.id]
        assert key not in after, f"the wrapped key of {case.ref} is still in the files"
        pieces = [sealed[at : at + 24] for at in range(0, len(sealed) - 24, 512)]
        assert not any(piece in after for piece in pieces), f"a part of {case.ref} is still in the files"
    for case in kept:
        assert store.cases.file(case.id) is not None
    assert store.cases.ledger_flaws() == ()


def test_a_reader_in_the_way(
    sqlite_url: str, opening: Callable[[str], Store], scenes: Any, mocker: Any
) -> None:
    """A long read keeps the write-ahead log alive; the case is shredded all the same and the next start wipes it."""
    mocker.patch("services.storage.engine.BUSY_TIMEOUT_MS", 50)
    store = opening(sqlite_url)
    case = scenes.opened(store)
    (key, _) = secrets_of(store)[case.id]
    with closing(sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM case_keys").fetchone()
        shred(store, scenes, case)
        assert key in raw(sqlite_url)
        assert store.cases.file(case.id) is None
        assert not store.cases.forget_shredded()
        other.execute("ROLLBACK")
    opening(sqlite_url)
    assert key not in raw(sqlite_url)


def test_killed_before_wiping(
    sqlite_url: str, opening: Callable[[str], Store], scenes: Any, tmp_path: Path, mocker: Any
) -> None:
    """A process killed right after the shredding was committed leaves traces that the next start removes."""
    store = opening(sqlite_url)
    case = scenes.opened(store)
    (key, _) = secrets_of(store)[case.id]
    mocker.patch("services.storage.cases.forget_deleted", return_value=True)
    shred(store, scenes, case)
    # The files as a kill -9 at this moment would leave them.
    scene = tmp_path / "crashed"
    shutil.copytree(tmp_path / "var", scene)
    url = f"sqlite:///{scene}/desk.db"
    assert key in raw(url)
    again = opening(url)
    assert key not in raw(url)
    assert again.cases.file(case.id) is None
    assert again.cases.ledger_flaws() == ()


def test_a_done_message_is_gone(sqlite_url: str, opening: Callable[[str], Store], scenes: Any) -> None:
    """A message never lies in the clear, and after done and purge its sealed form is in no file either."""
    store = opening(sqlite_url)
    place = {"team": "T1", "channel": "C1", "ts": "1", "thread_ts": "", "user": "UMAYA", "kind": "message"}
    assert store.inbox.put(event_id="Ev1", text=CANARY, received_at=scenes.now, **place)
    with store.engine.connect() as connection:
        payload = bytes(connection.execute(text("SELECT payload FROM inbox")).scalar_one())
    before = raw(sqlite_url)
    assert payload in before
    assert CANARY.encode() not in before
    assert b"UMAYA" not in before
    store.inbox.done("Ev1")
    store.inbox.purge(scenes.now)
    after = raw(sqlite_url)
    assert payload not in after
    assert b"Ev1" in after


@pytest.mark.postgres
def test_postgres_rewrites_the_tables(
    postgres_url: str, opening: Callable[[str], Store], scenes: Any
) -> None:
    """On PostgreSQL too the table's file holds neither the wrapped key nor the sealed file after shredding."""
    store = opening(postgres_url)
    case, other = scenes.opened(store, text=CANARY), scenes.opened(store, ts="2")
    key, sealed = secrets_of(store)[case.id]
    assert key in heap(store, "case_keys")
    assert sealed in heap(store, "case_files")
    shred(store, scenes, case)
    # As long as another transaction on the server may still see the old rows, PostgreSQL keeps them: wiped again later.
    deadline = time.monotonic() + 150
    while key in heap(store, "case_keys") or sealed in heap(store, "case_files"):
        assert time.monotonic() < deadline, "the tables' files still hold what was shredded"
        time.sleep(0.2)
        store.cases.forget_shredded()
    assert store.cases.file(other.id) is not None


@pytest.mark.postgres
def test_a_backup_in_the_way(postgres_url: str, opening: Callable[[str], Store], scenes: Any) -> None:
    """Somebody who holds the table open for long delays the wiping, not the desk; the case is shredded."""
    store = opening(postgres_url)
    case = scenes.opened(store)
    with store.engine.connect() as backup:
        backup.execute(text("SELECT count(*) FROM case_keys"))
        shred(store, scenes, case)
        assert not store.cases.forget_shredded()
    assert store.cases.file(case.id) is None
    assert store.cases.forget_shredded()


def heap(store: Store, table: str) -> bytes:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        read = text("SELECT pg_read_binary_file(pg_relation_filepath(:table))")
        return bytes(connection.execute(read, {"table": table}).scalar_one())
