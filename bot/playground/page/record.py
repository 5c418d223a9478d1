"""The app's ledger as the page shows it: who did what to which case, and whether the chain verifies."""

import contextlib
import uuid
from pathlib import Path
from typing import Any

from bot.playground.world import World
from services.storage.store import Store, open_store

Json = dict[str, Any]


class Record:
    """Reads the ledger through the store's own code, opened when the app has made its database."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store: Store | None = None
        self._names: dict[str, str] = {}

    def mark(self) -> object:
        """Return something that changes whenever the database was written to; cheap."""
        # Only a running app has brought its tables up to date: before that there is nothing to open.
        is_up = self._world.slack.connections or (self._world.options.mode == "http" and self._file.exists())
        if self._store is None and not is_up:
            return None
        return [_stamp(path) for path in (self._file, self._file.with_name(self._file.name + "-wal"))]

    def read(self) -> Json:
        """Return the entries, oldest first, and the chain's flaws. Raises sqlalchemy's OperationalError."""
        if self._store is None:
            if self.mark() is None:
                return {"entries": [], "flaws": []}
            self._store = open_store(
                f"sqlite:///{self._file}", self._world.master_key, ids=lambda: uuid.uuid4().hex
            )
        cases = self._store.cases
        return {
            "entries": [
                {
                    "seq": one.seq,
                    "version": one.entry.version,
                    "case": self._name(one.entry.case_id),
                    "at": one.entry.at.timestamp(),
                    "actor": one.entry.actor,
                    "action": one.entry.action,
                    "before": one.entry.before,
                    "after": one.entry.after,
                    "facts": [list(fact) for fact in one.entry.facts],
                    "hash": one.hash[:8],
                }
                for one in cases.ledger()
            ],
            "flaws": list(cases.ledger_flaws()),
        }

    def close(self) -> None:
        """Close the database. Idempotent."""
        if self._store is not None:
            self._store.close()
        self._store = None
        self._names.clear()

    @property
    def _file(self) -> Path:
        return self._world.files.store

    def _name(self, case_id: str) -> str:
        if case_id not in self._names and self._store is not None:
            case = self._store.cases.get(case_id)
            if case is None:
                return case_id[:8]
            self._names[case_id] = case.ref
        return self._names.get(case_id, case_id[:8])


def _stamp(path: Path) -> tuple[int, int]:
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return 0, 0
