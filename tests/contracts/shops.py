"""A company's database under test, on whichever server, and what a case asks of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from services.database import twin
from services.database.connection import CompanyDatabase
from services.database.data_map import parse
from services.database.system import Database
from services.domain.identity import Identifier, Identity, freeze
from services.domain.scope import Scope
from services.ports import Job

ALL = Scope.ALL_PERSONAL_DATA


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


@dataclass
class Shop:
    """One database under test: its address, a way to change it behind the engine's back, and to read all of it."""

    url: str
    engine: sa.Engine

    @property
    def is_mysql(self) -> bool:
        return self.engine.dialect.name == "mysql"

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            if self.is_mysql:
                connection.exec_driver_sql("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        with self.engine.connect() as connection:
            names = sa.inspect(connection).get_table_names()
            return {
                name: sorted(
                    map(tuple, connection.execute(sa.select(sa.text("*")).select_from(sa.table(name)))),
                    key=repr,
                )
                for name in names
            }

    def system(self, text: str = twin.FERNLEAF_MAP, *, busy_seconds: float = 0.3) -> Database:
        return Database(
            name="shop",
            label="Shop database",
            database=CompanyDatabase(self.url, busy_seconds=busy_seconds),
            data_map=parse(text, file="shop.yaml"),
            clock=FixedClock(),
        )


def by_email(*emails: str) -> tuple[Identifier, ...]:
    return tuple(Identifier(kind="email", value=email) for email in emails)


def chosen(system: Database, *emails: str, keys: tuple[str, ...] | None = None) -> Identity:
    found = system.find(by_email(*emails))
    return freeze(by_email(*emails), tuple(one for one in found if keys is None or one.key in keys))


def job(system: Database, identity: Identity) -> Job:
    plan = system.plan(identity, ALL)
    assert not plan.problem, plan.problem
    return Job(identity=identity, scope=ALL, planned=plan, key="case:1:shop")
