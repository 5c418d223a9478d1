"""App Home: published when somebody opens it, presses Refresh there, or has just done something."""

import logging
from typing import Any

from slack_sdk.errors import SlackApiError

from handlers.cards import desk_facts
from handlers.clicks import Click
from handlers.edge import Edge
from handlers.views.blocks import View
from handlers.views.home import HomeFacts, home_view, strangers_home
from services.domain.case import TERMINAL, State
from services.domain.people import Actor, Role
from services.handing import able_to_approve, waits_for
from services.health import health_of
from services.receipts import receipt_of

log = logging.getLogger(__name__)
MOST_RECENT = 10


def opened(edge: Edge, body: dict[str, Any]) -> None:
    """Publish the home tab of whoever opened it (not their messages tab)."""
    event = body.get("event") or {}
    if event.get("tab") == "home" and event.get("user"):
        # The event names no team of the person's. Ids are unique in all of Slack, and only ids on this team's lists
        # see anything.
        actor = Actor(team_id=body.get("team_id") or "", user_id=event["user"])
        edge.homes.add(actor.user_id)
        edge.submit(lambda: publish(edge, actor, with_health=True))


def refresh(edge: Edge, click: Click) -> None:
    """Publish anew, the systems' health included."""
    edge.submit(lambda: publish(edge, click.actor, with_health=True))


def follow(edge: Edge, actor: Actor) -> None:
    """Bring the home tab up to date after something its owner did, if they ever opened it."""
    if actor.user_id in edge.homes:
        edge.submit(lambda: publish(edge, actor, with_health=False))


def publish(edge: Edge, actor: Actor, *, with_health: bool) -> None:
    """Publish what this person may see; an operator sees the rest at once and the systems' health when it was read."""
    desk = edge.desk
    if not desk.roles.holds(actor, Role.AGENT):
        _show(edge, actor, strangers_home())
        return
    if not desk.roles.holds(actor, Role.OPERATOR):
        _show(edge, actor, home_view(_facts(edge, actor, health=())))
        return
    known = edge.health.get("", None)
    _show(edge, actor, home_view(_facts(edge, actor, health=None if with_health else known)))
    if with_health:
        edge.health[""] = (*edge.own_health(), *((one.label, one.problem) for one in health_of(desk)))
        _show(edge, actor, home_view(_facts(edge, actor, health=edge.health[""])))


def _facts(edge: Edge, actor: Actor, *, health: tuple[tuple[str, str], ...] | None) -> HomeFacts:
    desk = edge.desk
    running = desk.cases.in_states(state for state in State if state not in TERMINAL)
    recent = desk.cases.latest((State.COMPLETED,), MOST_RECENT)
    receipts = {
        one.id: receipt.id
        for one in recent
        if (receipt := receipt_of(desk.cases, desk.vault, one, company=desk.policy.company))
    }
    waiting = tuple(one for one in running if waits_for(desk, one, actor))
    return HomeFacts(
        now=desk.clock.now(),
        card=desk_facts(desk),
        waiting=waiting,
        running=running,
        recent=recent,
        links={one.id: edge.link(channel=one.channel, ts=one.thread_ts) for one in (*running, *recent)},
        receipts=receipts,
        approvable=frozenset(
            one.id
            for one in waiting
            if one.state is State.AWAITING_APPROVAL and actor.user_id in able_to_approve(desk, one)
        ),
        health=health,
    )


def _show(edge: Edge, actor: Actor, view: View) -> None:
    try:
        edge.client.views_publish(user_id=actor.user_id, view=view)
    except SlackApiError as error:
        log.warning("a home tab could not be published: %s", error.response.get("error"))
