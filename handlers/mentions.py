"""`@bot`: help, the words of the command, or the case of the thread."""

from typing import Any

from handlers.commands import WORDS, case_reply, reply
from handlers.edge import Edge
from handlers.language import later, t
from handlers.messages import Post, message_of
from handlers.views.facts import Message
from handlers.views.lists import said
from services.domain.case import TERMINAL
from services.domain.people import Actor, Role

FOR_CUSTOMERS = later(
    "Hello. If you want your data or your account deleted, please say so in a message in this channel; "
    "a person will answer you. Nothing is deleted without asking you first."
)


def mentioned(edge: Edge, body: dict[str, Any]) -> None:
    """Answer a mention to the person who wrote it. A case is opened through the durable inbox."""
    post = message_of(body)
    if post is None or not post.user:
        return
    message = respond_to(edge, post)
    edge.submit(
        lambda: _show(edge, post, message),
    )


def respond_to(edge: Edge, post: Post) -> Message:
    """Return the answer; for an agent in a thread without a case, have one opened from the head of the thread."""
    actor = Actor(team_id=post.user_team, user_id=post.user)
    words = words_after_mention(post.text, edge.bot_user_id)
    word = (words.split() or [""])[0].casefold()
    if word in {"stop", "release"}:
        return said(
            t(
                "Type `/deletion {word}`: it is about *every* run, so it asks first. One case is stopped on its card.",
                word=word,
            )
        )
    if word in WORDS:
        return reply(edge, actor=actor, text=words)
    if not edge.desk.roles.holds(actor, Role.AGENT):
        return said(t(FOR_CUSTOMERS))
    if not post.thread_ts or post.thread_ts == post.ts:
        return reply(edge, actor=actor, text="help")
    case = edge.desk.cases.of_thread(team_id=post.team, channel=post.channel, thread_ts=post.thread_ts)
    if case is None:
        opened = {name: getattr(post, name) for name in Post.__slots__} | {"opened_by": post.user}
        edge.take_in_later(Post(**opened))
        return said(
            t("A case is being opened from this thread's first message. Its card appears here in a moment.")
        )
    if case.state in TERMINAL:
        return said(
            t(
                "The case of this thread, {ref}, has ended. If the customer wants more, use the shortcut "
                "“Open a deletion case” on the new message: it opens a linked case.",
                ref=case.ref,
            )
        )
    return case_reply(edge, case)


def words_after_mention(text: str, bot_user_id: str) -> str:
    """Return what was said to the bot, without its name."""
    return text.replace(f"<@{bot_user_id}>", " ").strip()


def _show(edge: Edge, post: Post, message: Message) -> None:
    edge.client.chat_postEphemeral(
        channel=post.channel,
        user=post.user,
        text=message.text,
        blocks=message.blocks,
        thread_ts=post.thread_ts or None,
    )
