"""The hash chain in the store: one entry at a time, with a head that exposes what was cut off at the end."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from services.domain.case import State
from services.domain.ledger import Entry, Sealed, flaws, seal
from services.storage.records import ledger_columns, sealed_of
from services.storage.tables import CASES, LEDGER, LEDGER_HEAD, in_utc

_HEAD = 1
_STATES = frozenset(State)


def lock_head(connection: Connection) -> tuple[int, str]:
    """Return (seq, hash) of the newest entry, and keep everybody else from appending until the transaction ends.

    SQLite has one writer anyway. On PostgreSQL the row is locked, so that the chain is strictly serial.
    """
    head = connection.execute(
        select(LEDGER_HEAD.c.seq, LEDGER_HEAD.c.hash).where(LEDGER_HEAD.c.id == _HEAD).with_for_update()
    ).one()
    return head.seq, head.hash


def append(connection: Connection, entry: Entry, *, key: bytes) -> Sealed:
    """Chain the entry to the head and move the head, in the caller's transaction."""
    seq, previous = lock_head(connection)
    # In UTC before it is hashed: that is how it comes back.
    sealed = seal(replace(entry, at=in_utc(entry.at)), key=key, seq=seq + 1, previous=previous)
    connection.execute(insert(LEDGER).values(ledger_columns(sealed)))
    connection.execute(
        update(LEDGER_HEAD).where(LEDGER_HEAD.c.id == _HEAD).values(seq=sealed.seq, hash=sealed.hash)
    )
    return sealed


def chain(connection: Connection, case_id: str | None = None) -> tuple[Sealed, ...]:
    """Return the entries in order, all or those of one case."""
    query = select(LEDGER).order_by(LEDGER.c.seq)
    if case_id is not None:
        query = query.where(LEDGER.c.case_id == case_id)
    return tuple(sealed_of(row) for row in connection.execute(query))


def all_flaws(connection: Connection, *, key: bytes) -> tuple[str, ...]:
    """Return what is wrong with the chain, its head, or a case that does not stand where its entries left it."""
    entries = chain(connection)
    head = connection.execute(
        select(LEDGER_HEAD.c.seq, LEDGER_HEAD.c.hash).where(LEDGER_HEAD.c.id == _HEAD)
    ).first()
    found = list(flaws(entries, key=key, head=(head.seq, head.hash) if head else (0, "")))
    if head is None:
        found.append("the ledger's head is missing")
    return (*found, *_strays(connection, entries))


def _strays(connection: Connection, entries: Iterable[Sealed]) -> list[str]:
    """Compare each case's row with its last moving entry: the one that brought it to its version."""
    found: list[str] = []
    versions: dict[str, int] = {}
    states: dict[str, str] = {}
    for sealed in entries:
        entry = sealed.entry
        known = versions.get(entry.case_id, 0)
        if entry.version <= known:
            continue  # a note: it moved nothing
        if entry.version != known + 1:
            found.append(f"case {entry.case_id}: no entry for version {known + 1}")
        versions[entry.case_id] = entry.version
        if entry.after in _STATES:
            states[entry.case_id] = entry.after
    rows = connection.execute(select(CASES.c.id, CASES.c.version, CASES.c.state))
    for row in rows:
        last = versions.pop(row.id, 0)
        if row.version != last:
            found.append(f"case {row.id} is at version {row.version}, its last entry says {last}")
        elif states.get(row.id, row.state) != row.state:
            found.append(f"case {row.id} is {row.state}, its last entry says {states[row.id]}")
    return [*found, *(f"case {case_id} is in the ledger and not in the store" for case_id in versions)]
