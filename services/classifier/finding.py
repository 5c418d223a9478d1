"""What the rules of each language find in a whole text, sentence by sentence."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from services.classifier.clause import Find, verdict_on
from services.classifier.explaining import explanation_in
from services.classifier.phrases import Language, languages, roots_in
from services.classifier.quoting import in_marks
from services.classifier.sentence import Span, Surroundings, sentences
from services.classifier.telling import begins_story, tells_story

_STOPS = (".", "!", "。", "…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The finds of one language in one text, and whether that language speaks of other privacy rights.

    `asked` are the places of the finds, `refused` those of verbs that ask for nothing; both sorted by their ends.
    """

    language: Language
    finds: tuple[Find, ...]
    asked: tuple[Span, ...]
    refused: tuple[Span, ...]
    access: bool
    familiar: int
    first_person: bool


def found_in(own: str, present: set[str]) -> list[Found]:
    """Return what each language finds in a folded text that has a deciding word of it; `present` are the text's words."""
    cut = _cut(own)
    return [
        _read_in(one, cut, present)
        for one in languages()
        if one.code in cut.named or any(one.has(part, own) for part in ("access", "law"))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A folded text cut into sentences. `named`: for each language the numbers of those with a deciding word of it."""

    text: str
    sentences: list[tuple[int, str]]
    marks: list[tuple[int, int]]
    words: int
    named: dict[str, set[int]]


def _cut(text: str) -> _Cut:
    parts = list(sentences(text))
    starts = [start for start, _ in parts]
    named: dict[str, set[int]] = {}
    for at, codes in roots_in(text):
        for code in codes:
            named.setdefault(code, set()).add(max(0, bisect_right(starts, at) - 1))
    return _Cut(
        text=text, sentences=parts, marks=in_marks(text), words=len(text.split(maxsplit=40)), named=named
    )


def _read_in(language: Language, cut: _Cut, present: set[str]) -> Found:
    """Return what one language's rules find, in the sentences that hold a deciding word of it."""
    text = cut.text
    law = language.has("law", text)
    access = language.has("access", text)
    unspoken = not language.has("i", text)
    told = Surroundings(
        law=law,
        access=access,
        words=cut.words if language.spaced else language.words_in(text),
        story=tells_story(language, text) or language.has("plan", text) or language.has("report", text),
        dialog=unspoken and language.has("dialog", text),
        addressed=unspoken and language.has("addressed", text),
        settled=language.has("settled", text),
        leaving=language.has("leave", text),
    )
    explanation = explanation_in(language, text)
    persona = begins_story(language, text)
    # "As a user of ten years I am shocked. Delete my account.": a sentence of its own is a person's.
    goes_on = bool(cut.sentences) and not cut.sentences[0][1].rstrip().endswith(_STOPS)
    finds: list[Find] = []
    refused: list[Span] = []
    explains, bare = False, True
    for number in sorted(cut.named.get(language.code, ())):
        start, sentence = cut.sentences[number]
        around = replace(
            told,
            before="\n".join(each for _, each in cut.sentences[max(0, number - 2) : number]),
            quoted=_quoted_in(cut.marks, start, len(sentence)),
            explained=explanation.around(start, start + len(sentence)),
            persona=persona and (number == 0 or goes_on),
            answered=explanation.answers(start, start + len(sentence)),
        )
        verdict = verdict_on(language, sentence, around)
        explains = explains or verdict.explains
        bare = bare and (verdict.heading or not verdict.finds)
        finds += [replace(find, start=find.start + start, end=find.end + start) for find in verdict.finds]
        refused += [(low + start, high + start) for low, high in verdict.refused]
    # A heading says what the text is about: where the text asks for nothing, neither does its heading.
    if explains and bare:
        refused += [(one.start, one.end) for one in finds]
        finds = []
    return Found(
        language=language,
        finds=tuple(finds),
        asked=tuple(sorted(((one.start, one.end) for one in finds), key=_end_of)),
        refused=tuple(sorted(refused, key=_end_of)),
        access=access,
        familiar=len(language.common & present),
        first_person=language.has("my", text),
    )


def _end_of(span: Span) -> int:
    return span[1]


def _quoted_in(marks: list[tuple[int, int]], start: int, length: int) -> tuple[tuple[int, int], ...]:
    """Return the quotations that reach into a sentence, as places in it."""
    first = bisect_left(marks, start, key=lambda mark: mark[1])
    last = bisect_left(marks, start + length, key=lambda mark: mark[0])
    return tuple((low - start, high - start) for low, high in marks[first:last])
