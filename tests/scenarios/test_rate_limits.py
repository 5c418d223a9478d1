"""429 from Slack, honoured wherever the desk calls: nothing is lost, nothing is posted twice, people are told."""

from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.play.stage import Stage
from bot.playground.play.steps import Customer, asked
from bot.playground.play.transcript import Transcript
from bot.playground.slack import SlackLookalike
from bot.playground.slack.sample import SUPPORT
from bot.playground.world import World
from bot.slack import posting_client, web_client
from bot.slack_thread import retry_after


def test_the_lookalike_refuses_what_comes_too_fast() -> None:
    """More than a message a second in one channel is answered with 429 and Retry-After, and is not posted."""
    with SlackLookalike() as slack:
        client = posting_client(token=slack.bot_token, api_url=slack.base_url)

        def chatter() -> None:
            for number in range(5):
                client.chat_postMessage(channel=SUPPORT, text=f"message {number}")

        with pytest.raises(SlackApiError) as refused:
            chatter()
        assert refused.value.response["error"] == "ratelimited"
        assert retry_after(refused.value).total_seconds() >= 1
        posts = slack.journal.calls("chat.postMessage")
        assert len(slack.journal.writes("chat.postMessage")) == len(posts) - 1


def test_reading_waits_a_429_out_and_a_form_does_not() -> None:
    """A call in the background waits as long as Slack asks; views.open fails at once, while its click can be answered."""
    with SlackLookalike() as slack:
        client = web_client(token=slack.bot_token, api_url=slack.base_url)
        slack.rate_limit("conversations.info", retry_after=1)
        assert client.conversations_info(channel=SUPPORT)["ok"]
        slack.rate_limit("views.open", retry_after=1)
        with pytest.raises(SlackApiError) as refused:
            client.views_open(trigger_id="T", view={"type": "modal"})
        assert refused.value.response["error"] == "ratelimited"


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield Stage(world, Transcript(title="429"))


def test_a_case_goes_its_way_through_429s(stage: Stage) -> None:
    """Slack refuses the card, its updates and a form for a while: one card in the end, and the clicker is told why."""
    slack = stage.world.slack
    slack.rate_limit("chat.postMessage", retry_after=1, times=2)
    maya = Customer(address=stage.maya.address, name="Maya Okafor", person=stage.maya)
    thread = stage.maya.says("Please delete my data")
    thread.until("Deletion request?")
    slack.rate_limit("views.open", retry_after=20)
    stage.ana.clicks("Ask the customer", thread)
    assert slack.wait_until(
        lambda: any("slow down" in said for said in stage.ana.told_privately(thread)), timeout=20
    ), stage.ana.told_privately(thread)
    slack.rate_limit("chat.update", retry_after=2, times=2)
    asked(stage.ana, maya, thread)
    posts = [one for one in slack.journal.writes("chat.postMessage") if one.args["channel"] == SUPPORT]
    cards = [one for one in posts if "DD-1001" in str(one.args)]
    assert len(cards) == 1
    assert slack.settle()
    assert [one.problem for one in slack.journal.deliveries() if one.problem] == []
