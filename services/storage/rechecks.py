"""The look-ups of completed cases in the store: each sealed under a key of its own, until its last recheck."""

import json
import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, select, update

from services.domain.recheck import LookUp, Recheck, Rechecks
from services.storage.engine import forget_deleted, reading
from services.storage.tables import RECHECKS, in_utc, upsert
from services.storage.vault import Vault

_LOOK_UP = TypeAdapter(LookUp)
_PURPOSE = "recheck"
_log = logging.getLogger(__name__)


class SqlRechecks(Rechecks):
    """The contract `Rechecks` on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def keep(self, case_id: str, look_up: LookUp, moments: tuple[datetime, ...]) -> None:
        """See `Rechecks`. The row stays when all is over, without look-up and key: so nothing is kept twice."""
        if not moments:
            return
        about = _about(case_id)
        wrapped = self._vault.new_key(about)
        plain = json.dumps(asdict(look_up)).encode()
        planned = sorted(in_utc(one) for one in moments)
        row = upsert(self._engine.dialect, RECHECKS).values(
            case_id=case_id,
            number=1,
            planned=[one.isoformat() for one in planned],
            not_before=planned[0],
            wrapped=wrapped,
            sealed=self._vault.seal(plain, wrapped=wrapped, case_id=about, purpose=_PURPOSE),
        )
        with self._engine.begin() as connection:
            connection.execute(row.on_conflict_do_nothing())

    def due(self, now: datetime) -> tuple[Recheck, ...]:
        """See `Rechecks`."""
        query = (
            select(RECHECKS)
            .where(RECHECKS.c.not_before <= now)
            .order_by(RECHECKS.c.not_before, RECHECKS.c.case_id)
            .limit(100)
        )
        with reading(self._engine) as connection:
            return tuple(_recheck(row) for row in connection.execute(query))

    def next_of(self, case_id: str) -> Recheck | None:
        """See `Rechecks`."""
        query = select(RECHECKS).where(RECHECKS.c.case_id == case_id, RECHECKS.c.not_before.is_not(None))
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return _recheck(row) if row else None

    def look_up(self, case_id: str) -> LookUp | None:
        """See `Rechecks`. Raises `SealBrokenError` for an altered one."""
        query = select(RECHECKS.c.wrapped, RECHECKS.c.sealed).where(RECHECKS.c.case_id == case_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None or row.sealed is None:
            return None
        plain = self._vault.unseal(row.sealed, wrapped=row.wrapped, case_id=_about(case_id), purpose=_PURPOSE)
        return _LOOK_UP.validate_json(plain)

    def postpone(self, recheck: Recheck, until: datetime) -> bool:
        """See `Rechecks`."""
        return self._change(recheck, {"not_before": until})

    def pass_on(self, recheck: Recheck, *, last: bool = False) -> bool:
        """See `Rechecks`. What is destroyed is wiped from the database's files too."""
        with reading(self._engine) as connection:
            planned = connection.execute(
                select(RECHECKS.c.planned).where(RECHECKS.c.case_id == recheck.case_id)
            ).scalar_one_or_none()
        if planned is None:
            return False
        if not last and recheck.number < len(planned):
            then = datetime.fromisoformat(planned[recheck.number])
            return self._change(recheck, {"number": recheck.number + 1, "not_before": then})
        ended = self._change(recheck, {"not_before": None, "wrapped": None, "sealed": None})
        if ended and not self.forget_ended():
            _log.warning("the store's files could not be wiped now: somebody is reading them; repeated later")
        return ended

    def forget_ended(self) -> bool:
        """Wipe what the end of the rechecks left in the database's files; False when somebody was reading."""
        return forget_deleted(self._engine, tables=(RECHECKS.name,))

    def _change(self, recheck: Recheck, values: dict[str, Any]) -> bool:
        same = (
            update(RECHECKS)
            .where(RECHECKS.c.case_id == recheck.case_id, RECHECKS.c.number == recheck.number)
            .where(RECHECKS.c.not_before.is_not(None))
            .values(values)
        )
        with self._engine.begin() as connection:
            return connection.execute(same).rowcount == 1


def _about(case_id: str) -> str:
    """What the key is bound to: the rechecks of a case, not its file."""
    return f"recheck|{case_id}"


def _recheck(row: Any) -> Recheck:
    return Recheck(
        case_id=row.case_id,
        number=row.number,
        planned_for=datetime.fromisoformat(row.planned[row.number - 1]),
        not_before=row.not_before,
    )
