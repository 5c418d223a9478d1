"""Random schemas, random rows, one customer erased: nothing of theirs stays, nothing of anybody else's changes."""

import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture
from sqlalchemy.pool import NullPool

from services.database.connection import CompanyDatabase
from services.database.data_map import parse
from services.database.fast import Step
from services.database.prepared import Erasing, Prepared
from services.database.rendering import render
from services.database.system import Database
from services.domain.identity import Identifier, freeze
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import Job, SystemUnavailableError
from tests.contracts.erasure_worlds import CUSTOMERS, World, address, worlds

EXAMPLES = settings.default.max_examples if settings.default else 100
Content = dict[str, list[dict[str, Any]]]


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 26, tzinfo=UTC)


class Place:
    """A database with a world in it."""

    def __init__(self, url: str, engine: sa.Engine, world: World) -> None:
        self.url, self.engine, self.world = url, engine, world
        with engine.begin() as connection:
            is_postgres = engine.dialect.name == "postgresql"
            for statement in world.ddl(postgres=is_postgres):
                connection.exec_driver_sql(statement)
            if is_postgres:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for name, rows in world.content().items():
                if rows:
                    connection.execute(sa.insert(sa.table(name, *(sa.column(one) for one in rows[0]))), rows)

    def content(self) -> Content:
        with self.engine.connect() as connection:
            return {
                table.name: [
                    dict(row)
                    for row in connection.execute(
                        sa.select(sa.text("*")).select_from(sa.table(table.name))
                    ).mappings()
                ]
                for table in self.world.tables
            }

    def system(self) -> Database:
        return Database(
            name="shop",
            label="Shop",
            database=CompanyDatabase(self.url),
            data_map=parse(self.world.data_map(), file="world.yaml"),
            clock=FixedClock(),
        )


@contextmanager
def on_sqlite(world: World) -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.db"
        sqlite3.connect(path).close()
        yield Place(f"sqlite:///{path}", sa.create_engine(f"sqlite:///{path}", poolclass=NullPool), world)
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []


@contextmanager
def on_postgres(world: World, server: str) -> Iterator[Place]:
    schema = f"test_{uuid.uuid4().hex}"
    address_of = sa.make_url(server).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(address_of, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    try:
        inside = address_of.update_query_dict({"options": f"-csearch_path={schema}"})
        url = inside.set(drivername="postgresql").render_as_string(hide_password=False)
        yield Place(url, sa.create_engine(inside, poolclass=NullPool), world)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def same(one: Content, other: Content) -> bool:
    return all(
        sorted(map(repr, (sorted(row.items()) for row in one[name])))
        == sorted(map(repr, (sorted(row.items()) for row in other[name])))
        for name in one
    )


def job_for(system: Database, customer: int) -> Job | str:
    """What a case would ask for, or why the map is refused."""
    known = (Identifier(kind="email", value=str(address(customer)).upper()),)
    try:
        found = system.find(known)
    except SystemUnavailableError as refused:
        return refused.reason
    identity = freeze(known, tuple(one for one in found if one.key == f"t0:{customer}"))
    planned = system.plan(identity, Scope.ALL_PERSONAL_DATA)
    return Job(identity=identity, scope=Scope.ALL_PERSONAL_DATA, planned=planned, key="k")


def erase_one(place: Place, customer: int) -> None:
    """The promise, whole."""
    world, system, before = place.world, place.system(), place.content()
    wanted = world.after(customer)
    job = job_for(system, customer)
    if isinstance(job, str):
        assert world.is_stubborn, job
        assert "circle" in job
        return
    if job.planned.problem:
        assert wanted is None, f"refused without need: {job.planned.problem}"
        system.execute(job)
        assert same(place.content(), before), "a refused plan changed something"
        return
    outcome = system.execute(job)
    if outcome is not None:
        assert world.is_restrictive, outcome.reason
        assert "table t" in outcome.reason, outcome.reason
        assert same(place.content(), before), "a failed erasure changed something"
        return
    assert wanted is not None, "rows of others refer to what is gone"
    after = place.content()
    assert same(after, wanted), (after, wanted)
    assert str(address(customer)) not in repr(after)
    assert system.verify(job).kind is OutcomeKind.VERIFIED_GONE
    assert system.plan(job.identity, Scope.ALL_PERSONAL_DATA).found == 0, "a second run would find something"
    assert system.execute(job) is None
    assert same(place.content(), wanted), "a second run changed something"


@settings(max_examples=max(20, EXAMPLES // 2), suppress_health_check=list(HealthCheck))
@given(world=worlds(), customer=st.sampled_from(CUSTOMERS))
def test_whatever_the_schema_on_sqlite(world: World, customer: int) -> None:
    """One customer's rows go, others' are identical, foreign keys hold, a second run finds nothing."""
    with on_sqlite(world) as place:
        erase_one(place, customer)


@pytest.mark.postgres
@settings(max_examples=max(10, EXAMPLES // 8), suppress_health_check=list(HealthCheck))
@given(world=worlds(), customer=st.sampled_from(CUSTOMERS))
def test_whatever_the_schema_on_postgresql(postgres_server: str, world: World, customer: int) -> None:
    """The same on PostgreSQL."""
    with on_postgres(world, postgres_server) as place:
        erase_one(place, customer)


def fail_at(mocker: MockerFixture, number: int) -> None:
    """Put a statement that cannot succeed before the given change of every erasure."""
    whole = Prepared.erasing

    def broken(self: Prepared, approved: frozenset[tuple[str, str]]) -> Erasing:
        erasing = whole(self, approved)
        place = number % (len(erasing.changes) + 1)
        wrong = Step(render(sa.text("UPDATE no_such_table SET x = 1"), self._dialect, table="broken"))
        changes = (*erasing.changes[:place], wrong, *erasing.changes[place:])
        return replace(erasing, changes=changes)

    mocker.patch.object(Prepared, "erasing", broken)


def fails_whole(place: Place, customer: int) -> None:
    system, before = place.system(), place.content()
    job = job_for(system, customer)
    if isinstance(job, str):
        return
    outcome = system.execute(job)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert same(place.content(), before), "a failed erasure changed something"


@settings(max_examples=max(15, EXAMPLES // 4), suppress_health_check=list(HealthCheck))
@given(world=worlds(), number=st.integers(0, 20))
def test_a_failure_at_any_statement_on_sqlite(mocker: MockerFixture, world: World, number: int) -> None:
    """Whichever statement fails, the database is what it was."""
    fail_at(mocker, number)
    with on_sqlite(world) as place:
        fails_whole(place, 1)


@pytest.mark.postgres
@settings(max_examples=max(8, EXAMPLES // 12), suppress_health_check=list(HealthCheck))
@given(world=worlds(), number=st.integers(0, 20))
def test_a_failure_at_any_statement_on_postgresql(
    mocker: MockerFixture, postgres_server: str, world: World, number: int
) -> None:
    """The same on PostgreSQL, where the statements travel together."""
    fail_at(mocker, number)
    with on_postgres(world, postgres_server) as place:
        fails_whole(place, 1)
