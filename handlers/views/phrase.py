"""The deciding phrase as a shared channel may see it: generic words whole, every telling word by its first letter."""

import re

from handlers.views.blocks import clip

# The words of a deciding phrase that say nothing about anybody.
_GENERIC = frozenset(
    [
        "a",
        "about",
        "account",
        "accounts",
        "all",
        "and",
        "any",
        "anything",
        "completely",
        "contact",
        "data",
        "email",
        "entire",
        "everything",
        "for",
        "from",
        "have",
        "hold",
        "i",
        "information",
        "it",
        "me",
        "my",
        "of",
        "off",
        "on",
        "or",
        "our",
        "out",
        "personal",
        "please",
        "profile",
        "subscription",
        "the",
        "this",
        "to",
        "you",
        "your",
    ]
)


def masked_phrase(text: str, start: int, end: int) -> str:
    """Return the deciding phrase with every telling word reduced to its first letter: "d••••• my data"."""
    found = re.findall(r"\w+", clip(text[max(0, start) : max(0, end)], 80))
    return " ".join(one.lower() if one.lower() in _GENERIC else _hidden(one) for one in found[:8])


def _hidden(word: str) -> str:
    return f"{word[0] if word[0].isalpha() else ''}•••••"
