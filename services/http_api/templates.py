"""Placeholders of a definition: filled with transformed values, and never with nothing."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from services.domain.identity import folded

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_.]*)((?:\|[a-z0-9]+)*)\}")
TRANSFORMS: dict[str, Callable[[str], str]] = {
    "casefold": folded,
    # Some processors name a member by the MD5 of the address: a name here, no protection.
    "md5": lambda value: hashlib.md5(folded(value).encode(), usedforsecurity=False).hexdigest(),
    "url": lambda value: quote(value, safe=""),
    "form": quote_plus,
}


class EmptyValueError(Exception):
    """A placeholder had nothing to be filled with: the request is never sent. Names the placeholder only."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def names_in(value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return every placeholder of a template (nested or not) with its transforms."""
    match value:
        case str():
            for match in PLACEHOLDER.finditer(value):
                yield match[1], tuple(part for part in match[2].split("|") if part)
        case dict():
            for name, one in value.items():
                yield from names_in(name)
                yield from names_in(one)
        case list() | tuple():
            for one in value:
                yield from names_in(one)
        case _:
            return


def fill(value: Any, given: Mapping[str, str], *, in_path: bool = False) -> Any:
    """Return the template with its placeholders filled; in a path each is percent-encoded whole.

    Raises `EmptyValueError` for a value that is missing, empty or blank, and in a path for "." and "..", which
    would turn one record's address into that of all of them.
    """
    match value:
        case str():
            return PLACEHOLDER.sub(lambda match: _value(match, given, in_path=in_path), value)
        case dict():
            return {fill(name, given): fill(one, given) for name, one in value.items()}
        case list() | tuple():
            return [fill(one, given) for one in value]
        case _:
            return value


def _value(match: re.Match[str], given: Mapping[str, str], *, in_path: bool) -> str:
    value = given.get(match[1], "").strip()
    if not value or (in_path and value in {".", ".."}):
        raise EmptyValueError(match[1])
    transforms = [part for part in match[2].split("|") if part]
    for name in transforms:
        value = TRANSFORMS[name](value)
    return quote(value, safe="") if in_path and "url" not in transforms else value
