"""Every language says the same: the same phrases with the same facts in them, and no more than was verified."""

import re
from typing import get_args

import pytest
from jinja2 import Environment, nodes

import prompts
from bot.customer_page import Kind
from services.customer.texts import TemplateTexts
from tests.unit.test_texts_customer import DUE, FACTS, KEPT, OPEN

TEXTS = TemplateTexts()
LANGUAGES = TEXTS.languages
OTHERS = [one for one in LANGUAGES if one != "en"]
PAGE = {
    "company": "Lumen & Söhne",
    "ref": "DD-1042",
    "until": DUE,
    "used": DUE,
    "action": "token",
    "style": "",
    "choice": "all",
}
KINDS = get_args(Kind)  # every page that a customer may see


def macros(language: str) -> dict[str, tuple[list[str], set[str]]]:
    """Return each phrase with its arguments and the facts that it mentions."""
    tree = Environment(autoescape=True).parse(prompts.read(f"customer/{language}/words.j2"))
    return {
        one.name: (
            [argument.name for argument in one.args],
            {name.name for name in one.find_all(nodes.Name) if name.ctx == "load"},
        )
        for one in tree.find_all(nodes.Macro)
    }


def test_there_are_a_dozen_languages() -> None:
    """English and at least eleven more."""
    assert len(LANGUAGES) >= 12


@pytest.mark.parametrize("language", OTHERS)
def test_every_phrase_is_there_with_its_facts(language: str) -> None:
    """A translation leaves out no phrase and no fact, and makes up none."""
    assert macros(language) == macros("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_hides_a_fact(language: str) -> None:
    """A phrase called like a fact would take its place."""
    known = macros(language)
    facts = set().union(*(FACTS.values())) | set(PAGE) | {"services", "n", "due", "title"}
    assert not set(known) & (facts - {"due"})


@pytest.mark.parametrize("language", OTHERS)
def test_is_translated(language: str) -> None:
    """No phrase was left in English; a name or a word that both share is no fault."""
    shared = {"kept_until", "this_language", "hello", "records", "subject_tell", "backups_heading"}
    same = [
        name for name in macros("en") if name not in shared and phrase(language, name) == phrase("en", name)
    ]
    assert not same


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(FACTS))
def test_is_plain_in_every_language(language: str, name: str) -> None:
    """Rendered without gaps, markup and exclamation marks; everything that is a fact stands in it."""
    text = TEXTS.render(name, language, FACTS[name])
    assert not re.search(r"[!{}%<>¡]|None|True|False|Macro", text)
    assert not re.search(r"\n{3}| \n| {2}", text)
    claims = [claim for claim in TEXTS.claims() if claim.casefold() in text.casefold()]
    assert bool(claims) == (name == "closing_all"), f"{name} in {language} claims {claims}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_facts_of_the_closing_text_stand_in_every_language(language: str) -> None:
    """What is gone, kept and why, until when, backups, what follows by which day, and ActiveCampaign by name."""
    facts = FACTS["closing_partial"] | {"kept": KEPT, "open": OPEN}
    text = TEXTS.render("closing_partial", language, facts)
    for part in (
        "Shop",
        "14",
        "invoices",
        "tax law",
        "2034",
        "overwritten by 1 March",
        "Mixpanel",
        "ActiveCampaign",
    ):
        assert part in text, f"{part} is missing in {language}"
    assert "2026" in text, "the day by which the rest is done"
    for state in ("removed", "none", "open"):
        other = TEXTS.render("closing_partial", language, facts | {"activecampaign": state})
        assert "ActiveCampaign" in other
    assert (
        len(
            {
                TEXTS.render("closing_partial", language, facts | {"activecampaign": one})
                for one in ("removed", "none", "open")
            }
        )
        == 3
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_offers_the_same_three_in_every_language(language: str) -> None:
    """1, 2 and 3, the service by name, and the link in a line of its own; nothing is marked as the one to take."""
    text = TEXTS.render("ask", language, FACTS["ask"] | {"link": "https://privacy.example/c/x"})
    assert [line[0] for line in text.splitlines() if re.match(r"\d\. ", line)] == ["1", "2", "3"]
    assert "ActiveCampaign" in text
    assert "\nhttps://privacy.example/c/x\n" in text
    assert "2026" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_can_be_shown_in_every_language(language: str, kind: str) -> None:
    """The page names its language, has one heading, and escapes what it is told."""
    html = TEXTS.page(language, PAGE | {"kind": kind})
    assert f'<html lang="{language}">' in html
    assert html.count("<h1>") == 1
    assert "Lumen &amp; Söhne" in html
    assert not re.search(r"None|Macro|\{\{", html)


@pytest.mark.parametrize(
    ("number", "polish", "czech"),
    [
        (1, "rekord", "záznam"),
        (3, "rekordy", "záznamy"),
        (12, "rekordów", "záznamů"),
        (22, "rekordy", "záznamů"),
    ],
)
def test_counts_follow_the_rules_of_the_language(number: int, polish: str, czech: str) -> None:
    """Languages with more than two forms get the right one."""
    facts = {"company": "Lumen", "removed": [{"label": "Shop", "count": number}], "backups": ""}
    assert f"{number} {polish}\n" in TEXTS.render("closing_all", "pl", facts)
    assert f"{number} {czech}\n" in TEXTS.render("closing_all", "cs", facts)


def phrase(language: str, name: str) -> str:
    found = re.search(
        rf"macro {name}\(.*?%\}}(.*?)\{{% endmacro", prompts.read(f"customer/{language}/words.j2")
    )
    assert found, name
    return found[1]
