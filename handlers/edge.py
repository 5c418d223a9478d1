"""What the Slack edge is given: the desk, Slack's client, an executor and the durable inbox."""

from collections.abc import Callable
from dataclasses import dataclass, field

from slack_sdk import WebClient

from handlers.links import link_to
from handlers.messages import Post
from services.ports import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Everything a listener may use; built once by bot/wiring.py.

    `submit` runs work that reads outside systems, after the click was answered. `take_in_later` writes a message that
    an agent pointed at (`post.opened_by`) to the durable inbox; idempotent by `post.event_id`; raises when it cannot.
    For a post of kind "mention" the case is of the head of its thread, for kind "command" `text` is "" and has to be
    fetched. `workspace_url` ("https://acme.slack.com/") makes links to threads; "" leaves them out.
    `homes` are the people who have opened their home tab, `health` what an operator's one showed last (key "").
    `own_health` says how the desk's own ties to Slack are: (label, problem or "").
    """

    desk: Desk
    client: WebClient
    submit: Callable[[Callable[[], None]], None]
    take_in_later: Callable[[Post], None]
    bot_user_id: str
    workspace_url: str = ""
    homes: set[str] = field(default_factory=set)
    health: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    own_health: Callable[[], tuple[tuple[str, str], ...]] = tuple

    def link(self, *, channel: str, ts: str, thread_ts: str = "") -> str:
        """Return the address of a message, or "" when the workspace's address is not known."""
        return link_to(self.workspace_url, channel=channel, ts=ts, thread_ts=thread_ts)
