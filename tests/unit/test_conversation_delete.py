"""The conversation deleted with an admin's token: proven by a read, refused when Slack refuses, last of all."""

# ruff: noqa: ARG002  the names are the protocol's

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.customer.after_closing import AfterClosing
from services.customer.conversation import Conversation
from services.domain.identity import Identity
from services.domain.outcome import AFTERWARDS, OutcomeKind
from services.domain.scope import Scope
from services.ports import Job, System, SystemUnavailableError

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOBODY = Identity(identifiers=())


class Clock:
    def now(self) -> datetime:
        return NOW


class Thread:
    """A thread from which messages can be deleted, unless it has to refuse."""

    def __init__(self, left: int, refuses: SystemUnavailableError | None = None, stays: int = 0) -> None:
        self.left, self.refuses, self.stays = left, refuses, stays

    def messages_left(self, *, channel: str, thread_ts: str, author: str) -> int:
        return self.left

    def delete_messages(self, *, channel: str, thread_ts: str, author: str) -> None:
        if self.refuses:
            raise self.refuses
        self.left = self.stays


def conversation(thread: Thread) -> Conversation:
    return Conversation(
        name="conversation", label="Slack conversation", action="delete", thread=thread, clock=Clock()
    )


def job(one: System, *, told: bool = False, reference: str = "") -> Job:
    planned = one.plan(NOBODY, Scope.ALL_PERSONAL_DATA)
    return Job(
        identity=NOBODY,
        scope=Scope.ALL_PERSONAL_DATA,
        planned=planned,
        key="case:1:conversation",
        case_channel="C1",
        case_thread="1.1",
        customer_user="U1",
        told=told,
        reference=reference,
    )


def test_deleted_messages_are_gone_only_by_a_read():
    """Deleting proves nothing: the thread is read, and what is still there fails the step (rule 4)."""
    one = conversation(Thread(2))
    assert one.execute(job(one)) is None
    assert one.verify(job(one)).kind is OutcomeKind.VERIFIED_GONE
    stubborn = conversation(Thread(2, stays=1))
    assert stubborn.execute(job(stubborn)) is None
    read = stubborn.verify(job(stubborn))
    assert read.kind is OutcomeKind.FAILED
    assert "1 of the customer's messages" in read.reason


@pytest.mark.parametrize(
    ("retry_at", "kind"), [(NOW + timedelta(seconds=9), OutcomeKind.RETRY_LATER), (None, OutcomeKind.FAILED)]
)
def test_what_slack_refuses_is_no_success(retry_at: datetime | None, kind: OutcomeKind):
    """A rate limit comes back later; a missing right is for a person."""
    one = conversation(Thread(2, SystemUnavailableError("Slack answered no", retry_at=retry_at)))
    outcome = one.execute(job(one))
    assert outcome
    assert (outcome.kind, outcome.due) == (kind, retry_at)


def test_the_channel_of_reply_waits_for_the_closing_message():
    """Nothing is touched before the customer has been told, and nobody can attest it away until then (rule 7)."""
    thread = Thread(2)
    one = AfterClosing(conversation(thread), clock=Clock())
    early = one.execute(job(one))
    assert early
    assert (early.kind, early.is_settled, early.reference) == (OutcomeKind.MANUAL, False, AFTERWARDS)
    assert early.counts, "with a count the attestation is denied: it is still there"
    assert thread.left == 2
    assert "after this message" in early.for_customer
    late = job(one, told=True, reference=early.reference)
    assert one.execute(late) is None
    assert one.verify(late).kind is OutcomeKind.VERIFIED_GONE


def test_its_place_is_last_and_part_of_the_plan():
    """Whatever the inner system's place was, a channel of reply comes last and the plan says so."""
    early = replace(conversation(Thread(1)), order=10)
    one = AfterClosing(early, clock=Clock())
    plan = one.plan(NOBODY, Scope.ALL_PERSONAL_DATA)
    assert plan.order == one.order == 40
    assert any("after the closing message" in said for said in plan.warnings)
