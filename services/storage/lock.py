"""Lets one process at a time run the desk: a file lock beside SQLite, an advisory lock on PostgreSQL."""

import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout
from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from services.storage.engine import sqlite_path, store_url

_NAMESPACE = 0x6465  # advisory lock class, shared by every version of Deletion Desk
# The server notices within about 25 s that our machine is gone, and gives the lock free.
_CONNECT = {
    "application_name": "deletion-desk guard",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class StoreInUseError(Exception):
    """Another process runs the desk on this store; one is allowed (takeover between workers does not exist yet)."""


class ProcessGuard:
    """Held while this process runs the desk. Use as a context manager, or call `release`.

    The operating system (SQLite) or the server (PostgreSQL) frees it when the process dies, `kill -9` included.
    """

    def __init__(self, *, release: Callable[[], None], is_held: Callable[[], bool]) -> None:
        self._release = release
        self._is_held = is_held

    def is_held(self) -> bool:
        """Whether it is still ours. On PostgreSQL a lost connection loses it: the process must then stop."""
        return self._is_held()

    def release(self) -> None:
        """Let another process run. Idempotent."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold_store(url: str) -> ProcessGuard:
    """Return the guard. Raises `StoreInUseError` at once when another process has it, `ValueError` for a wrong URL."""
    address = store_url(url)
    path = sqlite_path(address)
    if path is None:
        return _hold_postgres(address)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not thread-local: another thread than the one that took the lock asks whether it is still held.
    lock = FileLock(f"{path}.lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreInUseError(
            f"Deletion Desk is already running on {path}: stop the other process, or give this one its own database"
        ) from None
    return ProcessGuard(release=lock.release, is_held=lambda: lock.is_locked)


def _hold_postgres(address: URL) -> ProcessGuard:
    engine = create_engine(
        address,
        hide_parameters=True,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args=_CONNECT,
    )
    connection = engine.connect()
    try:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
        # Two installations may share a database, each in its own schema.
        key = {"space": _NAMESPACE, "key": zlib.crc32(str(schema).encode()) - 2**31}
        is_ours = connection.execute(text("SELECT pg_try_advisory_lock(:space, :key)"), key).scalar_one()
    except BaseException:
        connection.close()
        raise
    if not is_ours:
        connection.close()
        raise StoreInUseError(
            f"Deletion Desk is already running on database {address.database} at {address.host}: PostgreSQL allows "
            "one process for now; stop the other one, or give this one its own database"
        )

    def is_held() -> bool:
        if connection.closed:
            return False
        try:
            connection.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        # A connection that was replaced behind our back would no longer hold the lock.
        return not connection.invalidated

    return ProcessGuard(release=connection.close, is_held=is_held)
