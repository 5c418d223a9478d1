"""The conversation as a system: kept on a ground, or deleted by a person and then read to be gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.customer.conversation import Conversation
from services.domain.identity import Identity
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import Job, SystemUnavailableError

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOBODY = Identity(identifiers=())


class Clock:
    def now(self) -> datetime:
        return NOW


class Thread:
    """A thread with so many of the customer's messages left, or one that cannot be read."""

    def __init__(self, left: int | None) -> None:
        self.left = left
        self.asked: list[tuple[str, str, str]] = []

    def messages_left(self, *, channel: str, thread_ts: str, author: str) -> int:
        self.asked.append((channel, thread_ts, author))
        if self.left is None:
            raise SystemUnavailableError("Slack cannot be reached", retry_at=NOW + timedelta(seconds=30))
        return self.left


def system(thread: Thread, action: str = "manual") -> Conversation:
    return Conversation(
        name="conversation",
        label="Slack conversation",
        action="keep" if action == "keep" else "manual",
        thread=thread,
        clock=Clock(),
        ground="support records" if action == "keep" else "",
        until="two years" if action == "keep" else "",
    )


def job(one: Conversation) -> Job:
    planned = one.plan(NOBODY, Scope.ALL_PERSONAL_DATA)
    return Job(
        identity=NOBODY,
        scope=Scope.ALL_PERSONAL_DATA,
        planned=planned,
        key="k",
        case_channel="C1",
        case_thread="1.1",
        customer_user="U1",
    )


def test_it_stands_in_every_plan_for_all_data():
    """Every all_personal_data plan names the conversation (design rule 7); closing an account leaves it alone."""
    one = system(Thread(1))
    assert one.plan(NOBODY, Scope.ALL_PERSONAL_DATA).acts
    assert not one.plan(NOBODY, Scope.ACCOUNT_ONLY).acts
    assert one.plan(NOBODY, Scope.ACCOUNT_ONLY).lines[0].action == "keep"


def test_messages_that_are_still_there_stay_a_persons_task():
    """A read that finds the customer's messages is MANUAL with their number, never success."""
    thread = Thread(2)
    outcome = system(thread).execute(job(system(thread)))
    assert outcome is not None
    assert outcome.kind is OutcomeKind.MANUAL
    assert outcome.counts[0].number == 2
    assert not outcome.is_settled
    assert thread.asked == [("C1", "1.1", "U1")]


def test_only_a_read_makes_it_gone():
    """VERIFIED_GONE comes from a read that finds nothing, and from nothing else."""
    one = system(Thread(0))
    assert one.verify(job(one)).kind is OutcomeKind.VERIFIED_GONE


def test_an_unreadable_thread_is_neither_gone_nor_a_reason_to_stop_the_run():
    """Slack down: the run leaves the step to a person, a verification comes back later."""
    one = system(Thread(None))
    executed = one.execute(job(one))
    assert executed is not None
    assert executed.kind is OutcomeKind.MANUAL
    read = one.verify(job(one))
    assert read.kind is OutcomeKind.RETRY_LATER
    assert read.due == NOW + timedelta(seconds=30)


def test_kept_with_ground():
    """A conversation that is kept says on what ground and until when, and is not read."""
    thread = Thread(5)
    one = system(thread, "keep")
    outcome = one.verify(job(one))
    assert (outcome.kind, outcome.ground, outcome.until) == (OutcomeKind.KEPT, "support records", "two years")
    assert outcome.kept_counts
    assert not thread.asked


@pytest.mark.parametrize("action", ["manual", "keep"])
def test_the_digest_follows_the_settings(action: str):
    """Another setting is another definition: approval does not carry over."""
    assert (system(Thread(0)).digest() == system(Thread(0), action).digest()) is (action == "manual")


def test_what_the_customer_wrote_elsewhere_is_part_of_the_conversation():
    """A message that joined the case from another place is personal data too (design rule 7)."""
    thread = Thread(1)
    one = system(thread)
    outcome = one.verify(replace(job(one), elsewhere=(("C2", "9.9"),)))
    assert thread.asked == [("C1", "1.1", "U1"), ("C2", "9.9", "U1")]
    assert outcome.counts[0].number == 2
    assert "where else they wrote" in outcome.reason
