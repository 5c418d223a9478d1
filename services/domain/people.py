"""Who is acting and what they may do: authority is a pure look-up by (team, user), made at the moment of the click."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person is allowed to do in Deletion Desk."""

    AGENT = "agent"
    APPROVER = "approver"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever did something: a person in Slack, or the desk itself (`DESK`)."""

    team_id: str
    user_id: str

    def __str__(self) -> str:
        return self.user_id


DESK = Actor(team_id="", user_id="deletion-desk")
# Who decided, where the customer did it by a button or the page behind the link: no user id of Slack's.
CUSTOMER = "customer"


class Authority(Protocol):
    """Who may do what at this moment. What cannot be known now is answered with no, never with yes."""

    @property
    def team_id(self) -> str:
        """The one team that this installation serves."""
        ...

    @property
    def approvers(self) -> frozenset[str]:
        """Everybody who may approve now, substitutes included."""
        ...

    @property
    def operators(self) -> frozenset[str]:
        """Everybody who runs the desk."""
        ...

    def holds(self, actor: Actor, role: Role) -> bool:
        """Return whether the actor holds the role now; somebody of another team never does (design rule 2)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """Who may approve in an approver's place, on which days (both inclusive; None: no limit on that side)."""

    by: str
    of: str
    first: date | None = None
    last: date | None = None

    def stands_in(self, approvers: frozenset[str], day: date) -> bool:
        """Whether they may approve on that day: only for somebody who is an approver now."""
        begun = self.first is None or self.first <= day
        over = self.last is not None and day > self.last
        return self.of in approvers and begun and not over


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who does what, as the operator wrote it: ids of people (U…, W…) and of user groups (S…)."""

    agents: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    substitutes: tuple[Substitute, ...] = ()

    @property
    def everybody(self) -> frozenset[str]:
        """Every id that is mentioned."""
        standing_in = {one.by for one in self.substitutes} | {one.of for one in self.substitutes}
        return self.agents | self.approvers | self.operators | standing_in

    @property
    def groups(self) -> frozenset[str]:
        """The user groups among them."""
        return frozenset(one for one in self.everybody if one.startswith("S"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The people of one company, by Slack user id. Approvers and operators are agents too."""

    team_id: str
    agents: frozenset[str]
    approvers: frozenset[str]
    operators: frozenset[str] = frozenset()

    def holds(self, actor: Actor, role: Role) -> bool:
        """Return whether the actor holds the role; somebody of another team never does (design rule 2)."""
        if actor.team_id != self.team_id:
            return False
        match role:
            case Role.AGENT:
                return actor.user_id in self.agents | self.approvers | self.operators
            case Role.APPROVER:
                return actor.user_id in self.approvers
            case Role.OPERATOR:
                return actor.user_id in self.operators
