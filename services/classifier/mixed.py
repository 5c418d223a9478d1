"""Requests in two languages at once: "can you borrar my data" has its verb in one and its object in another."""

from services.classifier.clause import Find
from services.classifier.explaining import is_told
from services.classifier.phrases import Language
from services.classifier.sentence import Sentence, Surroundings, sentences
from services.classifier.telling import tells_story
from services.domain.scope import Intent

_NEAR = 40  # how far verb and object may stand apart
_BEFORE = 60  # how far a question or a "not" reaches
_AROUND = Surroundings()


def across(text: str, present: set[str], concerned: list[Language]) -> tuple[Intent, Find] | None:
    """Return a request whose words are of several languages, or None; asked only when no single language has one.

    `present` are the words of the text, `concerned` the languages with a deciding word in it. Only those count whose
    common words occur too, and two of them at least: a single language's rules have had their say.
    """
    spoken = [one for one in concerned if one.spaced and not one.common.isdisjoint(present)]
    if len(spoken) < 2:
        return None
    main = max(spoken, key=lambda one: len(one.common & present))
    if tells_story(main, text):
        return None
    for start, sentence in sentences(text):
        # What the text's own language has verb and object for, it has decided.
        if _is_whole(Sentence(text=sentence, language=main, around=_AROUND)):
            continue
        found = _in_sentence([Sentence(text=sentence, language=one, around=_AROUND) for one in spoken])
        if found:
            intent, low, high = found
            find = Find(
                intent=intent, start=start + low, end=start + high, confidence=0.5, language="", unsure=True
            )
            return intent, find
    return None


def _in_sentence(readings: list[Sentence]) -> tuple[Intent, int, int] | None:
    """Return the request in one sentence read in several languages, with its place."""
    if not any(one.has("my") for one in readings) or any(one.has("instruct") for one in readings):
        return None
    if any(is_told(one) or _had_its_say(one) for one in readings):
        return None
    # "If I close my account, …?" is a question only where it ends in its mark.
    parts = ("how", "not", "cond") if readings[0].text.rstrip().endswith("?") else ("how", "not")
    stops = [span for one in readings for part in parts for span in one.find(part)]
    for verb in (span for one in readings for part in ("erase", "close") for span in one.find(part)):
        if any(start < verb[1] and verb[0] - end < _BEFORE for start, end in stops):
            continue
        near = [
            (abs(span[0] - verb[0]), part, span)
            for other in readings
            for part in ("data", "my_data", "account", "my_account")
            for span in other.find(part)
            if max(span[0] - verb[1], verb[0] - span[1]) <= _NEAR
        ]
        if not near:
            continue
        _, _, target = min(near, key=lambda one: one[0])
        if any(one.has("other") for one in readings):
            continue
        total = any(one.has("all") or one.has("law") for one in readings)
        speaks_of_data = any("data" in found[1] for found in near)
        intent = Intent.CLOSE_ACCOUNT
        if speaks_of_data:
            intent = Intent.ERASE_DATA if total else Intent.AMBIGUOUS
        return intent, min(verb[0], target[0]), max(verb[1], target[1])
    return None


def _is_whole(sentence: Sentence) -> bool:
    verb = any(sentence.has(part) for part in ("erase", "close", "done"))
    return verb and any(sentence.has(part) for part in ("data", "account", "my_data", "my_account"))


def _had_its_say(sentence: Sentence) -> bool:
    """Whether one language has verb, object and speaker of its own here: then its rules have decided already."""
    return _is_whole(sentence) and (
        sentence.has("my") or sentence.has("my_data") or sentence.has("my_account")
    )
