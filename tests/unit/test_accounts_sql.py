"""The account service: closes what was chosen, touches nothing that was not declared, and proves it by reading."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.accounts.sql import SqlAccount
from services.database import twin
from services.database.connection import CompanyDatabase
from services.domain.identity import Identifier, Identity, freeze
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import Job
from services.system_entries import AccountConfig, WarnConfig

MAYA = Identity(
    identifiers=(
        Identifier(kind="customers.id", value="1", system="shop"),
        Identifier(kind="email", value="Maya.Okafor@example.com"),
    )
)
CONFIG = AccountConfig(
    name="account",
    label="Customer account",
    url="SHOP_DATABASE_URL",
    table="customers",
    key="id",
    email="email",
    deactivate=(("status", "closed"), ("password_hash", None)),
    also_delete=("sessions",),
    keys_from="shop",
)
REMOVE = replace(CONFIG, mode="remove", deactivate=())
LONELY = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, status TEXT);
CREATE TABLE sessions (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id));
CREATE TABLE log (id INTEGER PRIMARY KEY, text TEXT);
INSERT INTO customers VALUES (1, 'maya.okafor@example.com', 'open'), (2, 'b@example.com', 'open');
INSERT INTO sessions VALUES (1, 1), (2, 2);
"""


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="session")
def fernleaf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fernleaf") / "shop.db"
    twin.build_shop(path)
    return path


@pytest.fixture
def shop(tmp_path: Path, fernleaf: Path) -> Path:
    return Path(shutil.copyfile(fernleaf, tmp_path / "shop.db"))


@pytest.fixture
def lonely(tmp_path: Path) -> Path:
    """An account table that only its sessions refer to."""
    with closing(sqlite3.connect(tmp_path / "lonely.db")) as database:
        database.executescript(LONELY)
    return tmp_path / "lonely.db"


def service(path: Path, config: AccountConfig = CONFIG) -> SqlAccount:
    database = CompanyDatabase(f"sqlite:///{path}", busy_seconds=0.2)
    return SqlAccount(config=config, database=database, clock=FixedClock())


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)


def job(system: SqlAccount, identity: Identity = MAYA) -> Job:
    plan = system.plan(identity, Scope.ACCOUNT_ONLY)
    assert not plan.problem, plan.problem
    return Job(identity=identity, scope=Scope.ACCOUNT_ONLY, planned=plan, key="case:1:account")


def test_closing_an_account_changes_that_account_only(shop: Path) -> None:
    """Declared values are set, declared tables emptied for this account, everything else is what it was."""
    before, system = twin.snapshot(shop), service(shop)
    work = job(system)
    lines = [(one.table, one.action, one.number) for one in work.planned.lines]
    assert lines == [("customers", "deactivate", 1), ("sessions", "delete", 2)]
    assert system.verify(work).kind is OutcomeKind.FAILED, "nothing was done yet: that is no proof"
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert outcome.kind is OutcomeKind.VERIFIED_GONE
    assert outcome.counts == work.planned.lines
    after = twin.snapshot(shop)
    assert after["customers"][0] == before["customers"][0] | {"status": "closed", "password_hash": None}
    assert after["sessions"] == [row for row in before["sessions"] if row["customer_id"] != 1]
    assert after["customers"][1:] == before["customers"][1:]
    assert {k: v for k, v in after.items() if k not in {"customers", "sessions"}} == {
        k: v for k, v in before.items() if k not in {"customers", "sessions"}
    }
    assert system.execute(work) is None
    assert twin.snapshot(shop) == after, "the second run with the same key must change nothing"


def test_both_scopes_end_the_account(shop: Path) -> None:
    """The account is the first step of a full erasure too (rule 7)."""
    system = service(shop)
    assert all(system.acts_on(scope) for scope in Scope)
    assert system.find((Identifier(kind="email", value="maya.okafor@example.com"),)) == ()


def test_reopened_accounts_and_new_sessions_are_found(shop: Path) -> None:
    """The proof is a read of its own."""
    system = service(shop)
    work = job(system)
    assert system.execute(work) is None
    run(
        shop,
        "INSERT INTO sessions VALUES (900, 1, NULL, '2026')",
        "UPDATE customers SET status = 'active' WHERE id = 1",
    )
    outcome = system.verify(work)
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.reason == "1 rows in customers are still open; 1 rows in sessions are still there"


def test_an_account_that_the_database_erased_afterwards_stays_proven(shop: Path) -> None:
    """The last read of a full erasure comes when the row is gone: still verified, not 'nothing found'."""
    system = service(shop)
    work = job(system)
    assert system.execute(work) is None
    for table in ("addresses", "consents", "audit_log"):
        run(shop, f"DELETE FROM {table} WHERE customer_id = 1")  # noqa: S608  a constant
    run(
        shop,
        "UPDATE orders SET customer_id = NULL WHERE customer_id = 1",
        "DELETE FROM customers WHERE id = 1",
    )
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def test_nobody_there_is_nothing_found(shop: Path) -> None:
    """A person without account is a result of its own."""
    system = service(shop)
    work = job(system, Identity(identifiers=(Identifier(kind="email", value="nobody@example.org"),)))
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.NOTHING_FOUND


def test_an_account_that_nobody_chose_stops_the_plan(shop: Path) -> None:
    """An address alone never closes an account (rule 4)."""
    alone = Identity(identifiers=MAYA.identifiers[1:])
    problem = service(shop).plan(alone, Scope.ACCOUNT_ONLY).problem
    assert "not chosen" in problem
    assert "maya" not in problem.lower()


def test_its_own_candidates_where_there_is_no_database_system(lonely: Path) -> None:
    """Without `keys_from` the service proposes accounts, masked, whatever the case of the address."""
    system = service(lonely, replace(CONFIG, keys_from="", deactivate=(("status", "closed"),)))
    (found,) = system.find((Identifier(kind="email", value="MAYA.Okafor@Example.com"),))
    assert found.key == "customers:1"
    assert "maya" not in found.shown
    work = job(system, freeze((), (found,)))
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def test_removal_is_refused_where_other_tables_would_be_touched(shop: Path) -> None:
    """Cascades, SET NULL and rows that stand in the way are named; nothing is removed (rule 11)."""
    before = twin.snapshot(shop)
    problem = service(shop, replace(REMOVE, also_delete=())).plan(MAYA, Scope.ACCOUNT_ONLY).problem
    assert "sessions.customer_id, ON DELETE CASCADE" in problem
    assert "audit_log.customer_id, ON DELETE SET NULL" in problem
    assert "3 rows of orders still refer" in problem
    assert twin.snapshot(shop) == before


def test_removal_of_an_account_that_stands_alone(lonely: Path) -> None:
    """Declared tables first, then the row; everybody else's rows stay."""
    system = service(lonely, REMOVE)
    work = job(system)
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    after = twin.snapshot(lonely)
    assert [row["id"] for row in after["customers"]] == [2]
    assert [row["id"] for row in after["sessions"]] == [2]


def test_a_trigger_that_nobody_accepted_stops_a_removal(lonely: Path) -> None:
    """An undeclared trigger is a problem; an accepted one that moves other tables is rolled back."""
    run(
        lonely,
        "CREATE TRIGGER noted AFTER DELETE ON customers BEGIN INSERT INTO log (text) VALUES (OLD.email); END",
    )
    assert "trigger noted" in service(lonely, REMOVE).plan(MAYA, Scope.ACCOUNT_ONLY).problem
    before, system = twin.snapshot(lonely), service(lonely, replace(REMOVE, triggers=("noted",)))
    outcome = system.execute(job(system))
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert "changed in log" in outcome.reason
    assert twin.snapshot(lonely) == before


def test_a_failure_half_way_leaves_everything(shop: Path) -> None:
    """The second statement is refused: the first is undone, and the reason quotes no value."""
    run(
        shop,
        "CREATE TRIGGER no BEFORE UPDATE ON customers BEGIN SELECT RAISE(ABORT, 'maya.okafor@example.com'); END",
    )
    before, system = twin.snapshot(shop), service(shop)
    work = job(system)
    assert work.planned.warnings, "a trigger that runs on closing has to be mentioned"
    outcome = system.execute(work)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert "maya" not in outcome.reason
    assert twin.snapshot(shop) == before


def test_a_busy_file_is_tried_later(shop: Path) -> None:
    """Somebody else writes: the step is repeated later."""
    system = service(shop)
    work = job(system)
    with closing(sqlite3.connect(shop, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = system.execute(work)
        other.execute("ROLLBACK")
    assert outcome is not None
    assert outcome.kind is OutcomeKind.RETRY_LATER
    assert outcome.due is not None


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (replace(CONFIG, table="customer"), "Did you mean `customers`?"),
        (replace(CONFIG, deactivate=(("state", 1),)), "Did you mean `status`?"),
        (replace(CONFIG, also_delete=("tickets",)), "no foreign key leads"),
    ],
)
def test_settings_that_do_not_fit_are_problems(shop: Path, config: AccountConfig, words: str) -> None:
    """A wrong name is answered with the nearest one, as a problem of the plan."""
    assert words in service(shop, config).plan(MAYA, Scope.ACCOUNT_ONLY).problem


def test_settings_changed_after_approval_are_refused(shop: Path) -> None:
    """Only the approved definition runs (rule 8)."""
    work = job(service(shop))
    outcome = service(shop, replace(CONFIG, deactivate=(("status", "gone"),))).execute(work)
    assert outcome is not None
    assert "changed since" in outcome.reason


def with_tokens(path: Path) -> None:
    run(
        path,
        "CREATE TABLE tokens (id INTEGER PRIMARY KEY, user_ref TEXT)",
        "INSERT INTO tokens VALUES (1, '1'), (2, '2'), (3, '1')",
        "CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id INTEGER, revoked INTEGER)",
        "INSERT INTO logins VALUES (1, 1, 0)",
    )


def test_a_table_without_a_foreign_key_is_emptied_by_its_condition(shop: Path) -> None:
    """Tokens that only name the account in a text go too, and nobody else's do."""
    with_tokens(shop)
    config = replace(CONFIG, also_delete=("sessions", "tokens"), matches=(("tokens", "user_ref = :key"),))
    system = service(shop, config)
    work = job(system)
    assert ("tokens", "delete", 2) in [(one.table, one.action, one.number) for one in work.planned.lines]
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert [row["id"] for row in twin.snapshot(shop)["tokens"]] == [2]


def test_a_way_to_sign_in_that_is_left_rolls_everything_back(shop: Path) -> None:
    """`still_open` is read before the commit and again by the verification: closed in words only is not closed."""
    with_tokens(shop)
    question = "SELECT count(*) FROM logins WHERE user_id = :key AND revoked = 0"
    before, system = twin.snapshot(shop), service(shop, replace(CONFIG, still_open=question))
    work = job(system)
    outcome = system.execute(work)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert "1 ways to sign in are still open" in outcome.reason
    assert twin.snapshot(shop) == before
    run(shop, "UPDATE logins SET revoked = 1")
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def test_last_mile_questions_warn_and_a_hold_blocks(shop: Path) -> None:
    """The account service asks too: said in the plan, a hold stops plan and run."""
    run(shop, "CREATE TABLE holds (id INTEGER, customer INTEGER)")
    teams = WarnConfig(
        name="t", count="SELECT count(*) FROM orders WHERE customer_id = :key", text="{count} orders"
    )
    hold = WarnConfig(
        name="h", count="SELECT count(*) FROM holds WHERE customer = :key", text="a hold", blocks=True
    )
    system = service(shop, replace(CONFIG, warnings=(teams, hold)))
    work = job(system)
    assert "3 orders" in work.planned.warnings
    run(shop, "INSERT INTO holds VALUES (1, 1)")
    assert "a hold" in system.plan(MAYA, Scope.ACCOUNT_ONLY).problem
    outcome = system.execute(work)
    assert outcome is not None
    assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, "a hold")
