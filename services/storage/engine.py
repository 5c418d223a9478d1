"""The one place that opens our own database: SQLite (a file) or PostgreSQL, with the settings that keep it honest."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

BUSY_TIMEOUT_MS = 10_000
_READS = "deletion_desk_reads"


def store_url(url: str) -> URL:
    """Return the address of the store, with the driver that we use.

    Raises `ValueError` (without the address: it may hold a password) for anything but a SQLite file or PostgreSQL.
    """
    cure = "use sqlite:///PATH/desk.db or postgresql://USER:PASSWORD@HOST/DATABASE"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError(f"the database address cannot be read: {cure}") from None
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            if parsed.database in {None, "", ":memory:"} or str(parsed.database).startswith("file:"):
                raise ValueError(f"the store must be a file, so that it outlives the process: {cure}")
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            raise ValueError(f"the store cannot live in this kind of database: {cure}")


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite store, or None for PostgreSQL."""
    return Path(url.database).absolute() if url.drivername.startswith("sqlite") and url.database else None


def create_store_engine(url: str) -> Engine:
    """Return an engine for the store; creates the (empty, private) SQLite file and its folder when missing.

    On SQLite every transaction takes the write lock at once (`BEGIN IMMEDIATE`), unless it was opened by `reading`:
    a transaction that reads first and writes later fails at once, whatever the timeout, when somebody else wrote.
    Parameters never appear in errors or logs (design rule 9). Raises `ValueError` for an address of another kind.
    """
    address = store_url(url)
    path = sqlite_path(address)
    if path is None:
        return create_engine(
            address, hide_parameters=True, isolation_level="READ COMMITTED", pool_pre_ping=True, pool_size=10
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(address, hide_parameters=True, pool_size=10, max_overflow=20)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: it sees one moment of the database and never waits for a writer."""
    if engine.dialect.name == "sqlite":
        with engine.execution_options(**{_READS: True}).begin() as connection:
            yield connection
        return
    with (
        engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection,
        connection.begin(),
    ):
        yield connection


def forget_deleted(engine: Engine, *, tables: tuple[str, ...] = ()) -> bool:
    """Remove what deleted rows left behind in the files; return False when somebody's reading prevents it just now.

    SQLite: deleted rows are zeroed already (`secure_delete`); this empties the write-ahead log, where earlier pages
    linger. PostgreSQL: rewrites the named (small) tables, because deleted rows stay on their pages otherwise; its own
    write-ahead log, replicas and backups are the operator's to expire.
    """
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
        is_busy = row is None or bool(row[0])
        return not is_busy
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # A backup may hold the table for hours; waiting for it would hold up everybody behind us.
        connection.exec_driver_sql("SET lock_timeout = '2s'")
        try:
            for table in tables:
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
        except OperationalError:
            return False
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    return True


def _prepare(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN would come too late and be deferred: `_begin` says it instead.
    connection.isolation_level = None
    with closing(connection.cursor()) as cursor:
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            # The inbox row must be on disk before Slack is told that we have the message.
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    deferred = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")
