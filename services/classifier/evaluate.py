"""How well a classifier reads: its answers to labelled messages, and the figures."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from services.classifier.items import LABELS, Item
from services.classifier.prefilter import might_be_request
from services.domain.scope import Intent, Reading
from services.ports import Classifier


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
