"""The inbox: what Slack delivered, written before the ack, sealed until it was dealt with, then only its id."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, select, update

from services.storage.engine import forget_deleted, reading
from services.storage.tables import INBOX, upsert
from services.storage.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as it came in. `kind` says by which event, `thread_ts` is "" outside a thread.

    `name` and `address` are whom a post by an integration names as the customer.
    """

    event_id: str
    team: str
    channel: str
    ts: str
    thread_ts: str
    user: str
    kind: str
    text: str
    received_at: datetime
    name: str = ""
    address: str = ""


class Inbox:
    """Messages between Slack's delivery and the worker."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def put(
        self,
        *,
        event_id: str,
        team: str,
        channel: str,
        ts: str,
        thread_ts: str,
        user: str,
        kind: str,
        text: str,
        received_at: datetime,
        name: str = "",
        address: str = "",
    ) -> bool:
        """Keep a message; return False, having changed nothing, when this event was seen before (also when done).

        One short transaction, because Slack waits for it. Raises SQLAlchemy's `OperationalError` when the database
        is down: the delivery must then not be acknowledged, so that Slack repeats it.
        """
        payload = self._vault.seal_event(
            json.dumps([user, text, name, address]).encode("ascii"), event_id=event_id
        )
        row = upsert(self._engine.dialect, INBOX).values(
            event_id=event_id,
            team=team,
            channel=channel,
            ts=ts,
            thread_ts=thread_ts,
            kind=kind,
            received_at=received_at,
            payload=payload,
            done=False,
        )
        with self._engine.begin() as connection:
            # RETURNING, because a row count after INSERT means nothing to every driver.
            inserted = connection.execute(row.on_conflict_do_nothing().returning(INBOX.c.event_id))
            return inserted.first() is not None

    def pending(self, limit: int = 100) -> tuple[str, ...]:
        """Return the ids of the events that nobody has dealt with yet, oldest first."""
        query = (
            select(INBOX.c.event_id)
            .where(INBOX.c.done.is_(False))
            .order_by(INBOX.c.received_at, INBOX.c.ts, INBOX.c.event_id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())

    def read(self, event_id: str) -> Arrival | None:
        """Return the message, or None when it is unknown or done. Raises `SealBrokenError` for an altered one."""
        with reading(self._engine) as connection:
            row = connection.execute(select(INBOX).where(INBOX.c.event_id == event_id)).first()
        if row is None or row.payload is None:
            return None
        user, text, *sender = json.loads(self._vault.unseal_event(row.payload, event_id=event_id))
        name, address = sender or ("", "")  # a message from before an update has no sender
        return Arrival(
            event_id=row.event_id,
            team=row.team,
            channel=row.channel,
            ts=row.ts,
            thread_ts=row.thread_ts,
            user=user,
            kind=row.kind,
            text=text,
            received_at=row.received_at,
            name=name,
            address=address,
        )

    def done(self, event_id: str) -> None:
        """Forget the message and keep its id, so that a repeated delivery is recognised. Idempotent."""
        erased = {"payload": None, "team": "", "channel": "", "ts": "", "thread_ts": "", "kind": ""}
        with self._engine.begin() as connection:
            connection.execute(update(INBOX).where(INBOX.c.event_id == event_id).values(done=True, **erased))

    def purge(self, before: datetime) -> int:
        """Remove what was dealt with and received before then; return how many. Slack has long stopped repeating it."""
        old = delete(INBOX).where(INBOX.c.done.is_(True), INBOX.c.received_at < before)
        with self._engine.begin() as connection:
            removed = connection.execute(old).rowcount
        forget_deleted(self._engine)
        return removed
