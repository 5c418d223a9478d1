"""Who might be meant: rows of the subject's table by identifier, namesakes, other addresses, and people without a row."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from services.database.address_book import AddressBook
from services.database.conditions import Conditions
from services.database.person import Person
from services.database.reach import Reach
from services.database.schema import is_text
from services.domain.identity import EMAIL, Candidate, Identifier, mask, opaque, spellings

MOST = 20
_NAMES_PEOPLE = ("name", "mail", "phone", "address", "street")


def find(
    connection: sa.Connection,
    reach: Reach,
    person: Person,
    emails: tuple[str, ...],
    *,
    system: str,
    label: str,
) -> tuple[Candidate, ...]:
    """Return every record that might be the person's, masked. Reads only; of namesakes at most `MOST`."""
    finder = _Finder(connection, reach, person, system=system, label=label)
    rows = finder.rows_of_identifiers()
    namesakes = finder.namesakes(rows)
    carried = {spelling for row in rows for email in finder.emails(row) for spelling in spellings(email)}
    loose = [email for email in emails if not carried & set(spellings(email))]
    known = carried | {spelling for email in emails for spelling in spellings(email)}
    return (
        *(finder.candidate(row, reason=f"same address in {label}", sharing=len(rows)) for row in rows),
        *(finder.namesake(row) for row in namesakes),
        *finder.other_addresses(rows, known),
        *(one for email in loose if (one := finder.only_soft(email)) is not None),
    )


class _Finder:
    def __init__(
        self, connection: sa.Connection, reach: Reach, person: Person, *, system: str, label: str
    ) -> None:
        self.connection, self.reach, self.person = connection, reach, person
        self.system, self.label = system, label
        self.subject = reach.data_map.subject
        self.conditions = Conditions(reach, person.shape)
        self.table = reach.schema.tables[self.subject.table]
        self.key = self.table.c[self.subject.key]
        self.book = AddressBook(connection, reach)
        self.email_column = dict(self.subject.identify).get("email", "")

    def email(self, row: sa.RowMapping) -> str:
        return next(iter(self.emails(row)), "")

    def emails(self, row: sa.RowMapping) -> tuple[str, ...]:
        """Every address that the row is known by, its own first."""
        own = str(row[self.email_column] or "") if self.email_column else ""
        others = (value for kind, value, _ in self.book.of(row[self.subject.key]) if kind == "email")
        return tuple(one for one in (own, *others) if one)

    def rows_of_identifiers(self) -> list[sa.RowMapping]:
        ways = [self.conditions.reached(self.subject.table)]
        ways += [self.conditions.carries(self.table.c[name], (kind,)) for kind, name in self.subject.identify]
        ways += self.book.keys_of(self.person)
        return self._rows(sa.or_(*ways), self.person)

    def namesakes(self, rows: list[sa.RowMapping]) -> list[sa.RowMapping]:
        if not self.subject.same_name:
            return []
        names = {
            str(row[self.subject.same_name]).strip().lower() for row in rows if row[self.subject.same_name]
        }
        known = [row[self.subject.key] for row in rows]
        folded = sa.func.lower(self.table.c[self.subject.same_name])
        where = sa.and_(folded.in_(names), self.key.not_in(known))
        return self._rows(where, self.person, most=MOST) if names else []

    def candidate(self, row: sa.RowMapping, *, reason: str, sharing: int = 1, warning: str = "") -> Candidate:
        warnings = [warning] if warning else []
        if sharing > 1:
            warnings.append(f"{sharing} records carry one of these addresses: decide on each.")
        source = f"{self.label}, {self.subject.table}"
        identifiers = [
            Identifier(
                kind=self.subject.kind, value=str(row[self.subject.key]), system=self.system, source=source
            )
        ]
        identifiers += [
            Identifier(kind=kind, value=str(row[name]).strip(), source=source)
            for kind, name in self.subject.identify
            if row[name] is not None and str(row[name]).strip()
        ]
        identifiers += [
            Identifier(kind=kind, value=value, source=f"{self.label}, {table}")
            for kind, value, table in self.book.of(row[self.subject.key])
        ]
        identifiers += self._held_by(row, source)
        return Candidate(
            system=self.system,
            key=f"{self.subject.table}:{opaque(row[self.subject.key])}",
            reason=reason,
            shown=self._shown(row),
            identifiers=tuple(identifiers),
            warnings=tuple(warnings),
        )

    def namesake(self, row: sa.RowMapping) -> Candidate:
        warning = "Same name, other address: it may be somebody else."
        return self.candidate(row, reason="same name, other address", warning=warning)

    def other_addresses(self, rows: list[sa.RowMapping], known: set[str]) -> Iterator[Candidate]:
        """Addresses in the rows of these customers that nobody named yet, e.g. an old one in an order: proposed only."""
        for row in rows:
            person = self._only(row)
            conditions = Conditions(self.reach, person.shape)
            for rule in self.reach.order:
                table = self.reach.schema.tables[rule.table]
                named = dict.fromkeys(
                    [
                        *(column for column, kind in rule.by if kind == "email"),
                        *(one.column for one in rule.columns if "mail" in one.column.lower()),
                    ]
                )
                for name in named if rule.table != self.subject.table else ():
                    if not is_text(table.c[name]):
                        continue
                    query = (
                        sa.select(table.c[name]).where(conditions.reached(rule.table)).distinct().limit(MOST)
                    )
                    for value in self._execute(query, person).scalars():
                        email = str(value or "").strip()
                        if EMAIL.fullmatch(email) and not known & set(spellings(email)):
                            known |= set(spellings(email))
                            yield self._other_address(row, rule.table, email)

    def _other_address(self, row: sa.RowMapping, table: str, email: str) -> Candidate:
        source = f"{self.label}, {table}"
        return Candidate(
            system=self.system,
            key=f"{table}:{opaque(email)}",
            reason=f"another address in {table} of {self.subject.table} {opaque(row[self.subject.key])}",
            shown=mask(email),
            identifiers=(Identifier(kind="email", value=email, source=source),),
            warnings=("Another address in this customer's records: it may be somebody else's.",),
        )

    def only_soft(self, email: str) -> Candidate | None:
        """Somebody without a row of their own: one candidate for the address, named after its first row."""
        found = self._soft(email)
        if not found:
            return None
        (table, first), *_ = ((table, first) for table, (_, first) in found.items())
        return Candidate(
            system=self.system,
            key=f"{table}:{opaque(first)}",
            reason=f"known only by address in {self.label}",
            shown=f"{mask(email)} · no account · {self._listed(found)}",
            identifiers=(Identifier(kind="email", value=email, source=f"{self.label}, {table}"),),
        )

    def _held_by(self, row: sa.RowMapping, source: str) -> list[Identifier]:
        """The keys of rows that this customer's rows refer to: needed to prove that they are gone."""
        person = self._only(row)
        conditions = Conditions(self.reach, person.shape)
        found: list[Identifier] = []
        for table, links in self.reach.held.items():
            key = self.reach.schema.tables[table].c[links[0].referred[0]]
            query = sa.select(key).where(conditions.is_held(table)).order_by(key)
            found += [
                Identifier(kind=f"{table}.{key.name}", value=str(value), system=self.system, source=source)
                for value in self._execute(query, person).scalars()
            ]
        return found

    def _only(self, row: sa.RowMapping) -> Person:
        nobody = dict.fromkeys(self.person.others, ())
        return replace(self.person, roots=(row[self.subject.key],), emails=(), others=nobody, held={})

    def _execute(self, query: sa.Select[Any], person: Person) -> sa.Result[Any]:
        wanted = query.compile(dialect=self.connection.dialect).params
        values = person.bound()
        bound = {name: values[name] for name in wanted if name.startswith("dd_")}
        return self.connection.execute(query, bound)

    def _rows(
        self, where: sa.ColumnElement[bool], person: Person, *, most: int | None = None
    ) -> list[sa.RowMapping]:
        names = [self.subject.key, *(name for _, name in self.subject.identify), *self.subject.display]
        names += [self.subject.same_name] if self.subject.same_name else []
        columns = [self.table.c[name] for name in dict.fromkeys(names)]
        query = sa.select(*columns).where(where).order_by(self.key).limit(most)
        return list(self._execute(query, person).mappings())

    def _shown(self, row: sa.RowMapping) -> str:
        parts = [mask(self.email(row))] if self.email(row) else []
        for name in self.subject.display:
            value = row[name]
            if value is not None:
                hide = "@" in str(value) or any(word in name.lower() for word in _NAMES_PEOPLE)
                parts.append(f"{name}: {mask(str(value)) if hide else str(value)[:40]}")
        found = self._soft(self.email(row)) if self.email(row) else {}
        return " · ".join([*parts, *([self._listed(found)] if found else [])])

    @staticmethod
    def _listed(found: dict[str, tuple[int, str]]) -> str:
        return ", ".join(f"{number} in {table} by address" for table, (number, _) in found.items())

    def _soft(self, email: str) -> dict[str, tuple[int, str]]:
        """Return per table how many rows carry the address without a key, and the smallest of their keys."""
        found: dict[str, tuple[int, str]] = {}
        nobody = dict.fromkeys(self.person.others, ())
        person = replace(self.person, roots=(), emails=spellings(email), others=nobody, held={})
        conditions = Conditions(self.reach, person.shape)
        for rule in self.reach.order:
            if not rule.is_found_by_itself:
                continue
            table = self.reach.schema.tables[rule.table]
            keys = list(table.primary_key.columns)
            first: sa.ColumnElement[Any] = sa.func.min(keys[0]) if keys else sa.literal_column("'-'")
            query = (
                sa.select(sa.func.count(), first).select_from(table).where(conditions.found_by_address(rule))
            )
            number, key = tuple(self._execute(query, person).one())
            if number:
                found[rule.table] = (number, str(key))
        return found
