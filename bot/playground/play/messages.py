"""Feeds messages from a file into the support channel and prints what each became."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.playground.evidence import open_own_store
from bot.playground.play.network import NotPossibleError, SlackDoor, poll
from bot.playground.settings import WorldOptions
from bot.playground.slack import sample
from bot.playground.slack.people import MAX_TYPED
from bot.playground.world import World

UNUSABLE = 2
NO_CASE = "no case"
PATIENCE = 90.0
EXAMPLE = 'write one JSON object a line, for example {"text": "Please delete my data."}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """One line of the file. `label` is what a person says it is, "" when the file does not say."""

    line: int
    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What a message became: the intent of the case that it opened, or that it opened none."""

    fed: Fed
    reading: str
    ref: str
    reader: str


class BrokenLineError(Exception):
    """A line of the file cannot be used; the text names file, line and cure."""


def feed(path: Path, out: Console) -> int:
    """Feed every message of the file, print what each became; 0, or 2 when the file cannot be used."""
    try:
        lines = read(path)
    except BrokenLineError as broken:
        out.print(f"deletion-desk: {broken}", markup=False)
        return UNUSABLE
    began = time.monotonic()
    became = play(lines)
    report(became, out)
    out.print(f"{len(became)} messages in {time.monotonic() - began:.0f} s.", markup=False)
    return 0


def read(path: Path) -> list[Fed]:
    """Return the file's messages; blank lines are skipped. Raises BrokenLineError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else "it is not a text in UTF-8"
        raise BrokenLineError(f"{path}: cannot be read ({reason}); {EXAMPLE}") from None
    found = [
        _line(path, number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()
    ]
    if not found:
        raise BrokenLineError(f"{path}: there is no message in it; {EXAMPLE}")
    return found


def play(lines: list[Fed]) -> list[Became]:
    """Write every message into a fresh world's channel and wait until the desk has dealt with all of them."""
    with (
        tempfile.TemporaryDirectory(prefix="deletion-desk-", ignore_cleanup_errors=True) as folder,
        World(Path(folder) / "world", options=WorldOptions(log_level="WARNING")) as world,
    ):
        door = SlackDoor(world.slack.origin)
        written = [(one, _write(door, one)) for one in lines]
        world.slack.settle(PATIENCE)
        poll(lambda: _is_drained(world), "the inbox to be empty", within=PATIENCE, every=0.2)
        with closing(open_own_store(world)) as store:
            known = {
                ts: store.cases.of_message(team_id=sample.TEAM, channel=sample.SUPPORT, ts=ts)
                for _, ts in written
            }
    return [
        Became(
            fed=one,
            reading=str(case.reading.intent) if (case := known[ts]) else NO_CASE,
            ref=case.ref if case else "",
            reader=case.reading.reader if case else "",
        )
        for one, ts in written
    ]


def report(became: list[Became], out: Console) -> None:
    """Print a line for each message, the counts, and, where the file has labels, how often each became what."""
    labelled = any(one.fed.label for one in became)
    head = ("line", "became", "case", "read by", *(["label"] if labelled else []), "text")
    rows = [
        (
            str(one.fed.line),
            one.reading,
            one.ref or "-",
            one.reader or "-",
            *([one.fed.label or "-"] if labelled else []),
            _short(one.fed.text),
        )
        for one in became
    ]
    _columns([head, *rows], out)
    counts = Counter(one.reading for one in became)
    said = ", ".join(f"{name} {number}" for name, number in counts.most_common())
    out.print(f"\nWhat they became: {said}.", markup=False)
    if labelled:
        pairs = Counter((one.fed.label or "-", one.reading) for one in became)
        readings = sorted(counts)
        lines = [
            (label, *(str(pairs[label, reading]) for reading in readings))
            for label in sorted({label for label, _ in pairs})
        ]
        out.print("\nLabel (lines) and what it became (columns):", markup=False)
        _columns([("label", *readings), *lines], out)


def _columns(rows: Sequence[Sequence[str]], out: Console) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.print("  ".join(cells).rstrip(), markup=False)


def _line(path: Path, number: int, line: str) -> Fed:
    where = f"{path}:{number}"
    try:
        found: Any = json.loads(line)
    except json.JSONDecodeError as wrong:
        raise BrokenLineError(f"{where}: not JSON ({wrong.msg}, column {wrong.colno}); {EXAMPLE}") from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise BrokenLineError(f'{where}: no "text" in it; {EXAMPLE}')
    if not found["text"].strip():
        raise BrokenLineError(f'{where}: the "text" is empty; Slack sends no empty message, remove the line')
    if len(found["text"]) > MAX_TYPED:
        raise BrokenLineError(f"{where}: longer than the {MAX_TYPED} characters that Slack takes; shorten it")
    label = found.get("label")
    return Fed(line=number, text=found["text"], label=label if isinstance(label, str) else "")


def _write(door: SlackDoor, one: Fed) -> str:
    # Each by somebody else: what the same customer writes elsewhere would join their open case.
    user = f"U_GUEST{one.line:05}"
    try:
        door.do("arrive", user=user, name=f"Guest {one.line}", channel=sample.SUPPORT)
        return str(door.do("say", user=user, channel=sample.SUPPORT, text=one.text))
    except NotPossibleError as refused:
        raise AssertionError(f"line {one.line} was checked and is refused all the same: {refused}") from None


def _is_drained(world: World) -> bool:
    with closing(open_own_store(world)) as store:
        return not store.inbox.pending(1)


def _short(text: str, limit: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
