"""Whether a data map fits the live schema: every name exists, and every column can become what the map says."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.database.map_model import ColumnRule, DataMap, SoftLink, TableRule
from services.database.schema import Column, Link, Schema, emptied, is_text, is_unique, unique_sets
from services.database.values import least_length, redaction
from services.marked_yaml import nearest


def check_names(data_map: DataMap, schema: Schema) -> None:
    """Raise `DataMapError` for the first table or column of the map that the database lacks or cannot treat so."""
    subject = data_map.subject
    table = _table(data_map, schema, subject.table, subject.line)
    wanted = [subject.key, *(column for _, column in subject.identify), *subject.display]
    for name in [*wanted, *([subject.same_name] if subject.same_name else [])]:
        _column(data_map, table, name, subject.line)
    for _, other, name in subject.elsewhere:
        _column(data_map, _table(data_map, schema, other, subject.line), name, subject.line)
    if not is_unique(table, subject.key):
        cure = "Name the primary key, or a unique column."
        raise data_map.error(f"`{subject.kind}` is not unique", line=subject.line, cure=cure)
    _check_subject(data_map)
    kinds = tuple(kind for kind, *_ in (*subject.identify, *subject.elsewhere))
    for rule in data_map.rules:
        of_rule = _table(data_map, schema, rule.table, rule.line)
        _check_provable(data_map, schema, rule)
        for name, kind in rule.by:
            _column(data_map, of_rule, name, rule.line)
            _check_kind(data_map, kind, kinds, rule.line)
        for name in rule.kept:
            _column(data_map, of_rule, name, rule.line)
        for column_rule in rule.columns:
            column = _column(data_map, of_rule, column_rule.column, column_rule.line)
            _check_column(data_map, schema, rule, column_rule, of_rule, column)
            if column_rule.action == "remove":
                _check_kind(data_map, str(column_rule.value), ("key", *kinds), column_rule.line)


def referring(data_map: DataMap, schema: Schema, table: str) -> tuple[str, ...]:
    """Return the columns of a table that hold the subject's key, declared or by the map."""
    subject = data_map.subject
    rule = data_map.rule(table)
    links = [(one.columns, one.parent, one.referred) for one in schema.links if one.child == table]
    links += [(one.columns, one.parent, one.referred) for one in (rule.links if rule else ())]
    found = (one for one, parent, referred in links if parent == subject.table and referred == (subject.key,))
    return tuple(dict.fromkeys(columns[0] for columns in found))


def soft_links(data_map: DataMap, schema: Schema) -> tuple[Link, ...]:
    """Return the references that only the map knows, as links. Raises `DataMapError` for names that do not exist."""
    for _, other, _ in data_map.subject.elsewhere:
        if not referring(data_map, schema, other):
            cure = f"Add `links: {{<column>: {data_map.subject.kind}}}` to `{other}`."
            line = data_map.subject.line
            raise data_map.error(f"nothing in `{other}` says whose address it is", line=line, cure=cure)
    known = {(one.child, one.columns, one.parent, one.referred) for one in schema.links}
    return tuple(
        _soft_link(data_map, schema, rule, soft)
        for rule in data_map.rules
        for soft in rule.links
        if (rule.table, soft.columns, soft.parent, soft.referred) not in known
    )


def _soft_link(data_map: DataMap, schema: Schema, rule: TableRule, soft: SoftLink) -> Link:
    child = _table(data_map, schema, rule.table, rule.line)
    parent = _table(data_map, schema, soft.parent, soft.line)
    for name in (*soft.columns, *(column for column, _ in soft.when)):
        _column(data_map, child, name, soft.line)
    for name in soft.referred:
        _column(data_map, parent, name, soft.line)
    return Link(
        child=rule.table,
        columns=soft.columns,
        parent=soft.parent,
        referred=soft.referred,
        emptied=emptied(child, soft.columns),
        is_soft=True,
        when=soft.when,
    )


def _check_provable(data_map: DataMap, schema: Schema, rule: TableRule) -> None:
    """What we cannot see cannot be proven gone, and what cannot be rolled back must not be begun."""
    if rule.table in schema.veiled:
        cure = "Connect with a role that bypasses row security (BYPASSRLS), or the table's owner."
        raise data_map.error(
            f"row security may hide rows of `{rule.table}` from us", line=rule.line, cure=cure
        )
    if rule.table in schema.unsafe and (rule.action != "keep" or rule.columns):
        cure = f"ALTER TABLE {rule.table} ENGINE=InnoDB, or keep the table."
        raise data_map.error(f"changes of `{rule.table}` could not be rolled back", line=rule.line, cure=cure)


def _check_subject(data_map: DataMap) -> None:
    """Whatever identifies the customer must not survive in the subject's own row."""
    subject = data_map.subject
    rule = data_map.rule(subject.table)
    if rule is None or rule.action == "delete":
        return
    treated = {one.column for one in rule.columns} if rule.action == "anonymise" else set()
    for _, column in subject.identify:
        if column not in treated:
            cure = f"Add `{column}: null` (or token) to its columns, or delete the rows."
            raise data_map.error(
                f"`{subject.table}.{column}` would still say who it was", line=rule.line, cure=cure
            )


def _check_kind(data_map: DataMap, kind: str, kinds: tuple[str, ...], line: int) -> None:
    if kind not in kinds:
        cure = nearest(kind, kinds) or f"Known kinds: {', '.join(kinds)} (see `identify`)."
        raise data_map.error(f"`{kind}` is no kind of identifier of the subject", line=line, cure=cure)


def _check_column(
    data_map: DataMap, schema: Schema, rule: TableRule, wanted: ColumnRule, table: sa.Table, column: Column
) -> None:
    def refuse(problem: str, cure: str) -> None:
        raise data_map.error(f"`{rule.table}.{column.name}` {problem}", line=wanted.line, cure=cure)

    in_key = bool(column.primary_key)
    alone = is_unique(table, column.name)
    among = any(column.name in names for names in unique_sets(table))
    referred = any(column.name in one.referred for one in schema.links if one.parent == rule.table)
    if column.computed is not None:
        refuse("is computed by the database", "Anonymise the columns that it is computed from.")
    if wanted.action == "null" and not column.nullable:
        refuse("must not be NULL", "Use redact, token or {constant: …}.")
    if wanted.action == "constant" and wanted.value is None and not column.nullable:
        refuse("must not be NULL", "Name another constant.")
    if wanted.action in {"redact", "token"} and not is_text(column):
        refuse(f"is no text, so it cannot become a {wanted.action} value", "Use null or {constant: …}.")
    if wanted.action in {"redact", "constant"} and alone and not in_key:
        refuse("is unique: a second customer would collide", "Use token or null, or delete the rows.")
    if wanted.action in {"redact", "constant"} and among and not alone and not in_key:
        refuse("is unique together with other columns", "Use token or null, or delete the rows.")
    if wanted.action == "json" and isinstance(column.type, sa.LargeBinary):
        refuse("is binary, no JSON text", "Use null.")
    if wanted.action == "remove" and not isinstance(column.type, ARRAY):
        refuse("is no array", "Use null or {json: [paths]}.")
    if in_key and (wanted.action != "token" or referred):
        refuse("is part of the primary key", "Delete the rows, or anonymise other columns.")
    if wanted.action == "token":
        length, least = getattr(column.type, "length", None), least_length(str(wanted.value))
        if length and length < least:
            refuse(
                f"is too short for this token ({length} of {least} characters)",
                "Use a shorter form, or null.",
            )
    if wanted.action == "constant":
        _check_constant(refuse, wanted, column)
    if wanted.action == "redact" and not redaction(column):
        refuse("takes no characters at all", "Use null.")


def _check_constant(refuse: Any, wanted: ColumnRule, column: Column) -> None:
    """A constant has to be of the column's type, one of an enumeration's words, and not too long."""
    value = wanted.value
    if value is None:
        return
    if isinstance(column.type, sa.Enum):
        if value not in column.type.enums:
            refuse("does not know this constant", f"Choose one of: {', '.join(column.type.enums)}.")
    elif isinstance(column.type, sa.String):
        if not isinstance(value, str):
            refuse("is text, the constant is not", "Put the constant into quotes.")
        if column.type.length and len(str(value)) > column.type.length:
            refuse(f"takes {column.type.length} characters", "Use a shorter constant.")
    elif isinstance(column.type, sa.Integer | sa.Numeric) and not isinstance(value, int | float):
        refuse("is a number, the constant is not", "Use a number, or null.")


def _table(data_map: DataMap, schema: Schema, name: str, line: int) -> sa.Table:
    if name not in schema.tables:
        cure = (
            nearest(name, tuple(schema.tables))
            or "Correct the name, or check which database the address leads to."
        )
        raise data_map.error(f"the database has no table `{name}`", line=line, cure=cure)
    return schema.tables[name]


def _column(data_map: DataMap, table: sa.Table, name: str, line: int) -> Column:
    if name not in table.c:
        near = nearest(name, tuple(column.name for column in table.c))
        cure = near or f"Columns: {', '.join(column.name for column in table.c)}."
        raise data_map.error(f"`{table.key}` has no column `{name}`", line=line, cure=cure)
    return table.c[name]
