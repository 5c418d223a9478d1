"""What in a message is somebody else's: quoted lines, the tail of an answered e-mail, code, words in quotation marks."""

import re

_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|&gt;|\|[ \t])[^\n]*", re.MULTILINE)
_CODE = re.compile(r"```[^`]*(?:```|\Z)")
_ANSWERED = re.compile(
    r"^[ \t]*-{2,}[ \t]*(?:original message|ursprungliche nachricht|message d'origine|mensaje original|"
    r"messaggio originale|mensagem original|oorspronkelijk bericht)\b",
    re.MULTILINE,
)
_WORD = re.compile(r"\w")
# Pairs of quotation marks; the apostrophe only where it cannot be one, straight marks only where they open and close.
_MARKS = re.compile(
    r"(?<!\w)\"(?=\S)[^\"\n]{2,299}[^\"\s]\"|“[^”\n]{3,300}[”“]|„[^“”\"\n]{3,300}[“”\"]|«[^»\n]{3,300}»|»[^«\n]{3,300}«|"
    r"「[^」\n]{2,300}」|『[^』\n]{2,300}』|(?<!\w)'[^'\n]{3,300}'(?!\w)"
)

# What may part a question from a request in one sentence, and how many words ("and now", "so just") may lead the latter.
_BREAKS = (",", ":", ";", "—", "–", "،", "，", "、", "：")  # noqa: RUF001  # the marks of several scripts are meant
_LEAD = 2


def own_words(folded: str) -> str:
    """Return the folded text, same length, with quoted lines, code and an answered e-mail's tail blanked out.

    A message that consists of nothing else is returned whole: a forwarded post quotes the customer, and what could
    be a request is read rather than passed over.
    """
    blanked = _QUOTED_LINE.sub(_blank, folded)
    blanked = _CODE.sub(_blank, blanked)
    answered = _ANSWERED.search(blanked)
    if answered:
        head, tail = blanked[: answered.start()], blanked[answered.start() :]
        blanked = head + re.sub(r"[^\n]", " ", tail)
    return blanked if _WORD.search(blanked) else folded


def in_marks(text: str) -> list[tuple[int, int]]:
    """Return the places of what stands in quotation marks, marks included."""
    return [found.span() for found in _MARKS.finditer(text)]


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())


def opens_clause(text: str) -> bool:
    """Whether the text ends in a clause that has just begun: after a mark, with a word or two ("and now") at most."""
    _, broken, lead = text.rpartition(max(_BREAKS, key=text.rfind))
    return bool(broken) and len(lead.split()) <= _LEAD
