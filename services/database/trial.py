"""Asks the database whether its CHECK constraints allow what the columns of a map become, before anything is erased."""

import re
import threading
import warnings
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.database.map_model import ColumnRule, DataMap, TableRule
from services.database.reach import Reach
from services.database.schema import Column
from services.database.values import redaction

_FIXED = {"null", "redact", "constant", "token"}
_inspecting = threading.Lock()


def check_constraints(connection: sa.Connection, reach: Reach) -> None:
    """Raise `DataMapError` for the first CHECK that a new value breaks, naming it. Reads only.

    Only constraints about columns that all become something fixed can be answered beforehand; the others are met in a
    rehearsal or an erasure, which is then rolled back with the constraint's name.
    """
    for rule in reach.data_map.rules:
        fixed = {one.column: one for one in rule.columns if one.action in _FIXED}
        if fixed:
            _check_table(connection, reach, rule, fixed)


def _check_table(
    connection: sa.Connection, reach: Reach, rule: TableRule, fixed: dict[str, ColumnRule]
) -> None:
    table = reach.schema.tables[rule.table]
    with _inspecting, warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        found = sa.inspect(connection).get_check_constraints(table.name, schema=table.schema)
    for constraint in found:
        condition = str(constraint["sqltext"])
        about = [column for column in table.c if _mentions(condition, column.name)]
        rules = [fixed[column.name] for column in about if column.name in fixed]
        if rules and len(rules) == len(about) and not _allows(connection, about, rules, condition):
            raise _refusal(reach.data_map, rule, rules[0], str(constraint.get("name") or condition))


def _allows(
    connection: sa.Connection, columns: list[Column], rules: list[ColumnRule], condition: str
) -> bool:
    """Have the database evaluate the condition over one made-up row. What it cannot evaluate counts as allowed."""
    row = sa.select(
        *(
            sa.cast(sa.literal(_sample(column, rule), column.type), column.type).label(column.name)
            for column, rule in zip(columns, rules, strict=True)
        )
    ).subquery()
    broken: Any = sa.text(f"NOT ({condition})".replace(":", "\\:"))
    query = sa.select(sa.case((broken, 0), else_=1)).select_from(row)
    try:
        with connection.begin_nested():
            return bool(connection.execute(query).scalar_one())
    except SQLAlchemyError:
        return True


def _sample(column: Column, rule: ColumnRule) -> Any:
    match rule.action:
        case "redact":
            return redaction(column)
        case "constant":
            return rule.value
        case "token":
            form = str(rule.value)
            length = getattr(column.type, "length", None) or len(form) + 30
            return form.replace("{}", "0" * min(32, length - len(form) + 2))
        case _:
            return None


def _mentions(condition: str, name: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", condition) is not None


def _refusal(data_map: DataMap, rule: TableRule, one: ColumnRule, constraint: str) -> Exception:
    return data_map.error(
        f"`{rule.table}.{one.column}` would break the CHECK constraint `{constraint}`",
        line=one.line,
        cure="Use a {constant: …} or a {token: …} that the constraint allows.",
    )
