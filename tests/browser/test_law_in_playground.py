"""Which law applies, clicked through in the browser: the form behind “…”, its errors, and the card that says so."""

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person, behind_dots, card

pytestmark = pytest.mark.browser


def test_an_agent_says_which_law_applies(person: Person, photographer) -> None:
    """No box is ticked in advance, nothing typed is lost on an error, and the card names the law but not the reason."""
    person.follow("Start here")
    expect(card(person, "Deletion request?")).to_be_visible()
    person.become("Ana")
    behind_dots(person, "Which law applies?")
    form = person.form("Which law?", submit="Set")
    expect(form.locator("input[type=checkbox]:checked")).to_have_count(0)
    form.locator("textarea").fill("The customer lives in Lyon")
    photographer.take("law-form", docs="tour-law")
    form.locator("button.submit").click()
    expect(form.locator("textarea")).to_have_value("The customer lives in Lyon")
    photographer.take("law-error")
    for law in ("GDPR", "CCPA"):
        form.get_by_label(law).check()
    form.locator("button.submit").click()
    drawn = card(person, "Law: GDPR, CCPA, set by")
    expect(drawn).to_be_visible()
    expect(drawn).not_to_contain_text("Lyon")
    photographer.take("law-card")
