"""What is read from Slack's message events, and that no payload however odd breaks the reading."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import message_of
from handlers.reading import addresses_in, link_in, number_in
from handlers.words_of import text_of
from services.domain.record import CaseFile

TS = "1700000000.000100"


def body(**event: Any) -> dict[str, Any]:
    known = {"type": "message", "channel": "C1", "ts": TS, "user": "UMAYA", "text": "delete my data"}
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": known | event}


def rich(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": list(elements)}]


def said(text: str, kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": kind, "elements": [{"type": "text", "text": text}]}


def test_a_plain_message_is_read_whole():
    """The legal clock starts at the time of the message itself, in UTC."""
    post = message_of(body(thread_ts="1699999999.000100", team="T2"))
    assert post is not None
    assert (post.event_id, post.team, post.channel, post.ts) == ("Ev1", "T1", "C1", TS)
    assert (post.thread_ts, post.user, post.user_team, post.kind) == (
        "1699999999.000100",
        "UMAYA",
        "T2",
        "message",
    )
    assert post.written_at == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
    assert post.text == "delete my data"


@pytest.mark.parametrize("subtype", ["bot_message", "thread_broadcast", "file_share", None])
def test_subtypes_that_carry_a_customers_words_are_read(subtype: str | None):
    """Help-desk integrations post as bots; a file may come with the request."""
    assert message_of(body(subtype=subtype)) is not None


@pytest.mark.parametrize("subtype", ["channel_join", "message_deleted", "channel_topic", 7, ["x"]])
def test_other_subtypes_are_no_messages(subtype: Any):
    """Joining a channel is not a request."""
    assert message_of(body(subtype=subtype)) is None


def test_an_edit_can_turn_a_message_into_a_request():
    """The new text is read under the message's own ts."""
    changed = body(
        subtype="message_changed",
        ts="1700000009.000100",
        message={"ts": TS, "user": "UMAYA", "text": "delete my account"},
        previous_message={"ts": TS, "text": "hello"},
    )
    post = message_of(changed)
    assert post is not None
    assert (post.kind, post.ts, post.text) == ("edit", TS, "delete my account")
    same = body(
        subtype="message_changed", message={"ts": TS, "text": "hi"}, previous_message={"ts": TS, "text": "hi"}
    )
    assert message_of(same) is None, "Slack adding a preview is not an edit"


def test_quoted_words_are_not_the_customers_words():
    """Somebody who quotes a request does not make one."""
    blocks = rich(said("delete everything", "rich_text_quote"), said("is this how to answer?"))
    assert text_of({"text": "&gt; delete everything\nis this how to answer?", "blocks": blocks}) == (
        "is this how to answer?"
    )


def test_words_that_live_only_in_blocks_or_attachments_are_read():
    """A help-desk integration puts the customer's text anywhere but in `text`."""
    assert text_of({"blocks": rich(said("delete my data"))}) == "delete my data"
    assert text_of({"text": "New ticket", "attachments": [{"text": "delete my data", "fallback": "x"}]}) == (
        "New ticket\ndelete my data"
    )
    section = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "please &lt;b&gt; <mailto:m@e.com|m@e.com>"},
    }
    assert text_of({"text": "", "blocks": [section]}) == "please <b> m@e.com"


def test_the_same_words_in_text_and_blocks_are_read_once():
    """Doubling a text would double its weight for the reader."""
    assert text_of(
        {"text": "delete my data", "blocks": [{"type": "section", "text": {"text": "delete my data"}}]}
    ) == ("delete my data")


def test_a_mention_is_told_from_a_message_and_the_bots_posts_are_marked():
    """The middleware can tell the bot's own posts by bot and app id."""
    post = message_of(body(type="app_mention", text="<@UBOT> help", bot_id="B1", app_id="A1"))
    assert post is not None
    assert (post.kind, post.text, post.bot_id, post.app_id) == ("mention", "<@UBOT> help", "B1", "A1")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.sampled_from([TS, "text", "rich_text"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "blocks", "message", "ts", "channel", "attachments", "fields"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(event=JSON, message=JSON, blocks=JSON)
def test_no_payload_breaks_the_reading(event: Any, message: Any, blocks: Any):
    """A payload that makes the middleware raise would be redelivered three times and lost."""
    message_of(event)
    message_of({"event": event})
    message_of(body(blocks=blocks, attachments=message))
    message_of(body(subtype="message_changed", message=message, previous_message=event))
    message_of(body(ts=event, text=message, user=blocks))


def test_forty_thousand_characters_are_read_whole():
    """Nothing of a long message is lost before it was read."""
    post = message_of(body(text="a" * 40_000))
    assert post is not None
    assert len(post.text) == 40_000


def test_an_address_that_the_agent_adds_needs_a_proof_of_its_own():
    """Otherwise anybody's data could be erased under a confirmed case (design rule 2)."""
    file = CaseFile(text="delete my data, maya@example.com")
    written = addresses_in("Maya@Example.com", control="replied", file=file)
    assert not isinstance(written, str)
    assert [(one.value, one.proof, one.source) for one in written] == [
        ("maya@example.com", "replied", "written by the customer")
    ]
    assert addresses_in("other@example.com", control="replied", file=file) == (
        "Line 1: the customer did not write this address. Add behind it how control of it was shown,"
        " e.g. “name@example.com signed in”."
    )
    added = addresses_in("maya@example.com\nother@example.com (signed in)", control="replied", file=file)
    assert not isinstance(added, str)
    assert [one.proof for one in added] == ["replied", "signed in"]


@pytest.mark.parametrize("text", ["no address", "a@b.co c@d.co", "a@b.co\nno address"])
def test_lines_without_exactly_one_address_are_named(text: str):
    """The agent is told which line to mend."""
    assert isinstance(addresses_in(text, control="x", file=CaseFile(text="a@b.co")), str)


def test_links_and_numbers_as_people_paste_them():
    """`open` takes a copied link, `case` any way of writing the number."""
    link = "<https://fern.slack.com/archives/C0SUPPORT/p1700000000000100?thread_ts=1699999999.000100&cid=C0SUPPORT>"
    assert link_in(link) == ("C0SUPPORT", TS, "1699999999.000100")
    assert link_in("https://fern.slack.com/archives/C0SUPPORT/p1700000000000100") == ("C0SUPPORT", TS, "")
    assert link_in("https://example.com/p17") is None
    assert [number_in(one) for one in ("DD-1042", "dd1042", " 1042", "x")] == [1042, 1042, 1042, None]
