"""A text as masking looks at it: width, digits, entities and invisible characters levelled, every place leading back."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from services.classifier.normalise import fold_words
from services.classifier.phrases import languages

_AT_SIGNS = {"\u24d0": "@", "\uff20": "@", "\ufe6b": "@"}
_DOTS = {"\u3002": ".", "\uff61": ".", "\u2024": ".", "\uff0e": "."}
_DASHES = {chr(code): "-" for code in (*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D)}
_ENTITY = re.compile(r"&#0{0,4}(?:64|46);|&#x0{0,4}(?:40|2e);|&(?:commat|period|lt|gt);|%40", re.IGNORECASE)
_MEANT = {
    "64": "@",
    "40": "@",
    "commat": "@",
    "%40": "@",
    "46": ".",
    "2e": ".",
    "period": ".",
    "lt": "<",
    "gt": ">",
}

# Letters of scripts written without spaces: where one begins, an address, id or link that came before has ended.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af"


class _Table(dict[str, str]):
    """What each character becomes, worked out once in the life of the process."""

    def __missing__(self, character: str) -> str:
        self[character] = levelled = _level(character)
        return levelled


def _level(character: str) -> str:
    for known in (_AT_SIGNS, _DOTS, _DASHES):
        if character in known:
            return known[character]
    category = unicodedata.category(character)
    if category in {"Cf", "Me"} or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    return unicodedata.normalize("NFKC", character)


_TABLE = _Table()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The levelled text, and for each of its characters (and its end) the place in the original."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a place here, invisible characters inside it included."""
        return self.origin[start], max(self.origin[start], self.origin[end - 1] + 1, self._before(end))

    def _before(self, end: int) -> int:
        """Return where what follows begins, unless that is another character's beginning: entities are longer."""
        return self.origin[end] if end < len(self.text) and self.origin[end] > self.origin[end - 1] + 1 else 0


def view(text: str) -> View:
    """Return the text levelled for matching, in linear time."""
    pieces: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        levelled = _TABLE[character]
        pieces.append(levelled)
        origin.extend([index] * len(levelled))
    origin.append(len(text))
    return _decoded("".join(pieces), origin)


def _decoded(text: str, origin: list[int]) -> View:
    """Return the view with entities replaced by what they stand for: "&#64;" is an "@"."""
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for found in _ENTITY.finditer(text):
        pieces += [
            text[done : found.start()],
            _MEANT[found.group().lower().strip("&#;").removeprefix("x").lstrip("0")],
        ]
        places += origin[done : found.start() + 1]
        done = found.end()
    return View(text="".join((*pieces, text[done:])), origin=(*places, *origin[done:]))


@cache
def _asking() -> re.Pattern[str]:
    stems = {stem for one in languages() for stem in (*one.stems, *one.objects)}
    # Short stems begin too many names ("radi", "info").
    telling = (stem for stem in stems if len(stem.strip()) >= (5 if stem.isascii() else 2))
    return re.compile("|".join(re.escape(stem) for stem in sorted(telling)))


def asks(words: str) -> bool:
    """Whether words speak of erasing, or of data or an account: such words are never taken for a name or an address."""
    return bool(_asking().search(fold_words(words)))
