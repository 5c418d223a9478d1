"""chat.*: posting, changing and deleting the app's messages."""

from typing import Any

from bot.playground.slack.api_base import (
    Context,
    Refused,
    channel_for_bot,
    decoded,
    given,
    message_in,
    user_known,
)
from bot.playground.slack.payloads import with_ids
from bot.playground.slack.validation import message_is_too_long, metadata_error, problems_in_blocks
from bot.playground.slack.workspace import Channel, Json, Message

# Longer text is cut, not refused, when posting; chat.update refuses it.
POST_TEXT = 40_000
UPDATE_TEXT = 4_000
MAX_ATTACHMENTS = 100


def checked_blocks(args: Json) -> list[Json] | None:
    """Return the validated blocks with ids filled in; None when the argument was not given."""
    blocks = decoded(args, "blocks", error="invalid_blocks_format")
    if blocks is None or blocks == "":
        return None
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    problems = problems_in_blocks(blocks)
    if problems:
        raise Refused("invalid_blocks", problems, errors=problems)
    if message_is_too_long(str(args.get("text") or ""), blocks):
        raise Refused("msg_blocks_too_long")
    return with_ids(blocks)


def _metadata(args: Json) -> Any:
    metadata = decoded(args, "metadata", error="invalid_metadata_format")
    if metadata:
        error = metadata_error(metadata)
        if error is not None:
            raise Refused(error)
    return metadata


def checked_content(args: Json) -> Json:
    """Return text, blocks and attachments as a message body, or raise Slack's refusal."""
    blocks = checked_blocks(args)
    attachments = decoded(args, "attachments", error="invalid_attachments")
    text = str(args.get("text") or "")
    if not text.strip() and not blocks and not attachments:
        raise Refused("no_text")
    if attachments and (not isinstance(attachments, list) or len(attachments) > MAX_ATTACHMENTS):
        raise Refused("invalid_attachments")
    body: Json = {"text": text[:POST_TEXT]}
    if blocks:
        body["blocks"] = blocks
    if attachments:
        body["attachments"] = attachments
    return body


def check_taken(context: Context, body: Json) -> None:
    """Raise Slack's refusal of blocks that this workspace does not know yet."""
    kinds = {block["type"] for block in body.get("blocks") or []}
    if kinds & {"plan", "task_card"} and not context.settings.takes_plan_blocks:
        raise Refused("invalid_blocks", ["unsupported type: plan [json-pointer:/blocks]"])


def checked_thread(channel: Channel, args: Json) -> Json:
    """Return `thread_ts` for the body when the arguments name an existing thread root."""
    thread_ts = args.get("thread_ts")
    if not thread_ts:
        return {}
    root = channel.find(str(thread_ts))
    # A reply's ts as thread_ts makes a message that nobody finds in real Slack: refused here.
    if root is None or root.is_reply or root.seen_by is not None:
        raise Refused("invalid_thread_ts")
    return {"thread_ts": str(thread_ts)}


def _post_target(context: Context, args: Json) -> Channel:
    target = given(args, "channel")
    user = context.workspace.users.get(target)
    if user is not None:
        return context.workspace.direct_channel(user.id)
    return channel_for_bot(context, target)


def post_message(context: Context, args: Json) -> Json:
    """chat.postMessage."""
    channel = _post_target(context, args)
    body = checked_content(args) | checked_thread(channel, args)
    check_taken(context, body)
    metadata = _metadata(args) or None
    message = context.posting.post(channel, context.workspace.bot, body, metadata=metadata)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(message)}


def post_ephemeral(context: Context, args: Json) -> Json:
    """chat.postEphemeral: seen by one person until that person reloads."""
    channel = _post_target(context, args)
    user = user_known(context, given(args, "user"))
    if user.id not in channel.members:
        raise Refused("user_not_in_channel")
    body = checked_content(args) | checked_thread(channel, args)
    message = context.posting.post(channel, context.workspace.bot, body, seen_by=user.id)
    return {"message_ts": message.ts}


def update(context: Context, args: Json) -> Json:
    """chat.update of an own message; text without blocks removes the blocks."""
    channel = channel_for_bot(context, given(args, "channel"))
    message = message_in(channel, given(args, "ts"))
    if message.is_tombstone or message.body.get("user") != context.workspace.bot.id:
        raise Refused("cant_update_message")
    if len(str(args.get("text") or "")) > UPDATE_TEXT:
        raise Refused("msg_too_long")
    metadata = _metadata(args)
    body = {"blocks": None, "attachments": None} | checked_content(args)
    check_taken(context, body)
    if metadata is not None:
        message.metadata = metadata or None
    context.posting.change(channel, message, body, edited_by=context.workspace.bot.id)
    return {"channel": channel.id, "ts": message.ts, "text": message.body["text"], "message": _shown(message)}


def delete(context: Context, args: Json) -> Json:
    """chat.delete of an own message, or of anybody's with an admin's user token."""
    channel = channel_for_bot(context, given(args, "channel"))
    message = message_in(channel, given(args, "ts"))
    if message.is_tombstone:
        raise Refused("message_not_found")
    if message.body.get("user") != context.workspace.bot.id and not context.by_admin:
        raise Refused("cant_delete_message")
    context.posting.remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(context: Context, args: Json) -> Json:
    """chat.getPermalink."""
    channel = channel_for_bot(context, given(args, "channel"))
    message = message_in(channel, given(args, "message_ts"))
    return {"channel": channel.id, "permalink": link_to(context, channel, message)}


def link_to(context: Context, channel: Channel, message: Message) -> str:
    """Return the address of a message as Slack writes it."""
    link = (
        f"https://{context.workspace.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    )
    return f"{link}?thread_ts={message.thread_ts}&cid={channel.id}" if message.is_reply else link


def _shown(message: Message) -> Json:
    return dict(message.body) | ({"metadata": message.metadata} if message.metadata else {})
