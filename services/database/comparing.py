"""How two columns, or a column and a value, can be compared, and which index helps."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from services.database.schema import Column, is_alike, is_text

Condition = sa.ColumnElement[bool]


def has_lower_index(column: Column) -> bool:
    """Whether there is an index on lower(column)."""
    shown = (str(one) for index in column.table.indexes for one in index.expressions)
    plain = (one.replace('"', "").replace("::text", "").replace(" ", "") for one in shown)
    return any(f"lower({column.name})" in one or f"lower(({column.name}))" in one for one in plain)


def typed(value: Any, column: Column) -> sa.ColumnElement[Any]:
    """Return a value of the map's as a bound value of the column's type."""
    return sa.literal(
        str(value) if is_text(column) or isinstance(column.type, sa.Enum) else value, column.type
    )


def comparable(one: Column, other: Column) -> sa.ColumnElement[Any]:
    """Return a column as it can be compared with another of a different sort: as text, a text column untouched."""
    return one if is_alike(one, other) or is_text(one) else sa.cast(one, sa.Text())


def ignores_case(column: Column) -> bool:
    """Whether MariaDB or MySQL compares the column without regard to case."""
    collation = getattr(column.type, "collation", None) or str(
        column.table.dialect_options["mysql"].get("collate") or "_ci"
    )
    return collation.endswith("_ci")


def fold(column: sa.ColumnElement[Any], *, kind: str, plain: bool) -> sa.ColumnElement[str]:
    """Return the column in small letters, compared by every character; SQLite needs help with letters beyond ASCII."""
    if kind == "mysql":
        return as_it_is(sa.func.lower(column), kind=kind)
    return sa.func.lower(column) if plain or kind != "sqlite" else sa.func.dd_casefold(column)


def as_it_is(column: sa.ColumnElement[Any], *, kind: str) -> sa.ColumnElement[Any]:
    """Return the column compared by every character, whatever its collation says."""
    if kind != "mysql":
        return column
    return sa.collate(sa.cast(column, mysql.CHAR(charset="utf8mb4")), "utf8mb4_bin")


def among(column: sa.ColumnElement[Any], values: list[sa.BindParameter[Any]]) -> Condition:
    """Equal to one of the bound values; false where there is none."""
    return column.in_(values) if values else sa.false()


def negated(condition: Condition) -> Condition:
    """Not, also where the condition is NULL."""
    no, yes = (sa.literal_column(one, sa.Integer) for one in "01")
    return sa.case((condition, no), else_=yes) == yes
