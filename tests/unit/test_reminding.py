"""Reminders, escalation and digest: each occasion once, nothing by itself, approvers before the deadline."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.cards import direct_message
from handlers.views.digest import digest_message
from services.domain.case import State
from services.domain.reminding import Need, Reminding, reminders
from services.intake import Incoming, take_in
from services.ports import PostKind
from services.reminding import digest, digest_is_due, last_digest, note_digest, remind
from tests.properties.samples import NOW, a_case, a_told
from tests.properties.story import do, write
from tests.properties.world import LEA, TEAM, TOM, World, make_world

DAY = timedelta(days=1)
CHOICES = Reminding()
ASKED = a_case(State.AWAITING_CUSTOMER, answer_due=NOW + 30 * DAY)


def needs(case: object, at: datetime) -> list[tuple[Need, bool]]:
    return [(one.need, one.for_approvers) for one in reminders(case, now=at, choices=CHOICES)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(0, []), (22, []), (23, [(Need.DUE, True)]), (29.5, [(Need.DUE, True)]), (30, [(Need.OVERDUE, True)])],
)
def test_a_silent_customer_reaches_an_approver_before_the_deadline(day: float, expected: object) -> None:
    """From a week before the answer is due an approver is told of a case that has no answer; never only afterwards."""
    assert needs(ASKED, NOW + day * DAY) == expected


def test_a_case_under_way_reminds_its_agents_first() -> None:
    """With the scope confirmed the thread is reminded; an approver only once the deadline has passed."""
    case = replace(ASKED, state=State.PLANNED)
    assert needs(case, NOW + 25 * DAY) == [(Need.DUE, False)]
    assert needs(case, NOW + 31 * DAY) == [(Need.OVERDUE, True)]


def test_whoever_was_told_or_ended_is_not_reminded_of() -> None:
    """After the closing message, or the end, there is nothing to remind of."""
    late = NOW + 40 * DAY
    assert needs(replace(ASKED, told=a_told(), state=State.NOTIFYING), late) == []
    assert needs(replace(ASKED, state=State.REFUSED), late) == []


def test_a_customer_who_never_heard_from_us_is_noticed() -> None:
    """The acknowledgement has a clock of its own, which a question or an extension satisfies."""
    case = a_case(answer_due=NOW + 45 * DAY, acknowledge_due=NOW + 14 * DAY)
    assert needs(case, NOW + 8 * DAY) == [(Need.ACKNOWLEDGE, False)]
    assert needs(case, NOW + 15 * DAY) == [(Need.ACKNOWLEDGE, True)]


@given(days=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=60), asked=st.booleans())
def test_no_occasion_comes_twice_and_every_deadline_is_announced(days: list[float], asked: bool) -> None:
    """However often one looks: occasions only go forward, at most one a step, and none is missing before the deadline."""
    case = ASKED if asked else replace(ASKED, state=State.DETECTED)
    seen: list[int] = []
    for day in sorted([*days, 24.0, 29.5]):
        seen += [one.occasion for one in reminders(case, now=NOW + day * DAY, choices=CHOICES)]
    assert seen == sorted(seen)
    assert len(set(seen)) >= 2
    assert len(set(seen)) <= len(CHOICES.before) + 31


@pytest.fixture
def world() -> World:
    return make_world(regimes=("gdpr",))


def test_each_reminder_is_asked_for_once_and_moves_nothing(world: World) -> None:
    """Looking a hundred times gives one message a step to the thread and to each approver; case and clock stand still."""
    case = write(world, "erase_data delete my data").case
    do(world, case, "ask")
    before = world.cases.get(case.id)
    world.clock.forward(25 * DAY)
    given_at_first = remind(world.desk)
    assert given_at_first == 2, "silent, and due soon"
    assert sum(remind(world.desk) for _ in range(100)) == 0
    after = world.cases.get(case.id)
    assert after == before, "nothing closes, erases or pauses by itself"
    told = {person for _, kind, person, _ in world.posts.direct if kind is PostKind.NUDGE}
    assert {"", LEA.user_id, TOM.user_id} <= told
    assert [one.entry.action for one in world.cases.ledger(case.id)].count("remind") == 2


def test_the_words_say_when_why_and_what_next_and_nothing_personal(world: World) -> None:
    """The reminder names the case, its deadline and the next step; once it is settled it shrinks to a line."""
    case = write(world, "erase_data delete jane@example.com").case
    do(world, case, "ask")
    world.clock.forward(25 * DAY)
    said = str(direct_message(world.desk, world.cases.get(case.id), PostKind.NUDGE, person=LEA.user_id))
    for part in (case.ref, "due by", "Next", "approver"):
        assert part in said, f"{part!r} is missing: {said}"
    assert "jane" not in said
    do(world, case, "withdraw")
    settled = str(direct_message(world.desk, world.cases.get(case.id), PostKind.NUDGE, person=LEA.user_id))
    assert "Next" not in settled


def test_the_digest_comes_once_a_working_day_in_the_morning(world: World) -> None:
    """Monday at nine: not before, not twice, not on Saturday; it holds dismissed, silent and due cases by number only."""
    silent = write(world, "erase_data delete jane@example.com").case
    do(world, silent, "ask")
    jonas = Incoming(
        team_id=TEAM, channel="C1", ts="2.0", text="erase_data x", at=world.clock.now(), author="JONAS"
    )
    dismissed = take_in(world.desk, jonas).case
    do(world, dismissed, "dismiss")
    assert world.clock.now().isoweekday() == 1
    assert digest_is_due(world.desk), "it is Monday, nine o'clock"
    world.clock.forward(-timedelta(minutes=1))
    assert not digest_is_due(world.desk)
    world.clock.forward(timedelta(minutes=1) + 5 * DAY)
    assert not digest_is_due(world.desk), "Saturday"
    world.clock.forward(2 * DAY)
    assert digest_is_due(world.desk)
    shown = digest(world.desk, since=world.clock.now() - 14 * DAY)
    assert ([one.id for one in shown.silent], [one.id for one in shown.dismissed]) == (
        [silent.id],
        [dismissed.id],
    )
    assert last_digest(world.desk, LEA.user_id) is None
    note_digest(world.desk, LEA.user_id, shown)
    assert last_digest(world.desk, LEA.user_id) == world.clock.now()
    said = str(digest_message(shown, workspace_url="https://acme.slack.com/"))
    assert silent.ref in said
    assert "jane" not in said
    later = digest(world.desk, since=world.clock.now())
    assert later.dismissed == ()
