"""The shortcuts: an agent opens a case from a message that nothing recognised, on it or from anywhere by its link."""

from typing import Any

from handlers.clicks import Click, answer, click_of, explain, open_modal
from handlers.commands import case_reply
from handlers.edge import Edge
from handlers.language import t
from handlers.messages import Post, speaks_for_others, time_of
from handlers.views.handing import start_view
from handlers.views.notice import notice
from handlers.views.texts import TOO_OLD
from handlers.words_of import words_and_sender
from services.deciding import record_refusal
from services.domain.denials import denied_for
from services.domain.people import Role


def open_case(edge: Edge, body: dict[str, Any]) -> None:
    """Have a case opened from the message that was pointed at; answer only to the person who did."""
    click, message = click_of(body), body.get("message") or {}
    if denied := denied_for(actor=click.actor, role=Role.AGENT, roles=edge.desk.roles):
        record_refusal(edge.desk, None, actor=click.actor, action="shortcut", denied=denied)
        answer(edge, click, explain(edge, denied))
        return
    ts = body.get("message_ts") or message.get("ts") or ""
    written_at, author, team = time_of(ts), message.get("user") or "", edge.desk.roles.team_id
    if written_at is None or author == edge.bot_user_id:
        answer(
            edge, click, t("Use this on the customer's message; this one is not a message that can be read.")
        )
        return
    is_integration = speaks_for_others(message)
    text, sender = words_and_sender(message, is_integration=is_integration)
    known = edge.desk.cases.of_message(team_id=team, channel=click.channel, ts=ts)
    if known:
        shown = case_reply(edge, known)
        answer(edge, click, shown.text, shown.blocks)
        return
    edge.take_in_later(
        Post(
            event_id=f"shortcut:{click.channel}:{ts}",
            team=team,
            channel=click.channel,
            ts=ts,
            thread_ts=message.get("thread_ts") or "",
            user="" if is_integration else author,
            user_team=message.get("user_team") or message.get("team") or team,
            text=text,
            kind="shortcut",
            written_at=written_at,
            bot_id=message.get("bot_id") or "",
            opened_by=click.actor.user_id,
            sender_name=sender.name,
            sender_address=sender.address,
        )
    )
    answer(
        edge,
        click,
        t("A case is being opened from that message. Its card appears in the thread in a moment."),
    )


def start(edge: Edge, body: dict[str, Any]) -> None:
    """Open, from anywhere in Slack, the form that opens a case from a link; who may not is told in its place."""
    click = click_of(body)
    denied = denied_for(actor=click.actor, role=Role.AGENT, roles=edge.desk.roles)
    open_modal(edge, click, notice(t("Not done"), explain(edge, denied)) if denied else start_view())


def unknown(edge: Edge, body: dict[str, Any]) -> None:
    """Answer a shortcut that no longer exists (design rule 10)."""
    click: Click = click_of(body)
    open_modal(edge, click, notice(t("Not done"), TOO_OLD))
