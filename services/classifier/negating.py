"""Whether a "not" governs a verb: beside it, with only words like "want you to" between, or at the end of its clause."""

import re

from services.classifier.sentence import CLAUSE_END, Sentence, Span

_BEHIND = 3  # how far a "not" may stand behind its verb
_NOT_APART = 60  # how far a "not" and its verb may stand apart
_CLAUSE = re.compile(r"\s?[,.!–—-]\s|.*[,.!–—-]\s+\Z")  # noqa: RUF001 -- "No, I want …", "I won't, close …"


def is_negated(sentence: Sentence, verb: Span, target: Span) -> bool:
    """Whether a "not" governs the verb: right beside it, or with only words like "want you to" between."""
    if sentence.language.order == "either" and _ends_in_not(sentence, max(verb[1], target[1])):
        return not sentence.has("unable")
    # "Please do not / delete my account": the line before breaks off there.
    above = sentence.around.before.rstrip()
    said = above.rfind("\n") + 1  # a line that is no more than "No" answers
    refused = any(said < start and end == len(above) for start, end in sentence.language.find("not", above))
    if refused and only_gap(sentence, 0, verb[0]):
        return not sentence.has("unable")
    for start, end in sentence.find("not"):
        if end <= verb[0]:
            # "I don't want my account deleted": the object stands between.
            low, high = target if end <= target[0] and target[1] <= verb[0] else (verb[0], verb[0])
            if (
                verb[0] - end <= _NOT_APART
                and not _CLAUSE.match(sentence.text[end : verb[0]])
                and only_gap(sentence, end, low)
                and only_gap(sentence, high, verb[0])
            ):
                return not _is_unable(sentence, start)
        elif _follows(sentence, verb, start) or reaches(start, end, verb):
            return not _is_unable(sentence, start)
    return False


def _follows(sentence: Sentence, verb: Span, refused: int) -> bool:
    """Whether the "not" stands right behind the verb, and no mark before it: "löschen, nicht pausieren" is a request."""
    near = sentence.language.order != "after" and 0 <= refused - verb[1] <= _BEHIND
    return near and not CLAUSE_END.search(sentence.text[verb[1] : refused])


def _is_unable(sentence: Sentence, refused: int) -> bool:
    """Whether it does not work, in the clause that the "not" stands in: "I can't log in, but I don't want …" is none."""
    return any(
        high > refused or not CLAUSE_END.search(sentence.text[high:refused])
        for _, high in sentence.find("unable")
    )


def only_gap(sentence: Sentence, low: int, high: int) -> bool:
    """Whether only words like "want you to" stand there."""
    between, gap = sentence.text[low:high], sentence.language.parts.get("gap")
    rest = gap.sub("", between) if gap else between
    return not any(letter.isalnum() for letter in rest)


def reaches(start: int, end: int, verb: Span) -> bool:
    """Whether it holds the verb, or begins or ends within it: "cancel my request for …", "has deleted", itself no part of it."""
    return start < verb[1] and end > verb[0] and (start < verb[0] or end > verb[1] or (start, end) == verb)


def _ends_in_not(sentence: Sentence, told: int) -> bool:
    """Whether the clause in which verb and object stand ends in a "not": "verwijder mijn account niet, …"."""
    clause = CLAUSE_END.split(sentence.text[told:], maxsplit=1)[0]
    return any(end == len(clause.rstrip()) for _, end in sentence.language.find("not", clause.rstrip()))
