"""The words of a Slack message, wherever it keeps them: text, rich text, other blocks, attachments, e-mail files."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from handlers.helpdesk import Sender, is_about, labelled, sender_of, without_labels

_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_DEEPEST = 12


def words_and_sender(message: Any, *, is_integration: bool) -> tuple[str, Sender]:
    """Return what the customer wrote and, of a post by an integration, whom it names as the customer.

    An integration's labels (status, assignee, requester …) are no words of the customer's; where nothing else is left
    the whole text stays, so that no request is lost.
    """
    message = as_dict(message)
    if not is_integration:
        return text_of(message), Sender()
    attachments, files = as_dicts(message.get("attachments")), as_dicts(message.get("files"))
    pieces = [*_pieces(message, quotations=True), *(one for file in files for one in _of_mail(file))]
    labels = [pair for piece in pieces for pair in labelled(piece)]
    for attachment in attachments:
        labels += [
            (as_word(one.get("title")), _plain(one.get("value")))
            for one in as_dicts(attachment.get("fields"))
        ]
        author = " ".join(as_word(attachment.get(part)) for part in ("author_name", "author_subname"))
        labels.append(("from", author.strip()))
    own = _each_once(without_labels(piece) for piece in pieces)
    return own or text_of(message), sender_of(labels, pieces, files)


def text_of(message: Any) -> str:
    """Return a message's text: rich text without its quotations, else `text`; then other blocks and attachments."""
    message = as_dict(message)
    return _each_once(_pieces(message, quotations=False))


def _pieces(message: dict[str, Any], *, quotations: bool) -> list[str]:
    """Return the texts of a message in order. An integration quotes the customer: then quotations are their words."""
    blocks = as_dicts(message.get("blocks"))
    rich = [block for block in blocks if block.get("type") == "rich_text"]
    shown = "\n".join(_rich(block, quotations=quotations) for block in rich)
    pieces = [shown if rich else _plain(message.get("text"))]
    pieces += [piece for block in blocks if block.get("type") != "rich_text" for piece in _texts(block)]
    for attachment in as_dicts(message.get("attachments")):
        inner = [
            piece
            for block in as_dicts(attachment.get("blocks"))
            for piece in _texts(block, quotations=quotations)
        ]
        fields = [
            _plain(field.get("value"))
            for field in as_dicts(attachment.get("fields"))
            # With quotations the labels are read apart: what they say of the ticket is nobody's words.
            if not (quotations and is_about(as_word(field.get("title"))))
        ]
        named = [_plain(attachment.get(name)) for name in ("pretext", "title", "text")]
        pieces += (
            [*named, *fields, *inner]
            if any([*named, *fields, *inner])
            else [_plain(attachment.get("fallback"))]
        )
    return pieces


def _of_mail(file: dict[str, Any]) -> list[str]:
    """Return subject and text of an e-mail that Slack shows as a file."""
    if file.get("mode") != "email" and file.get("filetype") != "email":
        return []
    body = as_word(file.get("plain_text")) or as_word(file.get("preview_plain_text"))
    return [as_word(file.get("subject")) or as_word(file.get("title")), body]


def _each_once(pieces: Iterable[str]) -> str:
    parts: list[str] = []
    for piece in (one.strip() for one in pieces):
        # The text of a bot's post is often the fallback of its blocks: the same words twice help nobody.
        if piece and not any(piece in part for part in parts):
            parts.append(piece)
    return "\n".join(parts)


def _rich(block: dict[str, Any], *, quotations: bool) -> str:
    return "".join(_inline(block, 0, quotations=quotations)).strip("\n")


def _inline(element: dict[str, Any], depth: int, *, quotations: bool) -> Iterator[str]:
    kind = as_word(element.get("type"))
    if (kind == "rich_text_quote" and not quotations) or depth > _DEEPEST:
        return
    match kind:
        case "text":
            yield as_word(element.get("text"))
        case "link":
            yield as_word(element.get("text")) or as_word(element.get("url")).removeprefix("mailto:")
        case "user":
            yield f"<@{as_word(element.get('user_id'))}>"
        case "emoji":
            yield f":{as_word(element.get('name'))}:"
        case "broadcast":
            yield f"@{as_word(element.get('range'))}"
        case _:
            for child in as_dicts(element.get("elements")):
                yield from _inline(child, depth + 1, quotations=quotations)
            if kind in {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}:
                yield "\n"


def _texts(block: dict[str, Any], *, quotations: bool = False) -> Iterator[str]:
    """Yield the texts of one block that is not rich text; buttons and pictures say nothing."""
    if block.get("type") == "rich_text":
        yield _rich(block, quotations=quotations)
        return
    for holder in (block, *as_dicts(block.get("elements")), *as_dicts(block.get("fields"))):
        if as_word(holder.get("type")) in {"button", "image", "overflow"}:
            continue
        text = holder.get("text")
        yield _plain(as_dict(text).get("text") if isinstance(text, dict) else text)


def _plain(text: Any) -> str:
    """Return Slack's mrkdwn as plain text: links by their label, mentions as they are, entities resolved."""

    def replace(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target.startswith("@"):
            return found[0]
        if target.startswith("!"):
            return f"@{label or target[1:].split('^')[0]}"
        if target.startswith("#"):
            return f"#{label or target[1:]}"
        return label or target.removeprefix("mailto:")

    return html.unescape(_MARKUP.sub(replace, text)) if isinstance(text, str) else ""


def as_word(value: Any) -> str:
    """Return the value if it is a text, else ""."""
    return value if isinstance(value, str) else ""


def as_dict(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_dicts(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, none if it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
