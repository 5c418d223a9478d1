"""The fast path: rendered statements straight to the driver, on PostgreSQL all of them at once (`pipeline.py`).

SQLAlchemy has built and rendered the SQL once; here nothing is left but to send it. The transaction stays SQLAlchemy's:
who calls has begun it and commits it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.database.connection import PREPARED
from services.database.refusals import StatementRefusedError, is_transient, safe_reason
from services.database.rendering import Rendered


@dataclass(frozen=True, slots=True)
class Step:
    """One statement to send. `repeats`: again until it changes nothing (only where there is no pipeline)."""

    rendered: Rendered
    repeats: bool = False


Row = tuple[Any, ...]


def send(connection: sa.Connection, steps: Iterable[Step], bound: Mapping[str, Any]) -> list[Row]:
    """Send the statements in order inside the connection's transaction; return the first row of each, () for a change.

    Raises `StatementRefusedError` naming the table, or the driver's error (wrapped) where repeating may help.
    """
    if _has_pipeline(connection.dialect):
        return _pipelined(connection, tuple(steps), bound)
    return _one_by_one(connection, tuple(steps), bound)


def rows(connection: sa.Connection, rendered: Rendered, bound: Mapping[str, Any]) -> list[Row]:
    """Return every row of one rendered query."""
    cursor = _cursor(connection)
    try:
        cursor.execute(rendered.sql, rendered.values(bound))
        return [tuple(row) for row in cursor.fetchall()]
    except Exception as error:  # noqa: BLE001  # every driver has errors of its own; what is none of them is raised again
        raise _known(error, rendered.table, connection.dialect) from None
    finally:
        cursor.close()


def _has_pipeline(dialect: sa.Dialect) -> bool:
    """Whether the driver can send without waiting: psycopg with a libpq of version 14 or newer."""
    driver: Any = dialect.dbapi
    return dialect.name == "postgresql" and bool(driver.Pipeline.is_supported())


def _cursor(connection: sa.Connection) -> Any:
    """A cursor that takes the SQL as it was rendered."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "postgresql":
        return raw.cursor()
    driver: Any = connection.dialect.dbapi
    return driver.RawCursor(raw)


def _one_by_one(connection: sa.Connection, steps: tuple[Step, ...], bound: Mapping[str, Any]) -> list[Row]:
    found: list[Row] = []
    cursor = _cursor(connection)
    rendered = None
    try:
        for step in steps:
            rendered = step.rendered
            values = rendered.values(bound)
            cursor.execute(rendered.sql, values)
            while step.repeats and cursor.rowcount > 0:
                cursor.execute(rendered.sql, values)
            found.append(tuple(cursor.fetchone() or ()) if rendered.has_rows else ())
    except Exception as error:  # noqa: BLE001  # as above
        raise _known(error, rendered.table if rendered else "", connection.dialect) from None
    finally:
        cursor.close()
    return found


def _pipelined(connection: sa.Connection, steps: tuple[Step, ...], bound: Mapping[str, Any]) -> list[Row]:
    from services.database import pipeline  # noqa: PLC0415  # its driver is an extra

    statements = ((step.rendered.sql, step.rendered.values(bound)) for step in steps)
    raw: Any = connection.connection.driver_connection
    prepared = connection.info.setdefault(PREPARED, pipeline.Prepared())
    try:
        return pipeline.run(raw, statements, prepared)
    except pipeline.FailedError as failed:
        table = steps[failed.place].rendered.table
        raise _known(failed.error, table, connection.dialect) from None
    except Exception as error:  # noqa: BLE001  # as above
        raise _known(error, steps[-1].rendered.table, connection.dialect) from None


def _known(error: Exception, table: str, dialect: sa.Dialect) -> Exception:
    """Return the error as SQLAlchemy would raise it, or as a refusal in names only; a bug is returned as it is."""
    module: Any = dialect.dbapi
    if not isinstance(error, module.Error):
        return error
    wrapped = DBAPIError.instance(None, None, error, module.Error, hide_parameters=True, dialect=dialect)
    if isinstance(wrapped, DBAPIError) and not is_transient(wrapped):
        return StatementRefusedError(safe_reason(wrapped, table=table))
    return wrapped if isinstance(wrapped, DBAPIError) else error
