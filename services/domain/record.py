"""The case itself: what is kept in the clear (ids, decisions, counts) and, apart from it, the sealed personal file."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.domain.case import TERMINAL, State
from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.plan import Plan
from services.domain.question import Question
from services.domain.scope import Reading, Scope


class Behalf(StrEnum):
    """Who answered for the customer; their authority has a proof of its own, besides the proof of who the customer is."""

    SELF = ""
    AUTHORISED_AGENT = "authorised_agent"
    PARENT = "parent"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The customer's confirmation on record (design rule 2). The words and the proof's details are in the file.

    `at` is when the customer answered, `recorded_at` when the agent entered it. `proof` is the kind of proof that
    the answer came from the person concerned ("replied_from_address_on_file", "signed_in", "other"); the desk itself
    records "confirmation_link" and "customer_button". `from_message` is true when the opening message itself confirms
    `account_only`. `address` is the HMAC of the address whose control the proof shows, "" where it shows none. `behalf`
    says who answered in the customer's place; how their authority was shown is in the file, its digest here.
    """

    scope: Scope
    at: datetime
    recorded_at: datetime
    by: str
    channel: str
    proof: str
    words_digest: str
    from_message: bool = False
    behalf: Behalf = Behalf.SELF
    authority_digest: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who decided which records are the customer's, and the HMACs of the frozen identifiers."""

    at: datetime
    by: str
    identifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's yes to exactly one plan."""

    at: datetime
    by: str
    plan_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The evidence that the closing message went out: accepted by the channel, or attested by a named person."""

    at: datetime
    by: str
    channel: str
    evidence: str
    text_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a case ended without (full) deletion: dismissed, withdrawn or refused."""

    at: datetime
    by: str
    reason: str


class HoldKind(StrEnum):
    """Why nothing may be deleted for now."""

    LEGAL_HOLD = "legal_hold"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold or a dispute: nothing is planned, approved or run until an approver lifts it. The clock runs on.

    The reason's words are in the file: they may name people.
    """

    kind: HoldKind
    at: datetime
    by: str
    reason_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """That the customer was told, within the first period and with reasons, that the answer takes longer.

    `due_before` is the deadline that it replaced, `until` the one that the customer was told (None in older records: the
    case's own); `regime` the law whose extension it is. The text is in the file.
    """

    at: datetime
    by: str
    channel: str
    due_before: datetime
    regime: str
    reason_digest: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """Who said which laws apply to this customer (`Case.regimes`), and when. The reason's words are in the file."""

    at: datetime
    by: str
    reason_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One customer's request. Holds no personal data of the customer's: that is in the `CaseFile`.

    `version` counts writes (compare-and-set), `revision` counts decisions: it grows whenever earlier approvals
    become void or a new run is due, and names the run in the engine. `opened_at` is the time of the first message
    and starts the legal clock; `regimes` are the laws that count for this customer (none named: all of them), the
    installation's until somebody says which (`jurisdiction`).
    `acknowledge_due` is when the customer must have heard from us at all, if a law asks for it. `not_before` ends the cooling-off; `resume_at` is when a waiting system is due.
    `kept_before` says, per system that the scope leaves alone, how many records it held before anything was deleted.
    `recorders` are all who ever recorded an answer, chose the identity or sent the plan for approval: none of them
    may approve. `agent` is who has the case in hand ("" nobody yet). `senders` are HMACs of who wrote (Slack account,
    address), by which a message elsewhere finds the case.
    `reminded_at` is when the customer was last reminded of the question. `uncertain` names the message to the customer
    ("ask", "closing", …) of which it is not known whether it went out, "" when there is none.
    """

    id: str
    number: int
    team_id: str
    channel: str
    thread_ts: str
    message_ts: str
    state: State
    version: int
    revision: int
    reading: Reading
    opened_at: datetime
    answer_due: datetime
    regime: str
    regimes: tuple[str, ...] = ()
    acknowledge_due: datetime | None = None
    question: Question | None = None
    answer: Answer | None = None
    chosen: Chosen | None = None
    plan: Plan | None = None
    decided_by: str = ""
    recorders: frozenset[str] = frozenset()
    approvals_needed: int = 1
    approvals: tuple[Approval, ...] = ()
    not_before: datetime | None = None
    paused_at: datetime | None = None
    started: bool = False
    kept_before: tuple[tuple[str, int], ...] = ()
    attempts: int = 0
    outcomes: tuple[Outcome, ...] = ()
    problem: str = ""
    resume_at: datetime | None = None
    told: Told | None = None
    ended: Ended | None = None
    linked_to: str = ""
    hold: Hold | None = None
    extension: Extension | None = None
    shredded: bool = False
    reminded_at: datetime | None = None
    uncertain: str = ""
    agent: str = ""
    senders: tuple[str, ...] = ()
    jurisdiction: Jurisdiction | None = None

    @property
    def ref(self) -> str:
        """The name that people use: DD-1042."""
        return f"DD-{self.number}"

    @property
    def scope(self) -> Scope | None:
        """What the customer confirmed, or None as long as nothing is on record."""
        return self.answer.scope if self.answer else None

    @property
    def is_acknowledged(self) -> bool:
        """Whether the customer has heard from us: was asked, told of an extension, or told the result."""
        return self.question is not None or self.extension is not None or self.told is not None

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can happen any more (a dismissal only once its undo window has passed)."""
        return self.state in TERMINAL and (self.state is not State.DISMISSED or self.shredded)

    def outcome_of(self, system: str) -> Outcome | None:
        """Return the standing outcome of one system."""
        return next((outcome for outcome in self.outcomes if outcome.system == system), None)

    @property
    def settled_systems(self) -> frozenset[str]:
        """The systems that a further run leaves alone."""
        return frozenset(outcome.system for outcome in self.outcomes if outcome.is_settled)

    @property
    def open_manual(self) -> tuple[Outcome, ...]:
        """The steps that a person still has to do and attest; not those that the desk does after the closing message."""
        return tuple(
            one
            for one in self.outcomes
            if one.kind is OutcomeKind.MANUAL and not one.signed_by and not one.waits_for_closing
        )

    @property
    def open_unverifiable(self) -> tuple[Outcome, ...]:
        """The steps that no read can prove, and that an approver has not signed off yet (design rule 5)."""
        return tuple(
            one for one in self.outcomes if one.kind is OutcomeKind.UNVERIFIABLE and not one.signed_by
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMessage:
    """Something the customer wrote, with its place in Slack: `channel` and `thread_ts` are "" in the case's own thread."""

    at: datetime
    ts: str
    text: str
    channel: str = ""
    thread_ts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """The personal part of a case: encrypted under the case's own key, shredded when the case ends.

    `customer_user` is the Slack user who wrote ("" for a post by an integration); `customer_name` and
    `customer_address` are what such a post says about who wrote. `candidates` are what was
    found by the last search; `decisions` says of each candidate whether it is theirs; `unsearched` names the systems
    that could not be asked. `answer_authority` says how somebody who answered for the customer showed that they may.
    `customer_team` is the team of that user. `contact` is the address on file that the customer is written to, or the
    help desk's conversation. `letters` are the texts of reminders and other messages by kind.
    """

    text: str
    customer_user: str = ""
    replies: tuple[CustomerMessage, ...] = ()
    question_text: str = ""
    answer_words: str = ""
    answer_proof: str = ""
    answer_authority: str = ""
    hold_reason: str = ""
    extension_text: str = ""
    searched: tuple[Identifier, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    unsearched: tuple[str, ...] = ()
    decisions: tuple[tuple[str, bool], ...] = ()
    identity: Identity | None = None
    closing_text: str = ""
    note: str = ""
    customer_team: str = ""
    contact: Identifier | None = None
    letters: tuple[tuple[str, str], ...] = ()
    customer_name: str = ""
    customer_address: str = ""
    laws_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What is known when a message opens a case."""

    team_id: str
    channel: str
    thread_ts: str
    message_ts: str
    reading: Reading
    opened_at: datetime
    answer_due: datetime
    regime: str
    regimes: tuple[str, ...] = ()
    acknowledge_due: datetime | None = None
    linked_to: str = ""
    senders: tuple[str, ...] = ()
