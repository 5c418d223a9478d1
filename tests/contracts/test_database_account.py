"""The account service on PostgreSQL: the same promises as on SQLite, with PostgreSQL's own catalogue of triggers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from services.accounts.sql import SqlAccount
from services.database.connection import CompanyDatabase
from services.domain.identity import Identifier, freeze
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import Job
from services.systems_file import AccountConfig

CONFIG = AccountConfig(
    name="account",
    label="Account",
    url="SHOP",
    table="Users",
    key="id",
    email="email",
    deactivate=(("open", False),),
    also_delete=("sessions",),
)
SCHEMA = (
    'CREATE TABLE "Users" (id uuid PRIMARY KEY, email text, open boolean NOT NULL)',
    'CREATE TABLE sessions (id int PRIMARY KEY, owner uuid REFERENCES "Users"(id))',
    'CREATE TABLE notes (id int PRIMARY KEY, owner uuid REFERENCES "Users"(id) ON DELETE CASCADE)',
    """INSERT INTO "Users" VALUES ('00000000-0000-0000-0000-000000000001', 'Maya@Example.com', true),
       ('00000000-0000-0000-0000-000000000002', 'b@example.com', true)""",
    "INSERT INTO sessions SELECT 1, id FROM \"Users\" WHERE email LIKE 'M%%'",
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.postgres
def test_the_account_service_on_postgresql(postgres_url: str) -> None:
    """Closed by key, everybody else untouched; removal refused for cascades and triggers, and possible without."""
    engine = sa.create_engine(
        sa.make_url(postgres_url).set(drivername="postgresql+psycopg"), poolclass=NullPool
    )

    def run(*statements: str) -> list[tuple[object, ...]]:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            return [
                tuple(row)
                for row in connection.exec_driver_sql('SELECT email, open FROM "Users" ORDER BY id')
            ]

    run(*SCHEMA)
    database = CompanyDatabase(postgres_url)

    def service(config: AccountConfig) -> SqlAccount:
        return SqlAccount(config=config, database=database, clock=FixedClock())

    system = service(CONFIG)
    identity = freeze((), system.find((Identifier(kind="email", value="maya@example.com"),)))
    work = Job(
        identity=identity,
        scope=Scope.ACCOUNT_ONLY,
        planned=system.plan(identity, Scope.ACCOUNT_ONLY),
        key="k",
    )
    assert [(one.table, one.action, one.number) for one in work.planned.lines] == [
        ("Users", "deactivate", 1),
        ("sessions", "delete", 1),
    ]
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert run() == [("Maya@Example.com", False), ("b@example.com", True)]

    remover = service(replace(CONFIG, mode="remove", deactivate=()))
    assert "ON DELETE CASCADE" in remover.plan(identity, Scope.ACCOUNT_ONLY).problem
    run(
        "DROP TABLE notes",
        "CREATE FUNCTION nothing() RETURNS trigger AS $$ BEGIN RETURN OLD; END $$ LANGUAGE plpgsql",
        'CREATE TRIGGER "Noted" BEFORE DELETE ON "Users" FOR EACH ROW EXECUTE FUNCTION nothing()',
    )
    assert "trigger Noted on Users" in remover.plan(identity, Scope.ACCOUNT_ONLY).problem
    accepting = service(replace(CONFIG, mode="remove", deactivate=(), triggers=("Noted",)))
    plan = accepting.plan(identity, Scope.ACCOUNT_ONLY)
    assert not plan.problem, plan.problem
    work = Job(identity=identity, scope=Scope.ACCOUNT_ONLY, planned=plan, key="k2")
    assert accepting.execute(work) is None
    assert accepting.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert run() == [("b@example.com", True)]


@pytest.mark.mariadb
def test_the_account_service_on_mariadb(mariadb_url: str) -> None:
    """Closed by key there too; removal is refused for a trigger that nobody accepted."""
    engine = sa.create_engine(sa.make_url(mariadb_url).set(drivername="mysql+pymysql"), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE Users (id int PRIMARY KEY, email varchar(80), open boolean NOT NULL)",
            "CREATE TABLE sessions (id int PRIMARY KEY, owner int REFERENCES Users(id))",
            "INSERT INTO Users VALUES (1, 'Maya@Example.com', true), (2, 'b@example.com', true)",
            "INSERT INTO sessions VALUES (1, 1), (2, 2)",
            "CREATE TRIGGER Noted BEFORE DELETE ON Users FOR EACH ROW SET @noted = 1",
        ):
            connection.exec_driver_sql(statement)
    system = SqlAccount(config=CONFIG, database=CompanyDatabase(mariadb_url), clock=FixedClock())
    identity = freeze((), system.find((Identifier(kind="email", value="maya@example.com"),)))
    plan = system.plan(identity, Scope.ACCOUNT_ONLY)
    assert not plan.problem, plan.problem
    work = Job(identity=identity, scope=Scope.ACCOUNT_ONLY, planned=plan, key="k")
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT email, open FROM Users ORDER BY id").all()
        assert [tuple(row) for row in rows] == [("Maya@Example.com", 0), ("b@example.com", 1)]
        assert connection.exec_driver_sql("SELECT id FROM sessions").scalars().all() == [2]
    remover = SqlAccount(
        config=replace(CONFIG, mode="remove", deactivate=()),
        database=CompanyDatabase(mariadb_url),
        clock=FixedClock(),
    )
    assert "trigger Noted on Users" in remover.plan(identity, Scope.ACCOUNT_ONLY).problem
