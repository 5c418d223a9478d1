"""What every story in the browser does: a person in front of the page, and the steps that many stories share."""

from collections.abc import Callable
from re import Pattern

import pytest
from playwright.sync_api import Locator, Page, expect

BIN = "details.more summary"
ONE_MODE = pytest.mark.parametrize("mode", ["socket"], indirect=True)


class Person:
    """Somebody in front of the page: does what the line at the top says, and presses what the card shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hint = page.locator("#hint-text")
        self.thread = page.locator("#thread")

    def become(self, name: str) -> None:
        self.page.locator("#hint-buttons button", has_text=f"Be {name}").click()
        expect(self.page.locator("#me")).to_contain_text(name)

    def follow(self, label: str) -> None:
        self.page.locator("#hint-buttons button", has_text=label).click()

    def press_next(self, label: str) -> None:
        """Press the button on the card that the page points at."""
        self.thread.locator("button.next", has_text=label).click()

    def form(self, title: str, *, submit: str | Pattern[str]) -> Locator:
        form = self.page.get_by_role("dialog", name=title)
        expect(form.locator("button.submit")).to_have_text(submit)
        return form

    def fill_in(
        self, title: str, *, submit: str | Pattern[str], look: Callable[[], None] = lambda: None
    ) -> None:
        """Let the page fill the form with an example, and submit it."""
        form = self.form(title, submit=submit)
        form.get_by_role("button", name="Fill in an example").click()
        look()
        form.locator("button.submit").click()

    def close(self, title: str) -> None:
        self.page.get_by_role("dialog", name=title).get_by_role("button", name="Close", exact=True).click()
        expect(self.page.locator("dialog")).to_have_count(0)

    def rows(self, table: str) -> Locator:
        return self.page.locator(f"section.table[data-table={table}]")

    def delete_messages_of_customer(self) -> None:
        own = self.thread.locator(".message:has(.avatar[data-role=customer])")
        while (left := own.count()) > 0:
            own.last.locator(BIN).click()
            own.last.get_by_role("button", name="Delete message").click()
            expect(own).to_have_count(left - 1)


def be(page: Page, user: str) -> None:
    page.locator("#me").select_option(user)


def tab(page: Page, name: str) -> None:
    page.locator("#channel-head").get_by_role("button", name=name).click()


def card(person: Person, words: str) -> Locator:
    found = person.thread.locator(".message.by-bot", has_text=words).first
    expect(found).to_be_visible()
    return found


def behind_dots(person: Person, label: str) -> None:
    """Choose what stands behind the "…" of the card."""
    person.thread.locator("details.overflow > summary").first.click()
    person.thread.locator("details.overflow").get_by_role("button", name=label).click()


def asks_and_hears(person: Person, answer: str) -> None:
    person.become("Ana")
    person.press_next("Ask the customer")
    person.fill_in("Ask", submit="Ask")
    person.become("Maya")
    person.follow(answer)
    person.become("Ana")
    person.press_next("Record the answer")
    person.fill_in("Answer", submit="Record")
    person.press_next("Who is this?")
    person.fill_in("Who is this?", submit="Search")
    person.fill_in("Who is this?", submit="Decide")


def writes(person: Person, user: str, text: str, *, where: str = "thread") -> None:
    """Write into the open thread (or the channel) as somebody, and wait until it was sent."""
    be(person.page, user)
    box = person.page.locator(f"#{where}-composer textarea")
    box.fill(text)
    box.press("Enter")
    expect(box).to_have_value("")


def asked(person: Person) -> None:
    """Let Maya ask for deletion, and Ana put the question into the thread."""
    person.follow("Start here")
    person.become("Ana")
    person.press_next("Ask the customer")
    person.fill_in("Ask", submit="Ask")
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    # A click on the card as it was before the question would be answered with "somebody was faster".
    expect(card(person, "DD-1001").get_by_role("button", name="Ask again")).to_be_visible()
