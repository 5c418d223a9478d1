"""Warnings at the last moment before a deletion: declared questions in SQL, asked about the chosen customer."""

from collections.abc import Iterable

import sqlalchemy as sa

from services.domain.identity import Identity
from services.system_entries import WarnConfig


def warned(
    connection: sa.Connection,
    questions: Iterable[WarnConfig],
    *,
    keys: Iterable[object],
    emails: Iterable[str],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is to be warned of and what blocks; `{count}` in a text is filled with what was counted.

    Ask in a transaction that cannot write. Raises SQLAlchemyError for a question that the database does not take.
    """
    warnings: list[str] = []
    blocks: list[str] = []
    known, addresses = tuple(keys), tuple(emails)
    for one in questions:
        number = counted(connection, one.count, keys=known, emails=addresses)
        if number:
            (blocks if one.blocks else warnings).append(one.text.replace("{count}", str(number)))
    return tuple(warnings), tuple(blocks)


def counted(
    connection: sa.Connection, sql: str, *, keys: Iterable[object], emails: Iterable[str] = ()
) -> int:
    """Return what a SELECT of one number counts, added up over the keys or addresses that it asks about."""
    statement = sa.text(sql)
    name = next(iter(statement.compile().params))
    values = keys if name == "key" else emails
    return sum(int(connection.execute(statement, {name: one}).scalar() or 0) for one in values)


def addresses(identity: Identity) -> tuple[str, ...]:
    """Return the addresses as questions compare them: in small letters."""
    return tuple(dict.fromkeys(one.lower() for one in identity.emails))
