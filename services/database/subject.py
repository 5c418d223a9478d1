"""Which table's rows are the customers: scored by name, by an e-mail column, and by how much refers to it."""

from collections.abc import Iterable

from services.database.relations import Relation, base
from services.database.schema import Schema, is_text, is_unique
from services.database.signs import Sign, holds_people, holds_staff, word_set, words
from services.database.survey import ColumnView, TableView
from services.marked_yaml import nearest

_FIRST = ("customer", "client", "shopper", "buyer", "patient", "subscriber", "guest")
_SECOND = (
    "user",
    "userprofile",
    "profile",
    "member",
    "account",
    "person",
    "contact",
    "student",
    "participant",
)
_ACTING = word_set("created updated modified by last old previous alternate alt backup secondary recovery")
_SHOWN = (
    "created",
    "registered",
    "joined",
    "signup",
    "since",
    "status",
    "plan",
    "city",
    "country",
    "tier",
    "active",
)


class NoSubjectError(Exception):
    """No table can be chosen; the text says which came near and how to name one."""


def choose(schema: Schema, views: dict[str, TableView], named: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the customers' table and the runners-up. `named` is the operator's choice. Raises `NoSubjectError`."""
    if named:
        if named not in views:
            near = nearest(named, tuple(views)) or f"Tables: {', '.join(sorted(views)[:30])}."
            raise NoSubjectError(f"the database has no table `{named}`. {near}")
        problem = _unfit(views[named], schema, views)
        if problem:
            raise NoSubjectError(f"`{named}` cannot be the customers' table: {problem}")
        return named, ()
    scores = {name: _score(schema, view) for name, view in views.items() if not _unfit(view, schema, views)}
    ranked = sorted((name for name in scores if scores[name] > 0), key=lambda name: (-scores[name], name))
    if not ranked:
        raise NoSubjectError(
            "no table looks like the customers (a key and an e-mail column). Name one: --subject TABLE"
        )
    runners_up = tuple(name for name in ranked[1:4] if scores[name] >= scores[ranked[0]] - 4)
    return ranked[0], runners_up


def key_of(view: TableView) -> str:
    """Return the column that is the key of the customers' table: its primary key, or a unique id. "" if there is none."""
    primary = [one.name for one in view.table.primary_key.columns]
    if len(primary) == 1:
        return primary[0]
    unique = [one.name for one in view.table.c if is_unique(view.table, one.name)]
    return next((one for one in unique if words(one)[-1:] == ("id",)), next(iter(unique), ""))


def email_of(view: TableView) -> str:
    """Return the column with the customers' address, "" if there is none."""
    found = [one for one in view.columns.values() if one.is_a(Sign.EMAIL) and is_text(one.column)]

    def order(one: ColumnView) -> tuple[bool, bool, bool, bool, int]:
        by_value = one.finding is not None and "sampled" in one.finding.why
        return (
            bool(_ACTING & set(words(one.name))),
            not _is_diverse(one),
            not is_unique(view.table, one.name),
            by_value and "mail" not in one.name.lower(),
            len(one.name),
        )

    return min(found, key=order).name if found else ""


def _is_diverse(column: ColumnView) -> bool:
    """Whether the addresses are of several providers: those that a system makes up itself are all of one."""
    return len({str(one).rpartition("@")[2].lower() for one in column.values}) > 1


def name_of(view: TableView) -> str:
    """Return the column that holds a whole name, "" if there is none (for finding namesakes)."""
    whole = [
        one.name
        for one in view.columns.values()
        if one.is_a(Sign.NAME)
        and not {"first", "last", "given", "family", "middle", "nick"} & set(words(one.name))
    ]
    return next((one for one in whole if words(one)[-1:] == ("name",) and "company" not in one.lower()), "")


def shown_of(view: TableView) -> tuple[str, ...]:
    """Return a few harmless columns by which an agent tells two customers apart."""
    fits = [
        one.name
        for hint in _SHOWN
        for one in view.columns.values()
        if hint in one.name.lower() and not one.is_strong and not one.is_json and not one.column.foreign_keys
    ]
    return tuple(dict.fromkeys(fits))[:3]


def address_book(view: TableView, relations: Iterable[Relation], views: dict[str, TableView]) -> str:
    """Return "table.column" where the customers' addresses stand in a table of their own, "" if nowhere."""
    mine = {one.child for one in relations if one.parent == view.name and one.referred == key_of(view)}
    found = [(email_of(views[name]), views[name]) for name in mine if email_of(views[name])]
    order = sorted(found, key=lambda one: (-len(one[1].columns[one[0]].values), one[1].name))
    return f"{order[0][1].name}.{order[0][0]}" if order else ""


def _unfit(view: TableView, schema: Schema, views: dict[str, TableView]) -> str:
    if not key_of(view):
        return "it has no key of one column"
    name = base(view.name, schema)
    books = (
        other
        for other in views.values()
        if other.name != view.name
        and email_of(other)
        and any(name in "".join(words(one)) for one in other.columns)
    )
    if email_of(view) or (name in (*_FIRST, *_SECOND) and any(books)):
        return ""
    return "it has no column with e-mail addresses"


def _score(schema: Schema, view: TableView) -> float:
    name = base(view.name, schema)
    referring = {link.child for link in schema.links if link.parent == view.name and link.child != view.name}
    speaking = {
        table
        for table, other in schema.tables.items()
        if table != view.name and any(name in "".join(words(column.name)) for column in other.c)
    }
    points = 0.0
    begins = words(view.name.rpartition(".")[2])[:1]
    points += 8 if name in _FIRST else 5 if name in _SECOND or begins[0:1] == ("customer",) else 0
    points += 1 if holds_people(view.name) else -2
    points -= 8 if holds_staff(view.name) else 0
    email = email_of(view)
    points += -3 if not email else 2 if is_unique(view.table, email) else 0
    points += min(4, len(referring)) + min(3, len(speaking)) + (2 if view.rows > 1 else 0)
    points += min(3, len(view.personal())) - (3 if "." in view.name else 0)  # a copy stands in another schema
    return points
