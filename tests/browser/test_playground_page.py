"""The playground's page, clicked through as a person would who has read only the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from bot.playground.company import MAYA
from bot.playground.world import World
from tests.browser.person import BIN, ONE_MODE, Person, asks_and_hears

pytestmark = pytest.mark.browser
# What another window of the page does meanwhile.
EDIT = "async (args) => (await import('./static/api.js')).act('edit', args)"


def test_everything_erased(person: Person, world: World, photographer) -> None:
    """Scenario (a): asked, everything wanted, approved by another, verified gone, told; the rows leave the page."""
    photographer.take("first-visit")
    expect(person.hint).to_contain_text("you are Maya")
    person.follow("Start here")
    asks_and_hears(person, "Answer: 1")
    plan = person.form("Plan", submit="Send for approval")
    photographer.take("plan")
    plan.locator("button.submit").click()
    person.become("Lea")
    photographer.take("before")
    person.press_next("Review and approve")
    person.fill_in(
        "Approve", submit=re.compile(r"Erase \d+ records"), look=lambda: photographer.take("approve")
    )
    person.close("Approved")
    expect(person.rows("live")).to_have_attribute("data-rows", "0")
    photographer.take("deleting", docs="playground")
    expect(person.rows("archived")).to_have_attribute("data-rows", "0")
    expect(person.rows("customers")).to_have_attribute("data-rows", "0")
    person.become("Olga")
    person.delete_messages_of_customer()
    person.become("Ana")
    person.press_next("Done by hand")
    person.fill_in("By hand", submit="Attest")
    person.close("By hand")
    person.press_next("Send the closing message")
    person.fill_in("Tell", submit="The customer is told")
    expect(person.hint).to_contain_text("DD-1001 is done")
    expect(person.thread).to_contain_text(
        "fully removed from our systems, including any ActiveCampaign contacts"
    )
    person.follow("Open the ledger")
    expect(person.page.locator(".verdict")).to_contain_text("verifies")
    photographer.take("done", docs="playground-done")
    picture = world.picture()
    assert MAYA not in {str(row["email"]).casefold() for row in picture.shop["customers"]}
    assert MAYA not in {row["email"].casefold() for row in [*picture.contacts, *picture.archived]}


def test_only_the_account_closed(person: Person, world: World, photographer) -> None:
    """Scenario (b): the same words, but only the account is wanted: it is closed, everything else stays."""
    person.follow("Start here")
    asks_and_hears(person, "Answer: 2")
    plan = person.form("Plan", submit="Close the account")
    photographer.take("plan")
    plan.locator("button.submit").click()
    expect(person.rows("customers")).to_contain_text("closed")
    if person.page.locator("dialog").count():
        person.page.locator("dialog button.close").click()
    person.press_next("Send the closing message")
    person.fill_in("Tell", submit="The customer is told")
    expect(person.hint).to_contain_text("DD-1001 is done")
    photographer.take("done")
    assert world.picture().contacts == world.began.contacts, "ActiveCampaign must stay untouched"
    assert world.picture().shop["orders"] == world.began.shop["orders"], "the orders must stay"


def test_faults_mail_and_reset(person: Person, world: World, photographer) -> None:
    """The switches work and say what they did; reset brings back the first day."""
    page = person.page
    page.locator("#faults summary").click()
    page.get_by_label("ActiveCampaign is down").check()
    expect(page.locator("#status")).to_contain_text("ActiveCampaign is down")
    assert world.account.faults.down
    page.get_by_role("button", name="Kill the bot").click()
    expect(person.hint).to_contain_text("The bot is not running")
    photographer.take("faults")
    page.keyboard.press("Escape")
    page.locator("#tab-mail").click()
    page.get_by_label("Text", exact=True).fill("Did you get my question?")
    page.get_by_role("button", name="Send the e-mail").click()
    expect(page.locator(".letter")).to_contain_text("Did you get my question?")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#status")).to_contain_text("as it was at the beginning")
    expect(person.hint).to_contain_text("you are Maya")
    assert world.app.is_running()
    assert not world.account.faults.down
    assert world.mailbox.letters() == []


def test_what_is_typed_by_keyboard(person: Person, photographer) -> None:
    """Everything works from the keyboard, also a menu whose message changes meanwhile: commands, answers only one sees,
    an outsider who is refused."""
    page = person.page
    box = page.locator("#channel-composer textarea")
    page.locator("#me").select_option("U_ANA")
    box.fill("/deletion help")
    box.press("Enter")
    only = page.locator("#channel-messages .only-you")
    expect(only).to_contain_text("Only visible to you")
    expect(only).to_contain_text("Deletion Desk watches for messages")
    page.locator("#me").select_option("U_MAYA")
    expect(only).to_have_count(0)
    box.fill("Could you remove the picture of my fern?")
    box.press("Enter")
    said = page.locator("#channel-messages .message", has_text="picture of my fern")
    page.locator("#me").select_option("U_ANA")
    said.locator(BIN).press("Enter")
    edited = {"user": "U_MAYA", "channel": "C_SUPPORT", "ts": said.get_attribute("data-key")}
    page.evaluate(EDIT, {**edited, "text": "Could you remove the picture of my fern, please?"})
    expect(said).to_contain_text("(edited)")
    said.get_by_role("button", name="Open a deletion case").press("Enter")
    expect(person.thread.get_by_role("button", name="Ask the customer")).to_be_visible()
    page.locator("#me").select_option("U_OTTO")
    person.thread.get_by_role("button", name="Ask the customer").press("Enter")
    expect(page.locator(".only-you, dialog").first).to_contain_text("company")
    photographer.take("outsider")


@ONE_MODE
def test_narrow_and_dark(page: Page, photographer) -> None:
    """On a narrow window nothing is wider than the window; the dark look is there."""
    page.get_by_role("button", name="Delete my data").first.click()
    expect(page.locator("#thread").get_by_role("button", name="Ask the customer")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 400, "height": 850})
    photographer.take("narrow-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400, "something is wider than the window"
