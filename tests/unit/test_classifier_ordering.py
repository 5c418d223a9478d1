"""Who plainly tells others to delete what is theirs asks for it, whatever else stands in the message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.rules import RulesClassifier
from services.domain.scope import Intent

# Each of these alone silences what follows: an instruction, a firm's words, a page quoted, a role, a condition …
BEFORE = (
    "Click here, click there and nothing works",
    "Your website says that you can request it here",
    "I read that it takes up to 30 days",
    "As a user of ten years I am disappointed",
    "I understand that this cannot be undone",
    "You should add a button for this",
    "The policy says that data is kept for two years",
    "I have asked how to do it three times",
    "If you had any decency you would answer",
    "We had a baby and have no time for this any more",
    "Your account manager never calls back",
)
ORDERS = (
    "so delete my account.",
    "so please close my account.",
    "just remove my data.",
    "but erase all my data now.",
    "therefore delete my profile!",
)


@given(before=st.lists(st.sampled_from(BEFORE), min_size=1, max_size=4), order=st.sampled_from(ORDERS))
def test_nothing_said_before_hides_a_plain_order(before: list[str], order: str) -> None:
    """Never: a customer who writes "…, so delete my account" is passed over for what they wrote before it."""
    text = ". ".join(before) + ", " + order
    assert RulesClassifier().read(text).intent is not Intent.NONE, text


@pytest.mark.parametrize(
    "text",
    [
        "Why is my account still not deleted?",
        "When will you finally delete my account?",
        "How many times do I have to ask for my account to be closed?",
        "My account still hasn't been deleted.",
    ],
)
def test_who_asks_why_it_is_not_done_yet_asks_for_it(text: str) -> None:
    """An unanswered request that is asked after is still a request."""
    assert RulesClassifier().read(text).intent is not Intent.NONE


@pytest.mark.parametrize(
    "text",
    [
        "My mother passed away in March. Please delete her profile.",
        "My son is only 9 and made an account on your site. I want his profile gone.",
        "My dad died last month. Please deactivate his account and send me confirmation.",
    ],
)
def test_a_request_for_somebody_close_is_one(text: str) -> None:
    """A parent, an heir or a guardian asks for another person; who may do so is the agent's question, not the reader's."""
    assert RulesClassifier().read(text).intent is not Intent.NONE


@pytest.mark.parametrize(
    "text",
    [
        "Yes, delete my account\nNo, keep my account",
        "fix: delete my account button stays grey",
        "If the refund is not here by Friday, I will close my account.",
        "I still haven't deleted your app, how do I do it?",
        "Please do not delete my account, I will log in next week.",
        "As a player,\nwhen I stop playing,\nI can delete my account from the menu.",
        "So you closed my account without telling me?",
    ],
)
def test_buttons_threats_and_refusals_are_no_orders(text: str) -> None:
    """What stands on a button, what the writer would do themselves and what they refuse asks for nothing."""
    assert RulesClassifier().read(text).intent is Intent.NONE
