"""Labelled messages from a JSONL file, to measure a classifier with; a broken line is told with its cure."""

import json
from dataclasses import dataclass
from pathlib import Path

from services.domain.scope import Intent

LABELS = (Intent.ERASE_DATA, Intent.CLOSE_ACCOUNT, Intent.AMBIGUOUS, Intent.NONE)
_PLAIN_KINDS = frozenset({"chatter"})  # `none` of these kinds is not meant to be hard


class BrokenLineError(Exception):
    """A line of the file cannot be used; the text names file, line and cure, and quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One labelled message. `hard` marks a `none` that looks like a request."""

    id: str
    text: str
    label: Intent
    lang: str = ""
    kind: str = ""
    borderline: bool = False
    hard: bool = False


def read_items(path: Path) -> tuple[Item, ...]:
    """Return the items of a JSONL file. Raises `BrokenLineError` for the first line that is not one, or no file."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BrokenLineError(
            f"{path}: cannot be read ({type(error).__name__}); give the path of a JSONL file"
        ) from None
    items: list[Item] = []
    places: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _item(line.removeprefix(b"\xef\xbb\xbf"))
        except BrokenLineError as error:
            raise BrokenLineError(f"{path}, line {number}: {error}") from None
        if item.id in places:
            raise BrokenLineError(
                f"{path}, line {number}: the id is already used in line {places[item.id]}; give each line its own"
            )
        places[item.id] = number
        items.append(item)
    if not items:
        raise BrokenLineError(f'{path}: holds no items; write one {{"id", "text", "label"}} object a line')
    return tuple(items)


def _item(line: bytes) -> Item:
    """Return the item of one line. Raises `BrokenLineError` with fault and cure."""
    try:
        given = json.loads(line)
    except UnicodeDecodeError:
        raise BrokenLineError("is not UTF-8; save the file as UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise BrokenLineError("is not JSON; write one object a line, without line breaks inside") from None
    if not isinstance(given, dict):
        raise BrokenLineError("is not an object; write {...}")
    for name in ("id", "text", "label"):
        if not isinstance(given.get(name), str):
            raise BrokenLineError(f'has no "{name}" that is a text; add it')
    if given["label"] not in LABELS:
        raise BrokenLineError(f'has a "label" that is none of {", ".join(LABELS)}; correct it')
    for name in ("borderline", "hard_negative"):
        if not isinstance(given.get(name, False), bool):
            raise BrokenLineError(f'has a "{name}" that is neither true nor false; correct it')
    label, kind = Intent(given["label"]), str(given.get("kind") or "")
    return Item(
        id=given["id"],
        text=given["text"],
        label=label,
        lang=str(given.get("lang") or ""),
        kind=kind,
        borderline=given.get("borderline", False),
        hard=label is Intent.NONE and given.get("hard_negative", kind not in _PLAIN_KINDS),
    )
