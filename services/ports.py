"""The contracts between the verbs and the outside: what each adapter promises, in its docstring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.cases_port import Cases
from services.domain.deadlines import IsWorkingDay
from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Outcome
from services.domain.people import Authority
from services.domain.plan import SystemPlan
from services.domain.policy import Policy
from services.domain.recheck import Rechecks
from services.domain.scope import Reading, Scope
from services.reaching import CustomerChannel, Dispatch, Dispatches, PostKind, Posts

# What the ways to the customer promise has a room of its own; everybody asks for it here.
__all__ = ["CustomerChannel", "Dispatch", "Dispatches", "PostKind", "Posts"]


class Clock(Protocol):
    """The time, so that nothing below `bot` asks the machine."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class Secrets(Protocol):
    """Secrets by the name that a file may mention; the values never stand in a file."""

    def get(self, name: str) -> str:
        """Return the secret. Raises `KeyError` (the name only) when it is not set."""
        ...


class Classifier(Protocol):
    """Reads one message. Its answer opens cases and words cards; it moves nothing (design rule 1)."""

    def read(self, text: str) -> Reading:
        """Return the reading. Never raises for any text; in doubt the intent is `ambiguous`, never `none`."""
        ...


class SystemUnavailableError(Exception):
    """A system cannot be read now: `reason` is one sentence for the card, `retry_at` when to try again, if known.

    `asked` says that the system itself named that moment: it is there, and wants to be left alone until then.
    """

    def __init__(self, reason: str, *, retry_at: datetime | None = None, asked: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_at = retry_at
        self.asked = asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one system is asked to do: for whom, on whose authority, and with which key against doing it twice.

    `planned` is the part of the approved plan that concerns this system. `key` is "case:revision:system", the same
    on every repetition of the same run. `case_channel` and `case_thread` say where the conversation is, `elsewhere`
    the other (channel, thread) places where the customer wrote about it, and
    `customer_user` who wrote it ("" when unknown); only the conversation system looks at them. `reference` is what
    the system's last outcome of this case noted about work under way. `told` says that the closing message is out.
    """

    identity: Identity
    scope: Scope
    planned: SystemPlan
    key: str
    case_channel: str = ""
    case_thread: str = ""
    elsewhere: tuple[tuple[str, str], ...] = ()
    customer_user: str = ""
    reference: str = ""
    told: bool = False


class System(Protocol):
    """A place that holds customers' data.

    `execute` and `verify` return outcomes; what can be anticipated (refused, unreachable, rate-limited) is an
    outcome too. An exception is a bug: it stops the run loudly and ends in `needs_attention`.
    """

    @property
    def name(self) -> str:
        """The system's name in systems.yaml, unique."""
        ...

    @property
    def label(self) -> str:
        """What people call it, e.g. "Shop database"."""
        ...

    @property
    def order(self) -> int:
        """Its place in a run (design rule 7): account 10, external systems 20, databases 30, conversation 40."""
        ...

    @property
    def is_mandatory(self) -> bool:
        """Whether `all_personal_data` cannot complete without this system's proof (ActiveCampaign, rule 3)."""
        ...

    def acts_on(self, scope: Scope) -> bool:
        """Whether this scope touches the system at all."""
        ...

    def digest(self) -> str:
        """Return a short hash of the definition that decides what is deleted (data map, settings; no secrets)."""
        ...

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """Return every record that might be the person's. Reads only; proposes, never decides.

        Raises `SystemUnavailableError`. Descriptions are masked; matching ignores the case of e-mail addresses.
        """
        ...

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """Count what would happen. Reads only; never raises for a system that is down: that is `problem`."""
        ...

    def execute(self, job: Job) -> Outcome | None:
        """Do it. Idempotent: called twice with the same key the second call changes nothing.

        Returns None when the work was done (or there was nothing left to do): `verify` then decides. Returns an
        outcome only when verification would be pointless: FAILED, RETRY_LATER, ACCEPTED, MANUAL, UNVERIFIABLE.
        """
        ...

    def verify(self, job: Job) -> Outcome:
        """Read independently of `execute` whether the data is gone: the only source of VERIFIED_GONE.

        Returns NOTHING_FOUND instead when nothing is there and the plan had counted nothing either. Changes
        nothing; may be called at any time, any number of times.
        """
        ...


class Vault(Protocol):
    """Keyed digests: the only form in which a text or an identifier outlives its case."""

    def mac(self, text: str) -> str:
        """Return the HMAC-SHA256 (hex) of a text under the installation's key."""
        ...


class Switch(Protocol):
    """The brake for everything (`/deletion stop`)."""

    def halted(self) -> bool:
        """Whether runs are halted."""
        ...

    def set_halted(self, *, halted: bool, by: str, at: datetime) -> None:
        """Halt or release all runs; idempotent."""
        ...


class Engine(Protocol):
    """The durable engine, as far as verbs need it."""

    def enqueue_run(self, case_id: str, revision: int) -> None:
        """Enqueue workflow `case/<id>/execute/<revision>`. Idempotent; a lost call is made good by the sweep."""
        ...

    def enqueue_afterwards(self, case_id: str, version: int) -> None:
        """Enqueue what follows the closing message, `case/<id>/afterwards/<version>`. Idempotent, as above."""
        ...

    def enqueue_recheck(self, case_id: str, number: int) -> None:
        """Enqueue workflow `case/<id>/recheck/<number>`, in the same way."""
        ...


class Texts(Protocol):
    """The texts for the customer, from templates; facts come in, no template decides anything."""

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> str:
        """Return the text of template `name` ("ask", "closing_all", …) in the language, English when unknown."""
        ...

    def word(self, name: str, language: str) -> str:
        """Return one phrase of a language, e.g. "all_title". Raises `KeyError` for an unknown one."""
        ...

    def claims(self) -> tuple[str, ...]:
        """Return, in every language, the words that only proof of everything allows ("fully removed")."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a verb may use. Built once by bot/wiring.py; tests and demo build it the same way."""

    clock: Clock
    cases: Cases
    vault: Vault
    switch: Switch
    posts: Posts
    engine: Engine
    rechecks: Rechecks
    classifier: Classifier
    texts: Texts
    systems: tuple[System, ...]
    roles: Authority
    policy: Policy
    is_working_day: IsWorkingDay
    dispatches: Dispatches
    channels: tuple[CustomerChannel, ...] = ()

    def channel(self, name: str) -> CustomerChannel | None:
        """Return the configured channel of that name, or None."""
        return next((one for one in self.channels if one.name == name), None)

    def system(self, name: str) -> System | None:
        """Return the configured system of that name, or None."""
        return next((one for one in self.systems if one.name == name), None)

    @property
    def mandatory(self) -> frozenset[str]:
        """The systems without whose proof `all_personal_data` cannot complete."""
        return frozenset(one.name for one in self.systems if one.is_mandatory)
