"""What an answer means: values at dotted paths, tables of status and body, and an excerpt that quotes nobody."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.domain.identity import EMAIL
from services.transport import Response

EMPTY, PRESENT = "<empty>", "<present>"
_WORD = re.compile(r"[A-Za-z_.]{1,40}")
_TELLING = frozenset({"code", "type", "status", "error", "category", "object", "title"})
_LONGEST = 160


class Meaning(StrEnum):
    """The five things that an answer can mean; `UNKNOWN` is what no table of the definition names."""

    DONE = "done"
    GONE = "gone"
    DENIED = "denied"
    RETRY = "retry"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of a table: these statuses, and for every path one of these values."""

    statuses: frozenset[int]
    body: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def fits(self, answer: Response) -> bool:
        """Whether the answer has one of the statuses and all of the values."""
        if answer.status not in self.statuses:
            return False
        body = answer.json() if self.body else None
        return all(holds(body, path, wanted) for path, wanted in self.body.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the answers to one request mean. A refusal is looked for first, success last."""

    lines: Mapping[Meaning, tuple[Case, ...]]

    def read(self, answer: Response) -> Meaning:
        """Return the meaning; an answer that no line names is `UNKNOWN`, never success."""
        for meaning in (Meaning.DENIED, Meaning.RETRY, Meaning.GONE, Meaning.DONE):
            if any(case.fits(answer) for case in self.lines.get(meaning, ())):
                return meaning
        return Meaning.UNKNOWN


def values_at(body: Any, path: str) -> tuple[Any, ...]:
    """Return the values at a dotted path. `*` stands for all members of a list or mapping, `.` for the body."""
    found = [body]
    for part in path.split(".") if path != "." else ():
        found = [value for one in found for value in _members(one, part)]
    return tuple(found)


def holds(body: Any, path: str, wanted: tuple[Any, ...]) -> bool:
    """Whether a value at the path is one of those wanted, or is there (`<present>`), or is not (`<empty>`)."""
    values = [value for value in values_at(body, path) if value is not None and value not in ("", [], {})]
    if EMPTY in wanted:
        return isinstance(body, dict | list) and not values
    if PRESENT in wanted:
        return bool(values)
    return any(type(value) is type(one) and value == one for value in values for one in wanted)


def excerpt(answer: Response) -> str:
    """Return the shape of an answer for a person: names and kinds of its parts, no value that could be personal."""
    body = answer.json()
    if body is None:
        size = len(answer.content)
        return f"HTTP {answer.status}, " + (f"{size} bytes that are not JSON" if size else "empty")
    return f"HTTP {answer.status}, {''.join(_shape(body, ''))[:_LONGEST]}"


def _members(value: Any, part: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if part == "*" else [value[part]] if part in value else []
    if isinstance(value, list):
        if part == "*":
            return list(value)
        return [value[int(part)]] if part.isdigit() and int(part) < len(value) else []
    return []


def _shape(value: Any, key: str) -> Iterator[str]:
    match value:
        case dict():
            parts = (f"{_key(name)}: {''.join(_shape(one, name))}" for name, one in list(value.items())[:8])
            yield "{" + ", ".join(parts) + "}"
        case list():
            yield f"[{''.join(_shape(value[0], '')) if value else ''}] x {len(value)}"
        case bool() | None:
            yield str(value).lower()
        case str() if key in _TELLING and _WORD.fullmatch(value):
            yield value
        case _:
            yield "•••"


def _key(name: str) -> str:
    return name if _WORD.fullmatch(name) and not EMAIL.search(name) else "•••"
