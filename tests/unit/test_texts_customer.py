"""The texts for the customer: they say what was verified and nothing more, plainly."""

import re
from datetime import date
from typing import Any

import pytest
from jinja2 import UndefinedError

from services.customer.texts import TemplateTexts
from services.ports import Texts

KEPT = [{"label": "Shop", "table": "invoices", "count": 6, "ground": "tax law", "until": "2034"}]
DUE = date(2026, 12, 21)
ASK: dict[str, Any] = {
    "company": "Lumen", "answer_due": DUE, "until": date(2026, 12, 7), "services": ["ActiveCampaign"]
}  # fmt: skip
CLOSING: dict[str, Any] = {
    "company": "Lumen",
    "removed": [{"label": "Shop", "count": 14}, {"label": "ActiveCampaign", "count": 1}],
    "kept": [],
    "backups": "overwritten by 1 March.",
}
OPEN = [
    {"label": "Help desk", "said": "deleted by hand", "due": None},
    {"label": "Mixpanel", "said": "", "due": date(2026, 12, 30)},
]
FACTS: dict[str, dict[str, Any]] = {
    "greeting": {"company": "Lumen"},
    "ask_intro": {"company": "Lumen"},
    "ask_choices": ASK,
    "ask": ASK,
    "remind": ASK,
    "closing_all": CLOSING,
    "closing_partial": CLOSING | {"kept": KEPT, "open": OPEN, "activecampaign": "removed"},
    "closing_account": CLOSING | {"kept": KEPT, "removed_account": False},
    "interim": CLOSING | {"open": OPEN, "answer_due": DUE},
    "refused": {"company": "Lumen", "ground": "an open dispute.", "complaint": "", "removed": []},
    "extended": {"company": "Lumen", "reason": "many systems", "new_due": DUE, "old_due": date(2026, 11, 21)},
    "nothing_found": {"company": "Lumen", "searched": ["Shop", "ActiveCampaign"]},
    "withdrawn": {"company": "Lumen"},
    "subject_ask": {"company": "Lumen"},
    "subject_tell": {"company": "Lumen"},
}
# These need no fact at all.
BARE = {"greeting"}


def render(name: str, **more: object) -> str:
    texts: Texts = TemplateTexts()
    return texts.render(name, "en", FACTS[name] | more)


def test_every_template_is_known_here() -> None:
    """No text for customers without a check."""
    assert set(TemplateTexts().names()) == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_is_plain(name: str) -> None:
    """No exclamation marks, no markup left over, no gaps; "fully" only where everything is gone."""
    text = render(name)
    assert "!" not in text
    assert not re.search(r"[{}%<>]|None|True|False", text)
    assert not re.search(r"\n{3}| \n", text)
    assert text.endswith("\n")
    assert ("fully" in text.casefold()) == (name == "closing_all")


@pytest.mark.parametrize("name", sorted(set(FACTS) - BARE))
def test_a_missing_fact_is_a_bug(name: str) -> None:
    """A text with a hole in it is never sent."""
    with pytest.raises(UndefinedError):
        TemplateTexts().render(name, "en", {})


def test_the_question_steers_nobody() -> None:
    """Three choices, the services named, silence deletes nothing, and the date by which the answer comes."""
    text = render("ask")
    for part in ("1. Erase everything", "2. Close the account only", "3. Neither", "such as ActiveCampaign"):
        assert part in text
    assert "If we do not hear from you, nothing is deleted." in text
    assert "21 December 2026" in text
    assert render("ask_choices").strip() in text


def test_everything_gone_says_so() -> None:
    """The sentence of the design, word for word."""
    assert "fully removed from our systems, including any ActiveCampaign contacts" in render("closing_all")


def test_everything_gone_is_never_said_with_something_kept() -> None:
    """Kept records and "fully removed" exclude one another."""
    with pytest.raises(ValueError, match="closing_partial"):
        render("closing_all", kept=KEPT)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("removed", "Your ActiveCampaign contacts have been removed"),
        ("none", "found no contact of yours"),
        ("open", "Your ActiveCampaign contacts have not been confirmed as removed yet"),
    ],
)
def test_the_partial_text_names_everything(state: str, sentence: str) -> None:
    """What is gone, what is kept, why and until when, what is open, and ActiveCampaign explicitly."""
    text = render("closing_partial", activecampaign=state)
    assert sentence in text
    for part in ("Shop: 14 records", "invoices: 6 records", "tax law", "2034", "deleted by hand"):
        assert part in text


def test_the_account_text_says_what_was_kept() -> None:
    """Closed, not erased; and how to ask for the rest."""
    text = render("closing_account")
    assert "has been closed. As you asked, we have not erased other data." in text
    assert "invoices: 6 records" in text
    assert "If you want everything erased" in text
    assert "has been removed" in render("closing_account", removed_account=True)


def test_the_refusal_names_ground_and_complaint() -> None:
    """GDPR Art. 12(4): the reason, and where to complain."""
    assert "an open dispute" in render("refused")
    assert "data protection authority" in render("refused")


@pytest.mark.parametrize("language", ["en", "en-GB", "xx", "", "../../etc", "shared"])
def test_unknown_languages_fall_back_to_english(language: str) -> None:
    """A language comes from a reading, perhaps a model's: it never reaches outside the folder."""
    assert TemplateTexts().render("withdrawn", language, {"company": "Lumen"}) == render("withdrawn")


@pytest.mark.parametrize("name", ["", "nope", "../en/ask", "_kept", "../en/words"])
def test_unknown_templates_are_a_bug(name: str) -> None:
    """The name is ours, not the customer's: an unknown one stops loudly."""
    with pytest.raises(KeyError):
        TemplateTexts().render(name, "en", {})


def test_says_that_the_conversation_goes_after_it() -> None:
    """Design rule 7: the channel of reply goes last, and the message says so."""
    after = [{"label": "Slack", "said": "this conversation is deleted after this message", "due": None}]
    assert "- Slack: this conversation is deleted after this message" in render("closing_partial", open=after)


def test_what_is_accepted_names_its_day() -> None:
    """A deletion that a processor has accepted is told with the day by which it is to be done."""
    for name in ("closing_partial", "interim"):
        assert "- Mixpanel: accepted, to be finished by 30 December 2026" in render(name)


def test_an_agents_greeting_takes_the_place_of_ours_and_of_nothing_else() -> None:
    """Only the greeting can be worded by an agent: every fact is still there."""
    for name in ("closing_all", "closing_partial", "closing_account", "interim", "refused"):
        ours, theirs = render(name).strip(), render(name, intro="Dear Maya,").strip()
        assert theirs == ours.replace("Hello,", "Dear Maya,", 1), f"{name} lost more than its greeting"


def test_the_question_says_where_to_answer() -> None:
    """By number, by the buttons below, or on the page; the link stands in a line of its own, with its last day."""
    assert "answer with 1, 2 or 3" in render("ask")
    assert "buttons below" in render("ask", buttons=True)
    linked = render("ask", link="https://privacy.example/c/abc")
    assert "\nhttps://privacy.example/c/abc\n" in linked
    assert "until 7 December 2026" in linked


def test_plain_text_is_not_escaped() -> None:
    """A company called "Smith & Sons" is called so."""
    assert "Smith & Sons" in render("withdrawn", company="Smith & Sons")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"removed": [{"label": "ActiveCampaign", "count": 2}]},
            "contacts have been removed, archived copies included",
        ),
        ({"removed": [], "nothing_found": ["ActiveCampaign"]}, "found no contact of yours there"),
        ({"removed": []}, "have not been confirmed as removed yet"),
        (
            {"removed": [{"label": "ActiveCampaign", "count": 2}], "open": ["ActiveCampaign"]},
            "not been confirmed",
        ),
        ({"removed": [], "scope": "account_only"}, "ActiveCampaign contacts have not been removed"),
    ],
)
def test_activecampaign_is_claimed_only_when_named(facts: dict[str, Any], sentence: str) -> None:
    """Left to the labels, the text claims nothing of ActiveCampaign that no outcome says."""
    plain = {"company": "Lumen", "kept": [], "backups": ""}
    listed = [{"label": one, "said": "", "due": None} for one in facts.get("open", [])]
    assert sentence in TemplateTexts().render("closing_partial", "en", plain | facts | {"open": listed})


def test_optional_facts_may_be_left_out() -> None:
    """The few facts that a verb always has are enough."""
    texts = TemplateTexts()
    closing = {"company": "Lumen", "removed": [], "backups": ""}
    few = {"company": "Lumen", "answer_due": DUE, "ground": "an open dispute"}
    assert "such as ActiveCampaign" in texts.render("ask", "en", few)
    assert "an open dispute." in texts.render("refused", "en", few)
    for name in ("closing_all", "closing_partial", "closing_account"):
        assert texts.render(name, "en", closing)


def test_a_system_kept_as_a_whole_is_named_without_a_count() -> None:
    """No "0 records" for a conversation that is kept with a ground."""
    whole = [{"label": "Slack", "table": "Slack", "count": 0, "ground": "legal claims", "until": "2029"}]
    text = render("closing_partial", kept=whole)
    assert "- Slack. Reason: legal claims. Until: 2029." in text
