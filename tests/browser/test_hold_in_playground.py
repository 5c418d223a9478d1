"""A legal hold, clicked through in the browser: the approver's form, the card that says so, and the lifting."""

import pytest
from playwright.sync_api import Page, expect

from bot.playground.slack.sample import LEA, SUPPORT, TOM
from bot.playground.world import World
from tests.browser.person import Person, asks_and_hears

pytestmark = pytest.mark.browser


def typed(page: Page, world: World, user: str, text: str) -> None:
    """Type a command as somebody, and be that person on the page."""
    page.locator("#me").select_option(user)
    assert world.slack.command(user, SUPPORT, "/deletion", text).acked


def test_a_case_is_held_and_released(person: Person, world: World, photographer) -> None:
    """Nothing is pre-selected; the card names the hold and offers no plan; another approver lifts it with a reason."""
    page = person.page
    person.follow("Start here")
    asks_and_hears(person, "Answer: 1")
    person.close("Plan")
    typed(page, world, LEA, "hold DD-1001")
    form = person.form("Hold", submit="Hold")
    photographer.take("hold-form")
    form.get_by_text("Legal hold").click()
    form.locator("textarea").fill("Letter of the court of 3 March")
    form.locator("button.submit").click()
    card = person.thread.locator(".message.by-bot", has_text="DD-1001").first
    expect(card).to_contain_text("Legal hold, since")
    expect(card).not_to_contain_text("Letter of the court")
    photographer.take("hold-card")
    typed(page, world, TOM, "lift DD-1001")
    lift = person.form("Lift the hold", submit="Lift the hold")
    photographer.take("lift-form")
    lift.locator("textarea").fill("The court has lifted it")
    lift.locator("button.submit").click()
    expect(card).not_to_contain_text("Legal hold, since")
