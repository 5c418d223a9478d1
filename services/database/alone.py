"""Drafts for tables that no reference leads to: addresses in them, names like the customers', staff, or nobody."""

import json
from typing import Any

import sqlalchemy as sa

from services.database.draft import SubjectDraft, TableDraft, scalar
from services.database.relations import Relation
from services.database.schema import is_text
from services.database.signs import Sign, holds_staff, words
from services.database.survey import MOST_COMPARED, ColumnView, TableView, hits
from services.database.treatment import treatments

_PATH_IN_JSON = {
    "sqlite": "CASE WHEN json_valid({column}) THEN lower(json_extract({column}, '{path}')) END = :email",
    "mysql": "CASE WHEN json_valid({column}) THEN lower(json_unquote(json_extract({column}, '{path}'))) END = :email",
    "postgresql": "lower({column} #>> '{steps}') = :email",
}
_INSIDE = {"sqlite": "instr(lower({column}), :email) > 0", "mysql": "locate(:email, lower({column})) > 0"}


class Loner:
    """Judges tables by what is in them. Without a connection no value is compared."""

    def __init__(
        self,
        views: dict[str, TableView],
        subject: SubjectDraft,
        connection: sa.Connection | None,
        *,
        kind: str,
    ) -> None:
        self._connection, self._kind, self._subject = connection, kind, subject
        self._compared: dict[str, int] = {}
        root = views[subject.table]
        table, _, column = subject.email.rpartition(".")
        self._emails = views[table or subject.table].table.c[column]
        self._names = [
            one.column
            for one in root.columns.values()
            if one.is_a(Sign.NAME) and {"name", "full", "real"} & set(words(one.name))
        ]

    def draft(self, view: TableView) -> TableDraft | None:
        """Return the draft for a table without any way to the customer, or None where it holds nobody."""
        personal = view.personal()
        shown = ", ".join(f"{one.name} ({one.finding.sign})" for one in personal if one.finding is not None)
        if personal and holds_staff(view.name):
            ground = "the company's own people, no customers"
            return TableDraft(table=view.name, action="keep", why=(f"{view.count}; {shown}",), ground=ground)
        emails = self.email_columns(view)
        if emails:
            return self._by_address(view, emails)
        match, is_exact = self._inside(view)
        if match:
            why = f"{view.count}; no reference to {self._subject.table}, but addresses inside: {shown}"
            draft = TableDraft(table=view.name, action="delete", why=(why,), match=match)
            return (
                draft if is_exact else _left_open(draft, why=f"{why}; decide, the condition may hit others")
            )
        if (alike := self._names_alike(view)) is not None:
            return alike
        if not personal:
            return None
        why = f"{view.count}; {shown}; nothing leads from it to {self._subject.table}: if customers are in it, add links or by"
        return TableDraft(
            table=view.name, action="keep", why=(why,), ground="the people in it are no customers"
        )

    def _by_address(self, view: TableView, emails: list[ColumnView]) -> TableDraft:
        known = {one.name: self._known(one) for one in emails}
        why = f"{view.count}; no reference to {self._subject.table}, but addresses: {', '.join(known)}"
        by = tuple((one.name, "email", self.overlap(one)) for one in emails)
        columns, stuck = treatments(view, beside_a_person=False)
        if not stuck and columns and not any(known.values()):
            why += "; none of the sampled ones is a customer's"
            return TableDraft(table=view.name, action="anonymise", why=(why,), columns=columns, by=by)
        return TableDraft(table=view.name, action="delete", why=(why,), by=by)

    def email_columns(self, view: TableView) -> list[ColumnView]:
        """Return the columns that hold an address and nothing else."""
        return [
            one
            for one in view.columns.values()
            if one.is_a(Sign.EMAIL)
            and is_text(one.column)
            and not one.column.foreign_keys
            and (not one.values or any("@" in str(value) for value in one.values))
        ]

    def overlap(self, column: ColumnView) -> str:
        """Say how many of the column's addresses are customers'."""
        if self._connection is None or not column.values:
            return column.finding.why if column.finding is not None else ""
        number = min(len(column.values), MOST_COMPARED)
        return f"{self._known(column)} of {number} compared addresses are customers'"

    def _inside(self, view: TableView) -> tuple[str, bool]:
        """Return a condition for addresses inside JSON or longer texts ("" where there are none), and whether it is exact.

        A condition on a part of a text may hit a longer address; a cast may fail on a text that is no JSON.
        """
        for one in view.columns.values():
            name = self._quoted(one.name)
            if one.is_a(Sign.JSON) and one.finding is not None and self._kind in _PATH_IN_JSON:
                path = next((path for path in one.finding.paths if "mail" in path.lower()), None)
                if path is not None and "[" not in path:
                    is_postgres = self._kind == "postgresql"
                    column = f"CAST({name} AS jsonb)" if is_postgres else name
                    steps = "{" + ",".join(path.split(".")[1:]) + "}"
                    match = _PATH_IN_JSON[self._kind].format(column=column, path=path, steps=steps)
                    return match, not is_postgres or isinstance(one.column.type, sa.JSON)
            if one.is_a(Sign.CORRESPONDENCE) and is_text(one.column):
                return _INSIDE.get(self._kind, "strpos(lower({column}), :email) > 0").format(
                    column=name
                ), False
        return "", False

    def _quoted(self, name: str) -> str:
        return (
            self._connection.dialect.identifier_preparer.quote(name) if self._connection is not None else name
        )

    def _names_alike(self, view: TableView) -> TableDraft | None:
        """Names of customers without any reference: only a person can say whose they are."""
        if self._connection is None:
            return None
        for column in view.columns.values():
            if column.is_a(Sign.NAME) and is_text(column.column) and column.values:
                for name in self._names:
                    number = hits(self._connection, name, column.values, folded=True)
                    if number * 2 >= min(len(column.values), MOST_COMPARED):
                        why = f"{view.count}; {number} sampled values of {column.name} stand in {self._subject.table}.{name.name} too"
                        return _left_open(
                            TableDraft(
                                table=view.name, action="keep", ground="no customers in it", why=(why,)
                            ),
                            why=why,
                        )
        return None

    def _known(self, column: ColumnView) -> int:
        """How many of the sampled addresses are customers'; asked once a column, for it may read the whole table."""
        if self._connection is None:
            return 1
        place = str(column.column)
        if place not in self._compared:
            self._compared[place] = hits(self._connection, self._emails, column.values, folded=True)
        return self._compared[place]


def notes_on_ids(
    view: TableView, relations: list[Relation], connection: sa.Connection | None, key: sa.Column[Any]
) -> tuple[str, ...]:
    """Say which text columns hold numbers that are keys of customers: nobody can know, so it is only a hint."""
    explained = {one.column for one in relations if one.child == view.name}
    found: list[str] = []
    for one in view.columns.values():
        numbers = [value for value in one.values if isinstance(value, str) and value.isdigit()]
        if (
            connection is None
            or one.name in explained
            or one.column.primary_key
            or not numbers
            or not isinstance(key.type, sa.Integer)
        ):
            continue
        if hits(connection, key, numbers) == min(len(numbers), MOST_COMPARED):
            found.append(
                f"{one.name} holds numbers that are keys of customers as well: if they mean them, add links or columns"
            )
    return tuple(found)


def _left_open(draft: TableDraft, *, why: str) -> TableDraft:
    rest = f", match: {json.dumps(draft.match)}" if draft.match else f", ground: {json.dumps(draft.ground)}"
    lines = (f"{scalar(draft.table)}: {{action: {draft.action}{rest}}}",)
    return TableDraft(table=draft.table, action="", why=(f"undecided: {why}",), open=lines)
