"""Removing paths from JSON columns, in the words of each database."""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]")


class JsonColumn:
    """A column that holds JSON (of whatever type) and the paths in it, written as $.user.email.

    A key is removed; an element of an array becomes null, because the others must not move to its place.
    """

    def __init__(self, column: sa.Column[Any], paths: tuple[str, ...], *, kind: str) -> None:
        self._column, self._paths, self._kind = column, paths, kind
        self._text: sa.ColumnElement[Any] = sa.type_coerce(column, sa.Text())

    def is_there(self) -> sa.ColumnElement[bool]:
        """Whether one of the paths is there; also when the text is no JSON, for nobody knows what it holds."""
        there = sa.or_(*(self._has(path) for path in self._paths))
        if self._kind == "postgresql":
            return there
        return sa.and_(self._column.is_not(None), sa.case((self._is_valid, there), else_=sa.true()))

    def without(self) -> sa.ColumnElement[Any]:
        """The value without the paths; what is no JSON becomes an empty object."""
        keys = [path for path in self._paths if not path.endswith("]")]
        elements = [path for path in self._paths if path.endswith("]")]
        if self._kind == "postgresql":
            value = self._binary
            for path in elements:
                value = sa.func.jsonb_set(value, _steps(path), sa.cast("null", JSONB), False, type_=JSONB())  # noqa: FBT003  SQL's own
            for path in keys:
                value = value.op("#-", return_type=JSONB())(_steps(path))
            return sa.cast(value, self._column.type)
        removed = self._text
        if elements:
            removed = sa.func.json_replace(
                removed, *(part for path in elements for part in (path, sa.null())), type_=sa.Text()
            )
        if keys:
            removed = sa.func.json_remove(removed, *keys, type_=sa.Text())
        return sa.type_coerce(
            sa.case((self._is_valid, removed), else_=sa.literal("{}", sa.Text())), sa.Text()
        )

    def texts(self) -> Iterator[sa.ColumnElement[Any]]:
        """The values at the paths, as text."""
        for path in self._paths:
            if self._kind == "postgresql":
                yield self._binary.op("#>>", return_type=sa.Text())(_steps(path))
            else:
                yield sa.case((self._is_valid, self._value(path)), else_=sa.null())

    def _has(self, path: str) -> sa.ColumnElement[bool]:
        if path.endswith("]"):
            return self._value(path).is_not(None)
        if self._kind == "postgresql":
            return self._binary.op("#>")(_steps(path)).is_not(None)
        if self._kind == "mysql":
            return sa.func.json_contains_path(self._text, "one", path) == 1
        return sa.func.json_type(self._text, path).is_not(None)

    def _value(self, path: str) -> sa.ColumnElement[Any]:
        """The value as text; JSON's null is NULL."""
        if self._kind == "postgresql":
            return self._binary.op("#>>", return_type=sa.Text())(_steps(path))
        found = sa.func.json_extract(self._text, path, type_=sa.Text())
        if self._kind == "mysql":
            return sa.case((sa.func.json_type(found) == "NULL", sa.null()), else_=sa.func.json_unquote(found))
        return found

    @property
    def _is_valid(self) -> sa.ColumnElement[bool]:
        return sa.func.json_valid(self._text) == 1

    @property
    def _binary(self) -> sa.ColumnElement[Any]:
        return sa.cast(self._column, JSONB)


def _steps(path: str) -> sa.ColumnElement[Any]:
    steps = [name or number for name, number in _STEP.findall(path)]
    return sa.cast(sa.literal(steps, ARRAY(sa.Text)), ARRAY(sa.Text))
