"""The places of rate-limited accounts in the store: every worker of the installation counts in the same row."""

import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, func, select, update

from services.pace import Places, shortened, still_taken
from services.storage.tables import PACES, upsert


class SqlPlaces(Places):
    """`Places` on SQLite or PostgreSQL. Times are the database's own clock, seconds since 1970."""

    def __init__(self, engine: Engine, *, wall: Callable[[], float] = time.time) -> None:
        """Take the engine; `wall` is the clock of a SQLite file's one machine (PostgreSQL's own is used there)."""
        self._engine = engine
        self._wall = wall

    def take(self, name: str, *, per_second: int, hold: float) -> tuple[float, float]:
        """See `Places`. The row is locked meanwhile, so that two workers never take the same place."""
        with self._engine.begin() as connection:
            taken = self._taken(connection, name)
            now = self._now(connection)
            left = still_taken(taken, now=now)
            if len(left) >= per_second:
                return min(left) - now, 0.0
            self._write(connection, name, (*left, now + hold))
        return 0.0, now + hold

    def shorten(self, name: str, place: float, *, by: float) -> None:
        """See `Places`."""
        with self._engine.begin() as connection:
            taken = self._taken(connection, name)
            self._write(connection, name, shortened(taken, place, by=by))

    def _taken(self, connection: Connection, name: str) -> tuple[float, ...]:
        # On SQLite the transaction is a writer's from the start; on PostgreSQL the row has to exist to be locked.
        connection.execute(
            upsert(connection.dialect, PACES).values(name=name, until=[]).on_conflict_do_nothing()
        )
        row = connection.execute(select(PACES.c.until).where(PACES.c.name == name).with_for_update())
        return tuple(float(one) for one in row.scalar_one())

    def _now(self, connection: Connection) -> float:
        if connection.dialect.name == "sqlite":
            return self._wall()
        return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())

    def _write(self, connection: Connection, name: str, until: tuple[float, ...]) -> None:
        connection.execute(update(PACES).where(PACES.c.name == name).values(until=list(until)))
