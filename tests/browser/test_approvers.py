"""What an approver has to know: who answered in the customer's place and with what proof, and the digest of the day."""

from datetime import UTC, datetime

import holidays
import pytest
from playwright.sync_api import expect

from bot.playground.slack.sample import ANA, JONAS, LEA
from bot.playground.world import World
from services.working_days import is_working_day
from tests.browser.conftest import Photographer
from tests.browser.person import Person, asked, be, card, tab, writes

pytestmark = pytest.mark.browser


def test_somebody_answers_for_the_customer(person: Person, photographer: Photographer) -> None:
    """An authorised agent's answer needs their mandate besides the customer's own proof; the approval shows both."""
    asked(person)
    card(person, "DD-1001").get_by_role("button", name="Record the answer").click()
    form = person.form("Answer", submit="Record")
    form.get_by_label("Everything").check()
    form.get_by_label("Their words").fill("My client wishes that everything be erased.")
    form.get_by_label("How did the answer come?").select_option(label="By e-mail")
    form.get_by_label("Replied from the address on file").check()
    form.get_by_label("Did somebody answer for them?").select_option(label="An authorised agent")
    form.locator("button.submit").click()
    expect(form.locator(".has-error")).to_contain_text("How did that person show that they may?")
    expect(form.get_by_label("Their words")).to_have_value("My client wishes that everything be erased.")
    photographer.take("without-mandate")
    form.get_by_label("How did that person show that they may?").fill(
        "Signed mandate of 3 November, seen by me"
    )
    form.locator("button.submit").click()
    person.press_next("Who is this?")
    person.fill_in("Who is this?", submit="Search")
    person.fill_in("Who is this?", submit="Decide")
    plan = person.form("Plan", submit="Send for approval")
    plan.locator("button.submit").click()
    be(person.page, LEA)
    person.press_next("Review and approve")
    review = person.page.get_by_role("dialog", name="Approve")
    expect(review).to_contain_text("Answered for the customer by an authorised agent")
    expect(review).to_contain_text("Signed mandate of 3 November")
    photographer.take("approval", docs="tour-answered-for")
    expect(card(person, "DD-1001")).not_to_contain_text("mandate of 3 November")


def test_the_digest_of_the_day(person: Person, world: World, photographer: Photographer) -> None:
    """Once a working day each approver reads what is silent, due, dismissed; an agent who is no approver gets none."""
    page = person.page
    asked(person)
    writes(person, JONAS, "Please delete my account", where="channel")
    page.locator("#channel-messages .message", has_text="Please delete my account").get_by_role(
        "button", name="repl"
    ).click()
    be(page, ANA)
    card(person, "DD-1002").get_by_role("button", name="Not a deletion request").click()
    person.fill_in("No request", submit="Dismiss")
    expect(card(person, "DD-1002").get_by_role("button", name="Undo until")).to_be_visible()
    today = datetime.now(UTC).date()
    # Somewhere people work on any day: weekends and holidays differ.
    country = next(one for one in sorted(holidays.list_supported_countries()) if is_working_day(one, today))
    morning = f'country: {country}\ntime_zone: UTC\nreminders: {{digest: "00:00", silent: 1s}}\n'
    systems = world.files.systems
    systems.write_text(morning + systems.read_text(encoding="utf-8"), encoding="utf-8")
    world.restart_app()
    be(page, LEA)
    tab(page, "Direct messages")
    digest = page.locator("#channel-messages .message", has_text="Deletion requests today")
    expect(digest).to_have_count(1)
    expect(digest).to_contain_text("No answer from the customer")
    expect(digest).to_contain_text("DD-1001 asked on")
    expect(digest).to_contain_text("Dismissed since the last digest")
    expect(digest).to_contain_text("DD-1002")
    photographer.take("digest", docs="tour-digest")
    be(page, ANA)
    expect(page.locator("#channel-head").get_by_role("button", name="Direct messages")).to_have_count(0)
