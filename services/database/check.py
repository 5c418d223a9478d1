"""Compares a data map with the live database: what is undecided, what is misnamed, what would scan a table."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.database.draft import REVIEW
from services.database.elsewhere import in_words, other_schemas
from services.database.fitting import check_names
from services.database.map_model import BIND, ColumnRule, DataMap, DataMapError, TableRule
from services.database.reach import Reach, trace
from services.database.reflection import reflect
from services.database.schema import Link, Schema, is_indexed
from services.database.survey import Progress, TableView, survey

Weight = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that the map and the database disagree about: where, what, and the cure. Names only, no values."""

    weight: Weight
    line: int
    about: str
    problem: str
    cure: str


def check(
    connection: sa.Connection,
    data_map: DataMap,
    *,
    text: str = "",
    schemas: tuple[str, ...] = (),
    progress: Progress,
) -> tuple[Problem, ...]:
    """Return every problem, errors first, in the order of the map. Reads only. `text` is the map's own text.

    `schemas` are looked at besides the connection's own and those that the map names.

    Raises `NotReadableError` where a table cannot be read.
    """
    named = {rule.table.rpartition(".")[0] for rule in data_map.rules} - {""}
    schema = reflect(connection, schemas=sorted({*named, *schemas}))
    problems = list(_misnamed(data_map, schema))
    if not problems:
        problems += _untraceable(data_map, schema)
    if not problems:
        reach = trace(data_map, schema)
        problems += _refused(connection, data_map, schema)
        problems += _scans(reach, connection.dialect.identifier_preparer.quote)
    problems += _personal(data_map, survey(connection, schema, progress=progress))
    problems += _unreviewed(text)
    problems += _unseen(other_schemas(connection, schema.schemas), data_map)
    return tuple(sorted(problems, key=lambda one: (one.weight != "error", one.line, one.about)))


def _misnamed(data_map: DataMap, schema: Schema) -> Iterator[Problem]:
    """Each rule by itself, each of its columns by itself, so that all mistakes are told at once."""
    subject = replace(data_map, rules=())
    yield from _told(subject, schema, about=data_map.subject.table)
    if data_map.subject.table not in schema.tables:
        return
    for rule in data_map.rules:
        bare = replace(rule, columns=(), action="delete" if rule.action == "anonymise" else rule.action)
        found = list(_told(replace(subject, rules=(bare,)), schema, about=rule.table))
        for column in () if found else rule.columns:
            # The customers' own table goes along: without its addresses the map as a whole would not be one.
            root = data_map.rule(data_map.subject.table)
            rules = (
                (replace(rule, columns=(column,)),)
                if rule is not root
                else (_with_addresses(rule, column, subject),)
            )
            rules = (*rules, *((root,) if root is not None and root is not rule else ()))
            found += _told(replace(subject, rules=rules), schema, about=f"{rule.table}.{column.column}")
        yield from found


def _with_addresses(rule: TableRule, column: ColumnRule, data_map: DataMap) -> TableRule:
    needed = {name for _, name in data_map.subject.identify} - {column.column}
    return replace(rule, columns=(column, *(one for one in rule.columns if one.column in needed)))


def _told(data_map: DataMap, schema: Schema, *, about: str) -> Iterator[Problem]:
    try:
        check_names(data_map, schema)
    except DataMapError as wrong:
        yield Problem(weight="error", line=wrong.line, about=about, problem=wrong.problem, cure=wrong.cure)


def _untraceable(data_map: DataMap, schema: Schema) -> Iterator[Problem]:
    try:
        trace(data_map, schema)
    except DataMapError as wrong:
        yield Problem(weight="error", line=wrong.line, about="reach", problem=wrong.problem, cure=wrong.cure)


def _refused(connection: sa.Connection, data_map: DataMap, schema: Schema) -> Iterator[Problem]:
    """A `match` in the operator's words is asked once about nobody: a misspelt column shows here, not in a run."""
    for rule in data_map.rules:
        if not rule.match:
            continue
        condition = sa.text(f"({rule.match})").bindparams(**dict.fromkeys(set(BIND.findall(rule.match))))
        query = sa.select(sa.func.count()).select_from(schema.tables[rule.table]).where(condition)
        try:
            with connection.begin_nested():
                connection.execute(query)
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None) or type(error.orig).__name__
            yield Problem(
                weight="error",
                line=rule.line,
                about=rule.table,
                problem=f"the database does not understand the `match` of `{rule.table}` ({code})",
                cure="Check the names in it and the types that it compares.",
            )


def _scans(reach: Reach, quote: Callable[[str], str]) -> Iterator[Problem]:
    """Every reference that an erasure follows needs an index, or it reads the whole table."""
    mapped = {rule.table: rule for rule in reach.data_map.rules}
    followed = {
        link
        for name, owners in reach.owners.items()
        for link in (*owners, *(reach.adopters[name] if _may_be_ownerless(owners, reach.schema) else ()))
        if not _is_idle(mapped[name])
    }
    followed |= set(reach.unlinks)
    deleted = {rule.table for rule in reach.data_map.rules if rule.action == "delete"}
    followed |= {link for link in reach.schema.links if link.parent in deleted}
    told: set[str] = set()
    for link in sorted(followed, key=lambda one: (one.is_soft, str(one))):
        table = reach.schema.tables[link.child]
        kinds = tuple(column for column, _ in link.when)
        if str(link) in told or is_indexed(table, link.columns) or is_indexed(table, (*kinds, *link.columns)):
            continue
        told.add(str(link))
        yield Problem(
            # A reference that only the map knows is the operator's own finding: it is told, but stops nobody's CI.
            weight="warning" if link.is_soft else "error",
            line=mapped[link.child].line if link.child in mapped else reach.data_map.subject.line,
            about=str(link),
            problem=f"no index begins with `{link}`: each erasure reads the whole of `{link.child}`",
            cure=_create_index(link, reach.schema.kind, quote),
        )


def _may_be_ownerless(owners: Iterable[Link], schema: Schema) -> bool:
    return all(any(schema.tables[one.child].c[name].nullable for name in one.columns) for one in owners)


def _create_index(link: Link, kind: str, quote: Callable[[str], str]) -> str:
    columns = ", ".join(map(quote, link.columns))
    table = ".".join(map(quote, link.child.split(".")))
    name = "" if kind == "postgresql" else f" {quote('_'.join((*link.child.split('.'), *link.columns)))}"
    return f"CREATE INDEX{name} ON {table} ({columns});"


def _is_idle(rule: TableRule) -> bool:
    return rule.holds_nobody and not rule.columns


def _personal(data_map: DataMap, views: dict[str, TableView]) -> Iterator[Problem]:
    for name, view in sorted(views.items()):
        rule = data_map.rule(name)
        strong = [one for one in view.personal() if not one.column.foreign_keys]
        if rule is None and strong:
            shown = ", ".join(
                f"`{one.name}` ({one.finding.why})" for one in strong if one.finding is not None
            )
            yield Problem(
                weight="error", line=data_map.subject.line, about=name,
                problem=f"`{name}` is not decided, but looks personal: {shown}",
                cure='Add it under `tables:`: with by, links or match, or keep with `ground: "no customers in it"`.',
            )  # fmt: skip
        if rule is None or rule.action != "anonymise":
            continue
        treated = {one.column for one in rule.columns} | set(rule.kept)
        for one in strong:
            if one.name not in treated and one.finding is not None:
                yield Problem(
                    weight="error", line=rule.line, about=f"{name}.{one.name}",
                    problem=f"`{name}.{one.name}` is not decided, but looks personal ({one.finding.why})",
                    cure=f"Add `{one.name}: null` (redact, token …) to its columns, or `{one.name}: keep`.",
                )  # fmt: skip


def _unreviewed(text: str) -> Iterator[Problem]:
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if f"# {REVIEW}" in line]
    if lines:
        yield Problem(
            weight="warning", line=lines[0], about=REVIEW,
            problem=f"{len(lines)} guesses are still marked {REVIEW}",
            cure="Confirm or correct each, then remove its mark.",
        )  # fmt: skip


def _unseen(schemas: tuple[str, ...], data_map: DataMap) -> Iterator[Problem]:
    if schemas:
        yield Problem(
            weight="warning", line=data_map.subject.line, about="schemas",
            problem=f"the schemas {in_words(schemas)} were not looked at",
            cure="Check again with --schema NAME for each that may hold customers.",
        )  # fmt: skip


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether the map must not be used as it is."""
    return any(one.weight == "error" for one in problems)
