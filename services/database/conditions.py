"""Which rows are the customer's, as SQL conditions: by frozen keys, along references, by the identifiers they carry."""

from typing import Any, Literal

import sqlalchemy as sa

from services.database.comparing import (
    Condition,
    among,
    as_it_is,
    comparable,
    fold,
    has_lower_index,
    ignores_case,
    negated,
    typed,
)
from services.database.map_model import BIND, ColumnRule, TableRule
from services.database.person import Shape, ranges
from services.database.reach import Reach, can_be_void
from services.database.schema import Column, Link, is_alike, is_indexed, is_text
from services.database.values import NewValue

_RANGES = len(ranges(""))


class Conditions:
    """The conditions of one map for persons of one shape. Values are always bound (see `Person.bound`)."""

    def __init__(self, reach: Reach, shape: Shape) -> None:
        self.reach, self.shape = reach, shape
        self.tables, self.kind = reach.schema.tables, reach.schema.kind
        self.subject = reach.data_map.subject
        self.kinds = tuple(kind for kind, _ in shape.kinds)
        self._key = self.tables[self.subject.table].c[self.subject.key]
        self._ways: dict[str, tuple[Condition, ...]] = {}

    def ways(self, name: str) -> tuple[Condition, ...]:
        """Return the conditions of which one has to hold for a row to be the customer's.

        Apart, because joined by OR no database would use an index for any of them.
        """
        if name not in self._ways:
            self._ways[name] = tuple(self._ways_to(name)) or (sa.false(),)
        return self._ways[name]

    def reached(self, name: str) -> Condition:
        """Return the condition that a row of the table is the customer's, as one."""
        return sa.or_(*self.ways(name))

    def refers(self, link: Link) -> Condition:
        """Return the condition that a row of the link's child refers to one of the customer's rows in its parent."""
        child, parent = self.tables[link.child], self.tables[link.parent]
        if link.parent == self.subject.table and link.referred == (self.subject.key,):
            # Straight to the frozen key: finds the row even where the customer's own row is gone already.
            return sa.and_(self._is_root(child.c[link.columns[0]]), *self._when(link))
        pairs = [
            (child.c[one], parent.c[other]) for one, other in zip(link.columns, link.referred, strict=True)
        ]
        referred = self._rows(link.parent, *(comparable(other, one) for one, other in pairs))
        columns = [comparable(one, other) for one, other in pairs]
        return sa.and_(self._one_of(columns, referred), *self._when(link))

    def foreign(self, link: Link) -> Condition:
        """Rows that are not the customer's, but refer to a row of theirs."""
        return sa.and_(self.refers(link), negated(self.reached(link.child)))

    def dirty(self, rule: TableRule) -> Condition:
        """Return the condition that an anonymised row still differs from what it should be."""
        return sa.or_(sa.false(), *(self.new_value(rule, one).differs() for one in rule.columns))

    def new_value(self, rule: TableRule, one: ColumnRule) -> NewValue:
        """Return what the column becomes."""
        column = self.tables[rule.table].c[one.column]
        mine: tuple[sa.ColumnElement[Any], ...] = ()
        if one.action == "remove":
            item = getattr(column.type, "item_type", sa.Text())
            if one.value == "key":
                mine = tuple(sa.cast(root, item) for root in self._roots(self._key.type))
            else:
                mine = tuple(sa.cast(value, item) for value in self._values((str(one.value),)))
        return NewValue(column, one, kind=self.kind, mine=mine)

    def carries(self, column: sa.ColumnElement[Any], kinds: tuple[str, ...]) -> Condition:
        """Return the condition that the column equals one of the identifiers of these kinds, whatever its case.

        An index on the column as it is can answer too: the comparison in small letters is joined to ranges (or, where
        the database compares so, to an equality) that hold every spelling.
        """
        values = self._values(kinds)
        if not values:
            return sa.false()
        # Blanks around an address are an import's, not another person's; an index on lower(column) knows it as it is.
        bare = column if self.index_for(column) == "folded" else sa.func.trim(column)
        exact: Condition = fold(bare, kind=self.kind, plain=self.shape.plain).in_(values)
        if not self.shape.plain:
            # As it is spelt, too: what a database's lower() makes of a capital like İ differs from server to server.
            exact = sa.or_(exact, as_it_is(column, kind=self.kind).in_(values))
        if not (isinstance(column, sa.Column) and is_text(column)):
            return exact
        if self.kind == "mysql":
            return sa.and_(column.in_(values), exact) if ignores_case(column) else exact
        if not self.shape.plain or not is_indexed(column.table, (column.name,)):
            return exact
        near = [
            column.between(
                _bound(f"{name}_low{step}"), _bound(f"{name}_high{step}"), symmetric=self._is_postgresql
            )
            for name in self._names(kinds)
            for step in range(_RANGES)
        ]
        return sa.and_(sa.or_(*near), exact)

    def found_by_address(self, rule: TableRule) -> Condition:
        """Return the condition that a row carries an address of the person's by itself, without any key."""
        table = self.tables[rule.table]
        ways = [self.carries(table.c[column], (kind,)) for column, kind in rule.by]
        if set(BIND.findall(rule.match)) == {"email"}:
            ways += self._matches(rule)
        return sa.or_(sa.false(), *ways)

    def equals(self, column: sa.ColumnElement[Any], kinds: tuple[str, ...]) -> Condition:
        """Return the condition that the column equals one of the identifiers, in small letters: a plain look by index."""
        return among(column, self._values(kinds))

    def index_for(self, column: sa.ColumnElement[Any]) -> Literal["folded", "plain", "none"]:
        """Return which index can answer: one that ignores case, one on the column as it is, or none."""
        if not isinstance(column, sa.Column) or not isinstance(column.table, sa.Table):
            return "none"
        if not is_indexed(column.table, (column.name,)):
            return "folded" if has_lower_index(column) else "none"
        ignores = self.kind == "mysql" and ignores_case(column)
        return "folded" if ignores or has_lower_index(column) else "plain"

    def is_leaf(self, link: Link) -> Condition:
        """The condition that none of the customer's other rows in the same table refers to the row."""
        table = self.tables[link.child]
        keys = [table.c[name] for name in link.referred]
        others = sa.or_(
            *(table.c[one] != table.c[other] for one, other in zip(link.columns, link.referred, strict=True))
        )
        filled = [table.c[name].is_not(None) for name in link.columns]
        above = sa.select(*(table.c[name] for name in link.columns)).where(
            self.reached(link.child), others, *filled
        )
        return sa.not_(self._one_of(keys, above))

    def is_held(self, table: str) -> Condition:
        """The condition that a row is one to which a customer's row refers, or referred."""
        ways: list[Condition] = []
        for link in self.reach.held.get(table, ()):
            keys = [self.tables[table].c[name] for name in link.referred]
            child = self.tables[link.child]
            held = sa.select(*(child.c[name] for name in link.columns)).where(
                self.reached(link.child), *self._when(link)
            )
            ways += [self._one_of(keys, held), among(keys[0], self._held(table, keys[0]))]
        return sa.or_(sa.false(), *ways)

    def _ways_to(self, name: str) -> list[Condition]:
        table = self.tables[name]
        if name == self.subject.table:
            return [self._is_root(self._key)]
        owners = self.reach.owners[name]
        ways = [self.refers(link) for link in owners]
        ownerless = sa.and_(sa.true(), *(self._is_void(link) for link in owners))
        if all(can_be_void(link, self.reach.schema) for link in owners):
            ways += [sa.and_(ownerless, self.refers(link)) for link in self.reach.adopters[name]]
        rule = self.reach.data_map.rule(name)
        if rule is not None:
            ways += self._matches(rule)
            ways += [self.carries(table.c[column], (kind,)) for column, kind in rule.by]
        if name in self.reach.held:
            shared = [self._is_referred_by_others(link) for link in self.reach.sharing[name]]
            ways.append(sa.and_(self.is_held(name), *(sa.not_(one) for one in shared)))
        for link in self.reach.trees.get(name, ()):
            ways.append(sa.and_(ownerless, self._below(link, sa.or_(sa.false(), *ways), owners)))
        return ways

    def _rows(self, name: str, *columns: Any) -> Any:
        """Return a query of these columns of the customer's rows."""
        selects = [sa.select(*columns).where(way) for way in self.ways(name)]
        return selects[0] if len(selects) == 1 else sa.union(*selects)

    def _below(self, link: Link, base: Condition, owners: tuple[Link, ...]) -> Condition:
        """Rows without an owner whose ancestors by a reference to the own table lead to one of the customer's rows."""
        table = self.tables[link.child]
        keys = [table.c[name] for name in link.referred]
        tree = sa.select(*keys).where(base).cte(recursive=True, nesting=True)
        lower = table.alias()
        joined = [
            lower.c[one] == tree.c[other] for one, other in zip(link.columns, link.referred, strict=True)
        ]
        void = [sa.or_(*(lower.c[one].is_(None) for one in owner.columns)) for owner in owners]
        step = sa.select(*(lower.c[name] for name in link.referred)).where(*joined, *void)
        tree = tree.union(step)
        return self._one_of(keys, sa.select(*(tree.c[name] for name in link.referred)))

    def _is_referred_by_others(self, link: Link) -> Condition:
        child, parent = self.tables[link.child], self.tables[link.parent]
        same = [
            child.c[one] == parent.c[other] for one, other in zip(link.columns, link.referred, strict=True)
        ]
        theirs = [negated(self.reached(link.child))] if link.child in self.reach.owners else []
        return sa.exists().where(*same, *self._when(link), *theirs).correlate(parent)

    def _is_void(self, link: Link) -> Condition:
        """The condition that a row has nothing to say by this reference."""
        table = self.tables[link.child]
        empty = sa.or_(*(table.c[column].is_(None) for column in link.columns))
        return sa.or_(empty, *(negated(one) for one in self._when(link)))

    def _when(self, link: Link) -> list[Condition]:
        table = self.tables[link.child]
        return [
            table.c[name].in_([typed(value, table.c[name]) for value in values]) for name, values in link.when
        ]

    def _is_root(self, column: Column) -> Condition:
        if is_alike(column, self._key):
            own = among(column, self._roots(self._key.type))
            if (
                self.kind == "mysql"
                and is_text(column)
                and ignores_case(column)
                and not ignores_case(self._key)
            ):
                # Two customers' keys may differ by case only, and this column would take one for the other.
                return sa.and_(own, among(as_it_is(column, kind=self.kind), self._roots(self._key.type)))
            return own
        texts = [_bound(f"dd_roottext_{n}") for n in range(self.shape.roots)]
        return among(column if is_text(column) else sa.cast(column, sa.Text()), texts)

    def _roots(self, type_: sa.types.TypeEngine[Any]) -> list[sa.BindParameter[Any]]:
        return [sa.bindparam(f"dd_root_{number}", type_=type_) for number in range(self.shape.roots)]

    def _held(self, table: str, key: Column) -> list[sa.BindParameter[Any]]:
        for place, (name, number) in enumerate(self.shape.held):
            if name == table:
                return [sa.bindparam(f"dd_held{place}_{n}", type_=key.type) for n in range(number)]
        return []

    def _names(self, kinds: tuple[str, ...]) -> list[str]:
        return [
            f"dd_id{place}_{number}"
            for place, (kind, count) in enumerate(self.shape.kinds)
            if kind in kinds
            for number in range(count)
        ]

    def _values(self, kinds: tuple[str, ...]) -> list[sa.BindParameter[Any]]:
        return [_bound(name) for name in self._names(kinds)]

    def _matches(self, rule: TableRule) -> list[Condition]:
        """Return the rule's `match` once for each address and key that it can be asked about."""
        names = set(BIND.findall(rule.match))
        emails = self._names(("email",)) if "email" in names else [""]
        keys = [f"dd_root_{number}" for number in range(self.shape.roots)] if "key" in names else [""]
        found: list[Condition] = []
        for email in emails if names else ():
            for key in keys:
                exact = f":{email} COLLATE utf8mb4_bin" if self.kind == "mysql" else f":{email}"
                called = {"email": exact, "key": f":{key}"}
                text = BIND.sub(lambda one, c=called: c[one[1]], rule.match)  # type: ignore[misc]
                typed = [sa.bindparam(email, type_=sa.Text())] if email else []
                typed += [sa.bindparam(key, type_=self._key.type)] if key else []
                found.append(sa.text(f"({text})").bindparams(*typed))  # type: ignore[arg-type]  # the operator's own words
        return found

    def _one_of(self, columns: list[Any], rows: Any) -> Condition:
        rows = rows.correlate(None) if isinstance(rows, sa.Select) else rows
        if self.kind == "mysql":
            # MySQL refuses a subquery on the table that is being changed, unless it is a table of its own.
            rows = sa.select(rows.subquery())
        return (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(rows)

    @property
    def _is_postgresql(self) -> bool:
        return self.kind == "postgresql"


def _bound(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=sa.Text())
