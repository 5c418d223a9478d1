"""Fides datasets: their categories, identities and references become the evidence for a drafted data map."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from services.database.draft import Draft
from services.database.reflection import reflect
from services.database.relations import Guesser, Relation, declared
from services.database.roles import role_of
from services.database.schema import Schema
from services.database.signs import Finding, Sign, singular
from services.database.subject import choose
from services.database.suggest import draft_of
from services.database.survey import ColumnView, Progress, TableView, survey
from services.marked_yaml import Section, SystemsFileError, nearest

# The longest beginning of a category that is listed decides; False: personal only beside a person.
_CATEGORIES: tuple[tuple[str, Sign, bool], ...] = (
    ("user.contact.email", Sign.EMAIL, True),
    ("user.contact.phone", Sign.PHONE, True),
    ("user.contact.fax", Sign.PHONE, True),
    ("user.contact.address.street", Sign.ADDRESS, True),
    ("user.contact.address", Sign.LOCATION, False),
    ("user.contact.city", Sign.LOCATION, False),
    ("user.contact.postal_code", Sign.LOCATION, False),
    ("user.name", Sign.NAME, True),
    ("user.device.ip_address", Sign.IP, True),
    ("user.device", Sign.DEVICE, True),
    ("user.financial", Sign.PAYMENT, True),
    ("user.payment", Sign.PAYMENT, True),
    ("user.government_id", Sign.NUMBER, True),
    ("user.authorization", Sign.SECRET, True),
    ("user.credentials", Sign.SECRET, True),
    ("user.account.username", Sign.LOGIN, True),
    ("user.demographic.date_of_birth", Sign.BIRTH, True),
    ("user.location", Sign.LOCATION, False),
    ("user.", Sign.TEXT, True),
)
_KEYS = ("user.unique_id", "user.account.identifier")
_TYPES = {
    "integer": sa.Integer,
    "long": sa.BigInteger,
    "float": sa.Float,
    "boolean": sa.Boolean,
    "object": sa.JSON,
}


class FidesError(SystemsFileError):
    """A dataset cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: what it is filed under, the places inside it, and what it refers to."""

    name: str
    line: int
    finding: Finding | None
    is_key: bool
    is_harmless: bool
    kind: str
    refers: tuple[str, ...]


class Collection(dict[str, Field]):
    """The fields of one collection by name, and the line where it begins."""

    line = 1


Dataset = dict[str, Collection]


def import_dataset(
    path: Path,
    *,
    subject: str = "",
    connection: sa.Connection | None = None,
    progress: Progress | None = None,
) -> Draft:
    """Return the draft for a dataset file; with a connection the live schema decides what the file leaves open.

    Raises `FidesError` with the line, `NoSubjectError` or `NotReadableError`.
    """
    dataset = read(path)
    if connection is None:
        schema = _imagined(dataset)
        views = {name: _view(name, table, dataset) for name, table in schema.tables.items()}
        table, near = choose(schema, views, subject or _told_subject(dataset))
        relations = tuple(_relations(dataset, schema, table))
        return draft_of(schema, views, relations, table, near=near, named=bool(subject))
    schema = reflect(connection)
    _check(dataset, schema, path)
    seen = survey(connection, schema, progress=progress or (lambda *_: None))
    views = {name: _completed(view, dataset.get(name, Collection())) for name, view in seen.items()}
    table, near = choose(schema, views, subject or _told_subject(dataset))
    told = tuple(_relations(dataset, schema, table))
    known = {(one.child, one.column) for one in told}
    guesser = Guesser(connection, schema, views, table)
    guessed = [
        one for name in views for one in guesser.of(views[name]) if (one.child, one.column) not in known
    ]
    keys = declared(schema, table)
    real = {(one.child, one.column) for one in keys}
    told = tuple(one for one in told if (one.child, one.column) not in real)
    return draft_of(
        schema, views, (*keys, *told, *guessed), table, near=near, named=bool(subject), connection=connection
    )


def read(path: Path) -> Dataset:
    """Return the collections of every dataset in a file. Raises `FidesError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise FidesError("cannot be read", file=str(path), line=1, cure="Check the path.") from None
    top = Section.parse(text, file=str(path), title="the dataset", error=FidesError)
    collections: Dataset = {}
    for one in _mappings(top, "dataset"):
        for collection in _mappings(one, "collections"):
            fields = Collection({field.name: field for field in _fields(collection)})
            fields.line = collection.line
            collections[collection.text("name")] = fields
    if not collections:
        top.fail(
            "dataset",
            "there are no collections in it",
            "Write `dataset: [{collections: [{name: …, fields: …}]}]`.",
        )
    return collections


def _mappings(section: Section, key: str) -> Iterator[Section]:
    for one in section.items(key):
        if not isinstance(one, Section):
            section.fail(
                key, f"`{key}` has to be a list of mappings", "See the Fides documentation on datasets."
            )
        yield one


def _fields(collection: Section) -> Iterator[Field]:
    for one in _mappings(collection, "fields"):
        meta = one.section("fides_meta" if "fides_meta" in one else "fidesops_meta")
        categories = one.texts("data_categories")
        finding = _finding(one, meta, categories)
        refers = tuple(ref.text("field") for ref in _mappings(meta, "references"))
        yield Field(
            name=one.text("name"),
            line=one.line,
            finding=finding,
            is_key=meta.text("primary_key", "false").lower() == "true"
            if _is_text(meta, "primary_key")
            else _flag(meta),
            is_harmless=bool(categories) and finding is None,
            kind=meta.text("data_type", ""),
            refers=refers,
        )


def _is_text(meta: Section, key: str) -> bool:
    return "primary_key" in meta and isinstance(meta.constant(key), str)


def _flag(meta: Section) -> bool:
    return "primary_key" in meta and bool(meta.constant("primary_key"))


def _finding(field: Section, meta: Section, categories: tuple[str, ...]) -> Finding | None:
    if "fields" in field:
        paths = tuple(sorted(_paths(field, "$")))
        return (
            Finding(sign=Sign.JSON, strong=True, why="the dataset files parts of it as personal", paths=paths)
            if paths
            else None
        )
    if meta.text("identity", "") == "email":
        return Finding(sign=Sign.EMAIL, strong=True, why="the dataset calls it an identity (email)")
    for category in categories:
        if category.startswith(_KEYS):
            continue
        for beginning, sign, strong in _CATEGORIES:
            if category.startswith(beginning) or category == beginning.rstrip("."):
                return Finding(sign=sign, strong=strong, why=f"the dataset files it as {category}")
    return None


def _paths(field: Section, path: str) -> Iterator[str]:
    for one in _mappings(field, "fields"):
        here = f"{path}.{one.text('name')}"
        if "fields" in one:
            yield from _paths(one, here)
        elif any(category.startswith("user.") for category in one.texts("data_categories")):
            yield here


def _told_subject(dataset: Dataset) -> str:
    """The collection whose key others refer to and that has an identity, if there is exactly one."""
    named = {
        to.rpartition(".")[0] for fields in dataset.values() for one in fields.values() for to in one.refers
    }
    fits = [
        name
        for name, fields in dataset.items()
        if name in named and any(one.finding is not None and one.finding.sign is Sign.EMAIL for one in fields.values())
        and any(singular(word) in {"customer", "user", "member", "account", "client"} for word in name.lower().split("_"))
    ]  # fmt: skip
    return fits[0] if len(fits) == 1 else ""


def _imagined(dataset: Dataset) -> Schema:
    metadata = sa.MetaData()
    for name, fields in dataset.items():
        columns = [
            sa.Column(one.name, _TYPES.get(one.kind, sa.Text)(), primary_key=one.is_key, autoincrement=False)
            for one in fields.values()
        ]
        sa.Table(name, metadata, *columns)
    return Schema(tables=dict(metadata.tables), links=(), kind="fides")


def _view(name: str, table: sa.Table, dataset: Dataset) -> TableView:
    columns = {
        one.name: ColumnView(
            column=one,
            values=(),
            finding=dataset[name][one.name].finding,
            is_json=isinstance(one.type, sa.JSON),
        )
        for one in table.c
    }
    return TableView(name=name, table=table, rows=0, columns=columns)


def _completed(view: TableView, fields: dict[str, Field]) -> TableView:
    """What the dataset says comes first; where it says nothing, the guess stays."""
    columns = {
        name: one
        if name not in fields or (fields[name].finding is None and not fields[name].is_harmless)
        else replace(one, finding=fields[name].finding or (one.finding if one.is_strong else None))
        for name, one in view.columns.items()
    }
    return replace(view, columns=columns)


def _check(dataset: Dataset, schema: Schema, path: Path) -> None:
    for name, fields in dataset.items():
        if name not in schema.tables:
            near = nearest(name, tuple(schema.tables)) or "Is this the database that the dataset describes?"
            raise FidesError(
                f"the database has no table `{name}`", file=str(path), line=fields.line, cure=near
            )
        known = tuple(column.name for column in schema.tables[name].c)
        for field in fields.values():
            if field.name not in known:
                near = nearest(field.name, known) or f"Columns: {', '.join(known)}."
                raise FidesError(
                    f"`{name}` has no column `{field.name}`", file=str(path), line=field.line, cure=near
                )


def _relations(dataset: Dataset, schema: Schema, subject: str) -> Iterator[Relation]:
    for name, fields in dataset.items():
        for field in fields.values():
            for to in field.refers:
                parent, _, referred = to.rpartition(".")
                if parent not in schema.tables or referred not in schema.tables[parent].c or parent == name:
                    continue
                column = schema.tables[name].c[field.name]
                yield Relation(
                    child=name, column=field.name, parent=parent, referred=referred,
                    role=role_of(field.name, schema.tables[name], about=subject), nullable=bool(column.nullable), declared=False,
                    why=f"the dataset says that it refers to {to}",
                )  # fmt: skip
