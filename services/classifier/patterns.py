"""The words of one part of a phrase file as a pattern for sentences, and as stems for the prefilter."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from services.classifier.normalise import fold_phrase, fold_words

_Key = TypeVar("_Key")
_SHORT = 4
_LONG = 6  # a shorter word becomes another one by a slip to the next key: "close", "chose"
# The keys that lie beside a key, on the keyboard that most people have.
_KEYS = {
    "a": "qwsz", "c": "xdfv", "d": "serfcx", "e": "wsdr", "i": "ujko", "l": "kop", "m": "njk", "n": "bhjm",
    "o": "iklp", "r": "edft", "s": "awedxz", "t": "rfgy", "u": "yhji", "v": "cfgb",
}  # fmt: skip


def _slips(word: str) -> tuple[str, ...]:
    """Return the word with one letter left out (not the first), doubled, swapped, or, if long, hit beside its key."""
    left_out = [word[:at] + word[at + 1 :] for at in range(1, len(word))]
    doubled = [word[:at] + word[at] + word[at:] for at in range(len(word))]
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)]
    beside = [
        word[:at] + key + word[at + 1 :]
        for at in range(1, len(word) if len(word) >= _LONG else 0)
        for key in _KEYS.get(word[at], "")
    ]
    return tuple(dict.fromkeys([word, *left_out, *doubled, *swapped, *beside]))


def _variants(entry: str) -> tuple[str, ...]:
    return _slips(entry[1:]) if entry.startswith("~") else (entry,)


def _word(word: str) -> str:
    return r"\w+" if word == "*" else re.escape(word).replace(r"\*", r"\w*")


def compiled(entries: list[str], *, spaced: bool) -> re.Pattern[str]:
    """Compile the words of one part into one pattern, longest first."""
    anchored: list[str] = []
    loose: list[str] = []
    for entry in dict.fromkeys(one for given in entries for one in _variants(given)):
        words = fold_phrase(entry.strip("*")).split()
        body = r"\W{1,3}".join(map(_word, words)) if spaced else r"\s?".join(map(re.escape, words))
        open_right = r"\w*" if entry.endswith("*") else r"(?!\w)"
        if not spaced:
            loose.append(body)
        else:
            (loose if entry.startswith("*") else anchored).append(body + open_right)
    alternatives = sorted(loose, key=len, reverse=True)
    if anchored:
        alternatives.append(rf"(?<!\w)(?:{'|'.join(sorted(anchored, key=len, reverse=True))})")
    return re.compile("|".join(alternatives))


class Patterns(Mapping[_Key, re.Pattern[str]]):
    """Lists of words, each compiled when it is first asked for: a message is read in few languages, a start in none."""

    def __init__(self, words: Mapping[_Key, list[str]], *, spaced: bool) -> None:
        self._words = {key: entries for key, entries in words.items() if entries}
        self._spaced = spaced
        self._compiled: dict[_Key, re.Pattern[str]] = {}

    def __getitem__(self, key: _Key) -> re.Pattern[str]:
        if key not in self._compiled:  # two threads may both compile it: the result is the same
            self._compiled[key] = compiled(self._words[key], spaced=self._spaced)
        return self._compiled[key]

    def __contains__(self, key: object) -> bool:
        return key in self._words

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


def all_stems(entries: list[str], *, spaced: bool) -> tuple[str, ...]:
    """Return what the prefilter looks for to find any of the entries, each stem once."""
    return tuple(dict.fromkeys(stem for one in entries for stem in _stems(one, spaced=spaced)))


def _stems(entry: str, *, spaced: bool) -> list[str]:
    """Return what the prefilter looks for in ` word word `: an anchored stem, a whole word when it is short."""
    found: list[str] = []
    for one in _variants(entry):
        words = fold_words(one.partition(" * ")[0]).strip()  # what stands before a word that may be any
        left = "" if one.startswith("*") or not spaced else " "
        right = " " if spaced and len(words) <= _SHORT and not one.endswith("*") else ""
        found.append(f"{left}{words}{right}")
    return found
