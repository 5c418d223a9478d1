"""Line breaks inside a sentence: mail and people break their lines anywhere, and a request may stand across two."""

import re
from bisect import bisect_left
from functools import lru_cache

from services.classifier.normalise import Folded
from services.classifier.phrases import languages

# A line that ends in a word or a comma and one that begins with a letter: no quotation, and no item of a marked list.
_BROKEN = re.compile(r"(?<=[^\W_])(?:,|\b) ?(\r?\n) ?(?=[^\W\d_])")
_LAST_WORD = re.compile(r"\w+(?=,? ?\Z)")
_LONGEST_WORD = 30


def joined(text: str, folded: Folded, own: str) -> str:
    """Return the folded own words, same length, with a space for each line break inside a sentence.

    The next line goes on in a small letter, which only the text as written shows, or the line ends in an article or a
    word for whose it is ("meine / Daten"). Lines that are only written in small letters are joined as well: ask
    this where the lines by themselves ask for nothing.
    """
    kept = list(own)
    for found in _BROKEN.finditer(text):
        low, high = (bisect_left(folded.origin, place) for place in found.span(1))
        if text[found.end()].islower() or _leads_on(own[max(0, low - _LONGEST_WORD) : low]):
            kept[low:high] = " " * (high - low)
    return "".join(kept)


def _leads_on(line: str) -> bool:
    last = _LAST_WORD.search(line)
    return last is not None and _wants_noun(last.group())


@lru_cache(maxsize=1024)
def _wants_noun(word: str) -> bool:
    """Whether the word is an article or says whose the next thing is, in any language."""
    patterns = [one.parts[part] for one in languages() for part in ("det", "my") if part in one.parts]
    return any(pattern.fullmatch(word) for pattern in patterns)
