"""The conversation as a system: the customer's messages in the thread are personal data too (design rule 7)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Clock, Job, SystemUnavailableError

BY_HAND = "delete by hand"


class Thread(Protocol):
    """The place where the conversation is, as far as it can be read."""

    def messages_left(self, *, channel: str, thread_ts: str, author: str) -> int:
        """Return how many messages of the customer's still stand in the thread.

        With an unknown author ("") the opening message counts. Raises `SystemUnavailableError`.
        """
        ...

    def delete_messages(self, *, channel: str, thread_ts: str, author: str) -> None:
        """Delete those messages and the files that came with them. Idempotent: what is gone already is no error.

        Raises `SystemUnavailableError`, with `retry_at` where it may succeed later.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Implements `ports.System`: kept on a stated ground, deleted with an admin's token, or by a person.

    A bot token cannot delete other people's messages (Slack: chat.delete), so "manual" asks a person to do it. Either
    way only the read that follows is believed.
    """

    name: str
    label: str
    action: Literal["manual", "keep", "delete"]
    thread: Thread
    clock: Clock
    ground: str = ""
    until: str = ""
    order: int = 40
    is_mandatory: bool = False

    def acts_on(self, scope: Scope) -> bool:
        """Return whether the scope touches the conversation: closing an account does not."""
        return scope is Scope.ALL_PERSONAL_DATA

    def digest(self) -> str:
        """Return the hash of what was configured."""
        text = repr((self.name, self.action, self.ground, self.until))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:  # noqa: ARG002  # the port's name
        """Return nothing: a conversation proposes nobody."""
        return ()

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:  # noqa: ARG002  # the port's signature
        """Return what will happen to the conversation, which counts as one record."""
        keeps = self.action == "keep" or not self.acts_on(scope)
        line = Count(
            table="conversation",
            action="keep" if keeps else "delete" if self.action == "delete" else BY_HAND,
            number=1,
            ground=self.ground,
            until=self.until,
        )
        return SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self.digest(),
            acts=self.acts_on(scope),
            lines=(line,),
            is_evidence=False,
        )

    def execute(self, job: Job) -> Outcome | None:
        """Keep, delete, or hand the work to a person."""
        if self.action == "keep":
            return self._kept()
        if self.action == "delete":
            return self._delete(job)
        read = self.verify(job)
        return (
            self._by_hand(0, elsewhere=bool(job.elsewhere)) if read.kind is OutcomeKind.RETRY_LATER else read
        )

    def verify(self, job: Job) -> Outcome:
        """Read the thread: gone, or still a person's to do."""
        if self.action == "keep":
            return self._kept()
        try:
            left = sum(
                self.thread.messages_left(channel=channel, thread_ts=thread_ts, author=job.customer_user)
                for channel, thread_ts in ((job.case_channel, job.case_thread), *job.elsewhere)
            )
        except SystemUnavailableError as problem:
            due = problem.retry_at or self.clock.now() + timedelta(minutes=1)
            return self._not_yet(OutcomeKind.RETRY_LATER, problem.reason, due)
        if left and self.action == "delete":
            return self._not_yet(
                OutcomeKind.FAILED, f"{left} of the customer's messages are still there", None
            )
        if left:
            return self._by_hand(left, elsewhere=bool(job.elsewhere))
        done = "delete" if self.action == "delete" else BY_HAND
        gone = (Count(table="conversation", action=done, number=1),)
        return Outcome(system=self.name, kind=OutcomeKind.VERIFIED_GONE, at=self.clock.now(), counts=gone)

    def _delete(self, job: Job) -> Outcome | None:
        try:
            for channel, thread_ts in (*job.elsewhere, (job.case_channel, job.case_thread)):
                self.thread.delete_messages(channel=channel, thread_ts=thread_ts, author=job.customer_user)
        except SystemUnavailableError as problem:
            kind = OutcomeKind.RETRY_LATER if problem.retry_at else OutcomeKind.FAILED
            return self._not_yet(kind, problem.reason, problem.retry_at)
        return None

    def _not_yet(self, kind: OutcomeKind, reason: str, due: datetime | None) -> Outcome:
        return Outcome(system=self.name, kind=kind, at=self.clock.now(), reason=reason, due=due)

    def _by_hand(self, left: int, *, elsewhere: bool) -> Outcome:
        more = " and where else they wrote (the card links to it)" if elsewhere else ""
        messages = f"{left} of the customer's messages" if left else "the customer's messages"
        return Outcome(
            system=self.name,
            kind=OutcomeKind.MANUAL,
            at=self.clock.now(),
            counts=(Count(table="messages", action=BY_HAND, number=left),) if left else (),
            for_customer="this conversation is deleted after this message",
            reason=f"somebody with the right to delete messages has to delete {messages} in this thread{more}",
        )

    def _kept(self) -> Outcome:
        counts = (Count(table="conversation", action="keep", number=1, ground=self.ground, until=self.until),)
        return Outcome(
            system=self.name,
            kind=OutcomeKind.KEPT,
            at=self.clock.now(),
            counts=counts,
            ground=self.ground,
            until=self.until,
        )
