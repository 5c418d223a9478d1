"""response_url: five uses in thirty minutes, to answer, replace or delete what was clicked."""

import time

from bot.playground.slack.api_base import Context, Refused
from bot.playground.slack.chat_methods import checked_content, checked_thread
from bot.playground.slack.journal import Journal
from bot.playground.slack.workspace import Channel, Hook, Json, Message

MAX_USES = 5


def use_hook(context: Context, journal: Journal, key: str, args: Json) -> Json:
    """Carry out one post to a response_url and return Slack's answer; journaled as `response_url`."""
    try:
        with context.workspace.lock:
            hook = context.workspace.hooks.get(key)
            _answer(context, _taken(context, hook), args)
        answer: Json = {"ok": True}
    except Refused as refused:
        answer = refused.answer
    journal.add_call(method="response_url", args=args, writes=True, answer=answer)
    return answer


def _taken(context: Context, hook: Hook | None) -> Hook:
    if hook is None or time.monotonic() - hook.issued > context.settings.response_url_life:
        raise Refused("expired_url")
    if hook.uses >= MAX_USES:
        raise Refused("used_url")
    hook.uses += 1
    return hook


def _answer(context: Context, hook: Hook, args: Json) -> None:
    channel = context.workspace.channels[hook.channel_id]
    original = channel.find(hook.message_ts, user=hook.user_id) if hook.message_ts else None
    if args.get("delete_original"):
        if original is None:
            raise Refused("message_not_found")
        context.posting.remove(channel, _own(context, original))
    elif args.get("replace_original"):
        if original is None:
            raise Refused("message_not_found")
        body = {"blocks": None, "attachments": None} | checked_content(args)
        context.posting.change(channel, _own(context, original), body, edited_by=None)
    else:
        respond(context, channel, hook.user_id, args)


def _own(context: Context, message: Message) -> Message:
    if message.body.get("user") != context.workspace.bot.id:
        raise Refused("cant_update_message")
    return message


def respond(context: Context, channel: Channel, user_id: str, args: Json) -> None:
    """Post an answer to a person: only to them unless `response_type` is in_channel. Raises Refused."""
    seen_by = None if args.get("response_type") == "in_channel" else user_id
    body = checked_content(args) | checked_thread(channel, args)
    context.posting.post(channel, context.workspace.bot, body, seen_by=seen_by)
