"""Statements rendered once to the driver's SQL, with the values that never change and the names of those that do."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Rendered:
    """One statement as the driver takes it. `table` is for errors.

    `slots` are the parameters in their order: (name, value), where a value without a name belongs to the statement
    itself. `converters` put the values at these places into the driver's form.
    """

    sql: str
    slots: tuple[tuple[str, Any], ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]
    table: str = ""
    has_rows: bool = False
    named: Callable[[Mapping[str, Any]], tuple[Any, ...]] | None = None
    """The same as `values`, for a statement whose parameters all have names: most of them, and quicker."""

    def values(self, bound: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parameters for the driver."""
        if self.named is not None:
            return self.named(bound)
        values = [bound[name] if name else value for name, value in self.slots]
        for place, convert in self.converters:
            values[place] = convert(values[place])
        return tuple(values)


def render(statement: sa.sql.expression.ClauseElement, dialect: sa.Dialect, *, table: str = "") -> Rendered:
    """Return the statement in the dialect's words, by position. Parameters called dd_… are bound at every run."""
    compiled = statement.compile(dialect=by_position(dialect))
    params, binds = compiled.params, compiled.binds  # type: ignore[attr-defined]  # SQLCompiler's
    shown: dict[str, str] = {escaped: name for name, escaped in (compiled.escaped_bind_names or {}).items()}  # type: ignore[attr-defined]  # SQLCompiler's

    def unescaped(name: str) -> str:
        return shown.get(name, name)

    names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]  # SQLCompiler's
    processors = (binds[unescaped(name)].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    converters = tuple((place, convert) for place, convert in enumerate(processors) if convert is not None)
    has_names = len(names) > 1 and not converters and all(name.startswith("dd_") for name in names)
    return Rendered(
        sql=str(compiled),
        slots=tuple(
            (name, None) if name.startswith("dd_") else ("", params[unescaped(name)]) for name in names
        ),
        converters=converters,
        table=table,
        has_rows=isinstance(statement, sa.Select),
        named=itemgetter(*names) if has_names else None,
    )


def counting(selects: Iterable[sa.Select[int]], dialect: sa.Dialect, *, table: str = "") -> Rendered | None:
    """Return one statement that answers all counts in one row, in order; None when there is nothing to count."""
    columns = [one.scalar_subquery().label(f"n{number}") for number, one in enumerate(selects)]
    return render(sa.select(*columns), dialect, table=table) if columns else None


@lru_cache(maxsize=16)
def by_position(dialect: sa.Dialect) -> sa.Dialect:
    """Return the dialect with parameters by position; PostgreSQL's are its own $1 …, each sent once."""
    found = copy(dialect)
    if not dialect.positional:
        found.positional = True
        found.paramstyle = "numeric_dollar" if dialect.name == "postgresql" else "format"
        found.identifier_preparer = found.preparer(found)  # it knows whether a % has to be doubled
    return found
