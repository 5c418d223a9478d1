"""Who explains rather than asks: a screen, a firm, a help article, a plan for a feature, a question without a wish."""

import re
from dataclasses import dataclass

from services.classifier.phrases import Language
from services.classifier.sentence import Sentence, Span
from services.classifier.telling import is_tagged, speaks_of_others

_QUESTION_MARKS = ("?", "\u061f")
_ENDS = (".", "!", "?", "。", "！", "？")  # noqa: RUF001  # full-width marks are meant
_ASKED = re.compile(r"[^.!\n]*[?\u061f]")
_LABEL = 7  # so many words a button or a heading has at most
_LABEL_LETTERS = 20  # the same where words are not parted
_NAMED = 40  # how far from "a customer" it says that they ask: the name stands between
_RIGHTS = 3  # so many rights besides erasure are a list
_ROLE = 30  # how far from its beginning a story names the role


def is_told(sentence: Sentence) -> bool:
    """Whether the sentence is a firm's, a plan's, a screen's or a mere question, whatever verb and object it has."""
    if sentence.has("firm") and not _pleads_after(sentence, "firm"):
        return True
    if (is_tagged(sentence.text) or _lists_rights(sentence)) and not sentence.has("plea"):
        return True
    # "As a user of your site I want you to …" is a person.
    if sentence.around.persona and not (sentence.has("plea") or sentence.has("your")):
        return True
    if sentence.has("function") and sentence.has("supply"):
        # "You have no button, so please delete my account": the plea is for the deed.
        return not (sentence.has("my") and _pleads_after(sentence, "function", "supply"))
    if any(start < _ROLE for start, _ in sentence.find("role")) and sentence.has("able"):
        return True
    if _is_guide(sentence) or _is_about_users(sentence):
        return True
    return _is_label(sentence) or _is_mere_question(sentence) or _is_condition_of_others(sentence)


def is_passed_on(sentence: Sentence) -> bool:
    """Whether one customer's request is passed on: "a customer, Ms Roe, asks for the deletion of her account"."""
    customers = sentence.find("client")
    asked = any(0 <= start - end <= _NAMED for _, end in customers for start, _ in sentence.find("wants"))
    return asked and not (sentence.has("cond") or sentence.has("how"))


def tells(sentence: Sentence) -> bool:
    """Whether the sentence explains, plans or asks for the way, for the heading above it."""
    return is_told(sentence) or any(sentence.has(part) for part in ("story", "instruct", "how"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where a text has words of a screen or a firm, of an instruction, and of one who speaks of themselves."""

    screens: list[Span]
    steps: list[Span]
    guides: list[Span]
    readers: list[Span]
    subjects: list[Span]
    speakers: list[Span]

    def around(self, start: int, end: int) -> bool:
        """Whether the rest of the text explains the line from `start` to `end`, and nobody in it asks.

        A screen has other buttons with "my" on them; a help article has not, and one who complains of it has.
        """
        if _outside(self.screens, start, end) and not _outside(self.subjects, start, end):
            return True
        if _outside(self.readers, start, end) and not _outside(self.speakers, start, end):
            return True
        return _outside(self.steps, start, end) and not _outside(self.speakers, start, end)

    def answers(self, start: int, end: int) -> bool:
        """Whether what follows the line tells its reader where to do it, and nobody in it speaks of themselves."""
        told = any(low >= end for low, _ in self.guides)
        return told and not _outside(self.speakers, start, end)


def explanation_in(language: Language, text: str) -> Explanation:
    """Return what a text explains."""
    guides = _guides(language, text)
    # "Contact us": the firm's "us" is not the writer's.
    speakers = [
        (start, end)
        for start, end in language.find("my", text)
        if not any(low <= start and end <= high for low, high in guides)
    ]
    return Explanation(
        screens=[*language.find("screen", text), *language.find("firm", text)],
        steps=language.find("instruct", text),
        guides=guides,
        readers=language.find("addressed", text),
        subjects=language.find("i", text) if language.spaced else speakers,
        speakers=speakers,
    )


def _outside(spans: list[Span], start: int, end: int) -> bool:
    return any(high <= start or low >= end for low, high in spans)


def _pleads_after(sentence: Sentence, *parts: str) -> bool:
    said = max(end for part in parts for _, end in sentence.find(part))
    return any(start >= said for start, _ in sentence.find("plea"))


def is_heading(sentence: Sentence) -> bool:
    """Whether it is a bare line of few words, as a button or a heading is: one who asks writes a sentence."""
    text = sentence.text.strip()
    size, most = (len(text.split()), _LABEL) if sentence.language.spaced else (len(text), _LABEL_LETTERS)
    plain = not (sentence.has("request") or sentence.has("plea"))
    return size <= most and plain and not text.endswith(_ENDS)


def _is_label(sentence: Sentence) -> bool:
    """Whether it is a button or a heading beside what a screen or a help article says, and nobody asks for it."""
    if sentence.has("function") and not sentence.has("my") and is_heading(sentence):
        return True  # "Option for account deletion"
    if not sentence.around.explained:
        return False
    first = len(sentence.text) - len(sentence.text.lstrip())
    return is_heading(sentence) or any(start == first for start, _ in sentence.find("yes"))


def _is_guide(sentence: Sentence) -> bool:
    """Whether a firm tells its reader the way, or it is the reader's wish or question above that."""
    if sentence.has("plea"):
        return False
    return sentence.around.answered or bool(_guides(sentence.language, sentence.text))


def _guides(language: Language, text: str) -> list[Span]:
    """Return where a reader is told the way: not in a question ("can you do it?"), nor beside a "not"."""
    refusals = [end for _, end in language.find("not", text)]
    return [
        (start, end)
        for start, end in language.find("guide", text)
        if not _ASKED.match(text, end) and not any(0 <= start - refused <= 1 for refused in refusals)
    ]


def _is_about_users(sentence: Sentence) -> bool:
    """Whether it says what users can or cannot do with what is theirs: "a user cannot delete their own profile"."""
    can = sentence.has("able") or sentence.has("unable")
    if not can or any(sentence.has(part) for part in ("i", "plea", "wants")):
        return False
    return "guide" in sentence.language.parts and speaks_of_others(sentence)


def _lists_rights(sentence: Sentence) -> bool:
    """Whether it names the rights of a person one after the other, as policies and letters about another right do."""
    return len({sentence.text[start:end] for start, end in sentence.find("rights")}) >= _RIGHTS


def _is_condition_of_others(sentence: Sentence) -> bool:
    """Whether it says what happens when a user does it: "when the user deletes their account, …"."""
    if sentence.has("i") or sentence.has("plea") or not sentence.has("cond"):
        return False
    return speaks_of_others(sentence)


def _is_mere_question(sentence: Sentence) -> bool:
    """Whether it asks what is or may be, and wishes for nothing: "Is the deletion of my account final?"."""
    # A language that names no such words has not said how it asks others to act ("could somebody …?").
    if "whether" not in sentence.language.parts or sentence.has("plea"):
        return False
    marks = (*_QUESTION_MARKS, ";") if sentence.language.code == "el" else _QUESTION_MARKS
    if not sentence.text.rstrip().endswith(marks):
        return False
    return sentence.has("whether") or not (sentence.has("request") or sentence.has("unable"))
