"""Every way in and every surface besides the card, clicked through in the browser as agent, approver, operator, outsider."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import BIN, Person, asks_and_hears, be, behind_dots, card, tab

pytestmark = pytest.mark.browser
ERASE = re.compile(r"Erase \d+ records")


def waiting_for_approval(person: Person) -> None:
    person.follow("Start here")
    asks_and_hears(person, "Answer: 1")
    person.form("Plan", submit="Send for approval").locator("button.submit").click()
    person.become("Lea")


def test_home_direct_message_and_private_channel(person: Person, photographer) -> None:
    """An approver is told directly, sees what waits on the home tab, and approves there; the full card is private."""
    page = person.page
    waiting_for_approval(person)
    tab(page, "Direct messages")
    direct = page.locator("#channel-messages")
    expect(direct).to_contain_text("waits for your approval")
    photographer.take("direct-message", docs="tour-direct-message")
    tab(page, "privacy-cases")
    expect(page.locator("#channel-messages")).to_contain_text("Please delete my data")
    photographer.take("private-channel", docs="tour-private-channel")
    tab(page, "App Home")
    home = page.locator("#home")
    expect(home).to_contain_text("Waits for you")
    photographer.take("home-approver", docs="tour-home")
    home.get_by_role("button", name="Review and approve").click()
    person.fill_in("Approve", submit=ERASE, look=lambda: photographer.take("approve", docs="tour-approve"))
    person.close("Approved")
    expect(home.get_by_role("button", name="Review and approve")).to_have_count(0)
    tab(page, "Direct messages")
    expect(direct).to_contain_text("Nothing waits for you here")
    be(page, "U_OLGA")
    tab(page, "App Home")
    expect(home).to_contain_text("Health of the systems")
    expect(home).to_contain_text("ActiveCampaign answers")
    photographer.take("home-operator", docs="tour-home-operator")
    be(page, "U_MAYA")
    tab(page, "App Home")
    expect(home).to_contain_text("say so in the support channel")
    expect(home).not_to_contain_text("DD-1001")
    photographer.take("home-customer")


def test_progress_and_the_closed_card(person: Person, photographer) -> None:
    """While it runs each system is a line with its state; closed, the card shrinks to a line with the receipt's id."""
    page = person.page
    waiting_for_approval(person)
    page.locator("#faults summary").click()
    page.get_by_label("It keeps its answers back").check()
    page.keyboard.press("Escape")
    person.press_next("Review and approve")
    person.fill_in("Approve", submit=ERASE)
    person.close("Approved")
    expect(person.thread.locator(".plan .task.in_progress")).to_contain_text("ActiveCampaign")
    photographer.take("running", docs="tour-running")
    page.locator("#faults summary").click()
    page.get_by_label("It keeps its answers back").uncheck()
    page.keyboard.press("Escape")
    expect(person.thread.locator(".plan .task.complete")).not_to_have_count(0)
    person.become("Olga")
    person.delete_messages_of_customer()
    person.become("Ana")
    photographer.take("verified", docs="tour-verified")
    person.press_next("Done by hand")
    person.fill_in("By hand", submit="Attest")
    person.close("By hand")
    person.press_next("Send the closing message")
    person.fill_in(
        "Tell", submit="The customer is told", look=lambda: photographer.take("closing", docs="tour-closing")
    )
    expect(person.hint).to_contain_text("DD-1001 is done")
    closed = card(person, "DD-1001: Done")
    expect(closed).to_contain_text("Receipt R-1001-")
    expect(closed.locator("button[data-action]")).to_have_count(0)
    photographer.take("closed", docs="tour-closed")
    box = page.locator("#channel-composer textarea")
    box.fill("/deletion export DD-1001")
    box.press("Enter")
    expect(page.locator("#channel-messages .only-you")).to_contain_text("signature")
    photographer.take("receipt", docs="tour-receipt")
    tab(page, "privacy-cases")
    expect(page.locator("#channel-messages")).not_to_contain_text("Please delete my data")


@pytest.mark.parametrize(
    ("mode", "ticket", "name", "mail"),
    [
        ("socket", "Like Help Scout", "Sofia Lindqvist", "sofia@example.com"),
        ("http", "Like Zendesk", "Noor Haddad", "noor.haddad@example.net"),
        ("socket", "Like Intercom", "Daniel Costa", "daniel.costa@example.com"),
        ("http", "E-mail to Slack", "Priya Nair", "priya.nair@example.org"),
    ],
    ids=["help-scout", "zendesk", "intercom", "mail"],
    indirect=["mode"],
)
def test_a_help_desks_post_becomes_a_case(
    person: Person, photographer, ticket: str, name: str, mail: str
) -> None:
    """Whatever shape a help desk posts in: the case knows who wrote, and the card says nothing of it."""
    page = person.page
    page.locator("#helpdesk summary").click()
    page.locator("#helpdesk").get_by_role("button", name=ticket).click()
    shown = card(person, "Deletion request?")
    expect(shown).not_to_contain_text(mail)
    expect(shown).not_to_contain_text(name.split(maxsplit=1)[0])
    be(page, "U_ANA")
    shown.get_by_role("button", name="Show the message").click()
    dialog = page.get_by_role("dialog", name="DD-1001")
    expect(dialog).to_contain_text(f"{name} · {mail}")
    photographer.take(
        ticket.rsplit(maxsplit=1)[-1].casefold(), docs="tour-help-desk" if "Scout" in ticket else ""
    )


def test_an_edit_and_a_follow_up_elsewhere(person: Person, photographer) -> None:
    """An edit turns a message into a request; the same customer's next message joins the case and says where it went."""
    page = person.page
    be(page, "U_MAYA")
    box = page.locator("#channel-composer textarea")
    box.fill("How are the ferns?")
    box.press("Enter")
    said = page.locator("#channel-messages .message", has_text="How are the ferns?")
    said.locator(BIN).click()
    said.get_by_role("button", name="Edit message").click()
    box.fill("Please delete my data")
    box.press("Enter")
    card(person, "Deletion request?")
    box.fill("Once more: please delete all my data")
    box.press("Enter")
    more = page.locator("#channel-messages .message", has_text="Once more")
    more.get_by_role("button", name="1 reply").click()
    expect(person.thread).to_contain_text("This was added to DD-1001")
    photographer.take("joined", docs="tour-joined")
    person.thread.get_by_role("button", name="DD-1001").click()
    expect(card(person, "Deletion request?")).to_contain_text("also here")


def test_shortcut_hand_over_and_more_time(person: Person, photographer) -> None:
    """A case opened from a link; handed to a colleague, who is told; the deadline moved once, with reasons."""
    page = person.page
    be(page, "U_JONAS")
    box = page.locator("#channel-composer textarea")
    box.fill("I no longer wish to be known here")
    box.press("Enter")
    said = page.locator("#channel-messages .message", has_text="no longer wish")
    ts = said.get_attribute("data-key") or ""
    be(page, "U_ANA")
    page.locator("#channel-head .shortcuts summary").click()
    page.get_by_role("button", name="Open a case from a link").click()
    form = person.form("Open a case", submit="Open")
    form.get_by_label("Link to the customer's message").fill("that one there")
    form.locator("button.submit").click()
    expect(form).to_contain_text("Paste the link to one message")
    expect(form.get_by_label("Link to the customer's message")).to_have_value("that one there")
    photographer.take("error-at-the-field", docs="tour-error")
    link = f"https://fernleaf.slack.com/archives/C_SUPPORT/p{ts.replace('.', '')}"
    form.get_by_label("Link to the customer's message").fill(link)
    form.locator("button.submit").click()
    person.close("Open a case")
    expect(card(person, "Deletion request?")).to_contain_text("Nobody has taken this yet")
    behind_dots(person, "Hand over")
    person.fill_in(
        "Hand over", submit="Hand over", look=lambda: photographer.take("hand-over", docs="tour-hand-over")
    )
    expect(card(person, "In the hands of @Ben Harlow")).to_be_visible()
    behind_dots(person, "Take longer")
    person.fill_in(
        "Take longer", submit="Extend", look=lambda: photographer.take("extend", docs="tour-extend")
    )
    person.close("Extended")
    photographer.take("card", docs="tour-card")
    be(page, "U_BEN")
    tab(page, "Direct messages")
    expect(page.locator("#channel-messages")).to_contain_text("is now in your hands")
    be(page, "U_OTTO")
    page.locator("#channel-messages .message", has_text="no longer wish").get_by_role(
        "button", name="repl"
    ).click()
    behind_dots(person, "Hand over")
    expect(page.locator(".only-you").first).to_contain_text("own company's agents")
    photographer.take("outsider", docs="tour-outsider")


@pytest.mark.parametrize("world", [{"observe": True}], ids=["observe"], indirect=True)
def test_observe_mode(person: Person, photographer) -> None:
    """Observe mode shows everything and deletes nothing, and says so."""
    person.follow("Start here")
    asks_and_hears(person, "Answer: 1")
    plan = person.page.get_by_role("dialog", name="Plan")
    expect(plan.locator("button.submit")).to_have_count(0)
    expect(plan).to_contain_text("Observe mode")
    photographer.take("plan")
