"""What an anonymised column becomes, in the words of each database, and how to see that it has become it."""

import re
from typing import Any

import sqlalchemy as sa

from services.database.comparing import as_it_is
from services.database.json_paths import JsonColumn
from services.database.map_model import ColumnRule
from services.database.schema import Column

REDACTED = "[erased]"
LEAST_RANDOM, MOST_RANDOM = (
    12,
    32,
)  # characters of 4 bits each: 12 make a collision in a million rows a one in 500


class NewValue:
    """One column and the rule for it. `mine` are bound values for `remove`: the customer's keys or addresses."""

    def __init__(
        self, column: Column, rule: ColumnRule, *, kind: str, mine: tuple[sa.ColumnElement[Any], ...] = ()
    ) -> None:
        self._column, self._rule, self._kind, self._mine = column, rule, kind, mine

    def differs(self) -> sa.ColumnElement[bool]:
        """The condition that the column is not yet as it should be."""
        column = self._column
        match self._rule.action:
            case "json":
                return JsonColumn(column, self._rule.paths, kind=self._kind).is_there()
            case "token":
                return sa.and_(column.is_not(None), sa.not_(self._is_token()))
            case "remove":
                return sa.or_(sa.false(), *(one == sa.any_(column) for one in self._mine))
            case "null":
                return column.is_not(None)
            case "redact":
                return column != sa.literal(redaction(column), column.type)
            case "constant":
                return column.is_distinct_from(self.value())

    def value(self) -> Any:
        """The SQL expression that the column is set to. A NULL stays NULL: nothing was known, nothing is made up."""
        column = self._column
        match self._rule.action:
            case "null":
                return sa.null()
            case "redact":
                return sa.case(
                    (column.is_(None), sa.null()), else_=sa.literal(redaction(column), column.type)
                )
            case "constant":
                return sa.null() if self._rule.value is None else sa.literal(self._rule.value, column.type)
            case "token":
                return sa.case((column.is_(None), sa.null()), else_=self._token())
            case "json":
                return JsonColumn(column, self._rule.paths, kind=self._kind).without()
            case "remove":
                value: Any = column
                for one in self._mine:
                    value = sa.func.array_remove(value, one, type_=column.type)
                return value

    def _form(self) -> tuple[str, int, str]:
        """What stands before and after the random characters of a token, and how many these are."""
        before, _, after = str(self._rule.value).partition("{}")
        length = getattr(self._column.type, "length", None) or len(before) + len(after) + MOST_RANDOM
        return before, min(MOST_RANDOM, length - len(before) - len(after)), after

    def _is_token(self) -> sa.ColumnElement[bool]:
        """Whether the column holds a token already: a customer's own "user-maya" is none, though it begins like one."""
        before, random, after = self._form()
        if self._kind == "sqlite":
            pattern = _glob(before) + "[0-9a-f]" * random + _glob(after)
            return sa.type_coerce(self._column, sa.Text()).op("GLOB", is_comparison=True)(pattern)
        # A CHAR column fills up with blanks.
        pattern = f"^{re.escape(before)}[0-9a-f]{{{random}}}{re.escape(after)} *$"
        return as_it_is(self._column, kind=self._kind).regexp_match(pattern)

    def _token(self) -> sa.ColumnElement[Any]:
        """Random for each row, and derived from nothing: it cannot be traced back."""
        before, random, after = self._form()
        text = sa.Text()
        match self._kind:
            case "sqlite":
                source: sa.ColumnElement[Any] = sa.func.lower(
                    sa.func.hex(sa.func.randomblob(MOST_RANDOM // 2))
                )
            case "mysql":
                source = sa.func.sha2(sa.func.concat(sa.func.uuid(), sa.func.rand()), 256)
            case _:
                source = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), text), "-", "")
        part = sa.func.substr(source, 1, random, type_=text)
        whole = (
            sa.func.concat(before, part, after)
            if self._kind == "mysql"
            else (sa.literal(before, text).concat(part).concat(sa.literal(after, text)))
        )
        return sa.type_coerce(whole, self._column.type)


def redaction(column: Column) -> str:
    """Return the text that replaces a redacted value, cut to the column's length."""
    length = getattr(column.type, "length", None)
    return REDACTED[:length] if length is not None else REDACTED


def least_length(form: str) -> int:
    """Return how long a column has to be for a token of this form."""
    return len(form) - len("{}") + LEAST_RANDOM


def _glob(part: str) -> str:
    """Return the text as SQLite's GLOB takes it letter by letter."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in part)
