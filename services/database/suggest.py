"""Drafts a data map from a live schema: who the customers are, what is theirs, and what should happen to it."""

from dataclasses import replace

import sqlalchemy as sa

from services.database.decide import Decider
from services.database.draft import Draft, SubjectDraft
from services.database.elsewhere import in_words, other_schemas
from services.database.reflection import reflect
from services.database.relations import Guesser, Relation, declared
from services.database.schema import Schema
from services.database.signs import Sign
from services.database.subject import (
    NoSubjectError,
    address_book,
    choose,
    email_of,
    key_of,
    name_of,
    shown_of,
)
from services.database.survey import Progress, TableView, survey


def suggest(
    connection: sa.Connection, *, subject: str = "", schemas: tuple[str, ...] = (), progress: Progress
) -> Draft:
    """Return a draft for the database that the connection is open to. Reads only.

    `schemas` are looked at besides the connection's own. `subject` names the customers' table where the guess would be wrong. Raises `NoSubjectError` or `NotReadableError`.
    """
    schema = reflect(connection, schemas=schemas)
    views = survey(connection, schema, progress=progress)
    table, near = choose(schema, views, subject)
    guesser = Guesser(connection, schema, views, table)
    relations = (*declared(schema, table), *(one for name in views for one in guesser.of(views[name])))
    draft = draft_of(schema, views, relations, table, near=near, named=bool(subject), connection=connection)
    others = other_schemas(connection, schema.schemas)
    note = f"Not looked at: the schemas {in_words(others)} (draft again with --schema NAME)."
    return replace(draft, notes=(*draft.notes, note)) if others else draft


def draft_of(
    schema: Schema,
    views: dict[str, TableView],
    relations: tuple[Relation, ...],
    table: str,
    *,
    near: tuple[str, ...] = (),
    named: bool = False,
    connection: sa.Connection | None = None,
) -> Draft:
    """Return the draft for what is known about a database; without a connection no value is compared."""
    view = views[table]
    why = (
        "named by --subject"
        if named
        else f"looks like the customers' table ({view.count}, referred to by others)"
    )
    email = email_of(view) or address_book(view, relations, views)
    if not email:
        raise NoSubjectError(
            f"`{table}` has no column with e-mail addresses, and no table that refers to it has one"
        )
    others = [one.name for one in view.columns.values() if one.is_a(Sign.EMAIL) and one.name != email]
    if others:
        why += f"; addresses stand in {', '.join(others)} too"
    subject = SubjectDraft(
        table=table,
        key=key_of(view),
        email=email,
        why=why,
        display=shown_of(view),
        same_name=name_of(view) if name_of(view) != key_of(view) else "",
    )
    decider = Decider(schema, views, relations, subject, connection)
    tables = decider.tables()
    mentioned = {one.table for one in tables}
    notes = (
        [f"Other tables that could be the customers': {', '.join(near)} (draft again with --subject)."]
        if near
        else []
    )
    return Draft(
        subject=subject,
        tables=tables,
        nobody=tuple(name for name in sorted(views) if name not in mentioned),
        notes=tuple(notes),
    )
