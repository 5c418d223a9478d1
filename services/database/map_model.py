"""What a data map says, as records: the subject, and for each table what happens to the customer's rows in it."""

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any, Literal

from services.marked_yaml import SystemsFileError

Action = Literal["delete", "anonymise", "keep"]
ColumnAction = Literal["null", "redact", "constant", "token", "json", "remove"]
BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # the same places where SQLAlchemy's text() sees a parameter


class DataMapError(SystemsFileError):
    """A data map cannot be used, alone or with this database's schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """What becomes of one column.

    `value` is the constant, the form of a token ("erased-{}"), or whose element is removed from an array ("key", or a
    kind of identifier); `paths` belongs to `json`.
    """

    column: str
    action: ColumnAction
    line: int
    value: Any = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftLink:
    """A reference that the database does not know as a foreign key: `columns` of this table hold `referred` of `parent`.

    `when` says for which rows it holds, as (column, values), e.g. owner_type = "Customer".
    """

    columns: tuple[str, ...]
    parent: str
    referred: tuple[str, ...]
    line: int
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """What becomes of the customer's rows in one table.

    `match` finds rows by a condition (`:email`, `:key` are bound), `by` by columns that hold an identifier (column,
    kind). `links` are references without a foreign key. `via` names the references that say whose row it is; ("none",)
    says that none does, however many lead to the customer.
    `referred_by` names references ("customers.address_id") *to* this table: a row to which one of the customer's rows
    refers is theirs unless somebody else's row refers to it too. `ground` and `until` explain what is kept;
    `holds_nobody` is true where nothing in the table is personal. `kept` are columns that were looked at and stay.
    """

    table: str
    action: Action
    line: int
    columns: tuple[ColumnRule, ...] = ()
    match: str = ""
    by: tuple[tuple[str, str], ...] = ()
    links: tuple[SoftLink, ...] = ()
    via: tuple[str, ...] = ()
    referred_by: tuple[str, ...] = ()
    ground: str = ""
    until: str = ""
    holds_nobody: bool = False
    kept: tuple[str, ...] = ()

    @property
    def is_found_only_by_itself(self) -> bool:
        """Whether no reference says whose row it is."""
        return self.via == ("none",)

    @property
    def is_found_by_itself(self) -> bool:
        """Whether rows are found without any reference to another table."""
        return bool(self.match or self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The table whose row is the customer. `identify` maps a kind of identifier ("email") to its column.

    `elsewhere` does so for columns of other tables that refer to the key: (kind, table, column).
    """

    table: str
    key: str
    identify: tuple[tuple[str, str], ...]
    line: int
    elsewhere: tuple[tuple[str, str, str], ...] = ()
    display: tuple[str, ...] = ()
    same_name: str = ""

    @property
    def kind(self) -> str:
        """The kind of identifier that a row's key is, e.g. "customers.id"."""
        return f"{self.table}.{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMap:
    """A whole map. `digest` is of its text."""

    file: str
    digest: str
    subject: Subject
    rules: tuple[TableRule, ...]

    def rule(self, table: str) -> TableRule | None:
        """Return the decision about a table, or None."""
        return next((one for one in self.rules if one.table == table), None)

    def without_strangers(self, reached: Container[str]) -> "DataMap":
        """Leave out tables that hold nobody and to which nothing leads: they only say that somebody looked at them."""
        rules = tuple(one for one in self.rules if one.table in reached or not one.holds_nobody)
        return replace(self, rules=rules)

    def error(self, problem: str, *, line: int, cure: str) -> DataMapError:
        """Return an error that points into this map."""
        return DataMapError(problem, file=self.file, line=line, cure=cure)
