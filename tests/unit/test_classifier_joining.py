"""A line break inside a sentence hides no request and no refusal; lines of their own stay apart."""

import pytest

from services.classifier.joining import joined
from services.classifier.normalise import fold
from services.classifier.rules import RulesClassifier
from services.domain.scope import Intent

BROKEN = [
    "Good morning, I would like you to close my\naccount. Kind regards, Ana",
    "Could you please erase my\r\npersonal data?",
    "Hey,\nplease\nremove\nmy account\ncheers",
    "Ich möchte, dass Sie meine\nDaten löschen.",
    "Hallo, löschen Sie bitte meine\npersönlichen Daten.",
    "Merci de supprimer\nmon compte.",
    "hey how are you\ndelete my account",
]
APART = [
    "Please do not\ndelete my account",
    "See what our\nbilling page says about\nmy account.\nIt helps.",
    "> please delete\n> my account\nWhat did she mean by that?",
    "* my orders\n* my profile\nWhere do I delete\nan old address?",
    "We closed\nthe ticket about\nmy account.",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_line_hides_no_request(text: str) -> None:
    """What a sentence asks for is found wherever its lines break."""
    assert RulesClassifier().read(text).intent is not Intent.NONE


@pytest.mark.parametrize("text", APART)
def test_lines_make_no_request_together_that_is_none(text: str) -> None:
    """A refusal, a menu and a quotation ask for nothing, be their lines joined or not."""
    assert RulesClassifier().read(text).intent is Intent.NONE


def test_places_stay() -> None:
    """Joining changes no place: the evidence is cut from the text as it was written."""
    text = "\uff30lease delete my\r\naccount."
    reading = RulesClassifier().read(text)
    assert text[reading.start : reading.end] == "delete my\r\naccount"


@pytest.mark.parametrize(
    "text", ["Log in\nDelete account", "delete.\nmy account", "my:\naccount", "a\n\nb", "of\n- my account"]
)
def test_what_is_not_joined(text: str) -> None:
    """A capital, a mark, a blank line or a list item begins anew."""
    folded = fold(text)
    assert joined(text, folded, folded.text) == folded.text


@pytest.mark.parametrize(
    ("refused", "asked"),
    [
        ("I don't want my account deleted.", "I don't want my account."),
        ("I can't log in, but I do not want my account closed.", "I can't log in, I want my account closed."),
        ("I didn't say erase my data.", "I didn't say it clearly: erase my data."),
        ("Can a shop close my account without warning?", "Can you close my account without a call?"),
    ],
)
def test_a_refusal_reaches_over_the_object(refused: str, asked: str) -> None:
    """What somebody does not want done, or asks a firm's right to, is none; the same words without it are a request."""
    reader = RulesClassifier()
    assert reader.read(refused).intent is Intent.NONE
    assert reader.read(asked).intent is not Intent.NONE


@pytest.mark.parametrize(
    "text", ["Delete my adcount", "please deletr my account", "deleet my accont", "remvoe my acount"]
)
def test_a_slip_of_a_key_hides_nothing(text: str) -> None:
    """A long word with one letter hit beside its key, left out, doubled or swapped is that word."""
    assert RulesClassifier().read(text).intent is Intent.CLOSE_ACCOUNT
