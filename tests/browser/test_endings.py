"""Every other ending, clicked through in both modes: dismissed, taken back, refused, answered by telephone or by button."""

import pytest
from playwright.sync_api import Locator, expect

from bot.playground.slack.sample import ANA, JONAS, MAYA, OTTO
from bot.playground.world import World
from tests.browser.conftest import Photographer
from tests.browser.person import Person, asked, be, behind_dots, card, writes

pytestmark = pytest.mark.browser


def told_privately(person: Person, words: str) -> Locator:
    answer = person.page.locator(".only-you", has_text=words).first
    expect(answer).to_be_visible()
    return answer


def nothing_is_gone(world: World) -> None:
    assert world.picture().contacts == world.began.contacts, "ActiveCampaign must stay untouched"
    assert world.picture().shop == world.began.shop, "the shop must stay untouched"


def test_dismissed_and_undone(person: Person, world: World, photographer: Photographer) -> None:
    """No request: a reason is asked for, the customer hears nothing, and an agent (not the customer) undoes it."""
    person.follow("Start here")
    person.become("Ana")
    card(person, "Deletion request?").get_by_role("button", name="Not a deletion request").click()
    form = person.form("No request", submit="Dismiss")
    expect(form).to_contain_text("The customer is told nothing")
    form.locator("button.submit").click()
    expect(form).to_contain_text("Please fill this in.")
    photographer.take("form")
    person.fill_in("No request", submit="Dismiss")
    expect(person.hint).to_contain_text("DD-1001 was dismissed")
    undo = person.thread.get_by_role("button", name="Undo until")
    expect(undo).to_be_visible()
    photographer.take("dismissed")
    be(person.page, MAYA)
    undo.click()
    told_privately(person, "Only people on the agent list")
    be(person.page, ANA)
    undo.click()
    expect(undo).to_have_count(0)
    expect(card(person, "Deletion request?").get_by_role("button", name="Ask the customer")).to_be_visible()
    photographer.take("undone")
    nothing_is_gone(world)


@pytest.mark.parametrize(
    ("mode", "is_told"), [("socket", True), ("http", False)], ids=["told", "silently"], indirect=["mode"]
)
def test_taken_back(person: Person, world: World, photographer: Photographer, *, is_told: bool) -> None:
    """The customer changes their mind: the case ends, all stays, and they get a confirmation only where one was chosen."""
    asked(person)
    writes(person, MAYA, "I have changed my mind, please keep everything.")
    expect(card(person, "DD-1001")).to_contain_text("wrote again")
    be(person.page, ANA)
    behind_dots(person, "Customer took it back")
    form = person.form("Taken back", submit="End the case")
    form.get_by_label("Their words").fill("I have changed my mind, please keep everything.")
    expect(form.locator("input:checked")).to_have_count(0)
    if is_told:
        form.get_by_label("Post it in this thread").check()
    photographer.take("form")
    form.locator("button.submit").click()
    if is_told:
        expect(person.page.get_by_role("dialog", name="Taken back")).to_contain_text("It is on its way")
        photographer.take("on-its-way")
        person.close("Taken back")
    expect(person.hint).to_contain_text("DD-1001 was taken back; nothing was deleted")
    expect(card(person, "Taken back by the customer").locator("button[data-action]")).to_have_count(0)
    confirmed = person.thread.locator(".message.by-bot", has_text="withdrawn")
    expect(confirmed).to_have_count(1 if is_told else 0)
    photographer.take("ended")
    nothing_is_gone(world)


def test_refused_on_a_legal_ground(person: Person, world: World, photographer: Photographer) -> None:
    """An outsider cannot refuse; an agent can, on a named ground, and the customer reads it and how to complain."""
    person.follow("Start here")
    person.become("Ana")
    expect(card(person, "Deletion request?")).to_be_visible()
    be(person.page, OTTO)
    behind_dots(person, "Refuse")
    told_privately(person, "own company's agents")
    be(person.page, ANA)
    behind_dots(person, "Refuse")
    form = person.form("Refuse", submit="Refuse")
    expect(form.get_by_label("On which legal ground?")).to_have_value("")
    form.get_by_label("On which legal ground?").select_option(label="A law demands that we keep it")
    form.get_by_label("Ground, as the customer").fill(
        "Tax law demands that we keep your invoices until 2034."
    )
    form.get_by_label("Post it in this thread").check()
    photographer.take("form")
    form.locator("button.submit").click()
    expect(person.page.get_by_role("dialog", name="Refused")).to_contain_text("until 2034")
    photographer.take("on-its-way")
    person.close("Refused")
    expect(person.hint).to_contain_text("DD-1001 was refused, with a ground")
    told = person.thread.locator(".message.by-bot", has_text="until 2034")
    expect(told).to_contain_text("complain")
    ended = card(person, "DD-1001: Refused")
    expect(ended).not_to_contain_text("until 2034")
    photographer.take("ended")
    nothing_is_gone(world)


def test_an_answer_by_telephone(person: Person, photographer: Photographer) -> None:
    """The agent records by hand what was said on the telephone: nothing is chosen in advance, and the card says how."""
    asked(person)
    card(person, "DD-1001").get_by_role("button", name="Record the answer").click()
    form = person.form("Answer", submit="Record")
    expect(form.locator("input:checked")).to_have_count(0)
    form.locator("button.submit").click()
    expect(form.locator(".has-error")).not_to_have_count(0)
    form.get_by_label("Only the account").check()
    form.get_by_label("Their words").fill("Just close my account, she said, and keep the orders.")
    form.get_by_label("How did the answer come?").select_option(label="By telephone")
    form.get_by_label("Signed in to the account").check()
    photographer.take("form")
    form.locator("button.submit").click()
    shown = card(person, "only the account closed")
    expect(shown).to_contain_text("by telephone")
    expect(shown).not_to_contain_text("she said")
    expect(shown.get_by_role("button", name="Who is this?")).to_be_visible()
    photographer.take("card")


@pytest.mark.parametrize(
    ("mode", "button", "then"),
    [
        ("socket", "Erase everything", "everything we hold, ActiveCampaign included"),
        ("http", "Close the account only", "only the account closed"),
        ("http", "Neither", "By their own answer"),
    ],
    ids=["everything", "account", "neither"],
    indirect=["mode"],
)
def test_the_customers_own_buttons(
    person: Person, world: World, photographer: Photographer, button: str, then: str
) -> None:
    """Only the person who was asked can answer with the buttons, after being asked whether it is meant."""
    asked(person)
    question = person.thread.locator(".message.by-bot", has_text="Please choose one")
    choice = question.get_by_role("button", name=button)
    sure = person.page.locator("dialog.confirm")
    be(person.page, JONAS)
    choice.click()
    sure.locator("button").last.click()
    told_privately(person, "Only the person who was asked")
    be(person.page, MAYA)
    choice.click()
    photographer.take("sure")
    sure.locator("button").first.click()
    expect(sure).to_have_count(0)
    expect(person.page.locator(".only-you")).to_have_count(0)
    choice.click()
    sure.locator("button").last.click()
    told_privately(person, "Your answer is recorded")
    photographer.take("customer")
    be(person.page, ANA)
    card(person, then)
    photographer.take("card")
    nothing_is_gone(world)
