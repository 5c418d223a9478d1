"""Modals that say one thing: please wait, this was not possible, this was done."""

from collections.abc import Sequence

from handlers.language import t
from handlers.views.blocks import Block, View, modal, section, words


def waiting(title: str, sentence: str) -> View:
    """Return the skeleton that is shown at once while outside systems are asked."""
    return modal(title, [section(t("{sentence} This can take a few seconds.", sentence=sentence))])


def notice(
    title: str, sentence: str, *, typed: Sequence[tuple[str, str]] = (), more: Sequence[Block] = ()
) -> View:
    """Return a modal with one sentence (mrkdwn) and, so that it is not lost, what the person had typed."""
    kept: list[Block] = []
    for label, text in typed:
        if text.strip():
            kept += [section(t("*{label}* (so that it is not lost)", label=label)), *words(text)]
    return modal(title, [section(sentence), *more, *kept])
