"""The embedded classifier: reads a message by phrase rules, without key, network or download, in doubt "ambiguous"."""

import re
from bisect import bisect_right
from dataclasses import replace

from services.classifier.clause import Find
from services.classifier.finding import Found, found_in
from services.classifier.joining import joined
from services.classifier.mixed import across
from services.classifier.normalise import Folded, fold, fold_words
from services.classifier.phrases import languages
from services.classifier.prefilter import is_covered, names_deletion, uses_covered_letters
from services.classifier.quoting import own_words
from services.classifier.sentence import Span
from services.classifier.telling import begins_story
from services.domain.scope import Intent, Reading

_STRENGTH = {Intent.ERASE_DATA: 3, Intent.AMBIGUOUS: 2, Intent.CLOSE_ACCOUNT: 1, Intent.NONE: 0}
_UNREADABLE = 0.2
_UNKNOWN_WORDS = 4  # fewer may be names or an order's number
_NESTED = 16  # so many spans that end later may begin earlier
_TELLING = 3  # so many common words of a language tell that a text is in it
_ARTICLE_17 = re.compile(
    r"(?<!\w)(?:art\w{0,6}|\u03b1\u03c1\u03b8\u03c1\w*|\u0441\u0442\u0430\u0442\w*|\u0447\u043b\w*|cl\w{0,6}|artykul\w*)\W{0,3}17(?!\d)"
)
_LAWS = re.compile(
    r"(?<!\w)(?:gdpr|ds-?gvo|rgpd|avg|rodo|bdar|ikum|vdar|\u03b3\u03ba\u03c0\u03b4|\u043e\u0440\u0437\u0434)(?!\w)"
)
_REGIMES = {
    "gdpr": _LAWS,
    "ccpa": re.compile(r"(?<!\w)(?:ccpa|cpra|california)(?!\w)"),
    "lgpd": re.compile(r"(?<!\w)lgpd(?!\w)"),
    "pipeda": re.compile(r"(?<!\w)pipeda(?!\w)"),
    "quebec": re.compile(r"(?<!\w)(?:law 25|loi 25)(?!\w)"),
}
_LOANS = re.compile(
    r"(?<!\w)(?:delet|eras|remov|account|konto|akkount|profil|data|gdpr|rgpd|dsgvo|аккаунт|акаунт)\w*"
)


class RulesClassifier:
    """Reads messages by the phrase files. Holds no state; one object serves every thread."""

    def read(self, text: str) -> Reading:
        """Return the reading. Linear in the length of the text, never raises; what cannot be read is `ambiguous`."""
        folded = fold(text)
        own = own_words(folded.text)
        present = set(fold_words(text).split())
        speaks = _speaks_of_data(folded.text)
        found = found_in(own, present)
        decided = _decide(found, speaks_of_data=speaks)
        # Lines that ask for nothing by themselves may be pieces of a sentence that does.
        whole = own if decided else joined(text, folded, own)
        if whole != own:
            own, found = whole, found_in(whole, present)
            decided = _decide(found, speaks_of_data=speaks)
        language = _language_of(present, found)
        access = any(one.access and (one.familiar or not one.language.spaced) for one in found)
        if decided is None:
            decided = across(own, present, [one.language for one in found])
        if decided is None:
            return replace(
                _unread(text, folded, own, found, access=access),
                language=language,
                speaks_of_data=speaks or not is_covered(text),
                other_privacy=access,
            )
        intent, find = decided
        start, end = folded.span(find.start, find.end)
        return Reading(
            intent=intent,
            confidence=find.confidence,
            start=start,
            end=end,
            language=find.language,
            speaks_of_data=speaks or intent is not Intent.CLOSE_ACCOUNT,
            other_privacy=access,
            laws=tuple(name for name, pattern in _REGIMES.items() if pattern.search(folded.text)),
        )


def _decide(found: list[Found], *, speaks_of_data: bool) -> tuple[Intent, Find] | None:
    """Return the strongest find of all languages; a find in a language the text is plainly not in does not count."""
    most = max((one.familiar for one in found), default=0)
    likely = [
        find
        for one in found
        if most < _TELLING or one.familiar * 2 >= most or not one.language.spaced or one.familiar >= 3
        for find in one.finds
        if not _is_refused(find, one, found)
    ]
    if not likely:
        return None
    best = max(likely, key=lambda find: (_STRENGTH[find.intent], find.confidence, -find.start))
    if best.intent is Intent.CLOSE_ACCOUNT and speaks_of_data and any(one.unsure for one in likely):
        return Intent.AMBIGUOUS, best
    return best.intent, best


def _is_refused(find: Find, by: Found, found: list[Found]) -> bool:
    """Whether a language that the text is rather in reads the same words, be it as no request or as another one.

    The languages share the verb and not the rest: "elimino mi" is Italian only to one who knows no Spanish.
    """
    for other in found:
        if other.familiar > by.familiar + 1 and _meets(find, other.refused):
            return True
        if other.familiar > by.familiar and _meets(find, other.asked):
            return True
    return False


def _meets(find: Find, spans: tuple[Span, ...]) -> bool:
    """Whether one of the spans, sorted by their ends, overlaps the find. Spans hardly nest: a few are looked at."""
    first = bisect_right(spans, find.start, key=lambda span: span[1])
    return any(low < find.end for low, _ in spans[first : first + _NESTED])


def _speaks_of_data(text: str) -> bool:
    """Whether the message mentions data in any language at all, quoted parts included: in doubt, yes."""
    return any(
        language.has(part, text)
        for language in languages()
        for part in ("data", "my_data", "everything", "law")
    )


def _unread(text: str, folded: Folded, own: str, found: list[Found], *, access: bool) -> Reading:
    """Return the reading of a text in which no rule found anything: `none` if it could be read at all.

    One who writes of themselves and of the article on erasure, a reminder for instance, is asked what they want.
    """
    none = Reading(intent=Intent.NONE, confidence=0.8)
    joined = [folded.text[start:end] for start, end in folded.spaced]
    stems = [stem for language in languages() for stem in language.roots if len(stem) > 4]
    cited = _ARTICLE_17.search(own)
    if cited and _LAWS.search(own) and _speaks_of_self(own, found):
        at, to = folded.span(*cited.span())
        return replace(none, intent=Intent.AMBIGUOUS, confidence=0.4, start=at, end=to)
    for (start, end), word in zip(folded.spaced, joined, strict=True):
        if any(stem in word for stem in stems):
            at, to = folded.span(start, end)
            return replace(none, intent=Intent.AMBIGUOUS, confidence=0.4, start=at, end=to)
    if not uses_covered_letters(text):
        return replace(none, intent=Intent.AMBIGUOUS, confidence=_UNREADABLE)
    if not is_covered(text):
        loan = _LOANS.search(own)
        if loan:
            at, to = folded.span(*loan.span())
            return replace(none, intent=Intent.AMBIGUOUS, confidence=_UNREADABLE, start=at, end=to)
        # Silence is never the answer to what could not be read: no word of it is known, not even a deciding one.
        if (
            not (access or names_deletion(own))
            and len([word for word in own.split() if word.isalpha()]) >= _UNKNOWN_WORDS
        ):
            return replace(none, intent=Intent.AMBIGUOUS, confidence=_UNREADABLE)
    return none


def _speaks_of_self(own: str, found: list[Found]) -> bool:
    most = max((one.familiar for one in found), default=0)
    return any(
        0 < most < one.familiar * 2 and one.first_person and not begins_story(one.language, own)
        for one in found
    )


def _language_of(present: set[str], found: list[Found]) -> str:
    """Return the language with most of its common words in the text, or that of a script of its own; "" if unclear."""
    code, most = "", 0
    for language in languages():
        shared = len(language.common & present)
        if shared > most:
            code, most = language.code, shared
    return code or next((one.language.code for one in found if one.finds or one.access), "")
