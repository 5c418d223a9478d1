"""Drafts for schemas that nobody thought of: whatever refers to whatever, the draft fits the database it was made from."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.database.check import check
from services.database.connection import CompanyDatabase
from services.database.data_map import parse
from services.database.draft import as_yaml
from services.database.suggest import suggest

TABLES = (
    "orders", "invoices", "messages", "channels", "memberships", "audit_log", "addresses", "profiles", "teams", "tickets",
    "payments", "tags", "staff", "files", "events",
)  # fmt: skip
ROLES = (
    "{}_id",
    "created_by",
    "owner_id",
    "sender_id",
    "recipient_id",
    "parent_id",
    "assignee_id",
    "last_{}_id",
)
COLUMNS = (
    "email TEXT",
    "name TEXT NOT NULL",
    "body TEXT",
    "phone TEXT NOT NULL",
    "payload TEXT",
    "total INTEGER",
    "ip TEXT",
)


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """SQL of a random schema around customers: references of every kind, circles, trees, keys of several columns."""
    names = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=7, unique=True))
    everything = ["customers", *names]
    statements = []
    for name in everything:
        columns = ["id INTEGER PRIMARY KEY"]
        if name == "customers":
            columns += ["email TEXT NOT NULL UNIQUE", "full_name TEXT NOT NULL"]
        columns += draw(
            st.lists(st.sampled_from(COLUMNS), max_size=3, unique_by=lambda one: one.split()[0]).map(
                lambda some, name=name: [
                    one for one in some if name != "customers" or not one.startswith("email")
                ]
            )
        )
        seen: set[str] = set()
        for parent in draw(st.lists(st.sampled_from(everything), max_size=3)):
            column = draw(st.sampled_from(ROLES)).format(parent.rstrip("s"))
            if column in seen:
                continue
            seen.add(column)
            # A table that everybody refers to and that refers back, both never NULL, could not hold a single row.
            required = draw(st.booleans()) and everything.index(parent) < everything.index(name)
            declared = draw(st.booleans())
            reference = f" REFERENCES {parent}(id)" if declared else ""
            columns.append(f"{column} INTEGER{' NOT NULL' if required else ''}{reference}")
        statements.append(f"CREATE TABLE {name} ({', '.join(columns)});")
        statements += [f"CREATE INDEX {name}_{column} ON {name} ({column});" for column in sorted(seen)]
    return "\n".join(statements)


# Without shrinking: the schema that failed is printed whole, and a smaller one would take minutes to find.
@settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(schemas())
def test_a_draft_fits_the_schema_it_was_made_from(script: str) -> None:
    """No draft names what does not exist, forgets a table on the way, or says what the engine cannot do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "company.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        with CompanyDatabase(f"sqlite:///{path}").reading() as reading:
            draft = suggest(reading, subject="customers", progress=lambda *_: None)
            text = as_yaml(draft, source="x")
            problems = check(reading, parse(text, file="x"), progress=lambda *_: None)
        wrong = [one for one in problems if one.weight == "error" and one.about not in draft.undecided]
        assert not wrong, f"{wrong}\n{script}\n{text}"
