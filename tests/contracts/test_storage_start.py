"""Starting on a store: schema, master key, and one process at a time."""

import base64
import os
import subprocess
import sys
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import text

from services.storage import (
    METADATA,
    ProcessGuard,
    Store,
    StoreInUseError,
    WrongMasterKeyError,
    create_store_engine,
    hold_store,
    migrate,
    open_store,
)

ROOT = Path(__file__).parents[2]

HOLD = """
import sys
from services.storage import StoreInUseError, hold_store
try:
    guard = hold_store(sys.argv[1])
except StoreInUseError as error:
    print(error)
    sys.exit(3)
print("held", flush=True)
sys.stdin.read()
"""

START = """
import sys, uuid
from services.storage import open_store
sys.stdin.readline()
store = open_store(sys.argv[1], sys.argv[2], ids=lambda: uuid.uuid4().hex)
print(store.cases.ledger_flaws())
store.close()
"""


@contextmanager
def process(script: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", script, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as child:  # noqa: S603  # our own scripts
        try:
            yield child
        finally:
            child.kill()


def test_migrations_make_the_metadata(store_url: str) -> None:
    """What the migrations build is what the code believes in: add a migration when this fails."""
    engine = create_store_engine(store_url)
    try:
        migrate(engine)
        migrate(engine)
        with engine.connect() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            script = ScriptDirectory(str(ROOT / "services/storage/migrations"))
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, METADATA) == []
            assert context.get_current_heads() == tuple(script.get_heads())
    finally:
        engine.dispose()


def test_four_processes_start_at_once(store_url: str, master_key: str) -> None:
    """Whoever comes first migrates; the others wait for it and then find everything in place."""
    with (
        process(START, store_url, master_key) as one,
        process(START, store_url, master_key) as two,
        process(START, store_url, master_key) as three,
        process(START, store_url, master_key) as four,
    ):
        children = (one, two, three, four)
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        for child in children:
            out, err = child.communicate(timeout=60)
            assert (child.returncode, out) == (0, "()\n"), err


def test_the_first_start_is_not_disturbed(sqlite_url: str) -> None:
    """While one process makes the SQLite file another does not even open it: switching to WAL fails when disturbed."""
    engine = create_store_engine(sqlite_url)
    second = threading.Thread(target=migrate, args=(engine,))
    try:
        with FileLock(f"{engine.url.database}.migrating"):
            second.start()
            second.join(timeout=0.3)
            assert second.is_alive(), "migrate() must wait for whoever migrates already"
            assert Path(str(engine.url.database)).stat().st_size == 0
        second.join(timeout=30)
        with engine.connect() as connection:
            assert engine.dialect.has_table(connection, "cases")
    finally:
        engine.dispose()


def test_failed_migration_leaves_nothing(store_url: str, mocker: Any) -> None:
    """A migration that breaks half-way is undone as a whole, and the next start does it again."""
    engine = create_store_engine(store_url)
    try:
        mocker.patch("alembic.op.bulk_insert", side_effect=RuntimeError("power cut"))
        with pytest.raises(RuntimeError, match="power cut"):
            migrate(engine)
        with engine.connect() as connection:
            assert not engine.dialect.has_table(connection, "cases")
        mocker.stopall()
        migrate(engine)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT seq FROM ledger_head")).scalar_one() == 0
    finally:
        engine.dispose()


def test_wrong_master_key(store_url: str, opening: Callable[[str], Store], scenes: Any) -> None:
    """Another key than the store was made with is one readable error, and changes nothing."""
    scenes.opened(opening(store_url))
    other = base64.urlsafe_b64encode(os.urandom(32)).decode()
    with pytest.raises(WrongMasterKeyError, match="put the old key back") as caught:
        open_store(store_url, other, ids=lambda: uuid.uuid4().hex)
    assert other not in str(caught.value)
    assert opening(store_url).cases.ledger_flaws() == ()


def test_second_process_is_refused(store_url: str) -> None:
    """One process runs the desk; the second gets one readable line, and its turn when the first was killed."""
    with process(HOLD, store_url) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with process(HOLD, store_url) as second:
            out, err = second.communicate(timeout=60)
            assert (second.returncode, err) == (3, "")
            assert "already running" in out
            assert out.count("\n") == 1
        with pytest.raises(StoreInUseError, match="already running"):
            hold_store(store_url)
        first.kill()
        first.wait(timeout=30)
    guard = hold_when_free(store_url)
    assert guard.is_held()
    with pytest.raises(StoreInUseError, match="already running"):
        hold_store(store_url)
    guard.release()
    guard.release()
    assert not guard.is_held()
    with hold_store(store_url) as again:
        assert again.is_held()
    assert not again.is_held()


def test_a_store_in_use_can_be_looked_at(
    store_url: str, opening: Callable[[str], Store], scenes: Any
) -> None:
    """The guard is for running the desk only: a command that reads works beside it."""
    with hold_store(store_url):
        scenes.opened(opening(store_url))
        assert len(opening(store_url).cases.ledger()) == 1


@pytest.mark.postgres
def test_a_lost_connection_loses_the_guard(postgres_url: str) -> None:
    """When the server ends our session the guard says so, because another process may have taken it by now."""
    engine = create_store_engine(postgres_url)
    guard = hold_store(postgres_url)
    try:
        assert guard.is_held()
        with engine.connect() as connection:
            schema = connection.execute(text("SELECT current_schema()")).scalar_one()
            # Our lock only: other tests may use the same server.
            ended = connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key"
                ),
                {"key": (zlib.crc32(schema.encode()) - 2**31) % 2**32},
            ).scalars()
            assert list(ended) == [True]
        assert not guard.is_held()
        with hold_when_free(postgres_url) as other:
            assert other.is_held()
    finally:
        guard.release()
        engine.dispose()


def hold_when_free(url: str) -> ProcessGuard:
    """Take the guard within a minute: the server needs a moment to notice that a session ended."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return hold_store(url)
        except StoreInUseError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
