"""One sentence, one language: whether its words ask that something of the speaker's be erased or closed."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.classifier.explaining import is_heading, tells
from services.classifier.phrases import Language
from services.classifier.reference import (
    concerns_other_thing,
    distance,
    holds_the_object,
    is_all_of,
    is_off_a_list,
    is_out_of_reach,
    is_your_place,
    means_other_thing,
    stands_for_something,
    starts_with_from,
)
from services.classifier.sentence import Sentence, Span, Surroundings
from services.classifier.voice import is_own_request, is_phrase_meant
from services.domain.scope import Intent

_REACH = 110  # how far a verb and its object may stand apart
_NEAR = 30  # how far a possessive may stand from its noun
_BARE_PLEA = 4  # so many words of a plea may leave the object to the sentence before
_BARE_WHOLE = 6  # a message of so few words may say just "everything"
_TARGETS = ("everything", "my_data", "my_account", "data", "account", "me", "pronoun")
_ACCOUNTS = frozenset({"account", "my_account"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A phrase that asks for something, with its place. `unsure` marks one that leans on little."""

    intent: Intent
    start: int
    end: int
    confidence: float
    language: str
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules of one language make of a sentence: the requests, and the verbs that ask for nothing.

    `heading`: it is a bare line; `explains`: it has a verb, and somebody tells or explains rather than asks.
    """

    finds: tuple[Find, ...]
    refused: tuple[Span, ...]
    heading: bool
    explains: bool


def verdict_on(language: Language, text: str, around: Surroundings) -> Verdict:
    """Return what one sentence (folded) asks for, with places in it."""
    sentence = Sentence(text=text, language=language, around=around)
    refused: list[Span] = []
    spans = [(span, "erase") for span in sentence.find("erase")]
    spans += [(span, "close") for span in sentence.find("close")]
    spans += [(span, "done") for span in sentence.find("done")]
    if sentence.has("place"):
        spans += [(span, "take") for span in sentence.find("take")]
    silenced = (
        [one.span() for one in language.phrases[Intent.NONE].finditer(text)]
        if Intent.NONE in language.phrases
        else []
    )
    found = [
        Find(intent=intent, start=start, end=end, confidence=0.9, language=language.code)
        for intent, pattern in language.phrases.items()
        for start, end in (one.span() for one in pattern.finditer(text))
        if intent is not Intent.NONE and not any(low <= start and end <= high for low, high in silenced)
        if is_phrase_meant(sentence, (start, end))
        if intent is not Intent.AMBIGUOUS or not is_off_a_list(sentence)
    ]
    if spans:
        objects = {part: sentence.find(part) for part in _TARGETS}
        if _says_no_more(sentence):
            whole = [span for span in sentence.find("whole") if not is_all_of(sentence, span)]
            objects["everything"] = [*objects["everything"], *whole]
        # "A workspace account" is an account.
        named = [span for part in _ACCOUNTS for span in objects[part]]
        others = [
            one
            for one in sentence.find("other")
            if not any(low <= one[1] + 1 and one[1] <= high for low, high in named)
        ]
        for span, kind in spans:
            # Beside another right, the name of this one asks for nothing: "… and of my right to erasure".
            named = sentence.find("law") if around.access else []
            silent = any(start <= span[0] and span[1] <= end for start, end in [*silenced, *named])
            find = None if silent else _weigh(sentence, span, kind, objects, others)
            if find:
                found.append(find)
            elif kind != "take" and any(_reachable(sentence, span, objects)):
                refused.append(span)
    explains = not found and bool(refused) and tells(sentence)
    return Verdict(
        finds=tuple(found), refused=tuple(refused), heading=is_heading(sentence), explains=explains
    )


def _says_no_more(sentence: Sentence) -> bool:
    """Whether a bare "everything" can mean all that is the writer's: "please delete everything", and that is the message."""
    wished = sentence.has("request") or sentence.has("erase")
    return sentence.around.words <= _BARE_WHOLE and wished and not sentence.has("other")


def _weigh(
    sentence: Sentence, verb: Span, kind: str, objects: dict[str, list[Span]], others: list[Span]
) -> Find | None:
    """Return what this verb asks for, or None when it asks for nothing that concerns us."""
    near = dict(_reachable(sentence, verb, objects))
    if not near and kind != "take" and sentence.has("plea") and len(sentence.text.split()) <= _BARE_PLEA:
        # "I still have an account with you. Please delete."
        near = {"pronoun": verb}
    near = {
        part: span for part, span in near.items() if not is_out_of_reach(sentence, verb, span, part, kind)
    }
    if "pronoun" in near and not stands_for_something(sentence, near, verb, kind):
        del near["pronoun"]
    if kind == "close":
        near = {
            part: span for part, span in near.items() if part not in {"me", "data", "my_data", "everything"}
        }
    if kind == "take":
        near = {part: span for part, span in near.items() if part not in {"account", "my_account", "pronoun"}}
    if not near:
        return None
    part, target = min(near.items(), key=lambda one: distance(sentence, verb, one[1]))
    if kind == "done" and part in _ACCOUNTS and starts_with_from(sentence, verb, target):
        return None
    if means_other_thing(sentence, verb, target, part, others) or holds_the_object(
        sentence, verb, target, part
    ):
        return None
    if concerns_other_thing(sentence, verb, target, kind, others):
        return None
    # "Remove my account from your database" names data as the place only.
    if part in _ACCOUNTS and "data" in near and is_your_place(sentence, near["data"]):
        del near["data"]
    has_data = any(name in near for name in ("data", "my_data", "everything")) or (
        part == "pronoun"
        and any(
            sentence.language.has(name, sentence.around.before) for name in ("data", "my_data", "everything")
        )
    )
    if sentence.has("unsubscribe") and not has_data and part == "me":
        return None
    if not is_own_request(sentence, verb, target, part, kind):
        return None
    person = part == "me" and (0 <= target[0] - verb[1] <= 1 or near.keys().isdisjoint(_ACCOUNTS))
    # "My address is on your page. Remove it."
    said = f"{sentence.around.before}\n{sentence.text}"
    person = person or (part == "pronoun" and not any(sentence.language.has(one, said) for one in _ACCOUNTS))
    intent = _intent(sentence, near, person=person, has_data=has_data)
    start, end = min(verb[0], target[0]), max(verb[1], target[1])
    sure = 0.9 if part.startswith("my_") or sentence.has("my") else 0.6
    return Find(
        intent=intent,
        start=start,
        end=end,
        confidence=sure,
        language=sentence.language.code,
        unsure=sure < 0.9,
    )


def _reachable(sentence: Sentence, verb: Span, objects: dict[str, list[Span]]) -> Iterator[tuple[str, Span]]:
    """Yield the nearest object of each part that is near enough to the verb."""
    for part, spans in objects.items():
        reach = [span for span in spans if distance(sentence, verb, span) <= _REACH]
        if reach:
            yield part, min(reach, key=lambda span: distance(sentence, verb, span))


def _intent(sentence: Sentence, near: dict[str, Span], *, person: bool, has_data: bool) -> Intent:
    """Return the label: all of it, or the law, makes it the legal request; data alone stays ambiguous (rule 2).

    The law counts beside an account too: its right is to the erasure of data, and the scope is asked in any case.
    `person`: it is the speaker whom the verb takes ("remove me"), whatever account is named near by.
    """
    if "everything" in near:
        return Intent.ERASE_DATA
    if has_data:
        data = near.get("data") or near.get("my_data")
        total = data is not None and any(
            -_NEAR * 2 < start - data[0] < _NEAR for start, _ in sentence.find("all")
        )
        total = total or (data is None and sentence.has("all"))
        return Intent.ERASE_DATA if total or sentence.around.law else Intent.AMBIGUOUS
    if sentence.around.law:
        return Intent.ERASE_DATA
    return Intent.AMBIGUOUS if person else Intent.CLOSE_ACCOUNT
