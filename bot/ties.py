"""How the desk's own ties to Slack are: its connections, and what it knows of people."""

from dataclasses import dataclass

from bot.people import SlackPeople
from bot.sockets import Sockets


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Looks at the sockets (None in HTTP mode) and at the roles; for the health page and an operator's App Home."""

    sockets: Sockets | None
    people: SlackPeople

    def __call__(self) -> tuple[tuple[str, str], ...]:
        """Return what is looked at, each with what is wrong with it ("" when well)."""
        roles = ("Roles from Slack", self.people.complaint)
        return (
            (roles, ("Connections to Slack", self.sockets.health().complaint)) if self.sockets else (roles,)
        )

    @property
    def reach_us(self) -> bool:
        """Whether clicks and messages arrive at all, as far as that is known (in HTTP mode it is not)."""
        return self.sockets is None or self.sockets.health().is_connected
