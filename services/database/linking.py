"""How references without a foreign key stand in a draft."""

from dataclasses import replace

import sqlalchemy as sa

from services.database.draft import ColumnDraft, LinkDraft, TableDraft
from services.database.relations import Relation
from services.database.survey import TableView
from services.database.treatment import treatments, unlinked


def links_of(mine: list[Relation]) -> tuple[LinkDraft, ...]:
    """Return the drafts of the references that no foreign key declares; the kinds of a polymorphic one together."""
    grouped: dict[tuple[str, str, str], LinkDraft] = {}
    for one in mine:
        if one.declared:
            continue
        key = (one.column, one.parent, one.referred)
        values = (*(grouped[key].when or ("", ()))[1],) if key in grouped else ()
        when = (one.when[0], (*values, one.when[1])) if one.when else None
        to = f"{one.parent}.{one.referred}"
        grouped[key] = LinkDraft(column=one.column, to=to, why=one.why, when=when)
    return tuple(grouped.values())


def towards_parent(draft: TableDraft, way: Relation, table: sa.Table) -> TableDraft:
    """Return the draft of a table whose rows refer to rows that may go: the link is written, and emptied in rows that stay."""
    if not way.declared:
        link = LinkDraft(column=way.column, to=f"{way.parent}.{way.referred}", why=way.why)
        draft = replace(draft, links=(*draft.links, link))
    if draft.action in {"anonymise", "keep"} and unlinked(table, way.column) == "null":
        null = ColumnDraft(column=way.column, action="null", why=f"the link to {way.parent}")
        draft = replace(draft, columns=(*draft.columns, null))
    return draft


def shared(view: TableView, ways: list[Relation], *, bound: bool) -> TableDraft:
    """Return the draft of a table to which the customer's rows refer; `bound`: a row that stays must go on doing so."""
    listed = ", ".join(map(str, ways))
    why = f"{view.count}; the customer's rows refer to them ({listed}); shared rows are left alone"
    referred_by = tuple(dict.fromkeys(map(str, ways)))
    draft = TableDraft(table=view.name, action="delete", why=(why,), referred_by=referred_by)
    columns, _ = treatments(view, beside_a_person=True)
    return replace(draft, action="anonymise", columns=columns) if bound and columns else draft
