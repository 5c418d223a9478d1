"""One spelling for many: case, width, accents, invisible characters, look-alikes and s p a c e d letters folded away."""

import re
import unicodedata
from dataclasses import dataclass

# What NFKD does not take apart, and letters that people use for one another.
_EXTRA = {
    "\u0131": "i", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
    "ة": "\u0647", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": "",
    "\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'", "\u02bc": "'", "\u2032": "'", "\uff07": "'",
    "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "_": " ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u115f": "", "\u1160": "", "\u2800": " ",
}  # fmt: skip
_LATIN_TWINS = str.maketrans("асеорхуіјѕкмтнвгαονερικτυ", "aceopxyijskmthbraovepiktu")
_MIXED = re.compile("[a-z][\u0370-\u04ff]|[\u0370-\u04ff][a-z]")
_LATIN = re.compile("[a-z]")
_WORD = re.compile(r"\w+")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*·+|]){3,}[^\W\d_](?![^\W_])")


def _fold_character(character: str) -> str:
    """Return what one character becomes; combining marks and invisible characters become nothing."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept: list[str] = []
    for one in folded:
        category = unicodedata.category(one)
        if one in _EXTRA:
            kept.append(_EXTRA[one])
        elif category[0] == "Z":
            kept.append(" ")
        elif category[0] != "M" and category not in {"Cf", "Cs"}:
            kept.append(one)
    return "".join(kept)


class _Table(dict[int, str]):
    """A translation table that fills itself: each character is folded once in the life of the process."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


# Character by character on purpose: normalising a whole text sorts its combining marks, in quadratic time.
_TABLE = _Table()


class _Words(_Table):
    """The same folding, with everything that is neither letter nor digit turned into a space."""

    def __missing__(self, code: int) -> str:
        kept = _TABLE[code]
        self[code] = folded = "".join(one if one.isalnum() else " " for one in kept)
        return folded


_WORDS = _Words()
# A `str.replace` of a whole text costs less than eight looks into the table. So what is frequent is replaced first, and
# of the rest each character once: all but the letters below, which casefolding leaves as the table would.
_FREQUENT = tuple((one, _WORDS[ord(one)]) for one in ".,?!'，。？йäöüéáíóñ")  # noqa: RUF001
_SAME = "".join(
    letter
    for low, high in ("αω", "ая", "ءي", "ऄह", "ぁん", "ァン", "一龥")
    for letter in map(chr, range(ord(low), ord(high) + 1))
    if _WORDS[ord(letter)] == letter
)
_NOT_SAME = re.compile(f"[^a-z0-9 {_SAME}]")
_FIRST = 40  # so many characters show whether most of them are of the rest (Hangul, Vietnamese): then the table is quicker
_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A folded text that remembers where each of its characters stood (`origin`, one longer than the text).

    `spaced` are the runs of letters that had been written apart, now joined, as (start, end) in the folded text.
    """

    text: str
    origin: tuple[int, ...]
    spaced: tuple[tuple[int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original text of a place in this one."""
        if end <= start:
            return self.origin[start], self.origin[start]
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Return the folded text with its offsets, in linear time. Length may change; offsets lead back."""
    pieces: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        folded = _TABLE[ord(character)]
        pieces.append(folded)
        origin.extend([index] * len(folded))
    origin.append(len(text))
    return _join_spaced(undisguise("".join(pieces)), origin)


def fold_phrase(phrase: str) -> str:
    """Return a phrase folded as texts are, for comparing with them."""
    return phrase.translate(_TABLE)


def fold_words(text: str) -> str:
    """Return the folded words between single or more spaces, a space at both ends: fast, without offsets."""
    return words_and_rest(text)[0]


def words_and_rest(text: str) -> tuple[str, str]:
    """Return the words as `fold_words` does, and the casefolded characters that are not plain letters of large alphabets.

    Plain are ASCII and the basic letters of Greek, Cyrillic as Russian has them, Arabic, Devanagari, kana and Chinese.
    """
    if text.isascii():
        return f" {text.translate(_WORDS)} ", ""
    words = rest = text.casefold()
    for character, folded in _FREQUENT:
        words = words.replace(character, folded)
    if len(_NOT_SAME.findall(words, 0, _FIRST)) > _MOST:
        return undisguise(f" {words.translate(_WORDS)} "), rest
    rest = "".join(set(_NOT_SAME.findall(words)))
    if len(rest) > _FIRST:  # as many passes over the text: a hostile one may hold every character there is
        words = words.translate(_WORDS)
    else:
        for character in rest:
            words = words.replace(character, _WORDS[ord(character)])
    return undisguise(f" {words} "), rest


def undisguise(folded: str) -> str:
    """Turn Cyrillic and Greek look-alikes inside Latin words into the letters they imitate; same length."""
    if folded.isascii() or not _LATIN.search(folded) or not _MIXED.search(folded):
        return folded
    return _WORD.sub(_without_twins, folded)


def _without_twins(found: re.Match[str]) -> str:
    word = found.group()
    return word.translate(_LATIN_TWINS) if _MIXED.search(word) else word


def _join_spaced(text: str, origin: list[int]) -> Folded:
    """Join letters that were written apart ("d e l e t e"), and remember where."""
    kept: list[str] = []
    places: list[int] = []
    spaced: list[tuple[int, int]] = []
    done = size = 0
    for found in _SPACED.finditer(text):
        kept.append(text[done : found.start()])
        places += origin[done : found.start()]
        size += found.start() - done
        letters = found.group()[::2]
        kept.append(letters)
        places += origin[found.start() : found.end() : 2]
        spaced.append((size, size + len(letters)))
        size += len(letters)
        done = found.end()
    kept.append(text[done:])
    return Folded(text="".join(kept), origin=(*places, *origin[done:]), spaced=tuple(spaced))
