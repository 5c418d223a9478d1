"""The rehearsal of an erasure: really executed and verified inside one transaction, which is then rolled back."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.database.data_map import DataMapError
from services.database.elsewhere import other_schemas
from services.database.erasure import NotAsPlannedError, count, erase, leftovers
from services.database.full_scan import Progress, Scan, scan
from services.database.mapped import MappedDatabase
from services.database.person import UnusableKeyError
from services.database.prepared import PreparedMap
from services.database.reflection import reflect
from services.database.schema import Schema
from services.domain.identity import Identity
from services.domain.outcome import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What would be erased, and why an erasure would fail ("" when it would not). `scan` only where it was asked for."""

    lines: tuple[Count, ...]
    problem: str
    scan: Scan | None = None


class _RolledBackError(Exception):
    """Ends the transaction; nothing of it stays."""


def rehearse(
    mapped: MappedDatabase, identity: Identity, *, deep: bool = False, progress: Progress
) -> Rehearsal:
    """Erase, check every constraint, verify (with `deep` by a full scan too), and roll everything back.

    Other writers wait meanwhile, as in a real erasure. Raises `SystemUnavailableError` when the database is away.
    """
    found: list[Rehearsal] = []
    try:
        with mapped.database.writing() as connection:
            found.append(_inside(mapped, connection, identity, deep=deep, progress=progress))
            raise _RolledBackError  # noqa: TRY301  # leaving the block by an exception is what rolls back
    except _RolledBackError:
        return found[0]
    except (DataMapError, UnusableKeyError, NotAsPlannedError, SQLAlchemyError) as wrong:
        return Rehearsal(lines=(), problem=str(wrong))


def verify_deeply(mapped: MappedDatabase, identity: Identity, *, progress: Progress) -> Scan:
    """Return the full scan of the database as it is now, on a connection of its own. Reads only."""
    with mapped.database.reading() as connection:
        prepared, _, person = mapped.about(connection, identity.identifiers)
        return scan(connection, _everything(connection, prepared), mapped.data_map, person, progress=progress)


def _inside(
    mapped: MappedDatabase, connection: sa.Connection, identity: Identity, *, deep: bool, progress: Progress
) -> Rehearsal:
    prepared, statements, person = mapped.about(connection, identity.identifiers)
    lines = count(connection, statements, person)
    before = _broken_references(connection)
    erase(connection, statements, person, approved=frozenset((one.table, one.action) for one in lines))
    problems = list(leftovers(connection, statements, person))
    if broken := _broken_references(connection) - before:
        problems.append(f"references would be broken at the end: {', '.join(sorted(broken))}")
    whole = None
    if deep:
        everything = _everything(connection, prepared)
        whole = scan(connection, everything, mapped.data_map, person, progress=progress)
    if whole is not None and whole.problem:
        problems.append(whole.problem)
    return Rehearsal(lines=lines, problem="; ".join(problems), scan=whole)


def _everything(connection: sa.Connection, prepared: PreparedMap) -> Schema:
    """The tables of every schema that we may enter: a full scan leaves none out."""
    known = prepared.reach.schema
    others = other_schemas(connection, known.schemas)
    return reflect(connection, schemas=(*known.schemas, *others)) if others else known


def _broken_references(connection: sa.Connection) -> set[str]:
    """Check what would be checked at COMMIT only: a rehearsal never gets there."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    elif connection.dialect.name == "sqlite":
        return {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    return set()
