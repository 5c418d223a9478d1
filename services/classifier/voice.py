"""Whose voice a sentence has: the speaker's own wish, or a question, the past, a quotation, an instruction."""

import sys

from services.classifier.asking import begins_anew, is_question, wishes_before
from services.classifier.explaining import is_passed_on, is_told
from services.classifier.negating import is_negated, only_gap, reaches
from services.classifier.ordering import is_chased, is_order, is_ordered, is_told_to
from services.classifier.sentence import CLAUSE_END, Sentence, Span
from services.classifier.supposing import is_agreed_to, is_only_supposed, is_threat
from services.classifier.telling import (
    QUESTION_MARKS,
    belongs_to_others,
    continues_story,
    follows_your,
    is_settled,
    own_near,
    speaks_of_others,
    tells_of_others,
    tells_story,
    unspared,
)

_NEAR = 30  # how far a possessive may stand from its noun
_SHORT_SENTENCE = 5  # a note of so few words needs no "my" and no "please"
_WORDS_AROUND = 4  # a quotation is somebody else's only if so much is said about it


def is_phrase_meant(sentence: Sentence, span: Span) -> bool:
    """Whether a deciding phrase is the speaker's own wish: not quoted, negated, asked about or told to others."""
    if _is_quoted(sentence, span) or is_negated(sentence, span, span):
        return False
    if any(not wishes_before(sentence, span, start) for start, _ in unspared(sentence, "how")):
        return False
    if _is_instruction(sentence, span) or _is_over(sentence, span):
        return False
    if is_threat(sentence, span) or is_agreed_to(sentence, span):
        return False
    # "I don't want my account", but "I don't want my account deleted".
    if sentence.has("not") and any(
        start > span[1] and only_gap(sentence, span[1], start) for start, _ in sentence.find("done")
    ):
        return False
    if is_told(sentence) or tells_of_others(sentence, span, span, "") or is_settled(sentence):
        return False
    return sentence.has("my") or sentence.has("request") or len(sentence.text.split()) <= _SHORT_SENTENCE


def is_own_request(sentence: Sentence, verb: Span, target: Span, part: str, kind: str) -> bool:
    """Whether the speaker asks for it for themselves: the voice of the sentence."""
    whole = (min(verb[0], target[0]), max(verb[1], target[1]))
    if _is_quoted(sentence, whole):
        return False
    if is_chased(sentence, verb, target, part):
        return True
    if is_negated(sentence, verb, target):
        return False
    if is_ordered(sentence, verb, target, part):
        return True
    if is_question(sentence, verb):
        return False
    asks = sentence.has("request") or is_order(sentence, verb) or is_told_to(sentence, verb)
    # "You deleted my data": over; "I want my data deleted": a wish.
    if kind == "done" and (not _wish_near(sentence, verb) or _is_told_as_past(sentence, verb)):
        return False
    if is_only_supposed(sentence, verb, target) or is_threat(sentence, verb) or is_agreed_to(sentence, verb):
        return False
    if _is_over(sentence, verb) or _is_instruction(sentence, whole):
        return False
    if is_told(sentence) or tells_of_others(sentence, verb, target, part) or is_settled(sentence):
        return False
    if is_passed_on(sentence):
        return True
    if asks and _is_of_kin(sentence):
        return True
    if part in {"account", "data"} and follows_your(sentence, target):
        return False
    own = part.startswith("my_") or part == "me" or sentence.has("my")
    own = own or part == "pronoun"
    if own:
        return part == "pronoun" or not belongs_to_others(sentence, target) or own_near(sentence, target)
    if sentence.has("your") and belongs_to_others(sentence, target):
        return False
    words = sentence.language.words_in(sentence.text)
    if speaks_of_others(sentence) or sentence.has("purpose"):
        return False
    # Beside another right only what is plainly ordered counts: "Delete all data." above "I want to opt out".
    if sentence.around.access and (words > _SHORT_SENTENCE or sentence.has("access")):
        return False
    if not asks and sentence.text.rstrip().endswith(QUESTION_MARKS):
        return False  # "Delete account?" is what a button says
    return asks or words <= _SHORT_SENTENCE


def _is_of_kin(sentence: Sentence) -> bool:
    """Whether somebody close is spoken of: "my mother passed away, please delete her profile"."""
    return sentence.has("kin") or sentence.language.has("kin", sentence.around.before)


def _is_told_as_past(sentence: Sentence, verb: Span) -> bool:
    return any(start < verb[1] and end >= verb[0] - 1 for start, end in unspared(sentence, "past"))


def _is_over(sentence: Sentence, verb: Span) -> bool:
    """Whether the verb tells what somebody did; what they did not do ("you have not deleted …") is asked for."""
    told = any(reaches(start, end, verb) for start, end in unspared(sentence, "over"))
    undone = any(0 <= verb[0] - end <= 1 for _, end in sentence.find("not"))
    return told and not undone and not sentence.has("unable")


def _wish_near(sentence: Sentence, verb: Span) -> bool:
    return any(start < verb[0] or start - verb[1] < _NEAR for start, _ in sentence.find("request"))


def _is_quoted(sentence: Sentence, span: Span) -> bool:
    """Whether it stands in quotation marks, with the speaker's own words around it."""
    return any(
        start <= span[0]
        and span[1] <= end
        and sentence.around.words - sentence.language.words_in(sentence.text[max(0, start) : end])
        >= _WORDS_AROUND
        for start, end in sentence.around.quoted
    )


def _is_instruction(sentence: Sentence, span: Span) -> bool:
    """Whether somebody is told what to do, or a feature or somebody's work is described, and no plea follows it."""
    # "Delete my account, I find no button in the settings": who cannot is not who instructs.
    asked = sentence.text.rstrip().endswith(QUESTION_MARKS)  # "¿Puedes cerrar mi cuenta?"
    speaks = sentence.has("i") or (sentence.has("my") and (sentence.has("unable") or asked))
    told = [] if speaks else unspared(sentence, "instruct")
    if told and not _pleads(sentence, told):
        return True
    story = sentence.find("story")
    if story or tells_story(sentence.language, sentence.text) or continues_story(sentence):
        return not _pleads(sentence, story, before=span[0])
    report = sentence.find("report")
    return bool(report) and not any(start >= report[-1][1] for start, _ in sentence.find("plea"))


def _pleads(sentence: Sentence, told: list[Span], before: int = sys.maxsize) -> bool:
    """Whether a plea for what is the speaker's follows the last word of instruction: "your policy says …, please delete my …"."""
    said = max((end for _, end in told), default=sys.maxsize)
    if not sentence.has("my"):
        return False
    # "Users can ask for it here, so I ask …"; but "as a user, I want …" is all one story.
    told_more = said < before < sys.maxsize and CLAUSE_END.split(sentence.text[said:before])[0].strip()
    anew = bool(told_more) and begins_anew(sentence, said, (before, before))
    return anew or any(said <= start <= before for start, _ in sentence.find("plea"))
