"""The stand-in for an ActiveCampaign that was not configured: every `all_personal_data` case stops at it (design rule 3)."""

from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Clock, Job, SystemUnavailableError

REASON = "ActiveCampaign is not configured"


class NotConfigured:
    """A system that finds, plans and deletes nothing, and says so wherever it is asked."""

    order = 20
    is_mandatory = True

    def __init__(self, *, clock: Clock, name: str = "activecampaign", label: str = "ActiveCampaign") -> None:
        self.name = name
        self.label = label
        self._clock = clock

    def acts_on(self, scope: Scope) -> bool:
        """Only for `all_personal_data`."""
        return scope is Scope.ALL_PERSONAL_DATA

    def digest(self) -> str:
        """A word of its own, so that configuring it later counts as drift."""
        return "not-configured"

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:  # noqa: ARG002 - the port's shape
        """Raise `SystemUnavailableError`, always."""
        raise SystemUnavailableError(REASON)

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:  # noqa: ARG002 - the port's shape
        """Return a plan whose problem is that there is nothing to plan with."""
        return SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self.digest(),
            acts=self.acts_on(scope),
            problem=REASON,
        )

    def execute(self, job: Job) -> Outcome | None:
        """Return FAILED."""
        return self.verify(job)

    def verify(self, job: Job) -> Outcome:  # noqa: ARG002 - the port's shape
        """Return FAILED: nothing can be read, so nothing is proven."""
        return Outcome(system=self.name, kind=OutcomeKind.FAILED, at=self._clock.now(), reason=REASON)
