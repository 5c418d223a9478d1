"""What the desk says to the customer in the thread: as rich text, in which nothing pings anybody."""

import json
from dataclasses import dataclass

from handlers import ids
from handlers.language import t
from handlers.views.blocks import Block, actions, button, clip, escape, plain, section, tidy
from handlers.views.facts import Message
from services.domain.question import Question
from services.domain.record import Case

# Slack refuses messages at about 13 kB of text and blocks together, and text alone at 40,000 characters.
_ROOM, _TEXT = 12_000, 3000


def say(text: str) -> Message:
    """Return a message that says exactly this. A text too long for blocks goes out whole as escaped text."""
    text = tidy(text).strip()
    blocks: list[Block] = [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": text or "(no text)"}]}
            ],
        }
    ]
    short = escape(clip(text, _TEXT)) or "(no text)"
    size = len(short.encode()) + len(json.dumps(blocks, ensure_ascii=False).encode())
    if size > _ROOM:
        return Message(text=escape(text), blocks=[])
    return Message(text=short, blocks=blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The words on the customer's buttons, and those that ask whether it is meant."""

    everything: str
    account: str
    neither: str
    sure: str
    yes: str
    no: str


def ask_with_buttons(case_id: str, question: Question, text: str, choices: Choices) -> Message:
    """Return the question with the customer's own buttons: three of one size and style, none chosen (design rule 12).

    Their values are opaque ids; whose click counts is judged at the click, not by who sees them.
    """
    said = say(text)
    value = f"{case_id}:{question.id}"
    drawn = [
        button(f"{place}. {label}", action_id, value)
        | {
            "confirm": {
                "title": plain(choices.sure, 100),
                "text": plain(label, 300),
                "confirm": plain(choices.yes, 30),
                "deny": plain(choices.no, 30),
            }
        }
        for place, (action_id, label) in enumerate(
            (
                (ids.CUSTOMER_ALL, choices.everything),
                (ids.CUSTOMER_ACCOUNT, choices.account),
                (ids.CUSTOMER_NEITHER, choices.neither),
            ),
            start=1,
        )
    ]
    return Message(text=said.text, blocks=[*said.blocks, *actions(drawn)]) if said.blocks else said


def redacted() -> Message:
    """Return what takes the place of the desk's question when the case has ended (design rule 9)."""
    said = t("This question was removed because the case is closed.")
    return Message(text=said, blocks=[section(f"_{said}_")])


def joined(case: Case, link: str) -> Message:
    """Return the note that a message elsewhere was added to the customer's open case, which keeps its clock."""
    place = f"<{link}|{case.ref}>" if link else case.ref
    said = t("This was added to {place}, which is open already and keeps its deadline.", place=place)
    return Message(text=t("Added to {ref}", ref=case.ref), blocks=[section(said)])
