"""Identifiers that stand in a table of their own (`identify: {email: user_emails.address}`): from them to keys and back."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from services.database.comparing import fold
from services.database.fitting import referring
from services.database.person import Person
from services.database.reach import Reach


class AddressBook:
    """Reads the tables that a map names under `identify` besides the subject's own columns."""

    def __init__(self, connection: sa.Connection, reach: Reach) -> None:
        self._connection, self._reach = connection, reach
        self._subject = reach.data_map.subject

    def keys_of(self, person: Person) -> Iterator[sa.ColumnElement[bool]]:
        """Yield the conditions that a subject's row is the one to which an identifier of the person refers."""
        key = self._reach.schema.tables[self._subject.table].c[self._subject.key]
        for kind, name, column in self._subject.elsewhere:
            value = self._reach.schema.tables[name].c[column]
            wanted = person.emails if kind == "email" else person.others.get(kind, ())
            folded = fold(value, kind=self._reach.schema.kind, plain=person.is_plain)
            for one in self._referring(name):
                yield key.in_(sa.select(one).where(folded.in_(wanted)))

    def of(self, key: Any) -> list[tuple[str, str, str]]:
        """Return (kind, value, table) of every identifier that refers to the key; what is no address is no e-mail."""
        found: list[tuple[str, str, str]] = []
        for kind, name, column in self._subject.elsewhere:
            value = self._reach.schema.tables[name].c[column]
            mine = sa.or_(*(one == key for one in self._referring(name)))
            query = sa.select(value).where(mine, value.is_not(None)).order_by(value)
            values = (str(one).strip() for one in self._connection.execute(query).scalars())
            found += [(kind, one, name) for one in values if kind != "email" or "@" in one]
        return found

    def _referring(self, name: str) -> list[sa.Column[Any]]:
        columns = referring(self._reach.data_map, self._reach.schema, name)
        return [self._reach.schema.tables[name].c[one] for one in columns]
