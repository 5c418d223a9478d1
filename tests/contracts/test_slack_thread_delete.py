"""Deleting the customer's messages in Slack: an admin's token deletes theirs and nobody else's, a bot's token cannot."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from slack_sdk import WebClient

from bot.playground.slack import SlackLookalike
from bot.playground.slack.sample import ANA, BOT, MAYA, SUPPORT
from bot.playground.slack.settings import LookalikeSettings
from bot.slack_thread import SlackThread
from services.ports import SystemUnavailableError


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def slack() -> Iterator[SlackLookalike]:
    with SlackLookalike(settings=LookalikeSettings(time_scale=0.0001)) as running:
        yield running


@pytest.fixture
def thread(slack: SlackLookalike) -> SlackThread:
    client = WebClient(token=slack.bot_token, base_url=slack.base_url)
    return SlackThread(client, bot_user_id=BOT, clock=Clock())


def test_an_admin_deletes_the_customers_messages_and_no_others(
    slack: SlackLookalike, thread: SlackThread
) -> None:
    """Head and replies of the customer's are gone by a read of the thread; the agent's stay; a second call is no error."""
    head = slack.say(MAYA, SUPPORT, "please delete my data")
    slack.say(ANA, SUPPORT, "which of the two?", thread_ts=head)
    slack.say(MAYA, SUPPORT, "all of it", thread_ts=head)
    where = {"channel": SUPPORT, "thread_ts": head, "author": MAYA}
    assert thread.messages_left(**where) == 2
    admin = thread.as_admin(slack.settings.admin_token)
    admin.delete_messages(**where)
    assert thread.messages_left(**where) == 0
    assert thread.messages_left(channel=SUPPORT, thread_ts=head, author=ANA) == 1
    admin.delete_messages(**where)


@pytest.mark.parametrize("token", ["", "bot", "xoxp-nobody"])
def test_what_slack_refuses_is_said_and_deletes_nothing(
    slack: SlackLookalike, thread: SlackThread, token: str
) -> None:
    """No token, a bot's token or a wrong one: a reason without anybody's words, and the messages stay."""
    head = slack.say(MAYA, SUPPORT, "please delete my data")
    one = thread.as_admin(slack.bot_token if token == "bot" else token) if token else thread
    with pytest.raises(SystemUnavailableError) as refused:
        one.delete_messages(channel=SUPPORT, thread_ts=head, author=MAYA)
    assert "delete my data" not in refused.value.reason
    assert refused.value.retry_at is None, "a missing right does not come back by waiting"
    assert thread.messages_left(channel=SUPPORT, thread_ts=head, author=MAYA) == 1
