"""What Slack has to offer and send for the handlers to work: commands, shortcuts, events, scopes; the manifest says it."""

from dataclasses import dataclass
from typing import Literal

from handlers import ids
from handlers.language import later


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command as Slack lists it."""

    command: str
    description: str
    usage_hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut as Slack lists it: in a message's menu, or everywhere."""

    callback_id: str
    name: str
    description: str
    type: Literal["message", "global"]


COMMANDS = (
    Command(
        command=ids.COMMAND,
        description=later("Deletion requests: what is open, one case, help"),
        usage_hint=later("[list mine|open|due | case DD-1042 | find ADDRESS | open LINK | help]"),
    ),
)
SHORTCUTS = (
    Shortcut(
        callback_id=ids.OPEN_CASE,
        name=later("Open a deletion case"),
        description=later("Opens a case from this message. Nothing is deleted without asking the customer."),
        type="message",
    ),
    Shortcut(
        callback_id=ids.START,
        name=later("Start a deletion case"),
        description=later("Opens a case from a link to the customer's message."),
        type="global",
    ),
)
# Events, and below the scopes, each with what needs it. A direct message to the bot (message.im) is not read.
EVENTS = {
    "app_mention": later("calling the bot by name"),
    "app_home_opened": later("the list of cases in App Home"),
    "message.channels": later("requests in public support channels"),
    "message.groups": later("requests in private support channels"),
}
SCOPES = {
    "app_mentions:read": later("calling the bot by name"),
    "channels:history": later("requests in public channels; finding own posts again after a crash"),
    "groups:history": later("the same in private channels"),
    "channels:read": later("whether the bot is in a channel, and who else can read it"),
    "groups:read": later("the same for private channels"),
    "chat:write": later("cards, questions, answers"),
    "commands": later("the slash command and the shortcuts"),
    "im:write": later("telling an approver directly"),
    "users:read": later("who is a colleague, a guest, or gone"),
    "usergroups:read": later("roles by user group"),
}
