"""What people at work read, in the operator's language: English stands in the code, another language is one file."""

from collections.abc import Mapping
from typing import Any

# Filled once, when the app is built: every text of the interface, English to the operator's language.
_chosen: dict[str, str] = {}


def choose(translation: Mapping[str, str]) -> None:
    """Speak this language from now on; what a translation lacks stays English, an empty one is English."""
    _chosen.clear()
    _chosen.update({english: said for english, said in translation.items() if said})


def t(english: str, /, **values: Any) -> str:
    """Return a text in the chosen language with its `{places}` filled in.

    The English is the key. Without values nothing is filled in, so that a text that only looks like one is left alone.
    """
    text = _chosen.get(english, english)
    return text.format(**values) if values else text


def later(english: str) -> str:
    """Mark a text that stands in a table: it is part of the catalogue, and goes through `t` where it is shown."""
    return english
