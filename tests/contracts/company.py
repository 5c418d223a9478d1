"""Databases of unknown shape for tests: one made from a script, on any of the three servers, and all its rows."""

import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

# Lines of a client program, and statements about databases as a whole: the test's own database stands in for them.
_CLIENT = re.compile(
    r"^\\c .*$|^(?:DROP|CREATE|ALTER) DATABASE [^;]*;|^USE [^;]*;|^(?:CREATE USER|GRANT|FLUSH) [^;]*;",
    re.MULTILINE,
)


@dataclass
class Company:
    """One company's database: its address for the engine, and a way around the engine."""

    url: str
    engine: sa.Engine

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table of every schema, in a comparable form."""
        with self.engine.connect() as connection:
            inspector = sa.inspect(connection)
            hidden = {"information_schema", "pg_catalog", "pg_toast", "mysql", "sys", "performance_schema"}
            default = inspector.default_schema_name
            names = [(default, one) for one in inspector.get_table_names()]
            if connection.dialect.name == "postgresql":
                others = [one for one in inspector.get_schema_names() if one not in {*hidden, default}]
                names += [
                    (schema, one) for schema in others for one in inspector.get_table_names(schema=schema)
                ]
            return {
                name if schema == default else f"{schema}.{name}": sorted(
                    repr(tuple(row))
                    for row in connection.execute(
                        sa.select(sa.text("*")).select_from(
                            sa.table(name, schema=schema if schema != "main" else None)
                        )
                    )
                )
                for schema, name in names
            }


@contextmanager
def sqlite_company(path: Path, script: str) -> Iterator[Company]:
    """A new SQLite file."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA synchronous = OFF;\n{script}")
    connection.close()
    yield Company(url=f"sqlite:///{path}", engine=sa.create_engine(f"sqlite:///{path}", poolclass=NullPool))


@contextmanager
def postgres_company(server: str, script: str) -> Iterator[Company]:
    """A new database on a PostgreSQL server, dropped afterwards (scripts name the schema public)."""
    name = f"company_{uuid.uuid4().hex}"
    address = sa.make_url(server)
    admin = sa.create_engine(
        address.set(drivername="postgresql+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    inside = address.set(database=name, drivername="postgresql")
    try:
        engine = sa.create_engine(inside.set(drivername="postgresql+psycopg"), poolclass=NullPool)
        company = Company(url=inside.render_as_string(hide_password=False), engine=engine)
        with engine.begin() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(_CLIENT.sub("", script))
        yield company
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def mariadb_company(server: str, script: str) -> Iterator[Company]:
    """A new database on a MariaDB or MySQL server, dropped afterwards."""
    name = f"company_{uuid.uuid4().hex}"
    # `set` leaves the database alone when it is given None, so the name is emptied.
    address = sa.make_url(server).set(drivername="mysql+pymysql", database="")
    admin = sa.create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    inside = address.set(database=name)
    try:
        engine = sa.create_engine(inside, poolclass=NullPool)
        loading = sa.create_engine(inside.update_query_dict({"client_flag": "65536"}), poolclass=NullPool)
        with loading.begin() as connection:
            cursor: Any = connection.connection.cursor()
            cursor.execute(_CLIENT.sub("", script))
            while cursor.nextset():
                pass
        yield Company(
            url=inside.set(drivername="mariadb").render_as_string(hide_password=False), engine=engine
        )
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
