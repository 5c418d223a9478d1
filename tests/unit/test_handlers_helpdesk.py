"""Posts by help-desk integrations: the customer's text, name and address come out of whatever shape they are in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.helpdesk import Sender
from handlers.messages import message_of
from handlers.words_of import words_and_sender

MAYA = Sender(name="Maya Okafor", address="maya@example.com")
WORDS = "Please delete all my data."


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


HELP_SCOUT = {
    "attachments": [
        {
            "fallback": "New conversation from Maya Okafor",
            "pretext": "New conversation from Maya Okafor",
            "title": "#4711 A question",
            "text": WORDS,
            "fields": [
                {"title": "Customer", "value": "Maya Okafor <mailto:maya@example.com|maya@example.com>"},
                {"title": "Assigned to", "value": "Ana Duarte"},
                {"title": "Status", "value": "Active"},
            ],
        }
    ]
}
ZENDESK = {
    "text": "New ticket created by Maya Okafor",
    "blocks": [
        section("*Ticket:* <https://fern.example/tickets/12|#12>"),
        {
            "type": "section",
            "fields": [
                {"type": "mrkdwn", "text": "*Requester:*\nMaya Okafor (maya@example.com)"},
                {"type": "mrkdwn", "text": "*Priority:*\nNormal"},
            ],
        },
        section(WORDS),
    ],
}
INTERCOM = {
    "blocks": [
        section("*Maya Okafor* started a conversation"),
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": WORDS}]}],
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "Email: maya@example.com"}]},
    ]
}
MAIL = {
    "user": "USLACKBOT",
    "subtype": "file_share",
    "files": [
        {
            "mode": "email",
            "subject": "A question",
            "from": [{"address": "maya@example.com", "name": "Maya Okafor"}],
            "plain_text": WORDS,
        }
    ],
}


def post_of(message: dict[str, Any]) -> Any:
    event = {"type": "message", "channel": "C1", "ts": "1700000000.000100", "user": "UBRIDGE", "bot_id": "B1"}
    return message_of({"type": "event_callback", "team_id": "T1", "event_id": "E1", "event": event | message})


@pytest.mark.parametrize(
    "shape", [HELP_SCOUT, ZENDESK, INTERCOM, MAIL], ids=["scout", "zendesk", "intercom", "mail"]
)
def test_text_name_and_address_are_taken_out_of_blocks_and_attachments(shape: dict[str, Any]):
    """An agent need not search a ticket for who wrote it; the ticket's own labels are not the customer's words."""
    post = post_of(shape)
    assert post is not None
    assert (post.sender_name, post.sender_address) == (MAYA.name, MAYA.address)
    assert WORDS in post.text
    assert not [word for word in ("Ana Duarte", "Priority", "Status", "Requester") if word in post.text]
    assert post.user == "", (
        "the integration's account is nobody's: no click of it counts, no message of it is theirs"
    )


def test_a_persons_message_is_left_as_it_is():
    """Who writes "From: …" in Slack names nobody: only integrations speak for others."""
    text, sender = words_and_sender({"text": "From: me\nplease delete my data"}, is_integration=False)
    assert text == "From: me\nplease delete my data"
    assert sender == Sender()


def test_two_addresses_behind_one_label_name_nobody():
    """A guess between two people would put one person's request into the other's case."""
    post = post_of({"text": f"Requester: a@example.com, b@example.com\n{WORDS}"})
    assert post.sender_address == ""


@given(words=st.text(min_size=1).filter(str.strip))
def test_no_words_are_lost(words: str):
    """Whatever the text, a post by an integration that had something to read still has."""
    text, _ = words_and_sender({"bot_id": "B1", "text": words}, is_integration=True)
    plain, _ = words_and_sender({"text": words}, is_integration=False)
    assert bool(text.strip()) == bool(plain.strip())
