"""How well a classifier reads: labelled messages from a JSONL file, its answers beside them, and the figures."""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.classifier.prefilter import might_be_request
from services.domain.scope import Intent, Reading
from services.ports import Classifier

LABELS = (Intent.ERASE_DATA, Intent.CLOSE_ACCOUNT, Intent.AMBIGUOUS, Intent.NONE)
_PLAIN_KINDS = frozenset({"chatter"})  # `none` of these kinds is not meant to be hard


class BrokenLineError(Exception):
    """A line of the file cannot be used; the text names file, line and cure, and quotes nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One labelled message. `hard` marks a `none` that looks like a request."""

    id: str
    text: str
    label: Intent
    lang: str = ""
    kind: str = ""
    borderline: bool = False
    hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One item, what was read in it and how long that took; `passed`: whether the prefilter let it through."""

    item: Item
    reading: Reading
    seconds: float
    passed: bool

    @property
    def is_missed(self) -> bool:
        """Whether a request was read as none: the one error that costs a customer their right."""
        return self.item.label is not Intent.NONE and self.reading.intent is Intent.NONE

    @property
    def is_false_alarm(self) -> bool:
        """Whether something else was read as a request."""
        return self.item.label is Intent.NONE and self.reading.intent is not Intent.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All answers, in the file's order, and what can be said of them."""

    answers: tuple[Answer, ...]
    figures: dict[str, float] = field(default_factory=dict)

    def confusion(self, label: Intent, read: Intent) -> int:
        """Return how many items with this label were read so."""
        return sum(one.item.label is label and one.reading.intent is read for one in self.answers)

    def groups(self, name: str) -> dict[str, "Report"]:
        """Return one report for each value of an item's field ("lang", "kind"), the largest first."""
        parts: dict[str, list[Answer]] = {}
        for one in self.answers:
            parts.setdefault(str(getattr(one.item, name)) or "?", []).append(one)
        return {key: report(few) for key, few in sorted(parts.items(), key=lambda pair: -len(pair[1]))}

    @property
    def missed(self) -> tuple[Answer, ...]:
        """The requests that were read as none."""
        return tuple(one for one in self.answers if one.is_missed)

    @property
    def false_alarms(self) -> tuple[Answer, ...]:
        """The others that were read as requests."""
        return tuple(one for one in self.answers if one.is_false_alarm)

    @property
    def mislabelled(self) -> tuple[Answer, ...]:
        """The requests that were read as another kind of request."""
        return tuple(
            one
            for one in self.answers
            if one.item.label is not one.reading.intent and not one.is_missed and not one.is_false_alarm
        )


def read_items(path: Path) -> tuple[Item, ...]:
    """Return the items of a JSONL file. Raises `BrokenLineError` for the first line that is not one, or no file."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BrokenLineError(
            f"{path}: cannot be read ({type(error).__name__}); give the path of a JSONL file"
        ) from None
    items: list[Item] = []
    places: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _item(line.removeprefix(b"\xef\xbb\xbf"))
        except BrokenLineError as error:
            raise BrokenLineError(f"{path}, line {number}: {error}") from None
        if item.id in places:
            raise BrokenLineError(
                f"{path}, line {number}: the id is already used in line {places[item.id]}; give each line its own"
            )
        places[item.id] = number
        items.append(item)
    if not items:
        raise BrokenLineError(f'{path}: holds no items; write one {{"id", "text", "label"}} object a line')
    return tuple(items)


def _item(line: bytes) -> Item:
    """Return the item of one line. Raises `BrokenLineError` with fault and cure."""
    try:
        given = json.loads(line)
    except UnicodeDecodeError:
        raise BrokenLineError("is not UTF-8; save the file as UTF-8") from None
    except (json.JSONDecodeError, RecursionError):
        raise BrokenLineError("is not JSON; write one object a line, without line breaks inside") from None
    if not isinstance(given, dict):
        raise BrokenLineError("is not an object; write {...}")
    for name in ("id", "text", "label"):
        if not isinstance(given.get(name), str):
            raise BrokenLineError(f'has no "{name}" that is a text; add it')
    if given["label"] not in LABELS:
        raise BrokenLineError(f'has a "label" that is none of {", ".join(LABELS)}; correct it')
    for name in ("borderline", "hard_negative"):
        if not isinstance(given.get(name, False), bool):
            raise BrokenLineError(f'has a "{name}" that is neither true nor false; correct it')
    label, kind = Intent(given["label"]), str(given.get("kind") or "")
    return Item(
        id=given["id"],
        text=given["text"],
        label=label,
        lang=str(given.get("lang") or ""),
        kind=kind,
        borderline=given.get("borderline", False),
        hard=label is Intent.NONE and given.get("hard_negative", kind not in _PLAIN_KINDS),
    )


def evaluate(items: Iterable[Item], classifier: Classifier, *, timer: Callable[[], float]) -> Report:
    """Read every item and return the report. `timer` gives seconds on any scale that only grows."""
    answers: list[Answer] = []
    for item in items:
        passed = might_be_request(item.text)
        began = timer()
        reading = classifier.read(item.text)
        answers.append(Answer(item=item, reading=reading, seconds=timer() - began, passed=passed))
    return report(answers)


def report(answers: Sequence[Answer]) -> Report:
    """Return the report on these answers."""
    return Report(answers=tuple(answers), figures=_figures(answers))


def _figures(answers: Sequence[Answer]) -> dict[str, float]:
    """Return every figure that can be computed; one whose denominator is empty is left out, never made up."""
    asks = [one for one in answers if one.item.label is not Intent.NONE]
    others = [one for one in answers if one.item.label is Intent.NONE]
    hard = [one for one in others if one.item.hard]
    ordinary = [one for one in others if not one.item.hard]
    figures: dict[str, float] = {"items": len(answers)}
    _share(figures, "any_recall", [not one.is_missed for one in asks])
    _share(figures, "false_alarms", [one.is_false_alarm for one in others])
    _share(figures, "hard_false_alarms", [one.is_false_alarm for one in hard])
    _share(figures, "accuracy", [one.item.label is one.reading.intent for one in answers])
    for label in LABELS:
        figures |= _scores(label, answers)
    _add_macro(figures, "macro_f1", answers)
    _add_macro(figures, "macro_f1_en", [one for one in answers if one.item.lang == "en"])
    _add_macro(figures, "macro_f1_other", [one for one in answers if one.item.lang not in {"en", ""}])
    if "macro_f1_en" in figures and "macro_f1_other" in figures:
        figures["language_gap"] = figures["macro_f1_en"] - figures["macro_f1_other"]
    _share(figures, "prefilter_recall", [one.passed for one in asks])
    _share(figures, "prefilter_dropped", [not one.passed for one in ordinary])
    times = sorted(one.seconds * 1000 for one in answers)
    if times:
        figures["latency_median_ms"] = statistics.median(times)
        figures["latency_p95_ms"] = times[min(len(times) - 1, len(times) * 95 // 100)]
    fallbacks = [bool(one.reading.fallback) for one in answers]
    if any(fallbacks):
        _share(figures, "fallbacks", fallbacks)
    return figures


def _share(figures: dict[str, float], name: str, values: Sequence[bool]) -> None:
    if values:
        figures[name] = sum(values) / len(values)


def _scores(label: Intent, answers: Sequence[Answer]) -> dict[str, float]:
    """Return precision, recall and F1 of one label; F1 is left out where the label occurs on neither side."""
    true = sum(one.item.label is label for one in answers)
    read = sum(one.reading.intent is label for one in answers)
    both = sum(one.item.label is label and one.reading.intent is label for one in answers)
    scores = {}
    if read:
        scores[f"precision_{label}"] = both / read
    if true:
        scores[f"recall_{label}"] = both / true
    if true or read:
        scores[f"f1_{label}"] = 2 * both / (true + read)
    return scores


def _add_macro(figures: dict[str, float], name: str, answers: Sequence[Answer]) -> None:
    """Add the mean F1 over the labels that occur among the items."""
    present = {one.item.label for one in answers}
    if present:
        figures[name] = statistics.mean(_scores(label, answers)[f"f1_{label}"] for label in present)
