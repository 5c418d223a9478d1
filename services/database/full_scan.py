"""The full scan (`--deep`): every text column of every table, mapped or not, is read for a person's identifiers."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.database.comparing import fold
from services.database.look import is_texty
from services.database.map_model import DataMap
from services.database.person import Person
from services.database.refusals import StatementRefusedError, is_transient, safe_reason
from services.database.schema import Schema
from services.database.survey import is_readable

SHORTEST = 5  # shorter identifiers occur in any text by chance
_BATCH = 500

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A column in which an identifier still stands, and in how many rows. `kept`: the map says that it stays."""

    table: str
    column: str
    rows: int
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was looked at, and where an identifier stands. Names and numbers only."""

    tables: int
    columns: int
    identifiers: int
    found: tuple[Occurrence, ...]

    @property
    def left(self) -> tuple[Occurrence, ...]:
        """The occurrences that nothing excuses."""
        return tuple(one for one in self.found if not one.kept)

    @property
    def problem(self) -> str:
        """Where something is left, in words; "" is the proof."""
        named = ", ".join(f"{one.table}.{one.column} ({one.rows} rows)" for one in self.left)
        return f"an identifier of the customer's still stands in {named}" if named else ""


def scan(
    connection: sa.Connection, schema: Schema, data_map: DataMap, person: Person, *, progress: Progress
) -> Scan:
    """Return where the person's identifiers stand, alone or inside a longer text. Reads only; reads everything."""
    wanted = tuple(dict.fromkeys(one for one in (*person.emails, *_others(person)) if len(one) >= SHORTEST))
    keeping = {rule.table for rule in data_map.rules if rule.action == "keep" and not rule.holds_nobody}
    looked_at = {(rule.table, column) for rule in data_map.rules for column in rule.kept}
    exact = (
        re.compile(r"(?<![\w.+-])(?:" + "|".join(map(re.escape, wanted)) + r")(?![\w-]|\.\w)")
        if wanted
        else None
    )
    found: list[Occurrence] = []
    columns = 0
    for number, (name, table) in enumerate(sorted(schema.tables.items()), start=1):
        progress(name, number, len(schema.tables))
        texts = [one for one in table.c if is_texty(one) and is_readable(one, connection.dialect.name)]
        columns += len(texts)
        if exact is None or not texts:
            continue
        for column in _hit(connection, table, texts, wanted, schema.kind, plain=person.is_plain):
            rows = _confirmed(connection, column, wanted, exact, schema.kind, plain=person.is_plain)
            if rows:
                kept = name in keeping or (name, column.name) in looked_at
                found.append(Occurrence(table=name, column=column.name, rows=rows, kept=kept))
    return Scan(tables=len(schema.tables), columns=columns, identifiers=len(wanted), found=tuple(found))


def _others(person: Person) -> Iterable[str]:
    return (one for values in person.others.values() for one in values)


def _hit(
    connection: sa.Connection,
    table: sa.Table,
    columns: list[sa.Column[Any]],
    wanted: tuple[str, ...],
    kind: str,
    *,
    plain: bool,
) -> list[sa.Column[Any]]:
    """One statement a table: which of its columns have a hit at all."""
    sums = [
        sa.func.max(sa.case((_contains(one, wanted, kind, plain=plain), 1), else_=0)).label(f"c{number}")
        for number, one in enumerate(columns)
    ]
    row = _ask(connection, sa.select(*sums).select_from(table), table).one()
    return [one for one, hit in zip(columns, row, strict=True) if hit]


def _confirmed(
    connection: sa.Connection,
    column: sa.Column[Any],
    wanted: tuple[str, ...],
    exact: re.Pattern[str],
    kind: str,
    *,
    plain: bool,
) -> int:
    """How many rows hold an identifier as a whole: ann@x.example is not found in joann@x.example."""
    text = sa.cast(column, sa.Text())
    query = (
        sa.select(text)
        .where(_contains(column, wanted, kind, plain=plain))
        .execution_options(yield_per=_BATCH)
    )
    return sum(
        1
        for value in _ask(connection, query, column.table).scalars()
        if exact.search(value.casefold()) or exact.search(value.lower()) or exact.search(_unescaped(value))
    )


def _contains(
    column: sa.Column[Any], wanted: tuple[str, ...], kind: str, *, plain: bool
) -> sa.ColumnElement[bool]:
    folded = fold(sa.cast(column, sa.Text()), kind=kind, plain=plain)
    place = {"postgresql": sa.func.strpos, "sqlite": sa.func.instr}.get(kind)
    # JSON may write letters beyond ASCII as numbers.
    spelled = dict.fromkeys(form for one in wanted for form in (one, json.dumps(one)[1:-1]))
    found = (place(folded, one) if place else sa.func.locate(one, folded) for one in spelled)
    return sa.or_(*(one > 0 for one in found))


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), text).casefold()


def _ask(connection: sa.Connection, query: sa.Select[Any], table: Any) -> sa.CursorResult[Any]:
    try:
        return connection.execute(query)
    except DBAPIError as error:
        if is_transient(error):
            raise
        raise StatementRefusedError(safe_reason(error, table=str(table.key))) from None
