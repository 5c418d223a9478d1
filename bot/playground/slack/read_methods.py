"""conversations.*, users.*, usergroups.* and auth.test: what the app may read."""

from bot.playground.slack.api_base import Context, Refused, channel_for_bot, flag, given, page_of, user_known
from bot.playground.slack.workspace import Channel, Json, Message, User


def auth_test(context: Context, _args: Json) -> Json:
    """auth.test for the bot token."""
    workspace = context.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(context: Context, _args: Json) -> Json:
    """apps.connections.open: a socket address that works once."""
    address = context.base_url.replace("http://", "ws://").removesuffix("/api/")
    return {
        "url": f"{address}/link?ticket={context.sockets.issue_ticket()}&app_id={context.workspace.bot.app_id}"
    }


def _entry(message: Message, args: Json) -> Json:
    body = dict(message.body)
    if message.metadata and flag(args, "include_all_metadata"):
        body["metadata"] = message.metadata
    return body


def _within(messages: list[Message], args: Json) -> list[Message]:
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    if flag(args, "inclusive"):
        return [m for m in messages if oldest <= float(m.ts) <= latest]
    return [m for m in messages if oldest < float(m.ts) < latest]


def replies(context: Context, args: Json) -> Json:
    """conversations.replies: the root (on every page), then a page of replies, oldest first."""
    channel = channel_for_bot(context, given(args, "channel"))
    root = channel.find(given(args, "ts"))
    if root is None or root.seen_by is not None:
        raise Refused("thread_not_found")
    if root.is_reply:
        return {"messages": [_entry(root, args)], "has_more": False}
    page, cursor = page_of(_within(channel.replies(root.ts), args), args, default=1000)
    parent = {"parent_user_id": root.body.get("user")}
    return {
        "messages": [_entry(root, args), *(_entry(reply, args) | parent for reply in page)],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def history(context: Context, args: Json) -> Json:
    """conversations.history: newest first, without replies and without other people's ephemerals."""
    channel = channel_for_bot(context, given(args, "channel"))
    shown = [
        m
        for m in channel.messages
        if m.seen_by is None and (not m.is_reply or m.body.get("subtype") == "thread_broadcast")
    ]
    page, cursor = page_of(_within(shown, args)[::-1], args, default=100)
    return {
        "messages": [_entry(message, args) for message in page],
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def _readable(context: Context, args: Json) -> Channel:
    channel = context.workspace.channels.get(given(args, "channel"))
    hidden = channel is not None and (channel.is_private or channel.is_im)
    if channel is None or (hidden and context.workspace.bot.id not in channel.members):
        raise Refused("channel_not_found")
    return channel


def info(context: Context, args: Json) -> Json:
    """conversations.info."""
    channel = _readable(context, args)
    found: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "channel",
        "is_group": False,
        "is_im": channel.is_im,
        "is_private": channel.is_private or channel.is_im,
        "is_archived": False,
        "is_ext_shared": channel.is_ext_shared,
        "is_shared": channel.is_ext_shared,
        "context_team_id": context.workspace.team_id,
    }
    if channel.is_im:
        return {"channel": found | {"user": next(iter(channel.members - {context.workspace.bot.id}))}}
    is_member = context.workspace.bot.id in channel.members
    return {
        "channel": found | {"name": channel.name, "name_normalized": channel.name, "is_member": is_member}
    }


def members(context: Context, args: Json) -> Json:
    """conversations.members."""
    page, cursor = page_of(sorted(_readable(context, args).members), args, default=100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def open_direct(context: Context, args: Json) -> Json:
    """conversations.open for one person."""
    names = [name for name in given(args, "users").split(",") if name]
    if len(names) != 1:
        raise Refused("method_not_supported_for_channel_type")
    user = user_known(context, names[0])
    if user.deleted:
        raise Refused("user_disabled")
    channel = context.workspace.direct_channel(user.id)
    shown: Json = {"id": channel.id}
    return {"channel": shown | ({"is_im": True, "user": user.id} if flag(args, "return_im") else {})}


def user_info(context: Context, args: Json) -> Json:
    """users.info. The e-mail address appears only with the scope users:read.email, which we do not ask for."""
    return {"user": profile_of(context, user_known(context, given(args, "user")))}


def profile_of(context: Context, user: User) -> Json:
    """Return the user object."""
    bot = context.workspace.bot.id
    shares = any({user.id, bot} <= one.members for one in context.workspace.channels.values())
    # Slack's own meaning: of another company, and in no channel that the app sees.
    is_stranger = user.team_id != context.workspace.team_id and not shares
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_restricted": user.is_guest,
        "is_ultra_restricted": False,
        "is_stranger": is_stranger,
        "tz": "Europe/Berlin",
        "tz_offset": 3600,
        "profile": {"real_name": user.real_name, "display_name": user.name, "team": user.team_id},
    }


def group_members(context: Context, args: Json) -> Json:
    """usergroups.users.list."""
    group = context.workspace.user_groups.get(given(args, "usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": [u for u in group.members if not context.workspace.users[u].deleted]}
