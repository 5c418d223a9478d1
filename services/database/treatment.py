"""What should become of a column that stays: the mildest action that its type and constraints allow."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from services.database.draft import ColumnDraft, TableDraft
from services.database.relations import Relation
from services.database.schema import is_text, is_unique
from services.database.signs import Finding, Sign
from services.database.survey import ColumnView, TableView

_BESIDE_A_PERSON = (Sign.LOCATION, Sign.TEXT)


def treatments(view: TableView, *, beside_a_person: bool) -> tuple[tuple[ColumnDraft, ...], tuple[str, ...]]:
    """Return drafts for the personal columns of rows that stay, and the names of those that nothing can be done about.

    `beside_a_person` also takes what is personal only there: towns, free text.
    """
    drafts: list[ColumnDraft] = []
    stuck: list[str] = []
    for one in view.columns.values():
        finding = one.finding
        if finding is None or not (finding.strong or (beside_a_person and finding.sign in _BESIDE_A_PERSON)):
            continue
        if one.column.foreign_keys:
            continue
        action = treatment(view.table, one, finding)
        if action is None:
            stuck.append(one.name)
        else:
            drafts.append(ColumnDraft(column=one.name, action=action, why=finding.why))
    return tuple(drafts), tuple(stuck)


def treatment(table: sa.Table, view: ColumnView, finding: Finding) -> str | dict[str, Any] | None:
    """Return the action for one column, or None where only deleting the row helps."""
    column = view.column
    if column.primary_key or column.computed is not None:
        return None
    if finding.sign is Sign.JSON and finding.paths:
        return {"json": finding.paths}
    if is_unique(table, column.name):
        if column.nullable:
            return "null"
        if not is_text(column):
            return None
        return (
            {"token": "erased-{}@invalid.example"}
            if _fits(column, 40) and finding.sign is Sign.EMAIL
            else "token"
        )
    if column.nullable:
        return "null"
    if view.is_json:
        return {"constant": "{}"} if is_text(column) else None
    return "redact" if is_text(column) else _constant(column)


def unlinked(table: sa.Table, name: str) -> str | dict[str, Any] | None:
    """Return what empties a reference: null, or what schemas without NULL write for nobody. None where neither works."""
    column = table.c[name]
    if column.primary_key or column.computed is not None:
        return None
    if column.nullable:
        return "null"
    if column.foreign_keys or is_unique(table, name):
        return None
    return (
        {"constant": ""}
        if is_text(column)
        else {"constant": 0}
        if isinstance(column.type, sa.Integer)
        else None
    )


def let_go(
    draft: TableDraft, found: Mapping[str, TableDraft], relations: Iterable[Relation], table: sa.Table
) -> TableDraft:
    """Return the draft with the references of rows that stay to rows that go emptied; the check asks for each of them."""
    if draft.action != "anonymise":
        return draft
    named = {one.column for one in draft.columns}
    emptied: dict[str, ColumnDraft] = {}
    for one in relations:
        goes = one.parent in found and found[one.parent].action == "delete"
        if one.child != draft.table or not one.declared or one.parent == draft.table or not goes:
            continue
        if one.column not in named and unlinked(table, one.column) == "null":
            why = f"refers to a row of {one.parent}, which goes"
            emptied[one.column] = ColumnDraft(column=one.column, action="null", why=why)
    return replace(draft, columns=(*draft.columns, *emptied.values()))


def _fits(column: sa.Column[Any], length: int) -> bool:
    limit = getattr(column.type, "length", None)
    return limit is None or limit >= length


def _constant(column: sa.Column[Any]) -> dict[str, Any] | None:
    if isinstance(column.type, sa.Integer | sa.Numeric):
        return {"constant": 0}
    if isinstance(column.type, sa.Date | sa.DateTime):
        return {"constant": "1900-01-01"}
    return {"constant": "0.0.0.0"} if type(column.type).__name__.upper() == "INET" else None  # noqa: S104  nobody's address
