"""What a person reads on a Slack screen: the words of blocks, the buttons, the fields of a form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of a form as it is drawn: its label, what stands before it, and what can be chosen (text → value)."""

    label: str
    before: str
    block_id: str
    action_id: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    initial: str = ""
    is_optional: bool = False


def words_of(message: Json) -> str:
    """Return the words of a message or a modal: of its blocks, else its text."""
    blocks = message.get("blocks") or []
    return "\n".join(filter(None, (_block(one) for one in blocks))) or str(message.get("text", ""))


def quoted_words(view: Json) -> str:
    """Return the plain text of a modal, without its own mrkdwn: what it quotes, such as a text to be copied."""
    texts = (one.get("text") or {} for one in view.get("blocks") or [] if one["type"] == "section")
    return "\n".join(str(one["text"]) for one in texts if one.get("type") == "plain_text")


def title_of(view: Json) -> str:
    """Return a modal's title."""
    return str((view.get("title") or {}).get("text", ""))


def submit_of(view: Json) -> str:
    """Return the words on a modal's submit button, "" when it has none."""
    return str((view.get("submit") or {}).get("text", ""))


def buttons_of(message: Json) -> dict[str, tuple[str, str, str | None]]:
    """Return the buttons of a message, those behind "…" included, by their words: (action id, block id, option)."""
    found: dict[str, tuple[str, str, str | None]] = {}
    for block in message.get("blocks") or []:
        for element in [*(block.get("elements") or []), *filter(None, [block.get("accessory")])]:
            if not isinstance(element, dict):
                continue
            if element.get("type") == "button":
                found[element["text"]["text"]] = (element["action_id"], block["block_id"], None)
            for option in element["options"] if element.get("type") == "overflow" else ():
                found[option["text"]["text"]] = (element["action_id"], block["block_id"], option["value"])
    return found


def fields_of(view: Json) -> list[Field]:
    """Return the inputs of a modal in order."""
    found: list[Field] = []
    before: list[str] = []
    for block in view.get("blocks") or []:
        if block["type"] != "input":
            before.append(_block(block))
            continue
        element = block["element"]
        found.append(
            Field(
                label=block["label"]["text"],
                before="\n".join(filter(None, before)),
                block_id=block["block_id"],
                action_id=element["action_id"],
                kind=element["type"],
                options=tuple((one["text"]["text"], one["value"]) for one in element.get("options") or []),
                initial=str(element.get("initial_value") or ""),
                is_optional=bool(block.get("optional")),
            )
        )
        before = []
    return found


def _block(block: Json) -> str:
    match block.get("type"):
        case "rich_text":
            return "".join(_rich(one) for one in block.get("elements") or []).strip("\n")
        case "section":
            parts = [block.get("text"), *(block.get("fields") or [])]
            return "\n".join(_said(one) for one in parts if one)
        case "header":
            return _said(block["text"])
        case "context":
            return "\n".join(_said(one) for one in block.get("elements") or [] if "text" in one)
        case "actions":
            labels = [str(one["text"]["text"]) for one in block.get("elements") or [] if "text" in one]
            return " ".join(f"[ {label} ]" for label in labels)
        case "input":
            return str(block["label"]["text"])
        case _:
            return ""


def _said(text: Any) -> str:
    said = str(text.get("text", "") if isinstance(text, dict) else text)
    if isinstance(text, dict) and text.get("type") == "plain_text":
        return said
    plain = _MARKUP.sub(lambda found: found[2] or found[1], said).replace("*", "")
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _rich(element: Json) -> str:
    return "".join(_spans(element)) + (
        "\n"
        if element.get("type") in {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}
        else ""
    )


def _spans(element: Json) -> Iterator[str]:
    match element.get("type"):
        case "text":
            yield str(element.get("text", ""))
        case "link":
            yield str(element.get("text") or element.get("url", ""))
        case "user":
            yield f"@{element.get('user_id')}"
        case _:
            for child in element.get("elements") or []:
                yield _rich(child)
