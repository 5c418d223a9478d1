"""The intents to write to customers outside Slack: at most one send each, whatever crashes where."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, insert, or_, select, update

from services.ports import Dispatch
from services.reaching import Dispatches, MessageKind
from services.storage.engine import reading
from services.storage.tables import DISPATCHES


class Status(StrEnum):
    """Where an intent is. `sending` without an end is what a crash leaves behind: nobody knows then."""

    WANTED = "wanted"
    SENDING = "sending"
    SENT = "sent"
    NOT_SENT = "not_sent"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


_OPEN = (Status.WANTED, Status.SENDING, Status.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(Dispatch):
    """An intent as it is stored. `noted` says whether the case knows how it ended."""

    status: Status
    intent_at: datetime | None
    attempts: int
    evidence: str
    noted: bool


class SqlDispatches(Dispatches):
    """The port `Dispatches`, and what the sender needs besides."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cancel(self, case_id: str, *, but: str = "") -> None:
        """Take back what has not been begun, and put what is uncertain to rest; what is under way goes on."""
        rest = (Status.WANTED.value, Status.UNCERTAIN.value)
        with self._engine.begin() as connection:
            connection.execute(
                update(DISPATCHES)
                .where(DISPATCHES.c.case_id == case_id, DISPATCHES.c.id != but)
                .where(DISPATCHES.c.status.in_(rest))
                .values(status=Status.CANCELLED.value, noted=True)
            )

    def unsent(self, case_id: str) -> bool:
        """Whether an intent of the case still waits, is under way, or uncertain."""
        return bool(self._of(case_id, *_OPEN))

    def uncertain(self, case_id: str) -> tuple[Dispatch, ...]:
        """Return the intents of a case of which nobody knows whether they were carried out, oldest first."""
        return self._of(case_id, Status.UNCERTAIN)

    def due(self, now: datetime, *, limit: int = 20) -> tuple[Queued, ...]:
        """Return what may be sent now, oldest wish first; changes nothing."""
        waits = or_(DISPATCHES.c.not_before.is_(None), DISPATCHES.c.not_before <= now)
        return self._read(DISPATCHES.c.status == Status.WANTED.value, waits, limit=limit)

    def begun(self, before: datetime) -> tuple[Queued, ...]:
        """Return what somebody set out to send before that moment and never ended."""
        return self._read(DISPATCHES.c.status == Status.SENDING.value, DISPATCHES.c.intent_at < before)

    def unnoted(self) -> tuple[Queued, ...]:
        """Return what has ended without its case knowing it yet: a crash came between the two."""
        ended = (Status.SENT.value, Status.NOT_SENT.value, Status.UNCERTAIN.value)
        return self._read(DISPATCHES.c.status.in_(ended), DISPATCHES.c.noted.is_(False))

    def mark_intent(self, one: Queued, at: datetime) -> bool:
        """Note, before the channel is called, that the message is being sent; False when somebody else was first."""
        mine = (
            update(DISPATCHES)
            .where(DISPATCHES.c.id == one.id, DISPATCHES.c.status == Status.WANTED.value)
            .values(status=Status.SENDING.value, intent_at=at, attempts=DISPATCHES.c.attempts + 1)
        )
        with self._engine.begin() as connection:
            return connection.execute(mine).rowcount == 1

    def end(self, one: Dispatch, status: Status, *, evidence: str = "") -> None:
        """Record how it ended; the case has to be told next (`noted`)."""
        self._change(one, status=status.value, evidence=evidence, noted=False)

    def postpone(self, one: Dispatch, until: datetime) -> None:
        """Put it back: it was surely not sent, and may be tried again then. One that was overtaken is taken back instead.

        `cancel` leaves alone what is under way: what a newer intent of its kind replaced meanwhile must not come back.
        """
        if self._is_overtaken(one):
            self._change(one, status=Status.CANCELLED.value, noted=True)
            return
        self._change(one, status=Status.WANTED.value, not_before=until, intent_at=None)

    def _is_overtaken(self, one: Dispatch) -> bool:
        mine = select(DISPATCHES.c.wanted_at).where(DISPATCHES.c.id == one.id).scalar_subquery()
        same = (DISPATCHES.c.case_id == one.case_id) & (DISPATCHES.c.kind == one.kind.value)
        newer = (
            select(DISPATCHES.c.id)
            .where(same, DISPATCHES.c.wanted_at > mine, DISPATCHES.c.status != Status.CANCELLED.value)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(newer).first() is not None

    def hold_back(self, one: Dispatch, until: datetime) -> None:
        """Let an intent that nobody has begun wait until then; one that was begun stays as it is."""
        waiting = (DISPATCHES.c.id == one.id) & (DISPATCHES.c.status == Status.WANTED.value)
        with self._engine.begin() as connection:
            connection.execute(update(DISPATCHES).where(waiting).values(not_before=until))

    def noted(self, one: Dispatch) -> None:
        """Record that the case knows how it ended. Idempotent."""
        self._change(one, noted=True)

    def _change(self, one: Dispatch, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(DISPATCHES).where(DISPATCHES.c.id == one.id).values(**values))

    def _of(self, case_id: str, *statuses: Status) -> tuple[Queued, ...]:
        return self._read(
            DISPATCHES.c.case_id == case_id, DISPATCHES.c.status.in_([one.value for one in statuses])
        )

    def _read(self, *conditions: Any, limit: int = 100) -> tuple[Queued, ...]:
        query = select(DISPATCHES).where(*conditions).order_by(DISPATCHES.c.wanted_at).limit(limit)
        with reading(self._engine) as connection:
            return tuple(_queued(row) for row in connection.execute(query))


def want_dispatch(connection: Connection, wish: Dispatch, *, at: datetime) -> None:
    """Write the intent in the caller's transaction."""
    connection.execute(
        insert(DISPATCHES).values(
            id=wish.id,
            case_id=wish.case_id,
            kind=wish.kind.value,
            channel=wish.channel,
            status=Status.WANTED.value,
            wanted_at=at,
            attempts=0,
            evidence="",
            noted=False,
        )
    )


def _queued(row: Any) -> Queued:
    return Queued(
        id=row.id,
        case_id=row.case_id,
        kind=MessageKind(row.kind),
        channel=row.channel,
        status=Status(row.status),
        intent_at=row.intent_at,
        attempts=row.attempts,
        evidence=row.evidence,
        noted=row.noted,
    )
