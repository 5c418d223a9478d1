"""The port's side of the erasure engine: one company database as a system in a plan."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from services.database.candidates import find
from services.database.connection import CompanyDatabase, InterferenceError
from services.database.data_map import DataMap, DataMapError
from services.database.erasure import NotAsPlannedError, count, erase, foresee, leftovers
from services.database.mapped import MappedDatabase
from services.database.person import UnusableKeyError
from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Clock, Job, SystemUnavailableError

RETRY_AFTER = timedelta(seconds=60)
TRIES = 5
_REFUSALS = (DataMapError, UnusableKeyError, NotAsPlannedError, SQLAlchemyError)


class Database:
    """Implements `ports.System`: erases everything in one database, for `all_personal_data` only."""

    order = 30
    is_mandatory = False

    def __init__(
        self, *, name: str, label: str, database: CompanyDatabase, data_map: DataMap, clock: Clock
    ) -> None:
        self.name, self.label = name, label
        self._database, self._map, self._clock = database, data_map, clock
        self._mapped = MappedDatabase(database, data_map, system=name)

    def acts_on(self, scope: Scope) -> bool:
        """Only a request for everything touches the database; closing an account is the account service's work."""
        return scope is Scope.ALL_PERSONAL_DATA

    def digest(self) -> str:
        """Return the hash of the map and of the live schema it concerns. Raises `SystemUnavailableError`."""
        with self._database.reading() as connection:
            return self._mapped.digest(self._mapped.ready(connection))

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """See the port. A map that does not fit the database makes it unavailable, with the map's own error."""
        emails = tuple(dict.fromkeys(one.value.strip() for one in identifiers if one.kind == "email"))
        try:
            with self._database.reading() as connection:
                prepared = self._mapped.ready(connection)
                person = self._mapped.person(prepared, identifiers)
                return find(connection, prepared.reach, person, emails, system=self.name, label=self.label)
        except _REFUSALS as wrong:
            raise SystemUnavailableError(str(wrong)) from None
        except SystemUnavailableError as away:
            away.retry_at = self._clock.now() + RETRY_AFTER
            raise

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """See the port: counts in one read-only transaction; whatever prevents an erasure is the `problem`."""
        acts = self.acts_on(scope)
        blank = SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self._map.digest[:16],
            acts=acts,
            place=self._database.place,
        )
        try:
            with self._database.reading() as connection:
                prepared, statements, person = self._mapped.about(connection, identity.identifiers)
                lines, found = foresee(connection, statements, person)
                return replace(
                    blank,
                    digest=self._mapped.digest(prepared),
                    lines=lines,
                    problem="; ".join(found),
                    warnings=_warnings(lines, prepared.reach.schema.triggers),
                )
        except SystemUnavailableError as away:
            return replace(blank, problem=away.reason)
        except _REFUSALS as wrong:
            return replace(blank, problem=str(wrong))

    def execute(self, job: Job) -> Outcome | None:
        """See the port: one transaction, all or nothing; only what the plan lists, only while the definition stands.

        Deadlocks and serialization failures are tried again as a whole, a few times at once and then later.
        """
        again = Retrying(
            retry=retry_if_exception_type(InterferenceError),
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.05, max=1),
            reraise=True,
        )
        try:
            return again(self._erase, job)
        except SystemUnavailableError as away:
            return self._later(away)
        except _REFUSALS as wrong:
            return self._outcome(OutcomeKind.FAILED, str(wrong))

    def _erase(self, job: Job) -> Outcome | None:
        approved = frozenset((line.table, line.action) for line in job.planned.lines)
        with self._database.writing() as connection:
            prepared, statements, person = self._mapped.about(connection, job.identity.identifiers)
            if self._mapped.digest(prepared) != job.planned.digest:
                return self._outcome(
                    OutcomeKind.FAILED, "the data map or the schema changed since the plan was approved"
                )
            erase(connection, statements, person, approved=approved)
        return None

    def verify(self, job: Job) -> Outcome:
        """See the port: a new connection looks by frozen keys and by every identifier in every mapped column.

        What the map keeps is counted as of the approved plan, or as of now where that is more: a kept row may have
        lost its link to the customer.
        """
        try:
            with self._database.reading() as connection:
                _, statements, person = self._mapped.about(connection, job.identity.identifiers)
                left = leftovers(connection, statements, person)
                now = {(one.table, one.action): one for one in count(connection, statements, person)}
        except SystemUnavailableError as away:
            return self._later(away)
        except _REFUSALS as wrong:
            return self._outcome(OutcomeKind.FAILED, f"cannot be verified: {wrong}")
        if left:
            return self._outcome(OutcomeKind.FAILED, "; ".join(left))
        counts = {(one.table, one.action): one for one in job.planned.lines}
        for pair, one in now.items():
            if one.action == "keep" and (pair not in counts or counts[pair].number < one.number):
                counts[pair] = one
        kept = [one for one in counts.values() if one.action == "keep"]
        kind = OutcomeKind.VERIFIED_GONE
        if all(one.action == "keep" for one in counts.values()):
            kind = OutcomeKind.KEPT if kept else OutcomeKind.NOTHING_FOUND
        return Outcome(
            system=self.name,
            kind=kind,
            at=self._clock.now(),
            counts=tuple(counts.values()),
            reason=statements.looked_at,
            ground=_joined(one.ground for one in kept) if kind is OutcomeKind.KEPT else "",
            until=_joined(one.until for one in kept) if kind is OutcomeKind.KEPT else "",
        )

    def _later(self, away: SystemUnavailableError) -> Outcome:
        return self._outcome(OutcomeKind.RETRY_LATER, away.reason)

    def _outcome(self, kind: OutcomeKind, reason: str) -> Outcome:
        now = self._clock.now()
        due = now + RETRY_AFTER if kind is OutcomeKind.RETRY_LATER else None
        return Outcome(system=self.name, kind=kind, at=now, reason=reason, due=due)


def _warnings(lines: Iterable[Count], triggers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What the approver should know: references of others that are emptied, and triggers that run meanwhile."""
    found = tuple(lines)
    changing = {one.table for one in found if one.action != "keep"}
    return (
        *(
            f"{one.number} {one.table} of others refer to this customer: the reference is emptied"
            for one in found
            if one.action == "unlink"
        ),
        *(
            f"the trigger {trigger} on {table} runs meanwhile; what it does is not in the plan"
            for table, trigger in triggers
            if table in changing
        ),
    )


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(part for part in parts if part))
