"""Whether a sentence only asks how, where or whether, or the question is another clause's and the verb a wish."""

from services.classifier.ordering import turns
from services.classifier.quoting import opens_clause
from services.classifier.sentence import CLAUSE_END, Sentence, Span
from services.classifier.telling import asks_of_a_fact, unspared


def is_question(sentence: Sentence, verb: Span) -> bool:
    """Whether it only asks how, where or whether (before the verb, or anywhere where the verb comes last).

    A question word that a plea or a new clause parts from the verb governs something else: "I don't know who sold you
    my address, delete my data" is a request, and hiding it would be a missed request.
    """
    order = sentence.language.order
    before_only = order == "after" or (
        order == "either" and (sentence.has("request") or sentence.has("plea"))
    )
    # "no puedo" says that it does not work; "puedo" alone asks whether it would. Who leaves and asks how wants it done.
    unable = sentence.find("unable")
    ways = sentence.find("way") if sentence.around.leaving else []
    if asks_of_a_fact(sentence):
        return True
    return any(
        (not before_only or start < verb[0])
        and not begins_anew(sentence, end, verb)
        and not wishes_before(sentence, verb, start)
        and not any(low <= start and end <= high for low, high in unable)
        and not any(low <= start < high for low, high in ways)
        for start, end in unspared(sentence, "how")
    )


def wishes_before(sentence: Sentence, verb: Span, asked: int) -> bool:
    """Whether the writer says between verb and question word that they want it: "退会したいのですが、方法を教えてください"."""
    return any(verb[0] < start and end <= asked for start, end in sentence.find("desire"))


def begins_anew(sentence: Sentence, asked: int, verb: Span) -> bool:
    """Whether the verb begins a clause of its own after the question word that ends at `asked`."""
    if any(asked <= start and end <= verb[0] for start, end in sentence.find("plea")):
        return True
    between = sentence.text[asked : verb[0]]
    language = sentence.language
    # "…, I want to close it", "… but I want to close it": a wish of its own after the question.
    begun = [found.end() for found in CLAUSE_END.finditer(between)]
    begun += [end for _, end in language.find("turn", between)]
    wish = between[max(begun) :] if begun else ""
    says_so = language.has("i", wish) and language.has("request", wish) and not language.has("how", wish)
    return says_so or opens_clause(between) or turns(sentence, between)
