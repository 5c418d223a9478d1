"""The live schema as the engine sees it: tables, references between them as links, triggers."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN

Column = sa.Column[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A reference: `columns` of `child` hold `referred` of `parent`.

    `name` is the constraint's. `is_soft` marks one that only the data map knows; then `when` says for which rows of
    the child it holds, as (column, values).
    """

    child: str
    columns: tuple[str, ...]
    parent: str
    referred: tuple[str, ...]
    emptied: tuple[
        str, ...
    ]  # the columns that may be set to NULL to break the link; () when it cannot be broken
    name: str = ""
    on_delete: str = ""  # in capitals, "" when nothing is declared
    is_deferrable: bool = False
    is_soft: bool = False
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def __str__(self) -> str:
        return f"{self.child}.{'+'.join(self.columns)}"

    @property
    def is_restrictive(self) -> bool:
        """Whether the database checks at once, even against rows that go in the same statement."""
        return self.on_delete == "RESTRICT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What reflection found: no views, and a partitioned table once, without its partitions.

    Tables outside the connection's own schema are called "schema.table". `kind` is sqlite, postgresql or mysql
    (MariaDB too). `triggers` are (table, trigger). `schemas` are the schemas that were looked at. `veiled` are tables
    of which row security may hide rows from us, `unsafe` those whose changes cannot be rolled back (MyISAM, Aria).
    """

    tables: dict[str, sa.Table]
    links: tuple[Link, ...]
    kind: str
    triggers: tuple[tuple[str, str], ...] = ()
    schemas: tuple[str, ...] = ()
    veiled: frozenset[str] = frozenset()
    unsafe: frozenset[str] = frozenset()

    def digest(self, names: Iterable[str]) -> str:
        """Return a hash of the shape of these tables: columns, types, nullability, keys, triggers."""
        shape = [
            (
                name,
                sorted(
                    (c.name, repr(c.type), bool(c.nullable), bool(c.primary_key)) for c in self.tables[name].c
                ),
                sorted(
                    f"{link}>{link.parent}.{'+'.join(link.referred)} {link.on_delete}"
                    for link in self.links
                    if link.child == name
                ),
                sorted(trigger for table, trigger in self.triggers if table == name),
            )
            for name in sorted(names)
        ]
        return hashlib.sha256(json.dumps(shape).encode()).hexdigest()


def emptied(
    table: sa.Table, columns: Iterable[str], *, shared: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return which of a reference's columns may become NULL: nullable, not of the primary key, computed or `shared`."""
    return tuple(
        name
        for name in columns
        if table.c[name].nullable
        and not table.c[name].primary_key
        and table.c[name].computed is None
        and name not in shared
    )


def is_unique(table: sa.Table, column: str) -> bool:
    """Whether no two rows can share a value of the column."""
    return any(names == {column} for names in unique_sets(table))


def unique_sets(table: sa.Table) -> list[set[str]]:
    """Return every set of columns that no two rows may share, the primary key included."""
    constraints = [c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    indexes = [index.columns for index in table.indexes if index.unique]
    sets = [{one.name for one in columns} for columns in (table.primary_key.columns, *constraints, *indexes)]
    return [one for one in sets if one]


def is_indexed(table: sa.Table, columns: tuple[str, ...]) -> bool:
    """Whether an index begins with these columns, in whatever order."""
    wanted = set(columns)
    constraints = [c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    indexes = [index.columns for index in table.indexes if not index.dialect_kwargs.get("postgresql_where")]
    orders = ([one.name for one in some] for some in (table.primary_key.columns, *constraints, *indexes))
    return any(set(order[: len(wanted)]) == wanted for order in orders)


def is_text(column: Column) -> bool:
    """Whether the column holds text (enumerations are text with a check, so they are not counted)."""
    kind = column.type.data_type if isinstance(column.type, DOMAIN) else column.type
    return isinstance(kind, sa.String) and not isinstance(kind, sa.Enum)


def is_alike(one: Column, other: Column) -> bool:
    """Whether two columns can be compared without a cast."""
    families = (sa.String, (sa.Integer, sa.Numeric), sa.Uuid)
    return any(isinstance(one.type, family) and isinstance(other.type, family) for family in families) or (
        type(one.type) is type(other.type)
    )
