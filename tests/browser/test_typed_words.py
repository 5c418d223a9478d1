"""What is typed behind `/deletion`, clicked and typed in the browser by agent, approver and customer, also half-typed."""

import re

import pytest
from playwright.sync_api import Locator, expect

from bot.playground.company import MAYA as MAYAS_ADDRESS
from bot.playground.slack.sample import ANA, BEN, JONAS, LEA, MAYA
from tests.browser.conftest import Photographer
from tests.browser.person import BIN, Person, asks_and_hears, be, card, writes

pytestmark = pytest.mark.browser


def types(person: Person, user: str, text: str) -> None:
    """Type a command into the channel's box as somebody."""
    writes(person, user, f"/deletion {text}", where="channel")


def answered(person: Person, *words: str) -> Locator:
    """Return the answer that only this person sees, by words in it: answers may arrive in another order than asked."""
    answer = person.page.locator("#channel-messages .only-you")
    for one in words:
        answer = answer.filter(has_text=one)
    expect(answer.first).to_be_visible()
    return answer.first


def test_the_words_of_an_agent(person: Person, photographer: Photographer) -> None:
    """List, case, find, open and export answer the one who typed; half-typed words get the next step, not a shrug; `remind` asks again."""
    person.follow("Start here")
    card(person, "Deletion request?")
    types(person, ANA, "lst")
    answered(person, "Did you mean /deletion list?")
    types(person, ANA, "case")
    answered(person, "Which case?")
    types(person, ANA, "find maya")
    answered(person, "Whose cases?")
    types(person, ANA, "open")
    answered(person, "Add the link to the customer's message")
    photographer.take("half-typed", docs="tour-half-typed")
    types(person, ANA, "")
    expect(answered(person, "Open cases, due first")).to_contain_text("DD-1001")
    types(person, ANA, "dd1001")
    expect(answered(person, "Reads as")).to_contain_text("DD-1001")
    types(person, ANA, "export DD-1001")
    answered(person, "has not ended yet")
    types(person, ANA, f"find {MAYAS_ADDRESS}")
    none = answered(person, "Cases of m")
    expect(none).to_contain_text("None.")
    expect(none).not_to_contain_text(MAYAS_ADDRESS)
    photographer.take("answers")
    types(person, JONAS, "case DD-1001")
    answered(person, "Only people on the agent list")
    types(person, BEN, "mine")
    answered(person, "Cases you took part in", "Nothing waits here")
    be(person.page, ANA)
    card(person, "DD-1001").get_by_role("button", name="Ask the customer").click()
    person.fill_in("Ask", submit="Ask")
    expect(card(person, "DD-1001").get_by_role("button", name="Ask again")).to_be_visible()
    types(person, ANA, "remind DD-1001")
    expect(person.form("Ask", submit="Ask")).to_contain_text("DD-1001")


def test_the_words_that_open_a_form(person: Person, photographer: Photographer) -> None:
    """`open` with a link opens the case; `remind` reminds the approvers; `approve` opens the plan."""
    page = person.page
    writes(person, JONAS, "I no longer wish to be known here", where="channel")
    said = page.locator("#channel-messages .message", has_text="no longer wish")
    ts = (said.get_attribute("data-key") or "").replace(".", "")
    types(person, ANA, f"open https://fernleaf.slack.com/archives/C_SUPPORT/p{ts}")
    answered(person, "A case is being opened from that message")
    card(person, "DD-1001")
    page.get_by_role("button", name="Delete my data").first.click()
    card(person, "DD-1002")
    asks_and_hears(person, "Answer: 1")
    person.close("Plan")
    types(person, ANA, "approve DD-1002")
    answered(person, "waits for no approval now")
    types(person, ANA, f"find {MAYAS_ADDRESS}")
    answered(person, "Cases of m", "DD-1002")
    card(person, "DD-1002").get_by_role("button", name="Show the plan").click()
    person.form("Plan", submit="Send for approval").locator("button.submit").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    types(person, ANA, "remind DD-1002")
    answered(person, "everybody who can approve it is reminded")
    types(person, LEA, "approve")
    expect(answered(person, "Cases that wait for your approval")).to_contain_text("DD-1002")
    types(person, LEA, "approve DD-1002")
    expect(person.form("Approve", submit=re.compile(r"Erase \d+ records"))).to_contain_text("DD-1002")
    photographer.take("approve")


def test_a_mention_and_a_reply(person: Person, photographer: Photographer) -> None:
    """A mention opens the case of a thread's head, later shows it; a customer is told what to do; a reply is read too."""
    page = person.page
    writes(person, JONAS, "I no longer wish to be known here", where="channel")
    said = page.locator("#channel-messages .message", has_text="no longer wish")
    said.locator(BIN).click()
    said.get_by_role("button", name="Reply in thread").click()
    writes(person, JONAS, "@Deletion Desk what now?")
    expect(person.thread.locator(".only-you", has_text="please say so in a message")).to_be_visible()
    writes(person, ANA, "@Deletion Desk")
    expect(person.thread.locator(".only-you", has_text="A case is being opened")).to_be_visible()
    expect(card(person, "Deletion request?")).to_contain_text("DD-1001")
    writes(person, ANA, "@Deletion Desk")
    shown = person.thread.locator(".only-you", has_text="Open the thread")
    expect(shown).to_contain_text("DD-1001")
    photographer.take("mentioned", docs="tour-mention")
    writes(person, MAYA, "How are the ferns?", where="channel")
    asked = page.locator("#channel-messages .message", has_text="How are the ferns?")
    asked.locator(BIN).click()
    asked.get_by_role("button", name="Reply in thread").click()
    writes(person, MAYA, "And one more thing: please delete all my data.")
    expect(card(person, "Deletion request?")).to_contain_text("DD-1002")
    photographer.take("reply")
