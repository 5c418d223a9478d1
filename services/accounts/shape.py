"""What the account table looks like in the live database, and what closing or removing a row of it would touch."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from services.marked_yaml import nearest
from services.system_entries import AccountConfig

Condition = sa.ColumnElement[bool]
_SPREADS = {"CASCADE", "SET NULL", "SET DEFAULT"}


class AccountRefusedError(Exception):
    """The account service will not act: one sentence with names of tables, keys and triggers, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """`columns` of `child` refer to `referred` of `parent`; `on_delete` in capitals, "" when nothing is declared."""

    child: str
    columns: tuple[str, ...]
    parent: str
    referred: tuple[str, ...]
    on_delete: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The tables, foreign keys and triggers of a database, read at one moment."""

    config: AccountConfig
    tables: dict[str, sa.TableClause]
    foreign_keys: tuple[ForeignKey, ...]
    triggers: tuple[tuple[str, str], ...]  # (table, trigger)
    elsewhere: tuple[
        tuple[str, str, str], ...
    ] = ()  # (table in another schema, table referred to, ON DELETE)
    kind: str = ""  # the SQL dialect

    @property
    def account(self) -> sa.TableClause:
        """The account table."""
        return self.tables[self.config.table]

    @property
    def key(self) -> sa.ColumnClause[Any]:
        """The account table's key column."""
        return self.account.c[self.config.key]

    @property
    def shrinking(self) -> tuple[str, ...]:
        """The tables from which rows are deleted."""
        own = (self.config.table,) if self.config.mode == "remove" else ()
        return (*self.config.also_delete, *own)

    def exactly(self, text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Return a text compared by every character: MariaDB's usual collations take ü for u."""
        if self.kind not in {"mysql", "mariadb"}:
            return text
        return sa.collate(sa.cast(text, mysql.CHAR(charset="utf8mb4")), "utf8mb4_bin")

    def is_account(self, keys: Iterable[Any]) -> Condition:
        """The condition that a row of the account table is one of these accounts."""
        return self.key.in_(list(keys))

    def belongs(self, name: str, keys: Iterable[Any]) -> Condition:
        """The condition that a row of a declared table refers to one of these accounts."""
        known = tuple(keys)
        condition = dict(self.config.matches).get(name)
        if condition is not None:
            return sa.or_(sa.false(), *(_matching(condition, place, key) for place, key in enumerate(known)))
        links = [one for one in self.foreign_keys if one.child == name and one.parent == self.config.table]
        if not links:
            raise AccountRefusedError(
                f"`also_delete` names {name}, but no foreign key leads from it to the account (give it a `match`)"
            )
        return sa.or_(*(self._belongs_by(link, known) for link in links))

    def _belongs_by(self, link: ForeignKey, keys: tuple[Any, ...]) -> Condition:
        if link.referred == (self.config.key,):  # by the key itself: seen even when the account's row is gone
            return self.tables[link.child].c[link.columns[0]].in_(list(keys))
        return self.refers(link, self.is_account(keys))

    def refers(self, link: ForeignKey, where: Condition) -> Condition:
        """The condition that a row of the child refers to a row of the parent for which `where` holds."""
        child, parent = self.tables[link.child], self.tables[link.parent]
        referred = sa.select(*(parent.c[name] for name in link.referred)).where(where).correlate(None)
        columns = [child.c[name] for name in link.columns]
        return (columns[0] if len(columns) == 1 else sa.tuple_(*columns)).in_(referred)

    def typed(self, values: Iterable[str]) -> tuple[Any, ...]:
        """Return key values in the key column's type. Raises `AccountRefusedError`."""
        try:
            wanted = self.key.type.python_type
        except NotImplementedError:
            return tuple(values)
        convert: Any = wanted if wanted in {int, uuid.UUID} else str
        try:
            return tuple(dict.fromkeys(convert(value) for value in values))
        except ValueError:
            raise AccountRefusedError(
                f"a chosen {self.config.table}.{self.config.key} is no key of it"
            ) from None


def _matching(condition: str, place: int, key: Any) -> Condition:
    """Return the operator's condition for one key; the parameter is named after its place, for there may be several."""
    named = re.sub(r"(?<![:\w\\]):key\b", f":key_{place}", condition)
    return sa.and_(sa.true(), sa.text(f"({named})").bindparams(**{f"key_{place}": key}))


def read(connection: sa.Connection, config: AccountConfig) -> Shape:
    """Return the shape. Raises `AccountRefusedError` for a table or column that systems.yaml names and nobody has."""
    inspector = sa.inspect(connection)
    names = inspector.get_table_names()
    for name in (config.table, *config.also_delete):
        if name not in names:
            raise AccountRefusedError(
                f"the database has no table {name}. {nearest(name, tuple(names))}".strip()
            )
    tables = {
        name: sa.table(name, *(sa.column(one["name"], one["type"]) for one in inspector.get_columns(name)))
        for name in names
    }
    account = tables[config.table]
    for column in (config.key, config.email, *(name for name, _ in config.deactivate)):
        if column not in account.c:
            near = nearest(column, tuple(one.name for one in account.c))
            raise AccountRefusedError(f"{config.table} has no column {column}. {near}".strip())
    on_delete = _sqlite_on_delete(connection, names) if connection.dialect.name == "sqlite" else {}
    keys = tuple(
        ForeignKey(
            child=name,
            columns=tuple(one["constrained_columns"]),
            parent=one["referred_table"],
            referred=tuple(one["referred_columns"]),
            on_delete=str(
                on_delete.get((name, *one["constrained_columns"]))
                or one.get("options", {}).get("ondelete")
                or ""
            ).upper(),
        )
        for name in names
        for one in inspector.get_foreign_keys(name)
        if one["referred_table"] in tables
    )
    return Shape(
        config=config,
        tables=tables,
        foreign_keys=keys,
        triggers=_triggers(connection),
        elsewhere=_elsewhere(connection),
        kind=connection.dialect.name,
    )


def side_effects(connection: sa.Connection, shape: Shape, keys: tuple[Any, ...]) -> tuple[str, ...]:
    """Return why these accounts must not be touched: undeclared rows would go, change, or stand in the way (rule 11)."""
    found: list[str] = []
    shrinking = shape.shrinking
    for link in shape.foreign_keys:
        if link.parent not in shrinking:
            continue
        name = f"{link.child}.{'+'.join(link.columns)}"
        of_parent = (
            shape.is_account(keys) if link.parent == shape.config.table else shape.belongs(link.parent, keys)
        )
        where = shape.refers(link, of_parent)
        if link.child in shrinking:
            own = (
                shape.is_account(keys)
                if link.child == shape.config.table
                else shape.belongs(link.child, keys)
            )
            where = sa.and_(where, sa.case((own, 0), else_=1) == 1)
        elif link.on_delete in _SPREADS:
            found.append(
                f"removing rows of {link.parent} would touch {link.child} ({name}, ON DELETE {link.on_delete})"
            )
            continue
        number = count(connection, shape.tables[link.child], where)
        if number:
            found.append(f"{number} rows of {link.child} still refer to {link.parent} ({name})")
    found += [
        f"removing rows of {parent} would touch {child} of another schema (ON DELETE {on_delete})"
        for child, parent, on_delete in shape.elsewhere
        if parent in shrinking and on_delete in _SPREADS
    ]
    for table, trigger in shape.triggers:
        if table in shrinking and trigger not in shape.config.triggers:
            found.append(
                f"the trigger {trigger} on {table} may touch other tables (accept it under `triggers:`)"
            )
    return tuple(found)


def counts_elsewhere(connection: sa.Connection, shape: Shape) -> dict[str, int]:
    """Return the number of rows of every table from which nothing may be deleted."""
    return {
        name: count(connection, table, sa.true())
        for name, table in shape.tables.items()
        if name not in shape.shrinking
    }


def count(connection: sa.Connection, table: sa.TableClause, where: Condition) -> int:
    """Return how many rows of the table the condition holds for."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one())


def _sqlite_on_delete(connection: sa.Connection, names: Iterable[str]) -> dict[tuple[str, ...], str]:
    """Return ON DELETE by (table, columns): SQLAlchemy overlooks it where the key stands beside its column."""
    found: dict[tuple[str, ...], str] = {}
    query = sa.text('SELECT id, "from", on_delete FROM pragma_foreign_key_list(:name) ORDER BY id, seq')
    for name in names:
        columns: dict[int, tuple[str, ...]] = {}
        for number, column, action in connection.execute(query, {"name": name}):
            columns[number] = (*columns.get(number, (name,)), column)
            found[columns[number]] = action
    return found


_ELSEWHERE = {
    "postgresql": """
        SELECT n.nspname || '.' || c.relname, p.relname,
          CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' ELSE '' END
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace m ON m.oid = p.relnamespace
        WHERE k.contype = 'f' AND m.nspname = current_schema() AND n.nspname <> current_schema() ORDER BY 1, 2""",
    "mysql": """
        SELECT CONCAT(u.table_schema, '.', u.table_name), u.referenced_table_name, r.delete_rule
        FROM information_schema.key_column_usage u JOIN information_schema.referential_constraints r
        ON r.constraint_schema = u.constraint_schema AND r.constraint_name = u.constraint_name
          AND r.table_name = u.table_name
        WHERE u.referenced_table_schema = DATABASE() AND u.table_schema <> DATABASE() ORDER BY 1, 2""",
}


def _elsewhere(connection: sa.Connection) -> tuple[tuple[str, str, str], ...]:
    """Return the references that lead from other schemas (or databases) into this one, with their ON DELETE."""
    kind = "mysql" if connection.dialect.name == "mariadb" else connection.dialect.name
    if kind not in _ELSEWHERE:
        return ()
    rows = connection.exec_driver_sql(_ELSEWHERE[kind])
    return tuple((str(child), str(parent), str(on_delete)) for child, parent, on_delete in rows)


def _triggers(connection: sa.Connection) -> tuple[tuple[str, str], ...]:
    if connection.dialect.name in {"mysql", "mariadb"}:
        query = (
            "SELECT event_object_table, trigger_name FROM information_schema.triggers "
            "WHERE trigger_schema = DATABASE() ORDER BY 1, 2"
        )
    elif connection.dialect.name == "sqlite":
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2"
    else:
        query = (
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) ORDER BY 1, 2"
        )
    return tuple((str(table), str(name)) for table, name in connection.exec_driver_sql(query))
