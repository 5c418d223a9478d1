"""Builds what Slack sends to an app: event envelopes, interaction payloads, commands, and API objects."""

import secrets
import time

from bot.playground.slack.settings import LookalikeSettings
from bot.playground.slack.validation import interactive
from bot.playground.slack.workspace import Channel, Hook, Json, Message, Trigger, User, View, Workspace

LEGACY_TOKEN = "legacy-verification-token"  # noqa: S105 - Slack still sends one; nobody should use it


class Payloads:
    """Payload builder for one workspace and app; issues triggers and response_urls as it goes."""

    def __init__(self, workspace: Workspace, settings: LookalikeSettings, hooks_url: str) -> None:
        self._workspace = workspace
        self._settings = settings
        self._hooks_url = hooks_url

    def event(self, channel: Channel, event: Json) -> Json:
        """Return the event_callback for `event`, with an event_id of its own."""
        workspace = self._workspace
        return {
            "token": LEGACY_TOKEN,
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.bot.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": workspace.next_id("Ev"),
            "event_time": int(workspace.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                },
            ],
            "is_ext_shared_channel": channel.is_ext_shared,
            "event_context": f"4-{secrets.token_hex(8)}",
        }

    def trigger(self, user_id: str, view_id: str | None = None) -> str:
        """Issue a trigger_id for what this person just did."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._workspace.lock:
            self._workspace.triggers[trigger_id] = Trigger(
                user_id=user_id, issued=time.monotonic(), view_id=view_id
            )
        return trigger_id

    def response_url(self, user_id: str, channel_id: str, message_ts: str | None = None) -> str:
        """Issue a response_url; about a message when `message_ts` is given."""
        key = secrets.token_urlsafe(24)
        with self._workspace.lock:
            self._workspace.hooks[key] = Hook(
                user_id=user_id,
                channel_id=channel_id,
                issued=time.monotonic(),
                message_ts=message_ts,
            )
        return f"{self._hooks_url}{key}"

    def _frame(self, kind: str, user: User) -> Json:
        workspace = self._workspace
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": workspace.bot.app_id,
            "token": LEGACY_TOKEN,
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def message_action(
        self, user: User, channel: Channel, message: Message, action: Json, values: Json
    ) -> Json:
        """Return block_actions for a click on a message."""
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.seen_by is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._frame("block_actions", user) | {
            "container": container,
            "trigger_id": self.trigger(user.id),
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": values},
            "response_url": self.response_url(user.id, channel.id, message.ts),
            "actions": [action],
        }
        # Slack leaves the message out when it was ephemeral.
        return payload if message.seen_by else payload | {"message": dict(message.body)}

    def view_action(self, user: User, view: View, action: Json, values: Json) -> Json:
        """Return block_actions for an element inside a view."""
        return self._frame("block_actions", user) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.trigger(user.id, view.id),
            "view": self.view(view) | {"state": {"values": values}},
            "actions": [action],
        }

    def submission(self, user: User, view: View, values: Json) -> Json:
        """Return view_submission."""
        return self._frame("view_submission", user) | {
            "trigger_id": self.trigger(user.id, view.id),
            "view": self.view(view) | {"state": {"values": values}},
            "response_urls": [],
        }

    def closed(self, user: User, view: View, *, cleared: bool) -> Json:
        """Return view_closed."""
        return self._frame("view_closed", user) | {"view": self.view(view), "is_cleared": cleared}

    def shortcut(self, user: User, channel: Channel, message: Message, callback_id: str) -> Json:
        """Return message_action, Slack's name for a message shortcut."""
        return self._frame("message_action", user) | {
            "action_ts": self._workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": self.trigger(user.id),
            "response_url": self.response_url(user.id, channel.id, message.ts),
            "channel": {"id": channel.id, "name": channel.name},
            "message_ts": message.ts,
            "message": dict(message.body),
        }

    def global_shortcut(self, user: User, callback_id: str) -> Json:
        """Return shortcut, Slack's name for a global one: no channel, no message, no response_url."""
        return self._frame("shortcut", user) | {
            "action_ts": self._workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": self.trigger(user.id),
        }

    def command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        """Return the flat fields of a slash command."""
        workspace = self._workspace
        return {
            "token": LEGACY_TOKEN,
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.is_im else channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": workspace.bot.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(user.id, channel.id),
            "trigger_id": self.trigger(user.id),
        }

    def view(self, view: View) -> Json:
        """Return a view object as the Web API shows it."""
        workspace = self._workspace
        empty = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
        flags = {"clear_on_close": False, "notify_on_close": False}
        return (
            empty
            | flags
            | view.body
            | {
                "id": view.id,
                "team_id": workspace.team_id,
                "app_installed_team_id": workspace.team_id,
                "app_id": workspace.bot.app_id,
                "bot_id": workspace.bot.bot_id,
                "hash": view.hash,
                "root_view_id": view.root_view_id,
                "previous_view_id": view.previous_view_id,
                "state": {"values": {}},
            }
        )


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return a copy of the blocks in which Slack has made up every missing block_id and action_id."""
    copies: list[Json] = []
    for block in blocks:
        copy: Json = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)[:5]}
        if isinstance(block.get("elements"), list) and block["type"] != "rich_text":
            copy["elements"] = [dict(e) for e in block["elements"]]
        for key in ("accessory", "element"):
            if isinstance(block.get(key), dict):
                copy[key] = dict(block[key])
        for _, element in interactive([copy]):
            element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
        copies.append(copy)
    return copies
