"""Roles from Slack's user groups: renewed, and in doubt nobody's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, timezone

import pytest

from bot.people import REREAD, REREAD_PERSON, TOO_OLD, SlackPeople
from bot.playground.slack import LookalikeSettings, SlackLookalike
from bot.playground.slack.sample import ANA, BEN, LEA, MAYA, OTHER_TEAM, OTTO, PRIVACY_LEADS, TEAM, TOM
from bot.slack import posting_client
from services.domain.people import Actor, Role, Staff, Substitute
from tests.properties.fakes import HandClock
from tests.properties.world import START

STAFF = Staff(
    agents=frozenset({ANA, MAYA, OTTO}),
    approvers=frozenset({PRIVACY_LEADS}),
    substitutes=(
        Substitute(by=BEN, of=LEA, first=date(2026, 3, 10), last=date(2026, 3, 11)),
        Substitute(by=ANA, of=BEN),
    ),
)


@dataclass
class Office:
    slack: SlackLookalike
    clock: HandClock
    people: SlackPeople

    def may_approve(self, user: str, team: str = TEAM) -> bool:
        return self.people.holds(Actor(team_id=team, user_id=user), Role.APPROVER)

    def later(self, by: timedelta) -> None:
        self.clock.forward(by)
        self.people.refresh()


@pytest.fixture
def office() -> Iterator[Office]:
    with SlackLookalike(settings=LookalikeSettings(rate_limits=False)) as slack:
        clock = HandClock(at=START)
        client = posting_client(token=slack.bot_token, api_url=slack.base_url)
        people = SlackPeople(client, STAFF, team_id=TEAM, clock=clock, zone=timezone(timedelta(hours=1)))
        people.refresh()
        yield Office(slack=slack, clock=clock, people=people)


def test_the_members_of_a_group_hold_its_role_and_lose_it_with_the_membership(office: Office) -> None:
    """Approvers are whoever is in the group now: the next reading takes the role from those who left."""
    assert office.people.approvers == {LEA, TOM}
    office.slack.workspace.user_groups[PRIVACY_LEADS].members = [LEA]
    office.later(REREAD)
    assert (office.may_approve(LEA), office.may_approve(TOM)) == (True, False)


def test_a_group_that_cannot_be_read_grants_nothing(office: Office) -> None:
    """Slack refuses the group: nobody approves, the operator reads which one and why; with the group the role is back."""
    del office.slack.workspace.user_groups[PRIVACY_LEADS]
    office.later(REREAD)
    assert office.people.approvers == frozenset()
    assert not office.may_approve(LEA)
    assert f"{PRIVACY_LEADS} (no_such_subteam)" in office.people.complaint
    office.slack.rate_limit("usergroups.users.list", retry_after=30)
    office.later(REREAD)
    assert "ratelimited" in office.people.complaint


def test_guests_outsiders_and_those_who_left_hold_no_role(office: Office) -> None:
    """Whatever a list says: a guest (Maya), somebody of another company (Otto) and a deactivated approver may nothing."""
    for user, team in ((MAYA, TEAM), (OTTO, TEAM), (OTTO, OTHER_TEAM)):
        assert not office.people.holds(Actor(team_id=team, user_id=user), Role.AGENT)
    assert office.people.holds(Actor(team_id=TEAM, user_id=ANA), Role.AGENT)
    office.slack.deactivate(LEA)
    office.later(REREAD_PERSON)
    assert not office.may_approve(LEA)
    assert office.may_approve(TOM)


def test_a_substitute_approves_on_their_days_for_an_approver_only(office: Office) -> None:
    """Ben stands in for Lea for two days by the company's clocks; Ana, who stands in for nobody's approver, never."""
    assert not office.may_approve(BEN)
    office.later(date(2026, 3, 10) - START.date() - timedelta(hours=9, minutes=30))
    assert office.clock.now().date() == date(2026, 3, 9), "in the company's zone the 10th has begun already"
    assert office.may_approve(BEN)
    office.later(timedelta(days=2))
    assert not office.may_approve(BEN)
    assert not office.may_approve(ANA)
    office.slack.workspace.user_groups[PRIVACY_LEADS].members = [TOM]
    office.later(-timedelta(days=1))
    assert not office.may_approve(BEN), "Lea is no approver any more, so nobody stands in for her"


def test_old_knowledge_grants_nothing(office: Office) -> None:
    """If nothing was read for too long (the loop died), nobody holds any role until it is read again."""
    office.clock.forward(TOO_OLD)
    assert not office.may_approve(LEA)
    assert office.people.approvers == frozenset()
    office.people.refresh()
    assert office.may_approve(LEA)


def test_nobody_may_anything_before_the_first_reading() -> None:
    """Fail closed from the beginning: roles come from what was read, never from what was not."""
    with SlackLookalike() as slack:
        client = posting_client(token=slack.bot_token, api_url=slack.base_url)
        people = SlackPeople(client, STAFF, team_id=TEAM, clock=HandClock(at=START), zone=START.tzinfo)
        assert not people.holds(Actor(team_id=TEAM, user_id=ANA), Role.AGENT)
