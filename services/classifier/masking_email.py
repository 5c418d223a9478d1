"""E-mail addresses in a levelled text, however they are spelled: with signs, words, brackets, or letters apart."""

import re
from functools import cache

import yaml

import prompts
from services.classifier.masking_view import UNSPACED, asks

Span = tuple[int, int]

_LETTER = rf"[^\W{UNSPACED}]"
_LOCAL = re.compile(rf"(?:{_LETTER}|[.!#$%&'*+/=?^`{{|}}~-])")
_JOINTS = re.compile(r"[=/?!#|{}&]")
_CUE = re.compile(
    r"(?:mail|address|adress|correo|e-?post|contact|reach|write|почт|:)[^\n]{0,25}$", re.IGNORECASE
)
_UNSPACED_RUN = re.compile(rf"[{UNSPACED}]{{1,12}}")
_PLAIN_WORDS = frozenset({"me", "us", "it", "him", "her", "them", "you", "look", "arrive", "be", "is"})
_LONGEST_LOCAL = 128


@cache
def _spelling() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return the patterns for an "@" in any form, for what follows it, and for a dot written as a word."""
    words = yaml.load(prompts.read("classify/addresses.yaml"), Loader=yaml.BaseLoader)  # noqa: S506 -- strings only
    at, dot = ("|".join(map(re.escape, sorted(words[kind], key=len, reverse=True))) for kind in ("at", "dot"))
    wrapped = r" ?[\[({{<*\"'] ?(?i:{0}) ?[\])}}>*\"'] ?"
    signs = "|".join(
        (
            r" ?@ ?",
            wrapped.format(f"{at}|@|a"),
            rf"(?<=\w)[ _-](?i:{at})[ _-](?=\w)",
            r"(?<=[a-z0-9])AT(?=[a-z0-9])",
        )
    )
    point = "|".join(
        (
            r"\.",
            r" \. ?(?=[a-z0-9])",
            wrapped.format(rf"{dot}|\."),
            rf"[ _-](?i:{dot})[ _-]",
            r"(?<=[a-z0-9])DOT(?=[a-z])",
        )
    )
    apart = rf"{_LETTER}(?: {_LETTER}){{2,62}}(?!{_LETTER})"
    label = rf"(?:{apart}|(?:{_LETTER}|-){{1,63}}|[{UNSPACED}]{{1,12}})"
    return (
        re.compile(signs),
        re.compile(rf"{label}(?:(?:{point}){label}){{0,6}}"),
        re.compile(rf"(?<![^\W_])(?i:{dot})(?![^\W_])|DOT"),
    )


def emails(text: str) -> list[Span]:
    """Return the places of e-mail addresses, each found from its "@" outwards: linear where one pattern would not be.

    Words that ask for something are left out of an address: neither "data@example" nor what is glued to an address
    may hide a request from the reader.
    """
    sign, domain, dot_word = _spelling()
    spans: list[Span] = []
    least = 0
    for found in sign.finditer(text):
        start = _local(text, found.start(), least)
        behind = domain.match(text, found.end())
        if not behind or start == found.start():
            continue
        local, end = text[start : found.start()], _end(text, found.end(), behind.end())
        if end <= found.end():
            continue
        bare = "@" not in found.group() and not re.search(r"[\[({<*\"']", found.group())
        spaced = " " in found.group()
        named = "." in text[found.end() : end] or bool(dot_word.search(text, found.end(), end))
        if (bare or spaced) and not named:
            continue
        if bare and not _is_address(
            text, start, local, spelled=bool(dot_word.search(text, found.end(), end))
        ):
            continue
        spans.append((start, end))
        least = end
    return spans


def _is_address(text: str, start: int, local: str, *, spelled: bool) -> bool:
    """Whether "so at example dot com" is an address and not the end of a sentence about a site."""
    if asks(local) or local.casefold() in _PLAIN_WORDS:
        return False
    telling = any(one.isdigit() or one in "._+" for one in local)
    return spelled or telling or bool(_CUE.search(text[max(0, start - 60) : start]))


def _local(text: str, end: int, least: int) -> int:
    """Return where the part before the "@" begins."""
    start = end
    least = max(least, end - _LONGEST_LOCAL)
    while start > least and _LOCAL.match(text[start - 1]):
        start -= 1
    if start == end:
        return _unspaced_local(text, end, least)
    if end - start == 1:  # letters written apart
        while start - 2 >= least and text[start - 1] == " " and _is_single(text, start - 2):
            start -= 2
    # "account=jane@…": what stands before a joint stays, when it speaks of the request.
    for joint in reversed([one.end() for one in _JOINTS.finditer(text, start, end)]):
        if joint < end and asks(text[start:joint]):
            return joint
    return start


def _unspaced_local(text: str, end: int, least: int) -> int:
    start = end
    while start > max(least, end - 12) and _UNSPACED_RUN.match(text[start - 1]):
        start -= 1
    return end if asks(text[start:end]) else start


def _is_single(text: str, at: int) -> bool:
    return bool(_LOCAL.match(text[at])) and (at == 0 or not text[at - 1].isalnum())


def _end(text: str, start: int, end: int) -> int:
    """Return the end without the labels behind the last dot that speak of the request ("….com.Delete my data")."""
    while True:
        dot = max(text.rfind(".", start, end), text.rfind(" ", start, end))
        tail = text[dot + 1 : end] if dot > start else text[start:end]
        if not asks(tail):
            return end
        if dot <= start:
            # A domain may be called after data; what is written without spaces and asks for something is no domain.
            return start if _UNSPACED_RUN.match(text[start]) else end
        end = dot
