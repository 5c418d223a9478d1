"""The interface's language: every text is in one catalogue, a translation is one file, and no English is left outside."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.interface import translation
from docs.generate_interface import PAGE, page, texts
from handlers.language import choose, t
from handlers.views.home import home_view, strangers_home
from services.marked_yaml import SystemsFileError
from tests.unit.test_views_samples import a_file, all_homes, all_messages, all_views

# What a drawn text may hold besides the interface's own words: the samples' data, ids, laws, signs.
DATA = re.compile(
    r"DD-\d+|R-1042-\w+|GDPR|CCPA|LGPD|PIPEDA|Quebec Law 25|US state law|<[^>]*>|`[^`]*`|\d\d:\d\d UTC|Account|ActiveCampaign|Shop database|m•••@example\.com[^·]*"
    r"|rules \+ model|(account|activecampaign|shop) rows|invoices|tax law|running subscription|shared address|same e-mail"
    r"|the API key is not an admin's|no archive endpoint|does not answer"
)
# The samples' own sentences, languages by their own names, and the buttons that speak to the customer in the customer's language.
SAMPLES = {"Not done", "Plan", "Too late.", "*Open* · 30", "• Shop: A text.", "English", "Deutsch"}
TO_CUSTOMERS = {"1. Everything", "3. Neither", "Everything", "Neither", "Sure?", "Yes"}


@pytest.fixture
def foreign() -> Iterator[None]:
    """Speak a language in which every text of the catalogue is put in brackets."""
    choose({english: f"⟦{english}⟧" for english in texts()})
    yield
    choose({})


def said(drawn: Any) -> Iterator[str]:
    """Yield every text of ours: mrkdwn, and the plain text of titles, labels, buttons and options."""
    if isinstance(drawn, dict):
        if drawn.get("type") == "mrkdwn" or (drawn.get("type") == "plain_text" and "emoji" in drawn):
            yield drawn["text"]
        for key, value in drawn.items():
            # The customer's own words and what systems show stand in sections of plain text.
            if not (drawn.get("type") == "section" and key == "text" and value.get("type") == "plain_text"):
                yield from said(value)
    elif isinstance(drawn, list):
        for value in drawn:
            yield from said(value)


def outside(text: str) -> str:
    """Return what of a text stands outside every bracket."""
    while (less := re.sub(r"⟦[^⟦⟧]*(⟧|$)", "", text)) != text:
        text = less
    return text


@pytest.mark.usefixtures("foreign")
def test_no_english_is_left_outside_the_catalogue():
    """A translator who has filled in the one file has translated everything that people at work read."""
    drawn = [*all_views(a_file()), *map(home_view, all_homes()), strangers_home()]
    drawn += [message.blocks for message in all_messages(a_file())]
    left = {outside(DATA.sub("", text)) for view in drawn for text in said(view)}
    words = {text for text in left if re.search(r"[A-Za-z]{3}", text)} - SAMPLES - TO_CUSTOMERS
    assert not words, f"wrap these in t(…): {sorted(words)[:12]}"


def test_the_catalogue_is_what_the_code_says():
    """A text that is new in the code is in the file that translators copy."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"
    assert set(yaml.safe_load(page())) == set(texts())


def test_a_translation_is_one_file_and_its_places_are_checked(tmp_path: Path):
    """A translation that drops a name or a number is refused at the start, with file and line."""
    file = tmp_path / "de.yaml"
    file.write_text('"In the hands of {agent}.": "Bei {agent}."\n"Stop": ""\n', encoding="utf-8")
    choose(translation("de", folder=tmp_path))
    try:
        assert t("In the hands of {agent}.", agent="Ben") == "Bei Ben."
        assert t("Stop") == "Stop", "what is left empty stays English"
    finally:
        choose({})
    file.write_text('"Stop": "Halt"\n"In the hands of {agent}.": "Bei jemandem."\n', encoding="utf-8")
    with pytest.raises(SystemsFileError, match=r"de\.yaml:2"):
        translation("de", folder=tmp_path)
    with pytest.raises(SystemsFileError, match="does not speak"):
        translation("xx", folder=tmp_path)
    assert translation("en") == {}
