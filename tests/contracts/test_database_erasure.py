"""The database as a system, on SQLite, PostgreSQL and MariaDB alike: erased whole or not at all, and proven by reading."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.database import twin
from services.domain.identity import Identifier, Identity, freeze
from services.domain.outcome import OutcomeKind, allow_fully_removed
from services.domain.scope import Scope
from services.ports import Job, SystemUnavailableError
from tests.contracts.shops import ALL, Shop, by_email, chosen, job

MAYA, JONAS, AIKO = "maya.okafor@example.com", "jonas.weber@example.com", "aiko.tanaka@example.net"


@pytest.fixture(scope="session")
def fernleaf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample shop as a file, built once and copied."""
    path = tmp_path_factory.mktemp("fernleaf") / "shop.db"
    twin.build_shop(path)
    return path


@pytest.fixture
def shop(empty: Shop, fernleaf: Path) -> Shop:
    """The Fernleaf shop, the same rows in both databases."""
    if empty.engine.dialect.name == "sqlite":
        shutil.copyfile(fernleaf, str(empty.engine.url.database))
        return empty
    data = twin.snapshot(fernleaf)
    schema = twin.SCHEMA
    if empty.is_mysql:  # no index on TEXT as a whole, and none on lower(…)
        schema = schema.replace("TEXT NOT NULL UNIQUE", "VARCHAR(200) NOT NULL UNIQUE").replace(
            "CREATE INDEX tickets_requester ON tickets(lower(requester_email));", ""
        )
    empty.run(*(one for one in schema.split(";") if one.strip()))
    order = (
        "customers",
        "addresses",
        "orders",
        "order_items",
        "invoices",
        "tickets",
        "sessions",
        "consents",
        "audit_log",
    )
    with empty.engine.begin() as connection:
        for name in order:
            table = sa.table(name, *(sa.column(column) for column in data[name][0]))
            connection.execute(sa.insert(table), data[name])
    return empty


def test_all_of_one_person_goes_and_nobody_else_changes(shop: Shop) -> None:
    """After an erasure nothing of the person is left, and every other row is what it was, to the byte."""
    before, system = shop.rows(), shop.system()
    work = job(system, chosen(system, MAYA))
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert outcome.kind is OutcomeKind.VERIFIED_GONE, outcome
    assert allow_fully_removed([outcome]), "Maya has nothing that is kept: 'fully removed' must be sayable"
    after = shop.rows()
    assert MAYA not in repr(after).lower()
    assert "Maya Okafor" not in repr(after)
    # Where a row says whose it is: customer id, order id (Maya's are 101 to 103), or address.
    mine = {"customers": 0, "addresses": 1, "orders": 1, "sessions": 1, "consents": 1, "audit_log": 1}
    for table, rows in before.items():
        others = [
            row
            for row in rows
            if MAYA not in repr(row).lower() and (table not in mine or row[mine[table]] != 1)
        ]
        gone = [row for row in others if row not in after[table]]
        assert gone == [], f"{table}: rows of other customers changed; look at the reach of that table"
        assert len(after[table]) == len(rows) - (
            len(rows) - len(others) if table not in {"orders", "audit_log"} else 0
        )


def test_kept_rows_are_reported_with_ground(shop: Shop) -> None:
    """Invoices stay, are named with ground and time, and forbid the words 'fully removed'."""
    before, system = shop.rows(), shop.system()
    work = job(system, chosen(system, JONAS))
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert outcome.kind is OutcomeKind.VERIFIED_GONE
    assert [(one.table, one.number, one.ground) for one in outcome.kept_counts] == [
        ("invoices", 2, "tax law")
    ]
    assert not allow_fully_removed([outcome])
    assert shop.rows()["invoices"] == before["invoices"]


def test_the_second_run_changes_nothing(shop: Shop) -> None:
    """Executing twice with the same key is the same as once (at-least-once steps)."""
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    assert system.execute(work) is None
    after = shop.rows()
    assert system.execute(work) is None
    assert shop.rows() == after
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def test_plan_find_and_verify_change_nothing(shop: Shop) -> None:
    """Only execute writes."""
    before, system = shop.rows(), shop.system()
    work = job(system, chosen(system, MAYA))
    assert system.verify(work).kind is OutcomeKind.FAILED, "the data is still there: that is no proof"
    assert shop.rows() == before


def test_addresses_match_whatever_their_case(shop: Shop) -> None:
    """Aiko.Tanaka@Example.net in the database is aiko.tanaka@example.net in a message, tickets included."""
    system = shop.system()
    work = job(system, chosen(system, AIKO.upper()))
    assert {line.table for line in work.planned.lines} >= {"customers", "tickets"}
    assert system.execute(work) is None
    assert AIKO not in repr(shop.rows()).lower()


def test_several_accounts_are_proposed_one_by_one(shop: Shop) -> None:
    """A namesake with another address is a candidate with a warning; what is not ticked stays."""
    system = shop.system()
    found = system.find(by_email("sofia@example.com"))
    assert [one.key for one in found] == ["customers:3", "customers:4"]
    assert found[1].warnings
    assert "sofia" not in found[0].shown
    work = job(system, freeze((), found))
    assert system.execute(work) is None
    assert "Lindqvist" not in repr(shop.rows())


def test_a_person_with_tickets_only(shop: Shop) -> None:
    """Somebody without an account is still somebody: candidate, plan and erasure by the address alone."""
    system = shop.system()
    (only,) = system.find(by_email(twin.TICKET_ONLY))
    assert only.key.startswith("tickets:")
    assert "visitor" not in only.shown + only.key
    work = job(system, freeze((), (only,)))
    assert [(one.table, one.action, one.number) for one in work.planned.lines] == [("tickets", "delete", 1)]
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def test_nobody_is_nothing_found(shop: Shop) -> None:
    """No rows planned and none there is a result of its own, never a success."""
    system = shop.system()
    work = job(system, Identity(identifiers=by_email(twin.ACTIVECAMPAIGN_ONLY)))
    assert work.planned.found == 0
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.NOTHING_FOUND


def test_an_unchosen_account_with_the_address_stops_the_plan(shop: Shop) -> None:
    """An undecided match is never passed over (rule 4)."""
    plan = shop.system().plan(Identity(identifiers=by_email(MAYA)), ALL)
    assert "not chosen" in plan.problem
    assert MAYA not in plan.problem


def test_a_stranger_with_the_address_after_the_plan_stops_the_erasure(shop: Shop) -> None:
    """Somebody else's order under the customer's address is nobody's decision yet: nothing is changed (rules 4 and 8)."""
    shop.run("CREATE INDEX orders_by_email ON orders (email)")
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    shop.run("UPDATE orders SET email = 'maya.okafor@example.com' WHERE id = 201")
    before = shop.rows()
    outcome = system.execute(work)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert "orders still carry an address" in outcome.reason
    assert MAYA not in outcome.reason
    assert shop.rows() == before


@pytest.mark.parametrize(
    "planted",
    [
        "INSERT INTO tickets VALUES (900, 'Maya.Okafor@EXAMPLE.com', 'again', '2026')",
        "UPDATE orders SET email = 'MAYA.okafor@example.com' WHERE id = 201",
        """UPDATE audit_log SET payload = '{"user": {"email": "maya.okafor@example.com"}}' WHERE id = 2""",
        "INSERT INTO customers VALUES (1, 'x@example.com', 'M', NULL, 'active', NULL, 'free', NULL, '2026')",
    ],
)
def test_verify_finds_what_execute_did_not_see(shop: Shop, planted: str) -> None:
    """The proof is a read of its own: rows planted after the erasure are found, by key and by address."""
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    assert system.execute(work) is None
    shop.run(planted)
    outcome = system.verify(work)
    assert outcome.kind is OutcomeKind.FAILED
    assert "maya" not in outcome.reason.lower()


def test_a_failure_half_way_leaves_everything(shop: Shop) -> None:
    """A trigger refuses the last statement: everything is as before, and the reason names no value."""
    body = "SELECT RAISE(ABORT, 'maya.okafor@example.com');"
    if shop.engine.dialect.name == "sqlite":
        shop.run(f"CREATE TRIGGER refuse BEFORE DELETE ON customers BEGIN {body} END")
    elif shop.is_mysql:
        shop.run(
            "CREATE TRIGGER refuse BEFORE DELETE ON customers FOR EACH ROW "
            "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'maya.okafor@example.com'"
        )
    else:
        shop.run(
            "CREATE FUNCTION refuse() RETURNS trigger AS "
            "$$ BEGIN RAISE EXCEPTION 'no %%', OLD.email; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER refuse BEFORE DELETE ON customers FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
    before, system = shop.rows(), shop.system()
    outcome = system.execute(job(system, chosen(system, MAYA)))
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert "table customers" in outcome.reason
    assert "maya" not in outcome.reason.lower()
    assert shop.rows() == before


def test_a_locked_database_is_tried_later(shop: Shop) -> None:
    """Somebody else holds the row or the file: the step is repeated later, nothing is lost."""
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    with shop.engine.connect() as other:
        if shop.engine.dialect.name == "sqlite":
            other.exec_driver_sql("BEGIN IMMEDIATE")
        other.exec_driver_sql("UPDATE customers SET city = 'X' WHERE id = 1")
        outcome = system.execute(work)
        other.rollback()
    assert outcome is not None
    assert outcome.kind is OutcomeKind.RETRY_LATER
    assert outcome.due is not None
    assert system.execute(work) is None


def test_a_table_nobody_decided_about_is_a_problem(shop: Shop) -> None:
    """A new table that leads to the customer is named, however deep, and nothing is erased (rules 4 and 8)."""
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    shop.run("CREATE TABLE gifts (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id))")
    before = shop.rows()
    assert "`gifts` (through gifts.order_id)" in system.plan(work.identity, ALL).problem
    outcome = system.execute(work)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert shop.rows() == before
    with pytest.raises(SystemUnavailableError, match="gifts"):
        system.find(by_email(MAYA))


def test_only_the_approved_pairs_run(shop: Shop) -> None:
    """A pair that came up after approval rolls everything back (rule 8)."""
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    shop.run("INSERT INTO invoices VALUES (900, 101, 'F-900', 'Maya Okafor', 1, '2026')")
    before = shop.rows()
    outcome = system.execute(work)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert "invoices (keep, 1)" in outcome.reason
    assert shop.rows() == before


def test_another_map_or_schema_than_approved_is_refused(shop: Shop) -> None:
    """The plan's digest covers the map's text and the schema."""
    system = shop.system()
    work = job(system, chosen(system, MAYA))
    other = shop.system(twin.FERNLEAF_MAP + "# one more word\n")
    outcome = other.execute(work)
    assert outcome is not None
    assert "changed since" in outcome.reason
    shop.run("ALTER TABLE orders ADD COLUMN note TEXT")
    assert system.digest() != work.planned.digest


HOSTILE_MAP = """
subject: {table: 'Cust"; DROP TABLE x; --', key: 'order', identify: {email: 'e mail'}}
tables:
  select: {action: delete}
  tree: {action: delete}
"""


def test_hostile_names_are_names(empty: Shop) -> None:
    """Tables, columns and addresses that look like SQL are data; trees and referrals lose only their link."""
    empty.run(
        'CREATE TABLE "Cust""; DROP TABLE x; --" ("order" INTEGER PRIMARY KEY, "e mail" TEXT,'
        ' friend INTEGER REFERENCES "Cust""; DROP TABLE x; --"("order"))',
        'CREATE TABLE "select" (id INTEGER PRIMARY KEY, "from" INTEGER REFERENCES "Cust""; DROP TABLE x; --"("order"))',
        'CREATE TABLE tree (a INTEGER, b INTEGER, up_a INTEGER, up_b INTEGER, own INTEGER REFERENCES "select"(id),'
        " PRIMARY KEY (a, b), FOREIGN KEY (up_a, up_b) REFERENCES tree (a, b))",
        """INSERT INTO "Cust""; DROP TABLE x; --" VALUES (1, 'o''x"; drop@example.com', NULL), (2, 'b@example.com', 1)""",
        'INSERT INTO "select" VALUES (10, 1), (20, 2)',
        "INSERT INTO tree VALUES (1, 1, NULL, NULL, 10), (1, 2, 1, 1, 10), (2, 1, 1, 2, 20)",
    )
    system = empty.system(HOSTILE_MAP)
    work = job(system, chosen(system, """O'X"; Drop@example.com"""))
    assert {(one.table, one.action) for one in work.planned.lines} >= {("tree", "unlink"), ("tree", "delete")}
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    after = empty.rows()
    assert after["tree"] == [(2, 1, None, None, 20)]
    assert after["select"] == [(20, 2)]
    assert after['Cust"; DROP TABLE x; --'] == [(2, "b@example.com", None)]


def test_a_row_of_somebody_else_that_refers_to_ours_is_not_ours(empty: Shop) -> None:
    """An order of Bob's to Maya's address stays Bob's; a row without owner follows the longer chain."""
    empty.run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)",
        "CREATE TABLE places (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people(id))",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id),"
        " place INTEGER REFERENCES places(id))",
        "INSERT INTO people VALUES (1, 'maya@example.com'), (2, 'bob@example.com')",
        "INSERT INTO places VALUES (10, 1), (20, 2)",
        "INSERT INTO orders VALUES (1, 1, 10), (2, 2, 10), (3, NULL, 10), (4, NULL, 20), (5, 1, 20)",
    )
    system = empty.system(
        "subject: {table: people, key: id, identify: {email: email}}\n"
        "tables: {places: {action: delete}, orders: {action: delete}}\n"
    )
    work = job(system, chosen(system, "maya@example.com"))
    assert system.execute(work) is None
    assert empty.rows()["orders"] == [(2, 2, None), (4, None, 20)]


def test_an_anonymised_customer_row_is_verified_too(shop: Shop) -> None:
    """Where the row itself has to stay, its columns must be empty: counted, changed once, proven."""
    shop.run("CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT, name VARCHAR(4) NOT NULL)")
    shop.run("INSERT INTO members VALUES (1, 'Maya@example.com', 'Maya'), (2, NULL, 'Bob')")
    system = shop.system(
        "subject: {table: members, key: id, identify: {email: email}}\n"
        "tables: {members: {action: anonymise, columns: {email: null, name: redact}}}\n"
    )
    work = job(system, chosen(system, "maya@example.com"))
    assert system.execute(work) is None
    assert shop.rows()["members"] == [(1, None, "[era"), (2, None, "Bob")]
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert system.plan(work.identity, ALL).found == 0


def test_a_database_that_is_away(tmp_path: Path) -> None:
    """A missing file is not created; the plan says so, a run is repeated later."""
    shop = Shop(url=f"sqlite:///{tmp_path / 'none.db'}", engine=sa.create_engine("sqlite://"))
    system = shop.system()
    plan = system.plan(Identity(identifiers=by_email(MAYA)), ALL)
    assert "cannot be reached" in plan.problem
    work = Job(identity=Identity(identifiers=by_email(MAYA)), scope=ALL, planned=plan, key="k")
    assert [one.kind for one in (system.execute(work), system.verify(work)) if one] == [
        OutcomeKind.RETRY_LATER
    ] * 2
    with pytest.raises(SystemUnavailableError):
        system.find(by_email(MAYA))
    assert not (tmp_path / "none.db").exists()
    shop.engine.dispose()


def test_a_key_that_is_no_key_is_a_problem(shop: Shop) -> None:
    """A key typed by hand is bound as data, and refused where it cannot be one."""
    bad = Identifier(kind="customers.id", value="1 OR 1=1", system="shop")
    plan = shop.system().plan(Identity(identifiers=(bad,)), ALL)
    assert "is not a key" in plan.problem
    assert replace(plan, problem="").found == 0


def test_account_only_leaves_the_database_alone(shop: Shop) -> None:
    """Closing an account never touches the data (design section 1)."""
    system = shop.system()
    assert not system.acts_on(Scope.ACCOUNT_ONLY)
    assert not system.plan(chosen(system, MAYA), Scope.ACCOUNT_ONLY).acts


def test_two_runs_at_once_are_one(shop: Shop) -> None:
    """Workers that race for the same erasure wait for each other's row lock: one effect, no error, nobody else's rows."""
    system = shop.system(busy_seconds=120)
    work = job(system, chosen(system, MAYA))
    once = shop.rows()
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: shop.system(busy_seconds=120).execute(work), range(4)))
    assert outcomes == [None] * 4
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    after = shop.rows()
    assert len(after["customers"]) == len(once["customers"]) - 1
    assert after["invoices"] == once["invoices"]
