"""The cases in SQL: row, sealed file and ledger entry are written together or not at all."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, case, delete, func, insert, select, update

from services.cases_port import Cases
from services.domain.case import TERMINAL, State
from services.domain.ledger import Entry, Sealed
from services.domain.record import Case, CaseFile, NewCase
from services.ports import Dispatch, PostKind
from services.storage import ledger
from services.storage.dispatches import want_dispatch
from services.storage.engine import forget_deleted, reading
from services.storage.posts import refresh_direct, want_post
from services.storage.records import case_columns, case_of, file_bytes, file_of
from services.storage.tables import CASE_FILES, CASE_KEYS, CASES, POSTS, SUBJECTS, upsert
from services.storage.vault import Vault

_FIRST_NUMBER = 1001
_PURPOSE = "case file"
# Decided when the case opens; no later write may touch them.
_FIXED = frozenset({"id", "number", "team_id", "channel", "message_ts", "thread_ts", "opened_at"})
_log = logging.getLogger(__name__)


class SqlCases(Cases):
    """The port `Cases` on SQLite or PostgreSQL."""

    def __init__(
        self, engine: Engine, vault: Vault, *, ids: Callable[[], str], case_channel: str = ""
    ) -> None:
        """Take the engine, the vault, and what makes a case's id (opaque, unique, at most 32 characters).

        `case_channel` is the private channel in which every case has its full card ("" without one).
        """
        self._case_channel = case_channel
        self._engine = engine
        self._vault = vault
        self._ids = ids

    def open(
        self, new: NewCase, file: CaseFile, *, actor: str, facts: tuple[tuple[str, str], ...]
    ) -> tuple[Case, bool]:
        """Insert a case in `detected`, version 1, with its first ledger entry and the wish for a card."""
        found = self.of_message(team_id=new.team_id, channel=new.channel, ts=new.message_ts)
        if found is not None:
            return found, False
        with self._engine.begin() as connection:
            # Whoever opens a case holds the head: numbers have no gaps, and the second look is decisive.
            ledger.lock_head(connection)
            row = connection.execute(
                _of_message(team_id=new.team_id, channel=new.channel, ts=new.message_ts)
            ).first()
            if row is not None:
                return case_of(row), False
            number = connection.execute(select(func.max(CASES.c.number))).scalar_one()
            opened = _opened(new, id_=self._ids(), number=_FIRST_NUMBER if number is None else number + 1)
            connection.execute(insert(CASES).values(case_columns(opened)))
            wrapped = self._vault.new_key(opened.id)
            connection.execute(insert(CASE_KEYS).values(case_id=opened.id, wrapped=wrapped))
            connection.execute(
                insert(CASE_FILES).values(case_id=opened.id, sealed=self._seal(file, opened.id, wrapped))
            )
            first = Entry(
                case_id=opened.id,
                version=opened.version,
                at=new.opened_at,
                actor=actor,
                action="open",
                after=opened.state.value,
                facts=facts,
            )
            self._record(connection, opened, first)
            # Read back, so that the first call returns exactly what every later one does.
            row = connection.execute(select(CASES).where(CASES.c.id == opened.id)).one()
        return case_of(row), True

    def get(self, case_id: str) -> Case | None:
        """Return the case, or None."""
        return self._one(select(CASES).where(CASES.c.id == case_id))

    def by_number(self, number: int) -> Case | None:
        """Return the case called DD-<number>, or None."""
        # Beyond PostgreSQL's integer the database would complain instead of finding nothing.
        if not 0 < number < 2**31:
            return None
        return self._one(select(CASES).where(CASES.c.number == number))

    def of_message(self, *, team_id: str, channel: str, ts: str) -> Case | None:
        """Return the case that this message opened, or None."""
        return self._one(_of_message(team_id=team_id, channel=channel, ts=ts))

    def of_thread(self, *, team_id: str, channel: str, thread_ts: str) -> Case | None:
        """Return the newest case of the thread, open ones first, or None."""
        ended = case((CASES.c.state.in_([state.value for state in TERMINAL]), 1), else_=0)
        return self._one(
            select(CASES)
            .where(CASES.c.team_id == team_id, CASES.c.channel == channel, CASES.c.thread_ts == thread_ts)
            .order_by(ended, CASES.c.number.desc())
            .limit(1)
        )

    def file(self, case_id: str) -> CaseFile | None:
        """Return the personal file, or None when it was shredded. Raises `SealBrokenError` for an altered one."""
        query = (
            select(CASE_FILES.c.sealed, CASE_KEYS.c.wrapped)
            .join_from(CASE_FILES, CASE_KEYS, CASE_FILES.c.case_id == CASE_KEYS.c.case_id)
            .where(CASE_FILES.c.case_id == case_id)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        plain = self._vault.unseal(row.sealed, wrapped=row.wrapped, case_id=case_id, purpose=_PURPOSE)
        return file_of(plain)

    def save(
        self,
        case: Case,
        entry: Entry,
        *,
        file: CaseFile | None = None,
        wants: PostKind | Dispatch | None = None,
    ) -> bool:
        """Compare and set on the version. Raises `ValueError` for an entry that belongs to another write."""
        with self._engine.begin() as connection:
            if not self._replace(connection, case, entry):
                return False
            if file is not None:
                wrapped = connection.execute(
                    select(CASE_KEYS.c.wrapped).where(CASE_KEYS.c.case_id == case.id)
                ).scalar_one()
                sealed = self._seal(file, case.id, wrapped)
                connection.execute(
                    update(CASE_FILES).where(CASE_FILES.c.case_id == case.id).values(sealed=sealed)
                )
            self._record(connection, case, entry)
            if isinstance(wants, Dispatch):
                want_dispatch(connection, wants, at=entry.at)
            elif wants is not None:
                want_post(connection, case.id, wants, channel=case.channel, thread_ts=case.thread_ts)
        return True

    def note(self, entry: Entry) -> None:
        """Append a ledger entry that moves nothing (a refused click, a read)."""
        with self._engine.begin() as connection:
            ledger.append(connection, entry, key=self._vault.ledger_key)

    def shred(self, case: Case, entry: Entry) -> bool:
        """Like `save`, and destroy the file and its key for good; the HMACs of the identity stay."""
        with self._engine.begin() as connection:
            if not self._replace(connection, case, entry):
                return False
            for mac in case.chosen.identifiers if case.chosen else ():
                subject = upsert(connection.dialect, SUBJECTS).values(mac=mac, case_id=case.id, at=entry.at)
                connection.execute(subject.on_conflict_do_nothing())
            connection.execute(delete(CASE_FILES).where(CASE_FILES.c.case_id == case.id))
            connection.execute(delete(CASE_KEYS).where(CASE_KEYS.c.case_id == case.id))
            self._record(connection, case, entry)
            # What was asked in the thread is redacted now (design rule 9), whenever a question was ever posted.
            asked = (POSTS.c.case_id == case.id) & (POSTS.c.kind == PostKind.QUESTION.value)
            connection.execute(update(POSTS).where(asked).values(wanted=POSTS.c.wanted + 1))
        self.forget_shredded()
        return True

    def forget_shredded(self) -> bool:
        """Wipe what shredding left in the database's files; False when somebody was reading: then try again later.

        The shredding itself is committed already; a next shredding, `Inbox.purge` or a start makes this good.
        """
        is_wiped = forget_deleted(self._engine, tables=(CASE_KEYS.name, CASE_FILES.name))
        if not is_wiped:
            _log.warning(
                "the store's files could not be wiped now: somebody is reading them; this is repeated later"
            )
        return is_wiped

    def in_states(self, states: Iterable[str]) -> tuple[Case, ...]:
        """Return the cases in these states, due first."""
        query = (
            select(CASES)
            .where(CASES.c.state.in_([str(state) for state in states]))
            .order_by(CASES.c.answer_due, CASES.c.number)
        )
        with reading(self._engine) as connection:
            return tuple(case_of(row) for row in connection.execute(query))

    def of_subject(self, mac: str) -> tuple[Case, ...]:
        """Return the ended cases of whoever has this identifier (its HMAC), newest first."""
        query = select(CASES).join(SUBJECTS).where(SUBJECTS.c.mac == mac).order_by(CASES.c.number.desc())
        with reading(self._engine) as connection:
            return tuple(case_of(row) for row in connection.execute(query))

    def latest(self, states: Iterable[str], limit: int) -> tuple[Case, ...]:
        """Return the newest cases in these states."""
        named = [str(state) for state in states]
        query = select(CASES).where(CASES.c.state.in_(named)).order_by(CASES.c.number.desc()).limit(limit)
        with reading(self._engine) as connection:
            return tuple(case_of(row) for row in connection.execute(query))

    def to_shred(self) -> tuple[Case, ...]:
        """Return the cases that have ended (dismissed ones included) and whose file still exists, oldest first."""
        query = (
            select(CASES)
            .join(CASE_FILES)
            .where(CASES.c.state.in_([state.value for state in TERMINAL]))
            .order_by(CASES.c.number)
        )
        with reading(self._engine) as connection:
            return tuple(case_of(row) for row in connection.execute(query))

    def started_since(self, moment: datetime) -> int:
        """Return how many cases went from `approved` to `deleting` since then; resuming a run is no new start."""
        query = select(func.count()).select_from(CASES).where(CASES.c.started_at >= moment)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def ledger(self, case_id: str | None = None) -> tuple[Sealed, ...]:
        """Return the chain, whole or of one case, in order."""
        with reading(self._engine) as connection:
            return ledger.chain(connection, case_id)

    def ledger_flaws(self) -> tuple[str, ...]:
        """Verify the whole chain, its head, and that each case's version (and state) matches its last entry."""
        with reading(self._engine) as connection:
            return ledger.all_flaws(connection, key=self._vault.ledger_key)

    def _one(self, query: Select[Any]) -> Case | None:
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return case_of(row) if row else None

    def _replace(self, connection: Connection, case: Case, entry: Entry) -> bool:
        if (entry.case_id, entry.version) != (case.id, case.version):
            raise ValueError(
                f"the entry is for version {entry.version} of {entry.case_id}, the case is {case.id} at "
                f"version {case.version}: make the entry from the case that is saved"
            )
        values = {name: one for name, one in case_columns(case).items() if name not in _FIXED}
        if case.state is State.DELETING:
            values["started_at"] = _start_of_run(entry.at)
        changed = (
            update(CASES).where(CASES.c.id == case.id, CASES.c.version == case.version - 1).values(values)
        )
        return connection.execute(changed).rowcount == 1

    def _record(self, connection: Connection, case: Case, entry: Entry) -> None:
        ledger.append(connection, entry, key=self._vault.ledger_key)
        want_post(connection, case.id, PostKind.CARD, channel=case.channel, thread_ts=case.thread_ts)
        if self._case_channel:
            want_post(connection, case.id, PostKind.FULL_CARD, channel=self._case_channel, thread_ts="")
        refresh_direct(connection, case.id)

    def _seal(self, file: CaseFile, case_id: str, wrapped: bytes) -> bytes:
        return self._vault.seal(file_bytes(file), wrapped=wrapped, case_id=case_id, purpose=_PURPOSE)


def _of_message(*, team_id: str, channel: str, ts: str) -> Select[Any]:
    return select(CASES).where(
        CASES.c.team_id == team_id, CASES.c.channel == channel, CASES.c.message_ts == ts
    )


def _start_of_run(at: datetime) -> Any:
    """What `started_at` becomes: now when the stored state is `approved`, else what it was (retry, resume, settle)."""
    return case((CASES.c.state == State.APPROVED.value, at), else_=CASES.c.started_at)


def _opened(new: NewCase, *, id_: str, number: int) -> Case:
    return Case(
        id=id_,
        number=number,
        team_id=new.team_id,
        channel=new.channel,
        thread_ts=new.thread_ts,
        message_ts=new.message_ts,
        state=State.DETECTED,
        version=1,
        revision=1,
        reading=new.reading,
        opened_at=new.opened_at,
        answer_due=new.answer_due,
        regime=new.regime,
        regimes=new.regimes,
        acknowledge_due=new.acknowledge_due,
        linked_to=new.linked_to,
        senders=new.senders,
    )
