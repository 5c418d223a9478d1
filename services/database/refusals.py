"""Why a database said no, in names only: no driver's own text ever gets out, because it may quote values."""

import re
import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

_SAFE_NAME = re.compile(r"[A-Za-z_][\w.$]*")
_SQLITE_TRANSIENT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PROTOCOL")
# MariaDB and MySQL: too many connections, shutting down, lock wait, deadlock, too long, away.
_MYSQL_TRANSIENT = {1040, 1053, 1203, 1205, 1213, 1020, 1969, 3024, 2002, 2003, 2006, 2013, 4031}
_MYSQL_INTERFERENCE = {"1213", "1020"}
# What the servers say about a constraint without quoting a value: `name` or 'name' after fixed words.
_MYSQL_NAMES = re.compile(r"CONSTRAINT `([^`]+)` FOREIGN KEY|for key '([^']+)'$|CONSTRAINT `([^`]+)` failed")
_SQLITE_NAMES = re.compile(r"(?:UNIQUE|NOT NULL|CHECK) constraint failed: ([A-Za-z_][\w.]*)$")
_NO_ENTRY = ("password authentication failed", "does not exist", "no pg_hba.conf entry", "is not permitted")
_CURES = {
    "rights": "grant SELECT, UPDATE and DELETE on it to the user of the address",
    "foreign key": "rows elsewhere still refer to it: decide about their table in the data map",
    "not null": "use `redact`, `token` or {constant: …} in the data map instead of null",
    "unique": "use `token` in the data map",
    "check": "use a {constant: …} that the check allows",
    "length": "use a shorter {constant: …}, or null",
}
_KINDS = {
    "42501": "rights", "23503": "foreign key", "23001": "foreign key", "23502": "not null",
    "23505": "unique", "23514": "check", "22001": "length",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign key", "SQLITE_CONSTRAINT_NOTNULL": "not null",
    "SQLITE_CONSTRAINT_UNIQUE": "unique", "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_CHECK": "check", "SQLITE_READONLY": "rights",
    "1142": "rights", "1143": "rights", "1451": "foreign key", "1452": "foreign key", "1048": "not null",
    "1062": "unique", "4025": "check", "3819": "check", "1406": "length",
}  # fmt: skip


class StatementRefusedError(SQLAlchemyError):
    """The database refused a statement; the text names table, constraint and cure, never a value."""


def safe_reason(error: DBAPIError, *, table: str = "") -> str:
    """Return why the database refused, from names only: table, constraint, kind of error, and what mends it."""
    code = code_of(error)
    if code in {"1045", "1698", "1044", "1049", "28P01", "28000", "3D000"} or _is_shut_out(error):
        return "the database does not let us in: check user, password and database name in the address"
    diagnosis = getattr(error.orig, "diag", None)
    named = {
        "table": table or getattr(diagnosis, "table_name", None),
        "constraint": getattr(diagnosis, "constraint_name", None) or _constraint_in(error.orig),
    }
    words = [f"{word} {name}" for word, name in named.items() if name and _SAFE_NAME.fullmatch(name)]
    where = f" ({', '.join(words)})" if words else ""
    kind = _KINDS.get(code, "")
    cure = f"; {_CURES[kind]}" if kind else ""
    return f"the database refused a statement{where}: {type(error.orig).__name__}{f' {code}' if code else ''}{cure}"


def is_transient(error: DBAPIError) -> bool:
    """Whether the same statement may succeed later: busy, locked, away, deadlock, out of connections."""
    if isinstance(error.orig, sqlite3.Error):
        return code_of(error).startswith(_SQLITE_TRANSIENT)
    code = code_of(error)
    if code.isdigit() and len(code) == 4:
        return int(code) in _MYSQL_TRANSIENT
    if error.connection_invalidated:
        return True
    if not code:  # psycopg could not even connect
        return isinstance(error, OperationalError) and not _is_shut_out(error)
    return code[:2] in {"08", "40", "53", "57"} or code == "55P03"


def is_interference(error: DBAPIError) -> bool:
    """Whether another transaction got in the way, so that the whole may be tried again at once."""
    code = code_of(error)
    return (code[:2] == "40" and len(code) == 5) or code in _MYSQL_INTERFERENCE


def code_of(error: DBAPIError) -> str:
    """Return the server's code of an error: SQLSTATE, MySQL's number, SQLite's name, or ""."""
    cause: Any = error.orig
    if _has_number(cause):
        return str(cause.args[0])
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")


def _constraint_in(cause: Any) -> str | None:
    pattern = _SQLITE_NAMES if isinstance(cause, sqlite3.Error) else _MYSQL_NAMES
    if not isinstance(cause, sqlite3.Error) and not _has_number(cause):
        return None
    found = pattern.search(str(cause.args[-1])) if cause.args else None
    return next((one for one in found.groups() if one), None) if found else None


def _has_number(cause: Any) -> bool:
    """Whether the error is one of MariaDB's or MySQL's, which carry a number first."""
    return bool(getattr(cause, "args", ())) and isinstance(cause.args[0], int)


def _is_shut_out(error: DBAPIError) -> bool:
    """Whether psycopg was turned away at the door: it gives no code for that, only the server's words."""
    return not code_of(error) and "FATAL" in str(error.orig) and any(w in str(error.orig) for w in _NO_ENTRY)
