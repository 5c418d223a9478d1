"""What Slack makes of what a person types: escaped text with marked-up links, and a rich_text block beside it."""

import re

from bot.playground.slack.workspace import Json

_TOKEN = re.compile(
    r"<@(?P<user>[A-Z][A-Z0-9_]*)>"
    r"|<#(?P<channel>[A-Z][A-Z0-9_]*)(?:\|[^>]*)?>"
    r"|<!(?P<range>channel|here|everyone)>"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<url>https?://[^\s<>]+)",
)


def escape(text: str) -> str:
    """Escape the three characters that Slack escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_slack_text(typed: str) -> str:
    """Return the `text` an event carries: mentions stay, addresses and links are marked up, the rest escaped."""
    return "".join(text for text, _ in _pieces(typed))


def as_rich_text(typed: str, block_id: str) -> list[Json]:
    """Return the rich_text block Slack adds to every message a person types; quoted lines become quotes."""
    groups: list[tuple[bool, list[str]]] = []
    for line in typed.split("\n"):
        quoted = line.startswith(">")
        if not groups or groups[-1][0] != quoted:
            groups.append((quoted, []))
        groups[-1][1].append(line[1:].removeprefix(" ") if quoted else line)
    elements = [
        {
            "type": "rich_text_quote" if quoted else "rich_text_section",
            "elements": [element for _, element in _pieces("\n".join(lines))],
        }
        for quoted, lines in groups
    ]
    return [{"type": "rich_text", "block_id": block_id, "elements": elements}]


def _pieces(typed: str) -> list[tuple[str, Json]]:
    pieces: list[tuple[str, Json]] = []
    end = 0
    for match in _TOKEN.finditer(typed):
        if match.start() > end:
            pieces.append(_plain(typed[end : match.start()]))
        pieces.append(_marked(match))
        end = match.end()
    if end < len(typed):
        pieces.append(_plain(typed[end:]))
    return pieces


def _plain(text: str) -> tuple[str, Json]:
    return escape(text), {"type": "text", "text": text}


def _marked(match: re.Match[str]) -> tuple[str, Json]:
    whole = match.group()
    if match["user"]:
        return whole, {"type": "user", "user_id": match["user"]}
    if match["channel"]:
        return whole, {"type": "channel", "channel_id": match["channel"]}
    if match["range"]:
        return whole, {"type": "broadcast", "range": match["range"]}
    if match["mail"]:
        return f"<mailto:{whole}|{whole}>", {"type": "link", "url": f"mailto:{whole}", "text": whole}
    return f"<{escape(whole)}>", {"type": "link", "url": whole}
