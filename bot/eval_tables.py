"""The report of `deletion-desk eval` as tables for people and as data for programs."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from services.classifier.evaluate import Report
from services.classifier.items import LABELS

_PLAIN: dict[str, Any] = {
    "title_justify": "left",
    "box": box.SIMPLE_HEAD,
    "pad_edge": False,
    "padding": (0, 1, 0, 0),
}
_SUMMARY = {
    "any_recall": "any request: recall",
    "false_alarms": "false alarms, of all none",
    "hard_false_alarms": "false alarms, of hard none",
    "macro_f1": "macro-F1",
    "macro_f1_en": "macro-F1, English",
    "macro_f1_other": "macro-F1, other languages",
    "accuracy": "accuracy",
    "prefilter_recall": "prefilter: recall",
    "prefilter_dropped": "prefilter: ordinary messages dropped",
    "latency_median_ms": "latency, median (ms)",
    "latency_p95_ms": "latency, 95th percentile (ms)",
    "tokens_per_message": "tokens per message, about",
    "cost_per_message": "cost per message, about",
    "fallbacks": "read by the rules because the model failed",
}


def as_data(report: Report, broken: list[str]) -> dict[str, object]:
    """Return everything the tables say, and the figures of each group, for `--json`. No text of a message."""
    return {
        "figures": report.figures,
        "confusion": {label: {read: report.confusion(label, read) for read in LABELS} for label in LABELS},
        "languages": {name: part.figures for name, part in report.groups("lang").items()},
        "kinds": {name: part.figures for name, part in report.groups("kind").items()},
        "borderline": {name: part.figures for name, part in report.groups("borderline").items()},
        "missed": [one.item.id for one in report.missed],
        "false_alarms": [one.item.id for one in report.false_alarms],
        "mislabelled": [one.item.id for one in report.mislabelled],
        "broken_limits": broken,
    }


def show(report: Report, broken: list[str], *, title: str) -> None:
    """Print the report; misses are named by id, never quoted."""
    console = Console(highlight=False)
    console.print(_summary(report, title))
    console.print(_confusion(report))
    for name in ("lang", "kind", "borderline"):
        console.print(_groups(report, name))
    for heading, answers in (
        ("Missed requests", report.missed),
        ("False alarms", report.false_alarms),
        ("Read as another request", report.mislabelled),
    ):
        console.print(f"{heading}: {len(answers)}", style="bold")
        for one in answers:
            said = f"{one.item.label} → {one.reading.intent}"
            console.print(f"  {one.item.id}  {said}  {one.item.lang} {one.item.kind}".rstrip(), markup=False)
    for line in broken:
        console.print(f"Limit not kept: {line}", style="bold red", markup=False)


def _summary(report: Report, title: str) -> Table:
    table = Table("figure", "value", title=f"{title}: {len(report.answers)} messages", **_PLAIN)
    table.columns[1].justify = "right"
    for name, words in _SUMMARY.items():
        if name in report.figures:
            table.add_row(
                words, f"{report.figures[name]:.6f}" if name.startswith("cost") else _shown(report, name)
            )
    return table


def _confusion(report: Report) -> Table:
    table = Table("label, read as →", *LABELS, "precision", "recall", "F1", title="Confusion", **_PLAIN)
    for column in table.columns[1:]:
        column.justify = "right"
    for label in LABELS:
        counts = [str(report.confusion(label, read)) for read in LABELS]
        table.add_row(
            label, *counts, *(_shown(report, f"{name}_{label}") for name in ("precision", "recall", "f1"))
        )
    return table


def _groups(report: Report, name: str) -> Table:
    table = Table(name, "messages", "recall", "false alarms", "macro-F1", title=f"By {name}", **_PLAIN)
    for column in table.columns[1:]:
        column.justify = "right"
    for key, part in report.groups(name).items():
        table.add_row(
            key,
            str(len(part.answers)),
            *(_shown(part, one) for one in ("any_recall", "false_alarms", "macro_f1")),
        )
    return table


def _shown(report: Report, name: str) -> str:
    return f"{report.figures[name]:.3f}" if name in report.figures else "-"
