"""A desk in memory with systems that journal every execute beside the facts of the case at that moment."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from services.domain.identity import Candidate, Identifier, Identity
from services.domain.ledger import Entry
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.people import Actor, Roles
from services.domain.plan import SystemPlan
from services.domain.policy import Policy
from services.domain.scope import Scope
from services.ports import Desk, Job, SystemUnavailableError
from tests.properties.fakes import (
    HandClock,
    MemoryCases,
    MemoryEngine,
    MemoryPosts,
    MemoryRechecks,
    MemorySwitch,
    MemoryVault,
    PlainReader,
    PlainTexts,
    weekends_only,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEAM, OTHER_TEAM = "T-HOME", "T-ELSEWHERE"
ANA, BEN, LEA, TOM, OLGA = (
    Actor(team_id=TEAM, user_id=name) for name in ("ANA", "BEN", "LEA", "TOM", "OLGA")
)
# Somebody of this company without a role, and somebody of another company who bears an approver's user id.
ZED, FALSE_LEA = Actor(team_id=TEAM, user_id="ZED"), Actor(team_id=OTHER_TEAM, user_id="LEA")
EVERYBODY = (ANA, BEN, LEA, TOM, OLGA, ZED, FALSE_LEA)
ROLES = Roles(
    team_id=TEAM,
    agents=frozenset({"ANA", "BEN"}),
    approvers=frozenset({"LEA", "TOM"}),
    operators=frozenset({"OLGA"}),
)
MAYA = Identifier(kind="email", value="maya@example.org", source="agent", proof="wrote from it")
MAYA_TOO = Identifier(kind="email", value="m.old@example.org", source="agent", proof="wrote from it")


class Mood(StrEnum):
    """How a system behaves just now."""

    WELL = "well"
    DOWN = "down"
    REFUSING = "refusing"
    LYING = "lying"
    SLOW = "slow"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One destructive call, with everything that the rules ask for at that moment."""

    system: str
    job: Job
    case_id: str
    revision: int
    at: datetime
    halted: bool
    observe: bool
    history: tuple[Entry, ...]
    identifiers: tuple[str, ...]


@dataclass(slots=True)
class Shelf:
    """A system that holds a number of records per address. `world` is set by `make_world`."""

    name: str
    order: int
    is_mandatory: bool = False
    both_scopes: bool = False
    holds: dict[str, int] = field(default_factory=dict)
    mood: Mood = Mood.WELL
    definition: str = "v1"
    world: "World | None" = None

    @property
    def label(self) -> str:
        return self.name.title()

    def acts_on(self, scope: Scope) -> bool:
        return self.both_scopes or scope is Scope.ALL_PERSONAL_DATA

    def digest(self) -> str:
        return self.definition

    def _count(self, identity: Identity) -> int:
        return sum(self.holds.get(email, 0) for email in identity.emails)

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        if self.mood is Mood.DOWN:
            raise SystemUnavailableError(f"{self.label} does not answer")
        wanted = Identity(identifiers=identifiers).emails
        return tuple(
            Candidate(
                system=self.name,
                key=email,
                reason="same address",
                shown="m•••",
                identifiers=(
                    Identifier(kind="email", value=email),
                    Identifier(kind="row", value=email, system=self.name),
                ),
            )
            for email in wanted
            if self.holds.get(email)
        )

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        acts, down = self.acts_on(scope), self.mood is Mood.DOWN
        number = self._count(identity)
        line = Count(table="records", action="delete" if acts else "keep", number=number)
        return SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self.digest(),
            acts=acts,
            lines=() if down else (line,),
            problem="does not answer" if down else "",
        )

    def execute(self, job: Job) -> Outcome | None:
        assert self.world is not None
        self.world.note_effect(self.name, job)
        at = self.world.clock.now()
        match self.mood:
            case Mood.DOWN:
                return Outcome(
                    system=self.name, kind=OutcomeKind.RETRY_LATER, at=at, due=at + timedelta(minutes=5)
                )
            case Mood.REFUSING:
                return Outcome(system=self.name, kind=OutcomeKind.FAILED, at=at, reason="refused")
            case Mood.SLOW:
                return Outcome(
                    system=self.name, kind=OutcomeKind.ACCEPTED, at=at, due=at + timedelta(hours=1)
                )
            case Mood.LYING:
                return None
            case Mood.WELL | Mood.BY_HAND:
                for email in job.identity.emails:
                    self.holds.pop(email, None)
                return None

    def verify(self, job: Job) -> Outcome:
        assert self.world is not None
        at = self.world.clock.now()
        if self.mood is Mood.DOWN:
            return Outcome(
                system=self.name, kind=OutcomeKind.RETRY_LATER, at=at, due=at + timedelta(minutes=5)
            )
        if left := self._count(job.identity):
            return Outcome(
                system=self.name, kind=OutcomeKind.FAILED, at=at, reason=f"{left} records are still there"
            )
        if self.mood is Mood.BY_HAND:
            return Outcome(
                system=self.name, kind=OutcomeKind.MANUAL, at=at, reason="purge the archive by hand"
            )
        kind = OutcomeKind.VERIFIED_GONE if job.planned.found else OutcomeKind.NOTHING_FOUND
        counts = (Count(table="records", action="delete", number=job.planned.found),)
        return Outcome(system=self.name, kind=kind, at=at, counts=counts if job.planned.found else ())


@dataclass(slots=True)
class World:
    """The desk, the hands that move its surroundings, and the journal of everything destructive."""

    clock: HandClock
    cases: MemoryCases
    switch: MemorySwitch
    posts: MemoryPosts
    engine: MemoryEngine
    shelves: tuple[Shelf, ...]
    desk: Desk
    effects: list[Effect] = field(default_factory=list)

    def note_effect(self, system: str, job: Job) -> None:
        case_id, revision, _ = job.key.split(":")
        history = tuple(sealed.entry for sealed in self.cases.ledger(case_id))
        macs = tuple(self.desk.vault.mac(one.canonical) for one in job.identity.identifiers)
        self.effects.append(
            Effect(
                system=system,
                job=job,
                case_id=case_id,
                revision=int(revision),
                at=self.clock.now(),
                halted=self.switch.halted(),
                observe=self.desk.policy.observe,
                history=history,
                identifiers=macs,
            )
        )

    def set_observe(self, *, observe: bool) -> None:
        self.desk = replace(self.desk, policy=replace(self.desk.policy, observe=observe))


def make_world(**policy: object) -> World:
    """Return a fresh world: an account service, ActiveCampaign (mandatory) and a shop, all holding Maya's records."""
    shelves = (
        Shelf(name="accounts", order=10, both_scopes=True, holds={MAYA.value: 1}),
        Shelf(name="activecampaign", order=20, is_mandatory=True, holds={MAYA.value: 1, MAYA_TOO.value: 1}),
        Shelf(name="shop", order=30, holds={MAYA.value: 40}),
    )
    posts, engine = MemoryPosts(), MemoryEngine()
    clock, cases, switch = HandClock(at=START), MemoryCases(posts=posts), MemorySwitch()
    desk = Desk(
        clock=clock,
        cases=cases,
        vault=MemoryVault(),
        switch=switch,
        posts=posts,
        engine=engine,
        rechecks=MemoryRechecks(),
        classifier=PlainReader(),
        texts=PlainTexts(),
        systems=shelves,
        roles=ROLES,
        policy=Policy(company="Sample", **policy),
        is_working_day=weekends_only,
        dispatches=cases.dispatches,
    )
    world = World(
        clock=clock, cases=cases, switch=switch, posts=posts, engine=engine, shelves=shelves, desk=desk
    )
    for shelf in shelves:
        shelf.world = world
    return world
