"""Personal data out of a text before it leaves the process, and the places in what is left back to the original."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from services.classifier.masking_email import emails
from services.classifier.masking_name import addresses, names
from services.classifier.masking_number import numbers
from services.classifier.masking_view import UNSPACED, asks, view

_MENTION = re.compile(rf"<[@#!][^<>\s]{{1,80}}>|(?<![\w@])@(?:[^\W{UNSPACED}]|[.-]){{2,40}}")
_LINKED = re.compile(r"<(?:mailto|tel):([^<>|\n]{1,300})(?:\|([^<>\n]{1,300}))?>", re.IGNORECASE)
_LINK = re.compile(rf"\b(?:https?://|www\.)[^\s<>|{UNSPACED}]{{1,2000}}", re.IGNORECASE)
# What a stretch is called that could be several things.
_ORDER = ("email", "link", "iban", "card", "phone", "address", "id", "user", "name")
_SURROGATE = re.compile("[\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text with placeholders, and where each of its stretches came from.

    `places` are (start here, start in the original, length in the original, verbatim) in order.
    """

    text: str
    places: tuple[tuple[int, int, int, bool], ...]

    def restore(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of a place here; one that touches a placeholder covers what it hides."""
        return self._lead_back(start, at_end=False), self._lead_back(max(start, end - 1), at_end=True)

    def _lead_back(self, at: int, *, at_end: bool) -> int:
        index = max(0, bisect_right(self.places, at, key=lambda place: place[0]) - 1)
        here, there, length, verbatim = self.places[index]
        if verbatim:
            return there + min(at - here, length) + (1 if at_end else 0)
        return there + (length if at_end else 0)


def mask(text: str) -> Masked:
    """Return the text with addresses, numbers, ids and recognisable names replaced, in linear time.

    Hides rather too much than too little. Lone surrogates, which no request body can carry, become "?".
    """
    clean = _SURROGATE.sub("?", text)
    seen = view(clean)
    return _replaced(
        clean,
        [(*seen.span(start, end), kind, seen.text[start:end]) for start, end, kind in _spans(seen.text)],
    )


def shorten(masked: Masked, *, head: int, tail: int, keep: tuple[tuple[int, int], ...] = ()) -> Masked:
    """Return a masked text longer than head and tail together without what lies between them.

    `keep` are places of the middle that stay all the same; how much is left out is said where it was.
    """
    text, total = masked.text, len(masked.text)
    if total <= head + tail:
        return masked
    pieces: list[str] = []
    places: list[tuple[int, int, int, bool]] = []
    size = done = 0
    middle = [(max(head, low), min(total, high)) for low, high in keep]
    for low, high in _merged([(0, head), *middle, (total - tail, total)]):
        if low > done:
            note = f"\n[… {low - done} characters left out …]\n"
            first, last = masked.restore(done, done)[0], masked.restore(low, low)[0]
            pieces.append(note)
            places.append((size, first, max(0, last - first), False))
            size += len(note)
        pieces.append(text[low:high])
        places += _shifted(masked.places, low, high, by=size - low)
        size += high - low
        done = high
    return Masked(text="".join(pieces), places=tuple(places))


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(one for one in ranges if one[0] < one[1]):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _shifted(
    places: tuple[tuple[int, int, int, bool], ...], low: int, high: int, *, by: int
) -> list[tuple[int, int, int, bool]]:
    """Return the places of one stretch, moved; one that begins before it begins with it."""
    first = max(0, bisect_right(places, low, key=lambda place: place[0]) - 1)
    moved: list[tuple[int, int, int, bool]] = []
    for here, there, length, verbatim in places[first:]:
        if here >= high:
            break
        cut = max(0, low - here) if verbatim else 0
        moved.append((max(here, low) + by, there + cut, length - cut, verbatim))
    return moved


def _spans(text: str) -> list[tuple[int, int, str]]:
    """Return what to hide, as (start, end, kind), in order and without overlaps; the earlier and longer one wins."""
    addresses_found = emails(text)
    found = [(*span, "email") for span in addresses_found]
    found += [
        (*one.span(part), "phone" if one.group().lower().startswith("<tel") else "email")
        for one in _LINKED.finditer(text)
        for part in (1, 2)
        if one.group(part) and not asks(one.group(part))
    ]
    found += [(*one.span(), "user") for one in _MENTION.finditer(text)]
    found += [(*one.span(), "link") for one in _LINK.finditer(text)]
    found += [(*span, "address") for span in addresses(text)]
    found += numbers(text)
    found += [(*span, "name") for span in names(text, addresses_found)]
    chosen: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(found, key=lambda one: (one[0], -one[1], _ORDER.index(one[2]))):
        if chosen and start < chosen[-1][1]:
            if end > chosen[-1][1]:
                chosen[-1] = (chosen[-1][0], end, chosen[-1][2])
        elif end > start:
            chosen.append((start, end, kind))
    return chosen


def _replaced(text: str, spans: list[tuple[int, int, str, str]]) -> Masked:
    pieces: list[str] = []
    places: list[tuple[int, int, int, bool]] = []
    numbers: dict[str, dict[str, int]] = {}
    size = done = 0
    for begin, end, kind, levelled in spans:
        start = max(begin, done)
        if start > done:
            pieces.append(text[done:start])
            places.append((size, done, start - done, True))
            size += start - done
        same = numbers.setdefault(kind, {})
        number = same.setdefault("".join(levelled.casefold().split()), len(same) + 1)
        placeholder = f"[{kind} {number}]"
        pieces.append(placeholder)
        places.append((size, start, end - start, False))
        size += len(placeholder)
        done = end
    pieces.append(text[done:])
    places.append((size, done, len(text) - done, True))
    return Masked(text="".join(pieces), places=tuple(places))
