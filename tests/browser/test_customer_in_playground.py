"""In the playground: Ana asks by e-mail, Maya finds it in her inbox, chooses on the page, and the card says so."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.playground.company import MAYA
from tests.browser.conftest import Photographer

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "test-results"


def test_the_answer_from_the_inbox_lands_on_the_card(page: Page, photographer: Photographer) -> None:
    """The mail shows in the inbox with its link, the page opens, the confirmed choice is on the card."""
    page.get_by_role("button", name="Delete my data").first.click()
    page.locator("#hint-buttons button", has_text="Be Ana").click()
    page.locator("#thread").get_by_role("button", name="Ask the customer").click()
    form = page.get_by_role("dialog", name="Ask")
    expect(form.locator("button.submit")).to_have_text("Ask")
    photographer.take("the question")
    form.get_by_label("By e-mail").first.check()
    form.get_by_label("For e-mail: the address").fill(MAYA)
    form.locator("button.submit").click()
    expect(page.get_by_role("dialog")).to_contain_text("on its way")
    photographer.take("asked")
    page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("tab", name=re.compile("Mail")).or_(
        page.get_by_role("button", name=re.compile(r"Mail \("))
    ).first.click()
    link = page.locator("article.letter a[href*='/c/']").first
    expect(link).to_be_visible()
    photographer.take("the mail in the inbox")
    with page.context.expect_page() as opened:
        link.click()
    answer = opened.value
    answer.get_by_role("button", name="Choose: Erase everything").click()
    answer.get_by_role("button", name="Yes, confirm").click()
    expect(answer.get_by_role("heading", level=1)).to_have_text("Thank you. Your answer is recorded.")
    answer.close()
    expect(page.locator("#thread")).to_contain_text("The customer has answered")
    expect(page.locator("#thread")).to_contain_text("personal link")
    photographer.take("the answer on the card")
