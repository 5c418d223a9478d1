"""The data map: what it may say, and that a map which does not fit is refused with its line, before anything runs."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from services.database import twin
from services.database.connection import CompanyDatabase
from services.database.data_map import DataMapError, load, parse
from services.database.reach import trace
from services.database.reflection import reflect

HEAD = "subject: {table: customers, key: id, identify: {email: email}}\ntables:\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("subject: {table: c, key: id, identify: {phone: p}}\ntables: {}\n", 1, "by e-mail"),
        (HEAD + "  a: {action: erase}\n", 3, "Choose one of"),
        (HEAD + "  a: {action: anonymise}\n", 3, "no columns"),
        (HEAD + "  a: {action: keep}\n", 3, "no personal data"),
        (HEAD + "  a: {action: delete, columns: {x: null}}\n", 3, "deleted"),
        (HEAD + "  a: {action: keep, ground: g, columns: {x: redact}}\n", 3, "stay"),
        (HEAD + "  a: {action: anonymise, columns: {x: hide}}\n", 3, "no known action"),
        (HEAD + "  a: {action: anonymise, columns: {x: {json: ['user.*']}}}\n", 3, "JSON path"),
        (HEAD + "  a: {action: delete, match: 'mail = :email'}\n", 3, "lower(column)"),
        (HEAD + "  a: {action: delete, match: 'lower(mail) = :mail'}\n", 3, ":email or :key"),
        (HEAD + "  a: {action: delete, match: 'lower(m) = :email; DROP'}\n", 3, "one condition"),
        (HEAD + "  a: {action: delete, when: now}\n", 3, "unknown key"),
    ],
)
def test_a_map_that_is_wrong_in_itself(text: str, line: int, words: str) -> None:
    """Every mistake is named with its line and a cure."""
    with pytest.raises(DataMapError) as caught:
        parse(text, file="m.yaml")
    assert words in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  addresses:   {action: delete}\n", "", "`addresses` (through addresses.customer_id)"),
        ("addresses: ", "adresses: ", "no table `adresses`. Did you mean `addresses`?"),
        ("ship_name: redact", "ship_nam: redact", "Did you mean `ship_name`?"),
        ("customer_id: null, email: null", "email: null", "Add `customer_id: null`"),
        ("email: null, ship", "total_cents: null, ship", "must not be NULL"),
        ("email: null, ship", "total_cents: redact, ship", "no text"),
        ("identify: {email: email}", "identify: {email: mail}", "no column `mail`"),
        ("key: id", "key: city", "not unique"),
        (
            "  invoices:    {action: keep, keep:",
            "  invoices:    {action: anonymise, columns: {number: redact}, keep:",
            "unique",
        ),
        ('match: "lower(requester_email) = :email"', "via: [x]", "no foreign key"),
        (
            "  addresses:   {action: delete}",
            "  addresses:   {action: delete, via: [customer]}",
            "Did you mean `customer_id`?",
        ),
        (
            "tables:\n",
            "tables:\n  customers: {action: anonymise, columns: {phone: null}}\n",
            "still say who it was",
        ),
    ],
)
def test_a_map_that_does_not_fit_the_database(tmp_path: Path, old: str, new: str, words: str) -> None:
    """The live schema decides: undecided tables, wrong names and impossible actions are errors, never skipped."""
    assert old in twin.FERNLEAF_MAP
    with pytest.raises(DataMapError) as caught:
        _trace(tmp_path, twin.FERNLEAF_MAP.replace(old, new, 1), twin.SCHEMA)
    assert words in str(caught.value), str(caught.value)
    assert caught.value.line > 1


def test_several_keys_to_the_customer_need_a_decision(tmp_path: Path) -> None:
    """A message between two customers belongs to neither by itself: the map says by which key."""
    schema = """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT);
        CREATE TABLE messages (id INTEGER PRIMARY KEY, sender INTEGER REFERENCES customers(id),
          recipient INTEGER REFERENCES customers(id));
    """
    with pytest.raises(DataMapError, match="via"):
        _trace(tmp_path, HEAD + "  messages: {action: delete}\n", schema)
    _trace(tmp_path, HEAD + "  messages: {action: delete, via: [sender]}\n", schema)


def test_circles_are_broken_or_refused(tmp_path: Path) -> None:
    """A circle with a reference that may be NULL is broken there, one that can be checked late is; else it is refused."""
    schema = """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT);
        CREATE TABLE a (id INTEGER PRIMARY KEY, c INTEGER NOT NULL REFERENCES customers(id), b INTEGER {});
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a(id));
    """
    text = HEAD + "  a: {action: delete}\n  b: {action: delete}\n"
    _trace(tmp_path, text, schema.format("REFERENCES b(id)"))
    _trace(tmp_path, text, schema.format("NOT NULL REFERENCES b(id)"))
    with pytest.raises(DataMapError, match=r"circle.*make `a\.b` nullable"):
        _trace(tmp_path, text, schema.format("NOT NULL REFERENCES b(id) ON DELETE RESTRICT"))


def test_a_map_file_that_is_not_there(tmp_path: Path) -> None:
    """One error that names the path."""
    with pytest.raises(DataMapError, match="cannot be read"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "oracle://x", "mssql://x/y", "mariadb://x"])
def test_addresses_of_databases_that_cannot_be_used(url: str) -> None:
    """A wrong address is refused with a sentence that does not repeat it."""
    with pytest.raises(ValueError, match=r"(?i)sqlite|name the database"):
        CompanyDatabase(url)


def test_the_sample_company_is_the_same_every_time(tmp_path: Path) -> None:
    """Whoever compares before and after can rely on the sample data, and reading it changes nothing."""
    for name in ("a.db", "b.db"):
        twin.build_shop(tmp_path / name)
    assert twin.snapshot(tmp_path / "a.db") == twin.snapshot(tmp_path / "b.db")
    counts = twin.counts_by_customer(tmp_path / "a.db")
    assert counts[1]["invoices"] == 0
    assert counts[2]["invoices"] == 2
    assert all("@example." in email.lower() for _, email, *_ in twin.PEOPLE)


def _trace(folder: Path, text: str, schema: str) -> None:
    path = folder / "x.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(schema)
    with CompanyDatabase(f"sqlite:///{path}").reading() as connection:
        trace(parse(text, file="m.yaml"), reflect(connection))


def test_the_maps_in_the_documentation_are_maps() -> None:
    """Every whole map that docs/data-map.md shows is read as it stands there."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "data-map.md").read_text(encoding="utf-8")
    maps = [
        block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if block.startswith("subject:")
    ]
    assert len(maps) == 2
    for text in maps:
        assert parse(text, file="docs/data-map.md").rules
