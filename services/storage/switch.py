"""The brake for everything, kept where it survives a restart."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from services import ports
from services.storage.engine import reading
from services.storage.tables import SWITCH, upsert

_ROW = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchState:
    """Where the brake stands, who put it there and when."""

    halted: bool
    by: str
    at: datetime


class SqlSwitch(ports.Switch):
    """The one brake of the installation; released as long as nobody ever touched it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def halted(self) -> bool:
        """Whether runs are halted."""
        state = self.state()
        return state is not None and state.halted

    def state(self) -> SwitchState | None:
        """Return who moved the brake last and when, or None when nobody ever did."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(SWITCH.c.halted, SWITCH.c.by, SWITCH.c.at).where(SWITCH.c.id == _ROW)
            ).first()
        return SwitchState(halted=row.halted, by=row.by, at=row.at) if row else None

    def set_halted(self, *, halted: bool, by: str, at: datetime) -> None:
        """Halt or release all runs. Idempotent: whoever repeats it does not take the place of the first."""
        wish = upsert(self._engine.dialect, SWITCH).values(id=_ROW, halted=halted, by=by, at=at)
        moved = wish.on_conflict_do_update(
            index_elements=["id"],
            set_={"halted": halted, "by": by, "at": at},
            where=SWITCH.c.halted.is_distinct_from(halted),
        )
        with self._engine.begin() as connection:
            connection.execute(moved)
