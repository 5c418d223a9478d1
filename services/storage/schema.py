"""Brings the database to the newest schema on start, from the migrations inside the package."""

import threading
from contextlib import AbstractContextManager, nullcontext

from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Engine, text

from services.storage.engine import sqlite_path

# Any number will do, as long as every version of Deletion Desk takes the same.
_MIGRATION_LOCK = 0x6465_6D69
# Alembic keeps what it is at in the globals of a module: two threads that migrate undo each other's.
_ONE_AT_A_TIME = threading.Lock()


def migrate(engine: Engine) -> None:
    """Run every migration that this database has not seen, in one transaction.

    Idempotent. Safe when several processes or threads start at once: one migrates, the others wait and find it done.
    """
    config = Config()
    config.set_main_option("script_location", "services.storage:migrations")
    with _ONE_AT_A_TIME, _alone(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alone(engine: Engine) -> AbstractContextManager[object]:
    """On SQLite a lock file of its own: the first connection switches the new file to WAL, outside any transaction.

    Without it one in ninety of processes that start together failed at that switch ("database is locked", at once).
    """
    path = sqlite_path(engine.url)
    return nullcontext() if path is None else FileLock(f"{path}.migrating")
