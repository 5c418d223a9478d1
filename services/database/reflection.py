"""Reads the live schema: every schema that a foreign key leads to, partitions folded into their table, triggers."""

import threading
import warnings
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.exc import NoReferenceError, NoSuchTableError

from services.database.schema import Link, Schema, emptied

_reflecting = threading.Lock()
_KINDS = {"mariadb": "mysql"}
_SCHEMAS_REFERRING = {
    "postgresql": """
        SELECT DISTINCT n.nspname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class p ON p.oid = k.confrelid
        JOIN pg_namespace m ON m.oid = p.relnamespace
        WHERE k.contype = 'f' AND m.nspname IN :known AND n.nspname NOT IN :known""",
    "mysql": """
        SELECT DISTINCT table_schema FROM information_schema.key_column_usage
        WHERE referenced_table_schema IN :known AND table_schema NOT IN :known""",
}
_PARTITIONS = """
    SELECT cn.nspname, c.relname, pn.nspname, p.relname FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE c.relispartition AND pn.nspname IN :known"""
_TRIGGERS = {
    "sqlite": "SELECT NULL, tbl_name, name FROM sqlite_master WHERE type = 'trigger' AND :known IS NOT NULL",
    "postgresql": """
        SELECT n.nspname, c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname IN :known""",
    "mysql": """
        SELECT event_object_schema, event_object_table, trigger_name FROM information_schema.triggers
        WHERE event_object_schema IN :known""",
}


_VEILED = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname IN :known AND row_security_active(c.oid)"""
_TRANSACTIONAL = {"innodb", "rocksdb", "tokudb", "ndbcluster", "spider"}


def reflect(connection: sa.Connection, *, schemas: Iterable[str] = ()) -> Schema:
    """Return the schema of the database that the connection is open to. Reads only.

    `schemas` are looked at besides the connection's own, and so is every schema from which a foreign key leads to one
    of them: a reference from elsewhere must not be overlooked.
    """
    kind = _KINDS.get(connection.dialect.name, connection.dialect.name)
    own = str(connection.dialect.default_schema_name or "")
    known = _schemas(connection, kind, own, schemas)
    metadata = sa.MetaData()
    # Types and expression indexes that SQLAlchemy does not know are no concern here; the lock is for `warnings`,
    # whose filters belong to the whole process.
    with _reflecting, warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        for name in known:
            schema = None if name == own else name
            try:
                metadata.reflect(connection, schema=schema)
            except NoSuchTableError:  # SQLite lets a foreign key lead to a table that does not exist
                metadata.reflect(connection, schema=schema, resolve_fks=False)
    # A reference from another schema may have brought in a table of our own a second time, under its full name.
    known_tables = sorted(metadata.tables.values(), key=lambda one: one.schema is None)
    tables = {_called(table.schema, table.name, own): table for table in known_tables}
    whole = _partitions(connection, own, known) if kind == "postgresql" else {}
    on_delete = _sqlite_on_delete(connection) if kind == "sqlite" else {}
    links: dict[tuple[object, ...], Link] = {}
    for name, table in sorted(tables.items()):
        for constraint in sorted(table.foreign_key_constraints, key=lambda one: tuple(one.column_keys)):
            referred = _referred(constraint)
            if referred is None:
                continue
            child, parent = whole.get(name, name), _called(referred.schema, referred.name, own)
            if parent in tables and child in tables:
                link = _link(child, tables[child], whole.get(parent, parent), constraint, on_delete)
                links.setdefault((link.child, link.columns, link.parent, link.referred), link)
    remaining = {name: table for name, table in tables.items() if name not in whole}
    triggers = _triggers(connection, kind, own, known, whole)
    return Schema(
        tables=remaining,
        links=tuple(links.values()),
        kind=kind,
        triggers=triggers,
        schemas=tuple(known),
        veiled=_veiled(connection, own, known) if kind == "postgresql" else frozenset(),
        unsafe=frozenset(
            name for name, table in remaining.items() if kind == "mysql" and not _can_roll_back(table)
        ),
    )


def _veiled(connection: sa.Connection, own: str, known: list[str]) -> frozenset[str]:
    query = sa.text(_VEILED).bindparams(sa.bindparam("known", known, expanding=True))
    return frozenset(_called(schema, name, own) for schema, name in connection.execute(query))


def _can_roll_back(table: sa.Table) -> bool:
    return str(table.dialect_options["mysql"].get("engine") or "InnoDB").lower() in _TRANSACTIONAL


def _referred(constraint: sa.ForeignKeyConstraint) -> sa.Table | None:
    """Return the table that a foreign key leads to, or None when it, or the column, does not exist."""
    try:
        return next(iter(constraint.elements)).column.table
    except NoReferenceError:
        return None


def _schemas(connection: sa.Connection, kind: str, own: str, wanted: Iterable[str]) -> list[str]:
    existing = set(sa.inspect(connection).get_schema_names()) if kind != "sqlite" else set()
    known = [own, *(name for name in dict.fromkeys(wanted) if name in existing and name != own)]
    while kind in _SCHEMAS_REFERRING:
        query = sa.text(_SCHEMAS_REFERRING[kind]).bindparams(sa.bindparam("known", known, expanding=True))
        more = sorted(str(name) for name in connection.execute(query).scalars())
        if not more:
            break
        known += more
    return known


def _called(schema: str | None, table: str, own: str) -> str:
    return table if schema in {None, own} else f"{schema}.{table}"


def _partitions(connection: sa.Connection, own: str, known: list[str]) -> dict[str, str]:
    """Return for each partition the table it is a part of in the end."""
    query = sa.text(_PARTITIONS).bindparams(sa.bindparam("known", known, expanding=True))
    above = {
        _called(schema, name, own): _called(parents, parent, own)
        for schema, name, parents, parent in connection.execute(query)
    }

    def top(name: str) -> str:
        return top(above[name]) if name in above else name

    return {name: top(name) for name in above}


def _triggers(
    connection: sa.Connection, kind: str, own: str, known: list[str], whole: dict[str, str]
) -> tuple[tuple[str, str], ...]:
    query = sa.text(_TRIGGERS[kind])
    if kind == "sqlite":
        rows = connection.execute(query, {"known": ""}).all()
    else:
        rows = connection.execute(query.bindparams(sa.bindparam("known", known, expanding=True))).all()
    names = ((_called(schema, table, own), str(trigger)) for schema, table, trigger in rows)
    return tuple(sorted({(whole.get(table, table), trigger) for table, trigger in names}))


def _sqlite_on_delete(connection: sa.Connection) -> dict[tuple[str, ...], str]:
    """Return ON DELETE by (table, *columns): SQLAlchemy overlooks it where the key stands beside its column."""
    query = (
        'SELECT m.name, f.id, f."from", f.on_delete FROM sqlite_master m, pragma_foreign_key_list(m.name) f '
        "WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"
    )
    found: dict[tuple[str, ...], str] = {}
    columns: dict[tuple[str, int], tuple[str, ...]] = {}
    for name, number, column, action in connection.exec_driver_sql(query):
        columns[name, number] = (*columns.get((name, number), (name,)), column)
        found[columns[name, number]] = action
    return found


def _link(
    child: str,
    table: sa.Table,
    parent: str,
    constraint: sa.ForeignKeyConstraint,
    on_delete: dict[tuple[str, ...], str],
) -> Link:
    columns = tuple(element.parent.name for element in constraint.elements)
    shared = {
        c.name
        for other in table.foreign_key_constraints
        if tuple(one.parent.name for one in other.elements) != columns
        for c in other.columns
    }
    action = on_delete.get((child, *columns)) or constraint.ondelete or ""
    return Link(
        child=child,
        columns=columns,
        parent=parent,
        referred=tuple(element.column.name for element in constraint.elements),
        emptied=emptied(table, columns, shared=frozenset(shared)),
        name=str(constraint.name or ""),
        on_delete="" if action.upper() == "NO ACTION" else action.upper(),
        is_deferrable=bool(constraint.deferrable),
    )
