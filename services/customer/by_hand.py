"""A place without an interface that we could use: a person clears it and attests that, or it is kept on a ground."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Clock, Job

BY_HAND = "delete by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """Implements `ports.System`. Nothing can be read here: the attestation of a named person is the only proof."""

    name: str
    label: str
    action: Literal["manual", "keep"]
    do: str
    clock: Clock
    ground: str = ""
    until: str = ""
    order: int = 20
    is_mandatory: bool = False

    def acts_on(self, scope: Scope) -> bool:
        """Return whether the scope touches it: closing an account does not."""
        return scope is Scope.ALL_PERSONAL_DATA

    def digest(self) -> str:
        """Return the hash of what was configured."""
        text = repr((self.name, self.action, self.do, self.ground, self.until))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:  # noqa: ARG002  # the port's name
        """Return nothing: nobody can be looked up here."""
        return ()

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:  # noqa: ARG002  # the port's signature
        """Return what is to be done, which counts as one record: what is there only a person can see."""
        keeps = self.action == "keep" or not self.acts_on(scope)
        return SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self.digest(),
            acts=self.acts_on(scope),
            lines=(self._line(keeps=keeps),),
            warnings=() if keeps else (f"a person has to do this, and to attest it: {self.do}",),
            is_evidence=False,
        )

    def execute(self, job: Job) -> Outcome | None:
        """Keep, or hand the work to a person. Changes nothing itself."""
        return self.verify(job)

    def verify(self, job: Job) -> Outcome:  # noqa: ARG002  # the port's signature
        """Return MANUAL, or KEPT: there is nothing to read."""
        keeps = self.action == "keep"
        return Outcome(
            system=self.name,
            kind=OutcomeKind.KEPT if keeps else OutcomeKind.MANUAL,
            at=self.clock.now(),
            counts=(self._line(keeps=True),) if keeps else (),
            reason="" if keeps else self.do,
            ground=self.ground,
            until=self.until,
        )

    def _line(self, *, keeps: bool) -> Count:
        return Count(
            table=self.label,
            action="keep" if keeps else BY_HAND,
            number=1,
            ground=self.ground,
            until=self.until,
        )
