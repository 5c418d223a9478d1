"""Last-mile questions about a database's customer: said at the search and in the plan, and a hold blocks."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.database import twin
from services.database.connection import CompanyDatabase
from services.database.data_map import load
from services.database.system import Database
from services.database.warned import Warned
from services.domain.identity import Identifier, Identity, freeze
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import Job
from services.system_entries import WarnConfig

MAYA = Identifier(kind="email", value="Maya.Okafor@example.com", proof="wrote from it")
QUESTIONS = (
    WarnConfig(
        name="orders",
        count="SELECT count(*) FROM orders WHERE customer_id = :key",
        text="{count} orders are on file",
    ),
    WarnConfig(
        name="hold",
        count="SELECT count(*) FROM legal_holds WHERE lower(email) = :email",
        text="a legal hold is on this customer",
        blocks=True,
    ),
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    twin.build_shop(path)
    write(path, "CREATE TABLE legal_holds (id INTEGER, email TEXT)")
    return path


def write(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def system(path: Path, questions: tuple[WarnConfig, ...] = QUESTIONS) -> Warned:
    database = CompanyDatabase(f"sqlite:///{path}", busy_seconds=0.2)
    data_map = path.parent / "map.yaml"
    data_map.write_text(twin.FERNLEAF_MAP)
    inner = Database(
        name="shop", label="Shop", database=database, data_map=load(data_map), clock=FixedClock()
    )
    return Warned(inner, database=database, kind="customers.id", questions=questions, clock=FixedClock())


def test_a_warning_is_said_at_the_search_and_in_the_plan(shop: Path) -> None:
    """Whoever chooses and whoever approves reads what the company asked to be warned of, with its number."""
    one = system(shop)
    mayas = next(found for found in one.find((MAYA,)) if found.key == "customers:1")
    assert "3 orders are on file" in mayas.warnings
    plan = one.plan(freeze((MAYA,), (mayas,)), Scope.ALL_PERSONAL_DATA)
    assert "3 orders are on file" in plan.warnings
    assert plan.problem == ""


def test_a_hold_blocks_the_plan_and_a_run_that_was_approved_before_it(shop: Path) -> None:
    """A legal hold is a problem of the plan; put on later it stops the run before anything is touched."""
    one = system(shop)
    identity = freeze((MAYA,), one.find((MAYA,))[:1])
    plan = one.plan(identity, Scope.ALL_PERSONAL_DATA)
    write(shop, "INSERT INTO legal_holds VALUES (1, 'MAYA.okafor@example.com')")
    before = twin.snapshot(shop)
    assert one.plan(identity, Scope.ALL_PERSONAL_DATA).problem == "a legal hold is on this customer"
    outcome = one.execute(Job(identity=identity, scope=Scope.ALL_PERSONAL_DATA, planned=plan, key="c:1:shop"))
    assert outcome
    assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, "a legal hold is on this customer")
    assert twin.snapshot(shop) == before


def test_a_question_that_the_database_does_not_take_is_a_problem_without_values(shop: Path) -> None:
    """A misspelt table is named as a problem of the plan, and nothing of the customer's is quoted."""
    wrong = replace(QUESTIONS[0], count="SELECT count(*) FROM order_ WHERE customer_id = :key")
    one = system(shop, (wrong,))
    row = Identifier(kind="customers.id", value="1", system="shop")
    problem = one.plan(Identity(identifiers=(MAYA, row)), Scope.ALL_PERSONAL_DATA).problem
    assert "cannot be asked" in problem
    assert "okafor" not in problem.lower()
