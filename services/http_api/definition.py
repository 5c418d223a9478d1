"""What one YAML file says about an API, as records; `reading.load` makes them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.http_api.answers import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How a request proves who asks. `secrets` maps a part (token, user, password, …) to the name of a secret."""

    kind: str
    secrets: Mapping[str, str]
    name: str = ""
    prefix: str = ""
    path: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request with placeholders, and what its answers mean."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    table: Table = field(default_factory=lambda: Table(lines={}))
    repeatable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """A sentence for the plan when a record has this value; `blocks` when the plan must not go on."""

    path: str
    values: tuple[Any, ...]
    text: str
    blocks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A read of one more thing about a found record, and what to warn of when it answers with these values."""

    call: Call
    warn: Warn


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How records of an address are found. `match` are the paths of which one must equal the address, here."""

    call: Call
    records: str
    id: str
    match: tuple[str, ...]
    maximum: int
    more: str = ""
    warnings: tuple[Warn, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How a job is asked about: the good and bad end values at `path`, how often, and until when."""

    call: Call
    path: str
    good: tuple[Any, ...]
    bad: tuple[Any, ...]
    waiting: tuple[Any, ...]
    every: timedelta
    due: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call of the deletion, the values of its answer that are needed later, and the job that it starts.

    `save` maps a name to the paths at which its value may be; the first one that is there counts.
    """

    call: Call
    save: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    poll: Poll | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """How absence is read: by the look-up, by reads of each record, by the job's end; or why it cannot be.

    A record is gone when every one of `reads` says so. `within` is how long a record may still be seen after its
    deletion was accepted.
    """

    lookup: bool = False
    reads: tuple[Call, ...] = ()
    job: bool = False
    unverifiable: str = ""
    within: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One API. `subject` is "email" or the kind of identifier that stands for the person where nothing is looked up.

    `does` is what happens to a record ("delete", and of an account also "deactivate" or "remove"). `rechecks` are the
    times after completion at which somebody should look whether the record is back; None: the desk's usual ones.
    """

    label: str
    base: str
    hosts: tuple[str, ...]
    auth: Auth
    steps: tuple[Step, ...]
    verify: Verify
    lookup: Lookup | None = None
    subject: str = "email"
    subject_system: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    does: str = "delete"
    rechecks: tuple[timedelta, ...] | None = None
    per_second: int = 5
    timeout: timedelta = timedelta(seconds=10)
    window: timedelta = timedelta(0)
    residue_card: str = ""
    residue_customer: str = ""
    documented: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    text: str = field(default="", repr=False)

    @property
    def digest(self) -> str:
        """A short hash of the whole file: it decides what is deleted, and holds no secret."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def secret_names(self) -> frozenset[str]:
        """The names of the secrets and account values that the definition needs."""
        return frozenset((*self.auth.secrets.values(), *self.values.values()))
