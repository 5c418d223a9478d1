"""Whether a deed is only supposed, threatened or agreed to: a condition, "or I will …", what a form has one agree to."""

from services.classifier.quoting import opens_clause
from services.classifier.sentence import CLAUSE_END, Sentence, Span
from services.classifier.telling import QUESTION_MARKS

_CLOSE = 4  # "if I delete": nothing but the subject between
_NEAR = 30  # how far a verb may stand from the word that makes it a condition
_JOINED = 4  # a wish follows so soon upon "and"
_OBJECT_WORDS = 3  # so many words may stand between "I will" and its verb


def is_only_supposed(sentence: Sentence, verb: Span, target: Span) -> bool:
    """Whether verb and object stand in a condition: "if I close my account, do I keep my points?", "…, the app crashes"."""
    if sentence.has("plea"):
        return False
    if not sentence.text.rstrip().endswith(QUESTION_MARKS):
        return _reports_a_case(sentence, verb)
    first = min(verb[0], target[0])
    return any(
        (start <= verb[0] and end >= verb[1])
        or (0 <= first - end <= _NEAR and not CLAUSE_END.search(sentence.text[end:first]))
        or (sentence.language.order == "before" and 0 <= start - verb[0] <= _NEAR // 3)
        for start, end in sentence.find("cond")
    )


def _reports_a_case(sentence: Sentence, verb: Span) -> bool:
    """Whether it begins with what happens when the writer does it: "when I delete my account, the app crashes"."""
    first = next((at for at, letter in enumerate(sentence.text) if letter.isalnum()), 0)
    wished = sentence.has("request") or sentence.has("command") or sentence.has("vow")
    return (
        sentence.language.order == "after"
        and not wished
        and any(start == first and 0 <= verb[0] - end <= _CLOSE for start, end in sentence.find("cond"))
    )


def is_threat(sentence: Sentence, verb: Span) -> bool:
    """Whether the writer says what they will do themselves under a condition: "if you do not help, I will close …", "or …"."""
    if sentence.has("plea"):
        return False
    # "Si no se resuelve, cierro mi cuenta": the verb itself says who will do it, and "if not" that they need not.
    if sentence.reaches_into("vow", verb) and any(
        end <= verb[0] and ":" not in sentence.text[end : verb[0]] for _, end in sentence.find("unless")
    ):
        return True
    # "If I read it right I may leave, so I'm cancelling": another clause's condition.
    conditional = any(
        end <= verb[0]
        and ":" not in sentence.text[end : verb[0]]
        and not sentence.language.has("turn", sentence.text[end : verb[0]])
        for _, end in sentence.find("cond")
    )
    lead_ins = [*sentence.find("threat"), *(sentence.find("will") if conditional else ())]
    between = [sentence.text[end : verb[0]] for _, end in lead_ins if end <= verb[0]]
    # "… werde ich mein Konto löschen": the object may stand between.
    return any(len(one.split()) <= _OBJECT_WORDS and not CLAUSE_END.search(one) for one in between)


def is_agreed_to(sentence: Sentence, verb: Span) -> bool:
    """Whether it is what a reader of a form agrees to: "I understand that I can delete my data", and no more is said."""
    if sentence.has("plea"):
        return False
    first = next((at for at, letter in enumerate(sentence.text) if letter.isalpha()), 0)
    return any(
        start == first and end <= verb[0] and not _asks_after(sentence, end, verb)
        for start, end in sentence.find("consent")
    )


def _asks_after(sentence: Sentence, said: int, verb: Span) -> bool:
    """Whether a clause of its own stands between: "I understand that it takes time, delete it" or "…, I want it deleted"."""
    between = sentence.text[said : verb[0]]
    language = sentence.language
    # "I understand that … and want it deleted"
    joined = [between[end:] for _, end in (*language.find("joint", between), *language.find("turn", between))]
    if any(language.has("request", " ".join(one.split()[:_JOINED])) or not one.strip() for one in joined):
        return True
    if not CLAUSE_END.search(between):
        return False
    return opens_clause(between) or any(start >= said for start, _ in sentence.find("request"))
