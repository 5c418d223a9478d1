"""Names of people and postal addresses in a levelled text, where what stands around them gives them away."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import yaml

import prompts
from services.classifier.masking_view import UNSPACED, asks

Span = tuple[int, int]

_CAPITAL = r"(?=[^\Wa-zß-öø-ÿ\d_])"
_WORD = r"[^\W\d_][\w'\u2019.-]{0,30}"
_NAME = rf"{_CAPITAL}{_WORD}(?:[ \t]{{1,2}}{_CAPITAL}{_WORD}){{0,2}}"
_FEW = 200  # names of one message that are looked for elsewhere in it
_LEAST = 3  # letters of a name that is looked for elsewhere
_LOCAL_PART = re.compile(r"[^\W\d_]{3,}")
_TITLE = {
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "herr",
    "frau",
    "team",
    "support",
    "sir",
    "madam",
    "all",
    "there",
    "hello",
}


def _load(name: str) -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.load(prompts.read(f"classify/{name}"), Loader=yaml.BaseLoader)  # noqa: S506 -- strings only
    return loaded


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(words, key=len, reverse=True))


def names(text: str, emails: list[Span]) -> list[Span]:
    """Return the places of names: introduced, greeted, signed, in mail headers, and wherever else the same words stand."""
    found = [
        one.span("who")
        for pattern in _name_patterns()
        for one in pattern.finditer(text)
        if not asks(one.group("who"))
    ]
    words = {word for start, end in found for word in re.findall(r"[^\W\d_]+", text[start:end])[:3]}
    words |= {
        part.capitalize()
        for start, end in emails[:_FEW]
        for part in _LOCAL_PART.findall(text[start:end].partition("@")[0])
    }
    known = sorted(
        one
        for one in words
        if len(one) >= _LEAST and one[0].isupper() and one.lower() not in _TITLE and not asks(one)
    )[:_FEW]
    if known:
        found += [one.span() for one in re.finditer(rf"(?<!\w)(?:{_any_of(known)})(?!\w)", text)]
    return found


def addresses(text: str) -> Iterator[Span]:
    """Yield the places of postal addresses: streets with numbers, postcodes with towns, boxes."""
    for pattern in _address_patterns():
        for one in pattern.finditer(text):
            if not asks(one.group()):
                yield one.span()


@cache
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    cues = _load("names.yaml")
    said, anyhow, greeted, closed, headed, glued = (
        _any_of(cues[kind])
        for kind in ("introductions", "certain", "greetings", "closings", "headers", "unspaced")
    )
    name = rf"(?P<who>{_NAME})"
    whatever = rf"(?P<who>{_WORD}(?:[ \t]{{1,2}}{_CAPITAL}{_WORD}){{0,2}})"
    return (
        re.compile(rf"(?<!\w)(?i:{said})[ \t]{{0,2}}[:=]?[ \t]{{0,2}}{name}"),
        re.compile(rf"(?<!\w)(?i:{anyhow})[ \t]{{1,2}}{whatever}"),
        re.compile(rf"(?:^|\n)[ \t]{{0,4}}(?i:{greeted})[.]?[ \t]{{1,2}}{name}[ \t]{{0,2}}(?=[,:!\n]|\Z)"),
        re.compile(
            rf"(?:^|\n|[.,!][ \t])[ \t]{{0,4}}(?i:{closed})[,.!]?[ \t]{{0,2}}\n\s{{0,4}}{name}[ \t]{{0,2}}(?=[,.\n]|\Z)"
        ),
        re.compile(rf"(?<!\w)[Ii](?: am|['\u2019]m) {name}(?=[,.\n!]| and )"),
        re.compile(rf"(?:^|\n)[ \t>*]{{0,8}}(?i:{headed})[ \t]?:[ \t*]{{0,3}}[\"']?{name}"),
        re.compile(rf"{name}[\"']?[ \t]?[<(](?=[^\s<>()@]{{1,64}}@|mailto:)"),
        re.compile(
            rf"(?:{glued})[ ]?(?P<who>[{UNSPACED}\u00b7]{{2,5}}?)(?=です|と申|입니다|이고|라고|이에요|[^{UNSPACED}\u00b7]|\Z)"
        ),
    )


@cache
def _address_patterns() -> tuple[re.Pattern[str], ...]:
    ways = _load("addresses.yaml")
    before, after, endings, box = (_any_of(ways[kind]) for kind in ("before", "after", "endings", "box"))
    number = r"[0-9]{1,5}[ ]?[a-zA-Z]?(?![\w])(?:[/-][0-9]{1,4}[a-z]?)?"
    words = rf"(?:{_CAPITAL}[\w'\u2019.-]{{1,30}}[ ]){{1,3}}"
    of = r"(?:(?:de|del|della|des|du|la|le|les|los|el|dos|da|do|di|van|von)[ ]|l['\u2019]){0,3}"
    town = rf"{_CAPITAL}[^\W\d_][\w'\u2019-]{{1,30}}(?:[ -]{_CAPITAL}[\w'\u2019-]{{2,30}}){{0,2}}"
    tail = rf"(?:,?[ \n]{{1,2}}(?:[A-Z]{{1,3}}-)?[0-9]{{4,6}}(?:-[0-9]{{3,4}})?(?:[ ]{town})?)?"
    return (
        re.compile(rf"(?<!\w){number},?[ ]{words}(?i:{after})\b\.?{tail}"),
        re.compile(rf"(?<!\w){words}(?i:{after})\b\.?,?[ ](?:(?i:no|nr|n°)[:.]?[ ]?)?{number}{tail}"),
        re.compile(
            rf"(?<!\w)(?:{number},?[ ])?(?i:{before})\b\.?[ ]{of}{_CAPITAL}[\w'\u2019.-]{{1,30}}"
            rf"(?:[ ]{_CAPITAL}[\w'\u2019.-]{{1,30}}){{0,2}}(?:,?[ ](?i:д|буд|nº|n°|no|nr|дом)?\.?[ ]?{number})?{tail}"
        ),
        re.compile(rf"(?<!\w){_CAPITAL}[\w-]{{2,40}}(?i:{endings})[ ]{number}{tail}"),
        re.compile(rf"(?<!\w)(?i:{box})[ ]?(?:nr\.?|no\.?)?[ ]?[0-9][0-9 ]{{1,8}}{tail}"),
        re.compile(rf"(?<!\w)(?:[A-Z]{{1,3}}-)?[0-9]{{4,5}}(?:[ ][A-Z]{{2}})?[ ]{town}(?=[,.\n)]|\Z)"),
        re.compile(rf"(?<!\w){town},?[ ][A-Z]{{2}}[ ][0-9]{{5}}(?:-[0-9]{{4}})?"),
        re.compile(
            r"(?<!\w)(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9])(?!\w)"
        ),
        re.compile(r"〒? ?[0-9]{3}-[0-9]{4}"),
        re.compile(r"[\u3400-\u9fff]{1,8}(?:路|街|道|巷|大道)[0-9]{1,5}(?:号|號)(?:[0-9]{1,4}(?:室|楼))?"),
    )
