"""The first question about a message, asked before the ack, recall first: could this be about deletion at all."""

import re
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick

from services.classifier.normalise import words_and_rest
from services.classifier.phrases import languages

# Four letters written apart, in folded words; a note in Slavic prepositions or "I a" has no such run.
_SPACED = re.compile(r" [^ ] +[^ ] +[^ ] +[^ ] ")
_READABLE_WORDS = 3
_LOAN, _SENTENCE = " account ", 6  # with so many words it is a sentence in some language
# Letters of covered languages beyond those that their phrase files happen to use: ASCII, Cyrillic as Russian, Ukrainian
# and Bulgarian write it, the Arabic and Devanagari alphabets, and mathematical or full-width letters that fold to Latin.
# Letters that only Serbian, Persian or Urdu use are left out: such texts pass on.
_SHARED = (
    "a-zªºµ\u0430-\u044f\u0451\u0454\u0456\u0457\u0491"
    "\u0621-\u064a\u0671\u06a9\u06cc\u0901-\u096f\uff00-\uffef\U0001d400-\U0001d7ff"
)
# Scripts that show their language by themselves: Greek, Chinese, kana, Hangul.
_OWN_SCRIPTS = (
    "\u0370-\u03ff\u1f00-\u1fff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
)
_FIRST_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vocabulary:
    """All phrase files as the prefilter needs them: automata that read a text once, whatever the number of stems.

    `any_stem` holds the stems that decide (the first `strong` of them) and the weak ones that need one of `objects`.
    A weak stem may cover a deciding one in the text, so `stems` looks again where only weak ones were seen.
    """

    any_stem: AhoCorasick
    strong: int
    stems: AhoCorasick
    objects: AhoCorasick
    common: frozenset[str]
    foreign: re.Pattern[str]
    own_script: re.Pattern[str]


@cache
def _vocabulary() -> _Vocabulary:
    stems = list(dict.fromkeys(stem for one in languages() for stem in one.stems))
    letters = {letter for one in languages() for letter in one.letters}
    weak = dict.fromkeys(stem for one in languages() for stem in one.weak)
    return _Vocabulary(
        any_stem=AhoCorasick([*stems, *(weak.keys() - set(stems))]),
        strong=len(stems),
        stems=AhoCorasick(stems),
        objects=AhoCorasick(dict.fromkeys(stem for one in languages() for stem in one.objects)),
        common=frozenset(word for one in languages() for word in one.common),
        foreign=re.compile(f"[^\\W\\d_{_SHARED}{_OWN_SCRIPTS}{''.join(sorted(letters))}]"),
        own_script=re.compile(f"[{_OWN_SCRIPTS}]"),
    )


def might_be_request(text: str) -> bool:
    """Whether the message has to be classified. False only for text that could be read and names no deletion.

    Takes microseconds, never raises. True for every word of erasing or closing in any covered language, for letters
    written apart, and for text in a language or script that no phrase file covers: silence is never the answer to
    what could not be read (design section 5).
    """
    words, rest = words_and_rest(text)
    if _names_deletion(words):
        return True
    return bool(_SPACED.search(words)) or not _is_readable(words, rest)


def _names_deletion(words: str) -> bool:
    """Whether a deciding stem, or a weak one beside something that can be erased, occurs in folded words."""
    known = _vocabulary()
    found = known.any_stem.find_matches_as_indexes(words)
    if not found:
        return False
    if any(one < known.strong for one, _, _ in found) or known.stems.find_matches_as_indexes(words):
        return True
    return bool(known.objects.find_matches_as_indexes(words))


def names_deletion(text: str) -> bool:
    """Whether a word of erasing or closing in a covered language occurs, as a word or the beginning of one."""
    return _names_deletion(words_and_rest(text)[0])


def is_covered(text: str) -> bool:
    """Whether the text is written in letters and, if long enough to tell, words of a language with a phrase file."""
    words, rest = words_and_rest(text)
    return _is_readable(words, rest, named=_names_deletion(words))


def uses_covered_letters(text: str) -> bool:
    """Whether every letter of the text belongs to an alphabet that some phrase file uses, or folds to one of Latin."""
    return not _vocabulary().foreign.search(words_and_rest(text)[1])


def _is_readable(words: str, rest: str, *, named: bool = False) -> bool:
    """Whether folded words are of a covered language; `named`: a deciding word of one is among them."""
    known = _vocabulary()
    if known.foreign.search(rest):
        return False
    # Most messages show their language in the first words: the others need not be taken apart.
    shown = not known.common.isdisjoint(words.split(None, _FIRST_WORDS))
    if shown and (named or _LOAN not in words):
        return True
    if known.own_script.search(words):
        return True
    letters = [word for word in words.split() if not word.isdigit()]
    if len(letters) < _READABLE_WORDS or known.common.isdisjoint(letters):
        return len(letters) < _READABLE_WORDS
    # "Gusto ko nang isara ang account ko": all borrowed the word, and another language has one of the others by chance.
    loan = not named and len(letters) >= _SENTENCE and _LOAN in words
    return not loan or any(len(one.common.intersection(letters)) > 1 for one in languages())
