"""What the object of a verb is: what a pronoun stands for, and which things are only near the verb or hold the object."""

from services.classifier.sentence import Sentence, Span

_ACCOUNTS = frozenset({"account", "my_account"})
_WRONG_SIDE = 12  # an object on the unusual side of the verb must be nearer by so much
_WORDS_APART = 2  # a pronoun is the object of a verb that stands no farther away
_PASSIVE_WORDS = 3  # "it to be fully deleted"
_QUOTED_WORDS = 4  # fewer are the name of a button
_YOURS = 6  # how far before a thing it may be called "your"
_CLAUSE_WORDS = 4  # a thing named so many words and a comma before the verb is another clause's


def distance(sentence: Sentence, verb: Span, span: Span) -> int:
    """Return how far an object stands from the verb, the unusual side counting as farther."""
    if span[0] >= verb[1]:
        return span[0] - verb[1] + (_WRONG_SIDE if sentence.language.order == "before" else 0)
    if span[1] <= verb[0]:
        return verb[0] - span[1] + (_WRONG_SIDE if sentence.language.order == "after" else 0)
    return 0


def is_out_of_reach(sentence: Sentence, verb: Span, target: Span, part: str, kind: str) -> bool:
    """Whether the words between keep them apart, in a language whose objects follow the verb.

    "It" and "us" stand beside their verb, and what a clause before named is its own object: "my account was changed
    twice this week, though I never clicked delete".
    """
    if _is_quoted_apart(sentence, verb, target):
        return True
    if sentence.language.order != "after" or not sentence.language.spaced:
        return False
    low, high = (verb, target) if target[0] >= verb[1] else (target, verb)
    between = sentence.text[low[1] : high[0]]
    words = len(between.split())
    if low is verb:
        return part == "pronoun" and words > _WORDS_APART
    if kind == "done":
        return part == "pronoun" and words > _PASSIVE_WORDS
    if part in {"pronoun", "me"}:
        return words >= _WORDS_APART or "," in between
    return words > _CLAUSE_WORDS and "," in between


def _is_quoted_apart(sentence: Sentence, verb: Span, target: Span) -> bool:
    """Whether a quotation with a verb of its own holds one of them only: "a deletion request: 'please erase my data'".

    Where its own words ask ("the button 'delete account' does nothing, please do it"), they may lean on what is quoted.
    """
    quoted = sentence.around.quoted
    pleas = [*sentence.find("plea"), *sentence.find("i")]
    if any(not any(low <= start < high for low, high in quoted) for start, _ in pleas):
        return False
    return any(
        (low <= verb[0] < high) != (low <= target[0] < high)
        and any(
            low <= start < high and start != verb[0]
            for part in ("erase", "close")
            for start, _ in sentence.find(part)
        )
        and len(sentence.text[max(0, low) : high].split()) >= _QUOTED_WORDS
        for low, high in quoted
    )


def means_other_thing(sentence: Sentence, verb: Span, target: Span, part: str, others: list[Span]) -> bool:
    """Whether a pronoun stands for another thing: "a payment …, cancel it", "delete the draft that …"."""
    if part == "pronoun" and any(verb[1] <= low and high <= target[0] for low, high in others):
        return True
    beside = any(0 <= start - verb[1] <= 1 for start, _ in sentence.find("pronoun"))
    return beside and target[1] <= verb[0] and any(other[1] <= target[0] for other in others)


def stands_for_something(sentence: Sentence, near: dict[str, Span], verb: Span, kind: str) -> bool:
    """Whether "it" can mean the speaker's account or data: nothing nearer, and the sentence before names one."""
    if len(near) > 1:
        return False
    language, before = sentence.language, sentence.around.before
    named = any(
        language.has(part, before) for part in ("account", "my_account", "data", "my_data", "everything")
    )
    if named and (
        sentence.has("my") or any(language.has(part, before) for part in ("my", "my_account", "everything"))
    ):
        return True
    said = sentence.text[: near["pronoun"][0]]
    if near["pronoun"] == verb:
        return named  # "Account: name. Please delete."
    if language.has("account", said) and language.has("my", said) and not _names_another(sentence, said):
        return True
    # "My address is on your page. Remove it.": a word for the speaker that has a noun in it names something.
    before += f"\n{said}"
    things = [span for span in language.find("me", before) if " " in before[span[0] : span[1]]]
    return kind != "close" and bool(things) and not _names_another(sentence, before[things[-1][1] :])


def _names_another(sentence: Sentence, text: str) -> bool:
    """Whether a thing is named that is not only a place ("on your page") or a sort of account ("trial account")."""
    accounts = sentence.language.find("account", text)
    return any(
        not any(low <= thing[0] and thing[1] <= high for low, high in accounts)
        and not _is_place(sentence, text, thing)
        for thing in sentence.language.find("other", text)
    )


def holds_the_object(sentence: Sentence, verb: Span, target: Span, part: str) -> bool:
    """Whether the account is only where the object is, whatever it is called: "remove the hold on my account"."""
    if part not in _ACCOUNTS or target[0] < verb[1]:
        return False
    pleas = [end for start, end in sentence.find("plea") if verb[1] <= start and end <= target[0]]
    between = sentence.text[max([verb[1], *pleas]) : target[0]]
    article = sentence.language.find("det", between)
    if not article or between[: article[0][0]].strip():
        return False
    rest = between[article[0][1] :]
    places = sentence.language.find("from", rest)
    return bool(places) and 0 < len(rest[: places[0][0]].split()) <= 3


def concerns_other_thing(sentence: Sentence, verb: Span, target: Span, kind: str, others: list[Span]) -> bool:
    """Whether the verb's object is a file, an order or the like, and the account only where that thing is."""
    for other in others:
        if other[0] >= target[0] and other[1] <= target[1]:
            continue
        if other[0] <= target[0] and other[1] >= target[1]:
            return True
        behind = other[0] - target[1]
        if behind == 0 or (behind == 1 and sentence.language.order == "after" and sentence.language.spaced):
            return True
        if kind == "done" and _is_where_it_was(sentence, verb, target, other):
            continue
        if distance(sentence, verb, other) < distance(sentence, verb, target):
            low, high = sorted((other, target))
            between = sentence.text[low[1] : high[0]]
            side = (other[0] >= verb[1]) == (target[0] >= verb[1])
            linked = side and not sentence.language.has("from", between) and not _turns(sentence, between)
            if not linked:
                return True
    return False


def _turns(sentence: Sentence, between: str) -> bool:
    """Whether the writer begins a clause of their own there: "close this ticket, I found my account"."""
    return any(
        between[:start].rstrip().endswith((",", ":", "-"))
        for start, _ in sentence.language.find("i", between)
    )


def _is_where_it_was(sentence: Sentence, verb: Span, target: Span, other: Span) -> bool:
    """Whether the other thing is only where the object stood: "I want my data removed from this file"."""
    if target[1] <= other[0] <= verb[0]:
        # "My address is in your log, could it be removed?"
        return _is_place(sentence, sentence.text, other)
    beside = any(
        0 <= start <= 1 for start, _ in sentence.language.find("from", sentence.text[verb[1] : other[0]])
    )
    return target[1] <= verb[0] and verb[1] <= other[0] and beside


def _is_place(sentence: Sentence, text: str, thing: Span) -> bool:
    """Whether a word of place stands a word or two before the thing: "on your page"."""
    return any(
        end <= thing[0] and len(text[end : thing[0]].split()) <= _WORDS_APART
        for _, end in sentence.language.find("from", text)
    )


def is_your_place(sentence: Sentence, thing: Span) -> bool:
    """Whether the thing is only where something is with those who are asked: "from your database"."""
    yours = any(0 <= thing[0] - start <= _YOURS for start, _ in sentence.find("your"))
    return yours and _is_place(sentence, sentence.text, thing)


def is_all_of(sentence: Sentence, whole: Span) -> bool:
    """Whether the word goes with the next: "borrar todo el historial"."""
    return any(0 <= start - whole[1] <= 1 for start, _ in sentence.find("det"))


def is_off_a_list(sentence: Sentence) -> bool:
    """Whether somebody wants off a mailing list and names no data: "take me off your list of subscribers"."""
    return sentence.has("unsubscribe") and not any(
        sentence.has(part) for part in ("data", "my_data", "everything")
    )


def starts_with_from(sentence: Sentence, verb: Span, target: Span) -> bool:
    """Whether the account is only where something is taken from ("removed from my account")."""
    return any(
        start - verb[1] <= 1
        for start, _ in sentence.language.find("from", sentence.text[: target[0]])
        if start >= verb[1]
    )
