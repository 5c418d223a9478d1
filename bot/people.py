"""Who may do what, read from Slack: user groups and who is still an active colleague; in doubt nobody may."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from services.domain.people import Actor, Role, Roles, Staff
from services.ports import Clock

log = logging.getLogger(__name__)

# How soon somebody put into a group, or taken out of it, is noticed (usergroups.users.list: tier 2, 20 a minute).
REREAD = timedelta(minutes=1)
# Who left the company, or became a guest (users.info: tier 4, 100 a minute).
REREAD_PERSON = timedelta(minutes=10)
# Older knowledge grants nothing: the loop that renews it must have died.
TOO_OLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was read about one person: whether they may act at all, and when that was."""

    at: datetime
    is_colleague: bool


class SlackPeople:
    """Implements `Authority`. Answers from memory, at once; `refresh` renews that, in a loop.

    A group that cannot be read grants nothing to anybody. Guests, bots, people of other companies and deactivated
    people hold no role, whatever a list says. Substitutes approve on their days, by the clocks of the company.
    """

    def __init__(self, client: WebClient, staff: Staff, *, team_id: str, clock: Clock, zone: tzinfo) -> None:
        self._client = client
        self._staff = staff
        self._clock = clock
        self._people: dict[str, _Known] = {}
        self._nobody = Roles(team_id=team_id, agents=frozenset(), approvers=frozenset())
        self._roles = self._nobody
        self._read_at: datetime | None = None
        self._zone = zone
        self.complaint = ""

    @property
    def team_id(self) -> str:
        """The one team that this installation serves."""
        return self._nobody.team_id

    @property
    def approvers(self) -> frozenset[str]:
        """Everybody who may approve now, substitutes included."""
        return self._now().approvers

    @property
    def operators(self) -> frozenset[str]:
        """Everybody who runs the desk."""
        return self._now().operators

    def holds(self, actor: Actor, role: Role) -> bool:
        """Return whether the actor holds the role now, as far as that is known."""
        return self._now().holds(actor, role)

    def _now(self) -> Roles:
        fresh = self._read_at is not None and self._clock.now() - self._read_at < TOO_OLD
        return self._roles if fresh else self._nobody

    def refresh(self) -> None:
        """Read groups and people anew; never raises for anything that Slack does."""
        now = self._clock.now()
        unread: list[str] = []
        groups = {group: self._members(group, unread) for group in sorted(self._staff.groups)}

        def named(ids: Iterable[str]) -> frozenset[str]:
            found = {person for one in ids for person in groups.get(one, frozenset({one}))}
            return frozenset(person for person in found if self._is_colleague(person, now, unread))

        approvers = named(self._staff.approvers)
        today = now.astimezone(self._zone).date()
        standing_in = named(one.by for one in self._staff.substitutes if one.stands_in(approvers, today))
        self._roles = Roles(
            team_id=self.team_id,
            agents=named(self._staff.agents),
            approvers=approvers | standing_in,
            operators=named(self._staff.operators),
        )
        self._read_at = now
        self._complain(unread)

    def _members(self, group: str, unread: list[str]) -> frozenset[str]:
        try:
            answer = self._client.usergroups_users_list(usergroup=group)
        except (SlackClientError, OSError) as error:
            unread.append(f"user group {group} ({_reason(error)})")
            return frozenset()
        return frozenset(str(one) for one in answer.get("users") or ())

    def _is_colleague(self, person: str, now: datetime, unread: list[str]) -> bool:
        known = self._people.get(person)
        if known and now - known.at < REREAD_PERSON:
            return known.is_colleague
        try:
            user = self._client.users_info(user=person)["user"]
        except (SlackClientError, OSError) as error:
            unread.append(f"person {person} ({_reason(error)})")
            return False
        flags = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        is_ours = self.team_id in _teams(user, self.team_id)
        known = _Known(at=now, is_colleague=is_ours and not any(user.get(flag) for flag in flags))
        self._people[person] = known
        return known.is_colleague

    def _complain(self, unread: list[str]) -> None:
        complaint = (
            f"Slack did not say who is in: {', '.join(sorted(set(unread)))}. These hold no role."
            if unread
            else ""
        )
        if complaint and complaint != self.complaint:
            log.error("%s", complaint)
        self.complaint = complaint


def _teams(user: Mapping[str, Any], otherwise: str) -> frozenset[str]:
    """Return the workspaces of a person: several in an Enterprise organisation; `otherwise` where Slack names none."""
    several = (user.get("enterprise_user") or {}).get("teams") or ()
    return frozenset({str(user.get("team_id") or otherwise), *map(str, several)})


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response.get("error", "refused")) if response is not None else type(error).__name__
