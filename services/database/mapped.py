"""A company's database together with its data map: read once, ready for any person, looked at anew when the schema changes."""

from collections.abc import Iterable

import sqlalchemy as sa

from services.database.connection import CompanyDatabase
from services.database.data_map import DataMap
from services.database.erasure import about
from services.database.fingerprint import fingerprint
from services.database.person import Person, Recogniser
from services.database.prepared import Prepared, PreparedMap
from services.database.reach import trace
from services.database.reflection import reflect
from services.database.trial import check_constraints
from services.domain.identity import Identifier


class MappedDatabase:
    """A database and its map. `system` is the name that its keys carry among a case's identifiers."""

    def __init__(self, database: CompanyDatabase, data_map: DataMap, *, system: str) -> None:
        self.database, self.data_map, self.system = database, data_map, system
        self._known: tuple[str, PreparedMap] | None = None
        self._recogniser: tuple[PreparedMap, Recogniser] | None = None

    def ready(self, connection: sa.Connection) -> PreparedMap:
        """Return the map on the schema as it is now. Raises `DataMapError` when they do not fit."""
        wanted = {rule.table.rpartition(".")[0] for rule in self.data_map.rules} - {""}
        known = self._known
        mark = fingerprint(connection, known[1].reach.schema.schemas) if known else ""
        if known and mark and known[0] == mark:
            return known[1]
        reach = trace(self.data_map, reflect(connection, schemas=sorted(wanted)))
        check_constraints(connection, reach)
        prepared = PreparedMap(reach, connection.dialect)
        self._known = (fingerprint(connection, prepared.reach.schema.schemas), prepared)
        return prepared

    def digest(self, prepared: PreparedMap) -> str:
        """Return a hash of the map's text and of the shape of the tables that it names."""
        schema = prepared.reach.schema.digest(rule.table for rule in self.data_map.rules)
        return f"{self.data_map.digest[:16]}{schema[:16]}"

    def person(self, prepared: PreparedMap, identifiers: Iterable[Identifier]) -> Person:
        """Return the person of these identifiers. Raises `UnusableKeyError` for a key that cannot be one."""
        if self._recogniser is None or self._recogniser[0] is not prepared:
            tables, subject = prepared.reach.schema.tables, self.data_map.subject
            held = {
                table: tables[table].c[links[0].referred[0]] for table, links in prepared.reach.held.items()
            }
            key = tables[subject.table].c[subject.key]
            self._recogniser = (prepared, Recogniser(self.data_map, key, system=self.system, held=held))
        return self._recogniser[1].person(identifiers)

    def about(
        self, connection: sa.Connection, identifiers: Iterable[Identifier]
    ) -> tuple[PreparedMap, Prepared, Person]:
        """Return everything that is needed to count, erase or verify a person. Reads only."""
        prepared = self.ready(connection)
        statements, person = about(connection, prepared, self.person(prepared, identifiers))
        return prepared, statements, person
