"""Who refers to whom in a database that does not say: references without a foreign key, guessed and tried on values."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.database.roles import ACTED, Role, role_of
from services.database.schema import Schema, is_unique
from services.database.signs import Sign, singular, word_set, words
from services.database.survey import MOST_COMPARED, TableView, as_key, hits

CERTAIN = 0.9  # the share of compared values that has to be found in the other table
LIKELY = 0.5
_ENDINGS = ("id", "ids", "uuid", "guid", "key", "ref", "no", "fk", "pk", "number")
_BEINGS = ("principal", "party")
_TYPES = ("type", "kind", "class", "model", "table", "entity")
_PEOPLE = word_set(
    "user customer member owner author sender recipient requester requestor reporter person account contact client "
    "profile holder participant subscriber buyer payer poster guest patient watcher principal submitter"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One reference: a declared foreign key, or a guess with its reason.

    Of a composite key `column` is the one that can be emptied, or the first; `name` joins them all. `when` is (column, value): the reference counts only where another column says what kind of thing it is.
    """

    child: str
    column: str
    parent: str
    referred: str
    role: Role
    nullable: bool
    declared: bool
    why: str
    when: tuple[str, Any] | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.child}.{self.name or self.column}"


def declared(schema: Schema, subject: str) -> tuple[Relation, ...]:
    """Return the foreign keys as relations, composite ones by their first column."""
    return tuple(
        Relation(
            child=link.child,
            column=(*link.emptied, *link.columns)[0],
            name="+".join(link.columns),
            parent=link.parent,
            referred=link.referred[0],
            role=role_of("_".join(link.columns), schema.tables[link.child], about=base(subject, schema))
            if link.parent == subject
            else Role.OWNS,
            nullable=bool(link.emptied),
            declared=True,
            why=f"foreign key {link}",
        )
        for link in schema.links
    )


def base(table: str, schema: Schema) -> str:
    """Return the table's name as columns speak of it: without schema, common prefix and plural ("user")."""
    name = table.rpartition(".")[2]
    first = Counter(other.rpartition(".")[2].split("_")[0] for other in schema.tables)
    prefix, number = first.most_common(1)[0]
    is_common = number >= 4 and number > len(schema.tables) * 0.4 and singular(prefix) not in _PEOPLE
    if is_common and name.startswith(f"{prefix}_"):
        name = name[len(prefix) + 1 :]
    parts = words(name)
    return "".join((*parts[:-1], singular(parts[-1]))) if parts else name.lower()


class Guesser:
    """Tries every column that no foreign key explains against the keys of the tables that it may mean."""

    def __init__(
        self, connection: sa.Connection, schema: Schema, views: dict[str, TableView], subject: str
    ) -> None:
        self._connection, self._schema, self._views = connection, schema, views
        self._subject = subject
        # Tables of the customers' own schema come first where two schemas use the same name.
        home = subject.rpartition(".")[0]
        ordered = sorted(schema.tables, key=lambda name: (name.rpartition(".")[0] == home, name))
        self._bases = {base(name, schema): name for name in ordered}
        self._about = base(subject, schema)

    def of(self, view: TableView) -> list[Relation]:
        """Return the guessed references of one table."""
        found = self._same_being(view) if view.name == self._subject else []
        explained = {one.parent.name for key in view.table.foreign_key_constraints for one in key.elements}
        for column in view.columns.values():
            if column.name in explained or isinstance(column.column.type, sa.LargeBinary | sa.Boolean):
                continue
            polymorphic = self._polymorphic(view, column.name)
            found += polymorphic
            if not polymorphic and (one := self._plain(view, column.name)) is not None:
                found.append(one)
        return found

    def _same_being(self, view: TableView) -> list[Relation]:
        """Where users are principals too, both rows share one key."""
        own, found = self._key(view.name), []
        for name in sorted(self._views):
            key = self._key(name)
            if own is None or key is None or base(name, self._schema) not in _BEINGS:
                continue
            values = view.columns[own.name].values
            if values and hits(self._connection, key, values) == min(len(values), MOST_COMPARED):
                why = f"a row of {view.name} is one of {name} too: all sampled keys are the same"
                found.append(self._relation(view, own.name, name, key, why))
        return found

    def _plain(self, view: TableView, name: str) -> Relation | None:
        column = view.columns[name]
        parent, sure = self._named(name, view.name)
        own = [one.name for one in view.table.primary_key.columns] == [name]
        if own and (parent is None or parent == view.name):
            return None
        if parent is None:
            return self._by_values(view, name)
        key = self._key(parent)
        if key is None:
            return None
        values = [one for one in column.values if not _is_nothing(one)]
        compared = min(len({str(one) for one in values}), MOST_COMPARED)
        number = hits(self._connection, key, values)
        if compared and number < (CERTAIN if not sure else LIKELY) * compared:
            return None
        if not compared and not sure:
            return None
        why = (
            f"{number} of {compared} sampled values are keys of {parent}"
            if compared
            else "by its name only: no values"
        )
        return self._relation(view, name, parent, key, why)

    def _by_values(self, view: TableView, name: str) -> Relation | None:
        """Long text ids (UUIDs and the like) and user names speak for themselves, whatever the column is called."""
        column = view.columns[name]
        is_plain = isinstance(column.column.type, sa.String | sa.Uuid) and not isinstance(
            column.column.type, sa.Enum
        )
        if (
            not is_plain
            or view.name == self._subject
            or not column.values
            or column.is_a(Sign.EMAIL, Sign.NAME)
        ):
            return None
        for key in self._speaking_keys():
            values = [one for one in column.values if len(str(one)) >= 3 and not str(one).isdigit()]
            compared = min(len({str(one) for one in values}), MOST_COMPARED)
            if not compared or as_key(values[0], key) is None:
                continue
            number = hits(self._connection, key, values)
            if number >= max(1, LIKELY * compared):
                why = f"{number} of {compared} sampled values stand in {self._subject}.{key.name}"
                return self._relation(view, name, self._subject, key, why)
        return None

    def _speaking_keys(self) -> list[sa.Column[Any]]:
        view = self._views[self._subject]
        key = self._key(self._subject)
        logins = [
            one.column
            for one in view.columns.values()
            if one.is_a(Sign.LOGIN) and is_unique(view.table, one.name)
        ]
        keys = [key] if key is not None and not isinstance(key.type, sa.Integer | sa.Numeric) else []
        return [*keys, *logins]

    def _polymorphic(self, view: TableView, name: str) -> list[Relation]:
        stem = _stem(name, _ENDINGS)
        kinds = [one for one in view.columns.values() if one.name != name and _stem(one.name, _TYPES) == stem]
        if stem is None or not kinds:
            return []
        found: list[Relation] = []
        for kind in kinds[0].values:
            parent = self._meant(str(kind))
            key = self._key(parent) if parent else None
            if parent is not None and key is not None and parent != view.name:
                why = f"{kinds[0].name} says what {name} is: {kind!r} is {parent}"
                found.append(self._relation(view, name, parent, key, why, when=(kinds[0].name, kind)))
        return found

    def _meant(self, kind: str) -> str | None:
        """Return the table of "RT::Ticket", "app.models.Order" or "user"."""
        last = words(re.split(r"::|[\\\\./:]", kind)[-1])
        return self._bases.get("".join((*last[:-1], singular(last[-1])))) if last else None

    def _named(self, name: str, table: str) -> tuple[str | None, bool]:
        """Return the table that the column's name speaks of, and whether the name alone suffices."""
        parts = list(words(name))
        joined = "".join(parts)
        has_ending = len(parts) > 1 and parts[-1] in _ENDINGS
        if has_ending:
            parts = parts[:-1]
        elif joined.endswith("id") and len(joined) > 3:
            has_ending, parts = True, [*parts[:-1], parts[-1][:-2]]
        for start in range(len(parts)):
            rest = parts[start:]
            parent = self._bases.get("".join((*rest[:-1], singular(rest[-1]))))
            if parent is not None and has_ending:
                return parent, True
            if parent is not None and parent == self._subject and table != parent:
                return parent, False
        last = singular(parts[-1]) if parts else ""
        speaks_of_people = last in _PEOPLE | ACTED or joined.endswith("by") or (parts and parts[-1] == "by")
        return (self._subject, False) if speaks_of_people else (None, False)

    def _key(self, table: str) -> sa.Column[Any] | None:
        """Return what others refer to: the primary key, or what stands in for one in a table without."""
        of_table = self._schema.tables[table]
        keys = list(of_table.primary_key.columns)
        if len(keys) == 1:
            return keys[0]
        unique = [one for one in of_table.c if is_unique(of_table, one.name)]
        telling = {"id", f"{base(table, self._schema)}id"}
        named = next((one for one in unique if "".join(words(one.name)) in telling), None)
        return named if named is not None else unique[0] if len(unique) == 1 else None

    def _relation(
        self,
        view: TableView,
        name: str,
        parent: str,
        key: sa.Column[Any],
        why: str,
        *,
        when: tuple[str, Any] | None = None,
    ) -> Relation:
        role = role_of(name, view.table, about=self._about) if parent == self._subject else Role.OWNS
        nullable = bool(view.table.c[name].nullable) and not view.table.c[name].primary_key
        return Relation(
            child=view.name, column=name, parent=parent, referred=key.name, role=role,
            nullable=nullable, declared=False, why=why, when=when,
        )  # fmt: skip


def _stem(name: str, endings: tuple[str, ...]) -> str | None:
    """Return "object" for object_id, ObjectId and objectid (or object_type, with those endings), or None."""
    parts = words(name)
    if len(parts) > 1 and parts[-1] in endings:
        return "".join(parts[:-1])
    joined = "".join(parts)
    ending = next((one for one in endings if joined.endswith(one) and len(joined) > len(one) + 1), None)
    return joined[: -len(ending)] if ending is not None and len(ending) > 1 else None


def _is_nothing(value: Any) -> bool:
    """0 and "" stand for nobody in schemas that avoid NULL."""
    return value in {0, "", "0"} if isinstance(value, int | str) else False
