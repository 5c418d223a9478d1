"""A database system with the operator's last-mile questions: what they find is said before anybody decides (rule 2)."""

from dataclasses import replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from services.database.connection import CompanyDatabase
from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.last_mile import addresses, warned
from services.ports import Clock, Job, System, SystemUnavailableError
from services.system_entries import WarnConfig


class Warned:
    """Implements `ports.System` around another one; `kind` is the kind of identifier that its `:key` stands for."""

    def __init__(
        self,
        inner: System,
        *,
        database: CompanyDatabase,
        kind: str,
        questions: tuple[WarnConfig, ...],
        clock: Clock,
    ) -> None:
        self._inner, self._database, self._clock = inner, database, clock
        self._kind, self._questions = kind, questions
        self.name, self.label, self.order = inner.name, inner.label, inner.order
        self.is_mandatory = inner.is_mandatory

    def __getattr__(self, name: str) -> Any:
        """What else the inner system offers (a command may look for it) is offered here too."""
        return getattr(self._inner, name)

    def acts_on(self, scope: Scope) -> bool:
        """See the inner system."""
        return self._inner.acts_on(scope)

    def digest(self) -> str:
        """See the inner system: a question decides nothing about what is deleted."""
        return self._inner.digest()

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """See the port; each candidate carries what the questions say about it alone."""
        found = self._inner.find(identifiers)
        return tuple(
            replace(one, warnings=(*one.warnings, *said, *(f"{text} (blocks)" for text in blocks)))
            for one in found
            for said, blocks in [self._asked(Identity(identifiers=one.identifiers))]
        )

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """See the port; what blocks is a problem of the plan."""
        plan = self._inner.plan(identity, scope)
        if not plan.acts or plan.problem:
            return plan
        try:
            said, blocks = self._asked(identity)
        except SystemUnavailableError as wrong:
            return replace(plan, problem=wrong.reason, retry_at=wrong.retry_at)
        return replace(plan, warnings=(*plan.warnings, *said), problem="; ".join(blocks))

    def execute(self, job: Job) -> Outcome | None:
        """See the port; a block that appeared since the plan stops it."""
        try:
            _, blocks = self._asked(job.identity)
        except SystemUnavailableError as wrong:
            kind = OutcomeKind.RETRY_LATER if wrong.retry_at else OutcomeKind.FAILED
            return self._outcome(kind, wrong)
        if blocks:
            return self._outcome(OutcomeKind.FAILED, SystemUnavailableError("; ".join(blocks)))
        return self._inner.execute(job)

    def verify(self, job: Job) -> Outcome:
        """See the inner system."""
        return self._inner.verify(job)

    def _asked(self, identity: Identity) -> tuple[tuple[str, ...], tuple[str, ...]]:
        keys = identity.of(system=self.name, kind=self._kind)
        try:
            with self._database.reading() as connection:
                return warned(connection, self._questions, keys=keys, emails=addresses(identity))
        except SQLAlchemyError as wrong:
            raise SystemUnavailableError(f"a question under `warnings` cannot be asked: {wrong}") from None

    def _outcome(self, kind: OutcomeKind, wrong: SystemUnavailableError) -> Outcome:
        return Outcome(
            system=self.name, kind=kind, at=self._clock.now(), reason=wrong.reason, due=wrong.retry_at
        )
