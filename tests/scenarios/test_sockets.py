"""Two Socket Mode connections against the look-alike: refresh, half-open sockets, refusals."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from starlette.testclient import TestClient

from bot.people import SlackPeople
from bot.playground.slack import LookalikeSettings, SlackLookalike
from bot.playground.slack.sample import ANA, SUPPORT, TEAM
from bot.sockets import CONNECTIONS, Sockets
from bot.ties import Ties
from bot.web import web_app
from services.domain.people import Staff
from tests.properties.fakes import HandClock
from tests.properties.world import START

CARD = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "press",
                "value": "1",
                "text": {"type": "plain_text", "text": "Press"},
            }
        ],
    }
]


@pytest.fixture
def slack() -> Iterator[SlackLookalike]:
    with SlackLookalike(settings=LookalikeSettings(refresh_grace=0.5)) as slack:
        yield slack


@pytest.fixture
def sockets(slack: SlackLookalike) -> Iterator[Sockets]:
    client = WebClient(token=slack.bot_token, base_url=slack.base_url)
    app = App(
        client=client, process_before_response=True, signing_secret="x", request_verification_enabled=False
    )

    @app.action("press")
    def press(ack: Ack) -> None:
        ack()

    sockets = Sockets(app, app_token=slack.app_token, web_client=client, drain=1.0)
    sockets.start()
    assert slack.wait_until(lambda: slack.connections == CONNECTIONS)
    yield sockets
    sockets.stop()


def posted(slack: SlackLookalike) -> str:
    client = WebClient(token=slack.bot_token, base_url=slack.base_url)
    return str(client.chat_postMessage(channel=SUPPORT, text="card", blocks=CARD)["ts"])


def test_two_connections_and_no_complaint(slack: SlackLookalike, sockets: Sockets) -> None:
    """The desk keeps two connections, and says nothing as long as Slack counts the same."""
    health = sockets.health()
    assert (health.connected, health.strangers, health.complaint) == (2, 0, "")
    ts = posted(slack)
    used = {slack.click(ANA, SUPPORT, ts, "press").socket for _ in range(4)}
    assert len(used) == 2, "Slack sends to both"


def test_no_click_is_lost_while_slack_refreshes_both_sockets(slack: SlackLookalike, sockets: Sockets) -> None:
    """`disconnect/refresh_requested` on every socket at once, with people clicking all the while: every click is
    acknowledged within Slack's limit, and afterwards there are two fresh connections.
    """
    ts = posted(slack)
    with ThreadPoolExecutor(4) as people:
        before = [people.submit(slack.click, ANA, SUPPORT, ts, "press") for _ in range(10)]
        assert slack.refresh_sockets() == CONNECTIONS
        after = [people.submit(slack.click, ANA, SUPPORT, ts, "press") for _ in range(40)]
        deliveries = [one.result() for one in before + after]
    assert [one.problem for one in deliveries if not one.acked] == []
    assert slack.wait_until(lambda: slack.connections == CONNECTIONS, timeout=30)
    assert sockets.health().connected == CONNECTIONS
    assert slack.wait_until(
        lambda: (slack.click(ANA, SUPPORT, ts, "press").socket or 0) > CONNECTIONS, timeout=30
    ), "clicks go to the fresh connections"


def test_half_open_sockets_are_noticed(
    slack: SlackLookalike, sockets: Sockets, caplog: pytest.LogCaptureFixture
) -> None:
    """More connections in `hello` than the desk has: the operator reads what that does and how it ends."""
    slack.haunt(3)
    with caplog.at_level(logging.WARNING, logger="bot.sockets"):
        slack.refresh_sockets()
        assert slack.wait_until(lambda: "Slack counts 3 more connections" in caplog.text, timeout=30)
    assert "half-open" in sockets.health().complaint
    people = SlackPeople(sockets._web_client, Staff(), team_id=TEAM, clock=HandClock(at=START), zone=UTC)
    told = [label for label, problem in Ties(sockets=sockets, people=people)() if problem]
    health = web_app(None, is_healthy=lambda: True, complaints=lambda: told)
    with TestClient(health) as page:
        assert page.get("/health").json() == {"ok": True, "complaints": ["Connections to Slack"]}
    slack.haunt(0)


def test_a_connection_that_breaks_is_opened_again(slack: SlackLookalike, sockets: Sockets) -> None:
    """A refused connection is tried again until there are two: here Slack answers 429 to the first attempts."""
    slack.rate_limit("apps.connections.open", retry_after=1, times=2)
    slack.refresh_sockets()
    assert slack.wait_until(lambda: slack.connections == CONNECTIONS and sockets.health().connected == 2, 30)
