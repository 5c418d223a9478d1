"""The real Bolt app against the Slack look-alike, in Socket Mode and in HTTP mode."""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.playground.slack import LookalikeSettings, NotPossible, SlackLookalike
from bot.playground.slack.sample import ANA, BOT, MAYA, OTHER_TEAM, OTTO, SUPPORT, TEAM

# Only the tests about time that runs out have little of it: a busy machine is no failure of the code.
PATIENT = LookalikeSettings(rate_limits=False, ack_timeout=60, trigger_life=60, time_scale=0.0005)
HASTY = LookalikeSettings(rate_limits=False, ack_timeout=1.5, trigger_life=1.0, time_scale=0.0005)
MODAL = {
    "type": "modal",
    "callback_id": "answer",
    "notify_on_close": True,
    "title": {"type": "plain_text", "text": "Record"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": {"type": "plain_text", "text": "Their words"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        },
        {
            "type": "input",
            "block_id": "scope",
            "label": {"type": "plain_text", "text": "Scope"},
            "element": {
                "type": "radio_buttons",
                "action_id": "choice",
                "options": [
                    {"text": {"type": "plain_text", "text": "All"}, "value": "all"},
                    {"text": {"type": "plain_text", "text": "Account"}, "value": "account"},
                ],
            },
        },
    ],
}
CARD = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "A request?"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "open",
                "value": "c1",
                "text": {"type": "plain_text", "text": "Open"},
            },
            {
                "type": "button",
                "action_id": "slow",
                "value": "c1",
                "text": {"type": "plain_text", "text": "Slow"},
            },
            {
                "type": "button",
                "action_id": "reply",
                "value": "c1",
                "text": {"type": "plain_text", "text": "Reply"},
            },
        ],
    },
]


@dataclass
class Seen:
    """What reached the listeners, and how the app is told to misbehave."""

    events: list[dict[str, Any]] = field(default_factory=list)
    retries: list[tuple[int, str]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    closed: list[dict[str, Any]] = field(default_factory=list)
    contexts: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failures_left: int = 0
    trigger_delay: float = 0.0
    opens: int = 1
    answer: dict[str, Any] = field(default_factory=dict)


def bolt_app(slack: SlackLookalike, seen: Seen) -> App:
    quiet = logging.getLogger("bolt-under-test")
    quiet.setLevel(logging.CRITICAL)
    app = App(
        client=WebClient(token=slack.bot_token, base_url=slack.base_url),
        signing_secret=slack.signing_secret,
        process_before_response=True,
        logger=quiet,
    )

    @app.middleware
    def durable(body: dict[str, Any], request: BoltRequest, next: Callable[[], Any]) -> None:  # noqa: A002 - Bolt's name
        if body.get("type") == "event_callback":
            number = request.headers.get("x-slack-retry-num", [""])[0]
            seen.retries.append((int(number or 0), request.headers.get("x-slack-retry-reason", [""])[0]))
            if seen.failures_left:
                seen.failures_left -= 1
                raise RuntimeError("the database is down")
        next()

    @app.event("message")
    def message(body: dict[str, Any]) -> None:
        seen.events.append(body)

    @app.event("app_mention")
    def mention(body: dict[str, Any]) -> None:
        seen.events.append(body)

    @app.action("open")
    def open_modal(ack: Any, body: dict[str, Any], client: WebClient, context: dict[str, Any]) -> None:
        ack()
        seen.actions.append(body)
        seen.contexts.append({k: context.get(k) for k in ("team_id", "actor_team_id", "actor_user_id")})
        time.sleep(seen.trigger_delay)
        for _ in range(seen.opens):
            try:
                client.views_open(trigger_id=body["trigger_id"], view=MODAL)
            except SlackApiError as refused:
                seen.errors.append(refused.response["error"])

    @app.action("slow")
    def slow(ack: Any) -> None:
        time.sleep(2.0)
        ack()

    @app.action("reply")
    def reply(ack: Any, respond: Any, body: dict[str, Any]) -> None:
        ack()
        seen.actions.append(body)
        respond(text="only you", replace_original=False)

    @app.view("answer")
    def submitted(ack: Any, body: dict[str, Any]) -> None:
        seen.submissions.append(body)
        ack(**seen.answer)

    @app.view_closed("answer")
    def closed(ack: Any, body: dict[str, Any]) -> None:
        ack()
        seen.closed.append(body)

    @app.command("/deletion")
    def command(ack: Any, body: dict[str, Any]) -> None:
        seen.actions.append(body)
        ack("Nothing waits for you.")

    @app.shortcut("open_case")
    def shortcut(ack: Any, body: dict[str, Any]) -> None:
        ack()
        seen.actions.append(body)

    return app


class _Endpoint(ThreadingHTTPServer):
    daemon_threads = True
    app: App


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"])).decode()
        headers: dict[str, Any] = dict(self.headers.items())
        answer: BoltResponse = self.server.app.dispatch(BoltRequest(body=raw, headers=headers))  # type: ignore[attr-defined]
        self.send_response(answer.status)
        for name, values in answer.headers.items():
            for value in values:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write((answer.body or "").encode())

    def log_message(self, *_args: Any) -> None:
        """Keep the test output clean."""


@pytest.fixture(params=["socket", "http"])
def desk(request: pytest.FixtureRequest) -> Iterator[tuple[SlackLookalike, Seen, WebClient]]:
    """The look-alike with a real Bolt app connected, once per way of delivery."""
    with connected(request.param, PATIENT) as one:
        yield one


@pytest.fixture(params=["socket", "http"])
def hasty_desk(request: pytest.FixtureRequest) -> Iterator[tuple[SlackLookalike, Seen, WebClient]]:
    """The same with a look-alike that waits for little."""
    with connected(request.param, HASTY) as one:
        yield one


@contextmanager
def connected(mode: str, settings: LookalikeSettings) -> Iterator[tuple[SlackLookalike, Seen, WebClient]]:
    seen = Seen()
    with SlackLookalike(settings=settings) as slack:
        app = bolt_app(slack, seen)
        client = WebClient(token=slack.bot_token, base_url=slack.base_url)
        if mode == "socket":
            handler = SocketModeHandler(app, slack.app_token)
            handler.connect()
            assert slack.wait_until(lambda: slack.connections == 1), "Bolt did not open its socket"
            yield slack, seen, client
            # The SDK's reader blocks for 3 s unless the server hangs up first.
            handler.client.auto_reconnect_enabled = False
            slack.stop()
            # Likewise its queue reader, for 1 s, unless something arrives.
            waker = threading.Timer(0.05, handler.client.enqueue_message, ['{"type": "bye"}'])
            waker.start()
            handler.close()
            waker.join()
        else:
            endpoint = _Endpoint(("127.0.0.1", 0), _Handler)
            endpoint.app = app
            thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            slack.set_request_url(f"http://127.0.0.1:{endpoint.server_address[1]}/slack/events")
            yield slack, seen, client
            slack.settle()
            endpoint.shutdown()
            thread.join()
            endpoint.server_close()


Desk = tuple[SlackLookalike, Seen, WebClient]


def post_card(client: WebClient) -> str:
    return str(client.chat_postMessage(channel=SUPPORT, text="A request?", blocks=CARD)["ts"])


def test_an_event_is_delivered_and_acked_once(desk: Desk) -> None:
    """A customer's message reaches the app once, as Slack marks it up, and the ack is journaled."""
    slack, seen, _ = desk
    ts = slack.say(MAYA, SUPPORT, "Delete my data <now> & write to maya@example.com")
    assert slack.settle()
    [body] = seen.events
    assert body["event"]["ts"] == ts
    assert body["event"]["text"] == (
        "Delete my data &lt;now&gt; &amp; write to <mailto:maya@example.com|maya@example.com>"
    )
    assert body["event"]["blocks"][0]["type"] == "rich_text"
    [delivery] = slack.journal.deliveries("events_api")
    assert delivery.acked
    assert delivery.ack_latency is not None


def test_a_failed_event_comes_again_with_its_retry_number(hasty_desk: Desk) -> None:
    """An event whose durable write failed is redelivered with the same id, until the app takes it."""
    slack, seen, _ = hasty_desk
    seen.failures_left = 2
    slack.say(MAYA, SUPPORT, "hello")
    assert slack.settle()
    assert [number for number, _ in seen.retries] == [0, 1, 2]
    assert all(reason for number, reason in seen.retries if number)
    assert len({d.event_id for d in slack.journal.deliveries("events_api")}) == 1
    assert len(seen.events) == 1


def test_slack_gives_up_after_three_redeliveries(hasty_desk: Desk) -> None:
    """An event that is never acked is tried four times in all, and then lost."""
    slack, seen, _ = hasty_desk
    seen.failures_left = 99
    slack.say(MAYA, SUPPORT, "hello")
    assert slack.settle()
    assert [number for number, _ in seen.retries] == [0, 1, 2, 3]


def test_a_mention_arrives_twice(desk: Desk) -> None:
    """A message that mentions the bot comes as message and as app_mention: other event ids, same ts."""
    slack, seen, _ = desk
    ts = slack.say(MAYA, SUPPORT, f"<@{BOT}> help")
    assert slack.settle()
    assert sorted(b["event"]["type"] for b in seen.events) == ["app_mention", "message"]
    assert {b["event"]["ts"] for b in seen.events} == {ts}
    assert len({b["event_id"] for b in seen.events}) == 2


def test_an_edit_and_a_deletion_are_told(desk: Desk) -> None:
    """message_changed carries both texts; a deleted root with replies leaves a tombstone."""
    slack, seen, client = desk
    ts = slack.say(MAYA, SUPPORT, "hello")
    slack.edit(MAYA, SUPPORT, ts, "delete my data")
    client.chat_postMessage(channel=SUPPORT, text="card", thread_ts=ts)
    slack.delete(MAYA, SUPPORT, ts)
    assert slack.settle()
    changes = [b["event"] for b in seen.events if b["event"].get("subtype") == "message_changed"]
    assert changes[0]["message"]["text"] == "delete my data"
    assert changes[0]["previous_message"]["text"] == "hello"
    root = client.conversations_replies(channel=SUPPORT, ts=ts)["messages"][0]
    assert (root["subtype"], root["user"], root["text"]) == (
        "tombstone",
        "USLACKBOT",
        "This message was deleted.",
    )
    lone = slack.say(MAYA, SUPPORT, "oops")
    slack.delete(MAYA, SUPPORT, lone)
    assert slack.settle()
    assert lone in [b["event"].get("deleted_ts") for b in seen.events]


def test_a_click_opens_a_modal_and_its_trigger_works_once(desk: Desk) -> None:
    """A click reaches its listener; the trigger opens one view and is refused the second time."""
    slack, seen, client = desk
    ts = post_card(client)
    seen.opens = 2
    assert slack.click(ANA, SUPPORT, ts, "open").acked
    assert seen.errors == ["exchanged_trigger_id"]
    [body] = seen.actions
    assert body["actions"][0]["value"] == "c1"
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": SUPPORT,
        "is_ephemeral": False,
    }
    assert [view["callback_id"] for view in slack.views(ANA)] == ["answer"]


def test_an_expired_trigger_is_refused(hasty_desk: Desk) -> None:
    """A trigger used after its life opens nothing."""
    slack, seen, client = hasty_desk
    seen.trigger_delay = 1.2
    slack.click(ANA, SUPPORT, post_card(client), "open")
    assert slack.wait_until(lambda: seen.errors), "the listener never tried"
    assert seen.errors == ["expired_trigger_id"]
    assert slack.views(ANA) == []


def test_only_drawn_buttons_can_be_clicked(desk: Desk) -> None:
    """Nobody clicks what is not on the screen; a lagging screen may still offer the former button."""
    slack, seen, client = desk
    ts = post_card(client)
    with pytest.raises(NotPossible, match="no such button"):
        slack.click(ANA, SUPPORT, ts, "approve")
    client.chat_update(channel=SUPPORT, ts=ts, text="done")
    with pytest.raises(NotPossible, match="no such button"):
        slack.click(ANA, SUPPORT, ts, "open")
    assert slack.click(ANA, SUPPORT, ts, "open", stale=True).acked
    assert "blocks" not in seen.actions[0]["message"], "text without blocks removes the blocks"


def test_a_late_ack_is_no_ack_and_clicks_are_not_repeated(hasty_desk: Desk) -> None:
    """A click acked too late fails for the person and is never redelivered."""
    slack, _, client = hasty_desk
    ts = post_card(client)
    delivery = slack.click(ANA, SUPPORT, ts, "slow")
    assert not delivery.acked
    assert delivery.problem in {"timeout", "http_timeout"}
    assert len(slack.journal.deliveries("interactive")) == 1


def test_an_outsider_clicks_with_the_other_team_id(desk: Desk) -> None:
    """A Slack Connect member's click says which team they belong to; they have no commands."""
    slack, seen, client = desk
    slack.click(OTTO, SUPPORT, post_card(client), "open")
    assert seen.actions[0]["team"]["id"] == TEAM
    assert seen.actions[0]["user"]["team_id"] == OTHER_TEAM
    slack.say(OTTO, SUPPORT, "delete my data")
    assert slack.settle()
    [event] = [b for b in seen.events if b["event"].get("user") == OTTO]
    assert event["is_ext_shared_channel"] is True
    assert event["event"]["user_team"] == OTHER_TEAM
    with pytest.raises(NotPossible, match="another workspace"):
        slack.command(OTTO, SUPPORT, "/deletion", "help")


def test_a_view_is_filled_in_refused_and_accepted(desk: Desk) -> None:
    """Required inputs are checked before sending; the app's errors are shown; an empty ack closes the view."""
    slack, seen, client = desk
    slack.click(ANA, SUPPORT, post_card(client), "open")
    [view] = slack.views(ANA)
    assert slack.submit(ANA, view["id"]).missing == ["words", "scope"]
    assert not seen.submissions, "Slack does not send what lacks a required input"
    seen.answer = {"response_action": "errors", "errors": {"words": "Which words?"}}
    filled = {"words": {"text": "yes, all"}, "scope": {"choice": "all"}}
    refused = slack.submit(ANA, view["id"], filled)
    assert (refused.outcome, refused.errors) == ("errors", {"words": "Which words?"})
    values = seen.submissions[0]["view"]["state"]["values"]
    assert values["words"]["text"] == {"type": "plain_text_input", "value": "yes, all"}
    assert values["scope"]["choice"]["selected_option"]["value"] == "all"
    seen.answer = {}
    assert slack.submit(ANA, view["id"]).outcome == "closed"
    assert slack.views(ANA) == []


def test_answers_to_a_submission_update_push_clear_or_fail(desk: Desk) -> None:
    """Every response_action does what Slack does; an invalid one fails for the person, not for the app."""
    slack, seen, client = desk
    slack.click(ANA, SUPPORT, post_card(client), "open")
    filled = {"words": {"text": "yes"}, "scope": {"choice": "all"}}
    top = slack.views(ANA)[-1]["id"]
    seen.answer = {"response_action": "update", "view": MODAL | {"private_metadata": "2"}}
    assert slack.submit(ANA, top, filled).outcome == "updated"
    for _ in range(2):
        seen.answer = {"response_action": "push", "view": MODAL}
        assert slack.submit(ANA, slack.views(ANA)[-1]["id"], filled).outcome == "pushed"
    over = slack.submit(ANA, slack.views(ANA)[-1]["id"], filled)
    assert over.outcome == "failed"
    assert "push_limit_reached" in str(over.problem)
    seen.answer = {"response_action": "errors", "errors": {"nowhere": "?"}}
    assert slack.submit(ANA, slack.views(ANA)[-1]["id"], filled).outcome == "failed"
    slack.close(ANA, slack.views(ANA)[-1]["id"])
    assert slack.wait_until(lambda: seen.closed), "notify_on_close was not honoured"
    seen.answer = {"response_action": "clear"}
    assert slack.submit(ANA, slack.views(ANA)[-1]["id"], filled).outcome == "cleared"
    assert slack.views(ANA) == []


def test_a_command_a_shortcut_and_an_ephemeral_answer(desk: Desk) -> None:
    """A command's ack text and a response_url answer are seen by one person, until that person reloads."""
    slack, seen, client = desk
    assert slack.command(ANA, SUPPORT, "/deletion").acked
    assert slack.visible(ANA, SUPPORT)[-1]["text"] == "Nothing waits for you."
    assert slack.visible(MAYA, SUPPORT) == []
    ts = post_card(client)
    assert slack.click(ANA, SUPPORT, ts, "reply").acked
    assert slack.visible(ANA, SUPPORT)[-1]["text"] == "only you"
    slack.reload(ANA)
    assert [m["ts"] for m in slack.visible(ANA, SUPPORT)] == [ts]
    assert slack.message_shortcut(ANA, SUPPORT, ts, "open_case").acked
    assert seen.actions[-1]["message"]["ts"] == ts


def test_a_response_url_works_five_times(desk: Desk) -> None:
    """The sixth use of a response_url is refused."""
    slack, seen, client = desk
    slack.click(ANA, SUPPORT, post_card(client), "reply")
    hook = WebhookClient(seen.actions[0]["response_url"])
    assert hook.send(text="changed", replace_original=True).status_code == 200
    statuses = [hook.send(text="again").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 404], "the listener used it once, so the fifth here is the sixth"
    assert "blocks" not in slack.visible(MAYA, SUPPORT)[0]


def test_events_can_be_repeated_and_shuffled(desk: Desk) -> None:
    """A test can send an event again and change the order, as Slack sometimes does."""
    slack, seen, _ = desk
    slack.hold_events()
    for number in range(6):
        slack.say(MAYA, SUPPORT, f"message {number}")
    assert seen.events == []
    order = slack.release_events(shuffle=random.Random(7))  # noqa: S311 - a fixed order, not a secret
    assert slack.settle()
    assert order != sorted(order)
    assert slack.redeliver(order[0]).acked
    assert seen.retries[-1][0] == 1


def test_nobody_listening_means_the_event_is_lost() -> None:
    """Without a socket an event fails at once, is retried three times, and then is gone."""
    with SlackLookalike(settings=PATIENT) as slack:
        slack.say(MAYA, SUPPORT, "hello")
        assert slack.settle()
        problems = [d.problem for d in slack.journal.deliveries()]
        assert problems == ["no_active_connection"] * 4


def test_a_wrong_signature_never_reaches_the_listeners() -> None:
    """HTTP mode signs for real: an app with another secret answers 401 and the event fails."""
    seen = Seen()
    with SlackLookalike(settings=PATIENT) as slack:
        app = bolt_app(slack, seen)
        endpoint = _Endpoint(("127.0.0.1", 0), _Handler)
        endpoint.app = app
        thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        forged = replace(PATIENT, signing_secret="another")
        with SlackLookalike(settings=forged) as stranger:
            stranger.set_request_url(f"http://127.0.0.1:{endpoint.server_address[1]}/slack/events")
            stranger.say(MAYA, SUPPORT, "hello")
            assert stranger.settle()
            assert {d.problem for d in stranger.journal.deliveries()} == {"http_error"}
        assert seen.events == []
        endpoint.shutdown()
        thread.join()
        endpoint.server_close()
