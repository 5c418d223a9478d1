"""Whether the reader is plainly told to do it, or asked why it is still not done: a request, whatever else is said."""

from services.classifier.explaining import is_heading
from services.classifier.quoting import opens_clause
from services.classifier.sentence import CLAUSE_END, Sentence, Span
from services.classifier.telling import QUESTION_MARKS, is_mine, names_a_part

_NEAR = 40  # how far "still not" may stand from its verb
_LEAD = 1  # so many words may stand between "so" and the verb: "so please delete"
_ENDS = (".", "!", "。", "！")  # noqa: RUF001 -- full-width marks are meant


def is_order(sentence: Sentence, verb: Span) -> bool:
    """Whether the verb is of a form that only tells others to do something: "удалите", "den de baja"."""
    return sentence.reaches_into("command", verb)


def is_ordered(sentence: Sentence, verb: Span, target: Span, part: str) -> bool:
    """Whether others are told to do it with what is the writer's own: "your page says …, so delete my account"."""
    mine = part == "pronoun" or is_mine(sentence, target, part)
    if not mine or sentence.text.rstrip().endswith(QUESTION_MARKS):
        return False
    if names_a_part(sentence, (min(verb[0], target[0]), max(verb[1], target[1]))):
        return False
    if sentence.reaches_into("vow", verb):
        return False
    return is_order(sentence, verb) or is_told_to(sentence, verb)


def is_chased(sentence: Sentence, verb: Span, target: Span, part: str) -> bool:
    """Whether the writer asks why it is still not done: "why have you still not deleted my account?"."""
    return is_mine(sentence, target, part) and any(
        start - verb[1] <= _NEAR and verb[0] - end <= _NEAR and not _says_i(sentence, start)
        for start, end in sentence.find("chase")
    )


def _says_i(sentence: Sentence, at: int) -> bool:
    """Whether the word before is the writer: "I still haven't deleted my account"."""
    return any(0 <= at - end <= 1 for _, end in sentence.find("i"))


def is_told_to(sentence: Sentence, verb: Span) -> bool:
    """Whether a verb whose form tells nothing begins a clause: "nothing works, just delete my account"."""
    if not sentence.reaches_into("bare", verb):
        return False
    if is_heading(sentence):
        return False  # "Yes, delete my account" is what a button says
    said = sentence.text[: verb[0]]
    if not said.strip():
        return sentence.text.rstrip().endswith(_ENDS)
    if turns(sentence, said):
        return True
    lead = CLAUSE_END.split(said)[-1]
    # "…, now delete it", but not "…, I will delete it".
    return opens_clause(said) and not (
        sentence.language.has("i", lead) or sentence.language.has("will", lead)
    )


def turns(sentence: Sentence, said: str) -> bool:
    """Whether a text ends in a word that begins a clause ("but", "so"), one more word at most after it."""
    ends = [end for _, end in sentence.language.find("turn", said)]
    return bool(ends) and sentence.language.words_in(said[ends[-1] :]) <= _LEAD
