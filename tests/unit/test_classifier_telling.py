"""Who tells of software, of people at large or of what is over asks for nothing; what is their own they still ask for."""

import pytest

from services.classifier.rules import RulesClassifier
from services.classifier.sentence import sentences
from services.domain.scope import Intent

CLOSE, AMBIGUOUS, ERASE, NONE = Intent.CLOSE_ACCOUNT, Intent.AMBIGUOUS, Intent.ERASE_DATA, Intent.NONE


def label(text: str) -> Intent:
    return RulesClassifier().read(text).intent


@pytest.mark.parametrize(
    "text",
    [
        "Skippers should be able to remove their profiles, that is what users expect.",
        "As a skipper I want to delete my account so that my berth is free again.",
        "Please add account deletion to the harbour app.",
        "The account deletion form should ask twice.",
        "I asked for account deletion in spring, and it was completed in May.",
        "Delete all my data?\n\nEvery trip on this phone is erased.",
        "Would a new plotter erase my data?",
        "We've received an erasure request and passed it on.",
        "I own a fleet on my account and need to delete the server that I rented for it.",
    ],
)
def test_what_is_told_is_no_request(text: str) -> None:
    """Features, user stories, what was carried out, dialogs, notes of agents, and other things open no case."""
    assert label(text) is NONE


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Users should be able to do this alone. Please delete my account.", CLOSE),
        ("There is no account deletion button, so please delete my account.", CLOSE),
        ("As a skipper I am often away, so please delete my account.", CLOSE),
        ("I asked for account deletion in spring, and nothing has happened.", CLOSE),
        ("Yes, delete all my data, I know that this cannot be undone.", ERASE),
        ("Will somebody delete my account?", CLOSE),
        ("Your harbour master promised to delete my account, your account desk did not.", CLOSE),
        ("You may close my account now.", CLOSE),
        ("May I request the deletion of my account?", CLOSE),
        ("One of our customers asks us to close her account.", CLOSE),
        ("I want to delete the boat's server and my account as well.", CLOSE),
        ("I want my data removed from that list.", AMBIGUOUS),
        ("My address is on your page. Remove it.", AMBIGUOUS),
    ],
)
def test_what_is_the_writers_own_is_asked_for_beside_it(text: str, intent: Intent) -> None:
    """A word about users, buttons or the past hides no wish for one's own account or data."""
    assert label(text) is intent


def test_a_wrapped_line_ends_no_sentence() -> None:
    """A line as long as mail programs make them goes on in the next; a short one, or one with a mark, does not."""
    wrapped = "as we have sold the boat and moved to the mountains, i would like to see\nmy account closed"
    assert [one for _, one in sentences(wrapped)] == [wrapped]
    assert len(list(sentences("hello\nplease close my account"))) == 2
    assert len(list(sentences(wrapped.replace("see", "see it closed.")))) == 2


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("How do I delete my account?", NONE),
        ("How do I delete my account? I no longer sail.", NONE),
        ("How do I delete my account? I don't need it any more.", CLOSE),
        ("Is it possible to close my account? I no longer use it.", CLOSE),
        ("Could you tell me how to delete my account, or do it for me?", CLOSE),
        ("How do I delete the old berth? I don't need it any more.", NONE),
    ],
)
def test_who_leaves_and_asks_for_the_way_wants_the_deed(text: str, intent: Intent) -> None:
    """A question how one's account is deleted is a request where the writer says that they are done with it."""
    assert label(text) is intent


@pytest.mark.parametrize(
    "text",
    [
        "As a skipper\nI want to delete my account\nSo that my berth is free",
        "If a berth is empty, we delete the account.",
    ],
)
def test_a_story_over_several_lines_and_what_a_firm_does_are_told(text: str) -> None:
    """The role of a user story may stand on a line of its own; "we delete …" tells what a firm does."""
    assert label(text) is NONE


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("My berth account is of no use to me, please delete it.", CLOSE),
        ("My real name is in your public log, could it be removed?", AMBIGUOUS),
        ("Account name: skipper7. Please delete.", CLOSE),
        ("There is a charge on my account, please cancel it.", NONE),
        ("My account works again, you can close this ticket.", NONE),
        ("You can close this ticket, I found my account.", NONE),
    ],
)
def test_a_pronoun_means_what_is_the_writers_and_was_named_last(text: str, intent: Intent) -> None:
    """ "It" is the account or the address just mentioned, unless another thing was."""
    assert label(text) is intent
