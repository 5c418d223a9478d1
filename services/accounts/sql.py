"""The account service by SQL: closes an account (or removes its row) and proves by counting that nothing else changed."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from services.accounts.shape import AccountRefusedError, Shape, count, counts_elsewhere, read, side_effects
from services.domain.identity import Candidate, Identifier, Identity, mask, opaque, spellings
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.last_mile import addresses, counted, warned
from services.ports import Clock, Job, SystemUnavailableError
from services.system_entries import AccountConfig

RETRY_AFTER = timedelta(seconds=60)


class Store(Protocol):
    """A company's database, one transaction a block; no error that leaves a block quotes a value."""

    @property
    def place(self) -> str:
        """An opaque name, equal for two systems that look at the same database."""
        ...

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction that cannot write. Raises `SystemUnavailableError` when the database is busy or away."""
        ...

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A transaction, committed at the end of the block, rolled back by any exception."""
        ...


class SqlAccount:
    """Implements `ports.System` for both scopes. Which accounts are meant is always a chosen key, never an address."""

    order = 10
    is_mandatory = False

    def __init__(self, *, config: AccountConfig, database: Store, clock: Clock) -> None:
        self.name, self.label = config.name, config.label
        self._config, self._database, self._clock = config, database, clock
        self._kind = f"{config.table}.{config.key}"
        self._keys_from = config.keys_from or config.name
        self._closing = "remove" if config.mode == "remove" else "deactivate"

    def acts_on(self, scope: Scope) -> bool:
        """Both scopes end the account; for everything it is the first step, so that no new data arises (rule 7)."""
        return scope in {Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY}

    def digest(self) -> str:
        """Return the hash of the settings, the foreign keys to the tables concerned and the triggers on them."""
        with self._database.reading() as connection:
            return self._digest(read(connection, self._config))

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """See the port. Proposes nothing where a database system proposes the same rows (`keys_from`)."""
        if self._config.keys_from:
            return ()
        try:
            with self._database.reading() as connection:
                shape = read(connection, self._config)
                where = self._carries(shape, identifiers)
                email = shape.account.c[self._config.email]
                rows = connection.execute(sa.select(shape.key, email).where(where).order_by(shape.key)).all()
                asked = Identity(identifiers=identifiers)
                warned_of = {key: sum(self._warned(connection, (key,), asked), ()) for key, _ in rows}
        except SystemUnavailableError as away:
            away.retry_at = self._clock.now() + RETRY_AFTER
            raise
        except (AccountRefusedError, SQLAlchemyError) as wrong:
            raise SystemUnavailableError(str(wrong)) from None
        return tuple(
            self._candidate(str(key), str(address), sharing=len(rows), more=warned_of[key])
            for key, address in rows
        )

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """See the port. What would touch anything that is not declared is the `problem`."""
        digest = hashlib.sha256(repr(self._config).encode()).hexdigest()[:32]
        blank = SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=digest,
            acts=self.acts_on(scope),
            place=self._database.place,
        )
        try:
            with self._database.reading() as connection:
                shape = read(connection, self._config)
                keys = self._keys(shape, identity)
                said, blocks = self._warned(connection, keys, identity)
                problems = (
                    *blocks,
                    *self._unchosen(connection, shape, identity, keys),
                    *side_effects(connection, shape, keys),
                )
                return replace(
                    blank,
                    digest=self._digest(shape),
                    lines=self._lines(connection, shape, keys),
                    problem="; ".join(problems),
                    warnings=said
                    + tuple(
                        f"the trigger {trigger} on {table} runs when the account is closed"
                        for table, trigger in shape.triggers
                        if table == self._config.table and table not in shape.shrinking
                    ),
                )
        except SystemUnavailableError as away:
            return replace(blank, problem=away.reason)
        except (AccountRefusedError, SQLAlchemyError) as wrong:
            return replace(blank, problem=str(wrong))

    def execute(self, job: Job) -> Outcome | None:
        """See the port: one transaction; refused when the plan no longer fits or any other table's count moves."""
        try:
            with self._database.writing() as connection:
                shape = read(connection, self._config)
                keys = self._keys(shape, job.identity)
                self._check(connection, shape, job, keys)
                with _nothing_else_moves(connection, shape):
                    self._close(connection, shape, keys)
                if left := self._left(connection, shape, job.identity, keys):
                    raise AccountRefusedError(f"rolled back, because afterwards {'; '.join(left)}")  # noqa: TRY301  rolls back
        except SystemUnavailableError as away:
            return self._outcome(OutcomeKind.RETRY_LATER, away.reason)
        except (AccountRefusedError, SQLAlchemyError) as wrong:
            return self._outcome(OutcomeKind.FAILED, str(wrong))
        return None

    def verify(self, job: Job) -> Outcome:
        """See the port: a new connection reads the account rows and the declared tables."""
        try:
            with self._database.reading() as connection:
                shape = read(connection, self._config)
                keys = self._keys(shape, job.identity)
                left = self._left(connection, shape, job.identity, keys)
                found = count(connection, shape.account, shape.is_account(keys))
        except SystemUnavailableError as away:
            return self._outcome(OutcomeKind.RETRY_LATER, away.reason)
        except (AccountRefusedError, SQLAlchemyError) as wrong:
            return self._outcome(OutcomeKind.FAILED, f"cannot be verified: {wrong}")
        if left:
            return self._outcome(OutcomeKind.FAILED, "; ".join(left))
        if not found and not job.planned.found:
            return self._outcome(OutcomeKind.NOTHING_FOUND, "")
        return replace(self._outcome(OutcomeKind.VERIFIED_GONE, ""), counts=job.planned.lines)

    def _keys(self, shape: Shape, identity: Identity) -> tuple[Any, ...]:
        return shape.typed(identity.of(system=self._keys_from, kind=self._kind))

    def _warned(
        self, connection: sa.Connection, keys: tuple[Any, ...], identity: Identity
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return warned(connection, self._config.warnings, keys=keys, emails=addresses(identity))

    def _carries(self, shape: Shape, identifiers: tuple[Identifier, ...]) -> sa.ColumnElement[bool]:
        """The condition that an account carries one of the addresses, in any spelling that lower() may make of it."""
        emails = (one.value for one in identifiers if one.kind == "email" and one.value.strip())
        forms = sorted({form for one in emails for form in spellings(one)})
        email = shape.account.c[self._config.email]
        folded = shape.exactly(sa.func.lower(email)).in_(forms)
        if all(one.isascii() for one in forms):
            return folded  # alone, an index on lower(email) answers
        return sa.or_(folded, shape.exactly(email).in_(forms))

    def _lines(self, connection: sa.Connection, shape: Shape, keys: tuple[Any, ...]) -> tuple[Count, ...]:
        number = count(connection, shape.account, shape.is_account(keys))
        lines = [Count(table=self._config.table, action=self._closing, number=number)]
        for name in self._config.also_delete:
            rows = count(connection, shape.tables[name], shape.belongs(name, keys))
            lines.append(Count(table=name, action="delete", number=rows))
        return tuple(line for line in lines if line.number)

    def _unchosen(
        self, connection: sa.Connection, shape: Shape, identity: Identity, keys: tuple[Any, ...]
    ) -> tuple[str, ...]:
        where = sa.and_(self._carries(shape, identity.identifiers), sa.not_(shape.is_account(keys)))
        number = count(connection, shape.account, where)
        says = f"{number} rows in {self._config.table} carry an address of this customer's, but were not chosen as theirs"
        return (says,) if number else ()

    def _check(self, connection: sa.Connection, shape: Shape, job: Job, keys: tuple[Any, ...]) -> None:
        if self._digest(shape) != job.planned.digest:
            raise AccountRefusedError("the settings or the schema changed since the plan was approved")
        approved = {(line.table, line.action) for line in job.planned.lines}
        lines = self._lines(connection, shape, keys)
        new = [f"{one.table} ({one.action})" for one in lines if (one.table, one.action) not in approved]
        problems = (
            *self._warned(connection, keys, job.identity)[1],
            *self._unchosen(connection, shape, job.identity, keys),
            *side_effects(connection, shape, keys),
        )
        if new or problems:
            raise AccountRefusedError(
                "; ".join([*(f"{one}: not in the approved plan" for one in new), *problems])
            )

    def _close(self, connection: sa.Connection, shape: Shape, keys: tuple[Any, ...]) -> None:
        for name in self._config.also_delete:
            connection.execute(sa.delete(shape.tables[name]).where(shape.belongs(name, keys)))
        own = shape.is_account(keys)
        if self._config.mode == "remove":
            connection.execute(sa.delete(shape.account).where(own))
        else:
            values = dict(self._config.deactivate)
            connection.execute(sa.update(shape.account).where(own, self._is_open(shape)).values(values))

    def _is_open(self, shape: Shape) -> sa.ColumnElement[bool]:
        pairs = [(shape.account.c[name], value) for name, value in self._config.deactivate]
        differs = [column.is_distinct_from(sa.literal(value, column.type)) for column, value in pairs]
        return sa.or_(sa.false(), *differs)

    def _left(
        self, connection: sa.Connection, shape: Shape, identity: Identity, keys: tuple[Any, ...]
    ) -> tuple[str, ...]:
        own = shape.is_account(keys)
        where = own if self._config.mode == "remove" else sa.and_(own, self._is_open(shape))
        state = "there" if self._config.mode == "remove" else "open"
        left = [(count(connection, shape.account, where), f"rows in {self._config.table} are still {state}")]
        for name in self._config.also_delete:
            rows = count(connection, shape.tables[name], shape.belongs(name, keys))
            left.append((rows, f"rows in {name} are still there"))
        if self._config.still_open:
            ways = counted(connection, self._config.still_open, keys=keys)
            left.append((ways, "ways to sign in are still open"))
        return (
            *(f"{rows} {says}" for rows, says in left if rows),
            *self._unchosen(connection, shape, identity, keys),
        )

    def _candidate(self, key: str, address: str, *, sharing: int, more: tuple[str, ...]) -> Candidate:
        source = f"{self.label}, {self._config.table}"
        warning = f"{sharing} accounts carry one of these addresses: decide on each."
        return Candidate(
            system=self.name,
            key=f"{self._config.table}:{opaque(key)}",
            reason=f"same address in {self.label}",
            shown=f"{mask(address)} · account",
            identifiers=(
                Identifier(kind=self._kind, value=key, system=self.name, source=source),
                Identifier(kind="email", value=address.strip(), source=source),
            ),
            warnings=((warning,) if sharing > 1 else ()) + more,
        )

    def _digest(self, shape: Shape) -> str:
        near = {self._config.table, *self._config.also_delete}
        links = sorted(repr(one) for one in shape.foreign_keys if one.parent in near)
        triggers = sorted(one for one in shape.triggers if one[0] in near)
        return hashlib.sha256(repr((self._config, links, triggers, shape.elsewhere)).encode()).hexdigest()[
            :32
        ]

    def _outcome(self, kind: OutcomeKind, reason: str) -> Outcome:
        now = self._clock.now()
        due = now + RETRY_AFTER if kind is OutcomeKind.RETRY_LATER else None
        return Outcome(system=self.name, kind=kind, at=now, reason=reason, due=due)


@contextmanager
def _nothing_else_moves(connection: sa.Connection, shape: Shape) -> Iterator[None]:
    """Compare the row counts of all other tables before and after, where rows go or a trigger may run (rule 11)."""
    watched = bool(shape.shrinking) or any(table == shape.config.table for table, _ in shape.triggers)
    before = counts_elsewhere(connection, shape) if watched else {}
    yield
    after = counts_elsewhere(connection, shape) if watched else {}
    moved = sorted(name for name in before if before[name] != after[name])
    if moved:
        raise AccountRefusedError(f"rolled back: the number of rows changed in {', '.join(moved)}")
