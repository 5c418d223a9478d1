"""The customer answers by themselves, through the real app: by the link in an e-mail, and by the buttons in the thread."""

import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.playground.evidence import open_own_store
from bot.playground.play import cast, steps
from bot.playground.play.reading import words_of
from bot.playground.play.stage import Stage, Thread
from bot.playground.play.transcript import Transcript
from bot.playground.slack import sample
from bot.playground.world import World

BY_EMAIL, ADDRESS = "By e-mail", "For e-mail: the address"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/c/[\w.-]+")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with World(tmp_path_factory.mktemp("answers")) as world:
        yield Stage(world, Transcript(title="The customer answers"))


def asked_by_mail(stage: Stage, thread: Thread, address: str) -> str:
    """Ana asks by e-mail; return what she is told in place of the form."""
    form = stage.ana.opens("Ask the customer", "Ask", thread)
    stage.ana.submits(form, {steps.HOW_TO_ASK: BY_EMAIL, ADDRESS: address})
    told = stage.door.until(
        lambda: (top := stage.ana.top()) and "Every system" not in top.words and top.words,
        "what became of it",
    )
    return str(told)


def link_of(stage: Stage, address: str) -> str:
    """Return the link in the newest letter to this address."""
    letter = stage.door.until(
        lambda: next(
            (one for one in reversed(stage.world.mailbox.letters(address)) if LINK.search(one.text)), None
        ),
        "a letter with a link",
    )
    return LINK.search(letter.text)[0]


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  # on loopback
        return str(answer.read().decode())


def post(url: str, **fields: str) -> str:
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(url, data=data, timeout=20) as answer:  # noqa: S310  # on loopback
        return str(answer.read().decode())


def test_the_answer_on_the_page_lands_on_the_card_and_the_case_goes_on(stage: Stage) -> None:
    """An e-mail to the address on file, the page, the confirmed choice: the desk records it, and a person approves."""
    known = {row["email"]: row for row in stage.world.began.shop["customers"]}
    rosa = cast.by_mail(next(iter(known)), "Rosa")
    thread = steps.writes(stage, rosa, "Please delete my data.")
    thread.until("Deletion request?")
    assert "on its way" in asked_by_mail(stage, thread, rosa.address)
    thread.until("Asked")
    link = link_of(stage, rosa.address)
    for _ in range(3):
        assert "Erase everything" in get(link), "opening the link shows the choices"
    assert "Is this what you want?" in post(link, choice="all")
    assert "Asked" in thread.says(), "neither opening nor choosing decides anything"
    assert "Thank you" in post(link, choice="all", step="confirm")
    thread.until("The customer has answered")
    assert "personal link" in thread.says()
    assert "has been used" in get(link)
    assert "has been used" in post(link, choice="account", step="confirm")
    with closing(open_own_store(stage.world)) as store:
        answers = [
            dict(one.entry.facts) for one in store.cases.ledger() if one.entry.action == "record_answer"
        ]
    # The stage is shared: another test's customer may have answered by a button before.
    assert [one["by"] for one in answers if one["proof"] == "confirmation_link"] == ["customer"]
    form = stage.ana.opens("Who is this?", "Search", thread)
    assert rosa.address in form.initial("Addresses, one a line")


def test_an_address_that_nobody_has_on_file_is_never_mailed(stage: Stage) -> None:
    """A link proves control of an address on file; sent anywhere else it would prove nothing (design rule 2)."""
    stranger = cast.by_mail("nobody.knows@example.net", "Nobody")
    thread = steps.writes(stage, stranger, "Delete my data please.")
    thread.until("Deletion request?")
    assert "not on file" in asked_by_mail(stage, thread, stranger.address)
    assert "Deletion request?" in thread.says()
    assert stage.world.mailbox.letters(stranger.address) == []


def test_only_the_customers_own_click_counts(stage: Stage) -> None:
    """The buttons under the question: a colleague and another customer are told why nothing happened; Maya decides."""
    maya = cast.maya(stage)
    thread = steps.writes(stage, maya, f"Please delete my data. My address is {maya.address}.")
    thread.until("Deletion request?")
    steps.asked(stage.ana, maya, thread)
    for other in (stage.ben, stage.jonas):
        press(stage, other.user, thread, "2. Close the account only")
        stage.door.until(
            lambda other=other: any(
                "Only the person who was asked" in one for one in other.told_privately(thread)
            ),
            f"an answer for {other.name}",
        )
    assert "Asked" in thread.says()
    press(stage, maya.person.user, thread, "2. Close the account only")
    thread.until("The customer has answered")
    assert "only the account closed" in thread.says()
    stage.door.until(lambda: not buttons(thread), "the buttons to go")


def buttons(thread: Thread) -> list[tuple[dict, dict, dict]]:
    return [
        (message, block, element)
        for message in thread.by_bot()
        for block in message.get("blocks", [])
        for element in block.get("elements", [])
        if str(element.get("action_id", "")).startswith("customer_")
    ]


def press(stage: Stage, user: str, thread: Thread, label: str) -> None:
    message, block, element = next(one for one in buttons(thread) if one[2]["text"]["text"] == label)
    assert words_of(message)
    stage.door.do(
        "click",
        user=user,
        channel=sample.SUPPORT,
        message_ts=message["ts"],
        action_id=element["action_id"],
        block_id=block["block_id"],
        value=element["value"],
    )
