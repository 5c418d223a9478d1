"""What the tables of an unknown database hold: sampled rows, a guess for each column, and who refers to whom."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.database.look import is_json, look
from services.database.refusals import StatementRefusedError, code_of, is_transient, safe_reason
from services.database.schema import Schema, is_text
from services.database.signs import Finding, Sign

SAMPLE = 100  # rows from each end of a table: the oldest ones are often the company's own tests
MOST_COUNTED = 100_000
MOST_COMPARED = 50
_LONGEST = 4000
_FORBIDDEN = {"42501", "1142", "1143", "1044"}  # PostgreSQL's and MariaDB's words for missing rights

Progress = Callable[[str, int, int], None]


class NotReadableError(Exception):
    """A table cannot be read with the rights of the address; the text names the table and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """One column: distinct sampled values (never printed), and what it seems to hold."""

    column: sa.Column[Any]
    values: tuple[Any, ...]
    finding: Finding | None
    is_json: bool

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def is_strong(self) -> bool:
        """Whether it wants a decision wherever it stands."""
        return self.finding is not None and self.finding.strong

    def is_a(self, *signs: Sign) -> bool:
        """Whether the guess is one of these."""
        return self.finding is not None and self.finding.sign in signs


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """One table: how many rows (counted up to `MOST_COUNTED`), and its columns by name."""

    name: str
    table: sa.Table
    rows: int
    columns: dict[str, ColumnView]

    @property
    def count(self) -> str:
        """The number of rows in words."""
        return f"{self.rows} rows" if self.rows < MOST_COUNTED else f"over {MOST_COUNTED} rows"

    def personal(self, *, weak: bool = False) -> tuple[ColumnView, ...]:
        """Return the columns that look personal; with `weak` also those that only do so beside a person."""
        return tuple(
            one for one in self.columns.values() if one.finding is not None and (weak or one.is_strong)
        )


def survey(connection: sa.Connection, schema: Schema, *, progress: Progress) -> dict[str, TableView]:
    """Return a view of each table. Reads only. Raises `NotReadableError`; `progress` gets (table, number, of)."""
    views: dict[str, TableView] = {}
    for number, (name, table) in enumerate(sorted(schema.tables.items()), start=1):
        progress(name, number, len(schema.tables))
        rows = _rows(connection, table)
        samples = _sample(connection, table)
        columns = {one.name: _view(name, one, [row[one.name] for row in samples]) for one in table.c}
        views[name] = TableView(name=name, table=table, rows=rows, columns=columns)
    return views


def hits(
    connection: sa.Connection, target: sa.Column[Any], values: Iterable[Any], *, folded: bool = False
) -> int:
    """Return how many of the values (at most `MOST_COMPARED`) the target column holds; `folded` ignores their case."""
    wanted = {typed for one in values if (typed := as_key(one, target)) is not None}
    some = sorted(wanted, key=str)[:MOST_COMPARED]
    if folded:
        some = sorted({str(one).strip().lower() for one in some})
    if not some:
        return 0
    column: sa.ColumnElement[Any] = sa.func.lower(target) if folded else target
    query = sa.select(sa.func.count(sa.distinct(column))).where(column.in_(some))
    return int(ask(connection, query, target.table).scalar_one())


def as_key(value: Any, target: sa.Column[Any]) -> Any:
    """Return the value in the type of the column it may refer to, or None where it cannot be one."""
    try:
        wanted = str if is_text(target) else target.type.python_type
    except NotImplementedError:
        wanted = str
    if isinstance(value, bool):
        return None
    try:
        if wanted is int:
            return int(str(value)) if abs(int(str(value))) < 2**63 else None
        if wanted is uuid.UUID:
            return uuid.UUID(str(value))
        return str(value) if wanted is str else None
    except ValueError:
        return None


def ask(connection: sa.Connection, query: sa.Select[Any], table: Any) -> sa.CursorResult[Any]:
    """Execute a query. Raises `NotReadableError` naming the table when the rights do not suffice."""
    try:
        return connection.execute(query)
    except DBAPIError as error:
        if is_transient(error):
            raise
        if code_of(error) in _FORBIDDEN:
            problem = f"the address has no right to read `{table.key}`: grant it SELECT on every table"
            raise NotReadableError(problem) from None
        raise StatementRefusedError(safe_reason(error, table=str(table.key))) from None


def _rows(connection: sa.Connection, table: sa.Table) -> int:
    some = sa.select(sa.literal(1)).select_from(table).limit(MOST_COUNTED).subquery()
    return int(ask(connection, sa.select(sa.func.count()).select_from(some), table).scalar_one())


def _sample(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    """Return rows from both ends, long texts cut. Binary columns are not read."""
    kind = connection.dialect.name
    shown = [_cut(one).label(one.name) for one in table.c if is_readable(one, kind)]
    if not shown:
        return []
    keys = list(table.primary_key.columns)
    orders = [[], [key.desc() for key in keys]] if keys else [[]]
    found: list[dict[str, Any]] = []
    for order in orders:
        query = sa.select(*shown).order_by(*order).limit(SAMPLE)
        try:
            with connection.begin_nested():
                found += [dict(row) for row in ask(connection, query, table).mappings()]
        except StatementRefusedError:
            return []  # a type that cannot be read as text: then the names have to speak
    blank = dict.fromkeys(one.name for one in table.c)
    return [blank | row for row in found]


def is_readable(column: sa.Column[Any], dialect: str) -> bool:
    """Whether the column can be read as values or text: no binary data, and on MySQL no shapes."""
    unknown = isinstance(column.type, sa.types.NullType)
    return not isinstance(column.type, sa.LargeBinary) and not (unknown and dialect in {"mysql", "mariadb"})


def _cut(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.types.NullType):
        return sa.cast(column, sa.Text())  # a type that SQLAlchemy does not know
    shown = sa.func.substr(column, 1, _LONGEST) if is_text(column) else column
    return sa.type_coerce(shown, sa.types.NullType())  # as it stands there: SQLite keeps dates that are none


def _view(table: str, column: sa.Column[Any], sampled: list[Any]) -> ColumnView:
    distinct: dict[str, Any] = {}
    for one in sampled:
        if one is not None:
            distinct.setdefault(repr(one), one)
    values = tuple(distinct.values())
    return ColumnView(
        column=column, values=values, finding=look(table, column, values), is_json=is_json(column, values)
    )
