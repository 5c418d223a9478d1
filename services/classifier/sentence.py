"""A sentence in one language with what its rules ask about it, and what they must know of the text around it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.classifier.phrases import Language

Span = tuple[int, int]

CLAUSE_END = re.compile(r"[,;:.!?\n]")
# A sentence ends at its mark, at a line's end, or by force after so many characters: work per sentence is bounded.
_LONGEST = 500
# A semicolon that ends an entity ("&lt;", as Slack writes it) ends no sentence.
_ENTITY = "".join(rf"(?<!&{name})" for name in ("lt", "gt", "amp", "quot", "nbsp", "#39"))
# Nor does the stop of "account no. 4411", "Nr. 8", "Mr. Hill", "z. B.": what follows belongs to it.
_ABBREVIATED = [
    "nr",
    "kd",
    "ref",
    "cust",
    "tel",
    "mr",
    "mrs",
    "ms",
    "dr",
    "st",
    "art",
    "resp",
    "bzw",
    "ca",
    "sr",
    "sra",
    "num",
    "cl",
    "z",
    "b",
    "o",
    "a",
    "e",
    "u",
    "тел",
    "ул",
    "ст",
]
_STOP = "".join(rf"(?<!\b{word})" for word in _ABBREVIATED) + r"(?<!\bno(?=\. ?\d))"
_END = re.compile(rf"[!?。!?؟।؛…]+|{_ENTITY};+|{_STOP}\.(?=[\s\"”»]|$)|\n")
# Mail is wrapped by hand or by its program: a line about that long, ending in a word, goes on where the next begins.
_WRAPPED = re.compile(r"(?m)^(?=[^\n]{50,100}$)[^\n]*[\w,] ?(\n)(?=[^\W\d_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a sentence's rules must know of the text: the sentence before, the law, other rights, quotations.

    `law` and `access`: whether the text cites the law of erasure, or makes another privacy request. `words`: how many
    words the text has (counted to forty). `quoted`: what stands in quotation marks, as places in the sentence.
    `story`: the text describes a feature or somebody's work. `dialog`, `addressed`: a question of a program's, or words about "your
    account", in a text in which nobody says "I". `settled`: it says that something asked for was carried out.
    `leaving`: the writer says that they go, or want it done for them. `explained`: the rest of the
    text is a screen's, a firm's or a help article's, and nobody in it speaks of themselves. `answered`: what follows tells a reader where it can be done.
    `persona`: the text begins with the role of a user story.
    """

    before: str = ""
    law: bool = False
    access: bool = False
    words: int = 0
    quoted: tuple[Span, ...] = ()
    story: bool = False
    dialog: bool = False
    addressed: bool = False
    settled: bool = False
    leaving: bool = False
    explained: bool = False
    answered: bool = False
    persona: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence with what the rules ask about it."""

    text: str
    language: Language
    around: Surroundings
    known: dict[str, list[Span]] = field(default_factory=dict)

    def find(self, part: str) -> list[Span]:
        """Return where words of this part stand."""
        if part not in self.known:
            self.known[part] = self.language.find(part, self.text)
        return self.known[part]

    def reaches_into(self, part: str, place: Span) -> bool:
        """Whether a word of this part begins at or before a place and reaches into it: a form of the verb there."""
        return any(start <= place[0] < end for start, end in self.find(part))

    def has(self, part: str) -> bool:
        """Whether a word of this part occurs."""
        return bool(self.find(part))


def sentences(text: str) -> Iterable[tuple[int, str]]:
    """Yield each sentence with its place, none longer than 500 characters."""
    start = 0
    wrapped = {found.end(1) for found in _WRAPPED.finditer(text)}
    ends = (found.end() for found in _END.finditer(text))
    for end in (*(one for one in ends if one not in wrapped), len(text)):
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST)
            cut = cut if cut > start else start + _LONGEST
            yield start, text[start:cut]
            start = cut
        if end > start:
            if not text[start:end].isspace():
                yield start, text[start:end]
            start = end
