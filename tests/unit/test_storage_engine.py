"""The engine: which addresses it takes, and how SQLite is set."""

import logging
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from services.storage import create_store_engine
from services.storage.engine import reading, store_url


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_store_engine(f"sqlite:///{tmp_path}/var/desk.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a TEXT PRIMARY KEY, parent TEXT REFERENCES t (a))"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///var/desk.db", "sqlite+pysqlite"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg"),
    ],
)
def test_addresses(url: str, driver: str) -> None:
    """The addresses that operators write are taken, with the driver that we ship."""
    assert store_url(url).drivername == driver


@pytest.mark.parametrize(
    "url",
    ["", "desk.db", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true", "mysql://u:hunter2@h/d"],
)
def test_other_addresses_name_the_cure(url: str) -> None:
    """Anything else is refused with the two forms that work, and never repeated: it may hold a password."""
    with pytest.raises(ValueError, match="use sqlite:///PATH") as caught:
        create_store_engine(url)
    assert "hunter2" not in str(caught.value)


def test_sqlite_settings(engine: Engine) -> None:
    """Every connection has the settings that the design demands; the file is nobody else's to read."""
    wanted = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 10_000,
        "synchronous": 2,
    }
    with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            for pragma, value in wanted.items():
                assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value, pragma
            connection.rollback()
    assert stat.S_IMODE(Path(str(engine.url.database)).stat().st_mode) == 0o600


def test_writers_take_the_lock_at_once(engine: Engine) -> None:
    """A transaction holds the write lock from its first moment; one that only reads does not wait for it."""
    with engine.begin() as writer:
        writer.execute(text("INSERT INTO t VALUES ('a', NULL)"))
        with reading(engine) as reader:
            assert reader.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
        other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
        try:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        finally:
            other.close()
    with reading(engine) as reader:
        assert reader.execute(text("SELECT count(*) FROM t")).scalar_one() == 1


def test_foreign_keys_hold(engine: Engine) -> None:
    """A row that points nowhere is refused."""
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES ('a', 'nowhere')"))


def test_values_stay_out_of_errors_and_logs(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """What we write never shows in an exception or a log line, not even at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    insert = text("INSERT INTO t VALUES (:a, NULL)")
    with engine.begin() as connection:
        connection.execute(insert, {"a": "maya@example.com"})
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert, {"a": "maya@example.com"})
    with pytest.raises(OperationalError) as broken, engine.begin() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:a)"), {"a": "maya@example.com"})
    assert "maya" not in str(caught.value) + str(broken.value) + caplog.text
