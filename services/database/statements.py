"""The SQL of one map: set-based statements built once, every value bound, every name quoted by SQLAlchemy."""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from services.database.comparing import Condition, negated
from services.database.conditions import Conditions
from services.database.json_paths import JsonColumn
from services.database.map_model import TableRule
from services.database.person import Shape
from services.database.reach import Reach
from services.database.schema import Link, is_text

SHARED = "also used by other people"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Query:
    """A count of rows, the sum of its selects. `says` names it in words when the number is not as it should be.

    `is_scan` marks one that may have to look at every row of its table, `column` is where an identifier is looked for.
    `is_guarded`: the database itself refuses a change that this would have told of, or the look at what is left finds the
    same rows, so that an erasure need not ask before it begins.
    """

    table: str
    says: str
    selects: tuple[sa.Select[int], ...]
    is_scan: bool = False
    column: str = ""
    is_guarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One (table, action) pair of a plan and the count behind it; `ground` and `until` where rows are kept.

    `is_guarded` as with a query.
    """

    table: str
    action: str
    selects: tuple[sa.Select[int], ...]
    ground: str = ""
    until: str = ""
    is_guarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One statement of an erasure. `action` is "" where it prepares the customer's own rows and counts for no pair.

    `repeats` is true for a tree that the database deletes row by row: leaves first, until nothing is left to delete.
    """

    table: str
    action: str
    statement: sa.Update | sa.Delete
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Everything that is ever sent for one map and one shape of person, but for finding candidates.

    `collects` read the keys of rows that the customer's rows refer to. `lines` count for the plan; `obstacles` count
    what must be zero before an erasure may begin; `changes` erase, in order; `leftovers` count what must be zero
    afterwards, by the frozen keys and by every identifier. `deferred` are constraints to be checked at the end.
    """

    lock: sa.Select[int]
    collects: tuple[tuple[str, sa.Select[Any]], ...]
    lines: tuple[Line, ...]
    obstacles: tuple[Query, ...]
    changes: tuple[Change, ...]
    leftovers: tuple[Query, ...]
    deferred: tuple[str, ...]


def build(reach: Reach, shape: Shape) -> Statements:
    """Return the statements for every person of that shape."""
    return _Builder(reach, shape).build()


class _Builder:
    def __init__(self, reach: Reach, shape: Shape) -> None:
        self.reach = reach
        self.conditions = Conditions(reach, shape)
        self.tables = reach.schema.tables
        self.subject = reach.data_map.subject
        self.kinds = tuple(kind for kind, _ in shape.kinds)

    def build(self) -> Statements:
        root = self.tables[self.subject.table]
        lock: sa.Select[int] = (
            sa.select(sa.literal_column("1")).select_from(root).where(self.reached(self.subject.table))
        )
        return Statements(
            lock=lock.with_for_update(),
            collects=tuple(self._collects()),
            lines=tuple(self._lines()),
            obstacles=tuple(self._obstacles()),
            changes=tuple(self._changes()),
            leftovers=tuple(self._leftovers()),
            deferred=tuple(sorted(link.name for link in self.reach.deferred)),
        )

    def reached(self, name: str) -> Condition:
        return self.conditions.reached(name)

    def _collects(self) -> list[tuple[str, sa.Select[Any]]]:
        return [
            (name, sa.select(self.tables[name].c[links[0].referred[0]]).where(self.conditions.is_held(name)))
            for name, links in sorted(self.reach.held.items())
        ]

    def _lines(self) -> list[Line]:
        lines: list[Line] = []
        for rule in reversed(self.reach.order):
            if rule.holds_nobody:
                continue
            dirty = [self.conditions.dirty(rule)] if rule.action == "anonymise" else []
            selects = self._counts(rule.table, *dirty)
            lines.append(
                Line(
                    table=rule.table,
                    action=rule.action,
                    selects=selects,
                    ground=rule.ground,
                    until=rule.until,
                )
            )
        for link in self.reach.unlinks:
            if link.emptied:
                selects = (self._count(link.child, self.conditions.foreign(link)),)
                guarded = self._is_guarded(link)
                lines.append(Line(table=link.child, action="unlink", selects=selects, is_guarded=guarded))
        for name in self.reach.held:
            shared = sa.and_(self.conditions.is_held(name), negated(self.reached(name)))
            lines.append(Line(table=name, action="keep", selects=(self._count(name, shared),), ground=SHARED))
        return lines

    def _obstacles(self) -> list[Query]:
        queries = [
            Query(
                table=link.child,
                says=f"rows in {link.child} that are not this customer's refer to {link.parent} ({link}), must not be NULL",
                selects=(self._count(link.child, self.conditions.foreign(link)),),
                is_guarded=self._is_guarded(link),
            )
            for link in self.reach.unlinks
            if not link.emptied and not link.is_soft
        ]
        for table, column, kinds, says in self._places():
            carried = self._carried(table, column, kinds, says, negated(self.reached(table)))
            queries += [replace(one, is_guarded=True) for one in carried]
        return queries

    def _is_guarded(self, link: Link) -> bool:
        """Whether deleting what the link refers to fails while it is referred to.

        Certain on SQLite, where the connection switches foreign keys on; elsewhere a constraint may be declared and
        not enforced.
        """
        return self.reach.schema.kind == "sqlite" and not link.is_soft and link.on_delete in {"", "RESTRICT"}

    def _changes(self) -> list[Change]:
        changes: list[Change] = []
        for link in self.reach.unlinks:
            if not link.emptied:
                continue
            table, values = self.tables[link.child], dict.fromkeys(link.emptied)
            empty = sa.update(table).where(self.conditions.foreign(link)).values(values)
            changes.append(Change(table=link.child, action="unlink", statement=empty))
            if link in self.reach.breaks:
                own = sa.and_(self.conditions.refers(link), self.reached(link.child))
                changes.append(
                    Change(table=link.child, action="", statement=sa.update(table).where(own).values(values))
                )
        for rule in self.reach.order:
            changes += self._deletes(rule) if rule.action == "delete" else self._updates(rule)
        return changes

    def _deletes(self, rule: TableRule) -> list[Change]:
        table = self.tables[rule.table]
        if self.reach.schema.kind == "mysql" and rule.table in self.reach.trees:
            leaves = [self.conditions.is_leaf(link) for link in self.reach.trees[rule.table]]
            delete = sa.delete(table).where(self.reached(rule.table), *leaves)
            return [Change(table=rule.table, action="delete", statement=delete, repeats=True)]
        # Rows of a table that refers to itself may refer to each other: they go together.
        is_tied = any(link.child == link.parent == rule.table for link in self.reach.schema.links)
        ways = (self.reached(rule.table),) if is_tied else self.conditions.ways(rule.table)
        return [
            Change(table=rule.table, action="delete", statement=sa.delete(table).where(way)) for way in ways
        ]

    def _updates(self, rule: TableRule) -> list[Change]:
        if not rule.columns:
            return []
        values = {one.column: self.conditions.new_value(rule, one).value() for one in rule.columns}
        update = sa.update(self.tables[rule.table]).where(self.conditions.dirty(rule)).values(values)
        return [
            Change(table=rule.table, action=rule.action, statement=update.where(way))
            for way in self.conditions.ways(rule.table)
        ]

    def _leftovers(self) -> list[Query]:
        queries: list[Query] = []
        for rule in self.reach.order:
            if rule.action == "keep":
                continue
            dirty = [self.conditions.dirty(rule)] if rule.action == "anonymise" else []
            says = (
                f"rows in {rule.table} are still {'there' if rule.action == 'delete' else 'not anonymised'}"
            )
            queries.append(Query(table=rule.table, says=says, selects=self._counts(rule.table, *dirty)))
        for table, column, kinds, _ in self._places():
            says = f"rows in {table} still carry an address of the customer's"
            queries += self._carried(table, column, kinds, says)
        return queries

    def _places(self) -> list[tuple[str, sa.ColumnElement[Any], tuple[str, ...], str]]:
        """Every mapped column that may hold an identifier: (table, column, kinds, what it means before a run)."""
        places: list[tuple[str, sa.ColumnElement[Any], tuple[str, ...], str]] = []
        root = self.tables[self.subject.table]
        for kind, name in self.subject.identify:
            says = f"rows in {root.key} carry an address of this customer's, but were not chosen as theirs"
            places.append((self.subject.table, root.c[name], (kind,), says))
        seen = {name for _, name in self.subject.identify}
        for rule in self.reach.order:
            for one in rule.columns:
                column = self.tables[rule.table].c[one.column]
                if rule.table == self.subject.table and one.column in seen:
                    continue
                says = (
                    f"rows in {rule.table} carry an address of this customer's in {one.column}, but belong to somebody "
                    f"else (if they should be treated too, add `by: {{{one.column}: email}}`)"
                )
                if one.action == "json":
                    inside = JsonColumn(column, one.paths, kind=self.reach.schema.kind).texts()
                    places += [(rule.table, text, self.kinds, says) for text in inside]
                elif is_text(column):
                    places.append((rule.table, column, self.kinds, says))
        return places

    def _carried(
        self, table: str, column: sa.ColumnElement[Any], kinds: tuple[str, ...], says: str, *more: Condition
    ) -> list[Query]:
        """Rows that carry an identifier: where the index knows case, a quick look at small letters and a thorough one."""
        index = self.conditions.index_for(column)
        whole = self._count(table, sa.and_(self.conditions.carries(column, kinds), *more))
        name = str(getattr(column, "name", says))
        found = [Query(table=table, says=says, selects=(whole,), is_scan=index != "folded", column=name)]
        if index == "plain":
            quick = self._count(table, sa.and_(self.conditions.equals(column, kinds), *more))
            found.append(Query(table=table, says=says, selects=(quick,), column=name))
        return found

    def _counts(self, table: str, *more: Condition) -> tuple[sa.Select[int], ...]:
        """Count the customer's rows, each once: by the first way, by the second but not the first, and so on."""
        ways = self.conditions.ways(table)
        return tuple(
            self._count(table, sa.and_(way, *self._not_yet(ways[:number]), *more))
            for number, way in enumerate(ways)
        )

    @staticmethod
    def _not_yet(ways: tuple[Condition, ...]) -> list[Condition]:
        return [negated(sa.or_(*ways))] if ways else []

    def _count(self, table: str, where: Condition) -> sa.Select[int]:
        return sa.select(sa.func.count()).select_from(self.tables[table]).where(where)
