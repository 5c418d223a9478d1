"""The vocabulary of Block Kit that the views use, within Slack's limits and without a way to ping anybody."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.ids import VALUE
from handlers.language import later, t
from services.domain.people import DESK

Block = dict[str, Any]
View = dict[str, Any]

SECTION, CONTEXT, HEADER, TITLE, OPTION, BUTTON, INPUT = 3000, 2000, 150, 24, 75, 75, 3000
VIEW_BLOCKS, LABEL = 100, 60
_BYTES_A_CHARACTER = 4
_DAYS = tuple(
    later(one)
    for one in (
        later("Mon"),
        later("Tue"),
        later("Wed"),
        later("Thu"),
        later("Fri"),
        later("Sat"),
        later("Sun"),
    )
)
_MONTHS = tuple(
    later(one)
    for one in (
        later("Jan"),
        later("Feb"),
        later("Mar"),
        later("Apr"),
        later("May"),
        later("Jun"),
        later("Jul"),
        later("Aug"),
        later("Sep"),
        later("Oct"),
        later("Nov"),
        later("Dec"),
    )
)


def tidy(text: str) -> str:
    """Return the text without what JSON or Slack cannot carry (lone surrogates, NUL)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def escape(text: str) -> str:
    """Return the text with & < > as entities: the only form in which foreign words may stand in mrkdwn."""
    return tidy(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """Return the text, cut with "…" where it is longer than the limit."""
    text = tidy(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def plain(text: str, limit: int) -> Block:
    """Return a plain_text object: nothing in it is ever a mention or a link."""
    clipped = clip(text, limit)
    return {"type": "plain_text", "text": clipped if clipped.strip() else t("(no text)"), "emoji": False}


def mrkdwn(text: str, limit: int = SECTION) -> Block:
    """Return a mrkdwn object. Foreign words in it must have gone through `escape`."""
    return {"type": "mrkdwn", "text": clip_mrkdwn(text, limit) if text.strip() else "-", "verbatim": True}


def clip_mrkdwn(text: str, limit: int) -> str:
    """Return our own mrkdwn cut to the limit, never within a mention or an entity."""
    if len(text) <= limit:
        return text
    return re.sub(r"(<[^>]*|&[a-z]*)$", "", text[: limit - 1]) + "…"


def section(text: str) -> Block:
    """Return a section of our own mrkdwn."""
    return {"type": "section", "text": mrkdwn(t(text))}


def context(*lines: str) -> Block:
    """Return small grey lines of our own mrkdwn."""
    return {"type": "context", "elements": [mrkdwn("\n".join(lines), CONTEXT)]}


def divider() -> Block:
    """Return a line between two parts."""
    return {"type": "divider"}


def words(text: str, *, at_most: int = 12_000) -> list[Block]:
    """Return foreign words as plain text over as many sections as they need, cut with a note beyond `at_most`."""
    text = tidy(text)
    # A view may have 250 kB of JSON, in which an accented letter takes 6 bytes and an emoji 12.
    cost = len(json.dumps(text[:at_most]))
    at_most = min(at_most, at_most * at_most * _BYTES_A_CHARACTER // max(cost, 1))
    shown = text[:at_most]
    pieces = [shown[start : start + SECTION] for start in range(0, len(shown), SECTION)]
    blocks: list[Block] = [
        {"type": "section", "text": plain(piece, SECTION)} for piece in pieces if piece.strip()
    ]
    if not blocks:
        blocks = [{"type": "section", "text": plain(t("(no text)"), SECTION)}]
    if len(text) > at_most:
        blocks.append(
            context(
                t(
                    "The first {at_most:,} of {all:,} characters; the whole text is in the thread.",
                    at_most=at_most,
                    all=len(text),
                )
            )
        )
    return blocks


def button(text: str, action_id: str, value: str, *, style: str = "") -> Block:
    """Return a button; `value` is "<case id>:<version>"."""
    drawn: Block = {"type": "button", "action_id": action_id, "text": plain(t(text), BUTTON), "value": value}
    return drawn | {"style": style} if style else drawn


def overflow(action_id: str, options: Sequence[tuple[str, str, str]]) -> Block:
    """Return the "…" with up to five (value, text, description) options."""
    return {"type": "overflow", "action_id": action_id, "options": _options(options)}


def actions(buttons: Sequence[Block]) -> list[Block]:
    """Return the buttons in a row, or nothing when there are none."""
    return [{"type": "actions", "elements": list(buttons)}] if buttons else []


def text_input(
    block_id: str,
    label: str,
    *,
    initial: str = "",
    multiline: bool = False,
    optional: bool = False,
    hint: str = "",
    at_most: int = INPUT,
) -> Block:
    """Return a field for words."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": multiline,
        "max_length": at_most,
    }
    if initial.strip():
        element["initial_value"] = clip(initial, at_most)
    return _input(block_id, label, element, optional=optional, hint=hint)


def radio(
    block_id: str,
    label: str,
    options: Sequence[tuple[str, str, str]],
    *,
    optional: bool = False,
    hint: str = "",
) -> Block:
    """Return a choice between (value, text, description) options, none of them chosen in advance (design rule 12)."""
    element: Block = {"type": "radio_buttons", "action_id": VALUE, "options": _options(options)}
    return _input(block_id, label, element, optional=optional, hint=hint)


def select(
    block_id: str, label: str, options: Sequence[tuple[str, str, str]], *, optional: bool = False
) -> Block:
    """Return a drop-down list of (value, text, description) options."""
    element: Block = {"type": "static_select", "action_id": VALUE, "options": _options(options)}
    return _input(block_id, label, element, optional=optional)


def user_select(block_id: str, label: str) -> Block:
    """Return a choice of one person of the workspace."""
    return _input(block_id, label, {"type": "users_select", "action_id": VALUE}, optional=False)


def checkbox(
    block_id: str, label: str, options: Sequence[tuple[str, str, str]], *, optional: bool = True
) -> Block:
    """Return boxes to tick."""
    element: Block = {"type": "checkboxes", "action_id": VALUE, "options": _options(options)}
    return _input(block_id, label, element, optional=optional)


def moment(block_id: str, label: str, *, hint: str = "") -> Block:
    """Return a picker for date and time; left empty it means now."""
    return _input(block_id, label, {"type": "datetimepicker", "action_id": VALUE}, optional=True, hint=hint)


def modal(
    title: str,
    blocks: Iterable[Block],
    *,
    callback_id: str = "",
    submit: str = "",
    metadata: dict[str, Any] | None = None,
    close: str = later("Close"),
) -> View:
    """Return a modal within the limit of blocks; `metadata` is {case, version} and at most a plan's hash."""
    drawn = list(blocks)
    if len(drawn) > VIEW_BLOCKS:
        # Fields stand at the end of our modals: what is cut is reading matter, and that is said.
        fields = [block for block in drawn if block["type"] == "input"]
        reading = [block for block in drawn if block["type"] != "input"][: VIEW_BLOCKS - 1 - len(fields)]
        drawn = [*reading, context(t("There is more than a modal can show.")), *fields]
    view: View = {
        "type": "modal",
        "title": plain(title, TITLE),
        "close": plain(t(close), TITLE),
        "blocks": drawn,
    }
    if callback_id:
        view |= {"callback_id": callback_id, "submit": plain(submit, TITLE)}
        view["private_metadata"] = json.dumps(metadata or {}, separators=(",", ":"))
    return view


def person(user_id: str) -> str:
    """Return how mrkdwn names whoever did something."""
    if user_id == DESK.user_id or not user_id:
        return t("the desk")
    return f"<@{user_id}>" if re.fullmatch(r"[UW][A-Z0-9_]+", user_id, flags=re.ASCII) else escape(user_id)


def people(user_ids: Iterable[str]) -> str:
    """Return several people, "and" before the last."""
    named = [person(one) for one in user_ids]
    return (
        named[0]
        if len(named) == 1
        else t("{others} and {last}", others=", ".join(named[:-1]), last=named[-1])
        if named
        else t("nobody")
    )


def system_name(labels: Mapping[str, str], system: str, otherwise: str = "") -> str:
    """Return what people call a system, short enough for a line (mrkdwn)."""
    return escape(clip(labels.get(system) or otherwise or system, LABEL))


def day(at: datetime) -> str:
    """Return a date as "Mon 21 Dec"."""
    return t(
        "{weekday} {day} {month}", weekday=t(_DAYS[at.weekday()]), day=at.day, month=t(_MONTHS[at.month - 1])
    )


def clock(at: datetime) -> str:
    """Return a moment as "24 Nov 10:55 UTC"."""
    return t("{day} {month} {at:%H:%M} UTC", day=at.day, month=t(_MONTHS[at.month - 1]), at=at)


def records(number: int) -> str:
    """Return "1 record" or "208 records"."""
    return t("1 record") if number == 1 else t("{number:,} records", number=number)


def systems(number: int) -> str:
    """Return "1 system" or "3 systems"."""
    return t("1 system") if number == 1 else t("{number} systems", number=number)


def _options(options: Sequence[tuple[str, str, str]]) -> list[Block]:
    drawn: list[Block] = []
    for value, text, description in options:
        option: Block = {"value": value, "text": plain(t(text), OPTION)}
        drawn.append(option | {"description": plain(t(description), OPTION)} if description else option)
    return drawn


def _input(block_id: str, label: str, element: Block, *, optional: bool, hint: str = "") -> Block:
    drawn: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(t(label), 2000),
        "element": element,
        "optional": optional,
    }
    return drawn | {"hint": plain(t(hint), 2000)} if hint else drawn
