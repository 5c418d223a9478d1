"""The written play: who says what, what the bot answered, what changed where, and ✓ or ✗ for each promise."""

import textwrap
from dataclasses import dataclass, field

WIDTH = 118
NAMES = 12


@dataclass(slots=True)
class Transcript:
    """The lines of one scenario, kept until it may be printed; `broken` are the promises that did not hold."""

    title: str
    lines: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def says(self, who: str, text: str) -> None:
        """Somebody writes or says something."""
        self._tell(who, f"“{_short(text)}”")

    def does(self, who: str, deed: str) -> None:
        """Somebody does something that is no message."""
        self._tell(who, deed)

    def bot(self, text: str) -> None:
        """What the bot shows."""
        self._tell("the bot", _short(text))

    def world(self, text: str) -> None:
        """What changed outside Slack."""
        self._tell("·", text)

    def promise(self, text: str, *, holds: bool, why: str = "") -> None:
        """A promise, and whether it was kept."""
        if not holds:
            self.broken.append(f"{text}{f': {why}' if why else ''}")
        self._tell("✓" if holds else "✗", f"{text}{f': {why}' if why and not holds else ''}")

    def text(self) -> str:
        """Return the whole scene."""
        return "\n".join([self.title, *self.lines])

    def _tell(self, who: str, text: str) -> None:
        first, *rest = textwrap.wrap(text, WIDTH - NAMES - 4, break_long_words=True) or [""]
        self.lines.append(f"  {who:>{NAMES}}  {first}")
        self.lines += [f"  {'':>{NAMES}}  {line}" for line in rest]


def _short(text: str, limit: int = 420) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
