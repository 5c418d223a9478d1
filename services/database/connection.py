"""Opens a company's database: one transaction a block, and no driver message (it may quote values) ever gets out."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from services.database.refusals import StatementRefusedError, is_interference, is_transient, safe_reason
from services.domain.identity import fold
from services.ports import SystemUnavailableError

BUSY_SECONDS = 5
STATEMENT_SECONDS = 120
PREPARED = "deletion_desk_prepared"


class InterferenceError(SystemUnavailableError):
    """Another transaction got in the way (deadlock, serialization): the whole may be tried again at once."""


class CompanyDatabase:
    """A company's SQLite file, PostgreSQL, MariaDB or MySQL database. Connections are opened for each block and closed after it.

    Both blocks raise `SystemUnavailableError` when the database is busy or away (worth repeating) and
    `StatementRefusedError` when it says no. Any exception rolls back. Raises `ValueError` for an address that is none.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        try:
            address = sa.make_url(url)
        except ArgumentError:
            raise ValueError(
                "not a database address; write e.g. sqlite:////srv/shop.db, postgresql://… or mariadb://…"
            ) from None
        # Opaque, because an address names hosts and users; equal for two systems that look at the same database.
        self.place = hashlib.sha256(address.render_as_string(hide_password=True).encode()).hexdigest()[:12]
        self.kind = address.get_backend_name()
        if self.kind == "sqlite":
            self._engine = _sqlite(address, busy_seconds)
        elif self.kind in {"postgresql", "postgres"}:
            self.kind = "postgresql"
            self._engine = _postgresql(address, busy_seconds)
        elif self.kind in {"mysql", "mariadb"}:
            self.kind = "mysql"
            self._engine = _mysql(address, busy_seconds)
        else:
            raise ValueError(
                f"databases of the kind {self.kind} are not supported; use SQLite, PostgreSQL, MariaDB or MySQL"
            )

    @property
    def dialect(self) -> sa.Dialect:
        """The SQL dialect, for quoting and types."""
        return self._engine.dialect

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A new connection in a transaction that cannot write, rolled back at the end."""
        with _translated(), self._engine.connect() as connection:
            if self.kind == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            else:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A new connection in a transaction that is committed at the end of the block; any exception rolls it back.

        READ COMMITTED where there is a choice: what others have committed before the root was locked is seen and
        erased too, and nobody can add rows to a locked root.
        """
        with _translated(), self._engine.connect() as connection:
            writer = connection.execution_options(deletion_desk_writes=True)
            with writer.begin():
                yield writer


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # `from None`: the driver's own text quotes the offending row.
        if is_interference(error):
            raise InterferenceError("the database is busy: another transaction was in the way") from None
        if is_transient(error):
            raise SystemUnavailableError("the database is busy or cannot be reached") from None
        raise StatementRefusedError(safe_reason(error)) from None


def _sqlite(address: sa.URL, busy_seconds: float) -> sa.Engine:
    if not address.database or address.database == ":memory:":
        raise ValueError("name the SQLite file, e.g. sqlite:////srv/shop.db")
    path = Path(address.database).absolute()

    def connect() -> sqlite3.Connection:
        # mode=rw: a misspelt path must not create an empty database in which nothing is ever found.
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw", uri=True, timeout=busy_seconds, isolation_level=None
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(
            "PRAGMA secure_delete = ON"
        )  # what is erased is overwritten, not left in free pages
        connection.create_function("dd_casefold", 1, _casefold, deterministic=True)
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("deletion_desk_writes")
        raw: Any = connection.connection.driver_connection
        try:
            raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        except sqlite3.Error as error:
            raise DBAPIError.instance(
                None, None, error, sqlite3.Error, hide_parameters=True, dialect=connection.dialect
            ) from None

    return engine


def _postgresql(address: sa.URL, busy_seconds: float) -> sa.Engine:
    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": max(2, int(busy_seconds))},
    )

    @sa.event.listens_for(engine, "connect")
    def limit(connection: DBAPIConnection, _record: Any) -> None:
        cursor = connection.cursor()
        # Key look-ups go by index whatever the key: planning each anew would cost more than running it.
        cursor.execute(
            f"SELECT set_config('lock_timeout', '{int(busy_seconds * 1000)}', false), "
            f"set_config('statement_timeout', '{STATEMENT_SECONDS * 1000}', false), "
            "set_config('plan_cache_mode', 'force_generic_plan', false)"
        )
        cursor.close()
        connection.commit()

    @sa.event.listens_for(engine, "rollback")
    def forget(connection: sa.Connection) -> None:
        connection.info.pop(PREPARED, None)  # psycopg lets PostgreSQL forget every prepared statement

    return engine


def _mysql(address: sa.URL, busy_seconds: float) -> sa.Engine:
    if not address.database:
        raise ValueError("name the database, e.g. mariadb://user@host/shop")
    engine = sa.create_engine(
        address.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"}),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": max(2, int(busy_seconds))},
    )

    @sa.event.listens_for(engine, "connect")
    def limit(connection: DBAPIConnection, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {max(1, int(busy_seconds))}")
        # Strict: a value that is too long is refused instead of cut.
        cursor.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')")
        cursor.execute("SELECT VERSION()")
        if "MariaDB" in str(cursor.fetchone()):
            cursor.execute(f"SET SESSION max_statement_time = {STATEMENT_SECONDS}")
        else:
            cursor.execute(f"SET SESSION max_execution_time = {STATEMENT_SECONDS * 1000}")
        cursor.close()
        connection.commit()

    return engine


def _casefold(value: str | bytes | float | None) -> str | bytes | int | float | None:
    """Fold as the identifiers are folded: SQLite's own lower() knows ASCII letters only."""
    return fold(value) if isinstance(value, str) else value
