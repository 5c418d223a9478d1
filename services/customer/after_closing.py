"""A channel by which the customer is told: erased last, when the closing message has gone out (design rule 7)."""

from dataclasses import replace
from typing import Any

from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import AFTERWARDS, Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Clock, Job, System

ORDER = 40


class AfterClosing:
    """Implements `ports.System` around another one, which does its part only when the customer has been told.

    Until then the step is MANUAL and unsigned: it holds up completion and not the closing message, which names it.
    """

    order = ORDER

    def __init__(self, inner: System, *, clock: Clock) -> None:
        self._inner, self._clock = inner, clock
        self.name, self.label, self.is_mandatory = inner.name, inner.label, inner.is_mandatory

    def __getattr__(self, name: str) -> Any:
        """What else the inner system offers (a command may look for it) is offered here too."""
        return getattr(self._inner, name)

    def acts_on(self, scope: Scope) -> bool:
        """See the inner system."""
        return self._inner.acts_on(scope)

    def digest(self) -> str:
        """See the inner system: its place in the run is part of the plan."""
        return self._inner.digest()

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """See the inner system."""
        return self._inner.find(identifiers)

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """See the inner system; the plan says when it is done."""
        plan = self._inner.plan(identity, scope)
        note = ("done after the closing message has gone out",) if plan.acts and plan.touched else ()
        return replace(plan, order=self.order, warnings=(*plan.warnings, *note))

    def execute(self, job: Job) -> Outcome | None:
        """Do nothing before the customer has been told; then what the inner system does."""
        return self._inner.execute(_own(job)) if job.told else self._later(job)

    def verify(self, job: Job) -> Outcome:
        """Read only when the customer has been told: before that it is meant to be there."""
        return self._inner.verify(_own(job)) if job.told else self._later(job)

    def _later(self, job: Job) -> Outcome:
        if not job.planned.touched:
            return self._inner.verify(_own(job))
        number = job.planned.touched
        return Outcome(
            system=self.name,
            kind=OutcomeKind.MANUAL,
            at=self._clock.now(),
            # With a count nobody can attest it by hand: it is still there, and is going to be deleted.
            counts=(Count(table=self.label, action="delete after the closing message", number=number),),
            reason="it goes by itself when the closing message has gone out",
            for_customer="this conversation is deleted after this message",
            reference=AFTERWARDS,
        )


def _own(job: Job) -> Job:
    """Return the job with the inner system's own note of work under way."""
    return replace(job, reference=job.reference.removeprefix(AFTERWARDS))
