"""The Web API of the look-alike as the real SDK sees it: answers, refusals, paging, and people over HTTP."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.slack import LookalikeSettings, SlackLookalike
from bot.playground.slack.sample import (
    ANA,
    BOT,
    BOT_ID,
    GENERAL,
    LEA,
    MAYA,
    OLGA,
    PRIVACY_LEADS,
    SUPPORT,
    TEAM,
    TOM,
)

MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackLookalike]:
    """One look-alike for the module, with nobody listening for events."""
    with SlackLookalike(settings=LookalikeSettings(time_scale=0.0001, rate_limits=False)) as running:
        yield running


@pytest.fixture(scope="module")
def client(slack: SlackLookalike) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.base_url)


def refusal(call: Any, **args: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**args)
    return str(refused.value.response["error"])


def test_auth_test_says_who_the_bot_is(client: WebClient) -> None:
    """Bolt finds team, user and bot id."""
    found = client.auth_test()
    assert (found["team_id"], found["user_id"], found["bot_id"]) == (TEAM, BOT, BOT_ID)


def test_tokens_and_scopes_are_checked(slack: SlackLookalike, client: WebClient) -> None:
    """Wrong tokens, wrong kinds of token, unknown methods and missing scopes are refused."""
    stranger = WebClient(token="xoxb-other", base_url=slack.base_url)
    assert refusal(stranger.auth_test) == "invalid_auth"
    assert refusal(client.apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
    assert refusal(client.api_call, api_method="chat.shout") == "unknown_method"
    with SlackLookalike(settings=LookalikeSettings(scopes=frozenset({"users:read"}))) as poor:
        limited = WebClient(token=poor.bot_token, base_url=poor.base_url)
        assert refusal(limited.chat_postMessage, channel=SUPPORT, text="x") == "missing_scope"


def test_arguments_come_as_json_form_or_query(slack: SlackLookalike) -> None:
    """The same call works in all three ways; a refusal is HTTP 200."""
    headers = {"authorization": f"Bearer {slack.bot_token}"}
    url = f"{slack.base_url}users.info"
    for answer in (
        httpx.post(url, headers=headers, json={"user": MAYA}),
        httpx.post(url, headers=headers, data={"user": MAYA}),
        httpx.get(url, headers=headers, params={"user": MAYA}),
    ):
        assert answer.json()["user"]["real_name"] == "Maya Okafor"
    wrong = httpx.post(url, headers=headers, json={"user": "U_NOBODY"})
    assert (wrong.status_code, wrong.json()) == (200, {"ok": False, "error": "user_not_found"})


def test_channels_and_messages_that_are_not_the_bots(slack: SlackLookalike, client: WebClient) -> None:
    """The bot cannot post where it is not, nor change or delete what others wrote."""
    theirs = slack.say(MAYA, SUPPORT, "hello")
    assert refusal(client.chat_postMessage, channel="C_NONE", text="x") == "channel_not_found"
    assert refusal(client.chat_postMessage, channel=GENERAL, text="x") == "not_in_channel"
    assert refusal(client.api_call, api_method="chat.postMessage", json={"channel": SUPPORT}) == "no_text"
    assert refusal(client.chat_update, channel=SUPPORT, ts=theirs, text="x") == "cant_update_message"
    assert refusal(client.chat_delete, channel=SUPPORT, ts=theirs) == "cant_delete_message"
    assert refusal(client.chat_update, channel=SUPPORT, ts="1.0", text="x") == "message_not_found"
    assert refusal(client.conversations_replies, channel=SUPPORT, ts="1.0") == "thread_not_found"
    reply = slack.say(ANA, SUPPORT, "in a thread", thread_ts=theirs)
    assert refusal(client.chat_postMessage, channel=SUPPORT, text="x", thread_ts=reply) == "invalid_thread_ts"


def test_invalid_blocks_and_views_carry_slacks_reasons(client: WebClient) -> None:
    """The refusal names the limit and the place, in both shapes Slack uses."""
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(
            channel=SUPPORT,
            text="x",
            blocks=[{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        )
    said = "must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert refused.value.response["errors"] == [said]
    assert refused.value.response["response_metadata"]["messages"] == [f"[ERROR] {said}"]
    assert refusal(client.chat_postMessage, channel=SUPPORT, text="x", blocks="[{") == "invalid_blocks_format"
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5
    assert refusal(client.chat_postMessage, channel=SUPPORT, text="x", blocks=long) == "msg_blocks_too_long"
    assert (
        refusal(client.chat_postMessage, channel=SUPPORT, text="x", metadata={"event_type": "x"})
        == "invalid_metadata_format"
    )


def test_metadata_is_read_back_through_replies(slack: SlackLookalike, client: WebClient) -> None:
    """Metadata of a post is there again, but only when it is asked for."""
    root = slack.say(MAYA, SUPPORT, "hello")
    metadata = {"event_type": "case_card", "event_payload": {"case": "abc"}}
    for number in range(3):
        client.chat_postMessage(channel=SUPPORT, text=f"card {number}", thread_ts=root, metadata=metadata)
    found = client.conversations_replies(channel=SUPPORT, ts=root, include_all_metadata=True)["messages"]
    assert [m.get("metadata") for m in found] == [None, metadata, metadata, metadata]
    assert found[0]["reply_count"] == 3
    assert found[1]["bot_id"] == BOT_ID
    assert "metadata" not in client.conversations_replies(channel=SUPPORT, ts=root)["messages"][1]
    pages = client.conversations_replies(channel=SUPPORT, ts=root, limit=2)
    texts = [[m["text"] for m in page["messages"]] for page in pages]
    assert texts == [["hello", "card 0", "card 1"], ["hello", "card 2"]]


def test_view_updates_are_guarded(slack: SlackLookalike, client: WebClient) -> None:
    """A stale hash, an unknown view and a made-up trigger are refused; the right hash is taken."""
    trigger = slack.context.payloads.trigger(ANA)
    view = client.views_open(trigger_id=trigger, view=MODAL)["view"]
    updated = client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)["view"]
    assert updated["hash"] != view["hash"]
    assert refusal(client.views_update, view_id=view["id"], hash=view["hash"], view=MODAL) == "hash_conflict"
    assert refusal(client.views_update, view_id="V0", view=MODAL) == "not_found"
    assert refusal(client.views_open, trigger_id="1.2.x", view=MODAL) == "invalid_trigger_id"
    for _ in range(2):
        client.views_push(trigger_id=slack.context.payloads.trigger(ANA, view["id"]), view=MODAL)
    fourth = slack.context.payloads.trigger(ANA, view["id"])
    assert refusal(client.views_push, trigger_id=fourth, view=MODAL) == "push_limit_reached"
    client.views_publish(user_id=ANA, view={"type": "home", "blocks": []})
    home = slack.home(ANA)
    assert home is not None
    assert home["type"] == "home"


def test_people_groups_and_direct_messages(slack: SlackLookalike, client: WebClient) -> None:
    """Groups, members, DMs and ephemerals answer as Slack does."""
    assert client.usergroups_users_list(usergroup=PRIVACY_LEADS)["users"] == [LEA, TOM]
    assert MAYA in client.conversations_members(channel=SUPPORT)["members"]
    direct = client.conversations_open(users=LEA)["channel"]["id"]
    assert client.chat_postMessage(channel=LEA, text="hello")["channel"] == direct
    assert refusal(client.chat_postEphemeral, channel=direct, user=MAYA, text="x") == "user_not_in_channel"
    hidden = client.chat_postEphemeral(channel=SUPPORT, user=OLGA, text="only Olga")["message_ts"]
    assert refusal(client.chat_update, channel=SUPPORT, ts=hidden, text="x") == "message_not_found"
    assert slack.visible(OLGA, SUPPORT)[-1]["is_ephemeral"]


def test_the_same_people_over_http(slack: SlackLookalike) -> None:
    """A page can say, see, wait for changes and read the whole state; nonsense gets an answer."""

    def people(action: str, **body: Any) -> httpx.Response:
        return httpx.post(f"{slack.origin}/people/{action}", json=body)

    before = httpx.get(f"{slack.origin}/people/state").json()["seq"]
    woken = threading.Event()

    def wait() -> None:
        httpx.get(f"{slack.origin}/people/changes", params={"since": before}, timeout=20)
        woken.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    ts = people("say", user=MAYA, channel=SUPPORT, text="hello").json()["result"]
    assert woken.wait(5), "the long poll did not wake"
    waiter.join()
    seen = httpx.get(f"{slack.origin}/people/visible", params={"user": ANA, "channel": SUPPORT}).json()
    assert ts in [m["ts"] for m in seen["result"]]
    assert people("click", user=ANA, channel=SUPPORT, message_ts=ts, action_id="x").status_code == 409
    assert people("say", nobody=1).status_code == 400
    assert people("dance").status_code == 404
    form = httpx.post(f"{slack.origin}/people/say", content="{}", headers={"content-type": "text/plain"})
    assert form.status_code == 404, "other sites must not get past without a preflight"
    assert httpx.get(f"{slack.origin}/people/state", headers={"host": "evil.example"}).status_code == 400
